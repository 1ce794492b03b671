/* runtime/console/soon.c - Follows the chances of all states of the queue in steps of time. */
#include "runtime/console/soon.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PEOPLE_MAX = 2000, BEFORE_MAX = 200, BEFORE_LEAST = 30, STEPS_A_SECOND_MAX = 20 };

/* Returns e to the power of -x, for x of 0 or more: this file needs no libm. */
static double soon_decays(double x)
{
    if (x > 700) return 0;
    x /= 1024; /* 2^10 equal parts, each small enough for a few terms */
    double part = 1 / (1 + x + x * x / 2 + x * x * x / 6);
    for (unsigned i = 0; i < 10; i++) part *= part;
    return part;
}

/* The chance that at least `wanted` of what happens `mean` times on average happens (Poisson). */
static double soon_at_least(unsigned wanted, double mean)
{
    double one = soon_decays(mean), less = 0;
    for (unsigned i = 0; i < wanted; i++) {
        less += one;
        one *= mean / (i + 1);
    }
    return less > 1 ? 0 : 1 - less;
}

/* The share of those who come and are answered within so many seconds, averaged over the time: chances[n] is how likely
 * n have a person or wait. */
static double soon_in_time(const struct soon_now *now, const double *chances, unsigned states, uint32_t within_s)
{
    double sum = 0;
    for (unsigned n = 0; n < states; n++) {
        unsigned before = n < now->people ? 0 : n - now->people + 1; /* so many must go first */
        double goes = now->people / now->serve_s + (before > 0 ? (before - 1) * now->leaves_per_s / 2 : 0);
        sum += chances[n] * (before == 0 ? 1 : soon_at_least(before, goes * within_s));
    }
    return sum;
}

/* Adds the chances of each state, over all steps, to `sums`. */
static void soon_follow(const struct soon_now *now, double *chances, double *sums, unsigned states, double step_s)
{
    double *next = memory_zeroed(states, sizeof *next);
    for (double at_s = 0; at_s < SOON_S; at_s += step_s) {
        memset(next, 0, states * sizeof *next);
        for (unsigned n = 0; n < states; n++) {
            unsigned busy = n < now->people ? n : now->people, line = n - busy;
            double up = n + 1 < states ? chances[n] * now->per_s * step_s : 0;
            double down = chances[n] * (busy / now->serve_s + line * now->leaves_per_s) * step_s;
            next[n] += chances[n] - up - down;
            if (n + 1 < states) next[n + 1] += up;
            if (n > 0) next[n - 1] += down;
            sums[n] += chances[n] * step_s / SOON_S;
        }
        memcpy(chances, next, states * sizeof *next);
    }
    free(next);
}

void soon_permille(const struct soon_now *now, const uint32_t *within_s, unsigned bounds, int *permille)
{
    bool known = now->serve_s > 0 && (now->per_s > 0 || now->waiting > 0) && now->people <= PEOPLE_MAX;
    for (unsigned i = 0; i < bounds; i++) permille[i] = known ? 0 : -1;
    if (!known || now->people == 0) return;
    /* Longer lines than these hardly come about within the time, and count as these. */
    unsigned line = now->waiting > BEFORE_MAX ? BEFORE_MAX : now->waiting, most_line = 2 * line + BEFORE_LEAST;
    unsigned states = now->people + most_line + 1;
    unsigned first = now->waiting > 0 ? now->people + line : now->busy < now->people ? now->busy : now->people;
    double most = now->per_s + now->people / now->serve_s + most_line * now->leaves_per_s, step_s = 0.5 / most;
    if (step_s > 5) step_s = 5;
    if (step_s < 1.0 / STEPS_A_SECOND_MAX) {
        for (unsigned i = 0; i < bounds; i++) permille[i] = -1; /* too many for this computation */
        return;
    }
    double *chances = memory_zeroed(states, sizeof *chances), *sums = memory_zeroed(states, sizeof *sums);
    chances[first] = 1;
    soon_follow(now, chances, sums, states, step_s);
    for (unsigned i = 0; i < bounds; i++)
        permille[i] = (int)(1000 * soon_in_time(now, sums, states, within_s[i]) + 0.5);
    free(chances);
    free(sums);
}
