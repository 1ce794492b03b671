/* tests/unit/core_pacing_model.h - An exact discrete-event model of a campaign: agents, numbers that answer or do not,
 * customers who wait for an agent, on a virtual clock. Who paces it is a policy; several play the same days, since
 * every draw depends on the day's seed and the number of the attempt alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SECOND_US UINT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)
#define DAY_US    (24 * HOUR_US)

/* Ways of a number: answered after 2 s and a mean of 10 s more; else 30 % are told busy or invalid within 2 to 5 s, and
 * the others are given up after 25 s. Calls: talk is lognormal, after-call work 5 s and an exponential rest. */
struct model {
    unsigned agents;
    double share;       /* of numbers that answer */
    double share_later; /* the same from the middle of the day on; 0: no change */
    double talk_s, wrap_s;
    double hours;     /* from nine o'clock */
    uint64_t wait_us; /* customers wait so long for an agent */
};
extern const struct model model_usual;

enum agent_state { AGENT_READY, AGENT_TALKS, AGENT_WRAPS };

/* What a policy may see. */
struct pacing_world {
    const struct model *model;
    uint64_t now_us;
    unsigned ready, talking, wrapping, ringing, waiting;
    unsigned answered, abandoned; /* today */
    struct model_agent {
        enum agent_state state;
        uint64_t since_us, over_us, next_us;
    } * agents;
    struct attempt {
        uint64_t since_us, next_us, talk_us, wrap_us;
        bool answers;
    } * attempts; /* those that ring; then those who wait */
};

enum told { TOLD_DIALLED, TOLD_FAILED, TOLD_ANSWERED, TOLD_ABANDONED, TOLD_CONNECTED, TOLD_OVER, TOLD_READY };

struct policy {
    unsigned (*ask)(void *self, const struct pacing_world *);
    void (*tell)(void *self, enum told, uint64_t now_us, uint64_t since_us); /* NULL: it hears nothing */
    void *self;
};

struct day {
    unsigned dialled, answered, abandoned;
    double busy; /* share of the agents' time */
};

struct pacer;
struct policy policy_of_pacer(struct pacer *);

/* Plays day `number` (their seeds, and the times of the clock, differ by it) and lets all calls end. */
struct day model_play(const struct model *, const struct policy *, uint64_t seed, unsigned number);

/* Draws, by themselves. */
uint64_t model_ring_us(const struct model *, uint64_t seed, uint64_t attempt, bool later, bool *answers);
uint64_t model_talk_us(const struct model *, uint64_t seed, uint64_t attempt);
uint64_t model_wrap_us(const struct model *, uint64_t seed, uint64_t attempt);
