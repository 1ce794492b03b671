/* runtime/core/pacing/pacer.c - The pacer: facts, and the rule of each mode. */
#include "runtime/core/pacing/pacer.h"

#include <assert.h>

#include "vm/keep.h"
#include "runtime/core/pacing/forecast.h"

/* Beginnings are counted in steps of 0.5 s (ringing), 4 s (talk) and 1 s (after-call work). Histories forget half when
 * they are full, that of attempts later where few answer; and with age. About 32 answers are the ones of lately.
 * Credit is counted in thousandths. The busy share is smoothed over nine minutes, as is what other calls take. */
enum { RINGING_SHIFT = 19, TALKING_SHIFT = 22, WRAPPING_SHIFT = 20, ATTEMPTS_MAX = 4096, ANSWERED_MIN = 256 };
enum { CALLS_MAX = 1024, ONE = 1000 };
/* How often people answer is looked at after so many answers; the highest share is forgotten by a 16th each time. */
enum { BLOCK_ANSWERS = 32, HIGHEST_FADES = 16 };
enum { LATELY_SHIFT = 4, LATELY_MOST = 2 * ANSWER_ONE << LATELY_SHIFT };
#define SMOOTHED_US (UINT64_C(1) << 29)
#define FOLLOWED_US (UINT64_C(1) << 16)
#define QUARTER_US  UINT64_C(900000000)

/* What is known gets less each 134 s, since people change: of evidence a 24th goes each time, of a history that has
 * many entries a half each 16th time. */
enum { AGE_SHIFT = 27, AGES_HALF = 16, AGES_ALL = 4 * AGES_HALF, MANY = 512, MANY_CALLS = 256, EVIDENCE_FADES = 24 };

/* Evidence that agents come too late, in 1024ths of a power of two: of two hypotheses, that one in five comes too late
 * and that one in two hundred does, the ratio of their likelihoods, which is never less than 1. */
enum { LATE_MORE = 5450, LATE_LESS = 322, LATE_SLOW = 4096, LATE_STOPS = 8192, LATE_MOST = 16384 };
enum { PROVED_MOST = 1000000 };

/* That some come too late is forgotten when so little of it is left, in thousandths. Agents are nearly too late when
 * nearly all of them take five eighths of the wait. Where more than a third of the limit come too late, that is often.
 * Of the people for whom the bound has room a 32nd may be lost at once by that: a 64th keeps agents idle, and of an
 * 8th two are lost together. */
enum { TARDY_LEAST = 125, SHARE_MOST = 1 << 24, NEARLY_PARTS = 8, NEARLY = 5, OFTEN_PARTS = 3, LATE_ROOM_PARTS = 32 };
enum { FIRST_COME = 16 * ONE, FIRST_PARTS = 4 };

/* The first pause after which it is tried again whether agents come in time, and the longest. Twenty minutes with a
 * slow switch cost one try; telephones that always ring too long cost five in eight hours. */
#define PAUSE_FIRST_US UINT64_C(600000000)
#define PAUSE_MOST_US  UINT64_C(86400000000)
#define WHOLE_RING_US  PAUSE_FIRST_US /* no number rings for longer */

/* It is hashed as bytes: nothing but what is counted. */
_Static_assert(sizeof(struct cohorts) == 24 + 4 * COHORTS, "struct cohorts has no padding");
_Static_assert(sizeof(struct ceiling) == 32 + 8 * CEILING_PARTS, "struct ceiling has no padding");
_Static_assert(sizeof(struct pacer) == sizeof(struct pacer_rules) + 4 * sizeof(struct durations) +
                                           3 * sizeof(struct cohorts) + 2 * sizeof(struct ceiling) + 136 &&
                   sizeof(struct pacer_rules) == 56,
               "struct pacer has no padding");

void pacer_init(struct pacer *pacer, const struct pacer_rules *rules)
{
    *pacer = (struct pacer){.eased = CHANCE_ONE};
    cohorts_init(&pacer->ringing, RINGING_SHIFT);
    cohorts_init(&pacer->talking, TALKING_SHIFT);
    cohorts_init(&pacer->wrapping, WRAPPING_SHIFT);
    ceiling_init(&pacer->quarter, QUARTER_US);
    pacer_set(pacer, 0, rules);
}

void pacer_set(struct pacer *pacer, uint64_t now_us, const struct pacer_rules *rules)
{
    assert(rules->mode < PACER_MODES && rules->learn > 0);
    ceiling_window(&pacer->ceiling, rules->window_us, now_us);
    ceiling_limit(&pacer->ceiling, rules->limit);
    ceiling_limit(&pacer->quarter, rules->limit);
    pacer->rules = *rules;
}

/* After-call work of what was called before may go on, and nobody tells its end any more. */
void pacer_continues(struct pacer *pacer, uint64_t now_us, const struct pacer *before)
{
    const struct pacer fresh = *pacer;
    *pacer = *before;
    pacer->ringing = fresh.ringing;
    pacer->talking = fresh.talking;
    pacer->wrapping = fresh.wrapping;
    pacer->waiting = 0;
    pacer_set(pacer, now_us, &fresh.rules);
}

bool pacer_knows(const struct pacer *pacer, uint64_t now_us)
{
    bool counts = !ceiling_is_empty(&pacer->ceiling, now_us) || !ceiling_is_empty(&pacer->quarter, now_us);
    bool learnt = pacer->aged_us != 0 && (now_us >> AGE_SHIFT) - (pacer->aged_us >> AGE_SHIFT) <= AGES_ALL;
    return counts || learnt || now_us < pacer->again_us;
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

/* A pacer of before has agents who come in time, and learns the rest. */
static void keep_bound(struct pacer *pacer, struct keeper *keeper, uint64_t now_us)
{
    if (!keep_has(keeper, PACER_HAS_BOUND)) {
        ceiling_init(&pacer->quarter, QUARTER_US);
        ceiling_limit(&pacer->quarter, pacer->rules.limit);
        pacer->proved = PROVED_MOST;
        pacer->followed_us = now_us;
        return;
    }
    ceiling_keep(&pacer->quarter, keeper, now_us);
    pacer->served_us = keep_u64(keeper, pacer->served_us);
    pacer->told_us = keep_u64(keeper, pacer->told_us);
    pacer->aged_us = keep_u64(keeper, pacer->aged_us);
    pacer->taken = keep_u64(keeper, pacer->taken);
    pacer->watched_us = keep_u64(keeper, pacer->watched_us);
    pacer->followed_us = keep_u64(keeper, pacer->followed_us);
    pacer->came = keep_u32(keeper, pacer->came);
    pacer->expected = keep_u32(keeper, pacer->expected);
    pacer->late = keep_u32(keeper, pacer->late);
    pacer->proved = keep_u32(keeper, pacer->proved);
    bool good = pacer->quarter.part_us == QUARTER_US / (CEILING_PARTS - 1) && pacer->came <= LATELY_MOST &&
                pacer->expected <= LATELY_MOST && pacer->followed_us <= now_us && pacer->late <= LATE_MOST &&
                pacer->proved <= PROVED_MOST && pacer->aged_us <= now_us && pacer->taken < UINT64_C(1) << 62 &&
                pacer->watched_us <= SMOOTHED_US * 2;
    if (!good) keep_fail(keeper, "a pacer knows what nobody could have told it");
}

/* A pacer of before learns these fields from its next answers on. */
static void keep_highest(struct pacer *pacer, struct keeper *keeper)
{
    if (!keep_has(keeper, PACER_HAS_HIGHEST)) return;
    pacer->highest = keep_u64(keeper, pacer->highest);
    pacer->block_ended = keep_u32(keeper, pacer->block_ended);
    pacer->block_answered = keep_u32(keeper, pacer->block_answered);
    if (pacer->highest > CHANCE_ONE || pacer->block_answered >= BLOCK_ANSWERS ||
        pacer->block_answered > pacer->block_ended)
        keep_fail(keeper, "a pacer has answers that nobody gave");
}

/* Snapshots of earlier versions have no pause: such a pacer may dial a number at once. */
static void keep_pause(struct pacer *pacer, struct keeper *keeper)
{
    if (!keep_has(keeper, PACER_HAS_PAUSE)) return;
    pacer->again_us = keep_u64(keeper, pacer->again_us);
    pacer->pause_us = keep_u64(keeper, pacer->pause_us);
    if (pacer->pause_us > PAUSE_MOST_US) keep_fail(keeper, "a pacer pauses for longer than any does");
}

/* A pacer of before learns from its next answers on whether agents come too late. */
static void keep_late_share(struct pacer *pacer, struct keeper *keeper)
{
    if (!keep_has(keeper, PACER_HAS_LATE_SHARE)) return;
    pacer->tardy = keep_u32(keeper, pacer->tardy);
    pacer->prompt = keep_u32(keeper, pacer->prompt);
    if (pacer->tardy > SHARE_MOST || pacer->prompt > SHARE_MOST)
        keep_fail(keeper, "a pacer has more agents who came than are counted");
}

/* A pacer of before learns from the next who is let go how long people are kept. */
static void keep_kept(struct pacer *pacer, struct keeper *keeper)
{
    if (keep_has(keeper, PACER_HAS_KEPT)) pacer->kept_us = keep_u64(keeper, pacer->kept_us);
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
    keep_bound(pacer, keeper, now_us);
    keep_highest(pacer, keeper);
    keep_pause(pacer, keeper);
    keep_late_share(pacer, keeper);
    keep_kept(pacer, keeper);
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

static void attempts_halve(struct pacer *pacer)
{
    durations_halve(&pacer->ended);
    durations_halve(&pacer->answered);
}

/* Adds answers to `came` or to `expected`. Both lose a share first, so that older answers count less. */
static void lately_add(struct pacer *pacer, uint32_t *to, uint64_t answers)
{
    const uint64_t most = ANSWER_ONE << LATELY_SHIFT;
    if (answers > most) answers = most;
    pacer->came -= (uint32_t)(pacer->came * answers / (2 * most));
    pacer->expected -= (uint32_t)(pacer->expected * answers / (2 * most));
    *to += (uint32_t)answers;
}

/* Answers are expected of all who have rung since the last time: those who answer end first, so the ones that have
 * ended tell nothing without the ones that ring. */
static void answers_follow(struct pacer *pacer, uint64_t now_us)
{
    uint64_t passed_us = now_us - pacer->followed_us;
    if (passed_us < FOLLOWED_US) return;
    cohorts_move(&pacer->ringing, now_us);
    lately_add(pacer, &pacer->expected, forecast_answers(pacer, pacer->followed_us, passed_us));
    pacer->followed_us = now_us;
}

/* Answers are counted from the moment at which no more had come than were expected: when more people answer than
 * before, the next few answers show it, however few have answered until then. */
static void surplus_begins(struct pacer *pacer)
{
    if (pacer->came <= pacer->expected) pacer->came = pacer->expected = 0;
}

static void pacer_attempt_ended(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    answers_follow(pacer, now_us);
    cohorts_end(&pacer->ringing, now_us, since_us);
    durations_add(&pacer->ended, now_us - since_us);
    pacer->block_ended++;
    uint32_t attempts = durations_count(&pacer->ended), answered = durations_count(&pacer->answered);
    if (attempts >= ATTEMPTS_MAX && (answered >= ANSWERED_MIN || attempts >= ATTEMPTS_MAX * 16)) attempts_halve(pacer);
}

void pacer_failed(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    pacer_attempt_ended(pacer, now_us, since_us);
}

/* After a block of answers: the share of those who answered in it, or somewhat less than the highest before. */
static void highest_follow(struct pacer *pacer)
{
    if (++pacer->block_answered < BLOCK_ANSWERS) return;
    uint64_t share = ((uint64_t)pacer->block_answered << 30) / pacer->block_ended;
    if (share < pacer->highest) share = pacer->highest - (pacer->highest - share) / HIGHEST_FADES;
    pacer->highest = share;
    pacer->block_answered = pacer->block_ended = 0;
}

void pacer_answered(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    pacer_attempt_ended(pacer, now_us, since_us);
    durations_add(&pacer->answered, now_us - since_us);
    lately_add(pacer, &pacer->came, ANSWER_ONE);
    highest_follow(pacer);
    ceiling_answered(&pacer->ceiling, now_us);
    ceiling_answered(&pacer->quarter, now_us);
    pacer->waiting++;
}

void pacer_hung_up(struct pacer *pacer, uint64_t now_us)
{
    (void)now_us;
    assert(pacer->waiting > 0);
    pacer->waiting--;
}

/* Nearly all take no longer: what is more counts at once, what is less by and by. */
static void longest_learn(uint64_t *longest_us, uint64_t us)
{
    if (us > *longest_us)
        *longest_us += (us - *longest_us + 3) / 4;
    else
        *longest_us -= (*longest_us - us) / 32;
}

void pacer_told_late(struct pacer *pacer, uint64_t us)
{
    longest_learn(&pacer->told_us, us);
}

void pacer_talks_longer(struct pacer *pacer, uint64_t now_us, uint64_t since_us, uint64_t us)
{
    cohorts_earlier(&pacer->talking, now_us, since_us, us);
}

/* Whoever is let go early shows at once that agents who are free later are too late. */
void pacer_lets_go(struct pacer *pacer, uint64_t us)
{
    bool first = pacer->kept_us == 0;
    if (us == 0) us = 1;
    if (us < pacer->kept_us || (first && us < pacer->rules.wait_us)) pacer->kept_us = us;
    if (!first) pacer_kept(pacer, us);
}

void pacer_kept(struct pacer *pacer, uint64_t us)
{
    if (pacer->kept_us != 0 && us > pacer->kept_us) pacer->kept_us += (us - pacer->kept_us) / 4;
}

void pacer_unserved(struct pacer *pacer, uint64_t now_us)
{
    ceiling_abandoned(&pacer->ceiling, now_us);
    ceiling_abandoned(&pacer->quarter, now_us);
}

/* Each try in vain doubles the pause; it is fourfold where others before it were in time, for then it has cost what any
 * answer costs and shown nothing new. Numbers that rang when it began, and cost somebody later, are no tries. */
static void pause_begins(struct pacer *pacer, uint64_t now_us)
{
    if (now_us < pacer->again_us) return;
    uint64_t longer_us = pacer->pause_us * (pacer->late >= LATE_STOPS ? 2 : 4);
    pacer->pause_us = longer_us < PAUSE_MOST_US ? longer_us : PAUSE_MOST_US;
    if (pacer->pause_us < PAUSE_FIRST_US) pacer->pause_us = PAUSE_FIRST_US;
    pacer->again_us = now_us + pacer->pause_us;
}

/* One more of them, in thousandths. */
static void share_add(uint32_t *count)
{
    *count = *count < SHARE_MOST - ONE ? *count + ONE : SHARE_MOST;
}

/* Those who come too late in a row, by a switch that is slow for a while, count in the share as those with whom it
 * began: the evidence tells of the others. */
static void came_late(struct pacer *pacer, uint64_t now_us)
{
    if (pacer->late < LATE_STOPS) share_add(&pacer->tardy);
    pacer->late = pacer->late + LATE_MORE < LATE_MOST ? pacer->late + LATE_MORE : LATE_MOST;
    if (pacer->late >= LATE_STOPS || ceiling_credit(&pacer->ceiling, now_us) < ONE) pause_begins(pacer, now_us);
}

/* An agent who comes in time after the pause shows that it may be over: then a few more who do are enough. */
static void came_in_time(struct pacer *pacer, uint64_t now_us)
{
    if (pacer->late > LATE_STOPS && now_us >= pacer->again_us) pacer->late = LATE_STOPS;
    pacer->late = pacer->late > LATE_LESS ? pacer->late - LATE_LESS : 0;
}

/* What one person lost tells against the agents, each campaign disproves by its own calls. */
void pacer_sees(struct pacer *pacer, uint64_t now_us, bool late)
{
    if (late)
        came_late(pacer, now_us);
    else if (pacer->late > LATE_MORE)
        came_in_time(pacer, now_us);
    if (!late) share_add(&pacer->prompt);
}

void pacer_abandoned(struct pacer *pacer, uint64_t now_us, bool late)
{
    assert(pacer->waiting > 0);
    pacer->waiting--;
    pacer_unserved(pacer, now_us);
    if (!late) return;
    longest_learn(&pacer->served_us, pacer->rules.wait_us);
    came_late(pacer, now_us);
}

void pacer_connected(struct pacer *pacer, uint64_t now_us, uint64_t since_us)
{
    assert(pacer->waiting > 0 && since_us <= now_us);
    pacer->waiting--;
    cohorts_begin(&pacer->talking, now_us);
    bool first = pacer->prompt < FIRST_COME && now_us - since_us > pacer->served_us;
    if (first)
        pacer->served_us = now_us - since_us; /* the longest of few */
    else
        longest_learn(&pacer->served_us, now_us - since_us);
    came_in_time(pacer, now_us);
    share_add(&pacer->prompt);
    if (pacer->proved < PROVED_MOST) pacer->proved++;
}

/* The count of agents whom other calls take fades with the time that passes, and so does the time of watching. */
static void pacer_watch(struct pacer *pacer, uint64_t passed_us)
{
    if (passed_us > SMOOTHED_US / 8) passed_us = SMOOTHED_US / 8;
    pacer->taken -= (pacer->taken >> 20) * (passed_us >> 9);
    pacer->watched_us -= (pacer->watched_us >> 20) * (passed_us >> 9);
    pacer->watched_us += passed_us;
}

void pacer_taken(struct pacer *pacer, uint64_t now_us)
{
    (void)now_us;
    if (pacer->taken < UINT64_C(1) << 60) pacer->taken += CHANCE_ONE;
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

bool pacer_promises(const struct pacer *pacer, const struct pacer_agents *agents)
{
    bool predicts = pacer->rules.mode == PACER_predictive && pacer->rules.limit != 0; /* else nobody may be lost */
    return !predicts || !pacer_has_learnt(pacer, agents) || agents->ready + agents->busy == 0;
}

uint32_t pacer_uses(const struct pacer *pacer)
{
    return pacer->waiting + pacer->talking.total + pacer->wrapping.total;
}

/* Forgets by age, in the steps that time has passed; a long time forgets all but little. While nothing is tried nobody
 * can tell whether agents come in time, so that is not forgotten. */
static void pacer_ages(struct pacer *pacer, uint64_t now_us)
{
    uint64_t step = pacer->aged_us >> AGE_SHIFT, now = now_us >> AGE_SHIFT;
    if (pacer->aged_us == 0) step = now; /* it is asked for the first time, and may have heard something just now */
    if (now - step > AGES_ALL) step = now - AGES_ALL;
    for (; step < now; step++) {
        if (now_us >= pacer->again_us) {
            pacer->late -= (pacer->late + EVIDENCE_FADES - 1) / EVIDENCE_FADES;
            pacer->pause_us -= pacer->pause_us / EVIDENCE_FADES;
            pacer->tardy -= (pacer->tardy + EVIDENCE_FADES - 1) / EVIDENCE_FADES;
            pacer->prompt -= (pacer->prompt + EVIDENCE_FADES - 1) / EVIDENCE_FADES;
        }
        if (step % AGES_HALF != 0) continue;
        if (durations_count(&pacer->ended) >= MANY) attempts_halve(pacer);
        if (durations_count(&pacer->talked) >= MANY_CALLS) durations_halve(&pacer->talked);
        if (durations_count(&pacer->wrapped) >= MANY_CALLS) durations_halve(&pacer->wrapped);
    }
    pacer->aged_us = now_us;
}

static void raise_to(uint64_t *longest_us, uint64_t us)
{
    if (us > *longest_us) *longest_us = us;
}

void pacer_joins(struct pacer *pacer, uint64_t now_us, const struct pacer *other)
{
    struct pacer seen = *other; /* which may not have been asked for long */
    pacer_ages(&seen, now_us);
    raise_to(&pacer->served_us, seen.served_us);
    raise_to(&pacer->again_us, seen.again_us);
    raise_to(&pacer->pause_us, seen.pause_us);
    if (seen.late > pacer->late) pacer->late = seen.late;
    if (seen.tardy <= pacer->tardy) return;
    pacer->tardy = seen.tardy;
    pacer->prompt = seen.prompt;
}

/* The goal in parts of CHANCE_ONE: a share of time, or what share follows from the wait between calls. */
static uint64_t pacer_goal(const struct pacer *pacer)
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
    pacer_watch(pacer, passed_us);
    if (all == 0) return;
    if (passed_us > SMOOTHED_US / 8) passed_us = SMOOTHED_US / 8;
    int64_t is = (int64_t)(CHANCE_ONE * (uint64_t)agents->busy / all), part = (int64_t)(SMOOTHED_US / passed_us);
    pacer->busy = (uint64_t)((int64_t)pacer->busy + (is - (int64_t)pacer->busy) / part);
    int64_t eased = (int64_t)pacer->eased + ((int64_t)pacer_goal(pacer) - (int64_t)pacer->busy) / part;
    pacer->eased = eased >= CHANCE_ONE || pacer_goal(pacer) >= CHANCE_ONE ? CHANCE_ONE
                   : eased < 0                                            ? 0
                                                                          : (uint32_t)eased;
}

/* The share of days on which the limit may be exceeded at any time, by chance: a 200th, and what is always allowed
 * adds as much. */
enum { RISK_PARTS = 200, LEAST_PARTS = 5000 };

/* A quarter of an hour allows a part of its chance. A person who is lost often takes another one along whose number
 * rings already, and that is too much for a quarter in which few more may be lost. */
enum { QUARTER_PARTS = 2, QUARTER_PARTS_FEW = 4, QUARTER_FEW = 3 * ONE };

/* The chance of being lost that a credit allows for one more who answers: such that V(credit), see pacer.h, is expected
 * to stay as it is. With a = 1 + credit, and b and c the same after an answer that is not lost and one that is lost:
 * (1/a - 1/b) / (1/c - 1/b) = limit c/a, or where the lost one exceeds the limit, RISK limit / ab. */
static uint64_t allowed_by(int64_t credit, uint64_t limit)
{
    const int64_t most = 1000000;
    if (credit < 0 || limit == 0) return 0;
    uint64_t spare = (uint64_t)(credit < most ? credit : most), a = ONE + spare, b = a + limit, c = spare + limit;
    uint64_t chance = (limit << 30) / ONE;
    return c < ONE ? chance / RISK_PARTS * ONE / a * ONE / b : chance * c / a;
}

/* The chance that both credits allow. A day has many quarters of an hour, and each begins with a credit of its own: so
 * the credit of the quarter allows a part of what that of the window would. One in 5,000 always is allowed, for else
 * nothing would be where other calls have the same agents. */
uint32_t pacer_may(struct pacer_bound bound, uint64_t together)
{
    const uint64_t always = CHANCE_ONE / LEAST_PARTS;
    uint64_t window = allowed_by(bound.credit * ONE / (int64_t)together, bound.limit);
    uint64_t quarter = allowed_by(bound.quarter * ONE / (int64_t)together, bound.limit);
    quarter /= bound.quarter < QUARTER_FEW ? QUARTER_PARTS_FEW : QUARTER_PARTS;
    uint64_t chance = window < quarter ? window : quarter;
    return (uint32_t)(chance > always ? chance : always);
}

struct pacer_bound pacer_bound(const struct pacer *pacer, uint64_t now_us)
{
    return (struct pacer_bound){.credit = ceiling_credit(&pacer->ceiling, now_us),
                                .quarter = ceiling_credit_of_few(&pacer->quarter, now_us),
                                .limit = pacer->rules.limit};
}

static int64_t pacer_smaller(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

struct pacer_bound pacer_bound_least(struct pacer_bound one, struct pacer_bound other)
{
    return (struct pacer_bound){.credit = pacer_smaller(one.credit, other.credit),
                                .quarter = pacer_smaller(one.quarter, other.quarter),
                                .limit = one.limit < other.limit ? one.limit : other.limit};
}

static int64_t bound_credit(struct pacer_bound bound)
{
    return pacer_smaller(bound.credit, bound.quarter);
}

/* True: so many answer in a quarter of an hour that two of them may be lost. */
static bool many_answer(const struct pacer *pacer, uint64_t now_us)
{
    return ceiling_credit_of_few(&pacer->quarter, now_us) + (int64_t)pacer->quarter.all_abandoned * ONE >= 2 * ONE;
}

/* What one who is lost takes of a credit. */
static int64_t bound_one(struct pacer_bound bound)
{
    return ONE - (int64_t)bound.limit;
}

/* True: a number beyond the agents who are ready may be dialled. The credit must have room for one more who is lost,
 * and for as many as are lost in the worst case. So few answers, as one agent has, allow none. The quarter of an
 * hour is not asked if many answer: if nothing was dialled ahead after a loss, too few would answer in it for those who
 * are lost. */
static bool pacer_affords(const struct pacer *pacer, uint64_t now_us, struct pacer_bound bound,
                          const struct forecast *forecast, int64_t ready)
{
    uint32_t worst = forecast_worst(forecast, ready);
    int64_t credit = many_answer(pacer, now_us) ? bound.credit : bound_credit(bound);
    return credit >= (int64_t)(worst > 1 ? worst : 1) * bound_one(bound);
}

/* A jump of the answers would lose so many people: have both credits room for them? */
static bool affords_jump(struct pacer_bound bound, const struct forecast *forecast, int64_t ready)
{
    int64_t lost = forecast_worst_jump(forecast, ready);
    return lost == 0 || bound_credit(bound) >= lost * bound_one(bound);
}

/* Notes why not one more is dialled, if it is so. */
static bool pacer_stops(struct pacer_answer *answer, enum pacer_reason why, bool is_so)
{
    if (is_so) answer->why = why;
    return is_so;
}

static bool comes_late(const struct pacer *pacer)
{
    return pacer->tardy >= TARDY_LEAST;
}

/* The chance that an agent who is there comes too late, told as if one more had; 0 where none does, or nearly does. */
static uint32_t late_chance(const struct pacer *pacer)
{
    bool nearly = pacer->served_us + pacer->told_us > pacer->rules.wait_us / NEARLY_PARTS * NEARLY;
    if (!comes_late(pacer) && !nearly) return 0;
    uint64_t late = (uint64_t)pacer->tardy + ONE;
    return (uint32_t)((late << 30) / (late + pacer->prompt));
}

/* True: so many come too late that a quarter with many answers would not be below the limit for certain, either. */
static bool comes_late_often(const struct pacer *pacer)
{
    return late_chance(pacer) > ((uint64_t)pacer->rules.limit << 30) / ONE / OFTEN_PARTS;
}

/* How many more the quarter bears of those who find their agent too late: the only one, where that is often. */
static int64_t quarter_bears(const struct pacer *pacer, struct pacer_bound bound)
{
    int64_t only = ONE - (int64_t)pacer->quarter.all_abandoned * ONE;
    return comes_late_often(pacer) && only < bound.quarter ? only : bound.quarter;
}

/* Nothing has shown yet whether agents come in time. */
static bool is_unproved(const struct pacer *pacer)
{
    return pacer->proved == 0 && pacer->prompt < ONE && pacer->late == 0;
}

/* So many that hardly two people answer before the first of them has shown it: by their share, a quarter of one. */
static uint64_t first_numbers(const struct pacer *pacer)
{
    return 1 + durations_count(&pacer->ended) / (FIRST_PARTS * (durations_count(&pacer->answered) + 1));
}

/* Agents have not shown that they come in time, or that they do not: so many may ring and wait at once. A quarter in
 * which many answer, and few too late, goes on: if nothing was dialled after a loss, too few would answer in it for
 * those who are lost. */
static uint64_t may_be_tried(const struct pacer *pacer, uint64_t now_us, struct pacer_bound bound)
{
    bool some = comes_late(pacer), none = some && bound.credit < ONE, used_up = bound_credit(bound) < ONE;
    bool goes_on = many_answer(pacer, now_us) && !comes_late_often(pacer);
    if (some && !goes_on && quarter_bears(pacer, bound) < ONE) return 0;
    if ((none || (used_up && pacer->late >= LATE_STOPS)) && now_us < pacer->again_us) return 0;
    if (none || (used_up && pacer->late >= LATE_SLOW)) return 1;
    return is_unproved(pacer) ? first_numbers(pacer) : 2 + 2 * (uint64_t)pacer->proved;
}

/* True: too many of those who ring and wait would find their agent too late, by what the bound has room for. One number
 * may always ring. */
static bool too_many_late(const struct pacer *pacer, uint64_t now_us, uint64_t rings, struct pacer_bound bound)
{
    uint64_t chance = late_chance(pacer), new = rings - pacer->ringing.total + 1;
    if (chance == 0 || rings + pacer->waiting == 0) return false;
    int64_t room = pacer_smaller(bound.credit, quarter_bears(pacer, bound));
    if (room < ONE) room = ONE;
    uint64_t answered = durations_count(&pacer->answered) + 1, ended = durations_count(&pacer->ended) + 1;
    uint64_t answers = forecast_answers(pacer, now_us, WHOLE_RING_US) + ANSWER_ONE * (uint64_t)pacer->waiting +
                       ANSWER_ONE * answered / ended * new;
    uint64_t lost = (answers >> 10) * (chance >> 10) >> 20; /* in parts of 1,024 */
    return lost * LATE_ROOM_PARTS * ONE > (uint64_t)room << 10;
}

/* So many may ring that stand for agents who are ready, with as many lines per agent as is set. */
static uint64_t may_be_promised(const struct pacer *pacer, int64_t ready, bool learns)
{
    uint64_t per_agent = learns ? ONE : pacer->rules.per_agent;
    if (pacer->rules.limit == 0 && per_agent > ONE) per_agent = ONE;
    return ready > 0 ? (uint64_t)ready * per_agent / ONE : 0;
}

/* Of other campaigns on the same agents: somebody has answered, and will show in a moment whether agents come in time.
 */
static bool answered_beside(const struct pacer_agents *agents)
{
    uint32_t at = 0;
    while (at < agents->beside_count && agents->beside[at]->waiting == 0) at++;
    return at < agents->beside_count;
}

/* The numbers of other campaigns on the same agents tell as much about when agents come. */
static uint64_t under_way_beside(const struct pacer_agents *agents)
{
    uint64_t count = agents->begun;
    for (uint32_t at = 0; at < agents->beside_count; at++)
        count += agents->beside[at]->ringing.total + agents->beside[at]->waiting;
    return count;
}

/* Why not one more is dialled, of what does not look ahead. */
static bool stops_first(const struct pacer *pacer, uint64_t now_us, const struct pacer_agents *agents, uint64_t rings,
                        struct pacer_answer *answer)
{
    const struct pacer_bound bound = pacer_bound(pacer, now_us);
    uint64_t tried = may_be_tried(pacer, now_us, bound);
    if (pacer_stops(answer, PACER_WHY_lines, rings >= pacer->rules.lines)) return true;
    bool first = is_unproved(pacer), full = rings + pacer->waiting >= tried;
    bool late = tried <= 1 && !first && rings + pacer->waiting + under_way_beside(agents) >= tried;
    if (pacer_stops(answer, PACER_WHY_late, late)) return true;
    if (pacer_stops(answer, PACER_WHY_some_late, too_many_late(pacer, now_us, rings, bound))) return true;
    return pacer_stops(answer, PACER_WHY_first_calls, full || (first && answered_beside(agents)));
}

static uint32_t either_chance(uint32_t one, uint32_t other)
{
    uint64_t sum = (uint64_t)one + other;
    return sum < CHANCE_ONE ? (uint32_t)sum : CHANCE_ONE;
}

/* `most`: so many may ring, of which those beyond the agents who are ready are for agents who will be. */
static void pacer_look_ahead(struct pacer *pacer, uint64_t now_us, const struct pacer_agents *agents, int64_t ready,
                             uint64_t most, struct pacer_answer *answer)
{
    struct forecast forecast;
    struct pacer_bound bound = pacer_bound(pacer, now_us);
    if (agents->beside_count != 0) bound = pacer_bound_least(bound, agents->bound);
    int64_t credit = bound_credit(bound);
    if (pacer->ringing.total >= most || stops_first(pacer, now_us, agents, pacer->ringing.total, answer)) return;
    forecast_make(&forecast, pacer, agents, now_us);
    const uint32_t late = late_chance(pacer);
    for (uint64_t rings = pacer->ringing.total; rings < most; rings++, answer->dial++) {
        bool over = (int64_t)rings >= ready;
        if (stops_first(pacer, now_us, agents, rings, answer)) return;
        uint32_t may = pacer_may(bound, forecast_together(&forecast));
        answer->allowed = (uint32_t)((uint64_t)may * pacer->eased >> 30);
        uint32_t none = forecast_lost(&forecast, ready), lost = either_chance(none, late);
        bool risky = (over ? lost : none) > may;
        answer->lost = lost;
        if (pacer_stops(answer, PACER_WHY_limit, over && (risky || bound.credit < 0) && credit < ONE)) return;
        if (pacer_stops(answer, PACER_WHY_too_likely_lost, over && risky)) return;
        if (pacer_stops(answer, PACER_WHY_others, risky)) return;
        if (pacer_stops(answer, PACER_WHY_goal_reached, pacer->eased < CHANCE_ONE && none >= answer->allowed)) return;
        forecast_dial(&forecast);
        if (pacer_stops(answer, PACER_WHY_limit, !affords_jump(bound, &forecast, ready))) return;
        if (pacer_stops(answer, PACER_WHY_limit, over && !pacer_affords(pacer, now_us, bound, &forecast, ready)))
            return;
    }
}

/* For agents who are ready and not promised yet. */
static void pacer_progress(struct pacer *pacer, uint64_t now_us, const struct pacer_agents *agents, int64_t ready,
                           bool learns, struct pacer_answer *answer)
{
    uint64_t most = may_be_promised(pacer, ready - agents->promised, learns);
    answer->why = ready <= 0                  ? PACER_WHY_no_agent_ready
                  : agents->promised >= ready ? PACER_WHY_promised
                                              : PACER_WHY_enough_ringing;
    pacer_look_ahead(pacer, now_us, agents, ready, most, answer);
    if (learns && answer->why == PACER_WHY_enough_ringing) answer->why = PACER_WHY_learning;
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
    struct pacer_answer answer = {.why = PACER_WHY_agents_dial, .credit = bound_credit(pacer_bound(pacer, now_us))};
    int64_t ready = (int64_t)agents->ready - agents->taken - pacer->rules.reserve - pacer->waiting;
    ceiling_move(&pacer->ceiling, now_us);
    ceiling_move(&pacer->quarter, now_us);
    cohorts_move(&pacer->ringing, now_us);
    cohorts_move(&pacer->talking, now_us);
    cohorts_move(&pacer->wrapping, now_us);
    answers_follow(pacer, now_us);
    surplus_begins(pacer);
    pacer_follow_agents(pacer, now_us, agents);
    pacer_ages(pacer, now_us);
    switch ((enum pacer_mode)pacer->rules.mode) {
    case PACER_preview:
    case PACER_push_preview:
    case PACER_MODES:
        break;
    case PACER_power:
        pacer_fill_answer(pacer, &answer);
        break;
    case PACER_progressive:
        pacer_progress(pacer, now_us, agents, ready, false, &answer);
        break;
    case PACER_predictive:
        if (pacer_promises(pacer, agents))
            pacer_progress(pacer, now_us, agents, ready, pacer->rules.limit != 0, &answer);
        else
            pacer_look_ahead(pacer, now_us, agents, ready, UINT64_MAX, &answer);
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
