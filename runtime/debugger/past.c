/* runtime/debugger/past.c - Batches of a journal into a core, and what they say into the timeline.
 *
 *     past_open     finds the journal and where it can be applied from, applies all of it once (`end`), lists what came
 *     past_play     applies it again for an onlooker, from the beginning or from a checkpoint on, as often as is wanted
 *     past_catch_up of a journal that a gcxvm still writes: applies what has come since
 *     past_close
 *
 * `end` is the core behind the last good batch; plays have cores of their own. If another version of the strategies
 * is compared (past_compare), one interaction may be played with it: then a twin applies the journal to two cores. */
#include "runtime/debugger/past.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "runtime/core/core.h"
#include "runtime/core/snapshot.h"
#include "runtime/debugger/twin.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/images.h"
#include "runtime/journal/place.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/replay.h"
#include "runtime/journal/snapshots.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    PATH_BYTES = 1024,
    PAST_LINE_BYTES = 1200,
    CHECKPOINTS_MAX = 32,
    CHECKPOINT_EVENTS = 2000,              /* at least so many lie between two */
    CHECKPOINTS_BYTES = 256 * 1024 * 1024, /* of all */
    BYTES_PER_EVENT = 512,                 /* larger cores are saved less often: one event more for each so many */
};

/* A place at which a play can begin. */
struct checkpoint {
    struct journal_head head;
    uint8_t *core; /* core_save */
    size_t length;
    void *kept; /* of the keeper */
    size_t kept_size;
};

struct past {
    struct batches *store;
    char folder[PATH_BYTES];
    struct journal_head beginning;
    uint8_t *begins; /* the core there; NULL: it is a new one */
    size_t begins_length;
    bool skipped; /* older batches are there, and are not applied */
    struct images *images;
    const struct sim_binding *binding; /* or NULL */
    struct core_options options;
    struct core *end;         /* after the last good batch */
    uint64_t last;            /* that batch */
    struct journal_head head; /* behind it */
    bool (*more)(void *self); /* where it is followed; else NULL */
    void *more_self;
    struct error broken;
    struct error no_image; /* an image that the journal names cannot be had */
    struct interaction_row *rows;
    size_t row_count;
    uint64_t only_ixn, only_conn;                       /* 0: all come into the timeline */
    const struct image *with;                           /* another version; NULL: none */
    uint64_t alone;                                     /* the interaction that runs it; 0: none does */
    struct checkpoint checkpoints[CHECKPOINTS_MAX + 1]; /* by number of the batch */
    size_t checkpoint_count, checkpoint_bytes;
    uint64_t each;       /* events between two */
    bool no_checkpoints; /* one could not be loaded */
};

/* ---- images ---- */

static bool on_loading(void *self, struct image *image, struct error *error)
{
    const struct past *p = self;
    return !p->binding || p->binding->bind(p->binding->self, image, error);
}

static const struct image *past_on_image(void *self, const uint8_t hash[32])
{
    struct past *p = self;
    const struct image *image = images_get(p->images, hash);
    if (image || p->no_image.code != ERROR_NONE) return image;
    if (!images_refused(p->images, &p->no_image))
        error_set(&p->no_image, ERROR_UNKNOWN,
                  "image %02x%02x%02x%02x..., which its strategies run on, is not in the journal, or is damaged",
                  hash[0], hash[1], hash[2], hash[3]);
    return NULL;
}

const struct image *past_image(const struct past *p)
{
    const struct image *last = NULL;
    for (size_t i = 0; images_at(p->images, i); i++) last = images_at(p->images, i);
    return last;
}

const struct image *past_image_named(const struct past *p, const uint8_t *hash)
{
    return images_get(p->images, hash);
}

/* ---- opening ---- */

static bool open_store(struct past *p, const char *path, struct error *error)
{
    char *folder = p->folder;
    struct stat found;
    uint8_t hash[CORE_HASH];
    (void)snprintf(folder, PATH_BYTES, "%s", path);
    if (stat(path, &found) == 0 && !S_ISDIR(found.st_mode)) {
        char *slash = strrchr(folder, '/');
        (void)snprintf(slash ? slash : folder, 2, "%s", slash ? "" : ".");
    }
    p->store = place_follow(folder, error);
    if (!p->store) return false;
    if (batches_last(p->store) == 0) return error_set(error, ERROR_UNKNOWN, "the journal in %.200s is empty", folder);
    struct recovery recovery = {.store = p->store, .state = folder, .core = &p->options};
    struct error why = {0};
    if (journal_identity(&recovery, hash, &why)) return true;
    return error_set(error, why.code, "the journal in %.200s: %s", folder, why.text);
}

static bool on_saved(void *self, const void *bytes, size_t length)
{
    return fwrite(bytes, 1, length, self) == length;
}

/* A core as bytes; malloc'ed. */
static uint8_t *past_saved(struct core *core, size_t *length)
{
    char *bytes = NULL;
    FILE *file = open_memstream(&bytes, length);
    bool good = file && core_save(core, on_saved, file);
    if (!file || fclose(file) != 0 || !good) abort(); /* a stream in memory does not fail otherwise */
    return (uint8_t *)bytes;
}

/* Is it called so, by its ConnID or its number? */
static bool past_is_named(const struct interaction_row *row, const char *name)
{
    char conn[CONN_TEXT], number[IXN_TEXT];
    conn_print(row->conn, conn);
    ixn_print(row->ixn, number);
    return strcasecmp(name, number) == 0 || (row->conn != 0 && strcasecmp(name, conn) == 0);
}

static bool has_come(const struct core *core, const char *name)
{
    struct interaction_row row;
    bool come = false;
    for (uint64_t cursor = 0; name && !come && core_interaction(core, &cursor, &row);) come = past_is_named(&row, name);
    return come;
}

/* The place where a past begins: at the newest snapshot that was cut before that time, and before that interaction had
 * come. */
struct since {
    bool near;        /* else as far back as can be */
    const char *name; /* or NULL */
    int64_t wall_us;  /* 0: at any time */
};

static bool past_is_before(const struct snapshot_head *head, const struct since *since)
{
    return since->wall_us == 0 || (int64_t)head->journal.time_us + head->journal.clock_offset < since->wall_us;
}

/* The core of that snapshot; NULL: there is none that will do. */
static struct core *find_snapshot(struct past *p, const struct since *since)
{
    assert(since->near);
    struct recovery recovery = {.store = p->store, .state = p->folder, .core = &p->options};
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    struct error ignored;
    struct core *core = NULL;
    for (size_t i = 0, count = snapshots_list(p->folder, rows); i < count && !core; i++) {
        if (rows[i].number > batches_last(p->store) || !snapshot_head_read(rows[i].path, &head, NULL)) continue;
        if (!past_is_before(&head, since)) continue;
        core = journal_start(&recovery, rows[i].number, &p->beginning, &ignored);
        if (core && p->beginning.number > 0 && !has_come(core, since->name)) break;
        core_free(core);
        core = NULL;
    }
    free(rows);
    return core;
}

/* The core at which it begins is kept: the file of a snapshot may go. */
static bool find_beginning(struct past *p, const struct since *since, struct error *error)
{
    assert(!p->begins);
    struct recovery recovery = {.store = p->store, .state = p->folder, .core = &p->options};
    struct core *core = since->near ? find_snapshot(p, since) : NULL;
    p->skipped = core && since->wall_us != 0 && p->beginning.number > batches_first(p->store);
    if (!core) core = journal_earliest(&recovery, &p->beginning, error);
    if (core && p->beginning.number > 0) p->begins = past_saved(core, &p->begins_length);
    core_free(core);
    return core != NULL;
}

struct core *past_begin(const struct past *p, const struct core_options *options, struct journal_head *head)
{
    assert(!p->begins == (p->beginning.number == 0)); /* behind a snapshot it begins with its core, else with none */
    struct error ignored;
    *head = p->beginning;
    struct core *core = p->begins ? core_load(options, p->begins, p->begins_length, &ignored) : core_new(options);
    if (!core) abort(); /* it was loaded before */
    return core;
}

struct core *past_begin_first(const struct past *p, const struct core_options *options, struct journal_head *head)
{
    if (!p->skipped || batches_first(p->store) > 1) return past_begin(p, options, head);
    journal_begin(options, head);
    return core_new(options);
}

static int by_arrival(const void *a, const void *b)
{
    const struct interaction_row *one = a, *other = b;
    if (one->arrived_us != other->arrived_us) return one->arrived_us < other->arrived_us ? -1 : 1;
    return one->ixn < other->ixn ? -1 : one->ixn > other->ixn;
}

static void past_collect(struct past *p)
{
    assert(p->end && p->row_count == 0); /* once, when it was opened */
    struct interaction_row row;
    for (uint64_t cursor = 0; core_interaction(p->end, &cursor, &row);) {
        p->rows = memory_more(p->rows, p->row_count, sizeof *p->rows);
        p->rows[p->row_count++] = row;
    }
    if (p->row_count > 0) qsort(p->rows, p->row_count, sizeof *p->rows, by_arrival);
}

/* How far can it be applied? */
static void past_measure(struct past *p)
{
    assert(p->end && p->head.number >= p->last);
    while (p->broken.code == ERROR_NONE && p->head.number < batches_last(p->store)) {
        if (!journal_next(p->store, &p->options, p->end, &p->head, NULL, &p->broken)) break;
        if (p->no_image.code != ERROR_NONE)
            p->broken = p->no_image;
        else
            p->last = p->head.number;
    }
}

bool past_catch_up(struct past *p)
{
    uint64_t before = p->last;
    if (p->broken.code != ERROR_NONE || !batches_look(p->store, &p->broken)) return false;
    past_measure(p);
    return p->last > before;
}

const struct core *past_end(const struct past *p)
{
    return p->end;
}

void past_follow(struct past *p, bool (*more)(void *self), void *self)
{
    assert(more && !p->more);
    p->more = more;
    p->more_self = self;
}

/* Opens the journal of `path`, from `since` on. NULL and why: it cannot be read, or no strategy runs in it. */
static struct past *open_past(const char *path, const struct sim_binding *binding, const struct since *since,
                              struct error *error)
{
    struct past *p = calloc(1, sizeof *p);
    if (!p || sodium_init() < 0) abort();
    p->binding = binding;
    p->each = CHECKPOINT_EVENTS;
    bool good = open_store(p, path, error);
    if (good) {
        p->images = images_new(p->store, on_loading, p);
        p->options.image = past_on_image;
        p->options.self = p;
        good = find_beginning(p, since, error);
    }
    if (good) {
        p->end = past_begin(p, &p->options, &p->head);
        p->last = p->head.number;
        past_measure(p);
        good = past_image(p) != NULL;
        if (!good && p->broken.code != ERROR_NONE)
            *error = p->broken;
        else if (!good)
            error_set(error, ERROR_STATE, "no strategy runs in the journal in %.200s", path);
    }
    if (!good) {
        past_close(p);
        return NULL;
    }
    past_collect(p);
    return p;
}

struct past *past_open(const char *path, const struct sim_binding *binding, struct error *error)
{
    return open_past(path, binding, &(struct since){0}, error);
}

struct past *past_open_near(const char *path, const struct sim_binding *binding, const char *name, struct error *error)
{
    return open_past(path, binding, &(struct since){.near = true, .name = name}, error);
}

struct past *past_open_at(const char *path, int64_t wall_us, const struct sim_binding *binding, struct error *error)
{
    return open_past(path, binding, &(struct since){.near = wall_us != 0, .wall_us = wall_us}, error);
}

static void forget_checkpoint(struct past *p, size_t index)
{
    assert(index < p->checkpoint_count);
    struct checkpoint *one = &p->checkpoints[index];
    assert(p->checkpoint_bytes >= one->length + one->kept_size);
    p->checkpoint_bytes -= one->length + one->kept_size;
    free(one->core);
    free(one->kept);
    p->checkpoint_count--;
    memmove(one, one + 1, (p->checkpoint_count - index) * sizeof *one);
}

static void forget_checkpoints(struct past *p)
{
    while (p->checkpoint_count > 0) forget_checkpoint(p, p->checkpoint_count - 1);
}

void past_close(struct past *p)
{
    if (!p) return;
    forget_checkpoints(p);
    core_free(p->end);
    images_free(p->images);
    batches_close(p->store);
    free(p->begins);
    free(p->rows);
    free(p);
}

uint64_t past_hidden(const struct past *p)
{
    return p->head.hidden;
}

const char *past_broken(const struct past *p)
{
    return p->broken.code == ERROR_NONE ? NULL : p->broken.text;
}

uint64_t past_removed(const struct past *p)
{
    return p->beginning.number;
}

uint64_t past_batches(const struct past *p)
{
    return p->last;
}

const struct interaction_row *past_interactions(const struct past *p, size_t *count)
{
    *count = p->row_count;
    return p->rows;
}

int64_t past_clock(const struct past *p)
{
    return core_wall(p->end) - (int64_t)core_time(p->end);
}

/* ---- another version ---- */

const struct image *past_compare(struct past *p, struct image *image, struct error *error)
{
    assert(!p->with);
    p->with = images_keep(p->images, image, error);
    return p->with;
}

const struct image *past_with(const struct past *p)
{
    return p->with;
}

struct batches *past_store(const struct past *p)
{
    return p->store;
}

bool past_skipped(const struct past *p)
{
    return p->skipped;
}

struct batches *past_store_again(const struct past *p, struct error *error)
{
    return place_follow(p->folder, error);
}

const struct core_options *past_options(const struct past *p)
{
    return &p->options;
}

void past_alone(struct past *p, uint64_t interaction)
{
    assert(interaction == 0 || p->with); /* another version, that this one runs */
    p->alone = interaction;
}

/* ---- playing ---- */

void past_only(struct past *p, const struct interaction_row *row)
{
    assert(row->ixn != 0);
    p->only_ixn = row->ixn;
    p->only_conn = row->conn;
}

struct past_playing {
    const struct past *past;
    struct core *core; /* the twin's, if there is one */
    struct twin *twin;
    const struct sim_onlooker *onlooker;
    const struct past_keeper *keeper;
    uint64_t now_us; /* of the batch that is applied */
};

/* Events that keep the core and its adapters going are no news, nor are the thousands of rows of a directory. */
static bool is_news(unsigned kind)
{
    return kind != KIND_Clock && kind != KIND_Epoch && kind != KIND_Configure && kind != KIND_Resync &&
           kind != KIND_Restore && kind != KIND_Reply && kind != KIND_DirectoryRow;
}

static bool past_concerns(const struct past *p, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    return p->only_ixn == 0 || message_u(message, ENVELOPE_ixn) == p->only_ixn || (conn != 0 && conn == p->only_conn);
}

static void play_say(const struct past_playing *play, const char *component, struct span frame)
{
    struct message message;
    char text[PAST_LINE_BYTES];
    if (!message_read(&message, frame.bytes, frame.length, NULL) || !is_news(message.kind) ||
        !past_concerns(play->past, &message))
        return;
    (void)message_print_masked(&message, core_mask(play->past->end), text, sizeof text);
    if (!component) {
        uint64_t source = message_u(&message, ENVELOPE_source);
        component = source == SOURCE_HOST ? "host" : source == SOURCE_ADMIN ? "admin" : "adapter";
    }
    play->onlooker->line(play->onlooker->self, play->now_us, component, UINT32_MAX, text);
}

static void past_on_batch(void *self, const struct batch *batch)
{
    struct past_playing *play = self;
    play->now_us = batch->time_us;
    for (uint32_t at = 0; at < batch->events.length;) {
        const uint8_t *frame = batch->events.bytes + at;
        uint32_t size = (uint32_t)message_frame_size(frame, batch->events.length - at);
        if (size == 0) return;
        play_say(play, NULL, (struct span){frame, size});
        at += size;
    }
}

static void past_on_effect(void *self, struct span frame)
{
    play_say(self, "core", frame);
}

/* ---- checkpoints ---- */

void past_check_each(struct past *p, uint64_t events)
{
    p->each = events;
}

size_t past_checkpoints(const struct past *p, size_t *bytes)
{
    *bytes = p->checkpoint_bytes;
    return p->checkpoint_count;
}

/* Between any two that follow each other lies about as much as between them and the present: there are many nearby
 * and few far away. So the one goes whose neighbours lie closest, measured so. With 32 checkpoints, a step back near
 * the end costs `each` events, and a jump far back costs a share of the way: the total grows with the logarithm of
 * the journal's length. */
static size_t least_needed(const struct past *p, uint64_t now)
{
    assert(p->checkpoint_count > 0);
    size_t least = 0;
    double least_share = 0;
    for (size_t i = 0; i < p->checkpoint_count; i++) {
        uint64_t at = p->checkpoints[i].head.events;
        uint64_t before = i == 0 ? 0 : p->checkpoints[i - 1].head.events;
        uint64_t after = i + 1 == p->checkpoint_count ? at + p->each : p->checkpoints[i + 1].head.events;
        assert(before <= at && at <= after); /* checkpoints stand in the order of their events */
        uint64_t distance = (now > at ? now - at : at - now) + p->each;
        double share = (double)(after - before) / (double)distance;
        if (i == 0 || share < least_share) least = i, least_share = share;
    }
    return least;
}

/* How many lie at this batch or before it? */
static size_t past_snapshot_before(const struct past *p, uint64_t number)
{
    size_t count = p->checkpoint_count;
    while (count > 0 && p->checkpoints[count - 1].head.number > number) count--;
    return count;
}

/* Saves the core, and what the observer knows, unless the neighbours lie nearer than `each` events. */
static void take_checkpoint(struct past *p, struct core *core, const struct journal_head *head,
                            const struct past_keeper *keeper)
{
    assert(p->checkpoint_count <= CHECKPOINTS_MAX); /* there is room for one more */
    size_t index = past_snapshot_before(p, head->number);
    assert(index <= p->checkpoint_count);
    struct checkpoint one = {.head = *head};
    if (head->events - (index > 0 ? p->checkpoints[index - 1].head.events : 0) < p->each) return;
    if (index < p->checkpoint_count && p->checkpoints[index].head.events - head->events < p->each) return;
    one.core = past_saved(core, &one.length);
    one.kept = keeper->keep(keeper->self, &one.kept_size);
    uint64_t each = one.length / BYTES_PER_EVENT;
    if (p->each < each) p->each = each;
    memmove(&p->checkpoints[index + 1], &p->checkpoints[index], (p->checkpoint_count - index) * sizeof one);
    p->checkpoints[index] = one;
    p->checkpoint_count++;
    p->checkpoint_bytes += one.length + one.kept_size;
    while (p->checkpoint_count > CHECKPOINTS_MAX || p->checkpoint_bytes > CHECKPOINTS_BYTES)
        forget_checkpoint(p, least_needed(p, head->events));
}

/* The core of the last checkpoint at which this play may begin, and its head; NULL: it is to begin at the beginning.
 * A checkpoint whose core cannot be loaded is no fault of the user's: from then on, plays begin at the beginning. */
static struct core *from_checkpoint(struct past *p, const struct past_keeper *keeper, struct journal_head *head)
{
    size_t index = p->checkpoint_count;
    assert(!p->no_checkpoints);
    struct error ignored;
    while (index > 0 && !keeper->fits(keeper->self, p->checkpoints[index - 1].kept)) index--;
    if (index == 0) return NULL;
    const struct checkpoint *one = &p->checkpoints[index - 1];
    struct core *core = core_load(&p->options, one->core, one->length, &ignored);
    if (!core) { /* then it takes longer */
        p->no_checkpoints = true;
        forget_checkpoints(p);
        return NULL;
    }
    *head = one->head;
    keeper->take(keeper->self, one->kept);
    return core;
}

/* ---- a play ---- */

/* Plays the whole journal, or from a checkpoint on, until the onlooker has enough. This function and the next return
 * false with the error if the journal cannot be applied any further. */
static bool play_all(struct past *p, struct past_playing *play, const struct journal_watch *watch, struct error *error)
{
    assert(!play->twin && p->alone == 0);
    const struct sim_onlooker *onlooker = play->onlooker;
    const struct past_keeper *keeper = p->no_checkpoints ? NULL : play->keeper;
    struct journal_head head;
    bool good = true;
    play->core = keeper ? from_checkpoint(p, keeper, &head) : NULL;
    if (!play->core) play->core = past_begin(p, &p->options, &head);
    core_watch(play->core, onlooker->watch);
    onlooker->begins(onlooker->self, play->core);
    while (good && (head.number < p->last || (p->more && p->more(p->more_self))) &&
           onlooker->goes_on(onlooker->self, core_next_timer(play->core))) {
        good = journal_next(p->store, &p->options, play->core, &head, watch, error);
        if (good && keeper && !p->no_checkpoints) take_checkpoint(p, play->core, &head, keeper);
    }
    return good;
}

/* Plays the journal with one interaction on the other version of its strategy; without checkpoints. */
static bool past_play_alone(struct past *p, struct past_playing *play, const struct journal_watch *watch,
                            struct error *error)
{
    assert(p->with && p->alone != 0);
    const struct sim_onlooker *onlooker = play->onlooker;
    bool good = true;
    play->twin = twin_new(p, p->alone);
    play->core = twin_core(play->twin);
    twin_watch(play->twin, onlooker->watch, watch);
    onlooker->begins(onlooker->self, play->core);
    while (good && twin_batches(play->twin) < p->last && onlooker->goes_on(onlooker->self, core_next_timer(play->core)))
        good = twin_next(play->twin, error);
    return good;
}

void past_play(struct past *p, const struct sim_onlooker *onlooker, const struct past_keeper *keeper,
               const struct sim_report *report)
{
    struct past_playing play = {.past = p, .onlooker = onlooker, .keeper = keeper};
    const struct journal_watch watch = {&play, past_on_batch, {past_on_effect, &play}};
    struct error error = {0};
    assert(onlooker->begins && onlooker->line && onlooker->goes_on);
    bool good = p->alone != 0 ? past_play_alone(p, &play, &watch, &error) : play_all(p, &play, &watch, &error);
    if (!good) report->failure(report->self, "journal", 0, error.text);
    report->result(report->self, &(struct sim_result){.name = "journal", .file = "journal", .failures = !good});
    if (play.twin)
        twin_free(play.twin);
    else
        core_free(play.core);
}
