/* tests/bench/bench_core.c - A core under measure. */
#include "tests/bench/bench_core.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/semantics.h"

struct image *bench_image(const char *path)
{
    static unsigned char bytes[1 << 20];
    struct error error = {0};
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file) fclose(file);
    struct image *image = image_load(bytes, length, &error);
    if (image) return image;
    fprintf(stderr, "%s: %s\n", path, error.text);
    exit(1);
}

static const struct image *bench_only_image(void *self, const uint8_t hash[CORE_HASH])
{
    return memcmp(image_hash(self), hash, CORE_HASH) == 0 ? self : NULL;
}

void bench_new(struct bench *bench, struct image *image, uint32_t interactions, struct effect_sink sink)
{
    *bench = (struct bench){.sink = sink};
    bench->options = (struct core_options){
        .partition = 1, .seed = 1, .interactions_max = interactions, .image = bench_only_image, .self = image};
    bench->core = core_new(&bench->options);
    writer_init(&bench->events);
}

void bench_free(struct bench *bench)
{
    writer_free(&bench->events);
    core_free(bench->core);
    image_free(bench->options.self);
}

struct writer *bench_event(struct bench *bench, unsigned kind, unsigned source)
{
    writer_begin(&bench->events, kind);
    writer_u(&bench->events, ENVELOPE_source, source);
    writer_u(&bench->events, ENVELOPE_seq, ++bench->seq[source]);
    return &bench->events;
}

void bench_done(struct bench *bench)
{
    writer_end(&bench->events);
    if (++bench->count == bench->most) bench_apply(bench);
}

void bench_apply(struct bench *bench)
{
    struct batch batch = {.partition = 1,
                          .epoch = 1,
                          .number = ++bench->batches,
                          .semantics = SEMANTICS_NUMBER,
                          .time_us = bench->time_us += 10,
                          .digest_before = core_digest(bench->core),
                          .count = bench->count,
                          .events = {bench->events.bytes, (uint32_t)bench->events.length}};
    core_apply(bench->core, &batch, bench->sink.effect ? &bench->sink : NULL);
    writer_clear(&bench->events);
    bench->count = 0;
}

double bench_measure(struct bench *bench)
{
    double began_us = bench_cpu_us();
    bench_apply(bench);
    return bench_cpu_us() - began_us;
}

void bench_row(struct bench *bench, unsigned table, const char *key, const char *column, const char *value)
{
    struct kv kv;
    kv_init(&kv);
    if (column) kv_put_text(&kv, column, span_of(value));
    struct writer *w = bench_event(bench, KIND_DirectoryRow, SOURCE_ADMIN);
    writer_u(w, DirectoryRow_version, 1);
    writer_u(w, DirectoryRow_table, table);
    writer_text(w, DirectoryRow_key, key);
    writer_kv(w, DirectoryRow_row, &kv);
    bench_done(bench);
    kv_free(&kv);
}

void bench_begin(struct bench *bench, const char *at, const char *strategy, const char *link, const char *const *caps,
                 unsigned medium)
{
    struct writer *w = bench_event(bench, KIND_DirectoryCommit, SOURCE_ADMIN);
    writer_u(w, DirectoryCommit_version, 1);
    writer_u(w, DirectoryCommit_whole, 1);
    bench_done(bench);
    w = bench_event(bench, KIND_Activate, SOURCE_ADMIN);
    writer_text(w, Activate_at, at);
    writer_bytes(w, Activate_image, (struct span){image_hash(bench->options.self), IMAGE_HASH});
    writer_text(w, Activate_strategy, strategy);
    bench_done(bench);
    w = bench_event(bench, KIND_LinkUp, SOURCE_HOST);
    writer_u(w, LinkUp_link, SOURCE_LINKS);
    writer_text(w, LinkUp_name, link);
    writer_u(w, LinkUp_instance, 1);
    writer_u(w, LinkUp_version, VOCABULARY_VERSION);
    writer_list_begin(w, LinkUp_caps);
    for (; *caps; caps++) writer_list_text(w, span_of(*caps));
    writer_list_end(w);
    if (medium != media_none) {
        writer_list_begin(w, LinkUp_media);
        writer_list_u(w, medium);
        writer_list_end(w);
    }
    bench_done(bench);
    bench_event(bench, KIND_ResyncBegin, SOURCE_LINKS);
    bench_done(bench);
    bench_event(bench, KIND_ResyncEnd, SOURCE_LINKS);
    bench_done(bench);
    bench_apply(bench);
}

double bench_cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

double bench_bytes(void)
{
    struct mallinfo2 now = mallinfo2();
    return (double)(now.uordblks + now.hblkhd);
}
