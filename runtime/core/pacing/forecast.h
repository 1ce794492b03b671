/* runtime/core/pacing/forecast.h - Forecast: how many people will have answered and how many agents will be free when a
 * number that is dialled now is answered. The forecast looks at FORECAST_TIMES moments; an answer is equally likely
 * between any two neighbours. */
#pragma once

#include "runtime/core/pacing/chance.h"
#include "runtime/core/pacing/pacer.h"

enum { FORECAST_TIMES = 4 };

struct forecast {
    struct chances answers[FORECAST_TIMES], free[FORECAST_TIMES];
    uint32_t one[FORECAST_TIMES]; /* chance that a number dialled now is answered by the forecast's moment */
    /* as `answers` and `one`, if people suddenly answer as often as in the best recent time */
    struct chances jump[FORECAST_TIMES];
    uint32_t one_jump[FORECAST_TIMES];
};

/* Returns how many of the ringing numbers will answer within `within_us`, judged by earlier calls, in units of
 * 1/ANSWER_ONE. */
uint64_t forecast_answers(const struct pacer *, uint64_t now_us, uint64_t within_us);

/* Makes the forecast. The pacer's cohorts must be moved up to now before; those of the pacers in
 * `beside` need not. */
void forecast_make(struct forecast *, const struct pacer *, const struct pacer_agents *, uint64_t now_us);
void forecast_dial(struct forecast *); /* adds one more ringing number */
/* Returns the chance that one more answer leaves somebody without an agent, when `ready` agents are ready. The
 * result is higher than the computed chance, since the forecast is based on few calls. */
uint32_t forecast_lost(const struct forecast *, int64_t ready);
/* Returns how many people are lost together if one is lost, in thousandths: the usual deviation of answers and free
 * agents from their expected numbers, and at least one person. */
uint64_t forecast_together(const struct forecast *);
/* Returns how many people will be abandoned of the numbers that ring, in the worst of a hundred cases. */
uint32_t forecast_worst(const struct forecast *, int64_t ready);
/* Returns how many people will be abandoned of the numbers that ring, in the worst of 1,000 cases and at the worst
 * moment, if people suddenly answer as often as in the best recent time: then many answers come before agents are
 * free. */
uint32_t forecast_worst_jump(const struct forecast *, int64_t ready);
