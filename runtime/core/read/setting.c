/* runtime/core/read/setting.c - Reads settings in force, changes by hand, and the notes of the audit.
 *
 * A setting has the value of the directory (base) and may be changed by hand, for ever or for a limited time. The
 * value in force is that of the change while there is one, otherwise the base. */
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/read/read.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/setting.h"

static const struct setting *setting_named(const struct core *core, unsigned table, struct span name)
{
    uint32_t known = names_find(core->names, name);
    return known == 0 ? NULL : setting_find(&core->directory->settings, table, known);
}

static void value_in(struct span row, struct kv_value *value)
{
    if (!kv_get(row, "value", value)) *value = (struct kv_value){.tag = KV_NONE};
}

/* Reads a setting. A setting may have two changes, one for ever and one for a limited time. As long as the change for a
 * limited time lasts it is in force, so its actor and reason are shown. */
void core_setting(const struct core *core, unsigned table, struct span name, struct read_setting *row)
{
    const struct setting *setting = setting_named(core, table, name);
    *row = (struct read_setting){0};
    if (!setting) return;
    bool now = setting->until_us == 0 || now_wall_us(core->now) < setting->until_us;
    row->known = setting->known && now;
    row->rows = row->known ? setting->rows.count : 0;
    row->has_base = setting->changed ? setting->base.known : row->known;
    value_in(setting->row, &row->value);
    value_in(setting->changed ? setting->base.row : setting->row, &row->base);
    row->until_us = row->known ? setting->until_us : 0;
    bool whole = false;
    for (uint32_t at = 0; setting->changed && at < core->changes->count; at++) {
        const struct change *change = &core->changes->all[at];
        if (change->id == 0 || &core->directory->settings.all[change->setting] != setting) continue;
        row->by_hand = true;
        /* the change for a limited time is in force */
        if (change->item.length != 0 || (whole && change->until_us == 0)) continue;
        whole = true;
        row->actor = change->actor;
        row->why = change->why;
        row->at_us = change->at_us;
        row->until_us = change->until_us;
    }
}

/* Returns the rows in force: those of the directory and by hand, or those that the site's source has. The caller frees
 * `written`. */
static const struct business *setting_rows_now(const struct core *core, struct span name, struct business *written)
{
    const struct setting *setting = setting_named(core, table_business, name);
    if (setting && setting->known) return &setting->rows;
    (void)setting_written(core->directory, names_find(core->names, name), written);
    return written;
}

uint32_t core_setting_rows(const struct core *core, struct span name, uint32_t from, uint32_t most, struct kv *into)
{
    struct business written = {0};
    const struct business *rows = setting_rows_now(core, name, &written);
    uint32_t count = rows->count;
    struct kv_pair pair;
    for (uint32_t at = from; at < count && at - from < most && business_at(rows, at, &pair); at++)
        kv_put(into, pair.key, &pair.value);
    business_free(&written);
    return count;
}

bool core_setting_item(const struct core *core, struct span name, struct span key, struct kv *row)
{
    struct business written = {0};
    const struct business *rows = setting_rows_now(core, name, &written);
    struct kv_pair pair = {.key = key};
    bool found = key.length == 0 ? business_at(rows, 0, &pair) : business_find(rows, key, false, &pair.value);
    if (found) kv_put(row, pair.key, &pair.value);
    business_free(&written);
    return found;
}

bool core_change(const struct core *core, uint32_t index, struct change_row *row)
{
    if (index >= core->changes->count) return false;
    const struct change *change = &core->changes->all[index];
    *row = (struct change_row){0};
    if (change->id == 0) return true;
    const struct setting *setting = &core->directory->settings.all[change->setting];
    *row = (struct change_row){.table = setting->table,
                               .name = core_name(core, setting->name),
                               .item = change->item,
                               .row = change->row,
                               .actor = change->actor,
                               .why = change->why,
                               .at_us = change->at_us,
                               .until_us = change->until_us};
    return true;
}

bool core_change_below(const struct core *core, unsigned table, struct span name, struct span item,
                       struct change_row *below)
{
    uint32_t named = names_find(core->names, name);
    bool timed = false;
    *below = (struct change_row){0};
    for (uint32_t at = 0; at < core->changes->count; at++) {
        const struct change *change = &core->changes->all[at];
        const struct setting *setting = &core->directory->settings.all[change->setting];
        if (change->id == 0 || setting->table != table || setting->name != named || !span_equal(change->item, item))
            continue;
        if (change->until_us != 0)
            timed = true;
        else
            (void)core_change(core, at, below);
    }
    return timed && below->name.length > 0;
}

/* Reads a note from the ring. A number that is too old is raised to the oldest kept note. */
bool core_note(const struct core *core, enum note_list list, uint64_t *number, struct note_row *row)
{
    static const char *const whats[] = {
        [CHANGE_SET] = "set",           [CHANGE_TAKEN_BACK] = "taken back", [CHANGE_OVER] = "over",
        [CHANGE_IMPORTED] = "imported", [CHANGE_CAMPAIGN] = "campaign",     [CHANGE_ROLLOUT] = "rollout",
        [CHANGE_HELPED] = "helped",     [CHANGE_AGENT] = "state",           [CHANGE_WORK] = "work"};
    const struct note_ring *ring = &core->changes->notes[list];
    if (ring->count > NOTES_MAX && *number < ring->count - NOTES_MAX) *number = ring->count - NOTES_MAX;
    if (*number >= ring->count) return false;
    const struct change_note *note = &ring->all[*number % NOTES_MAX];
    bool work = note->what == CHANGE_WORK, prompt = work && note->table == table_other;
    *row = (struct note_row){.what = prompt ? "prompt" : whats[note->what],
                             .table = note->table,
                             .item = note->item,
                             .before = note->before,
                             .now = note->now,
                             .actor = note->actor,
                             .why = note->why,
                             .at_us = note->at_us,
                             .until_us = note->until_us,
                             .version = note->version,
                             .listens = work && change_is_listening(note->before, note->now)};
    row->name = note->name != 0                ? core_name(core, note->name)
                : note->what == CHANGE_WORK    ? note->item
                : note->what == CHANGE_ROLLOUT ? span_of("freeze")
                : note->what == CHANGE_HELPED  ? span_of("helper")
                                               : span_of("directory");
    return true;
}

uint64_t core_notes(const struct core *core, enum note_list list)
{
    return core->changes->notes[list].count;
}
