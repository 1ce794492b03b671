/* runtime/core/evidence/evidence.h - Evidence: is a candidate worse than its control, or no worse, or is it too early
 * to say?
 *
 * Somebody may ask after every call, for as long as he likes: an answer is wrong with the chance `alpha` at most, over
 * all times at which it could have been asked. The intervals are Robbins' normal mixture with the variance that was
 * seen (an asymptotic confidence sequence), which holds from about 50 calls per arm on. One is added to both outcomes
 * for the variance, and so rare events make intervals wider and not narrower: at rates of 0.5 % an equal candidate is
 * called worse less often than alpha.
 *
 * All is integers. Rates are parts of 10,000 where people say them, and parts of a million in answers. Lengths are
 * microseconds. Nothing is allocated; the structs hold no pointers, and whoever owns them keeps and hashes them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct durations;

enum evidence_says { EVIDENCE_TOO_LITTLE, EVIDENCE_NO_WORSE, EVIDENCE_WORSE };

/* The largest alpha that can be asked: a tenth, in parts of a million. */
enum { EVIDENCE_ALPHA_MOST = 100000 };

/* No number of calls is enough. */
#define EVIDENCE_NEVER UINT64_MAX

/* What is asked. "Worse" means: the candidate's rate is above the control's by more than the margin; with
 * `fewer_is_worse` below it by more than the margin. */
struct evidence_ask {
    uint32_t alpha;      /* chance of each wrong answer, in parts of a million: 1 to EVIDENCE_ALPHA_MOST */
    uint32_t margin;     /* a difference as large as this is borne: parts of 10,000, at most 10,000 */
    uint32_t least;      /* calls that each arm must have before anything is said; fewer than 50 count as 50 */
    bool fewer_is_worse; /* for rates of something good, such as calls answered in time */
};

/* The most calls of an arm. */
#define EVIDENCE_COUNT_MOST (UINT64_C(1) << 40)

/* One arm: how many calls have ended, and how many of them had what is counted. */
struct evidence_arm {
    uint64_t count, hits;
};

/* The answer. The difference is candidate minus control, and lies between low and high. Of rates it is in parts of a
 * million, of lengths in microseconds. */
struct evidence {
    enum evidence_says says;
    int64_t difference, low, high;
};

void evidence_rate(const struct evidence_ask *, const struct evidence_arm *control,
                   const struct evidence_arm *candidate, struct evidence *);
/* Returns the answer alone, for whoever asks at each call: it costs a third, where the answer is far away. */
enum evidence_says evidence_rate_says(const struct evidence_ask *, const struct evidence_arm *control,
                                      const struct evidence_arm *candidate);
/* Returns how many calls each arm still needs until there is an answer, if the rates stay as they are; 0: there is an
 * answer. The difference may be so near to the margin that the result is EVIDENCE_NEVER. Costs some 50 times as much as
 * an answer: it is for people who look. */
uint64_t evidence_rate_more(const struct evidence_ask *, const struct evidence_arm *control,
                            const struct evidence_arm *candidate);

/* An interval for a rate, in parts of 10,000. */
struct evidence_interval {
    uint32_t low, high;
};

/* Is the rate of all calls within the interval (no worse), or outside (worse)? The answer's difference is the rate
 * itself, between low and high. The ask's margin is not used. `more`, unless NULL: how many calls it still needs. */
void evidence_within(const struct evidence_ask *, const struct evidence_interval *, const struct evidence_arm *all,
                     struct evidence *, uint64_t *more);

/* A quantile of lengths: the length below which `share` (of CHANCE_ONE, pacing/duration.h) of the calls are. Worse is:
 * the candidate's is longer than the control's by more than `margin` parts of 10,000 of the control's and `margin_us`.
 *
 * The control's quantile is in doubt itself: a quarter of alpha pays for an interval that has it. For each length in
 * that interval, the candidate's share beyond it (and the margin) is compared with the control's share beyond it, as
 * two rates; all comparisons must agree. Counts in buckets are enough for that, and so the memory is bounded. */
struct evidence_quantile {
    uint32_t share;
    uint64_t margin_us;
};

void evidence_quantile(const struct evidence_ask *, const struct evidence_quantile *, const struct durations *control,
                       const struct durations *candidate, struct evidence *);
uint64_t evidence_quantile_more(const struct evidence_ask *, const struct evidence_quantile *,
                                const struct durations *control, const struct durations *candidate);

/* Versions that change by the quarter of an hour: calls of a quarter share its luck and its agents, and so the unit is
 * a pair of neighbouring quarters, one of each version, whose order was drawn. `least` of the ask counts pairs; fewer
 * than 20 count as 20. Up to a million pairs are taken. */
struct evidence_slices {
    uint64_t pairs;
    int64_t sum;      /* of the pairs' differences of rates, candidate minus control, in parts of a million */
    uint64_t squares; /* of the same */
};

/* True: pairs can have given these sums. Others must not be asked about. */
bool evidence_slices_good(const struct evidence_slices *);
/* Adds a pair. A pair in which one version had no call says nothing, and is left out. */
void evidence_slices_add(struct evidence_slices *, const struct evidence_arm *control,
                         const struct evidence_arm *candidate);
void evidence_slices(const struct evidence_ask *, const struct evidence_slices *, struct evidence *);
uint64_t evidence_slices_more(const struct evidence_ask *, const struct evidence_slices *); /* pairs of quarters */

/* How many calls per arm until a candidate that is as good as the control is called no worse: in half of all rollouts,
 * and in nineteen of twenty. EVIDENCE_NEVER with a margin of 0. */
struct evidence_plan {
    uint64_t half, most;
};

void evidence_plan(const struct evidence_ask *, uint32_t rate /* parts of 10,000 */, struct evidence_plan *);
/* Returns how many hours it takes, rounded up, until an arm has had `calls`: of `hourly` calls that arrive in an hour,
 * it has the `share` (parts of 10,000). EVIDENCE_NEVER without calls. */
uint64_t evidence_hours(uint64_t calls, uint64_t hourly, uint32_t share);
