/* tests/bench/rollouts.c - Rollouts that are played by the thousand: how often evidence is wrong, how soon it is right,
 * and how many calls a test needs that is looked at once.
 *
 * rollouts [SEED]: the table, with the intervals in which the shares are (Wilson, 95 %), and exit status 1 where a row
 * breaks what it promises. Each rollout is looked at after every call. Calls go to one arm or the other by chance, and
 * so the arms are seldom equal in number; calls that are in neither arm change nothing and are not played. A rollout
 * has the steps 1, 5, 25 and 100 % and two guards with half a percent each: it is taken back as soon as one guard says
 * worse, and goes a step up when both say no worse and 50 more calls of the candidate have been seen at this step. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/evidence/evidence.h"
#include "runtime/core/pacing/duration.h"

enum { STEPS = 4, GUARDS = 2, HOLD = 50, ROLLOUTS_MAX = 10000 };

enum fate { UNDECIDED, TAKEN_BACK, FOR_ALL };

struct row {
    const char *name;
    double control[GUARDS], candidate[GUARDS]; /* rates of what the guards watch */
    uint32_t margin;                           /* parts of 10,000 */
    unsigned most, rollouts;                   /* candidate's calls at the end; how many are played */
    double back_least, back_most, all_least;   /* promised shares: taken back, for all */
    unsigned within;                           /* calls per arm, in which 95 % are taken back; 0: nothing is promised */
};

static const struct row rows[] = {
    {"equal, nothing borne", {0.05, 0.02}, {0.05, 0.02}, 0, 2000, 10000, 0, 0.01, 0, 0},
    {"equal and rare, nothing borne", {0.005, 0.005}, {0.005, 0.005}, 0, 2000, 10000, 0, 0.01, 0, 0},
    {"equal, a point borne", {0.05, 0.02}, {0.05, 0.02}, 100, 30000, 400, 0, 0.01, 0.95, 0},
    {"a point worse, a point borne", {0.03, 0.005}, {0.04, 0.005}, 100, 5000, 1000, 0, 0.01, 0, 0},
    {"3 to 6 %, nothing borne", {0.03, 0.02}, {0.06, 0.02}, 0, 6000, 2000, 0.99, 1, 0, 2500},
    {"3 to 13 %, nothing borne", {0.03, 0.02}, {0.13, 0.02}, 0, 2500, 4000, 0.99, 1, 0, 400},
    {"3 to 6 %, a point borne", {0.03, 0.02}, {0.06, 0.02}, 100, 12000, 500, 0.99, 1, 0, 0},
    {"3 to 13 %, a point borne", {0.03, 0.02}, {0.13, 0.02}, 100, 2500, 2000, 0.99, 1, 0, 0},
};

static uint64_t drawn;

static double draw(void)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return (double)(drawn >> 11) * 0x1p-53;
}

static void call(struct evidence_arm *guards, const double *rates)
{
    for (unsigned guard = 0; guard < GUARDS; guard++) {
        guards[guard].count++;
        guards[guard].hits += draw() < rates[guard];
    }
}

/* Plays a rollout; `calls` becomes the mean of the arms' calls at its end. */
static enum fate play(const struct row *row, unsigned *calls)
{
    struct evidence_arm control[GUARDS] = {{0, 0}}, candidate[GUARDS] = {{0, 0}};
    struct evidence_ask ask = {.alpha = 10000 / GUARDS, .margin = row->margin};
    unsigned step = 0;
    uint64_t until = HOLD;
    while (candidate->count < row->most) {
        if (draw() < 0.5)
            call(candidate, row->candidate);
        else
            call(control, row->control);
        unsigned no_worse = 0;
        *calls = (unsigned)((control->count + candidate->count) / 2);
        for (unsigned guard = 0; guard < GUARDS; guard++) {
            enum evidence_says says = evidence_rate_says(&ask, &control[guard], &candidate[guard]);
            if (says == EVIDENCE_WORSE) return TAKEN_BACK;
            no_worse += says == EVIDENCE_NO_WORSE;
        }
        if (no_worse < GUARDS || candidate->count < until) continue;
        if (++step == STEPS - 1) return FOR_ALL;
        until = candidate->count + HOLD;
    }
    return UNDECIDED;
}

/* Returns whether a test that is looked at after each call, but has the level of one look, takes an equal candidate
 * back. */
static int looked_at_once_too_often(double rate, unsigned most)
{
    double control = 0, candidate = 0;
    for (unsigned n = 1; n <= most; n++) {
        control += draw() < rate;
        candidate += draw() < rate;
        double mean = (control + candidate) / (2 * n), deviation = sqrt(2 * mean * (1 - mean) / n);
        if (n >= 50 && (candidate - control) / n > 2.5758 * deviation) return 1; /* half a percent */
    }
    return 0;
}

/* Calls per arm of a test that is looked at once, at a number said before: half a percent, found in 95 %. */
static double once(double control, double candidate, double margin)
{
    double apart = candidate - control - margin;
    double z = 2.5758 + 1.6449;
    return z * z * (control * (1 - control) + candidate * (1 - candidate)) / (apart * apart);
}

static int by_number(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

/* Wilson's interval of a share, 95 % */
static void interval(double hits, double count, double *low, double *high)
{
    double z = 1.96, share = hits / count, middle = share + z * z / (2 * count);
    double half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count));
    *low = fmax(0, (middle - half) / (1 + z * z / count));
    *high = fmin(1, (middle + half) / (1 + z * z / count));
}

static int measure(const struct row *row)
{
    static unsigned calls[ROLLOUTS_MAX];
    unsigned back = 0, all = 0;
    for (unsigned n = 0; n < row->rollouts; n++) {
        enum fate fate = play(row, &calls[back]);
        back += fate == TAKEN_BACK;
        all += fate == FOR_ALL;
    }
    double low, high, share = (double)back / row->rollouts, whole = (double)all / row->rollouts;
    interval(back, row->rollouts, &low, &high);
    printf("%-30s %5u  back %6.2f %% (%5.2f to %6.2f)  for all %5.1f %%", row->name, row->rollouts, 100 * share,
           100 * low, 100 * high, 100 * whole);
    qsort(calls, back, sizeof *calls, by_number);
    unsigned in = row->rollouts * 95 / 100, needed = back >= in ? calls[in - 1] : UINT_MAX;
    if (row->back_least > 0)
        printf("  half %5u  95 %% %5u  once %5.0f", calls[back / 2], needed,
               once(row->control[0], row->candidate[0], row->margin / 1e4));
    int kept = share >= row->back_least && share <= row->back_most && whole >= row->all_least &&
               (row->within == 0 || needed <= row->within);
    printf("%s\n", kept ? "" : "  BROKEN");
    fflush(stdout);
    return kept ? 0 : 1;
}

/* ---- times, and versions by the quarter of an hour ---- */

/* Waits have this mean, but a fifth of the calls is answered at once. */
static uint64_t wait_us(double mean_s)
{
    return draw() < 0.2 ? 0 : (uint64_t)(-mean_s * 1e6 * log(1 - draw()));
}

/* Plays a rollout with the guard wait:pNN, looked at after every 16th call of an arm. */
static enum evidence_says play_waits(uint32_t percent, double mean_s, unsigned most, unsigned *calls)
{
    struct durations control = {{0}}, candidate = {{0}};
    struct evidence_ask ask = {.alpha = 5000};
    struct evidence_quantile of = {.share = (uint32_t)((uint64_t)CHANCE_ONE * percent / 100)};
    struct evidence evidence = {.says = EVIDENCE_TOO_LITTLE};
    for (*calls = 0; *calls < most && evidence.says == EVIDENCE_TOO_LITTLE;) {
        durations_add(&control, wait_us(40));
        durations_add(&candidate, wait_us(mean_s));
        if (++*calls % 16 == 0) evidence_quantile(&ask, &of, &control, &candidate, &evidence);
    }
    return evidence.says;
}

/* Plays pairs of quarters of 30 calls each, whose rate is that of the hour and some luck; looked at after each pair. */
static enum evidence_says play_slices(uint32_t unused, double worse_by, unsigned most, unsigned *pairs)
{
    struct evidence_slices slices = {0};
    struct evidence_ask ask = {.alpha = 5000};
    struct evidence evidence = {.says = EVIDENCE_TOO_LITTLE};
    (void)unused;
    for (*pairs = 0; *pairs < most && evidence.says == EVIDENCE_TOO_LITTLE; ++*pairs) {
        struct evidence_arm arms[2] = {{30, 0}, {30, 0}};
        double hour = 0.03 + 0.02 * (1 + sin(*pairs * 3.14159 / 24));
        for (unsigned arm = 0; arm < 2; arm++) {
            double rate = hour + 0.02 * draw() + (arm == 1 ? worse_by : 0);
            for (unsigned n = 0; n < 30; n++) arms[arm].hits += draw() < rate;
        }
        evidence_slices_add(&slices, &arms[0], &arms[1]);
        evidence_slices(&ask, &slices, &evidence);
    }
    return evidence.says;
}

/* Plays versions of which as many are abandoned, and whose talks last 3 minutes and `talk_s`. A call of each comes
 * every 3 seconds, waits 30 seconds on average, and counts when its outcome is known, or (`at_end`) when it ends. */
static enum evidence_says play_talks(uint32_t at_end, double talk_s, unsigned most, unsigned *calls)
{
    enum { CALL_S = 3, CALLS_MAX = 2000, TICKS = CALLS_MAX + 1 };
    static struct evidence_arm due[TICKS][2];
    struct evidence_arm arms[2] = {{0, 0}, {0, 0}};
    struct evidence_ask ask = {.alpha = 5000};
    memset(due, 0, sizeof due);
    for (*calls = 0; *calls < most && *calls < CALLS_MAX;) {
        for (unsigned arm = 0; arm < 2; arm++) {
            bool left = draw() < 0.05;
            double known_s = -30 * log(1 - draw()), mean_s = arm == 1 ? talk_s : 180;
            if (at_end && !left) known_s -= mean_s * log(1 - draw());
            double tick = *calls + known_s / CALL_S;
            if (tick >= TICKS) continue;
            due[(unsigned)tick][arm].count++;
            due[(unsigned)tick][arm].hits += left;
        }
        for (unsigned arm = 0; arm < 2; arm++) {
            arms[arm].count += due[*calls][arm].count;
            arms[arm].hits += due[*calls][arm].hits;
        }
        ++*calls;
        if (evidence_rate_says(&ask, &arms[0], &arms[1]) == EVIDENCE_WORSE) return EVIDENCE_WORSE;
    }
    return EVIDENCE_TOO_LITTLE;
}

/* Plays versions of which as many are abandoned, and each customer calls ten times, with the same luck. Once: only the
 * first call of each counts. */
static enum evidence_says play_customers(uint32_t once, double rate, unsigned most, unsigned *customers)
{
    struct evidence_arm arms[2] = {{0, 0}, {0, 0}};
    struct evidence_ask ask = {.alpha = 5000};
    for (*customers = 0; *customers < most;) {
        for (unsigned arm = 0; arm < 2; arm++) {
            unsigned calls = once ? 1 : 10;
            arms[arm].count += calls;
            arms[arm].hits += draw() < rate ? calls : 0;
        }
        ++*customers;
        if (evidence_rate_says(&ask, &arms[0], &arms[1]) == EVIDENCE_WORSE) return EVIDENCE_WORSE;
    }
    return EVIDENCE_TOO_LITTLE;
}

/* Plays all arrivals of a point, whose share stays within 2 and 5 %: a guard of the whole site. */
static enum evidence_says play_site(uint32_t unused, double rate, unsigned most, unsigned *calls)
{
    struct evidence_arm all = {0, 0};
    struct evidence_ask ask = {.alpha = 5000, .least = 100};
    struct evidence evidence = {.says = EVIDENCE_TOO_LITTLE};
    (void)unused;
    for (*calls = 0; *calls < most && evidence.says != EVIDENCE_WORSE;) {
        all.count++;
        all.hits += draw() < rate;
        if (++*calls % 8 == 0) evidence_within(&ask, &(struct evidence_interval){200, 500}, &all, &evidence, NULL);
    }
    return evidence.says;
}

/* How many may go back. */
enum promise { NOTHING, AT_MOST_1, AT_LEAST_95 };

static int measure_other(const char *name, enum evidence_says (*play_one)(uint32_t, double, unsigned, unsigned *),
                         uint32_t percent, double candidate, unsigned most, unsigned rollouts, enum promise promise)
{
    static unsigned units[ROLLOUTS_MAX];
    unsigned back = 0;
    double low, high;
    for (unsigned n = 0; n < rollouts; n++) back += play_one(percent, candidate, most, &units[back]) == EVIDENCE_WORSE;
    interval(back, rollouts, &low, &high);
    printf("%-30s %5u  back %6.2f %% (%5.2f to %6.2f)", name, rollouts, 100.0 * back / rollouts, 100 * low, 100 * high);
    qsort(units, back, sizeof *units, by_number);
    if (promise == AT_LEAST_95 && back > rollouts * 95 / 100)
        printf("  half %5u  95 %% %5u", units[back / 2], units[rollouts * 95 / 100 - 1]);
    bool kept = promise == AT_LEAST_95 ? back >= rollouts * 95 / 100
                : promise == AT_MOST_1 ? back <= rollouts / 100
                                       : true;
    printf("%s\n", kept ? "" : "  BROKEN");
    return kept ? 0 : 1;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 53;
    int broken = 0;
    printf("seed %llu; calls are per arm\n", (unsigned long long)seed);
    for (unsigned n = 0; n < sizeof rows / sizeof *rows; n++) {
        drawn = (seed * 100 + n + 1) * UINT64_C(0x9e3779b97f4a7c15);
        broken |= measure(&rows[n]);
    }
    broken |= measure_other("wait:p50 equal", play_waits, 50, 40, 2000, 1000, AT_MOST_1);
    broken |= measure_other("wait:p90 equal", play_waits, 90, 40, 2000, 1000, AT_MOST_1);
    broken |= measure_other("wait:p50 half as long again", play_waits, 50, 60, 6000, 400, AT_LEAST_95);
    broken |= measure_other("wait:p90 half as long again", play_waits, 90, 60, 6000, 400, AT_LEAST_95);
    broken |= measure_other("slices equal: pairs", play_slices, 0, 0, 500, 2000, AT_MOST_1);
    broken |= measure_other("slices 5 points worse: pairs", play_slices, 0, 0.05, 1500, 400, AT_LEAST_95);
    broken |= measure_other("talks three times as long", play_talks, 0, 540, 2000, 2000, AT_MOST_1);
    (void)measure_other("  counted at the end: not done", play_talks, 1, 540, 2000, 2000, NOTHING);
    broken |= measure_other("customers call ten times", play_customers, 1, 0.05, 2000, 2000, AT_MOST_1);
    (void)measure_other("  each call counted: not done", play_customers, 0, 0.05, 2000, 2000, NOTHING);
    broken |= measure_other("site 2 to 5 %: 3 %", play_site, 0, 0.03, 5000, 2000, AT_MOST_1);
    broken |= measure_other("site 2 to 5 %: 2 %", play_site, 0, 0.02, 5000, 2000, AT_MOST_1);
    broken |= measure_other("site 2 to 5 %: 5 %", play_site, 0, 0.05, 5000, 2000, AT_MOST_1);
    broken |= measure_other("site 2 to 5 %: 9 %", play_site, 0, 0.09, 5000, 400, AT_LEAST_95);
    unsigned naive = 0;
    for (unsigned n = 0; n < 1000; n++) naive += (unsigned)looked_at_once_too_often(0.05, 2500);
    printf("A test of one look that is looked at after each of 2,500 calls takes back %.1f %% of equal candidates, by "
           "one guard.\n",
           naive / 10.0);
    return broken;
}
