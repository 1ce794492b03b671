/* runtime/core/directory/change.c - The table of changes that supervisors make by hand, their timers, and the notes
 * of the audit.
 *
 *     change {setting, item, row, until}     item "": the whole value; else a row of a table,
 *                                            or lines that a schedule gets besides its own
 *     change_take()  --> row, timer if it ends, note, setting is stale
 *     changes_stand() --> for each stale setting: base + its changes = the value in force
 *
 * A value may have two changes, one for a limited time and one without an end; the one for a limited time is in
 * force while it lasts, and is taken back first. The notes are a ring: who changed what, from which value to which, and
 * why. */
#include "runtime/core/directory/change.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "vm/image.h"
#include "vm/keep.h"
#include "vm/schedule.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/directory/assign.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/directory/profile.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/business.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/setting.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"

enum { LOOK_US = 60000000 }; /* how often the end of a change is compared with the wall clock, which may be set */

static const char too_many[] =
    " cannot be changed: 10000 changes by hand, or 16777216 bytes of them, are in force; take some back";
_Static_assert(CHANGES_MAX == 10000 && CHANGES_BYTES_MAX == 16777216, "as too_many says");
static const char no_more_rows[] = " cannot be changed: the table would be too large";
static const char no_item[] = " is a business table: a change names one of its rows";
static const char no_more_lines[] = " cannot be changed: the schedule would be too long";
static const char no_table[] = " has no rows that could be changed";

static void note_free(struct change_note *note)
{
    span_free(&note->item);
    span_free(&note->before);
    span_free(&note->now);
    span_free(&note->actor);
    span_free(&note->why);
    *note = (struct change_note){0};
}

static void changes_release(void *self)
{
    struct core *core = self;
    struct changes *changes = core->changes;
    for (uint32_t at = 0; at < changes->count; at++) {
        span_free(&changes->all[at].item);
        span_free(&changes->all[at].row);
        span_free(&changes->all[at].actor);
        span_free(&changes->all[at].why);
    }
    for (unsigned list = 0; list < NOTE_LISTS; list++) {
        struct note_ring *ring = &changes->notes[list];
        for (uint32_t at = 0; ring->all && at < NOTES_MAX; at++) note_free(&ring->all[at]);
        free(ring->all);
    }
    free(changes->all);
}

static uint64_t change_hash(const struct core *core, const struct change *change)
{
    uint64_t hash = table_mix64(table_text_hash(core->names, change->item) + change->setting);
    hash = table_mix64(hash + table_text_hash(core->names, change->row));
    return table_mix64(hash + (uint64_t)change->until_us) | 1;
}

/* ---- notes ---- */

static struct span short_of(struct span row)
{
    return row.length > NOTE_VALUE_MAX ? (struct span){NULL, 0} : span_copy(row);
}

/* Adds a note; the spans of `note` are copied. A value that is too long for a note is left out; the rest of the note
 * stays. */
static void note_add(struct core *core, const struct change_note *from)
{
    bool of_agent = from->what == CHANGE_AGENT || (from->what <= CHANGE_OVER && assign_is(from->table));
    enum note_list list = from->what == CHANGE_HELPED ? NOTES_OF_HELPER
                          : from->what == CHANGE_WORK ? NOTES_OF_WORK
                          : of_agent                  ? NOTES_OF_AGENTS
                                                      : NOTES_OF_CHANGES;
    struct note_ring *ring = &core->changes->notes[list];
    if (!ring->all) ring->all = memory_zeroed(NOTES_MAX, sizeof *ring->all);
    assert(from->what == CHANGE_IMPORTED || from->what >= CHANGE_ROLLOUT || from->name != 0);
    struct change_note *to = &ring->all[ring->count++ % NOTES_MAX];
    note_free(to);
    *to = *from;
    to->at_us = now_wall_us(core->now);
    to->item = span_copy(from->item);
    to->before = short_of(from->before);
    to->now = short_of(from->now);
    to->actor = span_copy(from->actor);
    to->why = span_copy(from->why);
    if (from->what != CHANGE_CAMPAIGN && from->what != CHANGE_AGENT &&
        from->what != CHANGE_WORK) /* the request is a fact itself */
        fact_tell(core->facts,
                  &(struct fact){.what = FACT_setting_changed, .name = from->name, .value = (uint16_t)list});
}

/* Notes what a supervisor has asked of a campaign: the operation as `value`, then a mode, then rules. */
static void campaign_is_asked(struct core *core, const struct fact *fact)
{
    const struct message *asked = fact->message;
    unsigned mode = (unsigned)message_u(asked, RequestCampaign_mode);
    struct kv_pair rule;
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, "value", span_of(enum_name_campaign_op((unsigned)message_u(asked, RequestCampaign_op))));
    if (mode != campaign_mode_none) kv_put_text(&kv, "mode", span_of(enum_name_campaign_mode(mode)));
    for (uint32_t at = 0; kv_next(message_text(asked, RequestCampaign_limits), &at, &rule);)
        kv_put(&kv, rule.key, &rule.value);
    note_add(core, &(struct change_note){.what = CHANGE_CAMPAIGN,
                                         .table = table_campaign,
                                         .name = fact->name,
                                         .now = kv_span(&kv),
                                         .actor = message_text(asked, ENVELOPE_actor),
                                         .why = message_text(asked, RequestCampaign_why)});
    kv_free(&kv);
}

void change_imported(struct core *core, struct span actor, struct span why)
{
    note_add(core, &(struct change_note){
                       .what = CHANGE_IMPORTED, .actor = actor, .why = why, .version = core->directory->version});
}

void change_rollout(struct core *core, const struct change_note *note)
{
    note_add(core, note);
}

/* Adds a note about a person's act, with words for what was before and what is now. */
static void note_add_words(struct core *core, const struct change_note *from, const char *before, const char *now)
{
    struct change_note note = *from;
    struct kv pairs[2];
    kv_init(&pairs[0]);
    kv_init(&pairs[1]);
    kv_put_text(&pairs[0], "value", span_of(before));
    kv_put_text(&pairs[1], "value", span_of(now));
    note.before = kv_span(&pairs[0]);
    note.now = kv_span(&pairs[1]);
    note_add(core, &note);
    kv_free(&pairs[0]);
    kv_free(&pairs[1]);
}

void change_agent_state(struct core *core, const struct message *message, uint32_t agent_name, const char *before,
                        const char *now)
{
    note_add_words(core,
                   &(struct change_note){.what = CHANGE_AGENT,
                                         .table = table_agent,
                                         .name = agent_name,
                                         .actor = message_text(message, ENVELOPE_actor),
                                         .why = message_text(message, AdminRequest_why)},
                   before, now);
}

static void note_work(struct core *core, uint64_t ixn, struct span actor, struct span why, const char *before,
                      const char *now)
{
    char text[IXN_TEXT];
    struct span item = {(const uint8_t *)text, ident_print_ixn(ixn, text)};
    note_add_words(
        core,
        &(struct change_note){.what = CHANGE_WORK, .table = table_agent, .item = item, .actor = actor, .why = why},
        before, now);
}

void change_work(struct core *core, const struct message *message, uint64_t ixn, struct span why, const char *before,
                 const char *now)
{
    note_work(core, ixn, message_text(message, ENVELOPE_actor), why, before, now);
}

void change_prompt(struct core *core, const struct message *message)
{
    struct kv now;
    int64_t lasts_us = message_i(message, AdminRequest_lasts);
    kv_init(&now);
    kv_put_text(&now, "value", message_text(message, AdminRequest_reason));
    note_add(core, &(struct change_note){.what = CHANGE_WORK,
                                         .table = table_other,
                                         .item = message_text(message, AdminRequest_name),
                                         .now = kv_span(&now),
                                         .until_us = lasts_us > 0 ? now_wall_us(core->now) + lasts_us : 0,
                                         .actor = message_text(message, ENVELOPE_actor),
                                         .why = message_text(message, AdminRequest_why)});
    kv_free(&now);
}

static const char *const listens_says[] = {[party_op_listen] = "listens at ",
                                           [party_op_whisper] = "whispers at ",
                                           [party_op_join] = "joins at ",
                                           [party_op_take_over] = "takes over at "};
enum { LISTENS_SAYS = sizeof listens_says / sizeof *listens_says };

void change_listens(enum party_op how, struct span dn, char words[LISTENS_WORDS])
{
    bool known = (unsigned)how < LISTENS_SAYS && listens_says[how];
    struct span text = span_of(known ? listens_says[how] : "hangs up ");
    uint32_t length = utf8_cut((const char *)dn.bytes, dn.length, LISTENS_WORDS - 1 - text.length);
    memcpy(words, text.bytes, text.length);
    if (length != 0) memcpy(words + text.length, dn.bytes, length);
    words[text.length + length] = '\0';
}

bool change_is_listening(struct span before, struct span now)
{
    struct kv_value was = {0}, is = {0};
    bool begun = !kv_get(before, "value", &was) || was.span.length == 0;
    if (begun && !kv_get(now, "value", &is)) return false;
    const struct span words = begun ? is.span : was.span;
    for (unsigned how = 0; how < LISTENS_SAYS; how++) {
        const struct span says = span_of(listens_says[how] ? listens_says[how] : "");
        if (says.length == 0 || words.length < says.length) continue;
        if (memcmp(words.bytes, says.bytes, says.length) == 0) return !begun || how != party_op_take_over;
    }
    return false;
}

/* Whatever has ended it: the supervisor, the call, or a link that names the telephone no more. */
static void listening_is_over(struct core *core, const struct fact *fact)
{
    char words[LISTENS_WORDS];
    change_listens((enum party_op)fact->value, fact->number, words);
    note_work(core, fact->ixn, core_name(core, fact->name), (struct span){0}, words, "");
}

/* A use of the helper is often, and a change by hand is rare: each has its own ring, so none puts out the others. The
 * agent need not be logged in: who is logged out may read the history, too. */
void change_on_help(struct core *core, const struct message *message)
{
    struct span actor = message_text(message, ENVELOPE_actor);
    uint32_t agent;
    struct kv kv;
    if (!agent_find(core->agents, names_find(core->names, actor), &agent)) {
        effect_reply(core->effects, message, outcome_error, code_not_logged_in,
                     "the request names no agent whom the router knows", NULL);
        return;
    }
    kv_init(&kv);
    kv_put_text(&kv, "value", message_text(message, RequestHelp_kind));
    note_add(core, &(struct change_note){.what = CHANGE_HELPED,
                                         .table = table_agent,
                                         .item = message_text(message, RequestHelp_about),
                                         .now = kv_span(&kv),
                                         .actor = actor});
    kv_free(&kv);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}

/* ---- values ---- */

static struct setting *setting_of(struct core *core, uint32_t index)
{
    assert(index < core->directory->settings.count);
    return &core->directory->settings.all[index];
}

/* Returns the change of that value: with `timed` the one for a limited time, else the one without an end. NULL:
 * there is none. */
static struct change *change_of(const struct changes *changes, uint32_t setting, struct span item, bool timed)
{
    for (uint32_t at = 0; at < changes->count; at++) {
        struct change *change = &changes->all[at];
        if (change->id != 0 && change->setting == setting && (change->until_us != 0) == timed &&
            span_equal(change->item, item))
            return change;
    }
    return NULL;
}

/* Returns the pairs of a value for a note; of a table only the row of the item, written into `room`. */
static struct span pairs_of(const struct core *core, const struct setting *setting, bool known, struct span row,
                            const struct business *rows, struct span item, struct kv *room)
{
    struct kv_value value;
    struct business written = {0};
    /* the item names lines that a change adds to a schedule */
    if (setting->table == table_schedule && item.length != 0) {
        kv_put_none(room, "value");
        return kv_span(room);
    }
    if (setting->table != table_business) return known ? row : (struct span){NULL, 0};
    if (!known) (void)setting_written(core->directory, setting->name, &written);
    if (business_find(known ? rows : &written, item, false, &value)) kv_put(room, span_of("value"), &value);
    business_free(&written);
    return kv_span(room);
}

static struct span value_now(const struct core *core, const struct setting *setting, struct span item, struct kv *room)
{
    if (assign_is(setting->table)) return assign_pairs(room, assign_level(core, setting->table, setting->name, item));
    return pairs_of(core, setting, setting->known, setting->row, &setting->rows, item, room);
}

/* Returns the value that the item has after its change has ended: of the change without an end, otherwise of the
 * directory, which `below` is for a skill or group. */
static struct span value_behind(const struct core *core, const struct setting *setting, uint32_t index,
                                struct span item, uint32_t below, struct kv *room)
{
    const struct change *lasting = change_of(core->changes, index, item, false);
    const struct setting_base *base = &setting->base;
    if (lasting) return lasting->row;
    if (assign_is(setting->table)) return assign_pairs(room, below);
    return setting->changed ? pairs_of(core, setting, base->known, base->row, &base->rows, item, room)
                            : value_now(core, setting, item, room);
}

static void item_put(struct kv *pair, struct span item, struct span row)
{
    struct kv_value value = {.tag = KV_NONE};
    kv_clear(pair);
    (void)kv_get(row, "value", &value);
    kv_put(pair, item, &value);
}

/* Makes the list of a table's changed rows, sorted; the caller frees them. The value KV_NONE means that the row is
 * removed. `added`: one further change to include, or NULL. */
static struct business items_of(const struct changes *changes, uint32_t setting, const struct staged *added)
{
    struct business items = {0};
    struct kv pair;
    kv_init(&pair);
    for (unsigned timed = 0; timed < 2; timed++) /* if a key has several rows, the last one counts */
        for (uint32_t at = 0; at < changes->count; at++) {
            const struct change *change = &changes->all[at];
            if (change->id == 0 || change->setting != setting || (change->until_us != 0) != (timed == 1)) continue;
            item_put(&pair, change->item, change->row);
            /* succeeds: all changes together are fewer rows than a table may have */
            (void)business_add(&items, kv_span(&pair));
        }
    if (added) {
        item_put(&pair, added->item, added->row);
        (void)business_add(&items, kv_span(&pair));
    }
    business_sort(&items);
    kv_free(&pair);
    return items;
}

/* Appends the numbers of a schedule's row to the list, and returns how many there are. */
static uint32_t lines_put(struct kv *list, struct span row)
{
    struct kv_value value;
    struct kv_pair pair;
    uint32_t count = 0;
    if (!kv_get(row, "value", &value) || value.tag != KV_LIST) return 0;
    for (uint32_t at = 0; kv_next(value.span, &at, &pair); count++) kv_put(list, pair.key, &pair.value);
    return count;
}

/* Makes a schedule of all its lines, followed by the lines that changes add; `added`: lines of one further change,
 * or empty. The last line that names a day is the one that counts. False: the schedule would have too many numbers. */
static bool lines_all(const struct changes *changes, uint32_t setting, struct span whole, struct span added,
                      struct kv *row)
{
    kv_list_begin(row, span_of("value"));
    uint32_t count = lines_put(row, whole);
    for (uint32_t at = 0; at < changes->count; at++)
        if (changes->all[at].id != 0 && changes->all[at].setting == setting && changes->all[at].item.length != 0)
            count += lines_put(row, changes->all[at].row);
    count += lines_put(row, added);
    kv_list_end(row);
    return count <= SCHEDULE_NUMBERS_MAX;
}

/* Returns the row in force of a setting that is not a business table. Empty: the value of the directory or of the
 * program is in force; lines that changes add wait then for a directory that has the schedule. */
static struct span change_row_of(struct core *core, uint32_t setting, struct kv *room)
{
    const struct setting *of = setting_of(core, setting);
    const struct span none = {NULL, 0}, base = of->changed ? of->base.row : of->row;
    bool adds = false;
    const struct change *change = change_of(core->changes, setting, none, true);
    if (!change) change = change_of(core->changes, setting, none, false);
    struct span whole = change ? change->row : base;
    for (uint32_t at = 0; at < core->changes->count; at++)
        adds = adds || (core->changes->all[at].id != 0 && core->changes->all[at].setting == setting &&
                        core->changes->all[at].item.length != 0);
    if (!adds || whole.length == 0) return change ? change->row : none;
    (void)lines_all(core->changes, setting, whole, none, room);
    return kv_span(room);
}

static void change_stand(struct core *core, uint32_t setting)
{
    struct setting *of = setting_of(core, setting);
    const struct span none = {NULL, 0};
    struct kv room;
    if (assign_is(of->table)) {
        of->stale = false;
        for (unsigned timed = 0; timed < 2; timed++) /* the change for a limited time is the one in force */
            for (uint32_t at = 0; at < core->changes->count; at++) {
                const struct change *change = &core->changes->all[at];
                if (change->id != 0 && change->setting == setting && (change->until_us != 0) == (timed == 1))
                    assign_stands(core, change);
            }
        return;
    }
    if (of->table == table_business) {
        struct business items = items_of(core->changes, setting, NULL);
        setting_change(core->directory, of, none, &items);
        business_free(&items);
        return;
    }
    kv_init(&room);
    setting_change(core->directory, of, change_row_of(core, setting, &room), NULL);
    kv_free(&room);
}

/* Puts all changes into force. Called when an event has brought all its changes, so that each setting is computed
 * once. */
void changes_stand(struct core *core)
{
    struct settings *settings = &core->directory->settings;
    for (uint32_t at = 0; settings->stale && at < settings->count; at++)
        if (settings->all[at].stale) change_stand(core, at);
    settings->stale = false;
}

/* ---- changes ---- */

/* Sets the timer of a change. The deadline is a time of the wall clock, which may be set; so the timer looks at
 * least once a minute. */
static void change_set_timer(struct core *core, struct change *change)
{
    assert(change->id != 0 && change->until_us != 0); /* a change without an end has no timer */
    int64_t now_us = now_wall_us(core->now);
    uint64_t left_us = change->until_us > now_us ? (uint64_t)change->until_us - (uint64_t)now_us : 0;
    timer_cancel(core->timers, &change->timer);
    timer_set(core->timers, &(struct timer){.deadline_us = core->now->time_us + (left_us > LOOK_US ? LOOK_US : left_us),
                                            .kind = TIMER_CHANGE,
                                            .data = (uint32_t)(change - core->changes->all)});
}

static void change_free(struct core *core, struct change *change)
{
    struct changes *changes = core->changes;
    assert(change->id != 0 && changes->open > 0);
    timer_cancel(core->timers, &change->timer);
    changes->content -= change_hash(core, change);
    changes->open--;
    assert(changes->bytes >= change->row.length + change->item.length);
    changes->bytes -= change->row.length + change->item.length;
    span_free(&change->item);
    span_free(&change->row);
    span_free(&change->actor);
    span_free(&change->why);
    *change = (struct change){0};
}

static struct change *change_new(struct core *core)
{
    struct changes *changes = core->changes;
    uint32_t at = 0;
    while (at < changes->count && changes->all[at].id != 0) at++;
    if (at == changes->count) {
        changes->all = memory_grow(changes->all, &changes->capacity, changes->count + 1, sizeof *changes->all);
        changes->all[changes->count++] = (struct change){0};
    }
    changes->all[at].id = ++changes->last_id;
    changes->open++;
    return &changes->all[at];
}

static bool is_setting(unsigned table)
{
    return table == table_parameter || table == table_business || table == table_schedule ||
           table == table_agent_profile || assign_is(table);
}

/* Returns why the schedule cannot be read with the lines that changes add; NULL: it can. */
static const char *lines_fault(const struct core *core, const struct staged *staged, const struct setting *setting,
                               struct image_place *reader)
{
    struct kv_value value = {.tag = KV_NONE};
    struct kv row;
    kv_init(&row);
    uint32_t index = setting ? (uint32_t)(setting - core->directory->settings.all) : UINT32_MAX;
    struct span whole = setting ? setting->changed ? setting->base.row : setting->row : (struct span){NULL, 0};
    bool good = lines_all(core->changes, index, whole, staged->row, &row);
    (void)kv_get(kv_span(&row), "value", &value);
    bool fits = good && setting_fits(core->directory, staged->table, staged->key, &value, reader);
    kv_free(&row);
    return !good ? no_more_lines : !fits ? import_too_large : NULL;
}

/* Returns the fault of a staged change; NULL: it has none. Called before anything changes. The text continues a
 * sentence that begins with the setting's name. */
const char *change_fault(const struct core *core, const struct staged *staged, struct image_place *reader)
{
    uint32_t name = names_find(core->names, staged->key);
    const struct settings *settings = &core->directory->settings;
    const struct setting *setting = name == 0 ? NULL : setting_find(settings, staged->table, name);
    struct kv_value value;
    struct business rows = {0};
    if (!is_setting(staged->table)) return no_table;
    if (staged->row.length == 0) return NULL;
    if (core->changes->open + staged->hands >= CHANGES_MAX ||
        core->changes->bytes + staged->hand_bytes + staged->row.length + staged->item.length > CHANGES_BYTES_MAX)
        return too_many;
    if (assign_is(staged->table)) return assign_fault(core, staged);
    if (staged->table != table_business && staged->table != table_schedule && staged->item.length != 0) return no_table;
    if (staged->table == table_agent_profile) return profile_fault(core, staged);
    if (staged->table == table_schedule && staged->item.length != 0) return lines_fault(core, staged, setting, reader);
    if (staged->table != table_business)
        return kv_get(staged->row, "value", &value) &&
                       !setting_fits(core->directory, staged->table, staged->key, &value, reader)
                   ? import_too_large
                   : NULL;
    if (staged->item.length == 0) return no_item;
    const struct setting none = {.table = table_business};
    uint32_t index = setting ? (uint32_t)(setting - settings->all) : UINT32_MAX;
    struct business items = items_of(core->changes, index, staged);
    bool good = setting_merged(core->directory, name, setting ? setting : &none, &items, &rows);
    value = (struct kv_value){.tag = KV_LIST, .span = business_all(&rows)};
    bool fits = good && setting_fits(core->directory, staged->table, staged->key, &value, reader);
    business_free(&rows);
    business_free(&items);
    return !good ? no_more_rows : !fits ? import_too_large : NULL;
}

/* Ends a change, and notes in the audit that it has ended. The row is freed before the next value is looked for, so
 * that the search does not find this change. */
static void change_end(struct core *core, struct change *change, const struct change_note *how)
{
    struct change_note noted = *how;
    struct kv room;
    struct span item = span_copy(change->item), row = span_copy(change->row);
    uint32_t index = change->setting, below = change->below;
    struct setting *setting = setting_of(core, index);
    change_free(core, change);
    kv_init(&room);
    noted.table = setting->table;
    noted.name = setting->name;
    noted.item = item;
    noted.before = row;
    noted.now = value_behind(core, setting, index, item, below, &room);
    if (assign_is(setting->table)) assign_put(core, setting->table, setting->name, item, below);
    note_add(core, &noted);
    setting_stale(core->directory, setting);
    kv_free(&room);
    span_free(&item);
    span_free(&row);
}

/* Ends the change of the item for a limited time: what was in force before it is so again. Where there is none, ends
 * the changes of the item, or, without an item, the setting's own change, as the lines of a schedule; where it has
 * none, all that stands in it: rows, or days of the schedule. Of a skill or group all changes end: what is asked for is
 * the directory's. */
static void take_back(struct core *core, uint32_t setting, const struct staged *staged)
{
    const struct change_note how = {.what = CHANGE_TAKEN_BACK, .actor = staged->actor, .why = staged->why};
    struct changes *changes = core->changes;
    struct change *timed = assign_is(staged->table) ? NULL : change_of(changes, setting, staged->item, true);
    if (timed) {
        change_end(core, timed, &how);
        return;
    }
    bool own = staged->item.length != 0 || change_of(changes, setting, staged->item, false);
    for (uint32_t at = 0; at < changes->count; at++) {
        struct change *change = &changes->all[at];
        if (change->id == 0 || change->setting != setting || (own && !span_equal(change->item, staged->item))) continue;
        change_end(core, change, &how);
    }
}

/* True: the change gives an agent a profile that no row names any more. */
static bool names_no_profile(const struct core *core, const struct change *change)
{
    struct kv_value value;
    bool named = kv_get(change->row, "value", &value) && value.tag == KV_TEXT && value.span.length != 0;
    return named && !profile_is_known(core, value.span);
}

static bool names_no_agent(const struct core *core, const struct setting *setting)
{
    uint32_t agent;
    return !agent_find(core->agents, setting->name, &agent) || !agent_at(core->agents, agent)->known;
}

void changes_end_gone(struct core *core)
{
    static const char no_profile[] = "the directory has no profile of this name any more";
    static const char no_agent[] = "the directory has no such agent any more";
    for (uint32_t at = 0; at < core->changes->count; at++) {
        struct change *change = &core->changes->all[at];
        if (change->id == 0) continue;
        struct setting *setting = setting_of(core, change->setting);
        const char *gone = NULL;
        if (setting->table == table_agent_profile && names_no_profile(core, change)) gone = no_profile;
        if (assign_is(setting->table) && names_no_agent(core, setting)) gone = no_agent;
        if (gone) change_end(core, change, &(struct change_note){.what = CHANGE_TAKEN_BACK, .why = span_of(gone)});
    }
}

/* Returns what the directory gives the agent of a skill or group: an earlier change knows it. */
static uint32_t below_of(const struct core *core, const struct setting *setting, uint32_t index, struct span item)
{
    const struct change *before = change_of(core->changes, index, item, true);
    if (!before) before = change_of(core->changes, index, item, false);
    return before ? before->below : assign_level(core, setting->table, setting->name, item);
}

void change_take(struct core *core, const struct staged *staged)
{
    struct setting *setting = setting_make(core->directory, staged->table, names_intern(core->names, staged->key));
    if (!setting) return;
    uint32_t index = (uint32_t)(setting - core->directory->settings.all);
    if (staged->row.length == 0) {
        take_back(core, index, staged);
        return;
    }
    uint32_t below = assign_is(staged->table) ? below_of(core, setting, index, staged->item) : 0;
    struct change *timed = change_of(core->changes, index, staged->item, true);
    if (timed) change_free(core, timed); /* the new change takes the place of the one for a limited time */
    struct change *lasting = staged->until_us == 0 ? change_of(core->changes, index, staged->item, false) : NULL;
    if (lasting) change_free(core, lasting);
    struct kv before;
    kv_init(&before);
    note_add(core, &(struct change_note){.what = CHANGE_SET,
                                         .table = staged->table,
                                         .name = setting->name,
                                         .item = staged->item,
                                         .before = value_now(core, setting, staged->item, &before),
                                         .now = staged->row,
                                         .until_us = staged->until_us,
                                         .actor = staged->actor,
                                         .why = staged->why});
    kv_free(&before);
    struct change *change = change_new(core);
    change->setting = index;
    change->below = below;
    change->at_us = now_wall_us(core->now);
    change->until_us = staged->until_us;
    change->item = span_copy(staged->item);
    change->row = span_copy(staged->row);
    change->actor = span_copy(staged->actor);
    change->why = span_copy(staged->why);
    core->changes->bytes += change->row.length + change->item.length;
    core->changes->content += change_hash(core, change);
    if (change->until_us != 0) change_set_timer(core, change);
    setting_stale(core->directory, setting);
}

static void change_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct change *change = &core->changes->all[timer->data];
    assert(change->id != 0 && change->until_us != 0);
    if (change->until_us > now_wall_us(core->now)) {
        change_set_timer(core, change);
        return;
    }
    change_end(core, change, &(struct change_note){.what = CHANGE_OVER});
    changes_stand(core);
    profiles_changed(core);
    core->settle_all = true;
    select_settings_changed(core);
}

static uint32_t *change_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->changes->all[timer->data].timer;
}

static uint64_t change_timer_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->changes->all[timer->data].id;
}

const struct timer_ops timer_ops_change = {
    .handle = change_timer_handle, .number = change_timer_number, .fired = change_timer_fired};

void change_on_time(struct core *core, const struct message *message)
{
    (void)message;
    for (uint32_t at = 0; at < core->changes->count; at++)
        if (core->changes->all[at].id != 0 && core->changes->all[at].until_us != 0)
            change_set_timer(core, &core->changes->all[at]);
}

static uint64_t changes_hash(const void *self)
{
    const struct core *core = self;
    return core->changes->content;
}

static bool changes_good(const void *self)
{
    const struct core *core = self;
    uint64_t content = 0, bytes = 0;
    uint32_t open = 0;
    for (uint32_t at = 0; at < core->changes->count; at++) {
        const struct change *change = &core->changes->all[at];
        if (change->id == 0) continue;
        if ((change->until_us != 0) != (change->timer != 0)) return false;
        const struct setting *setting = &core->directory->settings.all[change->setting];
        bool waits = assign_is(setting->table) ||
                     (setting->table == table_schedule && change->item.length != 0); /* as row_of says */
        if (!setting->changed && !waits) return false;
        content += change_hash(core, change);
        bytes += change->row.length + change->item.length;
        open++;
    }
    return bytes == core->changes->bytes && content == core->changes->content && open == core->changes->open;
}

/* ---- as bytes ---- */

static void keep_change(struct core *core, struct keeper *keeper, uint32_t number)
{
    struct change *change = &core->changes->all[number];
    change->id = keep_u64(keeper, change->id);
    if (change->id == 0) return;
    change->setting = keep_u32(keeper, change->setting);
    change->timer = timer_keep(core->timers, keeper, change->timer, 1u << TIMER_CHANGE, number, 0);
    if (keep_has(keeper, 22)) change->below = keep_u32(keeper, change->below);
    change->at_us = keep_i64(keeper, change->at_us);
    change->until_us = keep_i64(keeper, change->until_us);
    change->item = owned_text_keep(keeper, change->item, CHANGES_BYTES_MAX);
    change->row = owned_pairs_keep(keeper, change->row, CHANGES_BYTES_MAX);
    change->actor = owned_text_keep(keeper, change->actor, MESSAGE_FRAME_MAX);
    change->why = owned_text_keep(keeper, change->why, MESSAGE_FRAME_MAX);
    if (!keep_reading(keeper)) return;
    core->changes->open++;
    core->changes->bytes += change->row.length + change->item.length;
}

static void keep_note(struct core *core, struct keeper *keeper, struct change_note *note)
{
    note->what = (enum change_what)keep_index(keeper, note->what, CHANGE_WORK + 1, CHANGE_SET);
    note->table = keep_u8(keeper, (uint8_t)note->table);
    note->name = name_keep(core->names, keeper, note->name);
    note->at_us = keep_i64(keeper, note->at_us);
    note->until_us = keep_i64(keeper, note->until_us);
    note->version = keep_u64(keeper, note->version);
    note->item = owned_text_keep(keeper, note->item, CHANGES_BYTES_MAX);
    note->before = owned_pairs_keep(keeper, note->before, NOTE_VALUE_MAX);
    note->now = owned_pairs_keep(keeper, note->now, NOTE_VALUE_MAX);
    note->actor = owned_text_keep(keeper, note->actor, MESSAGE_FRAME_MAX);
    note->why = owned_text_keep(keeper, note->why, MESSAGE_FRAME_MAX);
}

static void note_ring_keep(struct core *core, struct keeper *keeper, struct note_ring *ring)
{
    ring->count = keep_u64(keeper, ring->count);
    if (ring->count != 0 && !ring->all) ring->all = memory_zeroed(NOTES_MAX, sizeof *ring->all);
    for (uint32_t at = 0; at < ring->count && at < NOTES_MAX && keep_good(keeper); at++)
        keep_note(core, keeper, &ring->all[at]);
}

static void changes_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct changes *changes = core->changes;
    changes->all =
        keep_rows(keeper, changes->all, &changes->count, &changes->capacity, CHANGES_MAX, sizeof *changes->all);
    for (uint32_t at = 0; at < changes->count && keep_good(keeper); at++) keep_change(core, keeper, at);
    changes->last_id = keep_u64(keeper, changes->last_id);
    changes->content = keep_u64(keeper, changes->content);
    note_ring_keep(core, keeper, &changes->notes[NOTES_OF_CHANGES]);
    if (keep_has(keeper, 21)) note_ring_keep(core, keeper, &changes->notes[NOTES_OF_HELPER]);
    if (keep_has(keeper, 22)) note_ring_keep(core, keeper, &changes->notes[NOTES_OF_AGENTS]);
    if (keep_has(keeper, 23)) note_ring_keep(core, keeper, &changes->notes[NOTES_OF_WORK]);
}

/* True: each change belongs to a setting that exists. */
static bool changes_sound(void *self)
{
    struct core *core = self;
    bool good = true;
    for (uint32_t at = 0; at < core->changes->count; at++)
        good = good &&
               (core->changes->all[at].id == 0 || core->changes->all[at].setting < core->directory->settings.count);
    return good;
}

static void changes_hear(void *self, const struct fact *fact)
{
    if (fact->what == FACT_campaign_asked) campaign_is_asked(self, fact);
    if (fact->what == FACT_listened_over) listening_is_over(self, fact);
}

const struct part_ops part_ops_changes = {
    .size = sizeof(struct changes),
    .free = changes_release,
    .hash = changes_hash,
    .check = changes_good,
    .hear = changes_hear,
    .keep = changes_keep,
    .sound = changes_sound,
};
