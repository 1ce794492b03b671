/* runtime/twin/what_if_play.c - Opens a journal, makes the events of changed settings, and plays both cores. */
#include "runtime/twin/what_if_play.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/directory/hand.h"
#include "runtime/daemon/directory/import.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/twin/replayed.h"
#include "runtime/twin/candidate.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

enum { IMAGES_MAX = 256, IMPORT_SECONDS = 120, SAY_BATCHES = 500 };
#define DAY_US UINT64_C(86400000000)

struct what_if {
    const struct what_if_terms *terms;
    struct what_if_found *found;
    struct natives *natives;
    struct replayed replayed;
    const struct image *image; /* NULL: the present version */
    struct writer settings;
};

/* ---- changed settings ---- */

static void what_if_on_event(void *self, struct span frame)
{
    struct what_if *w = self;
    struct message message;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) abort(); /* we have just made it */
    writer_begin(&w->settings, message.kind);
    writer_u(&w->settings, ENVELOPE_source, SOURCE_ADMIN);
    for (unsigned i = 0; i < message.count; i++)
        if (message.fields[i].number != ENVELOPE_source) writer_field(&w->settings, &message.fields[i]);
    (void)writer_end(&w->settings);
}

/* Lists the images whose settings may be changed: the other version, and those in force. */
static size_t what_if_images(const struct what_if *w, const struct image *images[IMAGES_MAX])
{
    struct point_row row;
    size_t count = 0;
    if (w->image) images[count++] = w->image;
    for (uint32_t at = 0; core_point(w->replayed.present, at, &row) && count < IMAGES_MAX; at++) {
        const struct image *image = row.image ? images_get(w->replayed.images, row.image) : NULL;
        bool again = !image;
        for (size_t i = 0; !again && i < count; i++) again = images[i] == image;
        if (!again) images[count++] = image;
    }
    return count;
}

static void what_if_put_row(struct what_if *w, const struct hand *hand)
{
    struct writer *writer = &w->settings;
    writer_begin(writer, KIND_DirectoryRow);
    writer_u(writer, ENVELOPE_source, SOURCE_ADMIN);
    writer_text(writer, ENVELOPE_actor, "what-if");
    writer_u(writer, DirectoryRow_version, 0);
    writer_u(writer, DirectoryRow_table, hand->table);
    writer_text(writer, DirectoryRow_key, hand->name);
    if (hand->row.length > 0) writer_kv(writer, DirectoryRow_row, &hand->row);
    writer_u(writer, DirectoryRow_hand, true);
    if (hand->item[0] != '\0') writer_text(writer, DirectoryRow_item, hand->item);
    (void)writer_end(writer);
}

/* Fills in the value from the rows in force, and adds the event. */
static bool what_if_value(struct what_if *w, const struct hand_ask *ask, struct hand *hand, struct error *error)
{
    struct kv before_row, any_row;
    struct kv_pair before, any;
    uint32_t at = 0;
    kv_init(&before_row);
    kv_init(&any_row);
    bool table = hand->table == table_business;
    bool has_before = table &&
                      core_setting_item(w->replayed.present, span_of(hand->name), span_of(hand->item), &before_row) &&
                      kv_next(kv_span(&before_row), &at, &before);
    at = 0;
    bool has_any = table && core_setting_item(w->replayed.present, span_of(hand->name), span_of(""), &any_row) &&
                   kv_next(kv_span(&any_row), &at, &any);
    bool good = hand_value(ask, hand, has_before ? &before : NULL, has_any ? &any : NULL, error);
    if (good) what_if_put_row(w, hand);
    kv_free(&before_row);
    kv_free(&any_row);
    return good;
}

/* Splits the words of a table's row at spaces. */
static size_t what_if_words(char *text, const char *words[WHAT_IF_WORDS])
{
    size_t count = 0;
    for (char *word = strtok(text, " "); word && count < WHAT_IF_WORDS; word = strtok(NULL, " ")) words[count++] = word;
    return count;
}

static bool what_if_change(struct what_if *w, const struct what_if_change *change, struct error *error)
{
    const struct peer peer = {.role = ROLE_ADMIN, .name = "what-if"};
    const struct image *images[IMAGES_MAX];
    const char *words[WHAT_IF_WORDS] = {change->text};
    char *text = memory_text(change->text);
    struct error none = {0};
    struct hand hand = {0};
    struct hand_ask ask = {.act = HAND_SET, .conf = w->terms->conf, .peer = &peer, .images = images, .words = words};
    ask.image_count = what_if_images(w, images);
    ask.word_count = change->row ? what_if_words(text, words) : 1;
    const char *lines = !change->row ? strchr(change->text, '=') : NULL;
    char *expanded = lines && strstr(lines, "holidays ") ? kept_schedule(w->terms->state, lines + 1, &none) : NULL;
    char *key = ask.word_count > 1 ? kept_key(w->terms->state, words[0]) : NULL;
    ask.schedule = expanded;
    ask.no_calendar = none.code != ERROR_NONE ? none.text : NULL;
    ask.key = key;
    bool good = ask.word_count > 0 || error_set(error, ERROR_INPUT, "--table takes NAME KEY FIELD=VALUE...");
    if (good) good = hand_read(&ask, &hand, error) && what_if_value(w, &ask, &hand, error);
    hand_free(&hand);
    free(expanded);
    free(key);
    free(text);
    return good;
}

/* Makes the events that change the rival's settings at its start. */
static bool what_if_settings(struct what_if *w, struct error *error)
{
    const struct what_if_terms *terms = w->terms;
    if (terms->directory) {
        struct directory_import *import = import_read(terms->directory, IMPORT_SECONDS, NULL, error);
        if (!import) return false;
        import_events(import, 1, "what-if", what_if_on_event, w);
        import_free(import);
    }
    for (size_t i = 0; i < terms->change_count; i++)
        if (!what_if_change(w, &terms->changes[i], error)) return false;
    if (terms->change_count == 0) return true;
    writer_begin(&w->settings, KIND_DirectoryCommit);
    writer_u(&w->settings, ENVELOPE_source, SOURCE_ADMIN);
    writer_text(&w->settings, ENVELOPE_actor, "what-if");
    writer_u(&w->settings, DirectoryCommit_version, 0);
    (void)writer_end(&w->settings);
    return true;
}

/* ---- the play ---- */

static bool what_if_any_point(const struct what_if *w)
{
    struct point_row row;
    for (uint32_t at = 0; core_point(w->replayed.present, at, &row); at++)
        if (row.image) return true;
    return false;
}

/* Plays the present version alone up to the time of interest, and until some strategy is active: only then it is known
 * which settings there are. */
static bool what_if_forward(struct what_if *w, struct error *error)
{
    while (w->replayed.head.number < w->replayed.last &&
           (w->replayed.head.time_us < w->replayed.since_us || !what_if_any_point(w)))
        if (!journal_next(w->replayed.store, &w->replayed.options, w->replayed.present, &w->replayed.head, NULL,
                          error)) {
            (void)images_refused(w->replayed.images, error);
            return false;
        }
    return true;
}

static bool what_if_begin(struct what_if *w, struct error *error)
{
    w->natives = programs_natives(w->terms->conf);
    if (!replayed_start(&w->replayed, w->terms->state, w->natives, w->terms->since_us, error) ||
        !what_if_forward(w, error))
        return false;
    if (w->terms->image && !(w->image = candidate_find(w->replayed.images, w->terms->image, error))) return false;
    if (w->image &&
        !candidate_begins_everywhere(w->image, w->replayed.present, w->replayed.images, w->terms->point, error))
        return false;
    if (!what_if_settings(w, error)) return false;
    const struct rival_options options = {
        .image = w->image, .point = w->terms->point, .settings = {w->settings.bytes, (uint32_t)w->settings.length}};
    return replayed_begin(&w->replayed, options, error);
}

static void what_if_end(struct what_if *w, const char *why)
{
    (void)snprintf(w->found->ended, sizeof w->found->ended, "%s", why);
}

/* Notes why nothing could be compared, as far as the routing points at the end of the journal tell. */
static void what_if_nothing(struct what_if *w)
{
    struct point_row row;
    const char *point = w->terms->point;
    bool has = false;
    if (point && !core_point_at(w->replayed.present, span_of(point), &row)) {
        (void)snprintf(w->found->nothing, sizeof w->found->nothing, "there is no routing point %.64s", point);
        return;
    }
    for (uint32_t i = 0; !has && core_point(w->replayed.present, i, &row); i++)
        has = !w->image || image_strategy_named(w->image, (const char *)row.strategy.bytes, row.strategy.length);
    (void)snprintf(w->found->nothing, sizeof w->found->nothing, "%s",
                   has ? "nothing arrived" : "the image has none of the strategies that ran");
}

static void what_if_go(struct what_if *w)
{
    const struct what_if_terms *terms = w->terms;
    const uint64_t began = w->replayed.head.number, began_us = w->replayed.head.time_us;
    struct error error = {0};
    while (w->replayed.head.number < w->replayed.last) {
        if (*terms->stop) {
            what_if_end(w, "it was stopped");
            break;
        }
        if (!journal_next(w->replayed.store, &w->replayed.options, w->replayed.present, &w->replayed.head,
                          rival_watch(w->replayed.rival), &error)) {
            (void)images_refused(w->replayed.images, &error);
            what_if_end(w, error.text);
            break;
        }
        rival_settle(w->replayed.rival);
        if (rival_exhausted(w->replayed.rival)) {
            what_if_end(w, "the candidate used up its fuel in too many interactions, as a loop does");
            break;
        }
        if (terms->progress && w->replayed.head.number % SAY_BATCHES == 0)
            terms->progress(terms->self,
                            (unsigned)((w->replayed.head.number - began) * 1000 / (w->replayed.last - began)));
    }
    replayed_count(&w->replayed);
    replayed_end(&w->replayed);
    w->found->before = w->replayed.before;
    if (rival_count(w->replayed.rival) == 0) what_if_nothing(w);
    w->found->batches = w->replayed.head.number - began;
    w->found->hidden = w->replayed.head.hidden;
    uint64_t from_us = w->replayed.since_us > began_us ? w->replayed.since_us : began_us;
    w->found->took_us = w->replayed.head.time_us > from_us ? w->replayed.head.time_us - from_us : 0;
}

/* ---- the day ---- */

/* Plays the last 24 hours once more, alone, and writes them into the folder. */
static bool what_if_day(struct what_if *w, struct error *error)
{
    const struct day_terms terms = {.store = w->replayed.store,
                                    .options = &w->replayed.options,
                                    .images = w->replayed.images,
                                    .image = w->image,
                                    .given = w->terms->file,
                                    .point = w->terms->point,
                                    .folder = w->terms->day,
                                    .last = w->replayed.last,
                                    .stop = w->terms->stop,
                                    .progress = w->terms->progress,
                                    .self = w->terms->self};
    const uint64_t end_us = w->replayed.head.time_us;
    core_free(w->replayed.present);
    if (end_us > DAY_US && w->replayed.since_us < end_us - DAY_US) w->replayed.since_us = end_us - DAY_US;
    w->replayed.present = w->replayed.since_us > 0 ? replayed_snapshot(&w->replayed) : NULL;
    if (!w->replayed.present) w->replayed.present = journal_earliest(&w->replayed.recovery, &w->replayed.head, error);
    return w->replayed.present && what_if_forward(w, error) &&
           day_write(&terms, w->replayed.present, &w->replayed.head, &w->found->day, error);
}

bool what_if_play(const struct what_if_terms *terms, struct what_if_found *found, struct error *error)
{
    struct what_if w = {.terms = terms, .found = found, .replayed.tally = &found->tally};
    *found = (struct what_if_found){0};
    writer_init(&w.settings);
    bool good = what_if_begin(&w, error);
    if (good) what_if_go(&w);
    rival_free(w.replayed.rival);
    w.replayed.rival = NULL;
    struct error failed = {0};
    if (good && terms->day && !*found->ended && !what_if_day(&w, &failed))
        (void)snprintf(found->day_failed, sizeof found->day_failed, "%s", failed.text);
    replayed_free(&w.replayed);
    natives_free(w.natives);
    writer_free(&w.settings);
    return good;
}
