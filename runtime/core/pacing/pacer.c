/* runtime/core/pacing/pacer.c - The pacer: facts, and the rule of each mode. */
#include "runtime/core/pacing/pacer.h"

#include <assert.h>

#include "vm/keep.h"
#include "runtime/core/pacing/forecast.h"

/* Beginnings are counted in steps of 0.5 s (ringing), 4 s (talk) and 1 s (after-call work). Histories forget half when
 * they are full, that of attempts later where few answer. Credit is counted in thousandths. The busy share is smoothed
 * over eight minutes. */
enum { RINGING_SHIFT = 19, TALKING_SHIFT = 22, WRAPPING_SHIFT = 20, ATTEMPTS_MAX = 4096, ANSWERED_MIN = 256 };
enum { CALLS_MAX = 1024, ONE = 1000 };
#define SMOOTHED_US (UINT64_C(1) << 29)

/* It is hashed as bytes: nothing but what is counted. */
_Static_assert(sizeof(struct cohorts) == 24 + 4 * COHORTS, "struct cohorts has no padding");
_Static_assert(sizeof(struct ceiling) == 32 + 8 * CEILING_PARTS, "struct ceiling has no padding");
_Static_assert(sizeof(struct pacer) == sizeof(struct pacer_rules) + 4 * sizeof(struct durations) +
                                           3 * sizeof(struct cohorts) + sizeof(struct ceiling) + 24 &&
                   sizeof(struct pacer_rules) == 56,
               "struct pacer has no padding");

void pacer_init(struct pacer *pacer, const struct pacer_rules *rules)
{
    *pacer = (struct pacer){.eased = CHANCE_ONE};
    cohorts_init(&pacer->ringing, RINGING_SHIFT);
    cohorts_init(&pacer->talking, TALKING_SHIFT);
    cohorts_init(&pacer->wrapping, WRAPPING_SHIFT);
    pacer_set(pacer, 0, rules);
}

void pacer_set(struct pacer *pacer, uint64_t now_us, const struct pacer_rules *rules)
{
    assert(rules->mode < PACER_MODES && rules->learn > 0);
    ceiling_window(&pacer->ceiling, rules->window_us, now_us);
    ceiling_limit(&pacer->ceiling, rules->limit);
    pacer->rules = *rules;
}

void pacer_continues(struct pacer *pacer, uint64_t now_us, const struct ceiling *counted)
{
    pacer->ceiling = *counted;
    ceiling_window(&pacer->ceiling, pacer->rules.window_us, now_us);
    ceiling_limit(&pacer->ceiling, pacer->rules.limit);
}

static void keep_rules(struct pacer_rules *rules, struct keeper *keeper)
{
    rules->window_us = keep_u64(keeper, rules->window_us);
    rules->wait_us = keep_u64(keeper, rules->wait_us);
    rules->agent_wait_us = keep_u64(keeper, rules->agent_wait_us);
    rules->busy = keep_u32(keeper, rules->busy);
    rules->limit = keep_u32(keeper, rules->limit);
    rules->mode = keep_index(keeper, rules->mode, PACER_MODES, PACER_preview);
    rules->learn = keep_u32(keeper, rules->learn);
    rules->per_agent = keep_u32(keeper, rules->per_agent);
    rules->reserve = keep_u32(keeper, rules->reserve);
    rules->lines = keep_u32(keeper, rules->lines);
    rules->ports = keep_u32(keeper, rules->ports);
    if (rules->window_us < CEILING_PARTS || rules->limit >= 1000 || rules->learn == 0)
        keep_fail(keeper, "a campaign's rules are out of their range");
}

void pacer_keep(struct pacer *pacer, struct keeper *keeper, uint64_t now_us)
{
    keep_rules(&pacer->rules, keeper);
    durations_keep(&pacer->answered, keeper);
    durations_keep(&pacer->ended, keeper);
    durations_keep(&pacer->talked, keeper);
    durations_keep(&pacer->wrapped, keeper);
    cohorts_keep(&pacer->ringing, keeper, RINGING_SHIFT, now_us);
    cohorts_keep(&pacer->talking, keeper, TALKING_SHIFT, now_us);
    cohorts_keep(&pacer->wrapping, keeper, WRAPPING_SHIFT, now_us);
    ceiling_keep(&pacer->ceiling, keeper, now_us);
    pacer->asked_us = keep_u64(keeper, pacer->asked_us);
    pacer->busy = keep_u64(keeper, pacer->busy);
    pacer->eased = keep_u32(keeper, pacer->eased);
    pacer->waiting = keep_u32(keeper, pacer->waiting);
    if (pacer->asked_us > now_us || pacer->busy > CHANCE_ONE || pacer->eased > CHANCE_ONE)
        keep_fail(keeper, "a pacer has been asked what nobody asks");
}

void pacer_dialled(struct pacer *pacer, uint64_t now_us)
{
    cohorts_begin(&pacer->ringing, now_us);
}

static void pacer_attempt_ended(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    cohorts_end(&pacer->ringing, now_us, since_us);
    durations_add(&pacer->ended, now_us - since_us);
    uint32_t attempts = durations_count(&pacer->ended), answered = durations_count(&pacer->answered);
    if (attempts < ATTEMPTS_MAX || (answered < ANSWERED_MIN && attempts < ATTEMPTS_MAX * 16)) return;
    durations_halve(&pacer->ended);
    durations_halve(&pacer->answered);
}

void pacer_failed(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    pacer_attempt_ended(pacer, now_us, since_us);
}

void pacer_answered(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    durations_add(&pacer->answered, now_us - since_us);
    pacer_attempt_ended(pacer, now_us, since_us);
    ceiling_answered(&pacer->ceiling, now_us);
    pacer->waiting++;
}

void pacer_hung_up(struct pacer *pacer, uint64_t now_us)
{
    (void)now_us;
    assert(pacer->waiting > 0);
    pacer->waiting--;
}

void pacer_abandoned(struct pacer *pacer, uint64_t now_us)
{
    assert(pacer->waiting > 0);
    pacer->waiting--;
    ceiling_abandoned(&pacer->ceiling, now_us);
}

void pacer_unserved(struct pacer *pacer, uint64_t now_us)
{
    ceiling_abandoned(&pacer->ceiling, now_us);
}

void pacer_connected(struct pacer *pacer, uint64_t now_us)
{
    assert(pacer->waiting > 0);
    pacer->waiting--;
    cohorts_begin(&pacer->talking, now_us);
}

static void durations_learn(struct durations *durations, uint64_t us)
{
    durations_add(durations, us);
    if (durations_count(durations) >= CALLS_MAX) durations_halve(durations);
}

void pacer_over(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    cohorts_end(&pacer->talking, now_us, since_us);
    durations_learn(&pacer->talked, now_us - since_us);
    cohorts_begin(&pacer->wrapping, now_us);
}

void pacer_ready(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    cohorts_end(&pacer->wrapping, now_us, since_us);
    durations_learn(&pacer->wrapped, now_us - since_us);
}

/* The first calls that end are the short ones, so each agent must have had one. */
bool pacer_has_learnt(const struct pacer *pacer, const struct pacer_agents *agents)
{
    uint32_t calls = durations_count(&pacer->wrapped), all = agents->ready + agents->busy;
    return durations_count(&pacer->answered) >= pacer->rules.learn && calls >= pacer->rules.learn &&
           (calls >= all || calls >= CALLS_MAX / 2);
}

/* The goal in parts of CHANCE_ONE: a share of time, or what share follows from the wait between calls. */
static uint64_t goal(const struct pacer *pacer)
{
    uint64_t share = (uint64_t)CHANCE_ONE * pacer->rules.busy / 1000;
    if (pacer->rules.agent_wait_us == 0) return share;
    uint64_t handled_us = durations_mean_us(&pacer->talked) + durations_mean_us(&pacer->wrapped);
    uint64_t of_wait = (handled_us << 20) / (handled_us + pacer->rules.agent_wait_us) << 10;
    return of_wait < share ? of_wait : share;
}

/* Follows how busy agents are, and eases when that is above the goal. Not more often than the counts can show. */
static void pacer_follow_agents(struct pacer *pacer, uint64_t now_us, const struct pacer_agents *agents)
{
    uint64_t all = (uint64_t)agents->busy + agents->ready, passed_us = now_us - pacer->asked_us;
    if (passed_us < SMOOTHED_US >> 13) return;
    pacer->asked_us = now_us;
    if (all == 0) return;
    if (passed_us > SMOOTHED_US / 8) passed_us = SMOOTHED_US / 8;
    int64_t is = (int64_t)(CHANCE_ONE * (uint64_t)agents->busy / all), part = (int64_t)(SMOOTHED_US / passed_us);
    pacer->busy = (uint64_t)((int64_t)pacer->busy + (is - (int64_t)pacer->busy) / part);
    int64_t eased = (int64_t)pacer->eased + ((int64_t)goal(pacer) - (int64_t)pacer->busy) / part;
    pacer->eased = eased >= CHANCE_ONE || goal(pacer) >= CHANCE_ONE ? CHANCE_ONE : eased < 0 ? 0 : (uint32_t)eased;
}

/* The chance of finding no agent that is allowed: the limit's share, times the credit by a measure that is one
 * abandoned customer and an eighth of all that the window allows. So the credit settles at about that measure, and
 * small windows are used up about as far as large ones. One in a thousand is always allowed: without any that ring
 * beyond the agents who are ready, these would become many, and later busy all at once, and be lost to each other's
 * calls. */
static uint32_t allowed(const struct pacer *pacer, int64_t credit)
{
    enum { OF_ALL = 8, TIMES_LIMIT = 4 };
    uint64_t limit = (uint64_t)CHANCE_ONE / 1000 * pacer->rules.limit, least = CHANCE_ONE / 1000;
    uint64_t measure = ONE + (uint64_t)pacer->ceiling.all_answered * pacer->rules.limit / OF_ALL;
    uint64_t chance = credit > 0 ? limit * (uint64_t)credit / measure : 0;
    if (chance > limit * TIMES_LIMIT) chance = limit * TIMES_LIMIT;
    return (uint32_t)(chance > least ? chance : least);
}

/* Could a number beyond the agents who are ready be dialled without the worst case being above the limit? */
static bool affords(const struct pacer *pacer, const struct forecast *forecast, int64_t ready, int64_t credit)
{
    uint32_t worst = forecast_worst(forecast, ready);
    return credit >= 0 && (worst == 0 || credit >= (int64_t)worst * (1000 - (int64_t)pacer->rules.limit));
}

/* Notes why not one more is dialled, if it is so. */
static bool stops(struct pacer_answer *answer, enum pacer_reason why, bool is_so)
{
    if (is_so) answer->why = why;
    return is_so;
}

static void predict(struct pacer *pacer, uint64_t now_us, int64_t ready, struct pacer_answer *answer)
{
    struct forecast forecast;
    forecast_make(&forecast, pacer, now_us);
    uint32_t may = allowed(pacer, answer->credit);
    answer->allowed = (uint32_t)((uint64_t)may * pacer->eased >> 30);
    for (uint32_t rings = pacer->ringing.total;; rings++, answer->dial++) {
        bool over = (int64_t)rings >= ready;
        answer->lost = forecast_lost(&forecast, ready);
        if (stops(answer, PACER_WHY_lines, rings >= pacer->rules.lines)) return;
        if (stops(answer, PACER_WHY_limit, over && answer->lost > may && answer->credit < ONE)) return;
        if (stops(answer, PACER_WHY_too_likely_lost, over && answer->lost > may)) return;
        if (stops(answer, PACER_WHY_goal_reached, pacer->eased < CHANCE_ONE && answer->lost >= answer->allowed)) return;
        forecast_dial(&forecast);
        if (stops(answer, PACER_WHY_limit, over && !affords(pacer, &forecast, ready, answer->credit))) return;
    }
}

/* For agents who are ready; in the progressive mode with so many lines per agent as is set. */
static void progress(struct pacer *pacer, int64_t ready, uint32_t per_agent, struct pacer_answer *answer)
{
    uint64_t most = ready > 0 ? (uint64_t)ready * per_agent / 1000 : 0, rings = pacer->ringing.total;
    answer->why = ready > 0 ? PACER_WHY_enough_ringing : PACER_WHY_no_agent_ready;
    if (most > pacer->rules.lines) {
        most = pacer->rules.lines;
        answer->why = PACER_WHY_lines;
    }
    /* More lines than agents are ready: each could be answered. */
    int64_t over = (int64_t)most - ready, credit = answer->credit / (1000 - (int64_t)pacer->rules.limit);
    if (ready > 0 && over > 0 && over > credit) {
        most = (uint64_t)(ready + (credit > 0 ? credit : 0));
        answer->why = PACER_WHY_limit;
    }
    answer->dial = most > rings ? (uint32_t)(most - rings) : 0;
}

/* Lines ring or hold somebody who is connected, and there is one per port. */
static void pacer_fill_answer(struct pacer *pacer, struct pacer_answer *answer)
{
    uint64_t used = (uint64_t)pacer->ringing.total + pacer->waiting + pacer->talking.total + pacer->rules.reserve;
    answer->why = PACER_WHY_ports;
    answer->dial = pacer->rules.ports > used ? (uint32_t)(pacer->rules.ports - used) : 0;
    uint32_t left = pacer->rules.lines > pacer->ringing.total ? pacer->rules.lines - pacer->ringing.total : 0;
    if (answer->dial <= left) return;
    answer->dial = left;
    answer->why = PACER_WHY_lines;
}

struct pacer_answer pacer_ask(struct pacer *pacer, uint64_t now_us, const struct pacer_agents *agents)
{
    struct pacer_answer answer = {.why = PACER_WHY_agents_dial, .credit = ceiling_credit(&pacer->ceiling, now_us)};
    int64_t ready = (int64_t)agents->ready - pacer->rules.reserve - pacer->waiting;
    cohorts_move(&pacer->ringing, now_us);
    cohorts_move(&pacer->talking, now_us);
    cohorts_move(&pacer->wrapping, now_us);
    pacer_follow_agents(pacer, now_us, agents);
    switch ((enum pacer_mode)pacer->rules.mode) {
    case PACER_preview:
    case PACER_push_preview:
    case PACER_MODES:
        break;
    case PACER_power:
        pacer_fill_answer(pacer, &answer);
        break;
    case PACER_progressive:
        progress(pacer, ready, pacer->rules.per_agent, &answer);
        break;
    case PACER_predictive:
        if (pacer_has_learnt(pacer, agents) && agents->ready + agents->busy > 0) {
            predict(pacer, now_us, ready, &answer);
            break;
        }
        progress(pacer, ready, 1000, &answer);
        if (answer.why == PACER_WHY_enough_ringing) answer.why = PACER_WHY_learning;
    }
    if (ready <= 0 && pacer->rules.reserve > 0 && agents->ready > 0 && answer.why == PACER_WHY_no_agent_ready)
        answer.why = PACER_WHY_reserve;
    return answer;
}

struct meant {
    const char *name, *meaning;
};
static const struct meant reasons[PACER_REASONS] = {
#define PACER_REASON(name, meaning) {#name, meaning},
#include "runtime/core/pacing/pacer_reasons.def"
};

const char *pacer_reason_name(enum pacer_reason reason)
{
    assert(reason < PACER_REASONS);
    return reasons[reason].name;
}

const char *pacer_reason_meaning(enum pacer_reason reason)
{
    assert(reason < PACER_REASONS);
    return reasons[reason].meaning;
}
