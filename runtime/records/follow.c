/* runtime/records/follow.c - The loop: reads batches from the journal into a core, and writes the rows that the core
 * causes into the sink.
 *
 *     journal --- batch ---> core --- facts ---> recorder (hear*.c) --- rows ---> sink --- commit ---> position
 *
 * The position is stored in the sink: the last batch whose rows it has, and the hash of that batch. Rows and
 * position go into one commit. A follower that starts applies the journal from the earliest batch that it can, and
 * drops the rows up to the position: the recorder needs the earlier events, since what began there may not be over.
 *
 * If a database is away, the follower waits, also in the middle of a batch (may_try_again). A restored journal is
 * noticed by its hash at the position (position_good). */
#include "runtime/records/follow.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/core/core.h"
#include "runtime/journal/images.h"
#include "runtime/journal/readers.h"
#include "runtime/journal/place.h"
#include "runtime/journal/recovery.h"
#include "runtime/natives/natives.h"
#include "runtime/records/recorder.h"
#include "runtime/records/sink.h"

enum {
    GROUP_ROWS = 20000, /* a commit after so many rows, or when there is no more to read */
    IDLE_MS = 100,
    AGAIN_MS = 1000,
    QUIET_BATCHES = 1000, /* batches without a row after which the position is written all the same */
};

struct follower {
    const struct follow_options *options;
    struct batches *store;
    struct images *images;
    struct core_options core_options;
    struct recovery recovery;
    struct core *core;
    struct recorder *recorder;
    struct sink *sink;
    struct journal_head head;
    struct sink_position position; /* the sink's position; its batch and hash are those of the rows added last */
    uint64_t rows, pending;        /* rows added so far; rows added since the last commit */
    uint64_t batch;                /* the batch being applied */
    uint32_t n, events;            /* numbers of the next row in this batch, of those that are kept and of events */
    char name[32];                 /* name under which gcxvm knows how far the records are */
    bool placed, unplaced;         /* gcxvm was told the position; gcxvm cannot be told, which was logged once */
    struct error failure;          /* why a row could not be written; code ERROR_NONE: no failure */
};

static bool follower_stopped(const struct follower *f)
{
    return *f->options->stop != 0;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void follower_note(const struct follower *f, const char *text)
{
    if (f->options->note) f->options->note(f->options->self, text);
}

/* Waits a little if the failure means that the database is away, and tells each reason once; `told` has the last one.
 * False: waiting does not help, or the program has to end. */
static bool may_try_again(const struct follower *f, const struct error *why, struct error *told)
{
    if (why->code != ERROR_TIMEOUT || follower_stopped(f)) return false;
    if (strcmp(told->text, why->text) != 0) follower_note(f, why->text);
    *told = *why;
    pause_ms(AGAIN_MS);
    return true;
}

/* The recorder has made a row: adds it to the sink unless the sink already has it. A failure is kept until the batch
 * is over. */
static void follower_on_row(void *self, enum table_name table, const struct record_value *values)
{
    struct follower *f = self;
    uint32_t order = f->n + f->events, *counts = table < TABLES ? &f->n : &f->events;
    struct record_row row = {.table = table, .batch = f->batch, .n = (*counts)++, .order = order, .values = values};
    struct error told = {0};
    if (row.batch <= f->position.batch || f->failure.code != ERROR_NONE) return;
    while (!sink_put(f->sink, &row, &f->failure)) {
        if (!may_try_again(f, &f->failure, &told)) return;
        f->failure.code = ERROR_NONE;
    }
    f->rows++;
    f->pending++;
}

static void follower_hash_text(const uint8_t hash[CORE_HASH], char text[JOURNAL_HASH + 1])
{
    sodium_bin2hex(text, JOURNAL_HASH + 1, hash, CORE_HASH);
}

/* Tells gcxvm how far the records are, so that it keeps the later batches. */
static void place_say(struct follower *f)
{
    struct error error = {0};
    bool (*say)(const char *, const char *, uint64_t, struct error *) = f->placed ? readers_say : readers_begin;
    if (f->unplaced || f->options->once) return;
    if (say(f->options->state, f->name, f->position.batch, &error)) {
        f->placed = true;
        return;
    }
    f->unplaced = true;
    char text[320];
    snprintf(text, sizeof text, "batches may be removed before they are recorded: %s",
             error.code == ERROR_STATE
                 ? "gcxvm holds them back no more, for want of space, or since reader_days are over"
                 : error.text);
    follower_note(f, text);
}

/* Commits the rows that were added. Without rows it does so only after many batches, so that the position moves on. */
static bool follower_commit(struct follower *f, struct error *error)
{
    struct sink_position position = f->position;
    struct error told = {0};
    if (f->pending == 0 && f->head.number < f->position.batch + QUIET_BATCHES) return true;
    position.batch = f->head.number;
    follower_hash_text(f->head.previous, position.hash);
    while (!sink_commit(f->sink, &position, error))
        if (!may_try_again(f, error, &told)) return false;
    if (told.code != ERROR_NONE) follower_note(f, "the records' database is there again");
    f->position = position;
    f->pending = 0;
    place_say(f);
    return true;
}

/* Opens the journal and reads its identity. False and ERROR_UNKNOWN: there is no journal yet. */
static bool follower_journal_open(struct follower *f, struct error *error)
{
    assert(!f->store && !f->core);
    uint8_t hash[CORE_HASH];
    f->store = place_follow(f->options->state, error);
    if (!f->store) return false;
    f->recovery = (struct recovery){.store = f->store, .state = f->options->state, .core = &f->core_options};
    bool empty = batches_last(f->store) == 0;
    if (empty) error_set(error, ERROR_UNKNOWN, "the journal in %.200s is empty", f->options->state);
    if (empty || !journal_identity(&f->recovery, hash, error)) {
        batches_close(f->store);
        f->store = NULL; /* no store: the journal is opened anew if the program waits for one */
        return false;
    }
    f->position.partition = f->core_options.partition;
    follower_hash_text(hash, f->position.first);
    return true;
}

static bool journal_await(struct follower *f, struct error *error)
{
    bool told = false;
    while (!follower_journal_open(f, error)) {
        if (error->code != ERROR_UNKNOWN || f->options->once) return false;
        if (!told) follower_note(f, error->text);
        told = true;
        if (follower_stopped(f)) return false;
        pause_ms(IDLE_MS);
    }
    return true;
}

/* Makes the core as it was before the first batch that the journal still has. An interaction that began earlier and
 * is not over is recorded from the journal's first batch on. */
static bool core_make(struct follower *f, struct error *error)
{
    f->images = images_new(f->store, natives_bind, f->options->natives);
    f->core_options.image = images_get;
    f->core_options.self = f->images;
    f->core = journal_earliest(&f->recovery, &f->head, error);
    if (!f->core) return false;
    f->recorder = recorder_new(f->core, follower_on_row, f);
    if (sink_tells(f->sink)) recorder_tell_events(f->recorder);
    if (f->position.batch >= f->head.number || f->head.number == 0) return true;
    if (f->position.batch > 0)
        return error_set(error, ERROR_STATE,
                         "the records stand at batch %" PRIu64 ", and the journal can be replayed from batch %" PRIu64
                         " on: those between were pruned; write into another database, or raise `reader_days`",
                         f->position.batch, f->head.number + 1);
    char text[160];
    snprintf(text, sizeof text, "the journal begins at batch %" PRIu64 ": what was before is not in these records",
             f->head.number + 1);
    follower_note(f, text);
    return true;
}

/* Checks that the batches from which the records were made are batches of this journal. */
static bool position_good(const struct follower *f, struct error *error)
{
    char hash[JOURNAL_HASH + 1];
    if (f->head.number != f->position.batch) return true;
    follower_hash_text(f->head.previous, hash);
    if (strcmp(hash, f->position.hash) == 0) return true;
    return error_set(error, ERROR_STATE,
                     "batch %" PRIu64
                     " of the journal is not the one that the records were written from: an older copy of the "
                     "journal was put back and went on; write its records into another database",
                     f->head.number);
}

/* Explains a replay that failed because an image is missing. If that image was refused before, the reason for that
 * is the better error. */
static bool follower_replay_failed(const struct follower *f, struct error *error)
{
    struct error why;
    if (images_refused(f->images, &why)) *error = why;
    return false;
}

/* Applies the batches of the journal, with a commit after each GROUP_ROWS rows. */
static enum records_exit catch_up(struct follower *f, struct error *error)
{
    while (f->head.number < batches_last(f->store) && !follower_stopped(f)) {
        f->batch = f->head.number + 1;
        f->n = f->events = 0;
        if (!journal_next(f->store, &f->core_options, f->core, &f->head, NULL, error)) {
            follower_replay_failed(f, error);
            return RECORDS_replay;
        }
        recorder_settle(f->recorder);
        if (f->failure.code != ERROR_NONE) {
            *error = f->failure;
            return follower_stopped(f) && error->code == ERROR_TIMEOUT ? RECORDS_ok : RECORDS_database;
        }
        if (f->position.batch >= f->head.number && !position_good(f, error)) return RECORDS_replay;
        if (f->pending >= GROUP_ROWS && !follower_commit(f, error)) return RECORDS_database;
    }
    return RECORDS_ok;
}

static void tell_caught_up(const struct follower *f)
{
    char text[200];
    snprintf(text, sizeof text,
             "the records stand at batch %" PRIu64 " of the journal; %" PRIu64 " rows were missing and are written",
             f->head.number, f->rows);
    follower_note(f, text);
    if (f->head.hidden == 0) return;
    snprintf(text, sizeof text,
             "%" PRIu64 " keys of secrets in the journal are erased: what strategies decided by those secrets may be "
             "otherwise in the records",
             f->head.hidden);
    follower_note(f, text);
}

/* Follows the journal until it is stopped, the journal is replaced, or, with --once, everything is written. */
static enum records_exit follower_go_on(struct follower *f, struct error *error)
{
    bool told = false;
    for (;;) {
        struct error gone = {0};
        bool there = batches_look(f->store, &gone);
        enum records_exit result = catch_up(f, error);
        if (result != RECORDS_ok) return result;
        if (!follower_commit(f, error))
            return follower_stopped(f) && error->code == ERROR_TIMEOUT ? RECORDS_ok : RECORDS_database;
        if (follower_stopped(f)) return RECORDS_ok;
        if (!told) tell_caught_up(f);
        told = true;
        if (f->options->once) return RECORDS_ok;
        if (!there) {
            *error = gone;
            return RECORDS_replaced;
        }
        pause_ms(IDLE_MS);
    }
}

/* Opens the sink and the journal, checks that they belong together, and continues at the sink's position. */
static enum records_exit follower_begin(struct follower *f, struct error *error)
{
    f->sink = sink_open(f->options->target, error);
    if (!f->sink) return error->code == ERROR_INPUT ? RECORDS_usage : RECORDS_database;
    if (!journal_await(f, error)) return follower_stopped(f) ? RECORDS_ok : RECORDS_replay;
    if (!sink_begin(f->sink, &f->position, error)) return RECORDS_database;
    if (f->position.batch > batches_last(f->store)) {
        error_set(error, ERROR_STATE,
                  "the records stand at batch %" PRIu64 ", but the journal in %.100s ends at batch %" PRIu64
                  ": an older copy was put back; write its records into another database",
                  f->position.batch, f->options->state, batches_last(f->store));
        return RECORDS_replay;
    }
    if (!core_make(f, error)) return RECORDS_replay;
    place_say(f);
    return follower_go_on(f, error);
}

enum records_exit records_follow(const struct follow_options *options, struct error *error)
{
    struct follower f = {.options = options};
    assert(options->state && options->target && options->stop);
    if (sodium_init() < 0) return RECORDS_memory;
    uint8_t hash[crypto_generichash_BYTES_MIN];
    char digits[9];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)options->target, strlen(options->target), NULL, 0);
    sodium_bin2hex(digits, sizeof digits, hash, 4);
    snprintf(f.name, sizeof f.name, "gcxrecords-%s", digits);
    enum records_exit result = follower_begin(&f, error);
    recorder_free(f.recorder);
    core_free(f.core);
    images_free(f.images);
    batches_close(f.store);
    sink_close(f.sink);
    return result;
}
