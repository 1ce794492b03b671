/* runtime/core/pacing/forecast.h - Forecast: who will have answered and which agents will be free when one who is
 * dialled now answers. It looks at FORECAST_TIMES moments, between which answers are equally likely. */
#pragma once

#include "runtime/core/pacing/chance.h"
#include "runtime/core/pacing/pacer.h"

enum { FORECAST_TIMES = 4 };

struct forecast {
    struct chances answers[FORECAST_TIMES], free[FORECAST_TIMES];
    uint32_t one[FORECAST_TIMES]; /* chance that a number dialled now is answered by then */
    /* the same if people answer at once as often as they did of late */
    struct chances jump[FORECAST_TIMES];
    uint32_t one_jump[FORECAST_TIMES];
};

/* How many of those who ring are to answer within so long, as the history tells, of ANSWER_ONE. */
uint64_t forecast_answers(const struct pacer *, uint64_t now_us, uint64_t within_us);

/* The pacer's cohorts have been moved to now. The pacers beside it need not have been moved. */
void forecast_make(struct forecast *, const struct pacer *, const struct pacer_agents *, uint64_t now_us);
void forecast_dial(struct forecast *); /* one more rings */
/* The chance that one more who answers costs somebody their agent, themselves or another, with so many ready. It is
 * told higher than it seems, since the forecast is made of few calls. */
uint32_t forecast_lost(const struct forecast *, int64_t ready);
/* How many are lost together if one is lost, in thousandths: as many as answers and free agents as a rule differ from
 * what is expected of them, and at least one. */
uint64_t forecast_together(const struct forecast *);
/* How many will be abandoned of all who ring, in the worst of a hundred cases. */
uint32_t forecast_worst(const struct forecast *, int64_t ready);
/* The same in the worst of 1,000 cases if people answer at once as often as they did of late, at the worst moment: many
 * answers come before agents who are free later. */
uint32_t forecast_worst_jump(const struct forecast *, int64_t ready);
