/* runtime/core/pacing/forecast.c - Forecast, made of cohorts and histories. */
#include "runtime/core/pacing/forecast.h"

/* The chance that what has rung for `age_us` is answered within `within_us`: of the attempts that rang so long, those
 * answered by then. */
static uint32_t forecast_answer_chance(const struct pacer *pacer, uint64_t age_us, uint64_t within_us)
{
    uint64_t rang = durations_lasting(&pacer->ended, age_us);
    if (rang == 0) return 0;
    uint64_t answered = durations_lasting(&pacer->answered, age_us);
    uint64_t later = durations_lasting(&pacer->answered, age_us + within_us);
    return (uint32_t)(((answered - later) << 30) / rang);
}

/* The moments, and what they have in common for all agents who talk: their talk ends in one of SLICES slices of time up
 * to the last moment, and then their after-call work is over by the moment with the chance `wraps`. */
enum { SLICES = 8 };
struct moments {
    uint64_t answer_us[FORECAST_TIMES], free_us[FORECAST_TIMES], slice_us;
    uint32_t wraps[FORECAST_TIMES][SLICES];
};

static void moments_make(struct moments *moments, const struct pacer *pacer)
{
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        uint32_t share = CHANCE_ONE / (2 * FORECAST_TIMES) * (2 * at + 1);
        moments->answer_us[at] = durations_quantile_us(&pacer->answered, share);
        moments->free_us[at] = moments->answer_us[at] + pacer->rules.wait_us;
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
    for (unsigned at = 0; at < FORECAST_TIMES; at++)
        chances_add(&forecast->answers[at], forecast_answer_chance(pacer, age_us, moments->answer_us[at]), count);
}

static void add_talking(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                        uint64_t age_us, uint32_t count)
{
    uint64_t all = durations_lasting(&pacer->talked, age_us), left = all, ends[SLICES];
    if (all == 0) return;
    for (unsigned slice = 0; slice < SLICES; slice++) {
        uint64_t after = durations_lasting(&pacer->talked, age_us + moments->slice_us * (slice + 1));
        ends[slice] = left - after;
        left = after;
    }
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        uint64_t sum = 0;
        for (unsigned slice = 0; slice < SLICES; slice++) sum += ends[slice] * moments->wraps[at][slice];
        chances_add(&forecast->free[at], (uint32_t)(sum / all), count);
    }
}

static void add_wrapping(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                         uint64_t age_us, uint32_t count)
{
    for (unsigned at = 0; at < FORECAST_TIMES; at++)
        chances_add(&forecast->free[at], durations_ends(&pacer->wrapped, age_us, moments->free_us[at]), count);
}

typedef void adding(struct forecast *, const struct pacer *, const struct moments *, uint64_t age_us, uint32_t count);

static void add_all(struct forecast *forecast, const struct pacer *pacer, const struct moments *moments,
                    const struct cohorts *cohorts, uint64_t now_us, adding *add)
{
    if (cohorts->total == 0) return;
    for (unsigned at = 0; at < COHORTS; at++)
        if (cohorts->began[at] > 0)
            add(forecast, pacer, moments, cohorts_age_us(cohorts, at, now_us), cohorts->began[at]);
    if (cohorts->older > 0) add(forecast, pacer, moments, cohorts_oldest_us(cohorts), (uint32_t)cohorts->older);
}

void forecast_make(struct forecast *forecast, const struct pacer *pacer, uint64_t now_us)
{
    struct moments moments;
    moments_make(&moments, pacer);
    for (unsigned at = 0; at < FORECAST_TIMES; at++) {
        chances_init(&forecast->answers[at]);
        chances_init(&forecast->free[at]);
        forecast->one[at] = forecast_answer_chance(pacer, 0, moments.answer_us[at]);
    }
    add_all(forecast, pacer, &moments, &pacer->ringing, now_us, add_ringing);
    add_all(forecast, pacer, &moments, &pacer->talking, now_us, add_talking);
    add_all(forecast, pacer, &moments, &pacer->wrapping, now_us, add_wrapping);
}

void forecast_dial(struct forecast *forecast)
{
    for (unsigned at = 0; at < FORECAST_TIMES; at++) chances_add(&forecast->answers[at], forecast->one[at], 1);
}

uint32_t forecast_lost(const struct forecast *forecast, int64_t ready)
{
    uint64_t sum = 0;
    for (unsigned at = 0; at < FORECAST_TIMES; at++)
        sum += chances_exceed(&forecast->answers[at], &forecast->free[at], ready - 1);
    return (uint32_t)(sum / FORECAST_TIMES);
}

uint32_t forecast_worst(const struct forecast *forecast, int64_t ready)
{
    const struct chances *answers = &forecast->answers[FORECAST_TIMES - 1], *free = &forecast->free[FORECAST_TIMES - 1];
    uint32_t worst = 0;
    while (chances_exceed(answers, free, ready + worst) > CHANCE_ONE / 100) worst++;
    return worst;
}
