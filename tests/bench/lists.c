/* tests/bench/lists.c - A calling list: lists TARGET FILE CLOSED. Takes in the records of the file, fetches all of them
 * in portions of 100, and dials and closes so many, each change durable before the next. Prints records taken in,
 * fetched, and dialled and closed per second. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/lists/lists.h"
#include "base/file.h"

enum { PORTION = 100, CLOSED_MAX = 100000 };

static const int64_t now = INT64_C(1772452800000000); /* 2026-03-02 12:00 UTC */

struct bench {
    struct lists *lists;
    int64_t list, records[CLOSED_MAX], fetched;
    struct error error;
};

static double seconds(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

static bool import(struct bench *bench, const char *path, double *rate)
{
    const char *why;
    size_t length;
    struct lists_told told = {0};
    char *text = file_read(path, LISTS_FILE_MAX, &length, &why);
    if (!text || !lists_make(bench->lists, NULL, "bench", now, &bench->list, &bench->error)) return false;
    struct lists_import asked = {.list = bench->list, .now = now};
    double began = seconds();
    bool good = lists_import(bench->lists, &asked, text, length, &told, &bench->error);
    *rate = (double)told.taken / (seconds() - began);
    free(text);
    return good && told.taken == told.rows;
}

static void keep(void *self, const struct lists_record *record)
{
    struct bench *bench = self;
    if (bench->fetched < CLOSED_MAX) bench->records[bench->fetched] = record->record;
    bench->fetched++;
}

static bool fetch(struct bench *bench, double *rate)
{
    struct lists_selection *selection = lists_select(bench->lists, bench->list, NULL, NULL, &bench->error);
    struct lists_portion portion = {.selection = selection,
                                    .session = "bench",
                                    .campaign = "bench",
                                    .count = PORTION,
                                    .terms = {.of_day = 3, .of_chain = 5},
                                    .now = now};
    double began = seconds();
    bool good = selection != NULL;
    for (int64_t before = -1; good && bench->fetched != before;) {
        before = bench->fetched;
        portion.ref++;
        good = lists_fetch(bench->lists, &portion, keep, bench, &bench->error);
    }
    *rate = (double)bench->fetched / (seconds() - began);
    lists_select_end(selection);
    return good;
}

static bool finish(struct bench *bench, int64_t count, double *rate)
{
    double began = seconds();
    if (count > bench->fetched) count = bench->fetched;
    for (int64_t i = 0; i < count; i++) {
        int64_t attempt;
        struct lists_dial dial = {
            .record = bench->records[i], .revision = 3, .session = "bench", .campaign = "bench", .now = now};
        struct lists_change change = {.op = LISTS_OP_processed,
                                      .record = bench->records[i],
                                      .revision = 4,
                                      .session = "bench",
                                      .now = now,
                                      .result = cause_ok};
        if (lists_dial(bench->lists, &dial, &attempt, &bench->error) != LISTS_done ||
            lists_change(bench->lists, &change, &bench->error) != LISTS_done)
            return false;
    }
    *rate = (double)count / (seconds() - began);
    return true;
}

int main(int argc, char **argv)
{
    struct bench *bench = calloc(1, sizeof *bench);
    double taken, fetched, closed;
    if (argc < 4 || !bench) return 2;
    bench->lists = lists_open(argv[1], false, &bench->error);
    bool good = bench->lists && import(bench, argv[2], &taken) && fetch(bench, &fetched) &&
                finish(bench, atoi(argv[3]) < CLOSED_MAX ? atoi(argv[3]) : CLOSED_MAX, &closed);
    if (good)
        printf("%.0f %.0f %.0f\n", taken, fetched, closed);
    else
        fprintf(stderr, "lists: %s\n", bench->error.text);
    lists_close(bench->lists);
    free(bench);
    return !good;
}
