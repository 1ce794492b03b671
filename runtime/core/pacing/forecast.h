/* runtime/core/pacing/forecast.h - Forecast: who will have answered and which agents will be free when one who is
 * dialled now answers. It looks at FORECAST_TIMES moments, between which answers are equally likely. */
#pragma once

#include "runtime/core/pacing/chance.h"
#include "runtime/core/pacing/pacer.h"

enum { FORECAST_TIMES = 4 };

struct forecast {
    struct chances answers[FORECAST_TIMES], free[FORECAST_TIMES];
    uint32_t one[FORECAST_TIMES]; /* chance that a number dialled now is answered by then */
    /* answers and chance likewise, if people suddenly answer as often as in the best time of late */
    struct chances jump[FORECAST_TIMES];
    uint32_t one_jump[FORECAST_TIMES];
};

/* How many of the numbers that ring will answer within `within_us`, by the history, in units of 1/ANSWER_ONE. */
uint64_t forecast_answers(const struct pacer *, uint64_t now_us, uint64_t within_us);

/* Makes the forecast. The pacer's cohorts must have been moved to now; those of the pacers in `beside` need not. */
void forecast_make(struct forecast *, const struct pacer *, const struct pacer_agents *, uint64_t now_us);
void forecast_dial(struct forecast *); /* adds one more number that rings */
/* The chance that one more answer leaves somebody without an agent, with `ready` agents ready. The result is higher
 * than the computed chance, since the forecast rests on few calls. */
uint32_t forecast_lost(const struct forecast *, int64_t ready);
/* How many people are lost together if one is lost, in thousandths: the usual deviation of answers and free agents from
 * their expected numbers, and at least one. */
uint64_t forecast_together(const struct forecast *);
/* How many people of the numbers that ring will be abandoned in the worst of a hundred cases. */
uint32_t forecast_worst(const struct forecast *, int64_t ready);
/* As forecast_worst, in the worst of 1,000 cases and at the worst moment, if people suddenly answer as often as in the
 * best time of late: many answers come before agents are free. */
uint32_t forecast_worst_jump(const struct forecast *, int64_t ready);
