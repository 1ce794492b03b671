/* tests/bench/records.c - Bytes and time of a buffered record: COUNT records of a calling list that are due tomorrow,
 * in one core. Prints: bytes all told, microseconds of processor to take one. Usage: records IMAGE COUNT */
#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/core.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "vm/image.h"

#define TOMORROW_US INT64_C(86400000000)

struct world {
    struct core *core;
    struct writer events;
    uint32_t count; /* events in the batch being made */
    uint64_t batches, seq[SOURCE_LINKS + 1];
};

static void pass_over(void *self, struct span frame)
{
    (void)self;
    (void)frame;
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
    core_apply(world->core, &batch, &(struct effect_sink){pass_over, world});
    writer_clear(&world->events);
    world->count = 0;
}

static void row(struct world *world, unsigned table, const char *key, const char *column, const char *value)
{
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, column, span_of(value));
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
    row(world, table_dn, "summer", "type", "routing_point");
    row(world, table_routing_point, "summer", "strategy", "recall");
    struct writer *w = event(world, KIND_DirectoryCommit, SOURCE_ADMIN);
    writer_u(w, DirectoryCommit_version, 1);
    writer_u(w, DirectoryCommit_whole, 1);
    done(world);
    w = event(world, KIND_Activate, SOURCE_ADMIN);
    writer_text(w, Activate_at, "summer");
    writer_bytes(w, Activate_image, (struct span){image_hash(image), IMAGE_HASH});
    writer_text(w, Activate_strategy, "recall");
    done(world);
    w = event(world, KIND_LinkUp, SOURCE_HOST);
    writer_u(w, LinkUp_link, SOURCE_LINKS);
    writer_text(w, LinkUp_name, "dialer");
    writer_u(w, LinkUp_instance, 1);
    writer_u(w, LinkUp_version, VOCABULARY_VERSION);
    writer_list_begin(w, LinkUp_caps);
    writer_list_text(w, span_of("records"));
    writer_list_end(w);
    done(world);
    event(world, KIND_ResyncBegin, SOURCE_LINKS);
    done(world);
    event(world, KIND_ResyncEnd, SOURCE_LINKS);
    done(world);
    apply(world);
}

static void record(struct world *world, uint32_t number, const struct kv *data)
{
    char text[24];
    snprintf(text, sizeof text, "+3314%07u", number);
    struct writer *w = event(world, KIND_EventRecord, SOURCE_LINKS);
    writer_u(w, EventRecord_record, number);
    writer_text(w, EventRecord_campaign, "summer");
    writer_u(w, EventRecord_chain, number);
    writer_text(w, EventRecord_number, text);
    writer_u(w, EventRecord_type, record_type_general);
    writer_i(w, EventRecord_due, TOMORROW_US);
    writer_i(w, EventRecord_from, INT64_C(32400000000));
    writer_i(w, EventRecord_till, INT64_C(72000000000));
    writer_text(w, EventRecord_zone, "Europe/Paris");
    writer_kv(w, EventRecord_data, data);
    writer_u(w, EventRecord_version, 1);
    done(world);
    apply(world);
}

static const struct image *only_image(void *self, const uint8_t hash[CORE_HASH])
{
    return memcmp(image_hash(self), hash, CORE_HASH) == 0 ? self : NULL;
}

static double bytes_allocated(void)
{
    struct mallinfo2 now = mallinfo2();
    return (double)(now.uordblks + now.hblkhd);
}

int main(int argc, char **argv)
{
    static unsigned char bytes[1 << 20];
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "Usage: records IMAGE COUNT\n");
        return 2;
    }
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    assert(image);
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    struct core_options options = {
        .partition = 1, .seed = 1, .interactions_max = 16, .image = only_image, .self = image};
    struct world world = {.core = core_new(&options)};
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "name", span_of("A. Customer"));
    kv_put_int(&data, "amount", 12000);
    writer_init(&world.events);
    set_up(&world, image);
    record(&world, 1, &data); /* what the first one allocates for all is not counted */
    double before = bytes_allocated();
    clock_t began = clock();
    for (uint32_t number = 2; number <= count; number++) record(&world, number, &data);
    double took = (double)(clock() - began) / CLOCKS_PER_SEC * 1e6;
    assert(world.core->list_records->taken == count);
    printf("%.0f %.2f\n", (bytes_allocated() - before) / count, took / count);
    kv_free(&data);
    writer_free(&world.events);
    core_free(world.core);
    image_free(image);
    return 0;
}
