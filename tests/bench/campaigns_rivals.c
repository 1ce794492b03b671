/* campaigns_rivals.c - Two other ways to pace the campaigns of a site, on a model of its day: for campaigns.py.
 *
 *   campaigns_rivals AGENTS DAY CALLED TELEPHONES TALKS WRAPS INBOUND SHARE...
 *
 * DAY is a time; CALLED says how long it rings at people, TELEPHONES how long at agents, all as gcxc simulate reads
 * them; INBOUND is calls per hour; SHARE is "60%", and then "15% from 20m" and so on. Prints a line for each rival: its
 * name, how busy agents were in percent, the part of those who answered that found no agent in two seconds, and on how
 * many of 100 days it was more than three in a hundred at the end.
 *
 *   adapting   so many lines per agent, calls included; the number rises while agents wait and falls while the mean
 *              share of the day is above the ceiling; each quarter of a minute, between 1 and 4
 *   best       knows the distributions, when everything began, and who answers how often now; dials while the chance
 *              that one more finds no agent is at most a number that never changes: the highest with which the ceiling
 *              held on 95 of 100 days
 *
 * One list stands for all campaigns of the site: a rival that paces them together does at least as well as one that
 * does not. Time goes in tenths of a second; inbound calls and those who have answered are served in turn. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/draw.h"

enum {
    AGENTS_MAX = 200,
    LINES_MAX = 2000,
    RATES_MAX = 16,
    TIMES = 5,
    AGES = 1200,
    DRAWS = 40000,
    DAYS = 20,
    ROUNDS = 8
};
#define TICK_S    0.1
#define DECIDES_S 0.5
#define WAIT_S    2.0
#define LIMIT     0.03
#define RINGS_S   20.0
#define BUSY      0.08
#define MACHINES  0.06

struct site {
    unsigned agents, rates;
    double day_s, inbound_h;
    struct spread called, telephones, talks, wraps;
    struct {
        double share, from_s;
    } rate[RATES_MAX];
};

struct line {
    double since_s, ends_s;
    bool answers;
};

struct model_day {
    const struct site *site;
    struct draws draws;
    double now_s, busy_s, comes_s;
    double since_s[AGENTS_MAX], free_s[AGENTS_MAX]; /* of agents with a call; free_s 0: ready */
    struct line lines[LINES_MAX];
    double waits_s[LINES_MAX], inbound_s[LINES_MAX]; /* when each came, the oldest first */
    unsigned ringing, waiting, queued, ready, answered, lost;
    double level, idle_s; /* of `adapting` */
};

static double drawn_s(struct model_day *day, const struct spread *spread)
{
    return (double)spread_draw(spread, &day->draws) / 1e6;
}

static double share_now(const struct site *site, double now_s)
{
    unsigned at = site->rates - 1;
    while (at > 0 && site->rate[at].from_s > now_s) at--;
    return site->rate[at].share;
}

static void dials(struct model_day *day)
{
    if (day->ringing == LINES_MAX) return;
    double share = share_now(day->site, day->now_s), one = draws_unit(&day->draws),
           rings_s = drawn_s(day, &day->site->called);
    struct line *line = &day->lines[day->ringing++];
    *line = (struct line){day->now_s, day->now_s + fmin(rings_s, RINGS_S), one < share && rings_s < RINGS_S};
    if (one >= share && one < share + BUSY) line->ends_s = day->now_s + 1;
    if (one >= share + BUSY + MACHINES) line->ends_s = day->now_s + RINGS_S;
}

static void removed(double *times, unsigned *count, unsigned at)
{
    memmove(times + at, times + at + 1, (*count - at - 1) * sizeof *times);
    (*count)--;
}

/* What has happened since the tick before: lines end, people come, agents are free. */
static void goes_on(struct model_day *day)
{
    for (unsigned at = day->ringing; at-- > 0;) {
        if (day->lines[at].ends_s > day->now_s) continue;
        if (day->lines[at].answers && day->waiting < LINES_MAX) {
            day->waits_s[day->waiting++] = day->now_s;
            day->answered++;
        }
        day->lines[at] = day->lines[--day->ringing];
    }
    while (day->site->inbound_h > 0 && day->comes_s <= day->now_s && day->queued < LINES_MAX) {
        day->inbound_s[day->queued++] = day->comes_s;
        day->comes_s += draws_exponential(&day->draws) * 3600 / day->site->inbound_h;
    }
    for (unsigned at = 0; at < day->site->agents; at++) {
        if (day->free_s[at] != 0 && day->free_s[at] <= day->now_s) {
            day->free_s[at] = 0;
            day->ready++;
        }
        day->busy_s += day->free_s[at] != 0 ? TICK_S : 0;
    }
}

/* Whoever has waited longest has the next agent. */
static void served(struct model_day *day)
{
    for (unsigned at = 0; at < day->site->agents && day->waiting + day->queued > 0; at++) {
        if (day->free_s[at] != 0) continue;
        bool called = day->waiting > 0 && (day->queued == 0 || day->waits_s[0] <= day->inbound_s[0]);
        double rings_s = drawn_s(day, &day->site->telephones);
        if (called && day->now_s + rings_s - day->waits_s[0] > WAIT_S) day->lost++;
        if (called)
            removed(day->waits_s, &day->waiting, 0);
        else
            removed(day->inbound_s, &day->queued, 0);
        day->since_s[at] = day->now_s;
        day->free_s[at] = day->now_s + rings_s + drawn_s(day, &day->site->talks) + drawn_s(day, &day->site->wraps);
        day->ready--;
    }
    while (day->waiting > 0 && day->now_s - day->waits_s[0] > WAIT_S) {
        removed(day->waits_s, &day->waiting, 0);
        day->lost++;
    }
}

/* ---- the rivals ---- */

static void adapting(struct model_day *day, void *self)
{
    (void)self;
    double busy = day->site->agents - day->ready;
    day->idle_s += day->ready * DECIDES_S;
    if (fmod(day->now_s, 15) < DECIDES_S) {
        double share = day->answered == 0 ? 0 : (double)day->lost / day->answered;
        if (share > LIMIT)
            day->level *= 0.9;
        else if (day->idle_s > 0.02 * 15 * day->site->agents)
            day->level *= 1.05;
        day->level = fmax(1, fmin(4, day->level));
        day->idle_s = 0;
    }
    for (double more = day->level * day->site->agents - busy - day->ringing - day->waiting; more >= 1; more--)
        dials(day);
}

/* By the number of halves of a second since it began: the chance to have answered, or to be free, so much later. */
struct known {
    double chance; /* that one more finds no agent: what is searched for */
    double after_s[TIMES], answers[RATES_MAX][TIMES][AGES], frees[TIMES][AGES];
};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double lasting(const double *sorted, unsigned count, double s)
{
    unsigned low = 0, high = count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (sorted[middle] <= s)
            low = middle + 1;
        else
            high = middle;
    }
    return count - low;
}

static void knows_answers(struct known *known, struct model_day *day, unsigned rate)
{
    static double ends_s[DRAWS], answers_s[DRAWS];
    unsigned answered = 0;
    day->now_s = day->site->rate[rate].from_s;
    for (unsigned at = 0; at < DRAWS; at++) {
        day->ringing = 0;
        dials(day);
        ends_s[at] = day->lines[0].ends_s - day->now_s;
        if (day->lines[0].answers) answers_s[answered++] = ends_s[at];
    }
    qsort(ends_s, DRAWS, sizeof *ends_s, by_size);
    qsort(answers_s, answered, sizeof *answers_s, by_size);
    for (unsigned time = 0; time < TIMES; time++) {
        if (rate == 0) known->after_s[time] = answered == 0 ? 1 : answers_s[answered * (2 * time + 1) / (2 * TIMES)];
        for (unsigned age = 0; age < AGES; age++) {
            double since_s = age * DECIDES_S, left = lasting(ends_s, DRAWS, since_s);
            double then =
                lasting(answers_s, answered, since_s) - lasting(answers_s, answered, since_s + known->after_s[time]);
            known->answers[rate][time][age] = left == 0 ? 0 : then / left;
        }
    }
}

static void learns_all(struct known *known, const struct site *site)
{
    static struct model_day day;
    static double calls_s[DRAWS];
    day = (struct model_day){.site = site, .draws = draws_of(77, 0, 0)};
    for (unsigned rate = 0; rate < site->rates; rate++) knows_answers(known, &day, rate);
    for (unsigned at = 0; at < DRAWS; at++)
        calls_s[at] = drawn_s(&day, &site->telephones) + drawn_s(&day, &site->talks) + drawn_s(&day, &site->wraps);
    qsort(calls_s, DRAWS, sizeof *calls_s, by_size);
    for (unsigned time = 0; time < TIMES; time++)
        for (unsigned age = 0; age < AGES; age++) {
            double left = lasting(calls_s, DRAWS, age * DECIDES_S), rings_s = spread_mean(&site->telephones) / 1e6;
            double later = lasting(calls_s, DRAWS, age * DECIDES_S + known->after_s[time] + fmax(0, WAIT_S - rings_s));
            known->frees[time][age] = left == 0 ? 1 : 1 - later / left;
        }
}

static unsigned age_of(const struct model_day *day, double since_s)
{
    unsigned age = (unsigned)((day->now_s - since_s) / DECIDES_S);
    return age < AGES ? age : AGES - 1;
}

static void best(struct model_day *day, void *self)
{
    const struct known *known = self;
    double mean[TIMES] = {0}, variance[TIMES] = {0}; /* of the agents who will be there beyond those who answer */
    unsigned rate = day->site->rates - 1;
    while (rate > 0 && day->site->rate[rate].from_s > day->now_s) rate--;
    for (unsigned time = 0; time < TIMES; time++) {
        double comes = day->site->inbound_h / 3600 * known->after_s[time];
        mean[time] = (double)day->ready - day->waiting - day->queued - comes;
        variance[time] = comes + 1e-9;
        for (unsigned at = 0; at < day->site->agents; at++) {
            double chance = day->free_s[at] == 0 ? 0 : known->frees[time][age_of(day, day->since_s[at])];
            mean[time] += chance;
            variance[time] += chance * (1 - chance);
        }
        for (unsigned at = 0; at < day->ringing; at++) {
            double chance = known->answers[rate][time][age_of(day, day->lines[at].since_s)];
            mean[time] -= chance;
            variance[time] += chance * (1 - chance);
        }
    }
    for (unsigned more = 0; more < day->site->agents; more++) {
        double lost = 0;
        for (unsigned time = 0; time < TIMES; time++)
            lost += 0.5 * erfc((mean[time] - 0.5) / sqrt(2 * variance[time])) / TIMES;
        if (lost > known->chance) return;
        dials(day);
        for (unsigned time = 0; time < TIMES; time++) {
            double chance = known->answers[rate][time][0];
            mean[time] -= chance;
            variance[time] += chance * (1 - chance);
        }
    }
}

/* ---- days ---- */

struct played {
    double busy, lost;
    unsigned above;
};

static struct played plays(const struct site *site, void (*paces)(struct model_day *, void *), void *self)
{
    static struct model_day day;
    struct played played = {0, 0, 0};
    for (unsigned number = 0; number < DAYS; number++) {
        day = (struct model_day){.site = site, .draws = draws_of(number + 1, 1, 0), .ready = site->agents, .level = 1};
        if (site->inbound_h > 0) day.comes_s = draws_exponential(&day.draws) * 3600 / site->inbound_h;
        for (unsigned tick = 0; (day.now_s = tick * TICK_S) < site->day_s; tick++) {
            goes_on(&day);
            served(&day);
            if (tick % (unsigned)(DECIDES_S / TICK_S) == 0) paces(&day, self);
        }
        double share = day.answered == 0 ? 0 : (double)day.lost / day.answered;
        played.busy += day.busy_s / site->day_s / site->agents / DAYS;
        played.lost += share / DAYS;
        played.above += share > LIMIT;
    }
    return played;
}

static void show(const char *name, struct played played)
{
    printf("%s %.1f (%.2f lost, %u of 100 days above)\n", name, 100 * played.busy, 100 * played.lost,
           played.above * 100 / DAYS);
}

static void searches(const struct site *site)
{
    static struct known known;
    double low = 0, high = 0.3;
    learns_all(&known, site);
    for (unsigned round = 0; round < ROUNDS; round++) {
        known.chance = (low + high) / 2;
        if (plays(site, best, &known).above * 100 <= 5 * DAYS)
            low = known.chance;
        else
            high = known.chance;
    }
    known.chance = low;
    show("best", plays(site, best, &known));
}

static bool site_read(struct site *site, int count, char **words)
{
    struct error error = {0};
    double us;
    site->agents = (unsigned)atoi(words[1]);
    site->inbound_h = atof(words[7]);
    bool good = site->agents > 0 && site->agents <= AGENTS_MAX && draw_duration(words[2], strlen(words[2]), &us) &&
                spread_read(&site->called, words[3], &error) && spread_read(&site->telephones, words[4], &error) &&
                spread_read(&site->talks, words[5], &error) && spread_read(&site->wraps, words[6], &error);
    if (good) site->day_s = us / 1e6;
    for (int at = 8; at < count && site->rates < RATES_MAX; at++) {
        const char *from = strstr(words[at], "from ");
        us = 0;
        good = good && (!from || draw_duration(from + 5, strlen(from + 5), &us));
        site->rate[site->rates].share = atof(words[at]) / 100;
        site->rate[site->rates++].from_s = us / 1e6;
    }
    return good && site->rates > 0;
}

int main(int argc, char **argv)
{
    static struct site site;
    if (argc < 9 || !site_read(&site, argc, argv)) return 2;
    show("adapting", plays(&site, adapting, NULL));
    searches(&site);
    spread_free(&site.called);
    spread_free(&site.telephones);
    spread_free(&site.talks);
    spread_free(&site.wraps);
    return 0;
}
