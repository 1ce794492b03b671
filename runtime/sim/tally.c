/* runtime/sim/tally.c - Keeps one row per call, and sorts the rows to compute percentiles.
 *
 * Rows are kept instead of running sums: percentiles need all values, and how a call ended is known only when it is
 * over. All times are microseconds by the play's clock.
 *
 *     wait       from the caller's last answer, else from the routing point, to the first RouteSelect
 *     decision   the same, of calls that did not have to wait: how long the router takes
 *     ring       from the last RouteSelect to the agent's answer
 */
#include "runtime/sim/tally.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

enum { MEASURE_WAIT, MEASURE_DECISION, MEASURE_RING, MEASURES };

struct row {
    enum tally_end end;
    uint64_t answered_us;    /* when the caller last answered, 0: no unused answer */
    uint64_t asked_us;       /* when the call first came to the routing point */
    uint64_t selected_us;    /* when the last RouteSelect came */
    uint64_t took[MEASURES]; /* UINT64_MAX: not measured */
    bool waited;
};

struct tally {
    struct row *rows;
    uint32_t count;
    uint64_t first_us, last_us; /* of arrivals */
    uint32_t defaulted;         /* routed to defaults according to the core, besides those that the switch saw */
};

struct tally *tally_new(uint32_t calls)
{
    struct tally *t = memory_zeroed(1, sizeof *t);
    t->rows = memory_zeroed(calls + 1u, sizeof *t->rows);
    t->count = calls;
    for (uint32_t i = 0; i < calls; i++)
        for (unsigned m = 0; m < MEASURES; m++) t->rows[i].took[m] = UINT64_MAX;
    return t;
}

void tally_free(struct tally *t)
{
    if (t) {
        free(t->rows);
        free(t);
    }
}

static void tally_arrived(struct tally *t, struct row *row, uint64_t clock_us)
{
    if (row->asked_us != 0) return;
    row->asked_us = clock_us;
    t->first_us = t->first_us == 0 ? clock_us : t->first_us;
    t->last_us = clock_us;
}

/* Notes a report; a later end replaces an earlier one, except a default: a call routed to a default stays counted
 * so. */
void tally_report(struct tally *t, uint32_t call, const struct switch_report *r, bool agent, uint64_t clock_us)
{
    assert(call < t->count);
    struct row *row = &t->rows[call];
    switch (r->kind) {
    case SWITCH_ROUTE_REQUEST:
        tally_arrived(t, row, clock_us);
        break;
    case SWITCH_TREATMENT_STARTED:
        row->waited = row->answered_us != 0;
        break;
    case SWITCH_TREATMENT_ENDED:
        if (r->cause == cause_ok && r->digits[0] != '\0') {
            row->answered_us = clock_us;
            row->waited = false;
        }
        break;
    case SWITCH_ROUTE_USED:
        if (r->how != route_how_instructed) row->end = TALLY_DEFAULTED;
        break;
    case SWITCH_QUEUED:
        row->end = row->end == TALLY_DEFAULTED ? TALLY_DEFAULTED : TALLY_QUEUED;
        break;
    case SWITCH_ESTABLISHED:
        if (agent) {
            row->end = TALLY_ROUTED;
            row->took[MEASURE_RING] = row->selected_us == 0 ? UINT64_MAX : clock_us - row->selected_us;
        }
        break;
    case SWITCH_CLEARED:
        if (r->cause == cause_abandoned) row->end = TALLY_ABANDONED;
        break;
    case SWITCH_CALL_CLEARED:
        row->end = row->end == TALLY_LIVING ? TALLY_LOST : row->end;
        break;
    default:
        break;
    }
}

void tally_selected(struct tally *t, uint32_t call, uint64_t clock_us)
{
    assert(call < t->count);
    struct row *row = &t->rows[call];
    uint64_t since = row->answered_us != 0 ? row->answered_us : row->asked_us;
    row->selected_us = clock_us;
    if (since == 0 || row->took[MEASURE_WAIT] != UINT64_MAX) return;
    row->took[MEASURE_WAIT] = clock_us - since;
    if (!row->waited && row->answered_us != 0) row->took[MEASURE_DECISION] = clock_us - since;
}

static uint32_t tally_counted(const struct tally *t, enum tally_end end)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->count; i++) count += t->rows[i].end == end;
    return count;
}

/* Corrects the counts: the switch sees only defaults that it routed itself; those that the core requested look like any
 * queued call. Such calls are moved from one count to the other. */
void tally_defaulted(struct tally *t, uint32_t count)
{
    uint32_t seen = tally_counted(t, TALLY_DEFAULTED), queued = tally_counted(t, TALLY_QUEUED);
    t->defaulted = count <= seen ? 0 : count - seen < queued ? count - seen : queued;
}

uint32_t tally_count(const struct tally *t, enum tally_end end)
{
    uint32_t count = tally_counted(t, end);
    return end == TALLY_DEFAULTED ? count + t->defaulted : end == TALLY_QUEUED ? count - t->defaulted : count;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

struct tally_spread {
    uint32_t count;
    uint64_t p50, p90, p99, p999, max;
};

static struct tally_spread spread_of(const struct tally *t, unsigned measure)
{
    uint64_t *sorted = memory_zeroed(t->count + 1u, sizeof *sorted);
    struct tally_spread s = {0};
    for (uint32_t i = 0; i < t->count; i++)
        if (t->rows[i].took[measure] != UINT64_MAX) sorted[s.count++] = t->rows[i].took[measure];
    if (s.count > 0) {
        qsort(sorted, s.count, sizeof *sorted, by_size);
        s.p50 = sorted[(s.count - 1) / 2];
        s.p90 = sorted[(uint64_t)(s.count - 1) * 90 / 100];
        s.p99 = sorted[(uint64_t)(s.count - 1) * 99 / 100];
        s.p999 = sorted[(uint64_t)(s.count - 1) * 999 / 1000];
        s.max = sorted[s.count - 1];
    }
    free(sorted);
    return s;
}

static const struct {
    enum tally_end end;
    const char *name;
} ends[] = {
    {TALLY_ROUTED, "routed"},       {TALLY_QUEUED, "queued"}, {TALLY_DEFAULTED, "defaulted"},
    {TALLY_ABANDONED, "abandoned"}, {TALLY_LOST, "lost"},     {TALLY_LIVING, "living"},
};
static const char *const measures[MEASURES] = {"wait", "decision", "ring"};

/* Returns the calls per second between the first and the last arrival. */
static double rate_of(const struct tally *t)
{
    uint64_t took = t->last_us - t->first_us;
    return took == 0 ? 0 : (double)(t->count - 1) * 1e6 / (double)took;
}

json_t *tally_json(const struct tally *t)
{
    json_t *all = json_pack("{s:i, s:f}", "calls", (int)t->count, "rate", rate_of(t));
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        json_object_set_new(all, ends[i].name, json_integer(tally_count(t, ends[i].end)));
    for (unsigned m = 0; m < MEASURES; m++) {
        struct tally_spread s = spread_of(t, m);
        json_object_set_new(all, measures[m],
                            json_pack("{s:i, s:I, s:I, s:I, s:I, s:I}", "count", (int)s.count, "p50_us",
                                      (json_int_t)s.p50, "p90_us", (json_int_t)s.p90, "p99_us", (json_int_t)s.p99,
                                      "p999_us", (json_int_t)s.p999, "max_us", (json_int_t)s.max));
    }
    return all;
}

void tally_print(const struct tally *t, FILE *out)
{
    fprintf(out, "%-10s %8u   %.1f a second\n", "calls", t->count, rate_of(t));
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        uint32_t count = tally_count(t, ends[i].end);
        if (count > 0 || i < 4) {
            fprintf(out, "%-10s %8u   %5.1f %%\n", ends[i].name, count,
                    t->count == 0 ? 0 : 100.0 * (double)count / (double)t->count);
        }
    }
    fprintf(out, "%-10s %8s %10s %10s %10s %10s\n", "", "of", "p50", "p90", "p99", "max");
    for (unsigned m = 0; m < MEASURES; m++) {
        struct tally_spread s = spread_of(t, m);
        fprintf(out, "%-10s %8u %7.2f ms %7.2f ms %7.2f ms %7.2f ms\n", measures[m], s.count, (double)s.p50 / 1e3,
                (double)s.p90 / 1e3, (double)s.p99 / 1e3, (double)s.max / 1e3);
    }
}
