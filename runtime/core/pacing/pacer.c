/* runtime/core/pacing/pacer.c - The pacer: what it learns from its campaign's calls, and the rule of each mode. */
#include "runtime/core/pacing/pacer.h"

#include <assert.h>

#include "vm/keep.h"
#include "runtime/core/pacing/forecast.h"

/* Beginnings are counted in steps of 0.5 s (numbers that ring), 4 s (talks) and 1 s (after-call work). When a count of
 * durations is full, half of each of its numbers is forgotten; the same happens after some time. If few people answer,
 * the count of attempts may grow larger before this. About the last 32 answers count as recent. Credit is counted in
 * thousandths. The share of time that agents are busy is smoothed over nine minutes, and so is the number of agents
 * whom other calls take. */
enum { RINGING_SHIFT = 19, TALKING_SHIFT = 22, WRAPPING_SHIFT = 20, ATTEMPTS_MAX = 4096, ANSWERED_MIN = 256 };
enum { CALLS_MAX = 1024, ONE = 1000 };
/* The share of answered attempts is computed after BLOCK_ANSWERS answers; the highest share loses a 16th each time. */
enum { BLOCK_ANSWERS = 32, HIGHEST_FADES = 16 };
enum { LATELY_SHIFT = 4, LATELY_MOST = 2 * ANSWER_ONE << LATELY_SHIFT };
#define SMOOTHED_US (UINT64_C(1) << 29)
#define FOLLOWED_US (UINT64_C(1) << 16)
#define QUARTER_US  UINT64_C(900000000)

/* Each 134 s older knowledge counts less, since people change: evidence loses a 24th each time, and a large count of
 * durations a half each 16th time. */
enum { AGE_SHIFT = 27, AGES_HALF = 16, AGES_ALL = 4 * AGES_HALF, MANY = 512, MANY_CALLS = 256, EVIDENCE_FADES = 24 };

/* Evidence that agents come too late, in 1024ths of a power of two: the ratio of the likelihoods of two hypotheses,
 * that one agent in five comes too late and that one in two hundred does; it is never less than 1. */
enum { LATE_MORE = 5450, LATE_LESS = 322, LATE_SLOW = 4096, LATE_STOPS = 8192, LATE_MOST = 16384 };
enum { PROVED_MOST = 1000000 };

/* When less than TARDY_LEAST of the count of late agents is left, in thousandths, the pacer forgets that some agents
 * come too late. Agents are nearly too late when almost all of them need five eighths of the wait. If the share of
 * late agents is more than a third of the limit, agents count as often late. A 32nd of the people for whom the bound
 * has room may be lost at once by late agents: a 64th would keep agents idle, and with an 8th two people would be
 * lost together. */
enum { TARDY_LEAST = 125, SHARE_MOST = 1 << 24, NEARLY_PARTS = 8, NEARLY = 5, OFTEN_PARTS = 3, LATE_ROOM_PARTS = 32 };
enum { FIRST_COME = 16 * ONE, FIRST_PARTS = 4 };

/* The first pause, after which the pacer tries again whether agents come in time, and the longest pause. Twenty
 * minutes with a slow switch cost one try; telephones that always ring too long cost five tries in eight hours. */
#define PAUSE_FIRST_US UINT64_C(600000000)
#define PAUSE_MOST_US  UINT64_C(86400000000)
#define WHOLE_RING_US  PAUSE_FIRST_US /* no number rings for longer */

/* The struct is hashed as bytes, so it must have nothing but counts. */
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

/* Takes over an earlier pacer's knowledge. After-call work of its calls may still go on, and its end is not reported
 * any more. */
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

/* Writes or reads the bound. A pacer of an older snapshot counts its agents as coming in time, and learns the rest. */
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

/* Writes or reads the best share of answers; a pacer of an older snapshot learns it from its next answers. */
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

/* Writes or reads the pause. Older snapshots have none: such a pacer may dial a number at once. */
static void keep_pause(struct pacer *pacer, struct keeper *keeper)
{
    if (!keep_has(keeper, PACER_HAS_PAUSE)) return;
    pacer->again_us = keep_u64(keeper, pacer->again_us);
    pacer->pause_us = keep_u64(keeper, pacer->pause_us);
    if (pacer->pause_us > PAUSE_MOST_US) keep_fail(keeper, "a pacer pauses for longer than any does");
}

/* Writes or reads the share of late agents; a pacer of an older snapshot learns it from its next answers. */
static void keep_late_share(struct pacer *pacer, struct keeper *keeper)
{
    if (!keep_has(keeper, PACER_HAS_LATE_SHARE)) return;
    pacer->tardy = keep_u32(keeper, pacer->tardy);
    pacer->prompt = keep_u32(keeper, pacer->prompt);
    if (pacer->tardy > SHARE_MOST || pacer->prompt > SHARE_MOST)
        keep_fail(keeper, "a pacer has more agents who came than are counted");
}

/* Writes or reads how long people are kept waiting; a pacer of an older snapshot learns it from the next person who
 * is let go. */
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

/* Adds answers to `came` or to `expected`. Before an addition, both `came` and `expected` lose a share of their value,
 * so that older answers count less. */
static void lately_add(struct pacer *pacer, uint32_t *to, uint64_t answers)
{
    const uint64_t most = ANSWER_ONE << LATELY_SHIFT;
    if (answers > most) answers = most;
    pacer->came -= (uint32_t)(pacer->came * answers / (2 * most));
    pacer->expected -= (uint32_t)(pacer->expected * answers / (2 * most));
    *to += (uint32_t)answers;
}

/* Adds the answers that were to be expected of all attempts that have rung since the last time, also of those that
 * still ring: attempts that are answered end first, so the ended ones alone would mislead. */
static void answers_follow(struct pacer *pacer, uint64_t now_us)
{
    uint64_t passed_us = now_us - pacer->followed_us;
    if (passed_us < FOLLOWED_US) return;
    cohorts_move(&pacer->ringing, now_us);
    lately_add(pacer, &pacer->expected, forecast_answers(pacer, pacer->followed_us, passed_us));
    pacer->followed_us = now_us;
}

/* Counts answers only from the moment at which no more had come than were expected: when more people answer than
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

/* Updates the highest share of answers after a block of answers: it becomes the share in this block, or the earlier
 * highest share reduced somewhat. */
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

/* Learns a time that is almost never exceeded: a longer one counts at once, a shorter one gradually. */
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

/* A person was let go after `us`: if this was early, agents who are free later are too late from now on. */
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

/* Begins a pause. Each try that fails doubles the pause; it becomes four times as long if earlier tries were in
 * time, for then the try has cost as much as any answer and shown nothing new. Losses from numbers that rang already
 * when a pause began do not count as tries. */
static void pause_begins(struct pacer *pacer, uint64_t now_us)
{
    if (now_us < pacer->again_us) return;
    uint64_t longer_us = pacer->pause_us * (pacer->late >= LATE_STOPS ? 2 : 4);
    pacer->pause_us = longer_us < PAUSE_MOST_US ? longer_us : PAUSE_MOST_US;
    if (pacer->pause_us < PAUSE_FIRST_US) pacer->pause_us = PAUSE_FIRST_US;
    pacer->again_us = now_us + pacer->pause_us;
}

/* Adds one to a count in thousandths. */
static void share_add(uint32_t *count)
{
    *count = *count < SHARE_MOST - ONE ? *count + ONE : SHARE_MOST;
}

/* An agent came too late. Of several late ones in a row, because of a switch that is slow for a while, only the
 * first count in the share: the evidence covers the others. */
static void came_late(struct pacer *pacer, uint64_t now_us)
{
    if (pacer->late < LATE_STOPS) share_add(&pacer->tardy);
    pacer->late = pacer->late + LATE_MORE < LATE_MOST ? pacer->late + LATE_MORE : LATE_MOST;
    if (pacer->late >= LATE_STOPS || ceiling_credit(&pacer->ceiling, now_us) < ONE) pause_begins(pacer, now_us);
}

/* An agent came in time. After the pause this shows that the trouble may be over: then a few more agents in time are
 * enough. */
static void came_in_time(struct pacer *pacer, uint64_t now_us)
{
    if (pacer->late > LATE_STOPS && now_us >= pacer->again_us) pacer->late = LATE_STOPS;
    pacer->late = pacer->late > LATE_LESS ? pacer->late - LATE_LESS : 0;
}

/* Takes what another campaign has seen: one lost person is evidence against the agents for all campaigns, but each
 * campaign clears them by its own calls. */
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

/* Lets time pass for the count of agents whom other calls take: the count and the time of watching lose weight. */
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

/* True: each agent has had a call: the first calls that end are the short ones, and would mislead. */
bool pacer_has_learnt(const struct pacer *pacer, const struct pacer_agents *agents)
{
    uint32_t calls = durations_count(&pacer->wrapped), all = agents->ready + agents->busy;
    return durations_count(&pacer->answered) >= pacer->rules.learn && calls >= pacer->rules.learn &&
           (calls >= all || calls >= CALLS_MAX / 2);
}

bool pacer_promises(const struct pacer *pacer, const struct pacer_agents *agents)
{
    /* without a limit nobody may be lost */
    bool predicts = pacer->rules.mode == PACER_predictive && pacer->rules.limit != 0;
    return !predicts || !pacer_has_learnt(pacer, agents) || agents->ready + agents->busy == 0;
}

uint32_t pacer_uses(const struct pacer *pacer)
{
    return pacer->waiting + pacer->talking.total + pacer->wrapping.total;
}

/* Forgets by age, in steps of passed time; after a long time hardly anything is left. While no number is tried,
 * nothing shows whether agents come in time, so that knowledge is kept. */
static void pacer_ages(struct pacer *pacer, uint64_t now_us)
{
    uint64_t step = pacer->aged_us >> AGE_SHIFT, now = now_us >> AGE_SHIFT;
    /* the pacer is asked for the first time, and may already have learnt something */
    if (pacer->aged_us == 0) step = now;
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
    struct pacer seen = *other; /* a copy, since the other pacer may not have been moved up to now */
    pacer_ages(&seen, now_us);
    raise_to(&pacer->served_us, seen.served_us);
    raise_to(&pacer->again_us, seen.again_us);
    raise_to(&pacer->pause_us, seen.pause_us);
    if (seen.late > pacer->late) pacer->late = seen.late;
    if (seen.tardy <= pacer->tardy) return;
    pacer->tardy = seen.tardy;
    pacer->prompt = seen.prompt;
}

/* Returns the goal in parts of CHANCE_ONE: a share of time, or the share that follows from the wait between calls. */
static uint64_t pacer_goal(const struct pacer *pacer)
{
    uint64_t share = (uint64_t)CHANCE_ONE * pacer->rules.busy / 1000;
    if (pacer->rules.agent_wait_us == 0) return share;
    uint64_t handled_us = durations_mean_us(&pacer->talked) + durations_mean_us(&pacer->wrapped);
    uint64_t of_wait = (handled_us << 20) / (handled_us + pacer->rules.agent_wait_us) << 10;
    return of_wait < share ? of_wait : share;
}

/* Updates how busy agents are, and dials less when this is above the goal. Nothing is updated after a time that is too
 * short to show a difference. */
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

/* RISK_PARTS: by chance the limit may be exceeded on one day in 200. LEAST_PARTS: what is always allowed adds about the
 * same risk. */
enum { RISK_PARTS = 200, LEAST_PARTS = 5000 };

/* A quarter of an hour allows only a part of the chance that its credit would allow. A lost person often comes
 * together with another one whose number rings already, and that is too much for a quarter in which few more may be
 * lost. */
enum { QUARTER_PARTS = 2, QUARTER_PARTS_FEW = 4, QUARTER_FEW = 3 * ONE };

/* Returns the chance of being lost that a credit allows for the next answer: the one at which V(credit), see
 * pacer.h, is expected to stay as it is. With a = 1 + credit, and b and c the same after an answer that is not lost
 * and one that is lost: (1/a - 1/b) / (1/c - 1/b) = limit c/a, or, if the lost one exceeds the limit, RISK limit /
 * ab. */
static uint64_t allowed_by(int64_t credit, uint64_t limit)
{
    const int64_t most = 1000000;
    if (credit < 0 || limit == 0) return 0;
    uint64_t spare = (uint64_t)(credit < most ? credit : most), a = ONE + spare, b = a + limit, c = spare + limit;
    uint64_t chance = (limit << 30) / ONE;
    return c < ONE ? chance / RISK_PARTS * ONE / a * ONE / b : chance * c / a;
}

/* Returns the chance that both credits allow. A day has many quarters of an hour, each with a credit of its own: so
 * a quarter's credit allows only a part of what the same credit of the window would. A chance of one in 5,000 is
 * always allowed, because otherwise nothing would be dialled where other calls use the same agents. */
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

/* True: so many people answer in a quarter of an hour that the limit allows two of them to be lost. */
static bool many_answer(const struct pacer *pacer, uint64_t now_us)
{
    return ceiling_credit_of_few(&pacer->quarter, now_us) + (int64_t)pacer->quarter.all_abandoned * ONE >= 2 * ONE;
}

/* Returns how much of a credit one lost person uses up. */
static int64_t bound_one(struct pacer_bound bound)
{
    return ONE - (int64_t)bound.limit;
}

/* True: a number may be dialled in addition to those for ready agents. The credit must have room for one more lost
 * person, and for as many as are lost in the worst case. The few answers that a single agent has never give so much
 * credit. If many people answer, the credit of the quarter of an hour is not checked: if nothing were dialled ahead
 * after a loss, too few answers would come in it to make up for the loss. */
static bool pacer_affords(const struct pacer *pacer, uint64_t now_us, struct pacer_bound bound,
                          const struct forecast *forecast, int64_t ready)
{
    uint32_t worst = forecast_worst(forecast, ready);
    int64_t credit = many_answer(pacer, now_us) ? bound.credit : bound_credit(bound);
    return credit >= (int64_t)(worst > 1 ? worst : 1) * bound_one(bound);
}

/* True: both credits have room for the people who would be lost if answers suddenly became more frequent. */
static bool affords_jump(struct pacer_bound bound, const struct forecast *forecast, int64_t ready)
{
    int64_t lost = forecast_worst_jump(forecast, ready);
    return lost == 0 || bound_credit(bound) >= lost * bound_one(bound);
}

/* Notes the reason for dialling no further number, if `is_so`, and returns `is_so`. */
static bool pacer_stops(struct pacer_answer *answer, enum pacer_reason why, bool is_so)
{
    if (is_so) answer->why = why;
    return is_so;
}

static bool comes_late(const struct pacer *pacer)
{
    return pacer->tardy >= TARDY_LEAST;
}

/* Returns the chance that an agent who is there comes too late, computed with one further late agent; 0 if none
 * comes too late or nearly too late. */
static uint32_t late_chance(const struct pacer *pacer)
{
    bool nearly = pacer->served_us + pacer->told_us > pacer->rules.wait_us / NEARLY_PARTS * NEARLY;
    if (!comes_late(pacer) && !nearly) return 0;
    uint64_t late = (uint64_t)pacer->tardy + ONE;
    return (uint32_t)((late << 30) / (late + pacer->prompt));
}

/* True: so many agents come too late that even a quarter of an hour with many answers would not certainly stay below
 * the limit. */
static bool comes_late_often(const struct pacer *pacer)
{
    return late_chance(pacer) > ((uint64_t)pacer->rules.limit << 30) / ONE / OFTEN_PARTS;
}

/* Returns how many more people the quarter of an hour may lose because their agent comes too late; if that happens
 * often, only one in all. */
static int64_t quarter_bears(const struct pacer *pacer, struct pacer_bound bound)
{
    int64_t only = ONE - (int64_t)pacer->quarter.all_abandoned * ONE;
    return comes_late_often(pacer) && only < bound.quarter ? only : bound.quarter;
}

/* True: nothing has shown yet whether agents come in time. */
static bool is_unproved(const struct pacer *pacer)
{
    return pacer->proved == 0 && pacer->prompt < ONE && pacer->late == 0;
}

/* Returns how many numbers may ring at first: so few that probably at most one person answers before the first
 * answer shows whether agents come in time. */
static uint64_t first_numbers(const struct pacer *pacer)
{
    return 1 + durations_count(&pacer->ended) / (FIRST_PARTS * (durations_count(&pacer->answered) + 1));
}

/* Returns how many numbers may ring and wait at once while it is open whether agents come in time. In a quarter of
 * an hour with many answers and few late agents dialling continues: if nothing were dialled after a loss, too few
 * answers would come in it to make up for the loss. */
static uint64_t may_be_tried(const struct pacer *pacer, uint64_t now_us, struct pacer_bound bound)
{
    bool some = comes_late(pacer), none = some && bound.credit < ONE, used_up = bound_credit(bound) < ONE;
    bool goes_on = many_answer(pacer, now_us) && !comes_late_often(pacer);
    if (some && !goes_on && quarter_bears(pacer, bound) < ONE) return 0;
    if ((none || (used_up && pacer->late >= LATE_STOPS)) && now_us < pacer->again_us) return 0;
    if (none || (used_up && pacer->late >= LATE_SLOW)) return 1;
    return is_unproved(pacer) ? first_numbers(pacer) : 2 + 2 * (uint64_t)pacer->proved;
}

/* True: too many of the people who ring and wait would find that their agent comes too late, more than the bound has
 * room for. One number may always ring. */
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

/* Returns how many numbers may ring for ready agents, with as many lines per agent as the rules say. */
static uint64_t may_be_promised(const struct pacer *pacer, int64_t ready, bool learns)
{
    uint64_t per_agent = learns ? ONE : pacer->rules.per_agent;
    if (pacer->rules.limit == 0 && per_agent > ONE) per_agent = ONE;
    return ready > 0 ? (uint64_t)ready * per_agent / ONE : 0;
}

/* True: a person has answered another campaign on the same agents, which will soon show whether agents come in time. */
static bool answered_beside(const struct pacer_agents *agents)
{
    uint32_t at = 0;
    while (at < agents->beside_count && agents->beside[at]->waiting == 0) at++;
    return at < agents->beside_count;
}

/* Returns how many numbers of other campaigns on the same agents are in progress: they show as well whether agents
 * come in time. */
static uint64_t under_way_beside(const struct pacer_agents *agents)
{
    uint64_t count = agents->begun;
    for (uint32_t at = 0; at < agents->beside_count; at++)
        count += agents->beside[at]->ringing.total + agents->beside[at]->waiting;
    return count;
}

/* True: no further number may be dialled, for one of the reasons that need no forecast. */
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

/* Dials as the forecast allows. `most`: so many numbers may ring; those beyond the ready agents are for agents who
 * will be ready. */
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

/* Dials in the progressive mode: one number for each ready agent for whom no number rings yet. */
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

/* Fills the answer in the mode power: each port is used by a number that rings or by a person who is connected. */
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
