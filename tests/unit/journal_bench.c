/* tests/unit/journal_bench.c - The core that only counts, and its bench. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/semantics.h"
#include "tests/unit/journal_bench.h"

struct image;
struct image *image_load(const void *bytes, size_t length, struct error *error);
void image_free(struct image *image);
const uint8_t *image_hash(const struct image *image);

struct core {
    struct core_counts counts;
};

struct core_counts *core_counts(struct core *core)
{
    return &core->counts;
}

uint64_t bench_salt;

struct core *core_new(const struct core_options *options)
{
    struct core *core = calloc(1, sizeof *core);
    core->counts.options = *options;
    core->counts.digest = options->seed + bench_salt;
    core->counts.timer_us = UINT64_MAX;
    return core;
}

void core_free(struct core *core)
{
    if (!core) return;
    writer_free(&core->counts.writer);
    free(core);
}

static void digest(struct core *core, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        core->counts.digest = (core->counts.digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
}

static void effect(struct core *core, const struct effect_sink *sink, unsigned link, uint64_t ref)
{
    if (!sink) return;
    writer_clear(&core->counts.writer);
    writer_begin(&core->counts.writer, core->counts.until_us != 0 ? KIND_Invite : KIND_Cancel);
    writer_u(&core->counts.writer, ENVELOPE_source, link);
    writer_u(&core->counts.writer, ENVELOPE_ref, ref);
    writer_u(&core->counts.writer, Invite_until, core->counts.until_us);
    sink->effect(sink->self, writer_end(&core->counts.writer));
}

unsigned bench_crashes_at;

static void mark_event(struct core *core, const struct batch *batch, uint32_t index, const struct message *message)
{
    volatile struct core_mark *mark = core->counts.options.mark;
    if (!mark) return;
    *mark = (struct core_mark){.place = CORE_TAKES,
                               .index = index,
                               .batch = batch->number,
                               .number = message_u(message, ENVELOPE_seq),
                               .kind = (uint16_t)message->kind,
                               .source = (uint8_t)message_u(message, ENVELOPE_source)};
    if (message->kind == bench_crashes_at) _exit(CRASHED);
    mark->place = CORE_RESTS;
}

void core_apply(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    digest(core, &batch->time_us, sizeof batch->time_us);
    core->counts.time_us = batch->time_us;
    core->counts.batches++;
    if (core->counts.timer_us <= core->counts.time_us) {
        core->counts.timer_us = UINT64_MAX;
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
        if (seq <= core->counts.last_seq[source]) continue;
        core->counts.last_seq[source] = seq;
        index++;
        if (batch->passed_count > 0 && batch->passed[0] == index - 1) continue;
        mark_event(core, batch, index - 1, &message);
        core->counts.events++;
        digest(core, frame, size);
        if (message.kind == KIND_Quarantined) core->counts.quarantined = message_u(&message, Quarantined_batch);
        if (message.kind == KIND_Recovered) {
            core->counts.recovered++;
            core->counts.recovered_us = core->counts.time_us;
            core->counts.gap = message_i(&message, Recovered_gap);
        }
        if (message.kind == KIND_Held) core->counts.held_us += message_i(&message, Held_lasted);
        if (message.kind == KIND_Held) core->counts.behind_us = message_i(&message, Held_behind);
        if (message.kind == KIND_Clock) core->counts.offset = message_i(&message, Clock_offset);
        if (message.kind == KIND_EventDone && source == SOURCE_HOST) {
            cr_expect_gt(message_u(&message, ENVELOPE_ref), core->counts.refused, "in order");
            core->counts.refused = message_u(&message, ENVELOPE_ref);
            core->counts.refusals++;
            if (++refused > core->counts.refusals_most) core->counts.refusals_most = refused;
        }
        if (message.kind == KIND_Signal) core->counts.timer_us = core->counts.time_us + 1000;
        if (source >= SOURCE_LINKS && seq < 8) core->counts.at_us[seq] = core->counts.time_us;
        if (source >= SOURCE_LINKS && seq < 8) core->counts.ago_us[seq] = message_i(&message, ENVELOPE_ago);
        if (source >= SOURCE_LINKS) effect(core, sink, source, seq);
    }
}

uint64_t core_digest(const struct core *core)
{
    return core->counts.digest;
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
    return core->counts.timer_us;
}
uint64_t core_last_seq(const struct core *core, unsigned source)
{
    return core->counts.last_seq[source];
}

bool core_quarantines(const struct core *core, const struct core_mark *mark)
{
    return core->counts.quarantined != 0 && core->counts.quarantined == mark->batch;
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

static enum append_result store_batch(void *self, uint64_t number, struct span bytes)
{
    struct partition_bench *bench = self;
    cr_assert_eq(bench->good, true);
    if (bench->fails != APPEND_OK) return bench->fails;
    bench->stored++;
    return batches_append(bench->store, number, bytes, NULL);
}

void bench_appended(void *self, enum append_result result)
{
    struct partition_bench *bench = self;
    if (bench->deaf) return;
    bench->good = partition_appended(bench->partition, result);
}

static void release(void *self, unsigned link, struct span frame)
{
    struct partition_bench *bench = self;
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
    if (source == SOURCE_LINKS) ((struct partition_bench *)self)->committed = seq;
}

struct partition_options bench_options = {
    .core = {.partition = 1, .seed = 42, .interactions_max = 10}, .ring_bytes = 256 * 1024, .ring_events = 1000};

bool bench_try(struct partition_bench *bench, uint64_t delay_us, int64_t wall_us, struct error *error)
{
    bench->sim = simulated_new(&(struct simulated_options){.wall_us = wall_us,
                                                           .start_us = bench->start_us,
                                                           .boot = bench->boot,
                                                           .append_delay_us = delay_us,
                                                           .self = bench,
                                                           .append = store_batch,
                                                           .appended = bench_appended,
                                                           .release = release,
                                                           .committed = committed});
    bench->good = true;
    bench->partition = partition_open(&bench_options, bench->store, simulated_host(bench->sim), error);
    return bench->partition != NULL;
}

void bench_open(struct partition_bench *bench, uint64_t delay_us)
{
    struct error error = {0};
    *bench = (struct partition_bench){.store = batches_open_memory()};
    cr_assert(bench_try(bench, delay_us, 1000000000, &error), "%s", error.text);
}

void bench_die(struct partition_bench *bench)
{
    partition_free(bench->partition);
    simulated_free(bench->sim);
}

void bench_close(struct partition_bench *bench)
{
    bench_die(bench);
    batches_close(bench->store);
    writer_free(&bench->writer);
}

bool bench_post_kind(struct partition_bench *bench, unsigned kind, unsigned source, uint64_t seq)
{
    writer_clear(&bench->writer);
    writer_begin(&bench->writer, kind);
    writer_u(&bench->writer, ENVELOPE_source, source);
    writer_u(&bench->writer, ENVELOPE_seq, seq);
    return partition_post(bench->partition, writer_end(&bench->writer));
}

bool bench_post(struct partition_bench *bench, uint64_t seq)
{
    return bench_post_kind(bench, KIND_ResyncBegin, SOURCE_LINKS, seq);
}

void bench_run(struct partition_bench *bench, uint64_t until_us)
{
    for (;;) {
        while (partition_turn(bench->partition)) continue;
        uint64_t due = simulated_due(bench->sim);
        if (due > until_us || !bench->good) break;
        simulated_advance(bench->sim, due);
    }
    simulated_advance(bench->sim, until_us);
}

struct core_counts *bench_counts(const struct partition_bench *bench)
{
    return core_counts(partition_core(bench->partition));
}
