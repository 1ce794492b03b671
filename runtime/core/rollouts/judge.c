/* runtime/core/rollouts/judge.c - What a rollout does now: it begins, takes its next step, waits, or goes back.
 *
 *     worse for one guard                   back
 *     its time is over (expires)            back
 *     no worse for all guards, and the      next step; with `ask`, a person is asked first
 *     time of the step is over
 *     else                                  waits, and looks again
 *
 * The level is divided among the guards, so that all together are wrong no more often than the level says. A rollout
 * looks at most once a second where something was counted, and at least once a minute, since the wall clock may be set.
 */
#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/evidence/evidence.h"
#include "runtime/core/rollouts/judge.h"
#include "runtime/core/rollouts/rider.h"

#define LOOK_US UINT64_C(60000000)

_Static_assert((int)ROLLOUT_LEVEL_MOST == (int)EVIDENCE_ALPHA_MOST, "as evidence.h");

static void judge_ask(const struct rollout *rollout, const struct rollout_measure *measure, struct evidence_ask *ask)
{
    uint64_t alpha = rollout->level / (rollout->guards == 0 ? 1 : rollout->guards);
    uint64_t least = rollout->slices ? 0 : rollout->least;
    bool rate = rollout_guard_family(measure->guard.kind) == ROLLOUT_RATE;
    *ask = (struct evidence_ask){.alpha = alpha == 0 ? 1 : (uint32_t)alpha,
                                 .margin = rate ? measure->guard.margin : 0,
                                 .least = least > UINT32_MAX ? UINT32_MAX : (uint32_t)least,
                                 .fewer_is_worse = !rollout_guard_grows(measure->guard.kind)};
}

static struct evidence_quantile judge_quantile(const struct rollout_measure *measure)
{
    return (struct evidence_quantile){
        .share = (uint32_t)((uint64_t)CHANCE_ONE * rollout_guard_quantile(measure->guard.kind) / 100),
        .margin_us = measure->guard.margin * UINT64_C(1000)};
}

/* Asks a guard of the whole site. Its figures begin anew at each step, so each step has its part of the level. */
static void judge_site(const struct evidence_ask *ask, const struct rollout *rollout,
                       const struct rollout_measure *measure, struct evidence *evidence, uint64_t *more)
{
    struct evidence_arm all = {measure->rate[0].count, measure->rate[0].hits};
    struct evidence_ask part = *ask;
    part.alpha /= rollout->steps < 2 ? 1 : rollout->steps - 1u;
    if (part.alpha == 0) part.alpha = 1;
    evidence_within(&part, &(struct evidence_interval){measure->guard.low, measure->guard.margin}, &all, evidence,
                    more);
}

void rollout_judges(const struct rollout *rollout, const struct rollout_measure *measure, struct evidence *evidence,
                    uint64_t *more)
{
    struct evidence_ask ask;
    judge_ask(rollout, measure, &ask);
    if (measure->guard.site) {
        judge_site(&ask, rollout, measure, evidence, more);
    } else if (measure->times) {
        struct evidence_quantile quantile = judge_quantile(measure);
        const struct durations *control = &measure->times[ARM_CONTROL], *candidate = &measure->times[ARM_CANDIDATE];
        evidence_quantile(&ask, &quantile, control, candidate, evidence);
        if (more) *more = evidence_quantile_more(&ask, &quantile, control, candidate);
    } else if (rollout->slices) {
        struct evidence_slices slices = {measure->pairs, measure->sum, measure->squares};
        evidence_slices(&ask, &slices, evidence);
        if (more) *more = evidence_slices_more(&ask, &slices);
    } else {
        const struct rollout_rate *rate = measure->rate;
        struct evidence_arm control = {rate[ARM_CONTROL].count, rate[ARM_CONTROL].hits},
                            candidate = {rate[ARM_CANDIDATE].count, rate[ARM_CANDIDATE].hits};
        evidence_rate(&ask, &control, &candidate, evidence);
        if (more) *more = evidence_rate_more(&ask, &control, &candidate);
    }
}

/* Names the guard that has said `worse`, and its examples. */
static void judge_shows(struct rollout *rollout, const struct rollout_measure *measure)
{
    rollout->guard = measure->guard.kind;
    rollout->example_count = 0;
    for (unsigned at = 0; at < ROLLOUT_EXAMPLES; at++)
        if (measure->examples[at].ixn != 0) rollout->examples[rollout->example_count++] = measure->examples[at].ixn;
}

/* Asks the guards that have counted something. Returns the worst answer of all: one `worse` is enough, and one `too
 * little` is the answer where none is worse. */
static enum evidence_says judge_all(struct rollouts *rollouts, struct rollout *rollout)
{
    enum evidence_says all = EVIDENCE_NO_WORSE;
    rollout_pairs_turn(rollout, rollout_pair(rollouts, rollout));
    for (unsigned at = 0; at < rollout->guards; at++) {
        struct rollout_measure *measure = &rollout->measures[at];
        struct evidence evidence;
        if (measure->stirred || rollout->slices) {
            rollout_judges(rollout, measure, &evidence, NULL);
            measure->says = (uint8_t)evidence.says;
            measure->stirred = false;
        }
        if (measure->says == EVIDENCE_WORSE) {
            judge_shows(rollout, measure);
            return EVIDENCE_WORSE;
        }
        if (measure->says == EVIDENCE_TOO_LITTLE) all = EVIDENCE_TOO_LITTLE;
    }
    return all;
}

/* Looks again when the wall clock shows the moment; within a minute in any case. */
static void judge_waits(struct rollouts *rollouts, struct rollout *rollout, enum rollout_why why, int64_t until_us)
{
    int64_t wall_us = now_wall_us(rollouts->now);
    uint64_t in_us = until_us > wall_us ? (uint64_t)until_us - (uint64_t)wall_us : LOOK_US;
    rollout->why = (uint8_t)why;
    rollout_looks_in(rollouts, rollout, in_us < LOOK_US ? in_us : LOOK_US);
}

static void rollout_step(struct rollouts *rollouts, struct rollout *rollout, uint8_t step)
{
    assert(step < rollout->steps);
    if (rollout->begun_us == 0) rollout->begun_us = now_wall_us(rollouts->now);
    rollout->state = rollout_state_canary;
    rollout->step = step;
    rollout->step_us = now_wall_us(rollouts->now);
    rollout->step_at_us = rollouts->now->time_us;
    for (unsigned at = 0; at < rollout->guards; at++) { /* the share is another one, and so is the site's figure */
        struct rollout_measure *measure = &rollout->measures[at];
        if (!measure->guard.site) continue;
        measure->rate[0] = (struct rollout_rate){0, 0};
        measure->says = EVIDENCE_TOO_LITTLE;
    }
}

/* Begins the first step. True: it is the last one, too. */
static bool judge_first(struct rollouts *rollouts, struct rollout *rollout)
{
    if (rollout->shares[0] == ROLLOUT_SHARE_ALL) return true;
    rollout_step(rollouts, rollout, 0);
    judge_waits(rollouts, rollout, ROLLOUT_WHY_hold, 0);
    return false;
}

static bool judge_begins(struct rollouts *rollouts, struct rollout *rollout)
{
    int64_t until_us;
    if (now_wall_us(rollouts->now) < rollout->at_us) {
        judge_waits(rollouts, rollout, ROLLOUT_WHY_none, rollout->at_us);
        return false;
    }
    if (rollouts_frozen(rollouts, &until_us)) {
        judge_waits(rollouts, rollout, ROLLOUT_WHY_frozen, until_us);
        return false;
    }
    return judge_first(rollouts, rollout);
}

/* The candidate is no worse, or a person says so. True: its next step is the last one. */
static bool judge_steps(struct rollouts *rollouts, struct rollout *rollout)
{
    uint8_t next = (uint8_t)(rollout->step + 1u);
    assert(next < rollout->steps);
    if (rollout->shares[next] == ROLLOUT_SHARE_ALL) return true;
    rollout_step(rollouts, rollout, next);
    judge_waits(rollouts, rollout, ROLLOUT_WHY_hold, 0);
    return false;
}

static bool judge_canary(struct rollouts *rollouts, struct rollout *rollout, enum evidence_says says)
{
    int64_t until_us;
    uint64_t held_us = rollouts->now->time_us - rollout->step_at_us;
    if (held_us < rollout->hold_us) {
        judge_waits(rollouts, rollout, ROLLOUT_WHY_hold,
                    now_wall_us(rollouts->now) + (int64_t)(rollout->hold_us - held_us));
        return false;
    }
    if (says == EVIDENCE_TOO_LITTLE) {
        judge_waits(rollouts, rollout, ROLLOUT_WHY_little, 0);
        return false;
    }
    if (rollout->ask) {
        rollout->state = rollout_state_asks;
        judge_waits(rollouts, rollout, ROLLOUT_WHY_none, 0);
        return false;
    }
    if (rollouts_frozen(rollouts, &until_us)) {
        judge_waits(rollouts, rollout, ROLLOUT_WHY_frozen, until_us);
        return false;
    }
    return judge_steps(rollouts, rollout);
}

bool rollout_looks(struct rollouts *rollouts, struct rollout *rollout)
{
    assert(rollout_is_open(rollout));
    int64_t since_us = rollout->begun_us != 0                 ? rollout->begun_us
                       : rollout->started_us > rollout->at_us ? rollout->started_us
                                                              : rollout->at_us;
    bool shared = rollout_share(rollout) != 0;
    enum evidence_says says = shared ? judge_all(rollouts, rollout) : EVIDENCE_TOO_LITTLE;
    if (says == EVIDENCE_WORSE) {
        rollout_over(rollouts, rollout, rollout_state_back, ROLLOUT_WHY_worse);
        return false;
    }
    if (now_wall_us(rollouts->now) - since_us >= (int64_t)rollout->expires_us) {
        rollout_over(rollouts, rollout, rollout_state_back, ROLLOUT_WHY_expired);
        return false;
    }
    if (rollout->state == rollout_state_scheduled) return judge_begins(rollouts, rollout);
    if (rollout->state == rollout_state_canary) return judge_canary(rollouts, rollout, says);
    judge_waits(rollouts, rollout, (enum rollout_why)rollout->why, 0);
    return false;
}

bool rollout_goes_on(struct rollouts *rollouts, struct rollout *rollout)
{
    if (rollout->state == rollout_state_scheduled) return judge_first(rollouts, rollout);
    if (rollout->state == rollout_state_held) {
        rollout->state = rollout_state_canary;
        rollout_looks_in(rollouts, rollout, 0);
        return false;
    }
    return judge_steps(rollouts, rollout);
}
