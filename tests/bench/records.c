/* tests/bench/records.c - Bytes and time of a buffered record: COUNT records of a calling list that are due tomorrow,
 * in one core. Prints: bytes all told, microseconds of processor to take one. Usage: records IMAGE COUNT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "tests/bench/bench_core.h"

#define TOMORROW_US INT64_C(86400000000)

static void pass_over(void *self, struct span frame)
{
    (void)self;
    (void)frame;
}

static void record(struct bench *bench, uint32_t number, const struct kv *data)
{
    char text[24];
    snprintf(text, sizeof text, "+3314%07u", number);
    struct writer *w = bench_event(bench, KIND_EventRecord, SOURCE_LINKS);
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
    bench_done(bench);
    bench_apply(bench);
}

int main(int argc, char **argv)
{
    static const char *const caps[] = {"records", NULL};
    if (argc != 3) {
        fprintf(stderr, "Usage: records IMAGE COUNT\n");
        return 2;
    }
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    struct bench bench;
    bench_new(&bench, bench_image(argv[1]), 16, (struct effect_sink){pass_over, NULL});
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "name", span_of("A. Customer"));
    kv_put_int(&data, "amount", 12000);
    bench_row(&bench, table_dn, "summer", "type", "routing_point");
    bench_row(&bench, table_routing_point, "summer", "strategy", "recall");
    bench_begin(&bench, "summer", "recall", "dialer", caps, media_none);
    record(&bench, 1, &data); /* what the first one allocates for all is not counted */
    double before = bench_bytes();
    clock_t began = clock();
    for (uint32_t number = 2; number <= count; number++) record(&bench, number, &data);
    double took = (double)(clock() - began) / CLOCKS_PER_SEC * 1e6;
    assert(bench.core->list_records->taken == count);
    printf("%.0f %.2f\n", (bench_bytes() - before) / count, took / count);
    kv_free(&data);
    bench_free(&bench);
    return 0;
}
