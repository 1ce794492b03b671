/* tests/unit/journal_partition.c - Batches, appends, release and recovery, around a core that only counts.
 *
 * The core here answers every event of a link with one effect to it, and every Signal with a timer a millisecond later.
 * Its digest is over all that it was given, so replay must give it the same. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/simulated.h"
#include "runtime/core/snapshot.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/batches_kind.h"
#include "runtime/journal/follower.h"
#include "runtime/journal/partition.h"
#include "runtime/journal/replay.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/semantics.h"

enum { CRASHED = 9 };

struct image;
struct image *image_load(const void *bytes, size_t length, struct error *error);
void image_free(struct image *image);
const uint8_t *image_hash(const struct image *image);

struct core {
    struct core_options options;
    uint64_t recovered_us; /* time of the batch that told of the recovery */
    uint64_t digest, time_us, timer_us, events, recovered, batches;
    uint64_t last_seq[32];
    uint64_t quarantined; /* the batch that Quarantined named last */
    int64_t gap, offset, held_us, behind_us;
    uint64_t at_us[8]; /* when the link's event of that number was applied, and how old it was */
    int64_t ago_us[8];
    uint64_t until_us; /* its effects are not to be given out later */
    uint64_t refused;  /* the last one of which it has heard that, */
    uint64_t refusals; /* all, and the most of a batch */
    unsigned refusals_most;
    struct writer writer;
};

static uint64_t salt; /* to make a core of another mind */

struct core *core_new(const struct core_options *options)
{
    struct core *core = calloc(1, sizeof *core);
    core->options = *options;
    core->digest = options->seed + salt;
    core->timer_us = UINT64_MAX;
    return core;
}

void core_free(struct core *core)
{
    if (!core) return;
    writer_free(&core->writer);
    free(core);
}

static void digest(struct core *core, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) core->digest = (core->digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
}

static void effect(struct core *core, const struct effect_sink *sink, unsigned link, uint64_t ref)
{
    if (!sink) return;
    writer_clear(&core->writer);
    writer_begin(&core->writer, core->until_us != 0 ? KIND_Invite : KIND_Cancel);
    writer_u(&core->writer, ENVELOPE_source, link);
    writer_u(&core->writer, ENVELOPE_ref, ref);
    writer_u(&core->writer, Invite_until, core->until_us);
    sink->effect(sink->self, writer_end(&core->writer));
}

static unsigned crashes_at; /* a kind of event: where a core that is marked takes it, the process ends */

static void mark_event(struct core *core, const struct batch *batch, uint32_t index, const struct message *message)
{
    volatile struct core_mark *mark = core->options.mark;
    if (!mark) return;
    *mark = (struct core_mark){.place = CORE_TAKES,
                               .index = index,
                               .batch = batch->number,
                               .number = message_u(message, ENVELOPE_seq),
                               .kind = (uint16_t)message->kind,
                               .source = (uint8_t)message_u(message, ENVELOPE_source)};
    if (message->kind == crashes_at) _exit(CRASHED);
    mark->place = CORE_RESTS;
}

void core_apply(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    digest(core, &batch->time_us, sizeof batch->time_us);
    core->time_us = batch->time_us;
    core->batches++;
    if (core->timer_us <= core->time_us) {
        core->timer_us = UINT64_MAX;
        effect(core, sink, 31, 1);
    }
    struct message message;
    uint32_t index = 0;
    unsigned refused = 0;
    for (uint32_t at = 0; at < batch->events.length; at += message.frame.length) {
        const uint8_t *frame = batch->events.bytes + at;
        size_t size = message_frame_size(frame, batch->events.length - at);
        cr_assert(message_read(&message, frame, size, NULL));
        unsigned source = (unsigned)message_u(&message, ENVELOPE_source);
        uint64_t seq = message_u(&message, ENVELOPE_seq);
        if (seq <= core->last_seq[source]) continue;
        core->last_seq[source] = seq;
        index++;
        if (batch->passed_count > 0 && batch->passed[0] == index - 1) continue;
        mark_event(core, batch, index - 1, &message);
        core->events++;
        digest(core, frame, size);
        if (message.kind == KIND_Quarantined) core->quarantined = message_u(&message, Quarantined_batch);
        if (message.kind == KIND_Recovered) {
            core->recovered++;
            core->recovered_us = core->time_us;
            core->gap = message_i(&message, Recovered_gap);
        }
        if (message.kind == KIND_Held) core->held_us += message_i(&message, Held_lasted);
        if (message.kind == KIND_Held) core->behind_us = message_i(&message, Held_behind);
        if (message.kind == KIND_Clock) core->offset = message_i(&message, Clock_offset);
        if (message.kind == KIND_EventDone && source == SOURCE_HOST) {
            cr_expect_gt(message_u(&message, ENVELOPE_ref), core->refused, "in order");
            core->refused = message_u(&message, ENVELOPE_ref);
            core->refusals++;
            if (++refused > core->refusals_most) core->refusals_most = refused;
        }
        if (message.kind == KIND_Signal) core->timer_us = core->time_us + 1000;
        if (source >= SOURCE_LINKS && seq < 8) core->at_us[seq] = core->time_us;
        if (source >= SOURCE_LINKS && seq < 8) core->ago_us[seq] = message_i(&message, ENVELOPE_ago);
        if (source >= SOURCE_LINKS) effect(core, sink, source, seq);
    }
}

uint64_t core_digest(const struct core *core)
{
    return core->digest;
}
bool core_takes_over(uint32_t semantics)
{
    return semantics == SEMANTICS_NUMBER;
}
/* No test here has a state folder. */
bool core_save(struct core *core, keep_write *write, void *self)
{
    return write(self, core, 0);
}
struct core *core_load_from(const struct core_options *core, keep_read *read, void *self, uint64_t length,
                            bool verified, struct error *error)
{
    (void)read, (void)self, (void)length, (void)verified, (void)error;
    return core_new(core);
}
uint64_t core_next_timer(const struct core *core)
{
    return core->timer_us;
}
uint64_t core_last_seq(const struct core *core, unsigned source)
{
    return core->last_seq[source];
}

bool core_quarantines(const struct core *core, const struct core_mark *mark)
{
    return core->quarantined != 0 && core->quarantined == mark->batch;
}

/* Images, as the partition sees them: bytes that begin with their hash. */
struct image {
    uint8_t hash[32];
};

struct image *image_load(const void *bytes, size_t length, struct error *error)
{
    struct image *image = NULL;
    if (length < 32) {
        error_set(error, ERROR_INPUT, "cut short");
        return NULL;
    }
    image = malloc(sizeof *image);
    memcpy(image->hash, bytes, 32);
    return image;
}

void image_free(struct image *image)
{
    free(image);
}
const uint8_t *image_hash(const struct image *image)
{
    return image->hash;
}

/* A partition in a simulated host, over a store that outlives it. */
struct bench {
    struct batches *store;
    struct simulated *sim;
    struct partition *partition;
    struct writer writer;
    unsigned stored, released, timers;
    enum append_result fails; /* APPEND_OK: it does not */
    const char *boot;
    uint64_t start_us;
    uint64_t committed, last_ref;
    bool good, deaf; /* deaf: what becomes of appends is not heard any more */
};

static enum append_result store_batch(void *self, uint64_t number, struct span bytes)
{
    struct bench *bench = self;
    cr_assert_eq(bench->good, true);
    if (bench->fails != APPEND_OK) return bench->fails;
    bench->stored++;
    return batches_append(bench->store, number, bytes, NULL);
}

static void appended(void *self, enum append_result result)
{
    struct bench *bench = self;
    if (bench->deaf) return;
    bench->good = partition_appended(bench->partition, result);
}

static void release(void *self, unsigned link, struct span frame)
{
    struct bench *bench = self;
    struct message message;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    if (link == 31) {
        bench->timers++;
        return;
    }
    bench->released++;
    bench->last_ref = message_u(&message, ENVELOPE_ref);
}

static void committed(void *self, unsigned source, uint64_t seq)
{
    if (source == SOURCE_LINKS) ((struct bench *)self)->committed = seq;
}

static struct partition_options options = {
    .core = {.partition = 1, .seed = 42, .interactions_max = 10}, .ring_bytes = 256 * 1024, .ring_events = 1000};

static bool try_open(struct bench *bench, uint64_t delay_us, int64_t wall_us, struct error *error)
{
    bench->sim = simulated_new(&(struct simulated_options){.wall_us = wall_us,
                                                           .start_us = bench->start_us,
                                                           .boot = bench->boot,
                                                           .append_delay_us = delay_us,
                                                           .self = bench,
                                                           .append = store_batch,
                                                           .appended = appended,
                                                           .release = release,
                                                           .committed = committed});
    bench->good = true;
    bench->partition = partition_open(&options, bench->store, simulated_host(bench->sim), error);
    return bench->partition != NULL;
}

static void bench_open(struct bench *bench, uint64_t delay_us)
{
    struct error error = {0};
    *bench = (struct bench){.store = batches_open_memory()};
    cr_assert(try_open(bench, delay_us, 1000000000, &error), "%s", error.text);
}

/* The process ends here, whatever was under way; the store stays. */
static void die(struct bench *bench)
{
    partition_free(bench->partition);
    simulated_free(bench->sim);
}

static void bench_close(struct bench *bench)
{
    die(bench);
    batches_close(bench->store);
    writer_free(&bench->writer);
}

static bool post_kind(struct bench *bench, unsigned kind, unsigned source, uint64_t seq)
{
    writer_clear(&bench->writer);
    writer_begin(&bench->writer, kind);
    writer_u(&bench->writer, ENVELOPE_source, source);
    writer_u(&bench->writer, ENVELOPE_seq, seq);
    return partition_post(bench->partition, writer_end(&bench->writer));
}

static bool post(struct bench *bench, uint64_t seq)
{
    return post_kind(bench, KIND_ResyncBegin, SOURCE_LINKS, seq);
}

/* Everything that is due until then happens. */
static void run(struct bench *bench, uint64_t until_us)
{
    for (;;) {
        while (partition_turn(bench->partition)) continue;
        uint64_t due = simulated_due(bench->sim);
        if (due > until_us || !bench->good) break;
        simulated_advance(bench->sim, due);
    }
    simulated_advance(bench->sim, until_us);
}

Test(partition, effects_leave_only_after_their_batch_is_durable, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 500);
    run(&bench, 1000); /* the leader's first batch */
    unsigned before = bench.stored;
    post(&bench, 1);
    run(&bench, 1400);
    cr_assert_eq(bench.released, 0);
    cr_assert_eq(bench.committed, 0);
    cr_assert_eq(partition_core(bench.partition)->last_seq[SOURCE_LINKS], 1, "but the core has worked ahead");
    run(&bench, 1600);
    cr_assert_eq(bench.stored, before + 1);
    cr_assert_eq(bench.released, 1);
    cr_assert_eq(bench.committed, 1);
    bench_close(&bench);
}

Test(partition, what_arrives_during_an_append_is_one_batch, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 500);
    run(&bench, 1000);
    uint64_t before = partition_batches(bench.partition);
    for (uint64_t seq = 1; seq <= 300; seq++) {
        cr_assert(post(&bench, seq));
        run(&bench, 1000 + seq);
    }
    run(&bench, 5000);
    cr_assert_eq(bench.released, 300);
    cr_assert_eq(bench.last_ref, 300, "in order");
    cr_assert_leq(partition_batches(bench.partition) - before, 3);
    bench_close(&bench);
}

Test(partition, the_ring_is_bounded_in_events_and_bytes, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 0);
    unsigned room = 0;
    while (post(&bench, room + 1)) room++;
    cr_assert_eq(room, 1000 - 2, "two events of the beginning are there");
    run(&bench, 10);
    cr_assert(post(&bench, room + 1));
    run(&bench, 20);
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
    run(&bench, 30);
    bench_close(&bench);
}

Test(partition, timers_make_batches_of_their_own, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 0);
    run(&bench, 100);
    post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1);
    run(&bench, 1099);
    cr_assert_eq(bench.timers, 0);
    run(&bench, 1100);
    cr_assert_eq(bench.timers, 1);
    cr_assert_eq(partition_core(bench.partition)->time_us, 1100);
    bench_close(&bench);
}

Test(partition, killed_between_commit_and_release_it_is_the_same_machine_again, .timeout = 20)
{
    struct bench bench;
    struct error error = {0};
    bench_open(&bench, 500);
    for (uint64_t seq = 1; seq <= 50; seq++) {
        post(&bench, seq);
        run(&bench, seq * 300);
    }
    run(&bench, 20000);
    post(&bench, 51);
    partition_turn(bench.partition);
    uint64_t digest_then = partition_digest(bench.partition), batches = partition_batches(bench.partition);
    /* The commit reaches the disk, and nobody hears of it any more. */
    bench.deaf = true;
    simulated_advance(bench.sim, simulated_due(bench.sim));
    cr_assert_eq(batches_last(bench.store), batches);
    cr_assert_eq(bench.released, 50);
    bench.deaf = false;
    die(&bench);
    bench.released = 0;

    cr_assert(try_open(&bench, 500, 1000000000 + 7000000, &error), "%s", error.text);
    cr_assert_eq(partition_digest(bench.partition), digest_then);
    cr_assert_eq(partition_batches(bench.partition), batches);
    cr_assert_eq(bench.released, 0, "replay is mute");
    run(&bench, 1000);
    struct core *core = partition_core(bench.partition);
    cr_assert_eq(partition_epoch(bench.partition), 2);
    cr_assert_eq(core->recovered, 1);
    cr_assert_eq(core->gap, 7000000 - 20000);
    /* The link sends again what it was not told of: dropped, and committed again. */
    uint64_t events = core->events;
    bench.committed = 0;
    post(&bench, 51);
    run(&bench, 3000);
    cr_assert_eq(core->events, events);
    cr_assert_eq(bench.committed, 51);
    cr_assert_eq(bench.released, 0);
    bench_close(&bench);
}

Test(partition, stopped_at_any_batch_it_goes_on_to_the_same_digests, .timeout = 60)
{
    struct bench whole;
    struct error error = {0};
    bench_open(&whole, 200);
    for (uint64_t seq = 1; seq <= 200; seq++) {
        post_kind(&whole, seq % 7 == 0 ? KIND_Signal : KIND_ResyncBegin, SOURCE_LINKS, seq);
        run(&whole, seq * 150);
    }
    run(&whole, 1000000);
    uint64_t last = batches_last(whole.store), final = partition_digest(whole.partition);
    for (uint64_t stop = 1; stop <= last; stop += 5) {
        struct batches *prefix = batches_open_memory();
        struct span bytes;
        for (uint64_t number = 1; number <= stop; number++) {
            cr_assert(batches_read(whole.store, number, &bytes, NULL));
            batches_append(prefix, number, bytes, NULL);
        }
        struct bench part = {.store = prefix};
        cr_assert(try_open(&part, 0, 1000000000, &error), "%s", error.text);
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
    struct bench bench = {.store = store};
    struct error error = {0};
    cr_assert_not(try_open(&bench, 0, 0, &error));
    cr_assert_eq(error.code, code, "%s", error.text);
    cr_assert(strstr(error.text, number), "%s", error.text);
    cr_assert(strstr(error.text, why), "%s", error.text);
    simulated_free(bench.sim);
    batches_close(store);
}

Test(partition, a_journal_that_was_altered_is_refused_with_the_batch, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 0);
    for (uint64_t seq = 1; seq <= 9; seq++) {
        post(&bench, seq);
        run(&bench, seq * 100);
    }
    cr_assert_eq(batches_last(bench.store), 9);
    refuses(altered(bench.store, 4, flip), ERROR_INPUT, "batch 4", "altered");
    refuses(altered(bench.store, 9, flip), ERROR_INPUT, "batch 9", "altered");
    refuses(altered(bench.store, 5, cut), ERROR_INPUT, "batch 5", "length");
    refuses(altered(bench.store, 5, retime), ERROR_INPUT, "batch 6", "chain");
    refuses(altered(bench.store, 3, other_semantics), ERROR_VERSION, "batch 3", "or a later one");
    salt = 1;
    refuses(altered(bench.store, 0, flip), ERROR_STATE, "batch 1", "diverges");
    salt = 0;
    bench_close(&bench);
}

Test(partition, after_a_failed_append_nothing_more_is_released, .timeout = 20)
{
    static const enum append_result results[] = {APPEND_UNKNOWN, APPEND_DEPOSED};
    for (unsigned i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench, 100);
        run(&bench, 200);
        post(&bench, 1);
        bench.fails = results[i];
        run(&bench, 1000);
        cr_assert_not(bench.good);
        cr_assert_eq(bench.released, 0);
        post(&bench, 2);
        cr_assert_not(partition_turn(bench.partition));
        cr_assert_not(partition_appended(bench.partition, APPEND_OK));
        cr_assert_eq(bench.released, 0);
        cr_assert_eq(bench.committed, 0);
        bench_close(&bench);
    }
}

Test(partition, the_time_away_counts_once_the_core_has_heard_of_it, .timeout = 20)
{
    struct bench bench;
    struct error error = {0};
    bench_open(&bench, 0);
    post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1); /* a timer a millisecond later */
    run(&bench, 500);
    cr_assert_eq(bench.timers, 0);
    die(&bench);
    cr_assert(try_open(&bench, 0, 1000000000 + 9000000, &error), "%s", error.text);
    struct core *core = partition_core(bench.partition);
    uint64_t died_us = core->time_us;
    int64_t offset = core->offset;
    partition_turn(bench.partition);
    cr_assert_eq(core->recovered, 1);
    cr_assert_eq(core->recovered_us, died_us, "nothing has fallen due before");
    cr_assert_eq(core->time_us, died_us);
    cr_assert_eq(core->gap, 9000000 - (int64_t)died_us);
    cr_assert_eq(core->offset, offset, "the clocks agree as before");
    run(&bench, 0);
    cr_assert_eq(bench.timers, 1, "what was overdue fires at once");
    cr_assert_eq(core->time_us, 9000000u);
    cr_assert_eq(core->recovered, 1);

    /* And so it is again in replay. A clock that was set back takes nothing away. */
    uint64_t digest_then = partition_digest(bench.partition);
    die(&bench);
    cr_assert(try_open(&bench, 0, 1000000000, &error), "%s", error.text);
    core = partition_core(bench.partition);
    cr_assert_eq(partition_digest(bench.partition), digest_then);
    run(&bench, 100);
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
        struct bench bench = {.store = batches_open_memory(), .boot = "a", .start_us = 500000};
        struct error error = {0};
        cr_assert(try_open(&bench, 0, 1000000000, &error), "%s", error.text);
        post(&bench, 1);
        run(&bench, 2000000);
        uint64_t died_us = partition_core(bench.partition)->time_us, stopped_us = simulated_now(bench.sim);
        die(&bench);
        bench.boot = cases[i].boot;
        bench.start_us = stopped_us + 3000000;
        int64_t waited_us = (int64_t)(stopped_us - 500000 - died_us);
        cr_assert(try_open(&bench, 0, 1000000000 + cases[i].set_us, &error), "%s", error.text);
        run(&bench, bench.start_us);
        int64_t gap = cases[i].gap_us ? cases[i].gap_us + waited_us : 0;
        cr_assert_eq(partition_core(bench.partition)->gap, gap, "case %zu: %lld", i,
                     (long long)partition_core(bench.partition)->gap);
        bench_close(&bench);
    }
}

Test(partition, a_jump_of_the_wall_clock_is_an_event, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 0);
    run(&bench, 2000000);
    int64_t before = partition_core(bench.partition)->offset;
    simulated_wall_jump(bench.sim, 3600000000);
    post(&bench, 1);
    run(&bench, 2000010);
    cr_assert_eq(partition_core(bench.partition)->offset, before + 3600000000);
    bench_close(&bench);
}

Test(partition, an_image_is_there_after_a_restart, .timeout = 20)
{
    struct bench bench;
    struct error error = {0};
    bench_open(&bench, 0);
    uint8_t hash[32], bytes[40] = {9, 9, 9};
    memcpy(hash, bytes, sizeof hash);
    for (int twice = 0; twice < 2; twice++)
        cr_assert(batches_put_image(bench.store, hash, (struct span){bytes, 40}, &error));
    run(&bench, 10);
    die(&bench);
    cr_assert(try_open(&bench, 0, 0, &error));
    const struct core_options *core = &partition_core(bench.partition)->options;
    cr_assert(core->image(core->self, hash));
    hash[0]++;
    cr_assert_null(core->image(core->self, hash));
    bench_close(&bench);
}

Test(partition, the_seed_is_the_journals_own, .timeout = 20)
{
    struct bench bench;
    struct error error = {0};
    bench_open(&bench, 0);
    run(&bench, 10);
    die(&bench);
    struct partition_options other = options;
    other.core.seed = 43;
    other.core.interactions_max = 20;
    bench.sim = simulated_new(&(struct simulated_options){.self = &bench, .appended = appended});
    bench.partition = partition_open(&other, bench.store, simulated_host(bench.sim), &error);
    cr_assert(bench.partition, "%s", error.text);
    cr_assert_eq(partition_core(bench.partition)->options.seed, 42);
    cr_assert_eq(partition_core(bench.partition)->options.interactions_max, 10);
    bench_close(&bench);
}

static unsigned crashes_told;
static void on_crash(void *self, const char *text)
{
    (void)self, (void)text;
    crashes_told++;
}

/* A process of a few events. */
static void live(struct bench *bench, const char *state, unsigned kind, uint64_t seq)
{
    struct error error = {0};
    options.crashes = crashes_open(state, 0, &(struct batches_watch){.note = on_crash}, &error);
    cr_assert(options.crashes, "%s", error.text);
    cr_assert(try_open(bench, 0, 1000000000, &error), "%s", error.text);
    run(bench, 10);
    if (seq != 0) post_kind(bench, kind, SOURCE_LINKS, seq);
    run(bench, 20);
}
static void ends(struct bench *bench)
{
    die(bench);
    crashes_free(options.crashes, false);
    options.crashes = NULL;
}

/* The same, and it ends where it takes an event of the kind `at`: what it has appended is lost. */
static void crashes(struct bench *bench, const char *state, unsigned at, unsigned kind, uint64_t seq)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        crashes_at = at;
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
    struct bench bench = {.store = batches_open_memory()};
    struct journal_head head;
    struct error error = {0};
    uint32_t count;
    cr_assert(mkdtemp(state));
    live(&bench, state, KIND_ResyncEnd, 1);
    uint64_t culprit = partition_batches(bench.partition);
    post(&bench, 2);
    run(&bench, 30);
    ends(&bench);
    for (int twice = 0; twice < 2; twice++) {
        cr_assert_null(batches_passes(bench.store, culprit, &count));
        crashes(&bench, state, KIND_ResyncEnd, 0, 0);
    }
    crashes_at = KIND_ResyncEnd;
    live(&bench, state, KIND_ResyncBegin, 3);
    cr_assert_eq(crashes_told, 1, "at the second time; the first was told to the second process");
    cr_assert(batches_passes(bench.store, culprit, &count));
    cr_assert_eq(count, 1);
    cr_assert_eq(partition_core(bench.partition)->quarantined, culprit);
    ends(&bench);
    options.core.mark = NULL;
    struct core *core = core_new(&options.core);
    journal_begin(&options.core, &head);
    while (head.number < batches_last(bench.store))
        cr_assert(journal_next(bench.store, &options.core, core, &head, NULL, &error), "%s", error.text);
    cr_assert_eq(core->quarantined, culprit);
    cr_assert_eq(head.number, batches_last(bench.store));
    core_free(core);
    live(&bench, state, 0, 0);
    cr_assert_null(crashes_due(options.crashes, 0), "its core knows of it");
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
    struct bench bench = {.store = batches_open_memory()};
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    cr_assert(mkdtemp(state));
    for (int twice = 0; twice < 2; twice++) crashes(&bench, state, KIND_ResyncEnd, KIND_ResyncEnd, 5);
    live(&bench, state, 0, 0);
    cr_assert(batches_read(bench.store, 1, &bytes, NULL) && batch_decode(&batch, bytes, hash, NULL));
    cr_assert_eq(batch.events.bytes[4] | batch.events.bytes[5] << 8, KIND_Quarantined);
    cr_assert_neq(partition_core(bench.partition)->quarantined, 0);
    die(&bench);
    crashes_free(options.crashes, true);
    snprintf(path, sizeof path, "%s/working", state);
    cr_assert_eq(access(path, F_OK), 0, "what is due stays until a core is recovered that has it");
    live(&bench, state, 0, 0);
    die(&bench);
    crashes_free(options.crashes, true);
    cr_assert_neq(access(path, F_OK), 0);
    options.crashes = NULL;
    remove_state(state);
    batches_close(bench.store);
    writer_free(&bench.writer);
}

/* The core hears how long an append has held it up, while that is under way and afterwards, and each moment once. */
Test(partition, a_slow_append_is_told_before_timers_fire, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 3000000);
    run(&bench, 4000000); /* the leader's first batch */
    post(&bench, 1);
    run(&bench, 4100000);
    post_kind(&bench, KIND_Signal, SOURCE_LINKS, 2); /* made ahead after a tenth of a second: not slow yet */
    run(&bench, 4100000);
    int64_t before = partition_core(bench.partition)->held_us;
    run(&bench, 7100000); /* the first is durable: the timer that was due meanwhile makes a batch, which tells it */
    cr_expect_eq(partition_core(bench.partition)->held_us - before, 2900000);
    post(&bench, 3);
    run(&bench, 10200000);
    cr_expect_eq(partition_core(bench.partition)->held_us - before, 5900000);
    run(&bench, 20000000);
    post(&bench, 4);
    run(&bench, 20000000);
    cr_expect_eq(partition_core(bench.partition)->held_us - before, 11900000, "nothing was under way since 16 s");
    bench_close(&bench);
}

Test(partition, an_append_that_takes_no_time_is_not_told, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 249999);
    for (uint64_t seq = 1; seq < 20; seq++) {
        post(&bench, seq);
        run(&bench, seq * 150000);
    }
    cr_expect_eq(partition_core(bench.partition)->held_us, 0);
    bench_close(&bench);
}

static void post_from(struct bench *bench, unsigned source, uint64_t seq, uint64_t moment_us)
{
    writer_clear(&bench->writer);
    writer_begin(&bench->writer, KIND_ResyncBegin);
    writer_u(&bench->writer, ENVELOPE_source, source);
    writer_u(&bench->writer, ENVELOPE_seq, seq);
    cr_assert(partition_post_of(bench->partition, writer_end(&bench->writer), moment_us));
}

static void post_of(struct bench *bench, uint64_t seq, uint64_t moment_us)
{
    post_from(bench, SOURCE_LINKS, seq, moment_us);
}

/* The agent whom it was for may have work of another domain by then. */
Test(partition, what_is_durable_too_late_is_not_given_out_and_the_core_hears_it, .timeout = 20)
{
    for (unsigned late = 0; late < 2; late++) {
        struct bench bench;
        bench_open(&bench, 500000); /* an append */
        run(&bench, 1000000);
        struct core *core = partition_core(bench.partition);
        size_t released = bench.released;
        core->until_us = simulated_now(bench.sim) + 500000 + !late;
        post_of(&bench, 5, 0);
        run(&bench, 3000000);
        cr_expect_eq(bench.released - released, late ? 0u : 1u);
        cr_expect_eq(core->refused, late ? 5u : 0u);
        bench_close(&bench);
    }
}

/* Each caller would wait in vain for the whole time that an answer has. */
Test(partition, of_many_that_are_durable_too_late_the_core_hears_each, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 500000);
    run(&bench, 1000000);
    struct core *core = partition_core(bench.partition);
    size_t released = bench.released;
    core->until_us = simulated_now(bench.sim) + 500000;
    for (uint64_t seq = 1; seq <= 200; seq++) cr_assert(post(&bench, seq));
    run(&bench, 2000000);
    core->until_us = 0;
    run(&bench, 9000000);
    cr_expect_eq(bench.released, released);
    cr_expect_eq(core->refusals, 200u);
    cr_expect_eq(core->refused, 200u);
    cr_expect_eq(core->refusals_most, 64u, "a batch has bounds");
    bench_close(&bench);
}

Test(partition, what_has_no_room_in_a_batch_is_in_the_next_one_at_once, .timeout = 20)
{
    struct bench bench;
    options.ring_events = BATCH_EVENTS_MAX + 1;
    bench_open(&bench, 1000);
    run(&bench, 1000);
    for (uint64_t seq = 1; seq <= BATCH_EVENTS_MAX + 1; seq++) cr_assert(post(&bench, seq));
    cr_expect(partition_turn(bench.partition), "nobody wakes it for the last one");
    cr_expect_not(partition_turn(bench.partition));
    cr_expect_eq(partition_core(bench.partition)->last_seq[SOURCE_LINKS], (uint64_t)BATCH_EVENTS_MAX + 1);
    bench_close(&bench);
}

/* A machine that was paused: answers lie there, of times before those at which they would be too late. */
Test(partition, what_came_in_while_the_core_stood_still_has_its_time, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 0);
    run(&bench, 1000000);
    post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1); /* a timer a millisecond later */
    run(&bench, 1000000);
    struct core *core = partition_core(bench.partition);
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
    run(&bench, 11000000);
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
        struct bench bench = {.store = batches_open_memory(), .boot = "a", .start_us = 500000};
        struct error error = {0};
        cr_assert(try_open(&bench, 0, 1000000000, &error), "%s", error.text);
        run(&bench, 502000);
        post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1);
        run(&bench, 502500);
        uint64_t died_us = partition_core(bench.partition)->time_us, away_us = longer ? 61000000 : 9000000;
        die(&bench);
        bench.start_us += away_us;
        cr_assert(try_open(&bench, 0, 1000000000, &error), "%s", error.text);
        struct core *core = partition_core(bench.partition);
        cr_assert(partition_turn(bench.partition) && core->time_us == died_us && core->recovered == 1);
        simulated_advance(bench.sim, bench.start_us + 600000);
        cr_assert_eq(partition_late(bench.partition), true);
        post_of(&bench, 2, 502900);
        post_of(&bench, 3, 2500000);
        post_from(&bench, SOURCE_LINKS + 1, 4, bench.start_us + 500000);
        run(&bench, bench.start_us + 600000);
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
    struct bench bench;
    bench_open(&bench, 0);
    run(&bench, 1000000);
    post_kind(&bench, KIND_Signal, SOURCE_LINKS, 1);
    run(&bench, 1000000);
    struct core *core = partition_core(bench.partition);
    simulated_advance(bench.sim, 11000000);
    post_from(&bench, SOURCE_LINKS + 1, 1, 10900000);
    post_of(&bench, 2, 3000000);
    post_of(&bench, 3, 0); /* of a source the order stays */
    post_of(&bench, 4, 2000000);
    post_of(&bench, 5, 6000000);
    post_from(&bench, SOURCE_LINKS + 1, 6, 10950000);
    run(&bench, 11000000);
    static const uint64_t at_us[] = {0, 0, 3000000, 3000000, 3000000, 6000000, 10900000};
    for (unsigned seq = 2; seq <= 6; seq++)
        cr_expect_eq(core->at_us[seq], at_us[seq], "%u: %lu", seq, core->at_us[seq]);
    cr_expect_eq(core->held_us, 10000000);
    bench_close(&bench);
}

/* An adapter kept it while its link was away. */
Test(partition, what_comes_late_to_a_core_that_goes_on_says_how_old_it_is, .timeout = 20)
{
    struct bench bench;
    bench_open(&bench, 0);
    run(&bench, 9000000);
    struct core *core = partition_core(bench.partition);
    post_of(&bench, 1, 2000000);
    post_of(&bench, 2, 8990000);
    post_of(&bench, 3, 0);
    post_of(&bench, 4, 9500000);
    run(&bench, 9000000);
    static const int64_t ago_us[] = {0, 7000000, 0, 0, 0};
    for (unsigned seq = 1; seq <= 4; seq++) {
        cr_expect_eq(core->at_us[seq], 9000000u, "%u", seq);
        cr_expect_eq(core->ago_us[seq], ago_us[seq], "%u: %lld", seq, (long long)core->ago_us[seq]);
    }
    cr_expect_eq(core->held_us, 0);
    bench_close(&bench);
}

/* ---- who follows: over a store whose leader gives the signs that a test says ---- */

enum { LEASE_US = 1000000, STEP_US = 10000 };

struct watched {
    struct bench leader; /* it has ended, and its store has what it wrote */
    struct simulated *sim;
    struct batches *store;
    struct batches_sign sign;
    uint64_t look_us; /* so long a look takes */
    enum append_result taken;
    unsigned takes;
    bool away, beats; /* beats: the leader gives a sign before each look */
    struct follower *follower;
};

static bool watched_read(void *self, uint64_t number, struct span *batch, struct error *error)
{
    return batches_read(((struct watched *)self)->leader.store, number, batch, error);
}

static bool watched_image(void *self, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    return batches_get_image(((struct watched *)self)->leader.store, hash, bytes, error);
}

static bool watched_look(void *self, uint64_t *first, uint64_t *last, struct error *error)
{
    struct watched *watched = self;
    simulated_advance(watched->sim, simulated_now(watched->sim) + watched->look_us);
    if (watched->away) return error_set(error, ERROR_SYSTEM, "the database is away");
    watched->sign.seen += watched->beats;
    watched->sign.last = batches_last(watched->leader.store);
    *first = 1;
    *last = watched->sign.last;
    return true;
}

static void watched_sign(void *self, struct batches_sign *sign)
{
    *sign = ((struct watched *)self)->sign;
}

static void watched_hear(void *self, unsigned within_ms)
{
    (void)self, (void)within_ms;
}

static enum append_result watched_take(void *self, uint64_t number, struct span row, struct error *error)
{
    struct watched *watched = self;
    watched->takes++;
    if (watched->taken == APPEND_OK) return batches_append(watched->leader.store, number, row, error);
    error_set(error, ERROR_SYSTEM, "the copies do not answer");
    return watched->taken;
}

static void watched_close(void *self)
{
    (void)self;
}

static struct image *no_image(void *self, const uint8_t hash[CORE_HASH])
{
    (void)self, (void)hash;
    return NULL;
}

static void watched_open(struct watched *watched)
{
    static const struct batches_kind kind = {.read = watched_read,
                                             .get_image = watched_image,
                                             .look = watched_look,
                                             .sign = watched_sign,
                                             .hear = watched_hear,
                                             .take = watched_take,
                                             .close = watched_close};
    struct error error = {0};
    *watched = (struct watched){.taken = APPEND_OK};
    bench_open(&watched->leader, 0);
    post(&watched->leader, 1);
    run(&watched->leader, 2000);
    die(&watched->leader);
    uint64_t last = batches_last(watched->leader.store);
    watched->sim = simulated_new(&(struct simulated_options){.start_us = 1000000});
    watched->store = batches_new(&kind, watched, 1, last, NULL);
    watched->sign = (struct batches_sign){.term = 1, .last = last, .lease_us = LEASE_US};
    struct follower_options following = {
        .core = options.core, .lease_us = LEASE_US, .host = simulated_host(watched->sim)};
    following.core.image = (const struct image *(*)(void *, const uint8_t *))no_image;
    watched->follower = follower_open(&following, watched->store, &error);
    cr_assert(watched->follower, "%s", error.text);
}

static void watched_end(struct watched *watched)
{
    follower_free(watched->follower);
    batches_close(watched->store);
    simulated_free(watched->sim);
    batches_close(watched->leader.store);
    writer_free(&watched->leader.writer);
}

/* Turns for so long, or until it leads; how long that took. */
static uint64_t watched_turns(struct watched *watched, uint64_t for_us, bool *leads)
{
    uint64_t began_us = simulated_now(watched->sim);
    struct error error = {0};
    *leads = false;
    while (!*leads && simulated_now(watched->sim) - began_us < for_us) {
        *leads = follower_turn(watched->follower, &error) == FOLLOWER_LEADS;
        if (!*leads) simulated_advance(watched->sim, simulated_now(watched->sim) + STEP_US);
    }
    return simulated_now(watched->sim) - began_us;
}

static struct follower_row watched_row(const struct watched *watched)
{
    struct follower_row row;
    follower_read(watched->follower, &row);
    return row;
}

Test(follower, the_lead_is_taken_when_the_leaders_own_lease_is_over, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched_turns(&watched, LEASE_US / 2, &leads);
    cr_assert_not(watched_row(&watched).led, "what was there at the start may be a dead one's");
    watched.beats = true;
    watched_turns(&watched, 5 * LEASE_US, &leads);
    cr_assert(watched_row(&watched).led, "another one leads");
    cr_assert(!leads && watched.takes == 0 && watched_row(&watched).unled_us == 0, "it gives signs");
    watched.beats = false;
    watched.sign.lease_us = 4 * LEASE_US;
    uint64_t took_us = watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(leads && took_us >= 4 * LEASE_US - STEP_US && took_us <= 4 * LEASE_US + LEASE_US / 2 + STEP_US);
    watched_end(&watched);
}

Test(follower, one_of_an_earlier_version_has_the_followers_lease, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.sign.lease_us = 0;
    uint64_t took_us = watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(leads && took_us >= LEASE_US && took_us <= LEASE_US + LEASE_US / 2 + 2 * STEP_US);
    watched_end(&watched);
}

Test(follower, who_leads_more_journals_waits_longer_and_not_for_ever, .timeout = 20)
{
    uint64_t took_us[3];
    for (unsigned i = 0; i < 3; i++) { /* the random part is the same each time */
        struct watched watched;
        bool leads;
        watched_open(&watched);
        watched.sign.first = i == 2 ? 1000 : i;
        took_us[i] = watched_turns(&watched, 20 * LEASE_US, &leads);
        cr_assert(leads);
        watched_end(&watched);
    }
    cr_assert_eq(took_us[1], took_us[0] + LEASE_US / 2);
    cr_assert_eq(took_us[2], took_us[0] + 4 * LEASE_US / 2);
}

Test(follower, what_is_free_or_its_own_already_is_taken_at_once, .timeout = 20)
{
    for (unsigned own = 0; own < 2; own++) {
        struct watched watched;
        bool leads;
        watched_open(&watched);
        watched.beats = true;
        watched_turns(&watched, LEASE_US, &leads);
        watched.sign.left = !own;
        watched.sign.ours = own;
        cr_assert_eq(watched_turns(&watched, LEASE_US, &leads), 0);
        cr_assert(leads);
        watched_end(&watched);
    }
}

Test(follower, a_slow_database_does_not_count_against_the_leader, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.look_us = LEASE_US / 2;
    watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(!leads && watched.takes == 0);
    watched.look_us = LEASE_US / 2 - STEP_US;
    watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(leads);
    watched_end(&watched);
}

Test(follower, a_try_that_fails_is_repeated_and_told_with_how_long_nobody_leads, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.taken = APPEND_UNKNOWN;
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert_eq(watched_row(&watched).unled_us, 0, "its lease is not over");
    watched_turns(&watched, 9 * LEASE_US, &leads);
    struct follower_row row = watched_row(&watched);
    cr_assert(!leads && watched.takes > 2, "%u", watched.takes);
    cr_assert_eq(row.unled_us, 10 * LEASE_US - 0, "%llu", (unsigned long long)row.unled_us);
    cr_assert_str_eq(row.why, "the copies do not answer");
    watched.takes = 0;
    watched.sign.ours = true; /* the first one was committed; the next ones are not tried all the time */
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert(!leads && watched.takes >= 3 && watched.takes <= 5, "%u", watched.takes);
    watched.away = true;
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert_eq(watched_row(&watched).unled_us, 0, "it is not known");
    watched.away = false;
    watched.taken = APPEND_OK;
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert(leads);
    watched_end(&watched);
}

Test(follower, how_long_nobody_leads_leaves_out_the_time_without_answers_and_no_other, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.taken = APPEND_UNKNOWN;
    watched_turns(&watched, LEASE_US / 2, &leads);
    watched.away = true;
    watched_turns(&watched, 5 * LEASE_US, &leads);
    watched.away = false;
    watched_turns(&watched, LEASE_US / 4, &leads);
    cr_assert_eq(watched_row(&watched).unled_us, 0, "its lease is not over");
    watched.look_us = LEASE_US / 4; /* an answer that comes late is one */
    watched_turns(&watched, 4 * LEASE_US, &leads);
    cr_assert_geq(watched_row(&watched).unled_us, 4 * LEASE_US);
    watched_end(&watched);
}

Test(follower, the_lease_begins_anew_when_the_database_is_there_again, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched_turns(&watched, LEASE_US / 2, &leads);
    watched.away = true;
    watched_turns(&watched, 5 * LEASE_US, &leads);
    watched.away = false;
    uint64_t took_us = watched_turns(&watched, 5 * LEASE_US, &leads);
    cr_assert(leads && took_us >= LEASE_US);
    watched_end(&watched);
}
