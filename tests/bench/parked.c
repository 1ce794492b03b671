/* tests/bench/parked.c - Bytes of a parked interaction: five.gcx waiting for an agent, COUNT of them in one core; with
 * music where the image has it in a busy block.
 * Prints: bytes of the block in use, bytes with its size class, bytes all told (everything the core has allocated
 * for them: blocks, indexes, timers, queue nodes). With `parts`: one line per part instead, its name and bytes. With
 * `snapshot`: bytes of a snapshot, seconds that it takes to save, to load with all checks.
 * Usage: parked IMAGE COUNT [parts | snapshot] */
#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/effects.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "vm/block_data.h"
#include "vm/image.h"
#include "vm/memory.h"

struct world {
    struct core *core;
    struct writer events;
    uint32_t count; /* events in the batch being made */
    uint64_t batches, seq[SOURCE_LINKS + 1];
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

static struct writer *event(struct world *world, unsigned kind, unsigned source)
{
    writer_begin(&world->events, kind);
    writer_u(&world->events, ENVELOPE_source, source);
    writer_u(&world->events, ENVELOPE_seq, ++world->seq[source]);
    return &world->events;
}

static void done(struct world *world)
{
    writer_end(&world->events);
    world->count++;
}

static void apply(struct world *world)
{
    struct batch batch = {.partition = 1,
                          .epoch = 1,
                          .number = ++world->batches,
                          .semantics = SEMANTICS_NUMBER,
                          .time_us = world->batches * 10,
                          .digest_before = core_digest(world->core),
                          .count = world->count,
                          .events = {world->events.bytes, (uint32_t)world->events.length}};
    core_apply(world->core, &batch, &(struct effect_sink){seen, world});
    writer_clear(&world->events);
    world->count = 0;
}

static void row(struct world *world, unsigned table, const char *key, const char *column, const char *value)
{
    struct kv kv;
    kv_init(&kv);
    if (column) kv_put_text(&kv, column, span_of(value));
    struct writer *w = event(world, KIND_DirectoryRow, SOURCE_ADMIN);
    writer_u(w, DirectoryRow_version, 1);
    writer_u(w, DirectoryRow_table, table);
    writer_text(w, DirectoryRow_key, key);
    writer_kv(w, DirectoryRow_row, &kv);
    done(world);
    kv_free(&kv);
}

static void set_up(struct world *world, const struct image *image)
{
    static const char *const skills[] = {"en", "fr", "de", "nl"};
    for (unsigned i = 0; i < 4; i++) row(world, table_skill, skills[i], "name", skills[i]);
    row(world, table_dn, "1800", "type", "routing_point");
    row(world, table_dn, "5000", "type", "queue");
    row(world, table_queue, "desk", "dn", "5000");
    row(world, table_routing_point, "1800", "strategy", "five");
    struct writer *w = event(world, KIND_DirectoryCommit, SOURCE_ADMIN);
    writer_u(w, DirectoryCommit_version, 1);
    writer_u(w, DirectoryCommit_whole, 1);
    done(world);
    w = event(world, KIND_Activate, SOURCE_ADMIN);
    writer_text(w, Activate_at, "1800");
    writer_bytes(w, Activate_image, (struct span){image_hash(image), IMAGE_HASH});
    writer_text(w, Activate_strategy, "five");
    done(world);
    w = event(world, KIND_LinkUp, SOURCE_HOST);
    writer_u(w, LinkUp_link, SOURCE_LINKS);
    writer_text(w, LinkUp_name, "tserver");
    writer_u(w, LinkUp_instance, 1);
    writer_u(w, LinkUp_version, VOCABULARY_VERSION);
    writer_list_begin(w, LinkUp_caps);
    writer_list_text(w, span_of("calls"));
    writer_list_text(w, span_of("treatments"));
    writer_list_text(w, span_of("pull_back"));
    writer_list_end(w);
    writer_list_begin(w, LinkUp_media);
    writer_list_u(w, media_voice);
    writer_list_end(w);
    done(world);
    event(world, KIND_ResyncBegin, SOURCE_LINKS);
    done(world);
    event(world, KIND_ResyncEnd, SOURCE_LINKS);
    done(world);
    apply(world);
}

static void digits(struct world *world, const char *keyed)
{
    assert(world->kind == KIND_RequestApplyTreatment);
    for (unsigned change = treatment_change_Applied; change <= treatment_change_End; change++) {
        writer_begin(&world->events, KIND_EventTreatment);
        struct writer *w = &world->events;
        writer_u(w, ENVELOPE_source, SOURCE_LINKS);
        writer_u(w, ENVELOPE_seq, ++world->seq[SOURCE_LINKS]);
        writer_u(w, ENVELOPE_ixn, world->ixn);
        writer_u(w, ENVELOPE_ref, world->ref);
        writer_conn(w, ENVELOPE_conn, world->conn);
        writer_u(w, EventTreatment_change, change);
        if (change == treatment_change_End) writer_text(w, EventTreatment_digits, keyed);
        done(world);
    }
    apply(world);
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
    struct writer *w = event(world, KIND_EventDone, SOURCE_HOST);
    writer_u(w, ENVELOPE_ixn, world->ixn);
    writer_u(w, ENVELOPE_ref, world->ref);
    writer_u(w, EventDone_outcome, outcome_ok);
    writer_list_begin(w, EventDone_columns);
    writer_list_text(w, span_of("tier"));
    writer_list_text(w, span_of("language"));
    writer_list_end(w);
    writer_kv(w, EventDone_rows, &rows);
    done(world);
    apply(world);
    kv_free(&rows);
}

static void call(struct world *world, uint32_t i)
{
    char number[24];
    uint64_t conn = (uint64_t)SOURCE_LINKS << 48 | (uint64_t)i;
    snprintf(number, sizeof number, "+3314%07u", i);
    writer_begin(&world->events, KIND_EventCallCreated);
    struct writer *w = &world->events;
    writer_u(w, ENVELOPE_source, SOURCE_LINKS);
    writer_u(w, ENVELOPE_seq, ++world->seq[SOURCE_LINKS]);
    writer_conn(w, ENVELOPE_conn, conn);
    writer_u(w, EventCallCreated_media, media_voice);
    writer_u(w, EventCallCreated_call_type, call_type_inbound);
    writer_text(w, EventCallCreated_ani, number);
    writer_text(w, EventCallCreated_dnis, "1800");
    done(world);
    w = event(world, KIND_EventRouteRequest, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn);
    writer_text(w, EventRouteRequest_dn, "1800");
    done(world);
    apply(world);
    snprintf(number, sizeof number, "%010u", i);
    digits(world, number);
    digits(world, "2");
    customer(world);
}

static const struct image *only_image(void *self, const uint8_t hash[CORE_HASH])
{
    return memcmp(image_hash(self), hash, CORE_HASH) == 0 ? self : NULL;
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
    for (uint32_t at = table->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next) {
        const struct block *block = block_at(core->slab, interaction_at(core, at)->block);
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
    parts[TIMERS] = timers_count(core->timers) * (double)TIMER_BYTES;
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

int main(int argc, char **argv)
{
    static unsigned char bytes[1 << 20];
    FILE *file = argc == 3 || argc == 4 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "Usage: parked IMAGE COUNT [parts | snapshot]\n");
        return 2;
    }
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    assert(image);
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    struct core_options options = {
        .partition = 1, .seed = 1, .interactions_max = count + 16, .image = only_image, .self = image};
    struct world world = {.core = core_new(&options)};
    writer_init(&world.events);
    set_up(&world, image);
    call(&world, 1); /* what the first one allocates for all is not counted */
    struct core_status one, status;
    core_status(world.core, &one);
    double parts_before[PART_COUNT], parts_after[PART_COUNT];
    measure(world.core, parts_before);
    struct mallinfo2 before = mallinfo2();
    for (uint32_t i = 2; i <= count + 1; i++) call(&world, i);
    struct mallinfo2 after = mallinfo2();
    core_status(world.core, &status);
    assert(status.waiting == count + 1);
    struct interaction_row last;
    bool found = core_find(world.core, (uint64_t)SOURCE_LINKS << 48 | 1u, &last);
    assert(found);
    size_t all = (after.uordblks + after.hblkhd) - (before.uordblks + before.hblkhd);
    measure(world.core, parts_after);
    if (argc == 4 && strcmp(argv[3], "snapshot") == 0)
        print_snapshot(world.core, &options);
    else if (argc == 4)
        print_parts(parts_before, parts_after, count, (double)all / count);
    else
        printf("%u %.0f %.0f\n", last.block_bytes, (double)(status.block_bytes - one.block_bytes) / count,
               (double)all / count);
    writer_free(&world.events);
    core_free(world.core);
    image_free(image);
    return 0;
}
