/* tests/unit/journal_partition.c - Batches, appends, release and recovery. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/journal/batch.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/journal_bench.h"

Test(partition, effects_leave_only_after_their_batch_is_durable, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 500);
    bench_run(&bench, 1000); /* the leader's first batch */
    unsigned before = bench.stored;
    bench_post(&bench, 1);
    bench_run(&bench, 1400);
    cr_assert_eq(bench.released, 0);
    cr_assert_eq(bench.committed, 0);
    cr_assert_eq(bench_counts(&bench)->last_seq[SOURCE_LINKS], 1, "but the core has worked ahead");
    bench_run(&bench, 1600);
    cr_assert_eq(bench.stored, before + 1);
    cr_assert_eq(bench.released, 1);
    cr_assert_eq(bench.committed, 1);
    bench_close(&bench);
}

Test(partition, what_arrives_during_an_append_is_one_batch, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 500);
    bench_run(&bench, 1000);
    uint64_t before = partition_batches(bench.partition);
    for (uint64_t seq = 1; seq <= 300; seq++) {
        cr_assert(bench_post(&bench, seq));
        bench_run(&bench, 1000 + seq);
    }
    bench_run(&bench, 5000);
    cr_assert_eq(bench.released, 300);
    cr_assert_eq(bench.last_ref, 300, "in order");
    cr_assert_leq(partition_batches(bench.partition) - before, 3);
    bench_close(&bench);
}

Test(partition, the_ring_is_bounded_in_events_and_bytes, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 0);
    unsigned room = 0;
    while (bench_post(&bench, room + 1)) room++;
    cr_assert_eq(room, 1000 - 2, "two events of the beginning are there");
    bench_run(&bench, 10);
    cr_assert(bench_post(&bench, room + 1));
    bench_run(&bench, 20);
    cr_assert_eq(bench.released, room + 1);

    static uint8_t bytes[60000];
    memset(bytes, 'x', sizeof bytes);
    room = 0;
    do {
        writer_clear(&bench.writer);
        writer_begin(&bench.writer, KIND_DirectoryRow);
        writer_u(&bench.writer, ENVELOPE_source, SOURCE_ADMIN);
        writer_bytes(&bench.writer, 60, (struct span){bytes, sizeof bytes});
        room++;
    } while (partition_post(bench.partition, writer_end(&bench.writer)));
    cr_assert_eq(room - 1, 256 * 1024 / 60000);
    bench_run(&bench, 30);
    bench_close(&bench);
}

Test(partition, timers_make_batches_of_their_own, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 0);
    bench_run(&bench, 100);
    bench_post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1);
    bench_run(&bench, 1099);
    cr_assert_eq(bench.timers, 0);
    bench_run(&bench, 1100);
    cr_assert_eq(bench.timers, 1);
    cr_assert_eq(bench_counts(&bench)->time_us, 1100);
    bench_close(&bench);
}

Test(partition, killed_between_commit_and_release_it_is_the_same_machine_again, .timeout = 20)
{
    struct partition_bench bench;
    struct error error = {0};
    bench_open(&bench, 500);
    for (uint64_t seq = 1; seq <= 50; seq++) {
        bench_post(&bench, seq);
        bench_run(&bench, seq * 300);
    }
    bench_run(&bench, 20000);
    bench_post(&bench, 51);
    partition_turn(bench.partition);
    uint64_t digest_then = partition_digest(bench.partition), batches = partition_batches(bench.partition);
    /* The commit reaches the disk, and nobody hears of it any more. */
    bench.deaf = true;
    simulated_advance(bench.sim, simulated_due(bench.sim));
    cr_assert_eq(batches_last(bench.store), batches);
    cr_assert_eq(bench.released, 50);
    bench.deaf = false;
    bench_die(&bench);
    bench.released = 0;

    cr_assert(bench_try(&bench, 500, 1000000000 + 7000000, &error), "%s", error.text);
    cr_assert_eq(partition_digest(bench.partition), digest_then);
    cr_assert_eq(partition_batches(bench.partition), batches);
    cr_assert_eq(bench.released, 0, "replay is mute");
    bench_run(&bench, 1000);
    struct core_counts *core = bench_counts(&bench);
    cr_assert_eq(partition_epoch(bench.partition), 2);
    cr_assert_eq(core->recovered, 1);
    cr_assert_eq(core->gap, 7000000 - 20000);
    /* The link sends again what it was not told of: dropped, and committed again. */
    uint64_t events = core->events;
    bench.committed = 0;
    bench_post(&bench, 51);
    bench_run(&bench, 3000);
    cr_assert_eq(core->events, events);
    cr_assert_eq(bench.committed, 51);
    cr_assert_eq(bench.released, 0);
    bench_close(&bench);
}

Test(partition, stopped_at_any_batch_it_goes_on_to_the_same_digests, .timeout = 60)
{
    struct partition_bench whole;
    struct error error = {0};
    bench_open(&whole, 200);
    for (uint64_t seq = 1; seq <= 200; seq++) {
        bench_post_kind(&whole, seq % 7 == 0 ? KIND_Signal : KIND_ResyncBegin, SOURCE_LINKS, seq);
        bench_run(&whole, seq * 150);
    }
    bench_run(&whole, 1000000);
    uint64_t last = batches_last(whole.store), final = partition_digest(whole.partition);
    for (uint64_t stop = 1; stop <= last; stop += 5) {
        struct batches *prefix = batches_open_memory();
        struct span bytes;
        for (uint64_t number = 1; number <= stop; number++) {
            cr_assert(batches_read(whole.store, number, &bytes, NULL));
            batches_append(prefix, number, bytes, NULL);
        }
        struct partition_bench part = {.store = prefix};
        cr_assert(bench_try(&part, 0, 1000000000, &error), "%s", error.text);
        /* The rest of the batches, as they were: a standby that takes over the reading. */
        struct core *core = partition_core(part.partition);
        for (uint64_t number = stop + 1; number <= last; number++) {
            struct batch batch;
            uint8_t hash[CORE_HASH];
            cr_assert(batches_read(whole.store, number, &bytes, NULL));
            cr_assert(batch_decode(&batch, bytes, hash, NULL));
            cr_assert_eq(batch.digest_before, core_digest(core), "batch %d", (int)number);
            core_apply(core, &batch, NULL);
        }
        cr_assert_eq(core_digest(core), final);
        bench_close(&part);
    }
    bench_close(&whole);
}

/* A copy of the store with batch `number` altered by `change`. */
static struct batches *altered(struct batches *store, uint64_t number, void (*change)(uint8_t *bytes, uint32_t *length))
{
    struct batches *copy = batches_open_memory();
    for (uint64_t i = 1; i <= batches_last(store); i++) {
        struct span bytes;
        cr_assert(batches_read(store, i, &bytes, NULL));
        uint8_t *own = malloc(bytes.length);
        uint32_t length = bytes.length;
        memcpy(own, bytes.bytes, length);
        if (i == number) change(own, &length);
        batches_append(copy, i, (struct span){own, length}, NULL);
        free(own);
    }
    return copy;
}

static void flip(uint8_t *bytes, uint32_t *length)
{
    bytes[*length / 2] ^= 1;
}
static void cut(uint8_t *bytes, uint32_t *length)
{
    (void)bytes, *length -= 10;
}

/* An attacker's change, with the row's own hash made good again. */
static void reseal(uint8_t *bytes, uint32_t length, struct batch *batch)
{
    uint8_t *events = malloc(batch->events.length ? batch->events.length : 1), hash[CORE_HASH];
    if (batch->events.length) memcpy(events, batch->events.bytes, batch->events.length);
    batch->events.bytes = events;
    cr_assert_eq(batch_size(batch), length);
    batch_encode(batch, bytes, hash);
    free(events);
}

static void retime(uint8_t *bytes, uint32_t *length)
{
    struct batch batch;
    uint8_t hash[CORE_HASH];
    cr_assert(batch_decode(&batch, (struct span){bytes, *length}, hash, NULL));
    batch.time_us++;
    reseal(bytes, *length, &batch);
}

static void other_semantics(uint8_t *bytes, uint32_t *length)
{
    struct batch batch;
    uint8_t hash[CORE_HASH];
    cr_assert(batch_decode(&batch, (struct span){bytes, *length}, hash, NULL));
    batch.semantics++;
    reseal(bytes, *length, &batch);
}

static void refuses(struct batches *store, enum error_code code, const char *number, const char *why)
{
    struct partition_bench bench = {.store = store};
    struct error error = {0};
    cr_assert_not(bench_try(&bench, 0, 0, &error));
    cr_assert_eq(error.code, code, "%s", error.text);
    cr_assert(strstr(error.text, number), "%s", error.text);
    cr_assert(strstr(error.text, why), "%s", error.text);
    simulated_free(bench.sim);
    batches_close(store);
}

Test(partition, a_journal_that_was_altered_is_refused_with_the_batch, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 0);
    for (uint64_t seq = 1; seq <= 9; seq++) {
        bench_post(&bench, seq);
        bench_run(&bench, seq * 100);
    }
    cr_assert_eq(batches_last(bench.store), 9);
    refuses(altered(bench.store, 4, flip), ERROR_INPUT, "batch 4", "altered");
    refuses(altered(bench.store, 9, flip), ERROR_INPUT, "batch 9", "altered");
    refuses(altered(bench.store, 5, cut), ERROR_INPUT, "batch 5", "length");
    refuses(altered(bench.store, 5, retime), ERROR_INPUT, "batch 6", "chain");
    refuses(altered(bench.store, 3, other_semantics), ERROR_VERSION, "batch 3", "or a later one");
    bench_salt = 1;
    refuses(altered(bench.store, 0, flip), ERROR_STATE, "batch 1", "diverges");
    bench_salt = 0;
    bench_close(&bench);
}

Test(partition, after_a_failed_append_nothing_more_is_released, .timeout = 20)
{
    static const enum append_result results[] = {APPEND_UNKNOWN, APPEND_DEPOSED};
    for (unsigned i = 0; i < 2; i++) {
        struct partition_bench bench;
        bench_open(&bench, 100);
        bench_run(&bench, 200);
        bench_post(&bench, 1);
        bench.fails = results[i];
        bench_run(&bench, 1000);
        cr_assert_not(bench.good);
        cr_assert_eq(bench.released, 0);
        bench_post(&bench, 2);
        cr_assert_not(partition_turn(bench.partition));
        cr_assert_not(partition_appended(bench.partition, APPEND_OK));
        cr_assert_eq(bench.released, 0);
        cr_assert_eq(bench.committed, 0);
        bench_close(&bench);
    }
}

Test(partition, the_time_away_counts_once_the_core_has_heard_of_it, .timeout = 20)
{
    struct partition_bench bench;
    struct error error = {0};
    bench_open(&bench, 0);
    bench_post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1); /* a timer a millisecond later */
    bench_run(&bench, 500);
    cr_assert_eq(bench.timers, 0);
    bench_die(&bench);
    cr_assert(bench_try(&bench, 0, 1000000000 + 9000000, &error), "%s", error.text);
    struct core_counts *core = bench_counts(&bench);
    uint64_t died_us = core->time_us;
    int64_t offset = core->offset;
    partition_turn(bench.partition);
    cr_assert_eq(core->recovered, 1);
    cr_assert_eq(core->recovered_us, died_us, "nothing has fallen due before");
    cr_assert_eq(core->time_us, died_us);
    cr_assert_eq(core->gap, 9000000 - (int64_t)died_us);
    cr_assert_eq(core->offset, offset, "the clocks agree as before");
    bench_run(&bench, 0);
    cr_assert_eq(bench.timers, 1, "what was overdue fires at once");
    cr_assert_eq(core->time_us, 9000000u);
    cr_assert_eq(core->recovered, 1);

    /* And so it is again in replay. A clock that was set back takes nothing away. */
    uint64_t digest_then = partition_digest(bench.partition);
    bench_die(&bench);
    cr_assert(bench_try(&bench, 0, 1000000000, &error), "%s", error.text);
    core = bench_counts(&bench);
    cr_assert_eq(partition_digest(bench.partition), digest_then);
    bench_run(&bench, 100);
    cr_assert_eq(core->gap, 0);
    cr_assert_eq(core->recovered_us, 9000000u);
    bench_close(&bench);
}

/* While nobody led, the wall clock was set a day ahead, or back: who waits has waited as long as before. Only where the
 * machine itself was down is there nothing better than the wall clock. */
Test(partition, a_wall_clock_set_while_the_core_is_away_makes_nobody_wait, .timeout = 20)
{
    const int64_t day_us = 86400000000;
    const struct {
        const char *boot;
        int64_t set_us, gap_us;
    } cases[] = {{"a", day_us, 3000000}, {"a", -day_us, 3000000}, {"b", day_us, 3000000 + day_us}, {"b", -day_us, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct partition_bench bench = {.store = batches_open_memory(), .boot = "a", .start_us = 500000};
        struct error error = {0};
        cr_assert(bench_try(&bench, 0, 1000000000, &error), "%s", error.text);
        bench_post(&bench, 1);
        bench_run(&bench, 2000000);
        uint64_t died_us = bench_counts(&bench)->time_us, stopped_us = simulated_now(bench.sim);
        bench_die(&bench);
        bench.boot = cases[i].boot;
        bench.start_us = stopped_us + 3000000;
        int64_t waited_us = (int64_t)(stopped_us - 500000 - died_us);
        cr_assert(bench_try(&bench, 0, 1000000000 + cases[i].set_us, &error), "%s", error.text);
        bench_run(&bench, bench.start_us);
        int64_t gap = cases[i].gap_us ? cases[i].gap_us + waited_us : 0;
        cr_assert_eq(bench_counts(&bench)->gap, gap, "case %zu: %lld", i, (long long)bench_counts(&bench)->gap);
        bench_close(&bench);
    }
}

Test(partition, a_jump_of_the_wall_clock_is_an_event, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 0);
    bench_run(&bench, 2000000);
    int64_t before = bench_counts(&bench)->offset;
    simulated_wall_jump(bench.sim, 3600000000);
    bench_post(&bench, 1);
    bench_run(&bench, 2000010);
    cr_assert_eq(bench_counts(&bench)->offset, before + 3600000000);
    bench_close(&bench);
}

Test(partition, an_image_is_there_after_a_restart, .timeout = 20)
{
    struct partition_bench bench;
    struct error error = {0};
    bench_open(&bench, 0);
    uint8_t hash[32], bytes[40] = {9, 9, 9};
    memcpy(hash, bytes, sizeof hash);
    for (int twice = 0; twice < 2; twice++)
        cr_assert(batches_put_image(bench.store, hash, (struct span){bytes, 40}, &error));
    bench_run(&bench, 10);
    bench_die(&bench);
    cr_assert(bench_try(&bench, 0, 0, &error));
    const struct core_options *core = &bench_counts(&bench)->options;
    cr_assert(core->image(core->self, hash));
    hash[0]++;
    cr_assert_null(core->image(core->self, hash));
    bench_close(&bench);
}

Test(partition, the_seed_is_the_journals_own, .timeout = 20)
{
    struct partition_bench bench;
    struct error error = {0};
    bench_open(&bench, 0);
    bench_run(&bench, 10);
    bench_die(&bench);
    struct partition_options other = bench_options;
    other.core.seed = 43;
    other.core.interactions_max = 20;
    bench.sim = simulated_new(&(struct simulated_options){.self = &bench, .appended = bench_appended});
    bench.partition = partition_open(&other, bench.store, simulated_host(bench.sim), &error);
    cr_assert(bench.partition, "%s", error.text);
    cr_assert_eq(bench_counts(&bench)->options.seed, 42);
    cr_assert_eq(bench_counts(&bench)->options.interactions_max, 10);
    bench_close(&bench);
}

static unsigned crashes_told;
static void on_crash(void *self, const char *text)
{
    (void)self, (void)text;
    crashes_told++;
}

/* A process of a few events. */
static void live(struct partition_bench *bench, const char *state, unsigned kind, uint64_t seq)
{
    struct error error = {0};
    bench_options.crashes = crashes_open(state, 0, &(struct batches_watch){.note = on_crash}, &error);
    cr_assert(bench_options.crashes, "%s", error.text);
    cr_assert(bench_try(bench, 0, 1000000000, &error), "%s", error.text);
    bench_run(bench, 10);
    if (seq != 0) bench_post_kind(bench, kind, SOURCE_LINKS, seq);
    bench_run(bench, 20);
}
static void ends(struct partition_bench *bench)
{
    bench_die(bench);
    crashes_free(bench_options.crashes, false);
    bench_options.crashes = NULL;
}

/* The same, and it ends where it takes an event of the kind `at`: what it has appended is lost. */
static void crashes(struct partition_bench *bench, const char *state, unsigned at, unsigned kind, uint64_t seq)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        bench_crashes_at = at;
        live(bench, state, kind, seq);
        _exit(0);
    }
    cr_assert(child > 0 && waitpid(child, &status, 0) == child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == CRASHED);
}

static void remove_state(const char *state)
{
    char path[64];
    snprintf(path, sizeof path, "%s/working", state);
    unlink(path);
    rmdir(state);
}

/* What a journal holds is replayed without what has crashed twice, the digests of those who had it are no reason to
 * refuse, and from the next leader on they are again. */
Test(partition, what_crashes_twice_in_a_replay_is_passed_over_by_all_that_follow, .timeout = 60)
{
    char state[] = "/tmp/gcx-crashes-XXXXXX";
    struct partition_bench bench = {.store = batches_open_memory()};
    struct journal_head head;
    struct error error = {0};
    uint32_t count;
    cr_assert(mkdtemp(state));
    live(&bench, state, KIND_ResyncEnd, 1);
    uint64_t culprit = partition_batches(bench.partition);
    bench_post(&bench, 2);
    bench_run(&bench, 30);
    ends(&bench);
    for (int twice = 0; twice < 2; twice++) {
        cr_assert_null(batches_passes(bench.store, culprit, &count));
        crashes(&bench, state, KIND_ResyncEnd, 0, 0);
    }
    bench_crashes_at = KIND_ResyncEnd;
    live(&bench, state, KIND_ResyncBegin, 3);
    cr_assert_eq(crashes_told, 1, "at the second time; the first was told to the second process");
    cr_assert(batches_passes(bench.store, culprit, &count));
    cr_assert_eq(count, 1);
    cr_assert_eq(bench_counts(&bench)->quarantined, culprit);
    ends(&bench);
    bench_options.core.mark = NULL;
    struct core *core = core_new(&bench_options.core);
    journal_begin(&bench_options.core, &head);
    while (head.number < batches_last(bench.store))
        cr_assert(journal_next(bench.store, &bench_options.core, core, &head, NULL, &error), "%s", error.text);
    cr_assert_eq(core_counts(core)->quarantined, culprit);
    cr_assert_eq(head.number, batches_last(bench.store));
    core_free(core);
    live(&bench, state, 0, 0);
    cr_assert_null(crashes_due(bench_options.crashes, 0), "its core knows of it");
    cr_assert_eq(crashes_told, 1);
    ends(&bench);
    batches_close(bench.store);
    writer_free(&bench.writer);
    remove_state(state);
}

/* What has crashed live is not in the journal: the leader's first batch begins with it. */
Test(partition, what_crashes_twice_live_is_told_first, .timeout = 60)
{
    char state[] = "/tmp/gcx-crashes-XXXXXX", path[64];
    struct partition_bench bench = {.store = batches_open_memory()};
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    cr_assert(mkdtemp(state));
    for (int twice = 0; twice < 2; twice++) crashes(&bench, state, KIND_ResyncEnd, KIND_ResyncEnd, 5);
    live(&bench, state, 0, 0);
    cr_assert(batches_read(bench.store, 1, &bytes, NULL) && batch_decode(&batch, bytes, hash, NULL));
    cr_assert_eq(batch.events.bytes[4] | batch.events.bytes[5] << 8, KIND_Quarantined);
    cr_assert_neq(bench_counts(&bench)->quarantined, 0);
    bench_die(&bench);
    crashes_free(bench_options.crashes, true);
    snprintf(path, sizeof path, "%s/working", state);
    cr_assert_eq(access(path, F_OK), 0, "what is due stays until a core is recovered that has it");
    live(&bench, state, 0, 0);
    bench_die(&bench);
    crashes_free(bench_options.crashes, true);
    cr_assert_neq(access(path, F_OK), 0);
    bench_options.crashes = NULL;
    remove_state(state);
    batches_close(bench.store);
    writer_free(&bench.writer);
}

/* The core hears how long an append has held it up, while that is under way and afterwards, and each moment once. */
Test(partition, a_slow_append_is_told_before_timers_fire, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 3000000);
    bench_run(&bench, 4000000); /* the leader's first batch */
    bench_post(&bench, 1);
    bench_run(&bench, 4100000);
    bench_post_kind(&bench, KIND_Signal, SOURCE_LINKS, 2); /* made ahead after a tenth of a second: not slow yet */
    bench_run(&bench, 4100000);
    int64_t before = bench_counts(&bench)->held_us;
    bench_run(&bench,
              7100000); /* the first is durable: the timer that was due meanwhile makes a batch, which tells it */
    cr_expect_eq(bench_counts(&bench)->held_us - before, 2900000);
    bench_post(&bench, 3);
    bench_run(&bench, 10200000);
    cr_expect_eq(bench_counts(&bench)->held_us - before, 5900000);
    bench_run(&bench, 20000000);
    bench_post(&bench, 4);
    bench_run(&bench, 20000000);
    cr_expect_eq(bench_counts(&bench)->held_us - before, 11900000, "nothing was under way since 16 s");
    bench_close(&bench);
}

Test(partition, an_append_that_takes_no_time_is_not_told, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 249999);
    for (uint64_t seq = 1; seq < 20; seq++) {
        bench_post(&bench, seq);
        bench_run(&bench, seq * 150000);
    }
    cr_expect_eq(bench_counts(&bench)->held_us, 0);
    bench_close(&bench);
}

static void post_from(struct partition_bench *bench, unsigned source, uint64_t seq, uint64_t moment_us)
{
    writer_clear(&bench->writer);
    writer_begin(&bench->writer, KIND_ResyncBegin);
    writer_u(&bench->writer, ENVELOPE_source, source);
    writer_u(&bench->writer, ENVELOPE_seq, seq);
    cr_assert(partition_post_of(bench->partition, writer_end(&bench->writer), moment_us));
}

static void post_of(struct partition_bench *bench, uint64_t seq, uint64_t moment_us)
{
    post_from(bench, SOURCE_LINKS, seq, moment_us);
}

/* The agent whom it was for may have work of another domain by then. */
Test(partition, what_is_durable_too_late_is_not_given_out_and_the_core_hears_it, .timeout = 20)
{
    for (unsigned late = 0; late < 2; late++) {
        struct partition_bench bench;
        bench_open(&bench, 500000); /* an append */
        bench_run(&bench, 1000000);
        struct core_counts *core = bench_counts(&bench);
        size_t released = bench.released;
        core->until_us = simulated_now(bench.sim) + 500000 + !late;
        post_of(&bench, 5, 0);
        bench_run(&bench, 3000000);
        cr_expect_eq(bench.released - released, late ? 0u : 1u);
        cr_expect_eq(core->refused, late ? 5u : 0u);
        bench_close(&bench);
    }
}

/* Each caller would wait in vain for the whole time that an answer has. */
Test(partition, of_many_that_are_durable_too_late_the_core_hears_each, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 500000);
    bench_run(&bench, 1000000);
    struct core_counts *core = bench_counts(&bench);
    size_t released = bench.released;
    core->until_us = simulated_now(bench.sim) + 500000;
    for (uint64_t seq = 1; seq <= 200; seq++) cr_assert(bench_post(&bench, seq));
    bench_run(&bench, 2000000);
    core->until_us = 0;
    bench_run(&bench, 9000000);
    cr_expect_eq(bench.released, released);
    cr_expect_eq(core->refusals, 200u);
    cr_expect_eq(core->refused, 200u);
    cr_expect_eq(core->refusals_most, 64u, "a batch has bounds");
    bench_close(&bench);
}

Test(partition, what_has_no_room_in_a_batch_is_in_the_next_one_at_once, .timeout = 20)
{
    struct partition_bench bench;
    bench_options.ring_events = BATCH_EVENTS_MAX + 1;
    bench_open(&bench, 1000);
    bench_run(&bench, 1000);
    for (uint64_t seq = 1; seq <= BATCH_EVENTS_MAX + 1; seq++) cr_assert(bench_post(&bench, seq));
    cr_expect(partition_turn(bench.partition), "nobody wakes it for the last one");
    cr_expect_not(partition_turn(bench.partition));
    cr_expect_eq(bench_counts(&bench)->last_seq[SOURCE_LINKS], (uint64_t)BATCH_EVENTS_MAX + 1);
    bench_close(&bench);
}

/* A machine that was paused: answers lie there, of times before those at which they would be too late. */
Test(partition, what_came_in_while_the_core_stood_still_has_its_time, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 0);
    bench_run(&bench, 1000000);
    bench_post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1); /* a timer a millisecond later */
    bench_run(&bench, 1000000);
    struct core_counts *core = bench_counts(&bench);
    cr_assert_not(partition_late(bench.partition));
    simulated_advance(bench.sim, 11000000);
    cr_assert(partition_late(bench.partition));
    post_of(&bench, 2, 1000500); /* before the timer is due */
    post_of(&bench, 3, 3000000);
    post_of(&bench, 4, 3020000); /* about the same time */
    post_of(&bench, 5, 6000000);
    cr_assert(partition_turn(bench.partition));
    cr_expect_eq(core->at_us[2], 1000500u);
    cr_expect_eq(core->held_us, 500);
    cr_expect_eq(core->behind_us, 9999500, "it hears how long ago that was: by now a lease may be over");
    cr_expect_eq(bench.timers, 0u);
    bench_run(&bench, 11000000);
    cr_expect_eq(bench.timers, 1u);
    cr_expect_eq(core->at_us[3], 3000000u);
    cr_expect_eq(core->at_us[4], 3000000u);
    cr_expect_eq(core->at_us[5], 6000000u);
    for (unsigned seq = 2; seq <= 5; seq++) cr_expect_eq(core->ago_us[seq], 0, "%u", seq);
    cr_expect_eq(core->held_us, 10000000, "who waits for an answer waits so much longer");
    cr_expect_eq(core->behind_us, 0, "the last one is of now");
    cr_expect_eq(core->time_us, 11000000u);
    cr_assert_not(partition_late(bench.partition));
    bench_close(&bench);
}

/* So it has where nobody led: an agent who came in time was in time. It is no time that an answer may be waited for. */
Test(partition, what_an_adapter_kept_while_nobody_led_has_its_time, .timeout = 20)
{
    for (unsigned longer = 0; longer < 2; longer++) {
        struct partition_bench bench = {.store = batches_open_memory(), .boot = "a", .start_us = 500000};
        struct error error = {0};
        cr_assert(bench_try(&bench, 0, 1000000000, &error), "%s", error.text);
        bench_run(&bench, 502000);
        bench_post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1);
        bench_run(&bench, 502500);
        uint64_t died_us = bench_counts(&bench)->time_us, away_us = longer ? 61000000 : 9000000;
        bench_die(&bench);
        bench.start_us += away_us;
        cr_assert(bench_try(&bench, 0, 1000000000, &error), "%s", error.text);
        struct core_counts *core = bench_counts(&bench);
        cr_assert(partition_turn(bench.partition) && core->time_us == died_us && core->recovered == 1);
        simulated_advance(bench.sim, bench.start_us + 600000);
        cr_assert_eq(partition_late(bench.partition), true);
        post_of(&bench, 2, 502900);
        post_of(&bench, 3, 2500000);
        post_from(&bench, SOURCE_LINKS + 1, 4, bench.start_us + 500000);
        bench_run(&bench, bench.start_us + 600000);
        cr_expect_eq(bench.timers, 1u);
        cr_expect_eq(core->at_us[2], longer ? core->at_us[3] : 2900, "%lu", core->at_us[2]);
        cr_expect(longer || core->at_us[3] == 2000000, "%lu", core->at_us[3]);
        cr_expect_eq(core->at_us[4], away_us + 500000, "%lu", core->at_us[4]);
        cr_expect_eq(core->time_us, away_us + 600000, "%lu", core->time_us);
        cr_expect_leq(core->held_us, 2 * 600000, "%ld: of the absence Recovered tells", core->held_us);
        bench_close(&bench);
    }
}

/* Its link was lost as well, and has come again: what the adapter has kept comes behind that, and has happened before.
 */
Test(partition, what_an_adapter_kept_while_the_core_stood_still_has_its_time, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 0);
    bench_run(&bench, 1000000);
    bench_post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1);
    bench_run(&bench, 1000000);
    struct core_counts *core = bench_counts(&bench);
    simulated_advance(bench.sim, 11000000);
    post_from(&bench, SOURCE_LINKS + 1, 1, 10900000);
    post_of(&bench, 2, 3000000);
    post_of(&bench, 3, 0); /* of a source the order stays */
    post_of(&bench, 4, 2000000);
    post_of(&bench, 5, 6000000);
    post_from(&bench, SOURCE_LINKS + 1, 6, 10950000);
    bench_run(&bench, 11000000);
    static const uint64_t at_us[] = {0, 0, 3000000, 3000000, 3000000, 6000000, 10900000};
    for (unsigned seq = 2; seq <= 6; seq++)
        cr_expect_eq(core->at_us[seq], at_us[seq], "%u: %lu", seq, core->at_us[seq]);
    cr_expect_eq(core->held_us, 10000000);
    bench_close(&bench);
}

/* An adapter kept it while its link was away. */
Test(partition, what_comes_late_to_a_core_that_goes_on_says_how_old_it_is, .timeout = 20)
{
    struct partition_bench bench;
    bench_open(&bench, 0);
    bench_run(&bench, 9000000);
    struct core_counts *core = bench_counts(&bench);
    post_of(&bench, 1, 2000000);
    post_of(&bench, 2, 8990000);
    post_of(&bench, 3, 0);
    post_of(&bench, 4, 9500000);
    bench_run(&bench, 9000000);
    static const int64_t ago_us[] = {0, 7000000, 0, 0, 0};
    for (unsigned seq = 1; seq <= 4; seq++) {
        cr_expect_eq(core->at_us[seq], 9000000u, "%u", seq);
        cr_expect_eq(core->ago_us[seq], ago_us[seq], "%u: %lld", seq, (long long)core->ago_us[seq]);
    }
    cr_expect_eq(core->held_us, 0);
    bench_close(&bench);
}
