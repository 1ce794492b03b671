/* tests/unit/core_evidence.c - Evidence of rollouts: answers that were computed elsewhere, what must be the same the
 * other way round, the largest counts, and some hundred rollouts that are played. */
#include <criterion/criterion.h>
#include <math.h>

#include "runtime/core/evidence/bound.h"
#include "runtime/core/evidence/evidence.h"
#include "runtime/core/pacing/duration.h"

TestSuite(core_evidence, .timeout = 120);

static const struct evidence_ask half_percent = {.alpha = 5000};

static struct evidence rates(struct evidence_ask ask, uint64_t of_control, uint64_t had_control, uint64_t of_candidate,
                             uint64_t had_candidate)
{
    struct evidence_arm control = {of_control, had_control}, candidate = {of_candidate, had_candidate};
    struct evidence evidence;
    evidence_rate(&ask, &control, &candidate, &evidence);
    cr_assert_eq(evidence_rate_says(&ask, &control, &candidate), evidence.says);
    return evidence;
}

static uint64_t more(struct evidence_ask ask, uint64_t of_control, uint64_t had_control, uint64_t of_candidate,
                     uint64_t had_candidate)
{
    struct evidence_arm control = {of_control, had_control}, candidate = {of_candidate, had_candidate};
    return evidence_rate_more(&ask, &control, &candidate);
}

Test(core_evidence, logarithms_and_roots_are_those_of_mathematics)
{
    cr_assert_eq(bound_ln(BOUND_ONE), 0);
    for (double x = 1; x < 0x1p60; x *= 1.37)
        cr_assert_float_eq((double)bound_ln((bound_wide)(x * 0x1p32)) * 0x1p-32, log(x), 1e-8);
    for (uint64_t root = 1; root < UINT64_C(1) << 63; root = root * 3 + 1) {
        bound_wide square = (bound_wide)root * root;
        cr_assert_eq(bound_root(square), root);
        cr_assert_eq(bound_root(square - 1), root - 1);
        cr_assert_eq(bound_root(square + 2 * (bound_wide)root), root);
    }
}

/* The formula of bound.c, by libm */
static double radius_of(double variance, double count, double alpha, double horizon)
{
    double a = -2 * log(2 * alpha), grown = count * (a + log(a) + 1) / horizon;
    return fmin(1, sqrt(variance * 2 * (grown + 1) / grown * log(1 + sqrt(grown + 1) / (2 * alpha))));
}

Test(core_evidence, the_radius_is_that_of_the_formula_up_to_the_largest_count)
{
    static const uint32_t alphas[] = {1, 100, 5000, 10000, 100000};
    for (unsigned a = 0; a < 5; a++)
        for (uint64_t count = 1; count <= UINT64_C(1) << 40;
             count = count * 2 + (count < UINT64_C(1) << 39 && count % 3))
            for (uint64_t one = UINT64_C(1) << 63; one >= count; one >>= 7) {
                double variance = (double)(one / count) * 0x1p-64;
                double radius = radius_of(variance, (double)count, alphas[a] / 1e6, 1000);
                double here = (double)bound_radius(one / count, count, alphas[a], 1000) * 0x1p-32;
                cr_assert_float_eq(here, radius, radius / 1e6 + 0x1p-31, "alpha %u, %llu observations", alphas[a],
                                   (unsigned long long)count);
            }
}

/* Computed by 50 digits in Python (mpmath) */
Test(core_evidence, rates_have_the_intervals_that_were_computed_elsewhere)
{
    static const struct {
        uint64_t of_control, had_control, of_candidate, had_candidate;
        uint32_t alpha;
        int64_t difference, low, high;
        enum evidence_says says;
    } rows[] = {
        {1000, 30, 1000, 55, 5000, 25000, -7498, 57498, EVIDENCE_TOO_LITTLE},
        {2500, 75, 2500, 150, 5000, 30000, 8760, 51240, EVIDENCE_WORSE},
        {60, 0, 60, 0, 5000, 0, -110058, 110058, EVIDENCE_TOO_LITTLE},
        {400, 12, 380, 50, 2500, 101579, 26434, 176724, EVIDENCE_WORSE},
        {100000, 5000, 300, 15, 10000, 0, -43667, 43667, EVIDENCE_TOO_LITTLE},
    };
    for (unsigned n = 0; n < sizeof rows / sizeof *rows; n++) {
        struct evidence_ask ask = {.alpha = rows[n].alpha};
        struct evidence e =
            rates(ask, rows[n].of_control, rows[n].had_control, rows[n].of_candidate, rows[n].had_candidate);
        cr_assert_eq(e.difference, rows[n].difference, "row %u: %lld", n, (long long)e.difference);
        cr_assert_leq(llabs(e.low - rows[n].low), 1, "row %u: %lld", n, (long long)e.low);
        cr_assert_leq(llabs(e.high - rows[n].high), 1, "row %u: %lld", n, (long long)e.high);
        cr_assert_eq(e.says, rows[n].says, "row %u", n);
    }
    struct evidence_ask point = {.alpha = 5000, .margin = 100};
    cr_assert_eq(rates(point, 14000, 700, 14000, 700).says, EVIDENCE_NO_WORSE, "within 0.991 points");
    cr_assert_eq(rates(point, 13000, 650, 13000, 650).says, EVIDENCE_TOO_LITTLE);
    cr_assert_eq(rates(point, 0, 0, 10, 1).says, EVIDENCE_TOO_LITTLE);
    point.least = 14001;
    cr_assert_eq(rates(point, 14000, 700, 14000, 700).says, EVIDENCE_TOO_LITTLE, "one call is lacking");
    cr_assert_eq(rates(half_percent, 49, 0, 49, 49).says, EVIDENCE_TOO_LITTLE, "fewer than 50 calls say nothing");
    cr_assert_eq(rates(half_percent, 50, 0, 50, 50).says, EVIDENCE_WORSE);
}

Test(core_evidence, arms_that_change_places_change_the_sign)
{
    for (uint64_t had = 0; had <= 600; had += 7) {
        struct evidence_ask ask = {.alpha = 5000, .margin = 150}, good = ask;
        struct evidence e = rates(ask, 800, 100, 600, had), back = rates(ask, 600, had, 800, 100);
        cr_assert_eq(e.difference, -back.difference);
        cr_assert_eq(e.low, -back.high);
        good.fewer_is_worse = true;
        struct evidence other = rates(good, 800, 700, 600, 600 - had);
        cr_assert_eq(other.says, e.says, "%llu had it, and the others had not", (unsigned long long)had);
        cr_assert_leq(llabs(other.low + e.high), 1);
    }
}

Test(core_evidence, more_calls_narrow_and_margins_forgive)
{
    int64_t before = INT64_MAX;
    for (uint64_t n = 50; n <= UINT64_C(1) << 40; n *= 2) {
        struct evidence e = rates(half_percent, n, n / 50, n, n / 25);
        cr_assert_lt(e.high - e.low, before + (n > UINT64_C(1) << 34));
        before = e.high - e.low;
        if (n > 10000) cr_assert_eq(e.says, EVIDENCE_WORSE);
    }
    enum evidence_says last = EVIDENCE_WORSE;
    for (uint32_t margin = 0; margin <= 10000; margin += 10) { /* worse, then too little, then no worse */
        struct evidence_ask ask = {.alpha = 5000, .margin = margin};
        enum evidence_says says = rates(ask, 4000, 120, 4000, 400).says;
        cr_assert(says == last || (last == EVIDENCE_WORSE && says == EVIDENCE_TOO_LITTLE) ||
                  (last == EVIDENCE_TOO_LITTLE && says == EVIDENCE_NO_WORSE));
        last = says;
    }
    cr_assert_eq(last, EVIDENCE_NO_WORSE);
}

Test(core_evidence, the_largest_counts_overflow_nothing)
{
    uint64_t most = UINT64_C(1) << 40;
    for (unsigned n = 0; n < 16; n++) {
        uint64_t of_control = n & 1 ? most : 50, of_candidate = n & 2 ? most : 50;
        struct evidence_ask ask = {.alpha = n & 4 ? 1 : 100000, .margin = 10000};
        struct evidence e = rates(ask, of_control, n & 8 ? of_control : 0, of_candidate, n & 8 ? 0 : of_candidate);
        cr_assert_eq(e.difference, n & 8 ? -1000000 : 1000000);
        cr_assert(e.low >= -1000000 && e.low <= e.difference && e.high >= e.difference && e.high <= 1000000);
    }
}

Test(core_evidence, as_many_calls_as_were_said_bring_the_answer)
{
    struct evidence_ask ask = {.alpha = 5000, .margin = 100};
    uint64_t lacking = more(ask, 1000, 50, 1000, 50);
    cr_assert(lacking > 12000 && lacking < 13500, "%llu", (unsigned long long)lacking);
    uint64_t n = 1000 + lacking + 20; /* a whole number of calls of 20 */
    n -= n % 20;
    cr_assert_eq(rates(ask, n, n / 20, n, n / 20).says, EVIDENCE_NO_WORSE);
    cr_assert_eq(more(ask, n, n / 20, n, n / 20), 0);
    cr_assert_gt(more(ask, 10, 0, 7, 0), 42, "few calls say little about the rate, too");
    cr_assert_eq(more(ask, 1000, 50, 1000, 60), EVIDENCE_NEVER, "the difference is the margin");
    ask.least = 30000;
    cr_assert_eq(more(ask, n, n / 20, n, n / 20), 30000 - n);
    cr_assert_eq(more(ask, 0, 0, 0, 0), 30000);
}

Test(core_evidence, a_plan_says_calls_and_hours)
{
    struct evidence_plan plan;
    struct evidence_ask ask = {.alpha = 5000, .margin = 100};
    evidence_plan(&ask, 500, &plan); /* by mpmath */
    cr_assert_leq(llabs((int64_t)plan.half - 13719), 1, "%llu", (unsigned long long)plan.half);
    cr_assert_leq(llabs((int64_t)plan.most - 29126), 1, "%llu", (unsigned long long)plan.most);
    cr_assert_eq(evidence_hours(plan.half, 120, 500), (13719 + 5) / 6);
    cr_assert_eq(evidence_hours(600, 120, 10000), 5);
    cr_assert_eq(evidence_hours(601, 120, 10000), 6);
    cr_assert_eq(evidence_hours(1, 0, 500), EVIDENCE_NEVER);
    ask.margin = 0;
    evidence_plan(&ask, 500, &plan);
    cr_assert_eq(plan.half, EVIDENCE_NEVER);
    cr_assert_eq(evidence_hours(plan.half, 120, 500), EVIDENCE_NEVER);
    ask.margin = 10000;
    evidence_plan(&ask, 0, &plan);
    cr_assert_eq(plan.most, 50);
}

static uint64_t drawn = 88172645463325252;

static double draw(void)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return (double)(drawn >> 11) * 0x1p-53;
}

/* Plays rollouts that are looked at after each call, and returns how many were answered so within `most` calls per arm.
 */
static unsigned played(double control_rate, double candidate_rate, uint32_t margin, unsigned most, unsigned rollouts,
                       enum evidence_says says)
{
    unsigned answered = 0;
    for (unsigned n = 0; n < rollouts; n++) {
        struct evidence_arm control = {0, 0}, candidate = {0, 0};
        struct evidence_ask ask = {.alpha = 5000, .margin = margin};
        enum evidence_says said = EVIDENCE_TOO_LITTLE;
        while (said == EVIDENCE_TOO_LITTLE && control.count < most) {
            control = (struct evidence_arm){control.count + 1, control.hits + (draw() < control_rate)};
            candidate = (struct evidence_arm){candidate.count + 1, candidate.hits + (draw() < candidate_rate)};
            said = evidence_rate_says(&ask, &control, &candidate);
        }
        answered += said == says;
    }
    return answered;
}

Test(core_evidence, rollouts_that_are_played_are_judged_rightly)
{
    cr_assert_leq(played(0.03, 0.03, 0, 2000, 200, EVIDENCE_WORSE), 3, "half a percent is one");
    cr_assert_leq(played(0.005, 0.005, 0, 2000, 200, EVIDENCE_WORSE), 3);
    cr_assert_geq(played(0.03, 0.13, 0, 400, 200, EVIDENCE_WORSE), 190);
    cr_assert_geq(played(0.03, 0.06, 0, 2500, 100, EVIDENCE_WORSE), 90);
    cr_assert_geq(played(0.05, 0.05, 500, 2500, 100, EVIDENCE_NO_WORSE), 95);
}

/* Waits with this mean; none: this share is answered at once. */
static uint64_t wait_us(double mean_s, double at_once)
{
    return draw() < at_once ? 0 : (uint64_t)(-mean_s * 1e6 * log(1 - draw()));
}

static unsigned waits(double mean_s, double at_once, uint32_t share, struct evidence_ask ask, uint64_t margin_us,
                      unsigned most, enum evidence_says says)
{
    unsigned answered = 0;
    for (unsigned n = 0; n < 50; n++) {
        struct durations control = {{0}}, candidate = {{0}};
        struct evidence_quantile of = {.share = share, .margin_us = margin_us};
        struct evidence e = {.says = EVIDENCE_TOO_LITTLE};
        for (unsigned call = 0; e.says == EVIDENCE_TOO_LITTLE && call < most; call++) {
            durations_add(&control, wait_us(40, at_once));
            durations_add(&candidate, wait_us(mean_s, at_once));
            if (call % 16 == 15) evidence_quantile(&ask, &of, &control, &candidate, &e);
        }
        cr_assert(e.low <= e.difference && e.difference <= e.high);
        answered += e.says == says;
    }
    return answered;
}

Test(core_evidence, quantiles_of_waits_are_judged_rightly)
{
    uint32_t median = CHANCE_ONE / 2, ninth = (uint32_t)((uint64_t)CHANCE_ONE * 9 / 10);
    struct evidence_ask none = half_percent, fifth = {.alpha = 5000, .margin = 2000};
    cr_assert_leq(waits(40, 0, median, none, 0, 3000, EVIDENCE_WORSE), 2);
    cr_assert_leq(waits(40, 0.4, ninth, none, 0, 3000, EVIDENCE_WORSE), 2);
    cr_assert_geq(waits(80, 0, median, none, 0, 1500, EVIDENCE_WORSE), 48);
    cr_assert_geq(waits(80, 0.2, ninth, none, 0, 3000, EVIDENCE_WORSE), 48);
    cr_assert_leq(waits(48, 0, median, fifth, 0, 3000, EVIDENCE_WORSE), 2, "a fifth longer is borne");
    cr_assert_geq(waits(40, 0, median, none, 20000000, 3000, EVIDENCE_NO_WORSE), 48, "20 s are borne");
    struct durations empty = {{0}}, some = {{0}};
    struct evidence_quantile of = {.share = ninth};
    struct evidence e;
    cr_assert_eq(evidence_quantile_more(&none, &of, &empty, &some), 50);
    for (unsigned n = 0; n < 60; n++) durations_add(&some, 1000000);
    evidence_quantile(&none, &of, &empty, &some, &e);
    cr_assert_eq(e.says, EVIDENCE_TOO_LITTLE);
    evidence_quantile(&none, &of, &some, &some, &e);
    cr_assert_eq(e.difference, 0);
    cr_assert_gt(evidence_quantile_more(&none, &of, &some, &some), 0);
}

/* Quarters of 30 calls each; the luck of a quarter is the rate of all its calls. */
static struct evidence_slices quarters(double worse_by, unsigned pairs)
{
    struct evidence_slices slices = {0};
    for (unsigned n = 0; n < pairs; n++) {
        struct evidence_arm arms[2] = {{30, 0}, {30, 0}};
        double luck = 0.02 + 0.1 * draw();
        for (unsigned arm = 0; arm < 2; arm++)
            for (unsigned call = 0; call < 30; call++) arms[arm].hits += draw() < luck + (arm ? worse_by : 0);
        evidence_slices_add(&slices, &arms[0], &arms[1]);
    }
    return slices;
}

Test(core_evidence, quarters_of_an_hour_are_judged_by_pairs)
{
    struct evidence_ask ask = {.alpha = 10000};
    unsigned worse = 0, wrong = 0;
    for (unsigned n = 0; n < 100; n++) {
        struct evidence e;
        struct evidence_slices equal = quarters(0, 200), bad = quarters(0.05, 200);
        evidence_slices(&ask, &bad, &e);
        worse += e.says == EVIDENCE_WORSE;
        evidence_slices(&ask, &equal, &e);
        wrong += e.says == EVIDENCE_WORSE;
        cr_assert_gt(evidence_slices_more(&ask, &equal) + (e.says != EVIDENCE_TOO_LITTLE), 0);
    }
    cr_assert_geq(worse, 95);
    cr_assert_leq(wrong, 2);
    struct evidence_slices none = {0};
    evidence_slices_add(&none, &(struct evidence_arm){0, 0}, &(struct evidence_arm){3, 1});
    cr_assert_eq(none.pairs, 0, "a quarter without calls");
    cr_assert_eq(evidence_slices_more(&ask, &none), 20);
    struct evidence e;
    struct evidence_slices most = {1000000, 1000000000000, 1000000000000000000};
    cr_assert(evidence_slices_good(&most));
    cr_assert_not(evidence_slices_good(&(struct evidence_slices){1000001, 0, 0}));
    cr_assert_not(evidence_slices_good(&(struct evidence_slices){3, 3000001, 0}));
    cr_assert_not(evidence_slices_good(&(struct evidence_slices){3, -3000001, 0}));
    cr_assert_not(evidence_slices_good(&(struct evidence_slices){3, 0, 3000000000001}));
    for (uint32_t margin = 0; margin <= 10000; margin += 5000) {
        ask.margin = margin;
        evidence_slices(&ask, &most, &e);
        cr_assert_eq(e.difference, 1000000);
    }
}

/* Of 200 calls, 2 % is nobody in one case of 57: that is not enough at a level of half a percent. */
Test(core_evidence, a_rare_rate_that_was_not_seen_yet_is_not_below_the_interval)
{
    const struct evidence_ask ask = {.alpha = 5000, .least = 100};
    const struct evidence_interval interval = {200, 500};
    struct evidence evidence;
    uint64_t more;
    evidence_within(&ask, &interval, &(struct evidence_arm){200, 0}, &evidence, &more);
    cr_assert(evidence.says == EVIDENCE_TOO_LITTLE && more > 0);
    evidence_within(&ask, &interval, &(struct evidence_arm){2000, 0}, &evidence, NULL);
    cr_assert_eq(evidence.says, EVIDENCE_WORSE);
    evidence_within(&ask, &interval, &(struct evidence_arm){20000, 700}, &evidence, NULL);
    cr_assert_eq(evidence.says, EVIDENCE_NO_WORSE);
    evidence_within(&ask, &interval, &(struct evidence_arm){2000, 200}, &evidence, NULL);
    cr_assert_eq(evidence.says, EVIDENCE_WORSE);
    evidence_within(&ask, &interval, &(struct evidence_arm){99, 99}, &evidence, NULL);
    cr_assert_eq(evidence.says, EVIDENCE_TOO_LITTLE, "fewer than the least");
    evidence_within(&ask, &interval, &(struct evidence_arm){100, 100}, &evidence, NULL);
    cr_assert_eq(evidence.says, EVIDENCE_WORSE);
}
