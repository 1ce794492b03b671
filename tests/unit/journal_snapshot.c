/* tests/unit/journal_snapshot.c - Snapshots as files, the folder of them, and a start from one, around a core that only
 * sums up the times of its batches. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/snapshot.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/readers.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/snapshots.h"
#include "runtime/vocabulary/bytes.h"
#include "tests/unit/disk_faults.h"
#include "tests/unit/disk_power.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/semantics.h"

struct image;
struct image *image_load(const void *bytes, size_t length, struct error *error);
void image_free(struct image *image);
const uint8_t *image_hash(const struct image *image);

struct core {
    uint64_t sum;
};

static uint32_t made_by = SEMANTICS_NUMBER; /* of the batches that are played */
static uint64_t forgets;                    /* a core that loads less than was saved */

struct core *core_new(const struct core_options *options)
{
    struct core *core = calloc(1, sizeof *core);
    core->sum = options->seed;
    return core;
}
void core_free(struct core *core)
{
    free(core);
}
void core_apply(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    (void)sink;
    core->sum = core->sum * 31 + batch->time_us;
}
uint64_t core_last_seq(const struct core *core, unsigned source)
{
    (void)core, (void)source;
    return 0;
}
bool core_quarantines(const struct core *core, const struct core_mark *mark)
{
    (void)core, (void)mark;
    return false;
}
uint64_t core_digest(const struct core *core)
{
    return core->sum;
}
uint64_t core_next_timer(const struct core *core)
{
    (void)core;
    return UINT64_MAX;
}

bool core_takes_over(uint32_t semantics)
{
    return semantics == SEMANTICS_NUMBER || semantics == SEMANTICS_NUMBER - 1; /* as if there were a step */
}
bool core_save(struct core *core, keep_write *write, void *self)
{
    uint8_t bytes[8];
    bytes_put_eight(bytes, core->sum);
    return write(self, bytes, sizeof bytes);
}
struct core *core_load_from(const struct core_options *options, keep_read *read, void *self, uint64_t length,
                            bool verified, struct error *error)
{
    size_t got;
    (void)verified;
    const uint8_t *bytes = read(self, &got);
    if (!bytes || length != 8) {
        error_set(error, ERROR_INPUT, "cut short");
        return NULL;
    }
    struct core *core = core_new(options);
    core->sum = bytes_get_eight(bytes) - forgets;
    return core;
}
struct image *image_load(const void *bytes, size_t length, struct error *error)
{
    (void)bytes, (void)length, (void)error;
    return NULL;
}
void image_free(struct image *image)
{
    (void)image;
}
const uint8_t *image_hash(const struct image *image)
{
    return (const uint8_t *)image;
}

/* A state folder with a journal, and the core at its end. */
struct bench {
    char state[64];
    struct batches *store;
    struct core_options options;
    struct core *core;
    struct journal_head head;
    char told[1024];
    uint64_t period_us;
    struct crashes *crashes; /* NULL: nobody counts */
};

static void bench_open(struct bench *bench, uint64_t seed)
{
    *bench = (struct bench){.state = "/tmp/snapshot.XXXXXX",
                            .store = batches_open_memory(),
                            .options = {.partition = 1, .seed = seed, .interactions_max = 10}};
    cr_assert(mkdtemp(bench->state));
    bench->core = core_new(&bench->options);
    journal_begin(&bench->options, &bench->head);
}

static void folder_remove(const char *path)
{
    char name[512];
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.') unlink(name);
    }
    if (folder) closedir(folder);
    rmdir(path);
}

static void bench_close(struct bench *bench)
{
    char path[128];
    snprintf(path, sizeof path, "%s/snapshots", bench->state);
    folder_remove(path);
    folder_remove(bench->state);
    core_free(bench->core);
    batches_close(bench->store);
}

/* Batches up to that number. */
static void play(struct bench *bench, uint64_t until)
{
    static uint8_t bytes[BATCH_ENCODED_MAX];
    while (bench->head.number < until) {
        struct batch batch = {.partition = 1,
                              .epoch = 1,
                              .number = bench->head.number + 1,
                              .semantics = made_by,
                              .time_us = bench->head.time_us + 1000,
                              .digest_before = core_digest(bench->core)};
        memcpy(batch.previous, bench->head.previous, CORE_HASH);
        batch_encode(&batch, bytes, bench->head.previous);
        cr_assert_eq(
            batches_append(bench->store, batch.number, (struct span){bytes, (uint32_t)batch_size(&batch)}, NULL),
            APPEND_OK);
        core_apply(bench->core, &batch, NULL);
        bench->head.number = batch.number;
        bench->head.time_us = batch.time_us;
        bench->head.epoch = 1;
        if (batch.number == 1) memcpy(bench->head.first, bench->head.previous, CORE_HASH);
    }
}

static void cut(struct bench *bench)
{
    struct error error = {0};
    cr_assert(snapshots_cut(bench->state, bench->core, &bench->options, &bench->head, bench->period_us, &error), "%s",
              error.text);
}

static void on_told(void *self, const char *text)
{
    struct bench *bench = self;
    size_t length = strlen(bench->told);
    snprintf(bench->told + length, sizeof bench->told - length, "%s\n", text);
}

/* The batch of the snapshot that it began from. False: it could not. */
static bool recovers(struct bench *bench, uint64_t *from, struct error *error)
{
    struct core_options options = {.partition = 1, .seed = 999};
    struct recovery recovery = {.store = bench->store,
                                .state = bench->state,
                                .told = {.note = on_told, .self = bench},
                                .crashes = bench->crashes,
                                .core = &options};
    struct journal_head head;
    bench->told[0] = '\0';
    *error = (struct error){0};
    struct core *core = journal_recover(&recovery, &head, error);
    *from = recovery.snapshot;
    if (!core) return false;
    cr_assert_eq(core_digest(core), core_digest(bench->core));
    cr_assert_eq(options.seed, bench->options.seed);
    cr_assert_eq(head.number, bench->head.number);
    cr_assert_arr_eq(head.previous, bench->head.previous, CORE_HASH);
    cr_assert_arr_eq(head.first, bench->head.first, CORE_HASH);
    core_free(core);
    return true;
}

static size_t rows_of(const struct bench *bench, struct snapshot_row rows[SNAPSHOTS_MAX])
{
    return snapshots_list(bench->state, rows);
}

static void damage(const char *path, off_t at)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    cr_assert_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static struct snapshot_row rows[SNAPSHOTS_MAX];

Test(snapshot, the_start_is_from_the_newest_and_what_lies_below_the_older_may_go, .timeout = 20)
{
    struct bench bench;
    struct error error;
    uint64_t from;
    bench_open(&bench, 7);
    play(&bench, 5);
    cr_assert(recovers(&bench, &from, &error) && from == 0);
    cut(&bench);
    play(&bench, 10);
    cut(&bench);
    play(&bench, 20);
    cut(&bench);
    play(&bench, 23);
    cr_assert_eq(rows_of(&bench, rows), 2, "the two newest are kept");
    cr_assert(rows[0].number == 20 && rows[1].number == 10);
    cr_assert(recovers(&bench, &from, &error) && from == 20);
    cr_assert_str_eq(bench.told, "");
    cr_assert(batches_prune(bench.store, 10, 0, &error));
    cr_assert_eq(batches_first(bench.store), 10);
    cr_assert(recovers(&bench, &from, &error) && from == 20);
    cr_assert_not(batches_read(bench.store, 9, &(struct span){0}, &error));
    cr_assert_str_eq(error.text, "the journal begins at batch 10; those before were pruned");
    bench_close(&bench);
}

Test(snapshot, some_stay_so_that_the_journal_can_be_replayed_from_where_it_begins, .timeout = 20)
{
    struct bench bench;
    struct error error;
    uint64_t from;
    bench_open(&bench, 7);
    bench.period_us = 8000; /* a batch is 1000 later than the one before */
    for (uint64_t number = 1; number <= 9; number++) {
        play(&bench, number);
        cut(&bench);
    }
    cr_assert_eq(rows_of(&bench, rows), 6, "1, 3, 5 and 7 are a quarter apart; and the two newest");
    cr_assert(rows[0].number == 9 && rows[1].number == 8 && rows[2].number == 7 && rows[5].number == 1);
    cr_assert_eq(snapshots_remove_old(bench.state, bench.period_us, NULL), 1);
    play(&bench, 12);
    cut(&bench);
    cr_assert_eq(snapshots_remove_old(bench.state, bench.period_us, NULL), 3);
    rows_of(&bench, rows);
    cr_assert(rows[0].number == 12 && rows[1].number == 9 && rows[2].number == 7 && rows[4].number == 3);
    cr_assert_eq(rows_of(&bench, rows), 5);
    cr_assert(batches_prune(bench.store, 3, 0, &error));
    struct core_options options = {0};
    struct recovery recovery = {.store = bench.store, .state = bench.state, .core = &options};
    struct journal_head head;
    struct core *core = journal_earliest(&recovery, &head, &error);
    cr_assert(core && head.number == 3 && options.partition == 1 && options.seed == 7, "%s", error.text);
    while (head.number < 12)
        cr_assert(journal_next(bench.store, &options, core, &head, NULL, &error), "%s", error.text);
    cr_assert_eq(core_digest(core), core_digest(bench.core));
    core_free(core);
    bench.period_us = SNAPSHOTS_FOR_EVER;
    cut(&bench);
    cr_assert(rows_of(&bench, rows) == 2 && recovers(&bench, &from, &error) && from == 12);
    bench_close(&bench);
}

Test(snapshot, a_reader_holds_batches_back_until_it_loses_its_place, .timeout = 20)
{
    struct bench bench;
    struct readers_row readers[READERS_MAX];
    struct error error = {0};
    bench_open(&bench, 7);
    bench.period_us = 0; /* whatever is superfluous may go */
    for (uint64_t number = 10; number <= 30; number += 10) {
        play(&bench, number);
        cr_assert(number > 10 || readers_begin(bench.state, "one", 5, &error), "%s", error.text);
        cut(&bench);
    }
    cr_assert_eq(rows_of(&bench, rows), 3, "it can replay from 10, when it has said so much");
    char rest[SNAPSHOTS_WHY];
    snapshots_remove_old(bench.state, 0, rest);
    cr_assert(strstr(rest, "the reader one stands at batch 5"), "%s", rest);
    cr_assert_eq(snapshots_remove_old(bench.state, 0, NULL), 0, "batch 6 is needed, and no snapshot is before it");
    cr_assert(readers_say(bench.state, "one", 19, &error), "%s", error.text);
    cr_assert(readers_begin(bench.state, "other", 100, &error));
    cr_assert_eq(snapshots_remove_old(bench.state, 0, NULL), 10);
    cr_assert(readers_say(bench.state, "one", 20, &error));
    cr_assert_eq(snapshots_remove_old(bench.state, 0, NULL), 20);
    cr_assert_eq(rows_of(&bench, rows), 2);
    play(&bench, 40);
    cut(&bench);
    cr_assert_eq(snapshots_remove_old(bench.state, 0, NULL), 20);
    cr_assert_eq(readers_end_silent(bench.state, 0, 1, readers), 0);
    cr_assert_eq(readers_end_silent(bench.state, (uint64_t)(time(NULL) + 100) * 1000000, 50000000, readers), 2);
    cr_assert_eq(snapshots_remove_old(bench.state, 0, NULL), 30);
    cr_assert_not(readers_say(bench.state, "one", 40, &error));
    cr_assert_eq(error.code, ERROR_STATE);
    char path[160];
    struct stat found;
    if (geteuid() == 0) { /* what root makes, gcxvm has to read */
        cr_assert_eq(chown(bench.state, 64010, 64010), 0);
        cr_assert(readers_begin(bench.state, "gcxdb-1", 7, &error), "%s", error.text);
        snprintf(path, sizeof path, "%s/readers/gcxdb-1", bench.state);
        cr_assert(stat(path, &found) == 0 && found.st_uid == 64010);
        cr_assert_eq(chown(bench.state, 0, 0), 0);
        readers_end(bench.state, "gcxdb-1");
    }
    snprintf(path, sizeof path, "%s/readers/pipe", bench.state);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(readers_list(bench.state, 0, readers), 0, "a pipe is no reader, and is not waited for");
    for (unsigned i = 0; i <= READERS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "many-%u", i);
        cr_assert_eq(readers_begin(bench.state, name, 5, &error), i < READERS_MAX, "%u", i);
    }
    cr_assert_eq(error.code, ERROR_LIMIT, "one more than the others hold batches is told");
    snprintf(path, sizeof path, "%s/readers", bench.state);
    folder_remove(path);
    cr_assert_eq(readers_least(bench.state, readers), UINT64_MAX);
    cr_assert_eq(mknod(path, S_IFREG | 0600, 0), 0);
    cr_expect_eq(readers_least(bench.state, readers), 0, "whom nobody can list holds all");
    unlink(path);
    bench_close(&bench);
}

Test(snapshot, one_that_is_damaged_is_passed_over_for_the_one_before, .timeout = 20)
{
    struct bench bench;
    struct error error;
    uint64_t from;
    bench_open(&bench, 7);
    play(&bench, 5);
    cut(&bench);
    play(&bench, 10);
    cut(&bench);
    play(&bench, 12);
    cr_assert(batches_prune(bench.store, 5, 0, &error));
    rows_of(&bench, rows);
    damage(rows[0].path, 50);
    cr_assert(recovers(&bench, &from, &error) && from == 5, "%s", error.text);
    cr_assert(strstr(bench.told, "00010 is passed over: its head was altered"), "%s", bench.told);
    damage(rows[1].path, (off_t)rows[1].bytes - 1);
    cr_assert_not(recovers(&bench, &from, &error));
    cr_assert(strstr(error.text, "the journal begins at batch 5, and no snapshot at or before batch 12 is good"), "%s",
              error.text);
    bench_close(&bench);
}

Test(snapshot, one_whose_loading_has_crashed_twice_is_put_away, .timeout = 20)
{
    struct bench bench;
    struct error error;
    uint64_t from;
    bench_open(&bench, 7);
    for (uint64_t number = 5; number <= 10; number += 5) {
        play(&bench, number);
        cut(&bench);
    }
    for (int crash = 0; crash < 2; crash++) {
        bench.crashes = crashes_open(bench.state, 0, NULL, &error);
        cr_assert(bench.crashes, "%s", error.text);
        cr_assert(recovers(&bench, &from, &error) && from == 10, "%s", error.text);
        crashes_phase(bench.crashes, CRASH_LOADING, 10); /* here the process ends */
        crashes_free(bench.crashes, false);
    }
    bench.crashes = crashes_open(bench.state, 0, NULL, &error);
    cr_assert(recovers(&bench, &from, &error) && from == 5, "%s", error.text);
    cr_assert(strstr(bench.told, "it has `.crashed` behind its name now"), "%s", bench.told);
    cr_assert_eq(rows_of(&bench, rows), 1);
    char path[128];
    snprintf(path, sizeof path, "%s/snapshots/%020d.crashed", bench.state, 10);
    cr_assert_eq(access(path, F_OK), 0);
    crashes_free(bench.crashes, true);
    bench_close(&bench);
}

Test(snapshot, a_second_one_that_is_cut_counts_only_when_it_is_the_same_core, .timeout = 20)
{
    struct bench bench;
    struct error error = {0};
    uint64_t from;
    bench_open(&bench, 7);
    play(&bench, 5);
    cut(&bench);
    play(&bench, 10);
    forgets = 1;
    cr_assert_not(snapshots_cut(bench.state, bench.core, &bench.options, &bench.head, 0, &error));
    cr_assert(strstr(error.text, "the core that it makes has the digest"), "%s", error.text);
    forgets = 0;
    cr_assert(rows_of(&bench, rows) == 1 && rows[0].number == 5);
    cr_assert(recovers(&bench, &from, &error) && from == 5);
    /* Killed while it was written: what is left is in nobody's way. */
    char left[128];
    snprintf(left, sizeof left, "%s/snapshots/new", bench.state);
    close(open(left, O_CREAT | O_WRONLY, 0600));
    cr_assert(recovers(&bench, &from, &error) && from == 5);
    struct cutting *cutting = snapshot_cut_begin(bench.state, &error);
    cr_assert(cutting);
    cr_assert_null(snapshot_cut_begin(bench.state, &error), "one at a time");
    cr_assert(strstr(error.text, "another snapshot is being cut"));
    snapshot_cut_free(cutting);
    cut(&bench);
    cr_assert(recovers(&bench, &from, &error) && from == 10);
    bench_close(&bench);
}

/* In a process of its own, whose calls fail from that one on. False: it has come to its end before. */
static bool cut_fails(struct bench *bench, unsigned at, int error)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        disk_faults = (struct disk_faults){.at = at, .error = error};
        bool good = snapshots_cut(bench->state, bench->core, &bench->options, &bench->head, bench->period_us, NULL);
        _exit(disk_faults.calls >= at ? 1 : good ? 0 : 2);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) != 2, "call %u, errno %d", at, error);
    return WEXITSTATUS(status) != 0;
}

Test(snapshot, whatever_write_fails_or_is_the_last_the_state_is_the_one_before_or_after, .timeout = 60)
{
    for (size_t mode = 0; mode < DISK_MODES; mode++) {
        bool failed = true;
        for (unsigned at = 1; failed; at++) {
            struct bench bench;
            struct error error;
            uint64_t from;
            bench_open(&bench, 7);
            for (uint64_t number = 5; number <= 10; number += 5) {
                play(&bench, number);
                cut(&bench);
            }
            play(&bench, 15);
            failed = cut_fails(&bench, at, disk_modes[mode]);
            cr_assert(at > 5 || failed, "a cut takes some calls");
            cr_assert(recovers(&bench, &from, &error), "call %u: %s", at, error.text);
            cr_assert(from == 15 || (failed && from == 10), "call %u: from %" PRIu64, at, from);
            cr_assert_str_eq(bench.told, "", "call %u: what has a name is whole", at);
            cut(&bench);
            cr_assert(recovers(&bench, &from, &error) && from == 15, "nothing is left in the way");
            cr_assert_eq(rows_of(&bench, rows), 2);
            bench_close(&bench);
        }
    }
}

/* Encrypted, the first of its folder or one more: once it was said to be cut, batches before it may go. */
Test(snapshot, that_was_cut_is_there_after_a_loss_of_power, .timeout = 60)
{
    for (int turn = 0; turn < 2 * DISK_LOSSES; turn++) {
        bool failed = true, first = turn >= DISK_LOSSES;
        for (unsigned at = 1; failed; at++) {
            struct bench bench;
            struct error error;
            uint64_t from, last, owner = 9;
            uint32_t kept;
            uint8_t key[KEY_BYTES];
            struct key_name name;
            bool made;
            bench_open(&bench, 7);
            cr_assert(keys_make(bench.state, "", NULL, &made, &error), "%s", error.text);
            play(&bench, 5);
            if (!first) cut(&bench);
            play(&bench, 10);
            struct keys *keys = keys_open(bench.state, true, &error);
            cr_assert(keys && keys_for(keys, 1, 10, &name, key, &error), "%s", error.text);
            disk_power_on(bench.state);
            cr_assert(keys_for(keys, owner, 10, &name, key, &error), "%s", error.text);
            keys_close(keys);
            failed = cut_fails(&bench, at, 0);
            disk_power_off((enum disk_loss)(turn % DISK_LOSSES));
            /* No replay notes again who has used a key before the snapshot. */
            keys = keys_open(bench.state, true, &error);
            cr_assert(failed || keys_erase(keys, &owner, 1, UINT64_MAX, &kept, &last, &error) == 1, "%s", error.text);
            keys_close(keys);
            cr_assert(recovers(&bench, &from, &error), "call %u: %s", at, error.text);
            cr_assert(from == 10 || (failed && from == (first ? 0 : 5)), "call %u: from %" PRIu64, at, from);
            cr_assert_str_eq(bench.told, "", "call %u: what has a name is whole", at);
            cut(&bench);
            cr_assert(recovers(&bench, &from, &error) && from == 10, "nothing is left in the way");
            bench_close(&bench);
        }
    }
}

Test(snapshot, of_another_journal_or_partition_or_past_the_end_it_is_none, .timeout = 20)
{
    struct bench bench, other;
    struct error error;
    uint64_t from;
    char path[SNAPSHOT_PATH];
    bench_open(&bench, 7);
    bench_open(&other, 8);
    play(&bench, 5);
    play(&other, 5);
    cut(&bench);
    cut(&other);
    play(&bench, 6);
    rows_of(&other, rows);
    snprintf(path, sizeof path, "%s", rows[0].path);
    rows_of(&bench, rows);
    cr_assert_eq(rename(path, rows[0].path), 0);
    cr_assert(recovers(&bench, &from, &error) && from == 0);
    cr_assert(strstr(bench.told, "batch 5 of the journal is not the one after which it was cut"), "%s", bench.told);
    cut(&bench);
    struct batches *whole = bench.store;
    bench.store = batches_open_memory();
    cr_assert_not(recovers(&bench, &from, &error));
    cr_assert(strstr(error.text, "the journal ends at batch 0, but a snapshot was cut after batch 6: its end was lost"),
              "%s", error.text);
    snprintf(path, sizeof path, "%s/snapshots/%020d", bench.state, 7);
    close(open(path, O_CREAT | O_WRONLY, 0600)); /* a newer one that is none hides nothing */
    cr_assert_not(recovers(&bench, &from, &error));
    cr_assert_eq(unlink(path), 0);
    batches_close(bench.store);
    bench.store = whole;
    struct core_options options = {.partition = 2};
    struct snapshot_head head;
    rows_of(&bench, rows);
    cr_assert_null(snapshot_load(rows[0].path, &options, &head, &error));
    cr_assert(strstr(error.text, "it is of partition 1, and this is 2"), "%s", error.text);
    bench_close(&bench);
    bench_close(&other);
}

/* As the gcxvm of the number before has cut it when it ended. */
static void cut_before(struct bench *bench)
{
    struct snapshot_head head = {.journal = bench->head,
                                 .partition = 1,
                                 .semantics = SEMANTICS_NUMBER - 1,
                                 .seed = bench->options.seed,
                                 .interactions_max = 10,
                                 .digest = 1}; /* it counted otherwise */
    struct error error = {0};
    uint8_t content[8];
    char path[512];
    bytes_put_eight(content, bench->core->sum);
    snprintf(path, sizeof path, "%s/snapshots", bench->state);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/snapshots/%020" PRIu64, bench->state, bench->head.number);
    struct snapshot_writer *writer = snapshot_writer_new(path, &error);
    cr_assert(writer && snapshot_put(writer, content, sizeof content) && snapshot_writer_end(writer, &head, &error),
              "%s", error.text);
    snapshot_writer_free(writer);
}

Test(snapshot, the_last_one_of_the_number_before_is_the_bridge_to_this_one, .timeout = 20)
{
    struct bench bench;
    struct error error;
    uint64_t from;
    bench_open(&bench, 7);
    made_by = SEMANTICS_NUMBER - 1;
    play(&bench, 4);
    cut_before(&bench);
    cr_assert(recovers(&bench, &from, &error), "%s", error.text);
    cr_assert_eq(from, 4);
    made_by = SEMANTICS_NUMBER;
    play(&bench, 9);
    cr_assert(recovers(&bench, &from, &error), "%s", error.text);
    cr_assert_eq(from, 4);
    /* Readers of the journal begin there, too. */
    struct core_options options = {.partition = 1};
    struct recovery recovery = {.store = bench.store, .state = bench.state, .core = &options};
    struct journal_head head;
    struct core *core = journal_earliest(&recovery, &head, &error);
    cr_assert(core && head.number == 4, "%s", error.text);
    core_free(core);
    /* It stays beside the first one of this number, in case that is damaged. */
    cut(&bench);
    cr_assert_eq(rows_of(&bench, rows), 2);
    damage(rows[0].path, 60);
    cr_assert(recovers(&bench, &from, &error), "%s", error.text);
    cr_assert_eq(from, 4);
    bench_close(&bench);
}

Test(snapshot, batches_of_the_number_before_that_no_snapshot_has_are_refused_with_the_cure, .timeout = 20)
{
    struct bench bench;
    struct error error;
    uint64_t from;
    bench_open(&bench, 7);
    made_by = SEMANTICS_NUMBER - 1;
    play(&bench, 4);
    cut_before(&bench);
    play(&bench, 6);
    cr_assert_not(recovers(&bench, &from, &error));
    cr_assert_eq(error.code, ERROR_UNAVAILABLE);
    cr_assert(strstr(error.text, "batch 5: made by semantics number"), "%s", error.text);
    cr_assert(strstr(error.text, "start the gcxvm that made it and stop it in order, which cuts one"), "%s",
              error.text);
    bench_close(&bench);
}

/* A file of several pages. */
enum { CONTENT = 2500000 };

static uint64_t file_make(const char *path)
{
    struct error error = {0};
    struct snapshot_head head = {.journal = {.number = 77, .boot = "a-boot"}, .partition = 3};
    struct stat found;
    static uint8_t bytes[CONTENT];
    for (size_t i = 0; i < CONTENT; i++) bytes[i] = (uint8_t)(i * 7 + i / 256);
    struct snapshot_writer *writer = snapshot_writer_new(path, &error);
    cr_assert(writer, "%s", error.text);
    for (size_t at = 0, part = 1; at < CONTENT; at += part, part = part * 3 + 1) {
        if (part > CONTENT - at) part = CONTENT - at;
        cr_assert(snapshot_put(writer, bytes + at, part));
    }
    cr_assert(snapshot_writer_end(writer, &head, &error), "%s", error.text);
    snapshot_writer_free(writer);
    struct snapshot_reader *reader = snapshot_reader_new(path, &head, &error);
    cr_assert(reader, "%s", error.text);
    cr_assert(head.length == CONTENT && head.journal.number == 77 && strcmp(head.journal.boot, "a-boot") == 0);
    const uint8_t *page;
    size_t at = 0;
    for (size_t length; (page = snapshot_next(reader, &length)); at += length)
        cr_assert_arr_eq(page, bytes + at, length);
    cr_assert(at == CONTENT && snapshot_good(reader, &error));
    snapshot_reader_free(reader);
    cr_assert_eq(stat(path, &found), 0);
    return (uint64_t)found.st_size;
}

Test(snapshot_file, whatever_is_altered_is_found_and_its_place_told, .timeout = 60)
{
    char path[] = "/tmp/snapshot.XXXXXX";
    struct error error = {0};
    struct snapshot_head head;
    close(mkstemp(path));
    unlink(path);
    uint64_t size = file_make(path), head_size = size - CONTENT - 3 * 16;
    for (uint64_t at = 0; at < size; at += at < head_size || size - at < 100 ? 1 : 99991) {
        damage(path, (off_t)at);
        cr_assert_not(snapshot_check(path, &head, &error), "byte %" PRIu64, at);
        damage(path, (off_t)at);
    }
    cr_assert(snapshot_check(path, &head, &error), "%s", error.text);
    damage(path, (off_t)(head_size + 1048576 + 5));
    cr_assert_not(snapshot_check(path, &head, &error));
    char expected[96];
    snprintf(expected, sizeof expected, "it was altered between byte %" PRIu64 " and byte %" PRIu64,
             head_size + 1048576, head_size + 2 * 1048576 - 1);
    cr_assert_str_eq(error.text, expected);
    unlink(path);
}

Test(snapshot_file, whatever_is_cut_off_or_added_is_found, .timeout = 60)
{
    char path[] = "/tmp/snapshot.XXXXXX";
    struct error error = {0};
    struct snapshot_head head;
    close(mkstemp(path));
    unlink(path);
    uint64_t size = file_make(path);
    cr_assert_eq(truncate(path, (off_t)size + 1), 0);
    cr_assert_not(snapshot_check(path, &head, &error));
    for (uint64_t length = size - 1; length > 0; length -= length > 600 && length < size - 100 ? 499 : 1) {
        cr_assert_eq(truncate(path, (off_t)length), 0);
        cr_assert_not(snapshot_head_read(path, &head, &error), "%" PRIu64 " bytes", length);
        cr_assert(strstr(error.text, "cut short"), "%s", error.text);
    }
    unlink(path);
}
