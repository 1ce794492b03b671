/* runtime/core/pacing/forecast.c - Forecast of answers, from the numbers that ring now and how earlier ones went. */
#include "runtime/core/pacing/forecast.h"

/* DOUBT answers are added both to those that came lately and to those that were expected: so a few answers change
 * little. */
enum { DOUBT = 2 * ANSWER_ONE };

/* How many attempts have rung for at least `age_us`, and how many of these were answered later. */
struct rung {
    uint64_t age_us, rang, answered;
};

static struct rung rung_for(const struct pacer *pacer, uint64_t age_us)
{
    return (struct rung){age_us, durations_lasting(&pacer->ended, age_us), durations_lasting(&pacer->answered, age_us)};
}

/* Returns the chance that a ringing number is answered within `within_us`: the share of attempts which rang as long
 * and were answered by then. */
static uint32_t forecast_answer_chance(const struct pacer *pacer, const struct rung *rung, uint64_t within_us)
{
    const uint64_t one = 1u << 16; /* `one` counts as one further attempt that is answered in time */
    uint64_t later = durations_lasting(&pacer->answered, rung->age_us + within_us);
    uint64_t chance = ((rung->answered - later + one) << 30) / (rung->rang + one);
    if (pacer->came > pacer->expected) chance = chance * (pacer->came + DOUBT) / (pacer->expected + DOUBT);
    return chance < CHANCE_ONE ? (uint32_t)chance : CHANCE_ONE;
}

/* Factors, in parts of 65,536, for the answered attempts and for the others, if people suddenly answer as often as
 * in the best recent time. */
struct jump {
    uint64_t answered, others;
};

static struct jump jump_of(const struct pacer *pacer)
{
    const uint64_t one = 1u << 16;
    uint64_t answered = durations_count(&pacer->answered), ended = durations_count(&pacer->ended);
    bool higher = answered > 0 && pacer->highest * ended > answered * CHANCE_ONE;
    if (!higher) return (struct jump){one, one};
    return (struct jump){(pacer->highest >> 14) * ended / answered,
                         ((CHANCE_ONE - pacer->highest) >> 14) * ended / (ended - answered)};
}

/* Returns the chance that a ringing number is answered within `within_us` if people suddenly answer as often as in
 * the best recent time, but not less than the normal chance. The longer a number has rung, the less this changes:
 * hardly anybody who will answer is left. */
static uint32_t jump_chance(const struct pacer *pacer, const struct rung *rung, uint64_t within_us)
{
    const uint64_t one = 1u << 16;
    const struct jump jump = jump_of(pacer);
    uint64_t later = durations_lasting(&pacer->answered, rung->age_us + within_us);
    uint64_t come = ((rung->answered - later) * jump.answered >> 16) + one;
    uint64_t answered = rung->answered * jump.answered >> 16,
             others = (rung->rang - rung->answered) * jump.others >> 16;
    uint32_t chance = (uint32_t)((come << 30) / (answered + others + one));
    uint32_t usual = forecast_answer_chance(pacer, rung, within_us);
    return chance > usual ? chance : usual;
}

/* Before anybody has answered, answers are expected within 8 s: four quarters of two seconds each. */
#define FIRST_ANSWER_US UINT64_C(1000000)

/* The moments at which the forecast looks, each in the middle of a quarter of the expected answers. Agents must be
 * free for the first answers of that quarter: after-call work often takes a fixed time, and a campaign that dials as
 * soon as this work ends in time for the middle loses the people who answer before.
 *
 * The forecast treats the following as common to all talking agents: their talk ends in one of SLICES slices of time
 * up to the last moment, and then their after-call work is over by the moment with the chance `wraps`. */
enum { SLICES = 8 };
struct moments {
    uint64_t answer_us[FORECAST_TIMES], free_us[FORECAST_TIMES], slice_us;
    uint32_t wraps[FORECAST_TIMES][SLICES];
};

/* Returns how long a person who has answered waits, from the moment when the answer is reported until an agent must
 * be free. */
static uint64_t within_us(const struct pacer *pacer)
{
    uint64_t wait_us = pacer->rules.wait_us, served_us = pacer->served_us;
    uint64_t least_us = wait_us > served_us ? wait_us - served_us : 0;
    if (pacer->kept_us != 0 && pacer->kept_us < least_us) least_us = pacer->kept_us;
    return least_us > pacer->told_us ? least_us - pacer->told_us : 0;
}

static void moments_make(struct moments *moments, const struct pacer *pacer)
{
    const uint32_t half = CHANCE_ONE / (2 * FORECAST_TIMES);
    const bool known = durations_count(&pacer->answered) != 0;
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        uint64_t first_us = FIRST_ANSWER_US * 2 * at;
        moments->answer_us[at] = FIRST_ANSWER_US * (2 * at + 1);
        if (known) {
            first_us = durations_quantile_us(&pacer->answered, half * 2 * at);
            moments->answer_us[at] = durations_quantile_us(&pacer->answered, half * (2 * at + 1));
        }
        moments->free_us[at] = first_us + within_us(pacer);
    }
    moments->slice_us = moments->free_us[FORECAST_TIMES - 1] / SLICES;
    for (unsigned at = 0; at < FORECAST_TIMES; at++)
        for (unsigned slice = 0; slice < SLICES; slice++) {
            uint64_t over_us = moments->slice_us * slice + moments->slice_us / 2;
            moments->wraps[at][slice] =
                over_us > moments->free_us[at] ? 0 : durations_ends(&pacer->wrapped, 0, moments->free_us[at] - over_us);
        }
}

static void add_ringing(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                        uint64_t age_us, uint32_t count)
{
    const struct rung rung = rung_for(pacer, age_us);
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        uint64_t within_us = moments->answer_us[at];
        chances_add(&forecast->answers[at], forecast_answer_chance(pacer, &rung, within_us), count);
        chances_add(&forecast->jump[at], jump_chance(pacer, &rung, within_us), count);
    }
}

static void add_talking(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                        uint64_t age_us, uint32_t count)
{
    uint64_t all = durations_lasting(&pacer->talked, age_us), left = all, ends[SLICES];
    if (all == 0) return;
    /* Calls that still go on count, too: at first only short calls have ended, and without the others the forecast
     * would expect all calls to be short. */
    uint64_t known = all + all * pacer->talking.total / durations_count(&pacer->talked);
    for (unsigned slice = 0; slice < SLICES; slice++) {
        uint64_t after = durations_lasting(&pacer->talked, age_us + moments->slice_us * (slice + 1));
        ends[slice] = left - after;
        left = after;
    }
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        uint64_t sum = 0;
        for (unsigned slice = 0; slice < SLICES; slice++) sum += ends[slice] * moments->wraps[at][slice];
        chances_add(&forecast->free[at], (uint32_t)(sum / known), count);
    }
}

static void add_wrapping(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                         uint64_t age_us, uint32_t count)
{
    for (unsigned at = 0; at < FORECAST_TIMES; at++)
        chances_add(&forecast->free[at], durations_ends(&pacer->wrapped, age_us, moments->free_us[at]), count);
}

uint64_t forecast_answers(const struct pacer *pacer, uint64_t now_us, uint64_t within_us)
{
    const struct cohorts *ringing = &pacer->ringing;
    uint64_t sum = 0, left = ringing->total - ringing->older;
    for (unsigned at = 0; left > 0; at++) {
        if (ringing->began[at] == 0) continue;
        left -= ringing->began[at];
        uint64_t age_us = cohorts_age_us(ringing, at, now_us), rang = durations_lasting(&pacer->ended, age_us);
        uint64_t answered = durations_lasting(&pacer->answered, age_us);
        uint64_t later = durations_lasting(&pacer->answered, age_us + within_us);
        if (rang > 0) sum += ((answered - later) << 20) / rang * ringing->began[at];
    }
    return sum;
}

typedef void adding(struct forecast *, const struct pacer *, const struct moments *, uint64_t age_us, uint32_t count);

static void add_all(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                    const struct cohorts *cohorts, uint64_t now_us, adding *add)
{
    uint64_t left = cohorts->total - cohorts->older;
    for (unsigned at = 0; left > 0; at++) {
        if (cohorts->began[at] == 0) continue;
        add(forecast, pacer, moments, cohorts_age_us(cohorts, at, now_us), cohorts->began[at]);
        left -= cohorts->began[at];
    }
    if (cohorts->older > 0) add(forecast, pacer, moments, cohorts_oldest_us(cohorts), (uint32_t)cohorts->older);
}

/* Adds calls that come from elsewhere, each of which takes an agent: their number is a Poisson number, made of many
 * small chances. */
static void forecast_add_taken(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments)
{
    enum { PARTS = 8 };
    /* time for which other calls must be watched before their rate is trusted */
    const uint64_t least_us = 30 * UINT64_C(1000000);
    uint64_t taken = pacer->taken + (pacer->taken < CHANCE_ONE ? pacer->taken : CHANCE_ONE); /* or somewhat more */
    if (taken == 0) return;
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        uint64_t mean = taken / 1024 * (moments->answer_us[at] / 1024) / ((pacer->watched_us + least_us) >> 20);
        uint32_t parts = PARTS;
        while (mean / parts > CHANCE_ONE / 4 && parts < UINT32_C(1) << 20) parts *= 2;
        chances_add(&forecast->answers[at], (uint32_t)(mean / parts), parts);
        chances_add(&forecast->jump[at], (uint32_t)(mean / parts), parts);
    }
}

static void forecast_add_calls(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                               uint64_t now_us)
{
    add_all(forecast, pacer, moments, &pacer->ringing, now_us, add_ringing);
    add_all(forecast, pacer, moments, &pacer->talking, now_us, add_talking);
    add_all(forecast, pacer, moments, &pacer->wrapping, now_us, add_wrapping);
}

void forecast_make(struct forecast *forecast, const struct pacer *pacer, const struct pacer_agents *agents,
                   uint64_t now_us)
{
    struct moments moments;
    const struct rung fresh = rung_for(pacer, 0);
    moments_make(&moments, pacer);
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        chances_init(&forecast->answers[at]);
        chances_init(&forecast->free[at]);
        chances_init(&forecast->jump[at]);
        forecast->one[at] = forecast_answer_chance(pacer, &fresh, moments.answer_us[at]);
        forecast->one_jump[at] = jump_chance(pacer, &fresh, moments.answer_us[at]);
        chances_add(&forecast->answers[at], forecast->one[at], agents->begun);
        chances_add(&forecast->jump[at], forecast->one_jump[at], agents->begun);
    }
    forecast_add_taken(forecast, pacer, &moments);
    forecast_add_calls(forecast, pacer, &moments, now_us);
    for (uint32_t at = 0; at < agents->beside_count; at++)
        forecast_add_calls(forecast, agents->beside[at], &moments, now_us);
}

void forecast_dial(struct forecast *forecast)
{
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        chances_add(&forecast->answers[at], forecast->one[at], 1);
        chances_add(&forecast->jump[at], forecast->one_jump[at], 1);
    }
}

/* How many people are usually lost when the forecast expects one: it is based on few calls, and a loss costs much. */
enum { FORECAST_DOUBT = 2 };

/* Returns the chance that a person is lost. A caller who answers at one moment finds no agent, or takes one whom
 * another caller needs later. So for each moment the worst of the moments from then on counts. */
uint32_t forecast_lost(const struct forecast *forecast, int64_t ready)
{
    uint64_t sum = 0, worst = 0;
    for (unsigned at = FORECAST_TIMES; at-- > 0;) {
        uint64_t chance = chances_exceed(&forecast->answers[at], &forecast->free[at], ready - 1);
        if (chance > worst) worst = chance;
        sum += worst;
    }
    sum = sum * FORECAST_DOUBT / FORECAST_TIMES;
    return sum < CHANCE_ONE ? (uint32_t)sum : CHANCE_ONE;
}

uint64_t forecast_together(const struct forecast *forecast)
{
    const struct chances *answers = &forecast->answers[FORECAST_TIMES - 1], *free = &forecast->free[FORECAST_TIMES - 1];
    uint64_t together = chances_spread(answers, free);
    return together > 1000 ? together : 1000;
}

static uint32_t worst_of(const struct chances *answers, const struct chances *free, int64_t ready, uint32_t cases)
{
    uint32_t worst = 0;
    while (chances_exceed(answers, free, ready + worst) > CHANCE_ONE / cases) worst++;
    return worst;
}

uint32_t forecast_worst(const struct forecast *forecast, int64_t ready)
{
    return worst_of(&forecast->answers[FORECAST_TIMES - 1], &forecast->free[FORECAST_TIMES - 1], ready, 100);
}

/* The limit may be exceeded on a 200th of the days. A day may have several jumps, each with several moments at which
 * nobody has noticed it: so at each of these moments more people than the credit allows may be lost in one case of
 * 1,000. */
enum { JUMP_CASES = 1000 };

uint32_t forecast_worst_jump(const struct forecast *forecast, int64_t ready)
{
    uint32_t worst = 0;
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        uint32_t then = worst_of(&forecast->jump[at], &forecast->free[at], ready, JUMP_CASES);
        if (then > worst) worst = then;
    }
    return worst;
}
