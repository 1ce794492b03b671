/* tests/bench/ewt.c - Error of the expected wait that is told to who comes, against how long they wait. A virtual queue
 * of the core alone moves through a day whose load and staff change.
 *
 * ewt AGENTS DAYS: the callers of whom nobody is free are asked about, where they are of the tenth that never hangs up:
 * of the others nobody knows how long they would have waited. Prints the median and the 90th percentile of the error in
 * seconds, of vq_expected_us; of the mean wait of the last 100 distributed; of those who wait, this one included, times
 * the mean handling time, by the agents at work. Then how many were asked and the median of their waits; the median and
 * the 90th percentile of the error of vq_expected_us in percent of the wait; the percents of those who waited less than
 * the range of vq_range_us, and longer than it; the median of the range's width in percent of the expected wait. */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/queues/vq.h"

enum { HANDLING_S = 240, PATIENCE_S = 300, LAST = 100, PATIENT = 10, ESTIMATORS = 3 };
#define HOUR_US (3600 * UINT64_C(1000000))

/* By hour of the day: agents at work and how busy they are, in percent. */
static const unsigned char staff[24] = {8,  8,  8,   8,   8,  8,  15, 30, 60, 90, 100, 100,
                                        80, 80, 100, 100, 95, 80, 60, 40, 25, 15, 10,  8};
static const unsigned char busy[24] = {60,  55,  50,  50, 55,  70,  95, 105, 110, 112, 108, 95,
                                       104, 112, 100, 92, 106, 110, 98, 105, 90,  108, 85,  70};

struct caller {
    uint64_t came_us, leaves_us; /* leaves_us: UINT64_MAX: never */
    double expected_s[ESTIMATORS], low_s, high_s;
    uint32_t visit;
    bool asked;
};

struct day {
    struct vqs vqs;
    uint32_t vq;
    uint64_t now_us, random;
    unsigned agents, at_work, free;
    uint64_t *free_at_us;   /* by agent: UINT64_MAX: has nobody */
    uint64_t next_us;       /* arrival */
    struct caller *callers; /* who wait, in order of arrival */
    unsigned waiting, room;
    double last_s[LAST], last_sum_s, handling_sum_s;
    unsigned distributed, handled;
    double *errors[ESTIMATORS], *waits, *shares, *widths;
    unsigned below, above;
    unsigned asked, asked_room;
    uint32_t slots;
};

static double uniform(struct day *day)
{
    day->random ^= day->random << 13;
    day->random ^= day->random >> 7;
    day->random ^= day->random << 17;
    return ((double)(day->random >> 11) + 1) / 9007199254740993.0;
}

static double exponential(struct day *day, double mean)
{
    return -log(uniform(day)) * mean;
}

static unsigned hour(const struct day *day)
{
    return (unsigned)(day->now_us / HOUR_US % 24);
}

static unsigned staff_now(const struct day *day)
{
    unsigned count = day->agents * staff[hour(day)] / 100;
    return count > 1 ? count : 1;
}

static void plan_arrival(struct day *day)
{
    double per_s = day->at_work * busy[hour(day)] / 100.0 / HANDLING_S;
    day->next_us = day->now_us + 1 + (uint64_t)(exponential(day, 1 / per_s) * 1e6);
}

static void measure(struct day *day, const struct caller *caller, double waited_s)
{
    if (day->asked == day->asked_room) {
        day->asked_room = day->asked_room == 0 ? 1024 : 2 * day->asked_room;
        for (unsigned by = 0; by < ESTIMATORS; by++)
            day->errors[by] = realloc(day->errors[by], day->asked_room * sizeof(double));
        day->waits = realloc(day->waits, day->asked_room * sizeof(double));
        day->shares = realloc(day->shares, day->asked_room * sizeof(double));
        day->widths = realloc(day->widths, day->asked_room * sizeof(double));
    }
    for (unsigned by = 0; by < ESTIMATORS; by++) day->errors[by][day->asked] = fabs(caller->expected_s[by] - waited_s);
    day->below += waited_s < caller->low_s;
    day->above += waited_s > caller->high_s;
    day->shares[day->asked] = 100 * day->errors[0][day->asked] / (waited_s > 1 ? waited_s : 1);
    day->widths[day->asked] = 100 * (caller->high_s - caller->low_s) / caller->expected_s[0];
    day->waits[day->asked++] = waited_s;
}

static void leaves(struct day *day, unsigned at, enum visit_end end)
{
    vq_leave(&day->vqs, day->callers[at].visit, end, day->now_us);
    for (day->waiting--; at < day->waiting; at++) day->callers[at] = day->callers[at + 1];
}

static void serve(struct day *day)
{
    for (unsigned agent = 0; agent < day->at_work && day->waiting > 0; agent++) {
        if (day->free_at_us[agent] != UINT64_MAX) continue;
        struct caller *caller = &day->callers[0];
        double waited_s = (double)(day->now_us - caller->came_us) / 1e6;
        if (caller->asked) measure(day, caller, waited_s);
        double *oldest = &day->last_s[day->distributed++ % LAST];
        day->last_sum_s += waited_s - *oldest;
        *oldest = waited_s;
        double talk_s = exponential(day, HANDLING_S / 2.0) + exponential(day, HANDLING_S / 2.0);
        day->handling_sum_s += talk_s;
        day->handled++;
        day->free_at_us[agent] = day->now_us + (uint64_t)(talk_s * 1e6);
        leaves(day, 0, VISIT_DISTRIBUTED);
    }
}

static bool anybody_free(const struct day *day)
{
    for (unsigned agent = 0; agent < day->at_work; agent++)
        if (day->free_at_us[agent] == UINT64_MAX) return true;
    return false;
}

static void comes(struct day *day)
{
    static const struct vm_line line = {.kind = LINE_LEAF, .function = 1};
    if (day->waiting == day->room) {
        day->room = day->room == 0 ? 1024 : 2 * day->room;
        day->callers = realloc(day->callers, day->room * sizeof *day->callers);
    }
    bool patient = uniform(day) * PATIENT < 1;
    struct caller *caller = &day->callers[day->waiting++];
    *caller = (struct caller){.came_us = day->now_us, .leaves_us = UINT64_MAX, .asked = patient && !anybody_free(day)};
    if (!patient) caller->leaves_us = day->now_us + (uint64_t)(exponential(day, PATIENCE_S) * 1e6);
    uint32_t position = vq_position_of_new(&day->vqs, day->vq, day->slots, 0, day->now_us);
    uint64_t expected_us = vq_expected_us(&day->vqs, day->vq, position);
    unsigned known = day->distributed < LAST ? day->distributed : LAST;
    if (expected_us == UINT64_MAX || known == 0) caller->asked = false;
    if (caller->asked) {
        uint64_t low_us, high_us;
        bool ranged = vq_range_us(&day->vqs, day->vq, position, &low_us, &high_us);
        assert(ranged);
        caller->low_s = (double)low_us / 1e6;
        caller->high_s = (double)high_us / 1e6;
        caller->expected_s[0] = (double)expected_us / 1e6;
        caller->expected_s[1] = day->last_sum_s / known;
        caller->expected_s[2] = day->waiting * day->handling_sum_s / day->handled / day->at_work;
    }
    caller->visit = vq_enter(&day->vqs, day->vq, day->slots++, 0, day->now_us, day->now_us);
    vq_join(&day->vqs, caller->visit,
            vq_want(&day->vqs, &(struct wanted){.vq = (uint16_t)day->vq, .link = 16, .count = 1, .lines = &line}));
    plan_arrival(day);
}

/* Agents who go finish their call first. */
static void step(struct day *day)
{
    uint64_t us = (day->now_us / HOUR_US + 1) * HOUR_US;
    unsigned ends = day->agents, hangs_up = day->waiting;
    bool arrives = day->next_us < us;
    if (arrives) us = day->next_us;
    for (unsigned agent = 0; agent < day->agents; agent++)
        if (day->free_at_us[agent] < us) us = day->free_at_us[ends = agent];
    for (unsigned at = 0; at < day->waiting; at++)
        if (day->callers[at].leaves_us < us) us = day->callers[hangs_up = at].leaves_us;
    day->now_us = us;
    if (hangs_up < day->waiting)
        leaves(day, hangs_up, VISIT_ABANDONED);
    else if (ends < day->agents)
        day->free_at_us[ends] = UINT64_MAX;
    else if (arrives)
        comes(day);
    else
        day->at_work = staff_now(day);
    serve(day);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static uint64_t slot_is_id(const void *owner, uint32_t slot)
{
    (void)owner;
    return slot + UINT64_C(1);
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    struct day day = {.random = 88172645463325252u, .agents = (unsigned)atoi(argv[1])};
    vqs_init(&day.vqs, NULL, slot_is_id);
    day.vq = vq_open(&day.vqs, 1);
    day.free_at_us = malloc(day.agents * sizeof *day.free_at_us);
    for (unsigned agent = 0; agent < day.agents; agent++) day.free_at_us[agent] = UINT64_MAX;
    day.at_work = staff_now(&day);
    plan_arrival(&day);
    while (day.now_us < 24 * HOUR_US * (unsigned)atoi(argv[2])) step(&day);
    assert(day.asked > 0);
    for (unsigned by = 0; by < ESTIMATORS; by++) {
        qsort(day.errors[by], day.asked, sizeof(double), by_size);
        printf("%.1f %.1f ", day.errors[by][day.asked / 2], day.errors[by][day.asked * 9 / 10]);
    }
    qsort(day.waits, day.asked, sizeof(double), by_size);
    qsort(day.shares, day.asked, sizeof(double), by_size);
    qsort(day.widths, day.asked, sizeof(double), by_size);
    printf("%u %.1f %.0f %.0f %.1f %.1f %.0f\n", day.asked, day.waits[day.asked / 2], day.shares[day.asked / 2],
           day.shares[day.asked * 9 / 10], 100.0 * day.below / day.asked, 100.0 * day.above / day.asked,
           day.widths[day.asked / 2]);
    return 0;
}
