/* runtime/twin/soon_state.c - Plays a journal to its end, and writes how things stand then. See soon_state.h. */
#include "runtime/twin/soon_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/twin/day.h"
#include "runtime/twin/replayed.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "base/memory.h"
#include "base/out.h"

enum { SOON_IMAGES = 64 };

struct soon {
    const struct soon_terms *terms;
    struct soon_found *found;
    struct replayed replayed;
    const struct image *images[SOON_IMAGES]; /* in force; the one that has the setting is hand.image */
    size_t image_count;
    struct hand hand;
    struct writer settings, change;
};

/* Plays to the journal's end. */
static bool soon_forward(struct soon *s, struct error *error)
{
    struct replayed *r = &s->replayed;
    while (r->head.number < r->last) {
        if (*s->terms->stop) return error_set(error, ERROR_STATE, "it was stopped");
        if (journal_next(r->store, &r->options, r->present, &r->head, NULL, error)) continue;
        (void)images_refused(r->images, error);
        return false;
    }
    s->found->hidden = r->head.hidden;
    return true;
}

static void soon_images(struct soon *s)
{
    struct point_row row;
    for (uint32_t at = 0; core_point(s->replayed.present, at, &row) && s->image_count < SOON_IMAGES; at++) {
        const struct image *image = row.image ? images_get(s->replayed.images, row.image) : NULL;
        bool again = !image;
        for (size_t i = 0; !again && i < s->image_count; i++) again = s->images[i] == image;
        if (!again) s->images[s->image_count++] = image;
    }
}

/* ---- settings ---- */

static void soon_row(struct writer *writer, unsigned table, const char *name, const struct kv *row, uint64_t part)
{
    writer_begin(writer, KIND_DirectoryRow);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table);
    writer_text(writer, DirectoryRow_key, name);
    if (row->length > 0) writer_kv(writer, DirectoryRow_row, row);
    writer_u(writer, DirectoryRow_part, part);
    (void)writer_end(writer);
}

static void soon_table(struct soon *s, const char *name)
{
    struct kv rows, part;
    kv_init(&rows);
    kv_init(&part);
    const uint32_t count = core_setting_rows(s->replayed.present, span_of(name), 0, UINT32_MAX, &rows);
    uint64_t number = 0;
    for (uint32_t at = 0; count > 0 && (number == 0 || at < rows.length); number++) {
        kv_part(kv_span(&rows), &at, "value", &part);
        soon_row(&s->settings, table_business, name, &part, number);
    }
    kv_free(&rows);
    kv_free(&part);
}

static const unsigned soon_tables[SETTING_KINDS] = {
    [SETTING_PARAMETER] = table_parameter, [SETTING_TABLE] = table_business, [SETTING_SCHEDULE] = table_schedule};

/* Writes what is in force of each setting: other values than those of the image. */
static bool soon_settings(struct soon *s, struct error *error)
{
    const struct image *image = s->hand.image;
    for (uint32_t i = 0; i < image_count(image, SECTION_SETTINGS); i++) {
        const struct image_setting *declared = image_setting(image, i);
        const struct text text = image_text(image, declared->name);
        struct read_setting now;
        struct kv row;
        char *name = memory_format("%.*s", (int)text.length, text.bytes);
        kv_init(&row);
        core_setting(s->replayed.present, soon_tables[declared->kind], span_of(name), &now);
        if (now.known && declared->kind == SETTING_TABLE) soon_table(s, name);
        if (now.known && declared->kind != SETTING_TABLE) {
            kv_put(&row, span_of("value"), &now.value);
            soon_row(&s->settings, soon_tables[declared->kind], name, &row, 0);
        }
        kv_free(&row);
        free(name);
    }
    return day_put(s->terms->folder, "settings", (struct span){s->settings.bytes, (uint32_t)s->settings.length}, error);
}

/* ---- the change ---- */

static void soon_commit(struct writer *writer, uint64_t version)
{
    writer_begin(writer, KIND_DirectoryCommit);
    writer_u(writer, DirectoryCommit_version, version);
    (void)writer_end(writer);
}

/* A value by hand that is taken back leaves the lasting one below it, else that of the directory, or of the site. In
 * the simulation all values are the directory's, so it gets another one there. */
static bool soon_unset(struct soon *s, const struct read_setting *now, struct error *error)
{
    struct hand *hand = &s->hand;
    struct change_row below;
    struct kv_value value;
    struct kv row;
    if (hand->table == table_business)
        return error_set(error, ERROR_INPUT, "a row of a table is tried with the fields that it would have");
    if (!now->by_hand) return error_set(error, ERROR_STATE, "nothing of %s is changed by hand", hand->name);
    kv_init(&row);
    if (core_change_below(s->replayed.present, hand->table, span_of(hand->name), span_of(""), &below) &&
        kv_get(below.row, "value", &value))
        kv_put(&row, span_of("value"), &value);
    else if (now->has_base)
        kv_put(&row, span_of("value"), &now->base);
    hand_show(hand, kv_span(&row), s->found->after);
    writer_begin(&s->change, KIND_DirectoryRow);
    writer_u(&s->change, DirectoryRow_version, 2);
    writer_u(&s->change, DirectoryRow_table, hand->table);
    writer_text(&s->change, DirectoryRow_key, hand->name);
    if (row.length > 0) writer_kv(&s->change, DirectoryRow_row, &row);
    (void)writer_end(&s->change);
    soon_commit(&s->change, 2);
    kv_free(&row);
    return true;
}

static void soon_set(struct soon *s)
{
    const struct hand *hand = &s->hand;
    struct writer *writer = &s->change;
    writer_begin(writer, KIND_DirectoryRow);
    writer_text(writer, ENVELOPE_actor, "soon");
    writer_u(writer, DirectoryRow_version, 0);
    writer_u(writer, DirectoryRow_table, hand->table);
    writer_text(writer, DirectoryRow_key, hand->name);
    if (hand->row.length > 0) writer_kv(writer, DirectoryRow_row, &hand->row);
    writer_i(writer, DirectoryRow_until, s->terms->until_us);
    writer_u(writer, DirectoryRow_hand, true);
    if (hand->item[0] != '\0') writer_text(writer, DirectoryRow_item, hand->item);
    (void)writer_end(writer);
    soon_commit(writer, 0);
}

/* Fills in the new value from the rows in force, and shows the present one. */
static bool soon_value(struct soon *s, const struct hand_ask *ask, struct error *error)
{
    const struct core *core = s->replayed.present;
    struct hand *hand = &s->hand;
    struct read_setting now;
    struct kv before_row, any_row, shown;
    struct kv_pair before, any;
    uint32_t at = 0, any_at = 0;
    kv_init(&before_row);
    kv_init(&any_row);
    kv_init(&shown);
    core_setting(core, hand->table, span_of(hand->name), &now);
    const bool table = hand->table == table_business;
    const bool has_before = table && core_setting_item(core, span_of(hand->name), span_of(hand->item), &before_row) &&
                            kv_next(kv_span(&before_row), &at, &before);
    const bool has_any = table && core_setting_item(core, span_of(hand->name), span_of(""), &any_row) &&
                         kv_next(kv_span(&any_row), &any_at, &any);
    if (table && has_before) kv_put(&shown, span_of("value"), &before.value);
    if (!table && now.known) kv_put(&shown, span_of("value"), &now.value);
    if (table && !has_before)
        (void)strcpy(s->found->before, "no row");
    else
        hand_show(hand, kv_span(&shown), s->found->before);
    bool good = ask->act != HAND_REMOVE || has_before ||
                error_set(error, ERROR_UNKNOWN, "%s has no row %.64s", hand->name, hand->item);
    if (good && s->terms->adds && has_before)
        good = error_set(error, ERROR_EXISTS, "%s has a row %.64s already", hand->name, hand->item);
    if (good && ask->act == HAND_UNSET) {
        good = soon_unset(s, &now, error);
    } else if (good) {
        good = hand_value(ask, hand, has_before ? &before : NULL, has_any ? &any : NULL, error);
        if (good && ask->act == HAND_REMOVE)
            (void)strcpy(s->found->after, "no row");
        else if (good)
            hand_show(hand, kv_span(&hand->row), s->found->after);
        if (good) soon_set(s);
    }
    kv_free(&before_row);
    kv_free(&any_row);
    kv_free(&shown);
    return good;
}

static bool soon_change(struct soon *s, struct error *error)
{
    const struct soon_terms *terms = s->terms;
    const struct peer peer = {.role = ROLE_ADMIN, .name = "soon"};
    const char *lines = terms->act == HAND_SET && terms->word_count == 1 ? strchr(terms->words[0], '=') : NULL;
    struct error none = {0};
    char *expanded = lines && strstr(lines, "holidays ") ? kept_schedule(terms->state, lines + 1, &none) : NULL;
    char *key = terms->word_count > 1 ? kept_key(terms->state, terms->words[0]) : NULL;
    const struct hand_ask ask = {.act = terms->act,
                                 .conf = terms->conf,
                                 .peer = &peer,
                                 .images = s->images,
                                 .image_count = s->image_count,
                                 .words = terms->words,
                                 .word_count = terms->word_count,
                                 .schedule = expanded,
                                 .no_calendar = none.code != ERROR_NONE ? none.text : NULL,
                                 .key = key};
    bool good = hand_read(&ask, &s->hand, error) && soon_value(s, &ask, error);
    if (good) {
        (void)snprintf(s->found->setting, sizeof s->found->setting, "%s", s->hand.name);
        (void)snprintf(s->found->item, sizeof s->found->item, "%s", s->hand.item);
        good = day_put(terms->folder, "change", (struct span){s->change.bytes, (uint32_t)s->change.length}, error);
    }
    free(expanded);
    free(key);
    return good;
}

/* ---- calls, agents, the image ---- */

/* Writes what a strategy or an agent works on, of all media, and how long ago it came: not what rests in a queue or a
 * workbin. Those that have ended come last. */
static bool soon_calls(struct soon *s, struct error *error)
{
    const struct core *core = s->replayed.present;
    struct interaction_row row;
    struct out csv = {0};
    uint64_t cursor = 0;
    while (core_interaction(core, &cursor, &row) && !span_is(row.state, "ended")) {
        const bool call = span_is(row.media, "voice");
        const bool rests = row.outcome.length > 0 && !span_is(row.owner_kind, "agent");
        if (rests || (call && row.dnis.length == 0) || row.strategy.length == 0 ||
            memchr(row.media.bytes, ',', row.media.length) ||
            !image_strategy_named(s->hand.image, (const char *)row.strategy.bytes, row.strategy.length) ||
            (call && (memchr(row.dnis.bytes, ',', row.dnis.length) || memchr(row.dnis.bytes, '"', row.dnis.length))))
            continue;
        out_format(&csv, "%.*s,%.*s,%llus,%.*s\n", (int)row.strategy.length, (const char *)row.strategy.bytes,
                   call ? (int)row.dnis.length : 0, (const char *)row.dnis.bytes,
                   (unsigned long long)((core_time(core) - row.arrived_us) / 1000000), (int)row.media.length,
                   (const char *)row.media.bytes);
        s->found->calls++;
    }
    bool good =
        day_put(s->terms->folder, "calls.csv", (struct span){(const uint8_t *)csv.bytes, (uint32_t)csv.length}, error);
    out_free(&csv);
    return good;
}

static bool soon_files(struct soon *s, struct error *error)
{
    static const char always[] = "all,00:00,00:00\n"; /* they stay for as long as it is simulated */
    const char *folder = s->terms->folder;
    struct span image;
    return soon_settings(s, error) && soon_calls(s, error) &&
           day_agents(folder, s->replayed.present, true, &s->found->agents, error) &&
           day_put(folder, "shifts.csv", (struct span){(const uint8_t *)always, sizeof always - 1}, error) &&
           batches_get_image(s->replayed.store, image_hash(s->hand.image), &image, error) &&
           day_put(folder, "old.gcxb", image, error);
}

bool soon_write(const struct soon_terms *terms, struct soon_found *found, struct error *error)
{
    struct soon s = {.terms = terms, .found = found};
    struct natives *natives = programs_natives(terms->conf);
    *found = (struct soon_found){0};
    writer_init(&s.settings);
    writer_init(&s.change);
    bool good = replayed_start(&s.replayed, terms->state, natives, 1, error) && soon_forward(&s, error);
    if (good) soon_images(&s);
    if (good && s.image_count == 0) good = error_set(error, ERROR_STATE, "no strategy runs at any routing point");
    good = good && soon_change(&s, error) && soon_files(&s, error);
    hand_free(&s.hand);
    replayed_free(&s.replayed);
    natives_free(natives);
    writer_free(&s.settings);
    writer_free(&s.change);
    return good;
}
