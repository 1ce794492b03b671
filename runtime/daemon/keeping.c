/* runtime/daemon/keeping.c - Cutting a snapshot beside a running gcxvm, checking a journal, copying it, removing its
 * old batches. */
#include "config.h"
#include "runtime/daemon/keeping.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/core/core.h"
#include "runtime/core/migration.h"
#include "runtime/daemon/links/intake.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/host/real.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/images.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/reach.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/snapshots.h"
#include "runtime/natives/natives.h"
#include "runtime/vocabulary/shown.h"

enum { PORTION_US = 200000, NICE = 10, DAYS_MAX = 1000000 };

struct keeping {
    struct store *store;
    struct images *images;
    struct natives *natives;
    struct core_options options;
    struct recovery recovery;
    struct core *core;
    struct journal_head head;
    uint64_t broken; /* the first batch that is missing or damaged; 0: none is */
};

static void on_told(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "gcxvm: %s\n", text);
}

/* A gcxvm may be writing the journal. */
static bool keeping_open(struct keeping *k, const struct conf *conf, struct error *error)
{
    uint8_t first[CORE_HASH];
    if (sodium_init() < 0) abort();
    *k = (struct keeping){.options = {.partition = (uint16_t)conf->partition}};
    k->store = reach_follow(conf->state, error);
    if (!k->store) return false;
    k->natives = programs_natives(conf);
    k->images = images_new(k->store, natives_prepare, k->natives);
    k->options.image = images_get;
    k->options.self = k->images;
    k->recovery =
        (struct recovery){.store = k->store, .state = conf->state, .told = {on_told, NULL}, .core = &k->options};
    return journal_identity(&k->recovery, first, error);
}

static void core_drop(struct keeping *k)
{
    core_free(k->core);
    k->core = NULL;
}

static void keeping_close(struct keeping *k)
{
    core_drop(k);
    images_free(k->images);
    if (k->natives) natives_free(k->natives);
    store_close(k->store);
}

/* Why an image was refused says more than that the replay fails where it is missed. */
static bool replay_failed(const struct keeping *k, struct error *error)
{
    struct error why;
    if (images_refused(k->images, &why)) *error = why;
    return false;
}

/* A core after that batch, from the newest good snapshot at or before `from`. */
static bool replay(struct keeping *k, uint64_t from, uint64_t until, struct error *error)
{
    core_drop(k);
    k->core = journal_start(&k->recovery, from, &k->head, error);
    while (k->core && k->head.number < until)
        if (!journal_next(k->store, &k->options, k->core, &k->head, NULL, error)) return replay_failed(k, error);
    return k->core || replay_failed(k, error);
}

/* The digest that the core must have is in the batch that follows. */
static bool digest_confirmed(struct keeping *k, struct error *error)
{
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    if (!store_read(k->store, k->head.number + 1, &bytes, error) || !batch_decode(&batch, bytes, hash, error))
        return false;
    if (memcmp(batch.previous, k->head.previous, CORE_HASH) == 0 && batch.digest_before == core_digest(k->core))
        return true;
    error_set(error, ERROR_STATE, "the core after batch %" PRIu64 " is another than the one that wrote the journal",
              k->head.number);
    return false;
}

static uint64_t period_us(uint64_t days)
{
    return days > DAYS_MAX ? SNAPSHOTS_FOR_EVER : days * 86400 * 1000000;
}

static void report_cut(const struct cutting *cutting, bool report, uint64_t took_us)
{
    const struct snapshot_head *head = cutting_head(cutting);
    uint64_t below = cutting_below(cutting);
    if (report)
        shown_print(stdout, "batch %" PRIu64 " events %" PRIu64 " bytes %" PRIu64 " below %" PRIu64 " %s\n",
                    head->journal.number, head->journal.events, cutting_bytes(cutting), below, cutting_rest(cutting));
    else
        printf("a snapshot of batch %" PRIu64 " was cut in %.1f s: %" PRIu64 " bytes\n", head->journal.number,
               (double)took_us / 1e6, cutting_bytes(cutting));
}

static bool cut(struct keeping *k, struct cutting *cutting, uint64_t days, struct error *error)
{
    uint64_t last = store_last(k->store);
    if (last < 2) {
        error_set(error, ERROR_STATE, "the journal has too few batches yet");
        return false;
    }
    if (!replay(k, last - 1, last - 1, error) || !digest_confirmed(k, error) ||
        !cutting_write(cutting, k->core, &k->options, &k->head, error))
        return false;
    core_drop(k); /* its memory is needed by the one that is loaded */
    return cutting_verify(cutting, &k->options, error) && cutting_end(cutting, period_us(days), error);
}

bool keeping_as_owner(const struct conf *conf, struct error *error)
{
    struct stat found;
    if (stat(conf->state, &found) != 0 || found.st_uid == geteuid()) return true;
    error_set(error, ERROR_DENIED, "the state folder belongs to user %u: run this as that user (runuser -u)",
              (unsigned)found.st_uid);
    return false;
}

/* A snapshot must not take the last room from the one who writes the journal. How large it will be, the newest tells.
 */
static bool room_there(const struct conf *conf, struct error *error)
{
    struct snapshot_row *rows = calloc(SNAPSHOTS_MAX, sizeof *rows);
    struct intake_space space;
    if (!rows) abort();
    uint64_t bytes = snapshots_list(conf->state, rows) > 0 ? rows[0].bytes / 4 * 5 : 0;
    free(rows);
    intake_space(conf->state, conf->space_mb, 0, &space);
    uint64_t kept = space.all / 1000 * intake_bound(&conf->space[SPACE_STOP], &space);
    if (space.all == 0 || space.left >= kept + bytes) return true;
    error_set(error, ERROR_STATE,
              "%" PRIu64 " MB are free, and it may need %" PRIu64 " MB: what is left is the journal's (space_stop)",
              space.left >> 20, (bytes >> 20) + 1);
    return false;
}

bool keeping_cut(const struct conf *conf, uint64_t days, bool report)
{
    struct keeping k = {0};
    struct error error = {0};
    struct cutting *cutting = NULL;
    uint64_t began_us = clock_monotonic_us();
    setpriority(PRIO_PROCESS, 0, NICE);
    bool good = keeping_as_owner(conf, &error) && keeping_open(&k, conf, &error) &&
                (cutting = cutting_begin(conf->state, &error)) && room_there(conf, &error) &&
                cut(&k, cutting, days, &error);
    /* What the older ones make superfluous by that period may go all the same. */
    uint64_t below = !good && cutting && k.store ? snapshots_remove_old(conf->state, period_us(days), NULL) : 0;
    if (good)
        report_cut(cutting, report, clock_monotonic_us() - began_us);
    else if (report)
        printf("failed below %" PRIu64 " %s\n", below, error.text);
    else
        shown_print(stderr, "gcxvm: no snapshot: %s\n", error.text);
    cutting_free(cutting);
    keeping_close(&k);
    return good;
}

/* Each batch by itself, and that it follows the one before. `broken`: the first that does not. */
static bool chain_check(struct store *store, uint64_t *broken, struct error *error)
{
    uint8_t before[CORE_HASH], hash[CORE_HASH];
    struct error why = {0};
    for (uint64_t first = store_first(store), number = first; number <= store_last(store); number++) {
        struct span bytes;
        struct batch batch;
        bool good = store_read(store, number, &bytes, &why) && batch_decode(&batch, bytes, hash, &why);
        if (good && (batch.number != number || (number > first && memcmp(batch.previous, before, CORE_HASH) != 0))) {
            error_set(&why, ERROR_INPUT, "it does not follow the one before");
            good = false;
        }
        if (!good) {
            if (why.code == ERROR_UNKNOWN)
                error_set(&why, ERROR_INPUT, "it is missing, and the journal goes on to batch %" PRIu64,
                          store_last(store));
            error_set(error, why.code, "batch %" PRIu64 ": %.180s", number, why.text);
            *broken = number;
            return false;
        }
        memcpy(before, hash, CORE_HASH);
    }
    return true;
}

static bool head_same(const struct journal_head *a, const struct journal_head *b)
{
    return a->number == b->number && a->time_us == b->time_us && a->epoch == b->epoch && a->events == b->events &&
           a->clock_offset == b->clock_offset && a->origin == b->origin && strcmp(a->boot, b->boot) == 0 &&
           memcmp(a->previous, b->previous, CORE_HASH) == 0 && memcmp(a->first, b->first, CORE_HASH) == 0;
}

/* Does what was there before come to the same? Where nothing from before is left, nobody can tell. */
static bool row_follows(struct keeping *k, const struct snapshot_row *row, const struct snapshot_head *head,
                        bool before, struct error *error)
{
    if (head->semantics != SEMANTICS_NUMBER) return true; /* only the gcxvm that made it can tell */
    if (k->broken > 0 || (!before && store_first(k->store) > 1)) return true;
    if (!replay(k, row->number - 1, row->number, error)) return false;
    if (k->head.hidden > 0) return true; /* without the erased secrets it comes to something else */
    if (head_same(&k->head, &head->journal) && core_digest(k->core) == head->digest) return true;
    error_set(error, ERROR_STATE, "it is not what the batches before it come to");
    return false;
}

/* Is the batch one of an earlier number? Only the gcxvm that made it replays it; this one has taken over after it. */
static bool of_earlier(struct store *store, uint64_t number)
{
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    return number <= store_last(store) && store_read(store, number, &bytes, NULL) &&
           batch_decode(&batch, bytes, hash, NULL) && batch.semantics != SEMANTICS_NUMBER &&
           core_takes_over(batch.semantics);
}

/* It is whole, it is what the batches before it come to, and from it the batches after it follow. */
static bool row_verify(struct keeping *k, const struct snapshot_row *row, bool before, struct error *error)
{
    struct snapshot_head head;
    uint64_t until = of_earlier(k->store, row->number + 1) ? row->number : store_last(k->store);
    return snapshot_check(row->path, &head, error) && row_follows(k, row, &head, before, error) &&
           replay(k, row->number, until, error) &&
           (k->recovery.snapshot == row->number || (error_set(error, ERROR_STATE, "it cannot be started from"), false));
}

static bool row_tell(struct keeping *k, const struct snapshot_row *row, bool before, struct error *why)
{
    struct error error = {0};
    bool good = row_verify(k, row, before, &error);
    if (good && of_earlier(k->store, row->number + 1))
        printf("snapshot of batch %" PRIu64 ": good, %" PRIu64 " bytes; the batches after it are of an earlier "
               "semantics number\n",
               row->number, row->bytes);
    else if (good)
        printf("snapshot of batch %" PRIu64 ": good, %" PRIu64 " bytes, and the %" PRIu64 " batches after it follow\n",
               row->number, row->bytes, store_last(k->store) - row->number);
    else
        shown_print(stdout, "snapshot of batch %" PRIu64 ": %s\n", row->number, error.text);
    if (!good) error_set(why, error.code, "snapshot of batch %" PRIu64 ": %.180s", row->number, error.text);
    return good;
}

/* Without any snapshot, where the journal has its beginning. */
static bool beginning_tell(struct keeping *k, struct error *why)
{
    if (of_earlier(k->store, 1)) {
        printf("from the beginning: not replayed, an earlier semantics number made those batches\n");
        return true;
    }
    k->recovery.state = NULL;
    bool good = replay(k, UINT64_MAX, store_last(k->store), why);
    shown_print(stdout, "from the beginning: %s\n", good ? "good" : why->text);
    return good;
}

/* A batch is missing or damaged: what can be done. */
static void advise(bool starts)
{
    printf("%s; put journal and snapshots of a backup in their place: BACKUP in gcxvm(8)\n",
           starts ? "gcxvm starts from a snapshot after that batch, but what was before cannot be replayed any more"
                  : "gcxvm cannot start, as no good snapshot was cut after that batch");
}

bool keeping_verify(const struct conf *conf)
{
    struct keeping k = {0};
    struct error why = {0};
    struct snapshot_row *rows = calloc(SNAPSHOTS_MAX, sizeof *rows);
    if (!rows) abort();
    size_t count = snapshots_list(conf->state, rows), starts = 0;
    bool open = keeping_open(&k, conf, &why), good = open && chain_check(k.store, &k.broken, &why), all = good;
    if (good)
        printf("journal: batches %" PRIu64 " to %" PRIu64 " are whole and unaltered\n", store_first(k.store),
               store_last(k.store));
    else
        shown_print(stdout, "journal: %s\n", why.text);
    for (size_t i = 0; open && i < count; i++) {
        if (rows[i].number <= k.broken) continue;
        bool one = row_tell(&k, &rows[i], i + 1 < count, all ? &why : &(struct error){0});
        starts += one;
        all = all && one;
    }
    if (good && store_first(k.store) == 1) {
        all = beginning_tell(&k, all ? &why : &(struct error){0}) && all;
    } else if (good && count == 0) {
        error_set(&why, ERROR_STATE,
                  "no snapshot is there, and the journal does not begin at batch 1: gcxvm cannot start");
        all = false;
    }
    if (k.broken > 0) advise(starts > 0);
    if (!all) shown_print(stdout, "NOT GOOD: %s\n", why.text);
    free(rows);
    keeping_close(&k);
    return all;
}

bool keeping_verify_folder(const char *state)
{
    char *copy = strdup(state);
    if (!copy) abort();
    bool good = keeping_verify(&(struct conf){.state = copy});
    free(copy);
    return good;
}

/* ---- a copy ---- */

static bool failed(const char *path, struct error *error)
{
    error_set(error, ERROR_SYSTEM, "%.200s: %s", path, strerror(errno));
    return false;
}

static bool file_copy(const char *from, const char *to, struct error *error)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t moved = in < 0 || out < 0 ? -1 : 1;
    while (moved > 0) moved = sendfile(out, in, NULL, 1 << 20);
    bool good = moved == 0 && fsync(out) == 0;
    if (!good) failed(in < 0 ? from : to, error);
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    return good;
}

/* Before the journal, which then has the batch of each. One that is removed meanwhile is not needed any more. */
static bool snapshots_copy(const char *state, const char *folder, size_t *copied, struct error *error)
{
    struct snapshot_row *rows = calloc(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    char path[SNAPSHOT_PATH];
    if (!rows) abort();
    size_t count = snapshots_list(state, rows);
    snprintf(path, sizeof path, "%.3000s/snapshots", folder);
    bool good = mkdir(path, 0700) == 0 || failed(path, error);
    for (size_t i = 0; good && i < count; i++) {
        snprintf(path, sizeof path, "%.3000s/snapshots%s", folder, strrchr(rows[i].path, '/'));
        if (access(rows[i].path, F_OK) != 0) continue;
        good = file_copy(rows[i].path, path, error) && snapshot_check(path, &head, error);
        *copied += good;
    }
    free(rows);
    return good;
}

static bool export_to(const char *state, const char *folder, struct error *error)
{
    size_t snapshots = 0;
    uint64_t broken = 0;
    if (sodium_init() < 0) abort();
    struct store *store = reach_follow(state, error);
    bool good = store && (mkdir(folder, 0700) == 0 || failed(folder, error)) && keys_copy(state, folder, error) &&
                snapshots_copy(state, folder, &snapshots, error) && store_copy(store, folder, error) &&
                keys_copy(state, folder, error);
    struct store *copy = good ? store_follow_sqlite(folder, error) : NULL;
    good = copy && chain_check(copy, &broken, error);
    if (good)
        shown_print(stdout, "batches %" PRIu64 " to %" PRIu64 " and %zu snapshots are copied to %s, and are whole\n",
                    store_first(copy), store_last(copy), snapshots, folder);
    store_close(copy);
    store_close(store);
    return good;
}

bool keeping_export(const struct conf *conf, const char *folder)
{
    struct error error = {0};
    setpriority(PRIO_PROCESS, 0, NICE);
    umask(077);
    if (export_to(conf->state, folder, &error)) return true;
    shown_print(stdout, "no copy: %s\n", error.text);
    return false;
}

bool keeping_prune(const struct conf *conf, uint64_t days)
{
    struct error error = {0};
    if (sodium_init() < 0) abort();
    struct store *store = keeping_as_owner(conf, &error) ? store_open_sqlite(conf->state, NULL, &error) : NULL;
    char rest[SNAPSHOTS_WHY];
    uint64_t first = store ? store_first(store) : 0,
             below = store ? snapshots_below(conf->state, period_us(days), rest) : 0;
    bool good = store != NULL;
    while (good && store_first(store) < below) good = store_prune(store, below, PORTION_US, &error);
    if (good) good = store_shrink(store, &error);
    if (good)
        shown_print(stdout,
                    "%" PRIu64 " batches were removed; the journal begins at batch %" PRIu64 "; the rest stays: %s\n",
                    store_first(store) - first, store_first(store), rest);
    else
        shown_print(stderr, "gcxvm: %s\n", error.text);
    store_close(store);
    return good;
}

bool keeping_rotate(const struct conf *conf, const char *key_file)
{
    struct error error = {0};
    bool good = keeping_as_owner(conf, &error) && keys_rotate(conf->state, conf->key_file, key_file, &error);
    if (good)
        printf("the keys in %s are wrapped under the key in %s; name it in `key_file`\n", conf->state, key_file);
    else
        shown_print(stderr, "gcxvm: %s\n", error.text);
    return good;
}
