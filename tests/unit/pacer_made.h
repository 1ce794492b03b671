/* tests/unit/pacer_made.h - Pacers as the tests of them make and ask them. */
#pragma once

#include "runtime/core/pacing/pacer.h"
#include "tests/unit/core_pacing_model.h"

static uint64_t seed = 20251122;

static inline double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}

static inline double part(uint64_t chance)
{
    return (double)chance / CHANCE_ONE;
}

/* One at a time. */
static inline uint32_t may_lose(struct pacer_bound bound)
{
    return pacer_may(bound, 1000);
}

static inline struct pacer_rules rules(enum pacer_mode mode)
{
    return (struct pacer_rules){.window_us = DAY_US,
                                .wait_us = 2 * SECOND_US,
                                .busy = 1000,
                                .limit = 30,
                                .mode = mode,
                                .learn = 20,
                                .per_agent = 1000,
                                .lines = 1000};
}

static inline struct pacer made(struct pacer_rules set)
{
    struct pacer pacer;
    pacer_init(&pacer, &set);
    pacer.proved = 1000; /* its agents come in time */
    return pacer;
}

static inline struct pacer_answer asked(struct pacer *pacer, uint64_t now_us, uint32_t ready, uint32_t busy)
{
    return pacer_ask(pacer, now_us, &(struct pacer_agents){.ready = ready, .busy = busy});
}

static inline void tried(struct pacer *pacer, uint64_t now_us, bool late)
{
    pacer_dialled(pacer, now_us);
    pacer_answered(pacer, now_us, now_us);
    if (late) pacer_abandoned(pacer, now_us, true);
    if (!late) pacer_connected(pacer, now_us, now_us);
}
