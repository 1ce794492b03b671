/* tests/bench/fairness.c - The time that strategies without an end take from others: COUNT calls of STRATEGY of
 * fairness.gcx, a call of the plain strategy just behind each, and then one per millisecond until all are stopped.
 * Prints microseconds: the longest batch; of the plain call alone p50 and p99; of the ones that came just behind, with
 * the batch before, p50 and p99; of those beside them all, with what was due before them, p50 and p99. Fails where one
 * was not stopped, or its line not told. Usage: fairness IMAGE STRATEGY COUNT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/bench/bench_core.h"

/* So many batches per call are more than it takes to stop them. */
enum { TURNS = 60 };

struct fair {
    struct bench bench;
    uint32_t calls, defaulted, routed;
};

static void fair_seen(void *self, struct span frame)
{
    struct fair *fair = self;
    struct message effect;
    bool read = message_read(&effect, frame.bytes, frame.length, NULL);
    assert(read);
    fair->defaulted += effect.kind == KIND_RouteDefault;
    fair->routed += effect.kind == KIND_RequestRouteCall;
}

static uint64_t fair_conn(uint32_t call)
{
    return (uint64_t)SOURCE_LINKS << 48 | call;
}

/* The call that came last hangs up: nobody answers where it is routed, and its time must not be over. */
static void fair_hang_up(struct fair *fair)
{
    struct writer *w = bench_event(&fair->bench, KIND_EventCallDeleted, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, fair_conn(fair->calls));
    bench_done(&fair->bench);
    bench_apply(&fair->bench);
}

static void fair_call(struct fair *fair, const char *point)
{
    uint64_t conn = fair_conn(++fair->calls);
    struct writer *w = bench_event(&fair->bench, KIND_EventCallCreated, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn);
    writer_u(w, EventCallCreated_media, media_voice);
    writer_u(w, EventCallCreated_call_type, call_type_inbound);
    writer_text(w, EventCallCreated_ani, "+33145550101");
    writer_text(w, EventCallCreated_dnis, point);
    bench_done(&fair->bench);
    w = bench_event(&fair->bench, KIND_EventRouteRequest, SOURCE_LINKS);
    writer_conn(w, ENVELOPE_conn, conn);
    writer_text(w, EventRouteRequest_dn, point);
    bench_done(&fair->bench);
}

static int fair_order(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts them; the one that so many of a hundred do not exceed. */
static double fair_percentile(double *times, uint32_t count, uint32_t percent)
{
    qsort(times, count, sizeof *times, fair_order);
    return times[(count - 1) * percent / 100];
}

int main(int argc, char **argv)
{
    static const char *const caps[] = {"calls", "treatments", NULL};
    struct fair fair = {0};
    struct bench *bench = &fair.bench;
    if (argc != 4 || atoi(argv[3]) < 1) {
        fputs("Usage: fairness IMAGE STRATEGY COUNT\n", stderr);
        return 2;
    }
    uint32_t count = (uint32_t)atoi(argv[3]), among = 0;
    bench_new(bench, bench_image(argv[1]), (3 + TURNS) * count + 16, (struct effect_sink){fair_seen, &fair});
    bench_row(bench, table_dn, "1800", "type", "routing_point");
    bench_row(bench, table_dn, "1801", "type", "routing_point");
    bench_row(bench, table_dn, "5000", "type", "queue");
    bench_row(bench, table_queue, "desk", "dn", "5000");
    bench_row(bench, table_routing_point, "1800", "strategy", argv[2]);
    bench_row(bench, table_routing_point, "1801", "strategy", "plain");
    bench_begin(bench, "1800", argv[2], "tserver", caps, media_voice);
    struct writer *w = bench_event(bench, KIND_Activate, SOURCE_ADMIN);
    writer_text(w, Activate_at, "1801");
    writer_bytes(w, Activate_image, (struct span){image_hash(bench->options.self), IMAGE_HASH});
    writer_text(w, Activate_strategy, "plain");
    bench_done(bench);
    bench_apply(bench);

    double *alone = calloc(count, sizeof *alone), *behind = calloc(count, sizeof *behind),
           *beside = calloc((size_t)TURNS * count, sizeof *beside), longest = 0;
    if (!alone || !behind || !beside) return 1;
    for (uint32_t i = 0; i < count; i++) {
        fair_call(&fair, "1801");
        alone[i] = bench_measure(bench);
        fair_hang_up(&fair);
    }
    for (uint32_t i = 0; i < count; i++) {
        fair_call(&fair, "1800");
        double began = bench_measure(bench);
        fair_call(&fair, "1801");
        behind[i] = began + bench_measure(bench);
        fair_hang_up(&fair);
        if (began > longest) longest = began;
    }
    for (; fair.defaulted < count && among < TURNS * count; among++) {
        bench->time_us += 1000 - 10;
        fair_call(&fair, "1801");
        beside[among] = bench_measure(bench);
        fair_hang_up(&fair);
        if (beside[among] > longest) longest = beside[among];
    }
    struct last_row fault;
    bool told = core_strategy_fault(bench->core, &fault);
    if (!told || fault.count != count || fair.defaulted != count || fair.routed != 2 * count + among ||
        !memchr(fault.name.bytes, ':', fault.name.length)) {
        fprintf(stderr, "fairness: of %u calls %u were stopped, %llu told with their line; %u others of %u routed\n",
                count, fair.defaulted, told ? (unsigned long long)fault.count : 0ULL, fair.routed, 2 * count + among);
        return 1;
    }
    if (among == 0) beside[among++] = alone[0]; /* each was stopped at once */
    double alone_p50 = fair_percentile(alone, count, 50), alone_p99 = fair_percentile(alone, count, 99);
    double behind_p50 = fair_percentile(behind, count, 50), behind_p99 = fair_percentile(behind, count, 99);
    double beside_p50 = fair_percentile(beside, among, 50), beside_p99 = fair_percentile(beside, among, 99);
    printf("%.1f %.1f %.1f %.1f %.1f %.1f %.1f\n", longest, alone_p50, alone_p99, behind_p50, behind_p99, beside_p50,
           beside_p99);
    free(alone), free(behind), free(beside);
    bench_free(bench);
    return 0;
}
