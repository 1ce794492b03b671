/* tests/unit/console_soon_model.c - Plays the days, and judges the warnings of each minute. */
#include "tests/unit/console_soon_model.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/console/soon.h"

enum {
    DAY_S = 10 * 3600,
    MINUTES = DAY_S / 60,
    CALLS = 10000,
    PEOPLE = 60,
    WITHIN_S = 20,
    WINDOW = 15,
    TARGET = 800,
    NEAR = 850
};

static uint64_t state;
static double drawn(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static struct day {
    unsigned calls, came[CALLS], good[CALLS]; /* the second of its arrival; 1: answered within WITHIN_S */
    unsigned people[MINUTES], busy[MINUTES], waiting[MINUTES], served[MINUTES], left[MINUTES];
    double busy_s[MINUTES], waited_s[MINUTES];
} day;

/* A day of a queue that `load` people are busy with on average; there are a tenth more, but fewer at noon and on some
 * days, and a rush comes at some hour. */
static void day_make(double load, double serve_s)
{
    static double leaves[CALLS];
    static unsigned line[CALLS], free_at[PEOPLE];
    unsigned first = 0, last = 0, rush = 1 + (unsigned)(drawn() * 7);
    double staffed = load * (1.05 + 0.25 * drawn()) + 1;
    memset(&day, 0, sizeof day);
    memset(free_at, 0, sizeof free_at);
    for (unsigned at = 0; at < DAY_S; at++) {
        unsigned hour = at / 3600, minute = at / 60;
        unsigned people = (unsigned)(staffed * (hour == 3 || hour == 4 ? 0.85 : 1) + 0.5);
        double per_s = load / serve_s * (hour == rush ? 1.35 : 0.75 + 0.3 * sin(3.14159 * at / DAY_S));
        if (people > PEOPLE) people = PEOPLE;
        if (drawn() < per_s && day.calls < CALLS) {
            day.came[day.calls] = at;
            leaves[day.calls] = at - 180 * log(drawn()); /* patience */
            line[last++] = day.calls++;
        }
        for (unsigned one = 0; one < people; one++) {
            while (first < last && leaves[line[first]] < at) first++;
            if (one == 0) day.busy[minute] = 0;
            if (free_at[one] <= at && first < last) {
                unsigned call = line[first++];
                day.good[call] = at - day.came[call] <= WITHIN_S;
                free_at[one] = at + 1 + (unsigned)(-serve_s * log(drawn()));
                day.served[minute]++;
            }
            day.busy_s[minute] += free_at[one] > at;
            day.busy[minute] += free_at[one] > at;
        }
        day.people[minute] = people;
        day.waiting[minute] = 0;
        for (unsigned i = first; i < last; i++) {
            day.waiting[minute] += leaves[line[i]] >= at;
            day.waited_s[minute] += leaves[line[i]] >= at;
            day.left[minute] += leaves[line[i]] >= at && leaves[line[i]] < at + 1;
        }
    }
}

/* Of a thousand who came in the minutes from, to: those answered in time; -1: fewer than `least` came. */
static int level(unsigned from, unsigned to, unsigned least)
{
    unsigned came = 0, good = 0;
    for (unsigned i = 0; i < day.calls; i++) {
        if (day.came[i] / 60 < from || day.came[i] / 60 >= to) continue;
        came++;
        good += day.good[i];
    }
    return came < least ? -1 : (int)(1000 * good / came);
}

static int warned_level(unsigned minute)
{
    unsigned came = 0, served = 0, left = 0;
    double busy_s = 0, waited_s = 0;
    for (unsigned i = 0; i < day.calls; i++) came += day.came[i] / 60 + WINDOW > minute && day.came[i] / 60 <= minute;
    for (unsigned i = minute < 30 ? 0 : minute - 29; i <= minute; i++) {
        served += day.served[i];
        busy_s += day.busy_s[i];
        left += day.left[i];
        waited_s += day.waited_s[i];
    }
    if (served < 3) return -1;
    const uint32_t within_s = WITHIN_S;
    int permille;
    soon_permille(&(struct soon_now){.waiting = day.waiting[minute],
                                     .people = day.people[minute],
                                     .busy = day.busy[minute],
                                     .per_s = came / (60.0 * WINDOW),
                                     .serve_s = busy_s / served,
                                     .leaves_per_s = waited_s > 0 ? left / waited_s : 0},
                  &within_s, 1, &permille);
    return permille;
}

/* A warning that is judged: the minute in which it began, if it is up. */
struct judge {
    struct soon_judged *judged;
    unsigned since;
};

static void judge_minute(struct judge *judge, unsigned minute, bool warns, bool begins, int truth, int expected)
{
    struct soon_judged *judged = judge->judged;
    judge->since = !warns ? 0 : judge->since == 0 ? minute : judge->since;
    if (begins) {
        judged->onsets++;
        judged->ahead += judge->since != 0 && judge->since < minute;
        judged->lead += judge->since != 0 ? minute - judge->since : 0;
    }
    if (truth < 0) return;
    judged->missed += truth < TARGET;
    judged->hit += truth < TARGET && warns;
    judged->warned += warns;
    judged->wrong += warns && truth >= TARGET;
    judged->error += abs(expected - truth) / 1000.0;
}

void soon_days_play(const struct soon_centre *centre, uint64_t seed, unsigned days, unsigned each,
                    struct soon_days *played)
{
    *played = (struct soon_days){.days = days};
    state = seed;
    for (unsigned i = 0; i < days; i++) {
        struct judge own = {&played->own, 0}, lately = {&played->lately, 0}, near = {&played->near, 0};
        bool low = false;
        day_make(centre->load, 200);
        played->calls += day.calls;
        for (unsigned minute = 20; minute + WINDOW < MINUTES; minute += each) {
            int soon = warned_level(minute), truth = level(minute + 1, minute + 1 + WINDOW, centre->least);
            int last = level(minute + 1 - WINDOW, minute + 1, centre->least);
            bool begins = last >= 0 && last < TARGET && !low;
            if (soon < 0 || last < 0) truth = -1; /* one of them says nothing */
            played->minutes += truth >= 0;
            judge_minute(&own, minute, soon >= 0 && soon < TARGET, begins, truth, soon);
            judge_minute(&lately, minute, last >= 0 && last < TARGET, begins, truth, last);
            judge_minute(&near, minute, last >= 0 && last < NEAR, begins, truth, last);
            low = last >= 0 && last < TARGET;
        }
    }
}
