/* runtime/reports/staffing.c - Plays a day's quarters of an hour, one after the other, with more and with fewer agents.
 *
 * Who waits longest is served first. So an agent needs no more state than the moment at which the work in hand is done:
 * a call begins at the earliest of these moments, or is lost where that is later than its caller's patience. */
#include "runtime/reports/staffing.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PLAYED_CALLS = 200000, DAYS_LEAST = 5, DAYS_MOST = 400, AGENTS_MAX = 4096, QUARTER_MS = 900 * 1000 };
static const double EXCESS_MAX = 1, NOBODY = 1e-6;

/* One played day. `ends` is a heap: no moment is later than the two at twice its place. */
struct staffing_day {
    double busy; /* so much more is to do than on a usual day: 1 is as usual */
    int64_t *ends;
    uint32_t agents;
};

struct staffing {
    const struct staffing_asked *asked;
    struct staffing_day *days, try; /* try: a day's copy, whose quarter is played */
    uint32_t count;
};

/* ---- chance ---- */

/* splitmix64: a quarter of a day has its own numbers, so that a try with more agents has the same calls. */
static uint64_t chance_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* Above 0, and 1 at most. */
static double chance_part(uint64_t *state)
{
    return (double)((chance_next(state) >> 11) + 1) / 9007199254740992.0;
}

static double chance_exponential(uint64_t *state, double mean)
{
    return -log(chance_part(state)) * mean;
}

/* Around 1, with this variance: how far one day is from the usual. */
static double chance_day(uint64_t *state, double variance)
{
    double wide = log1p(fmin(variance, EXCESS_MAX)), normal = sqrt(-2 * log(chance_part(state)));
    normal *= cos(6.283185307179586 * chance_part(state));
    return exp(sqrt(wide) * normal - wide / 2);
}

/* ---- agents ---- */

static void agents_sink(struct staffing_day *day, uint32_t at)
{
    for (uint32_t below = 2 * at + 1; below < day->agents; at = below, below = 2 * at + 1) {
        if (below + 1 < day->agents && day->ends[below + 1] < day->ends[below]) below++;
        if (day->ends[at] <= day->ends[below]) return;
        int64_t end = day->ends[at];
        day->ends[at] = day->ends[below];
        day->ends[below] = end;
    }
}

/* Who comes is free at once. Who is free, or free first, goes first, and ends the work in hand before. */
static void agents_set(struct staffing_day *day, uint32_t agents, int64_t now)
{
    if (agents > day->agents) {
        for (uint32_t i = day->agents; i < agents; i++) day->ends[i] = now;
        day->agents = agents;
        for (uint32_t i = agents / 2; i-- > 0;) agents_sink(day, i);
    }
    while (day->agents > agents) {
        day->ends[0] = day->ends[--day->agents];
        agents_sink(day, 0);
    }
}

/* ---- a quarter ---- */

struct staffing_sum {
    uint64_t calls, in_time;
};

static void quarter_play(const struct staffing_asked *asked, struct staffing_day *day, uint32_t number,
                         uint32_t quarter, struct staffing_sum *sum)
{
    uint64_t chance = ((uint64_t)number << 32 | quarter) * 0xd1342543de82ef95;
    double gap = QUARTER_MS / (asked->calls[quarter] * day->busy);
    double until = ((double)quarter + 1) * QUARTER_MS;
    for (double at = (double)quarter * QUARTER_MS + chance_exponential(&chance, gap); at < until;
         at += chance_exponential(&chance, gap)) {
        int64_t handle = asked->handle_ms[chance_next(&chance) % asked->handled], come = (int64_t)at;
        double patience = chance_exponential(&chance, asked->patience_ms);
        int64_t begins = day->ends[0] > come ? day->ends[0] : come;
        sum->calls++;
        if (asked->patience_ms > 0 && (double)(begins - come) > patience) continue;
        sum->in_time += begins - come <= (int64_t)asked->within_s * 1000;
        day->ends[0] = begins + handle;
        agents_sink(day, 0);
    }
}

/* Plays the quarter of all days with so many agents; is it good? kept: the days go on from there. */
static bool quarter_try(struct staffing *staffing, uint32_t quarter, uint32_t agents, bool kept)
{
    struct staffing_sum sum = {0};
    for (uint32_t i = 0; i < staffing->count; i++) {
        struct staffing_day *day = &staffing->days[i];
        if (!kept) {
            int64_t *ends = staffing->try.ends;
            memcpy(ends, day->ends, day->agents * sizeof *ends);
            staffing->try = (struct staffing_day){.busy = day->busy, .ends = ends, .agents = day->agents};
            day = &staffing->try;
        }
        agents_set(day, agents, (int64_t)quarter * QUARTER_MS);
        if (agents > 0) quarter_play(staffing->asked, day, i, quarter, &sum);
    }
    return sum.in_time * 100 >= sum.calls * staffing->asked->percent;
}

static uint32_t quarter_agents(struct staffing *staffing, uint32_t quarter)
{
    uint32_t few = 0, enough = 1;
    if (staffing->asked->calls[quarter] < NOBODY) return 0;
    while (enough < AGENTS_MAX && !quarter_try(staffing, quarter, enough, false)) {
        few = enough;
        enough *= 2;
    }
    if (enough > AGENTS_MAX) enough = AGENTS_MAX;
    while (few + 1 < enough) {
        uint32_t middle = (few + enough) / 2;
        if (quarter_try(staffing, quarter, middle, false))
            enough = middle;
        else
            few = middle;
    }
    return enough;
}

void staffing_find(const struct staffing_asked *asked, uint32_t *agents)
{
    double calls = 0;
    for (uint32_t i = 0; i < asked->quarters; i++) calls += asked->calls[i];
    double days = calls > 0 ? PLAYED_CALLS / calls : 0;
    struct staffing staffing = {.asked = asked};
    staffing.count = days > DAYS_MOST ? DAYS_MOST : days > DAYS_LEAST ? (uint32_t)days : DAYS_LEAST;
    staffing.days = memory_zeroed(staffing.count, sizeof *staffing.days);
    staffing.try.ends = memory_zeroed(AGENTS_MAX, sizeof *staffing.try.ends);
    uint64_t chance = 1;
    for (uint32_t i = 0; i < staffing.count; i++) {
        staffing.days[i].busy = chance_day(&chance, asked->excess);
        staffing.days[i].ends = memory_zeroed(AGENTS_MAX, sizeof *staffing.days[i].ends);
    }
    for (uint32_t quarter = 0; quarter < asked->quarters; quarter++) {
        agents[quarter] = quarter_agents(&staffing, quarter);
        (void)quarter_try(&staffing, quarter, agents[quarter], true);
    }
    for (uint32_t i = 0; i < staffing.count; i++) free(staffing.days[i].ends);
    free(staffing.days);
    free(staffing.try.ends);
}
