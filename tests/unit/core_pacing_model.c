/* tests/unit/core_pacing_model.c - The model's events in the order of time. */
#include "tests/unit/core_pacing_model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "runtime/core/pacing/pacer.h"

const struct model model_usual = {
    .agents = 20, .share = 0.35, .talk_s = 120, .wrap_s = 30, .hours = 8, .wait_us = 2 * SECOND_US};

enum { RING_END_S = 25, STEP_US = 500000, ATTEMPTS_MAX = 4096 };

/* The draw of this kind for this attempt: even between 0 and 1. */
static double draw(uint64_t seed, uint64_t attempt, unsigned kind)
{
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + attempt * UINT64_C(0xd1342543de82ef95) + kind;
    for (unsigned round = 0; round < 2; round++) {
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        x ^= x >> 31;
    }
    return ((double)(x >> 11) + 0.5) / 9007199254740992.0;
}

static uint64_t us(double s)
{
    return (uint64_t)(s * 1e6);
}

uint64_t model_ring_us(const struct model *model, uint64_t seed, uint64_t attempt, bool later, bool *answers)
{
    double share = later && model->share_later > 0 ? model->share_later : model->share;
    *answers = draw(seed, attempt, 0) < share;
    double part = draw(seed, attempt, 1), other = draw(seed, attempt, 2);
    if (*answers) {
        double s = 2 - 5 * log(part * other); /* Erlang of two */
        return us(s < RING_END_S ? s : 2 + (RING_END_S - 2) * part);
    }
    return part < 0.3 ? us(2 + 3 * other) : us(RING_END_S);
}

uint64_t model_talk_us(const struct model *model, uint64_t seed, uint64_t attempt)
{
    double normal = sqrt(-2 * log(draw(seed, attempt, 3))) * cos(6.283185307179586 * draw(seed, attempt, 4));
    return us(model->talk_s * exp(0.7 * normal - 0.245)) + 1;
}

uint64_t model_wrap_us(const struct model *model, uint64_t seed, uint64_t attempt)
{
    return us(5 - (model->wrap_s - 5) * log(draw(seed, attempt, 5))) + 1;
}

struct play {
    struct pacing_world world;
    const struct policy *policy;
    uint64_t seed, ends_us, middle_us, attempt;
    struct day day;
    uint64_t busy_us;
};

static void tell(struct play *play, enum told told, uint64_t since_us)
{
    if (play->policy->tell) play->policy->tell(play->policy->self, told, play->world.now_us, since_us);
}

static void dial(struct play *play)
{
    struct pacing_world *world = &play->world;
    assert(world->ringing + world->waiting < ATTEMPTS_MAX);
    world->attempts[world->ringing + world->waiting] = world->attempts[world->ringing]; /* the first who waits */
    struct attempt *attempt = &world->attempts[world->ringing++];
    uint64_t number = play->attempt++;
    attempt->since_us = world->now_us;
    attempt->next_us = world->now_us + model_ring_us(world->model, play->seed, number, world->now_us >= play->middle_us,
                                                     &attempt->answers);
    attempt->talk_us = model_talk_us(world->model, play->seed, number);
    attempt->wrap_us = model_wrap_us(world->model, play->seed, number);
    play->day.dialled++;
    tell(play, TOLD_DIALLED, 0);
}

/* Who has waited longest talks to the agent who is ready. */
static void connect(struct play *play)
{
    struct pacing_world *world = &play->world;
    while (world->waiting > 0 && world->ready > 0) {
        unsigned first = world->ringing, agent = 0;
        for (unsigned at = first; at < world->ringing + world->waiting; at++)
            if (world->attempts[at].next_us < world->attempts[first].next_us) first = at;
        while (world->agents[agent].state != AGENT_READY) agent++;
        struct model_agent *who = &world->agents[agent];
        who->state = AGENT_TALKS;
        who->since_us = world->now_us;
        who->next_us = world->now_us + world->attempts[first].talk_us;
        who->over_us = world->attempts[first].wrap_us; /* until the talk is over */
        world->attempts[first] = world->attempts[world->ringing + --world->waiting];
        world->ready--;
        world->talking++;
        tell(play, TOLD_CONNECTED, world->now_us);
    }
}

static void ring_ends(struct play *play, unsigned at)
{
    struct pacing_world *world = &play->world;
    struct attempt attempt = world->attempts[at];
    world->attempts[at] = world->attempts[--world->ringing];
    unsigned end = world->ringing + world->waiting;
    world->attempts[world->ringing] = world->attempts[end];
    tell(play, attempt.answers ? TOLD_ANSWERED : TOLD_FAILED, attempt.since_us);
    if (!attempt.answers) return;
    play->day.answered++;
    world->answered++;
    attempt.next_us = world->now_us + world->model->wait_us;
    world->attempts[world->ringing + world->waiting++] = attempt;
    connect(play);
}

static void agent_goes_on(struct play *play, struct model_agent *agent)
{
    struct pacing_world *world = &play->world;
    if (agent->state == AGENT_TALKS) {
        agent->state = AGENT_WRAPS;
        agent->next_us = world->now_us + agent->over_us;
        agent->over_us = world->now_us;
        world->talking--;
        world->wrapping++;
        tell(play, TOLD_OVER, agent->since_us);
        return;
    }
    agent->state = AGENT_READY;
    agent->next_us = UINT64_MAX;
    world->wrapping--;
    world->ready++;
    tell(play, TOLD_READY, agent->over_us);
    connect(play);
}

static void gives_up(struct play *play, unsigned at)
{
    struct pacing_world *world = &play->world;
    world->attempts[at] = world->attempts[world->ringing + --world->waiting];
    play->day.abandoned++;
    world->abandoned++;
    tell(play, TOLD_ABANDONED, 0);
}

/* The next event up to `until_us`; agents first, then who waits, then who rings. */
static bool step(struct play *play, uint64_t until_us)
{
    struct pacing_world *world = &play->world;
    unsigned attempts = world->ringing + world->waiting, agent = world->model->agents, attempt = attempts;
    uint64_t next_us = until_us;
    for (unsigned at = attempts; at-- > 0;)
        if (world->attempts[at].next_us < next_us) next_us = world->attempts[attempt = at].next_us;
    for (unsigned at = 0; at < world->model->agents; at++)
        if (world->agents[at].next_us <= next_us && world->agents[at].next_us < until_us)
            next_us = world->agents[agent = at].next_us;
    uint64_t counts_us = next_us < play->ends_us ? next_us : play->ends_us;
    if (counts_us > world->now_us) play->busy_us += (counts_us - world->now_us) * (world->talking + world->wrapping);
    world->now_us = next_us;
    if (agent < world->model->agents)
        agent_goes_on(play, &world->agents[agent]);
    else if (attempt < world->ringing)
        ring_ends(play, attempt);
    else if (attempt < attempts)
        gives_up(play, attempt);
    else
        return false;
    return true;
}

static unsigned ask_pacer(void *self, const struct pacing_world *world)
{
    struct pacer_agents agents = {.ready = world->ready, .busy = world->talking + world->wrapping};
    return pacer_ask(self, world->now_us, &agents).dial;
}

static void tell_pacer(void *self, enum told told, uint64_t now_us, uint64_t since_us)
{
    switch (told) {
    case TOLD_DIALLED:
        pacer_dialled(self, now_us);
        break;
    case TOLD_FAILED:
        pacer_failed(self, now_us, since_us);
        break;
    case TOLD_ANSWERED:
        pacer_answered(self, now_us, since_us);
        break;
    case TOLD_ABANDONED:
        pacer_abandoned(self, now_us, false);
        break;
    case TOLD_CONNECTED:
        pacer_connected(self, now_us, since_us);
        break;
    case TOLD_OVER:
        pacer_over(self, now_us, since_us);
        break;
    case TOLD_READY:
        pacer_ready(self, now_us, since_us);
        break;
    }
}

struct policy policy_of_pacer(struct pacer *pacer)
{
    return (struct policy){ask_pacer, tell_pacer, pacer};
}

struct day model_play(const struct model *model, const struct policy *policy, uint64_t seed, unsigned number)
{
    struct play play = {.world = {.model = model, .ready = model->agents}, .policy = policy};
    play.seed = seed * 1000 + number;
    uint64_t begins_us = number * DAY_US + 9 * HOUR_US;
    play.world.now_us = begins_us;
    play.ends_us = begins_us + us(model->hours * 3600);
    play.middle_us = begins_us + us(model->hours * 1800);
    play.world.agents = calloc(model->agents, sizeof *play.world.agents);
    play.world.attempts = calloc(ATTEMPTS_MAX + 1, sizeof *play.world.attempts);
    for (unsigned at = 0; at < model->agents; at++) play.world.agents[at].next_us = UINT64_MAX;
    while (play.world.now_us < play.ends_us) {
        for (unsigned count = policy->ask(policy->self, &play.world); count > 0; count--) dial(&play);
        uint64_t until_us = play.world.now_us + STEP_US;
        while (step(&play, until_us)) continue;
    }
    while (play.world.ringing + play.world.waiting + play.world.talking + play.world.wrapping > 0)
        step(&play, UINT64_MAX - 1);
    play.day.busy = (double)play.busy_us / 1e6 / (model->hours * 3600 * model->agents);
    free(play.world.agents);
    free(play.world.attempts);
    return play.day;
}
