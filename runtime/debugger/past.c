/* runtime/debugger/past.c - Applies the batches of a journal to a core, and opens a journal for plays.
 *
 *     past_open_at  finds the journal and where it can be applied from, applies all of it once (`end`), lists what came
 *     past_play     applies it again for an onlooker, from the beginning or from a checkpoint on, as often as is wanted
 *     past_catch_up of a journal that a gcxvm still writes: applies what has come since
 *     past_close
 *
 * `end` is the core after the last good batch; plays have cores of their own. If another version of the strategies
 * is compared (past_compare), one interaction may be played with it: then a twin applies the journal to two cores. */
#include "runtime/debugger/past_state.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "runtime/core/core.h"
#include "runtime/core/snapshot.h"
#include "runtime/journal/images.h"
#include "runtime/journal/place.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/replay.h"
#include "runtime/journal/snapshots.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    CHECKPOINT_EVENTS = 2000, /* at least so many events are between two checkpoints */
};

/* ---- images ---- */

static bool on_loading(void *self, struct image *image, struct error *error)
{
    const struct past *p = self;
    return !p->binding || p->binding->bind(p->binding->self, image, error);
}

/* Finds an image by its hash for the core. If the image is missing, the reason is kept, and past_measure() stops
 * there. */
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

/* Opens the store; `path` may be the state folder, or a file in it. */
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

/* Returns the saved core as bytes; malloc'ed. */
uint8_t *past_saved(struct core *core, size_t *length)
{
    char *bytes = NULL;
    FILE *file = open_memstream(&bytes, length);
    bool good = file && core_save(core, on_saved, file);
    if (!file || fclose(file) != 0 || !good) abort(); /* a stream in memory fails only if there is no memory */
    return (uint8_t *)bytes;
}

/* Is it the interaction with the given ConnID or number? */
static bool past_is_named(const struct interaction_row *row, const char *name)
{
    char conn[CONN_TEXT], number[IXN_TEXT];
    ident_print_conn(row->conn, conn);
    ident_print_ixn(row->ixn, number);
    return strcasecmp(name, number) == 0 || (row->conn != 0 && strcasecmp(name, conn) == 0);
}

static bool has_come(const struct core *core, const char *name)
{
    struct interaction_row row;
    bool come = false;
    for (uint64_t cursor = 0; name && !come && core_interaction(core, &cursor, &row);) come = past_is_named(&row, name);
    return come;
}

/* Where to begin: at the newest snapshot that was made before that time, and before that interaction came. */
struct since {
    bool near;        /* true: begin at the latest snapshot that is suitable; false: as early as possible */
    const char *name; /* or NULL */
    int64_t wall_us;  /* 0: at any time */
};

static bool past_is_before(const struct snapshot_head *head, const struct since *since)
{
    return since->wall_us == 0 || (int64_t)head->journal.time_us + head->journal.clock_offset < since->wall_us;
}

/* Returns the core of the newest snapshot that `since` permits; NULL: no snapshot is suitable. */
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

/* Finds the core at which the past begins and keeps a copy, since the file of a snapshot may be deleted. */
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
    assert(!p->begins == (p->beginning.number == 0)); /* a snapshot gives a core to begin with, else there is none */
    struct error ignored;
    *head = p->beginning;
    struct core *core = p->begins ? core_load(options, p->begins, p->begins_length, &ignored) : core_new(options);
    if (!core) abort(); /* it was loaded before */
    return core;
}

/* Returns a core before the very first batch if the journal still has it, although this past begins later. */
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
    assert(p->end && p->row_count == 0); /* the interactions are collected only once, when the journal is opened */
    struct interaction_row row;
    for (uint64_t cursor = 0; core_interaction(p->end, &cursor, &row);) {
        p->rows = memory_more(p->rows, p->row_count, sizeof *p->rows);
        p->rows[p->row_count++] = row;
    }
    if (p->row_count > 0) qsort(p->rows, p->row_count, sizeof *p->rows, by_arrival);
}

/* Applies the journal to find out how far it is good. */
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

/* Opens the journal of `path`, from `since` on. NULL, with the reason: the journal cannot be read, or no strategy
 * runs in it. */
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

struct past *past_open_near(const char *path, const struct sim_binding *binding, const char *name, struct error *error)
{
    return open_past(path, binding, &(struct since){.near = true, .name = name}, error);
}

struct past *past_open_at(const char *path, int64_t wall_us, const struct sim_binding *binding, struct error *error)
{
    return open_past(path, binding, &(struct since){.near = wall_us != 0, .wall_us = wall_us}, error);
}

void past_forget_checkpoint(struct past *p, size_t index)
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

void past_forget_checkpoints(struct past *p)
{
    while (p->checkpoint_count > 0) past_forget_checkpoint(p, p->checkpoint_count - 1);
}

void past_close(struct past *p)
{
    if (!p) return;
    past_forget_checkpoints(p);
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

const struct image *past_compare_named(struct past *p, const uint8_t *hash, struct error *error)
{
    assert(!p->with);
    p->with = images_get(p->images, hash);
    if (!p->with && !images_refused(p->images, error))
        error_set(error, ERROR_UNKNOWN, "the journal has no image of this hash");
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
    assert(interaction == 0 || p->with); /* an interaction can only run another version if there is one */
    p->alone = interaction;
}

void past_fork(struct past *p, uint64_t interaction, const struct image *image)
{
    assert(p->forked || !p->with); /* another version is a fork already */
    p->forked = image != NULL;
    p->with = image;
    p->alone = image ? interaction : 0;
}

bool past_forked(const struct past *p)
{
    return p->forked;
}

void past_only(struct past *p, const struct interaction_row *row)
{
    assert(row->ixn != 0);
    p->only_ixn = row->ixn;
    p->only_conn = row->conn;
}
