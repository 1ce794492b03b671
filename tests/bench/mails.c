/* tests/bench/mails.c - E-mails that wait: COUNT of them are submitted to one core, each with an address, a subject and
 * the key of its body, and their strategy waits for an agent.
 * Prints: bytes that the core has allocated for each, microseconds of CPU time of one. A start of gcxvm applies the
 * same batches again. With `threads`, two are of each thread, and wait for each other's agent, too; then it also prints
 * the microseconds of CPU time of all in a minute in which nothing comes. Usage: mails IMAGE COUNT [threads] */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"
#include "tests/bench/bench_core.h"

enum { BATCH = 500 };

static void comes(struct bench *bench, uint32_t number, bool threads)
{
    char text[64];
    struct writer *w = bench_event(bench, KIND_Submit, SOURCE_LINKS);
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
    snprintf(text, sizeof text, "<%08u.4711@mail.example.com>", number / 2);
    if (threads) writer_text(w, Submit_thread, text);
    bench_done(bench);
}

/* A minute in which nothing comes. */
static double minute_us(struct bench *bench)
{
    double began = bench_cpu_us();
    for (unsigned second = 0; second < 60; second++) {
        bench->time_us += 1000000;
        bench_apply(bench);
    }
    return bench_cpu_us() - began;
}

int main(int argc, char **argv)
{
    static const char *const caps[] = {"sessions", NULL};
    if (argc < 3) return 2;
    bool threads = argc > 3;
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    struct bench bench;
    bench_new(&bench, bench_image(argv[1]), 2000000, (struct effect_sink){0});
    bench.most = BATCH;
    bench_row(&bench, table_dn, "mail", "type", "queue");
    bench_row(&bench, table_dn, "desk", "type", "queue");
    bench_row(&bench, table_queue, "mail", "dn", "mail");
    bench_row(&bench, table_queue, "desk", "dn", "desk");
    bench_row(&bench, table_routing_point, "mail", "strategy", threads ? "threads" : "mails");
    bench_begin(&bench, "mail", threads ? "threads" : "mails", "email", caps, media_email);
    double before = bench_bytes(), began = bench_cpu_us();
    for (uint32_t number = 1; number <= count; number++) comes(&bench, number, threads);
    bench_apply(&bench);
    double took = bench_cpu_us() - began, after = bench_bytes();
    struct core_status status;
    core_status(bench.core, &status);
    if (status.waiting != count) return fprintf(stderr, "mails: %u wait\n", (unsigned)status.waiting), 1;
    printf("%.0f %.2f", (after - before) / count, took / count);
    if (threads) printf(" %.0f", minute_us(&bench));
    printf("\n");
    return 0;
}
