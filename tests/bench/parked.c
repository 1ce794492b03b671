/* tests/bench/parked.c - Bytes of a parked interaction: five.gcx waiting for an agent, COUNT of them in one core; with
 * music where the image has it in a busy block.
 * Prints: bytes of the block in use, bytes with its size class, bytes all told (everything the core has allocated
 * for them: blocks, indexes, timers, queue nodes), of the second half of them: what a core keeps of the last ones, in
 * rows that are made once, is there by then. With `parts`: one line per part instead, its name and bytes. With
 * `snapshot`: bytes of a snapshot, seconds that it takes to save, to load with all checks. With `gone`: megabytes of
 * the process before them, while they wait, when they have hung up, and when as many have come and gone again.
 * Usage: parked IMAGE COUNT [parts | snapshot | gone] */
#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/message.h"
#include "tests/bench/bench_core.h"
#include "vm/block_data.h"
#include "vm/memory.h"

struct world {
    struct bench bench;
    unsigned kind; /* of the effect asked last, and how to answer it */
    uint64_t ixn, ref, conn;
};

static void seen(void *self, struct span frame)
{
    struct world *world = self;
    struct message effect;
    bool read = message_read(&effect, frame.bytes, frame.length, NULL);
    assert(read);
    if (effect.kind != KIND_RequestApplyTreatment && effect.kind != KIND_Query) return;
    world->kind = effect.kind;
    world->ixn = message_u(&effect, ENVELOPE_ixn);
    world->ref = message_u(&effect, ENVELOPE_ref);
    world->conn = message_u(&effect, ENVELOPE_conn);
}

static void digits(struct world *world, const char *keyed)
{
    assert(world->kind == KIND_RequestApplyTreatment);
    for (unsigned change = treatment_change_Applied; change <= treatment_change_End; change++) {
        struct writer *w = bench_event(&world->bench, KIND_EventTreatment, SOURCE_LINKS);
        writer_u(w, ENVELOPE_ixn, world->ixn);
        writer_u(w, ENVELOPE_ref, world->ref);
        writer_conn(w, ENVELOPE_conn, world->conn);
        writer_u(w, EventTreatment_change, change);
        if (change == treatment_change_End) writer_text(w, EventTreatment_digits, keyed);
        bench_done(&world->bench);
    }
    bench_apply(&world->bench);
}

static void customer(struct world *world)
{
    assert(world->kind == KIND_Query);
    struct kv rows;
    kv_init(&rows);
    kv_list_begin(&rows, span_of("1"));
    kv_put_text(&rows, "tier", span_of("gold"));
    kv_put_text(&rows, "language", span_of("fr"));
    kv_list_end(&rows);
    struct writer *w = bench_event(&world->bench, KIND_EventDone, SOURCE_HOST);
    writer_u(w, ENVELOPE_ixn, world->ixn);
    writer_u(w, ENVELOPE_ref, world->ref);
    writer_u(w, EventDone_outcome, outcome_ok);
    writer_list_begin(w, EventDone_columns);
    writer_list_text(w, span_of("tier"));
    writer_list_text(w, span_of("language"));
    writer_list_end(w);
    writer_kv(w, EventDone_rows, &rows);
    bench_done(&world->bench);
    bench_apply(&world->bench);
    kv_free(&rows);
}

static void call(struct world *world, uint32_t i)
{
    char number[24];
    uint64_t conn = (uint64_t)SOURCE_LINKS << 48 | (uint64_t)i;
    snprintf(number, sizeof number, "+3314%07u", i);
    struct writer *w = bench_event(&world->bench, KIND_EventCallCreated, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn);
    writer_u(w, EventCallCreated_media, media_voice);
    writer_u(w, EventCallCreated_call_type, call_type_inbound);
    writer_text(w, EventCallCreated_ani, number);
    writer_text(w, EventCallCreated_dnis, "1800");
    bench_done(&world->bench);
    w = bench_event(&world->bench, KIND_EventRouteRequest, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn);
    writer_text(w, EventRouteRequest_dn, "1800");
    bench_done(&world->bench);
    bench_apply(&world->bench);
    snprintf(number, sizeof number, "%010u", i);
    digits(world, number);
    digits(world, "2");
    customer(world);
}

/* The memory of a core's parts: rows in use and, apart from them, free room. */
enum part_bytes {
    ROWS,
    VISITS,
    BLOCK_HEADS,
    BLOCK_WORDS,
    BLOCK_HEAPS,
    BLOCK_FIBERS,
    BLOCK_WASTE,
    HANDLES,
    TIMERS,
    INDEX_IDS,
    INDEX_CONNS,
    ROOM,
    PART_COUNT
};
static const char *const part_names[PART_COUNT] = {
    "rows of interactions",
    "visits",
    "blocks: heads",
    "blocks: keys and attributes",
    "blocks: heaps",
    "blocks: fibers",
    "blocks: size class",
    "blocks: handles",
    "timers",
    "index by id",
    "index by ConnID",
    "room reserved: rows, visits, chunks",
};

static void measure(const struct core *core, double parts[PART_COUNT])
{
    const struct interactions *table = core->interactions;
    memset(parts, 0, PART_COUNT * sizeof *parts);
    for (uint32_t at = table->first; at != INTERACTION_NONE; at = interaction_at(core->interactions, at)->next) {
        const struct block *block = block_at(core->slab, interaction_at(core->interactions, at)->block);
        parts[BLOCK_HEADS] += sizeof *block;
        parts[BLOCK_WORDS] += block_heap_start(block) - sizeof *block;
        parts[BLOCK_HEAPS] += block_used(block) - block_heap_start(block);
        parts[BLOCK_FIBERS] += block_size(block) - block_fibers(block);
        parts[BLOCK_WASTE] += block_fibers(block) - block_used(block);
    }
    uint64_t chunks = (uint64_t)core->slab->chunk_count * (64 << 10);
    parts[ROWS] = (double)table->live * sizeof(struct interaction);
    parts[VISITS] = (double)core->vqs->visit_count * sizeof(struct visit);
    parts[HANDLES] = (double)core->slab->handle_capacity * sizeof *core->slab->where;
#define TIMER(KIND, kind, part, self) parts[TIMERS] += timers_of_kind(core->timers, TIMER_##KIND) * (double)TIMER_BYTES;
#include "runtime/core/base/timers.def"
    parts[INDEX_IDS] = table->by_id.capacity * (double)sizeof *table->by_id.slots;
    parts[INDEX_CONNS] = table->by_conn.capacity * (double)sizeof *table->by_conn.slots;
    parts[ROOM] = (double)(table->chunk_count * CHUNK - table->live) * sizeof(struct interaction) +
                  (double)(core->vqs->visit_capacity - core->vqs->visit_count) * sizeof(struct visit) + (double)chunks -
                  (double)slab_bytes(core->slab);
}

static void print_parts(const double before[PART_COUNT], const double after[PART_COUNT], uint32_t count, double all)
{
    double known = 0;
    for (unsigned part = 0; part < PART_COUNT; part++) {
        double each = (after[part] - before[part]) / count;
        printf("%-36s %6.1f\n", part_names[part], each);
        known += each;
    }
    printf("%-36s %6.1f\n%-36s %6.1f\n", "all else", all - known, "all told", all);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool put(void *self, const void *bytes, size_t length)
{
    buffer_put(self, bytes, length);
    return true;
}

static void print_snapshot(struct core *core, const struct core_options *options)
{
    struct buffer bytes = {0};
    struct error error = {0};
    double begin_s = now_s();
    bool saved = core_save(core, put, &bytes);
    double saved_s = now_s();
    assert(saved);
    struct core *loaded = core_load(options, bytes.bytes, bytes.length, &error);
    double loaded_s = now_s();
    if (!loaded) fprintf(stderr, "%s\n", error.text);
    assert(loaded && core_digest(loaded) == core_digest(core));
    printf("%zu %.2f %.2f\n", bytes.length, saved_s - begin_s, loaded_s - saved_s);
    core_free(loaded);
    buffer_free(&bytes);
}

/* Memory of the process that is resident, in megabytes. */
static double resident_mb(void)
{
    unsigned long pages = 0, all = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    bool read = file && fscanf(file, "%lu %lu", &all, &pages) == 2;
    assert(read);
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void hang_up(struct world *world, uint32_t i)
{
    struct writer *w = bench_event(&world->bench, KIND_EventCallDeleted, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, (uint64_t)SOURCE_LINKS << 48 | (uint64_t)i);
    bench_done(&world->bench);
    bench_apply(&world->bench);
}

static void print_gone(struct world *world, uint32_t count)
{
    double megabytes[4] = {resident_mb()};
    struct core_status status;
    for (unsigned round = 0; round < 2; round++) {
        uint32_t first = 2 + round * count;
        for (uint32_t i = first; i < first + count; i++) call(world, i);
        if (round == 0) megabytes[1] = resident_mb();
        for (uint32_t i = first; i < first + count; i++) hang_up(world, i);
        core_status(world->bench.core, &status);
        assert(status.waiting == 1);
        megabytes[2 + round] = resident_mb();
    }
    printf("%.1f %.1f %.1f %.1f\n", megabytes[0], megabytes[1], megabytes[2], megabytes[3]);
}

int main(int argc, char **argv)
{
    static const char *const skills[] = {"en", "fr", "de", "nl"}, *const caps[] = {"calls", "treatments", "pull_back",
                                                                                   NULL};
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "Usage: parked IMAGE COUNT [parts | snapshot | gone]\n");
        return 2;
    }
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    struct world world = {0};
    struct bench *bench = &world.bench;
    bench_new(bench, bench_image(argv[1]), count + 16, (struct effect_sink){seen, &world});
    for (unsigned i = 0; i < 4; i++) bench_row(bench, table_skill, skills[i], "name", skills[i]);
    bench_row(bench, table_dn, "1800", "type", "routing_point");
    bench_row(bench, table_dn, "5000", "type", "queue");
    bench_row(bench, table_queue, "desk", "dn", "5000");
    bench_row(bench, table_routing_point, "1800", "strategy", "five");
    bench_begin(bench, "1800", "five", "tserver", caps, media_voice);
    call(&world, 1); /* what the first one allocates for all is not counted */
    if (argc == 4 && strcmp(argv[3], "gone") == 0) {
        print_gone(&world, count);
        bench_free(bench);
        return 0;
    }
    struct core_status one, status;
    uint32_t half = count / 2, counted = count - half;
    for (uint32_t i = 2; i <= half + 1; i++) call(&world, i);
    core_status(bench->core, &one);
    double parts_before[PART_COUNT], parts_after[PART_COUNT];
    measure(bench->core, parts_before);
    struct mallinfo2 before = mallinfo2();
    for (uint32_t i = half + 2; i <= count + 1; i++) call(&world, i);
    struct mallinfo2 after = mallinfo2();
    core_status(bench->core, &status);
    assert(status.waiting == count + 1);
    struct interaction_row last;
    bool found = core_find(bench->core, (uint64_t)SOURCE_LINKS << 48 | 1u, &last);
    assert(found);
    size_t all = (after.uordblks + after.hblkhd) - (before.uordblks + before.hblkhd);
    measure(bench->core, parts_after);
    if (argc == 4 && strcmp(argv[3], "snapshot") == 0)
        print_snapshot(bench->core, &bench->options);
    else if (argc == 4)
        print_parts(parts_before, parts_after, counted, (double)all / counted);
    else
        printf("%u %.0f %.0f\n", last.block_bytes, (double)(status.block_bytes - one.block_bytes) / counted,
               (double)all / counted);
    bench_free(bench);
    return 0;
}
