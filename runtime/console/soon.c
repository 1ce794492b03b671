/* runtime/console/soon.c - Follows the chances of all states of the queue in steps of time. */
#include "runtime/console/soon.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PEOPLE_MAX = 2000, BEFORE_MAX = 200, BEFORE_LEAST = 30, STEP_S = 5 };

static const double UNLIKELY = 1e-9; /* states of a smaller chance count for nothing */

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
        if (chances[n] < UNLIKELY) continue;
        unsigned before = n < now->people ? 0 : n - now->people + 1; /* so many must go first */
        double goes = now->people / now->serve_s + (before > 0 ? (before - 1) * now->leaves_per_s / 2 : 0);
        sum += chances[n] * (before == 0 ? 1 : soon_at_least(before, goes * within_s));
    }
    return sum;
}

/* How many go in a second from this state: by an answer that is done, or because they give up. */
static double soon_goes(const struct soon_now *now, unsigned n)
{
    unsigned busy = n < now->people ? n : now->people;
    return busy / now->serve_s + (n - busy) * now->leaves_per_s;
}

/* Adds the chances of each state, over all steps, to `sums`.
 *
 * The chances after a step are those from which a step backwards leads to the chances before it (implicit Euler): with
 * steps of any length no chance falls below 0. So a step may be long even where much happens in a second, and the time
 * of the whole grows with the number of states alone. A step solves equations that each have the state, the one below
 * and the one above: `above` and `share` of their elimination are the same in all steps. */
static void soon_follow(const struct soon_now *now, double *chances, double *sums, unsigned states)
{
    double *above = memory_zeroed(states, sizeof *above), *share = memory_zeroed(states, sizeof *share);
    const double comes = now->per_s * STEP_S;
    for (unsigned n = 0; n < states; n++) {
        double stays = 1 + (n + 1 < states ? comes : 0) + soon_goes(now, n) * STEP_S;
        share[n] = 1 / (n > 0 ? stays - comes * above[n - 1] : stays);
        if (n + 1 < states) above[n] = soon_goes(now, n + 1) * STEP_S * share[n];
    }
    for (unsigned at_s = 0; at_s < SOON_S; at_s += STEP_S) {
        for (unsigned n = 0; n < states; n++) sums[n] += chances[n] * STEP_S / (2 * SOON_S);
        for (unsigned n = 0; n < states; n++)
            chances[n] = (chances[n] + (n > 0 ? comes * chances[n - 1] : 0)) * share[n];
        for (unsigned n = states - 1; n > 0; n--) chances[n - 1] += above[n - 1] * chances[n];
        for (unsigned n = 0; n < states; n++) sums[n] += chances[n] * STEP_S / (2 * SOON_S);
    }
    free(above);
    free(share);
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
    double *chances = memory_zeroed(states, sizeof *chances), *sums = memory_zeroed(states, sizeof *sums);
    chances[first] = 1;
    soon_follow(now, chances, sums, states);
    for (unsigned i = 0; i < bounds; i++)
        permille[i] = (int)(1000 * soon_in_time(now, sums, states, within_s[i]) + 0.5);
    free(chances);
    free(sums);
}
