/* tests/bench/warning.c - How often the page Now is right when it warns of a target that will be missed within a
 * quarter of an hour: on simulated days of centres of several sizes, beside the simple rival that warns where the level
 * of the last quarter of an hour is less than five points above the target. Usage: warning [DAYS [SEED...]] - so many
 * days (40) for each seed (1 2 3). A line for each centre and warning. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/console_soon_model.h"

static void judged_add(struct soon_judged *sum, const struct soon_judged *one)
{
    sum->missed += one->missed;
    sum->hit += one->hit;
    sum->warned += one->warned;
    sum->wrong += one->wrong;
    sum->onsets += one->onsets;
    sum->ahead += one->ahead;
    sum->lead += one->lead;
    sum->error += one->error;
}

static double share(unsigned part, unsigned whole)
{
    return whole == 0 ? 0 : 100.0 * part / whole;
}

static void judged_print(const char *name, const struct soon_judged *one, unsigned minutes)
{
    printf("  %-48s %8.0f %8.0f %8.1f %8.0f %8.1f\n", name, share(one->hit, one->missed),
           share(one->wrong, one->warned), minutes == 0 ? 0 : 100 * one->error / minutes,
           share(one->ahead, one->onsets), one->ahead == 0 ? 0 : (double)one->lead / one->ahead);
}

int main(int count, char **words)
{
    static const struct soon_centre centres[] = {{0.28, 1}, {1, 2}, {4, 5}, {12, 5}, {35, 5}};
    static char *const seeds[] = {"1", "2", "3"};
    unsigned days = count > 1 ? (unsigned)atoi(words[1]) : 40, seed_count = count > 2 ? (unsigned)count - 2 : 3;
    if (days == 0) {
        fprintf(stderr, "Usage: warning [DAYS [SEED...]]\n");
        return 2;
    }
    printf("target 80 %% within 20 s\n%-50s %8s %8s %8s %8s %8s\n", "", "hits", "false", "error", "before", "lead");
    printf("%-50s %8s %8s %8s %8s %8s\n", "", "%", "%", "points", "%", "minutes");
    for (unsigned c = 0; c < sizeof centres / sizeof *centres; c++) {
        struct soon_days sum = {0}, one;
        for (unsigned i = 0; i < seed_count; i++) {
            const char *seed = count > 2 ? words[2 + i] : seeds[i];
            soon_days_play(&centres[c], strtoull(seed, NULL, 10), days, 1, &one);
            sum.days += one.days;
            sum.calls += one.calls;
            sum.minutes += one.minutes;
            judged_add(&sum.own, &one.own);
            judged_add(&sum.lately, &one.lately);
            judged_add(&sum.near, &one.near);
        }
        printf("%u calls a day, %u days: %u misses\n", sum.calls / sum.days, sum.days, sum.own.onsets);
        judged_print("the warning of Now", &sum.own, sum.minutes);
        judged_print("rival: the last quarter of an hour below 85 %", &sum.near, sum.minutes);
        judged_print("rival: the last quarter of an hour below 80 %", &sum.lately, sum.minutes);
    }
    return 0;
}
