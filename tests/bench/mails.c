/* tests/bench/mails.c - E-mails that wait: COUNT of them are submitted to one core, each with an address, a subject and
 * the key of its body, and their strategy waits for an agent.
 * Prints: bytes that the core has allocated for each, microseconds of CPU time of one. A start of gcxvm applies the
 * same batches again. Usage: mails IMAGE COUNT */
#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"
#include "vm/image.h"

enum { BATCH = 500 };

struct world {
    struct core *core;
    struct writer events;
    uint32_t count; /* events in the batch being made */
    uint64_t batches, seq[SOURCE_LINKS + 1];
};

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
    core_apply(world->core, &batch, NULL);
    writer_clear(&world->events);
    world->count = 0;
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
    if (++world->count >= BATCH) apply(world);
}

static void row(struct world *world, unsigned table, const char *key, const char *name, const char *value)
{
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, name, span_of(value));
    struct writer *w = event(world, KIND_DirectoryRow, SOURCE_ADMIN);
    writer_u(w, DirectoryRow_version, 1);
    writer_u(w, DirectoryRow_table, table);
    writer_text(w, DirectoryRow_key, key);
    writer_kv(w, DirectoryRow_row, &kv);
    done(world);
    kv_free(&kv);
}

static void begin(struct world *world, const struct image *image)
{
    row(world, table_dn, "mail", "type", "queue");
    row(world, table_dn, "desk", "type", "queue");
    row(world, table_queue, "mail", "dn", "mail");
    row(world, table_queue, "desk", "dn", "desk");
    row(world, table_routing_point, "mail", "strategy", "mails");
    struct writer *w = event(world, KIND_DirectoryCommit, SOURCE_ADMIN);
    writer_u(w, DirectoryCommit_version, 1);
    writer_u(w, DirectoryCommit_whole, 1);
    done(world);
    w = event(world, KIND_Activate, SOURCE_ADMIN);
    writer_text(w, Activate_at, "mail");
    writer_bytes(w, Activate_image, (struct span){image_hash(image), IMAGE_HASH});
    writer_text(w, Activate_strategy, "mails");
    done(world);
    w = event(world, KIND_LinkUp, SOURCE_HOST);
    writer_u(w, LinkUp_link, SOURCE_LINKS);
    writer_text(w, LinkUp_name, "email");
    writer_u(w, LinkUp_instance, 1);
    writer_u(w, LinkUp_version, VOCABULARY_VERSION);
    writer_list_begin(w, LinkUp_caps);
    writer_list_text(w, span_of("sessions"));
    writer_list_end(w);
    writer_list_begin(w, LinkUp_media);
    writer_list_u(w, media_email);
    writer_list_end(w);
    done(world);
    event(world, KIND_ResyncBegin, SOURCE_LINKS);
    done(world);
    event(world, KIND_ResyncEnd, SOURCE_LINKS);
    done(world);
    apply(world);
}

static void comes(struct world *world, uint32_t number)
{
    char text[64];
    struct writer *w = event(world, KIND_Submit, SOURCE_LINKS);
    writer_u(w, ENVELOPE_client, 1);
    writer_u(w, ENVELOPE_req, number);
    writer_u(w, Submit_media, media_email);
    writer_u(w, Submit_type, submit_type_inbound);
    snprintf(text, sizeof text, "<%08u.4711@mail.example.com>", number);
    writer_text(w, Submit_external_id, text);
    writer_text(w, Submit_queue, "mail");
    snprintf(text, sizeof text, "customer%u@example.com", number / 3);
    writer_text(w, Submit_from, text);
    writer_list_begin(w, Submit_to);
    writer_list_text(w, span_of("service@example.org"));
    writer_list_end(w);
    writer_text(w, Submit_subject, "Question about my last bill");
    done(world);
}

static const struct image *only(void *self, const uint8_t hash[CORE_HASH])
{
    return memcmp(image_hash(self), hash, CORE_HASH) == 0 ? self : NULL;
}

static double allocated(void)
{
    struct mallinfo2 now = mallinfo2();
    return (double)(now.uordblks + now.hblkhd);
}

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

int main(int argc, char **argv)
{
    static unsigned char bytes[1 << 20];
    if (argc != 3) return 2;
    FILE *file = fopen(argv[1], "rb");
    size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    struct error error = {0};
    struct image *image = image_load(bytes, length, &error);
    if (!image) return fprintf(stderr, "mails: %s: %s\n", argv[1], error.text), 1;
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    struct core_options options = {
        .partition = 1, .seed = 1, .interactions_max = 2000000, .image = only, .self = image};
    struct world world = {.core = core_new(&options)};
    writer_init(&world.events);
    begin(&world, image);
    double before = allocated(), began = cpu_us();
    for (uint32_t number = 1; number <= count; number++) comes(&world, number);
    apply(&world);
    double took = cpu_us() - began, after = allocated();
    struct core_status status;
    core_status(world.core, &status);
    if (status.waiting != count) return fprintf(stderr, "mails: %u wait\n", (unsigned)status.waiting), 1;
    printf("%.0f %.2f\n", (after - before) / count, took / count);
    return 0;
}
