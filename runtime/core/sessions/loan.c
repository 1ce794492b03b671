/* runtime/core/sessions/loan.c - Lends agents to other domains, borrows agents of other domains, and ends both in
 * time.
 *
 *     home                                         other domain
 *     ASKED   the agent still has work
 *     OUT     Lend(number, until) ------------>    IN      may give the agent work
 *             <--------- LoanAnswer(held) ----
 *             Lend again before `until`   ---->    IN, longer
 *             Lend(ends) --------------------->    BACK    waits until the agent's work is over
 *             <------- LoanAnswer(not held) --
 *
 * A lease ends by its time on both sides even if no message arrives. The borrower uses a safety margin
 * (LOAN_MARGIN_US), so that it has stopped before the home begins again: the two domains never give work to one agent
 * at the same time. Each Lend has a number, and lower numbers are ignored. Times are those of the wall clock, because
 * two domains have no other clock in common. */
#include "runtime/core/sessions/loan.h"

#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"

#define LEASE_MIN_US INT64_C(5000000)
#define LEASE_MAX_US INT64_C(3600000000)
#define LASTS_MAX_US (INT64_C(31) * 86400 * 1000000)

static bool loan_is_ours(const struct loan *loan)
{
    return loan->state == LOAN_ASKED || loan->state == LOAN_OUT;
}

static struct loan *loan_find(const struct loans *loans, uint32_t agent)
{
    for (uint32_t at = 0; at < loans->count; at++)
        if (loans->all[at].agent == agent) return &loans->all[at];
    return NULL;
}

unsigned loan_of(const struct loans *loans, uint32_t agent)
{
    const struct loan *loan = loan_find(loans, agent);
    return loan ? loan->domain : 0;
}

/* Returns the wall clock's time for loans of another domain's agents: the present time, also in a batch of earlier
 * events. The home does not wait for a domain that was stopped. A core that replays old events must not use an agent
 * whose lease is over by now. */
static int64_t theirs_now_us(const struct loans *loans)
{
    return now_wall_us(loans->now) + loans->behind_us;
}

/* Returns the time from which a borrowed agent (IN) is given nothing more. */
static int64_t loan_leaves_us(const struct loan *loan)
{
    return loan->until_us - LOAN_MARGIN_US;
}

uint64_t loan_ends_us(const struct loans *loans, uint32_t agent)
{
    const struct loan *loan = loan_find(loans, agent);
    if (!loan) return 0;
    int64_t wall_us = loan_is_ours(loan) ? loan->end_us : loan_leaves_us(loan);
    return wall_us > loans->now->wall_offset_us ? (uint64_t)(wall_us - loans->now->wall_offset_us) : 1;
}

/* Returns until when the claim's agent may answer: a borrowed agent who is only asked must answer before the lease
 * ends. 0: no bound. */
uint64_t loan_gives_until_us(const struct loans *loans, const struct claim *claim)
{
    bool accepted = claim->state != CLAIM_INVITED && claim->ref != 0, has = claim->state == CLAIM_ACTIVE || accepted;
    if (agent_at(loans->agents, claim->agent)->home == 0 || has || claim->mover != 0) return 0;
    uint64_t ends_us = loan_ends_us(loans, claim->agent);
    return ends_us > 0 ? ends_us : 1;
}

/* Adds a loan; the agent keeps its slot, because the row refers to it. */
static struct loan *loan_add(struct loans *loans, const struct loan *loan)
{
    loans->all = memory_grow(loans->all, &loans->capacity, loans->count + 1, sizeof *loans->all);
    loans->all[loans->count] = *loan;
    agent_refer(loans->agents, loan->agent);
    return &loans->all[loans->count++];
}

static void loan_remove(struct loans *loans, struct loan *loan)
{
    *loan = loans->all[--loans->count];
}

static void loan_set_agent(struct loans *loans, uint32_t agent, enum agent_lent lent)
{
    if (agent_at(loans->agents, agent)->lent == lent) return;
    agent_set_lent(loans->agents, agent, lent);
    agent_settle(loans->agents, agent, loans->now->time_us, false);
}

static bool loan_agent_is_free(const struct loans *loans, uint32_t agent)
{
    return agent_at(loans->agents, agent)->claimed == 0;
}

static void loan_ends_early(struct loans *loans, const struct loan *loan, unsigned what)
{
    fact_tell(loans->facts, &(struct fact){.what = (uint16_t)what, .name = agent_at(loans->agents, loan->agent)->name});
}

/* ---- messages to other domains, and their answers ---- */

static void lend_tell(struct loans *loans, const struct loan *loan, unsigned link)
{
    if (link == 0) return; /* the loan is reported when a link is up */
    effect_begin(loans->effects, &(struct effect){.kind = KIND_Lend, .link = link});
    struct writer *writer = &loans->effects->writer;
    writer_bytes(writer, Lend_agent, names_text(loans->names, agent_at(loans->agents, loan->agent)->name));
    writer_u(writer, Lend_domain, loan->domain);
    writer_u(writer, Lend_number, loan->number);
    writer_i(writer, Lend_from, loan->from_us);
    writer_i(writer, Lend_until, loan->until_us);
    writer_u(writer, Lend_ends, loan->ends);
    effect_end(loans->effects);
}

/* Lends the agent under a new number, which the other domain must answer. `longer`: a new lease begins. */
static void lend_again(struct loans *loans, struct loan *loan, bool longer)
{
    int64_t now_us = now_wall_us(loans->now);
    /* the wall clock is greater than any number in a lost part of the journal */
    uint64_t least = now_us > 0 ? (uint64_t)now_us : 0;
    loans->last_number = least > loans->last_number ? least : loans->last_number + 1;
    loan->number = loans->last_number;
    loan->answered = false;
    loan->from_us = now_us;
    if (longer) loan->until_us = now_us + (int64_t)loan->lease_us;
    lend_tell(loans, loan, link_that_can(loans->links, 0, CAP_DOMAINS));
}

static void answer_tell(struct loans *loans, unsigned link, struct span agent, unsigned domain, uint64_t number,
                        bool held)
{
    if (link == 0) return;
    effect_begin(loans->effects, &(struct effect){.kind = KIND_LoanAnswer, .link = link});
    struct writer *writer = &loans->effects->writer;
    writer_bytes(writer, LoanAnswer_agent, agent);
    writer_u(writer, LoanAnswer_domain, domain);
    writer_u(writer, LoanAnswer_number, number);
    writer_u(writer, LoanAnswer_held, held);
    effect_end(loans->effects);
}

/* ---- the end of loans, by time or work ---- */

static void loan_begins(struct loans *loans, struct loan *loan)
{
    loan->state = LOAN_OUT;
    lend_again(loans, loan, true);
}

static void loan_wants_back(struct loans *loans, struct loan *loan)
{
    loan->ends = true;
    lend_again(loans, loan, false);
}

/* The clock was set back, so it is unknown how long ago the loan began: it counts as begun now. */
static void loan_begins_now(struct loan *loan, int64_t now_us)
{
    loan->end_us -= loan->from_us - now_us;
    loan->until_us = now_us + (int64_t)loan->lease_us;
    loan->from_us = now_us;
}

/* Acts on a loan of an own agent. False: the loan is over. The checks in order: the clock, a loan that never began,
 * a lease that ran out, a loan that is over, one that must be renewed at half of its time. */
static bool ours_looked(struct loans *loans, struct loan *loan, int64_t now_us)
{
    if (now_us < loan->from_us) loan_begins_now(loan, now_us);
    if (loan->state == LOAN_ASKED && now_us >= loan->end_us) return false;
    if (loan->state == LOAN_ASKED) {
        if (loan_agent_is_free(loans, loan->agent)) loan_begins(loans, loan);
        return true;
    }
    if (now_us >= loan->until_us) {
        loan_ends_early(loans, loan, FACT_loan_lapsed);
        return false;
    }
    if (!loan->ends && now_us >= loan->end_us)
        loan_wants_back(loans, loan);
    else if (loan->answered && now_us >= loan->until_us - (int64_t)loan->lease_us / 2)
        lend_again(loans, loan, true);
    return true;
}

/* Acts on a borrowed agent. Two steps: at the end of the lease the agent gets nothing new, and is reported as free
 * when the agent's work is over. */
static bool theirs_looked(struct loans *loans, struct loan *loan, int64_t now_us)
{
    bool set_back = loan->from_us > now_us + LOAN_MARGIN_US;
    if (loan->state != LOAN_BACK && (set_back || now_us >= loan_leaves_us(loan))) {
        loan->state = LOAN_BACK;
        loan->answered = false;
        loan_set_agent(loans, loan->agent, AGENT_NOT_LENT);
    }
    if (loan->state != LOAN_BACK) return true;
    if (!loan->answered && loan_agent_is_free(loans, loan->agent)) {
        loan->answered = true;
        answer_tell(loans, link_that_can(loans->links, 0, CAP_DOMAINS),
                    names_text(loans->names, agent_at(loans->agents, loan->agent)->name), loan->domain, loan->number,
                    false);
    }
    return !loan->answered || now_us < loan->until_us;
}

/* Returns when the loan must be looked at next; INT64_MAX: when the agent's work is over. */
static int64_t loan_due_us(const struct loan *loan)
{
    int64_t due_us;
    switch ((enum loan_state)loan->state) {
    case LOAN_ASKED:
        return loan->end_us;
    case LOAN_OUT:
        due_us = loan->answered ? loan->until_us - (int64_t)loan->lease_us / 2 : loan->until_us;
        return loan->ends || due_us < loan->end_us ? due_us : loan->end_us;
    case LOAN_IN:
        return loan_leaves_us(loan);
    case LOAN_RESTS:
        return INT64_MIN;
    case LOAN_BACK:
        break;
    }
    return loan->answered ? loan->until_us : INT64_MAX;
}

/* Sets the timer for the next loan; a time in the past becomes the next microsecond and not now, so that time goes
 * on. */
static void loans_set_timer(struct loans *loans)
{
    loans->due_us = INT64_MAX;
    loans->works = 0;
    for (uint32_t at = 0; at < loans->count; at++) {
        const struct loan *loan = &loans->all[at];
        int64_t due_us = loan_due_us(loan);
        if (due_us < loans->due_us) loans->due_us = due_us;
        loans->works += loan->state == LOAN_ASKED || (loan->state == LOAN_BACK && !loan->answered);
    }
    timer_cancel(loans->timers, &loans->timer);
    if (loans->due_us == INT64_MAX) return;
    uint64_t now_us = loans->now->time_us;
    bool later = loans->due_us > now_wall_us(loans->now);
    timer_set(
        loans->timers,
        &(struct timer){.deadline_us = later ? (uint64_t)(loans->due_us - loans->now->wall_offset_us) : now_us + 1,
                        .kind = TIMER_LOAN});
}

/* Looks at all loans, from the last row on, since loan_remove() moves the last row into the gap. */
static void loans_look_all(struct loans *loans)
{
    int64_t now_us = now_wall_us(loans->now);
    for (uint32_t at = loans->count; at-- > 0;) {
        struct loan *loan = &loans->all[at];
        bool ours = loan_is_ours(loan);
        if (ours ? ours_looked(loans, loan, now_us) : theirs_looked(loans, loan, theirs_now_us(loans))) continue;
        if (ours) loan_set_agent(loans, loan->agent, AGENT_NOT_LENT);
        loan_remove(loans, loan);
    }
    loans_set_timer(loans);
}

static void loans_turn(struct loans *loans, enum loan_state from, enum loan_state to)
{
    for (uint32_t at = 0; at < loans->count; at++) {
        struct loan *loan = &loans->all[at];
        if (loan->state != from) continue;
        loan->state = (uint8_t)to;
        loan_set_agent(loans, loan->agent, to == LOAN_IN ? AGENT_LENT_HERE : AGENT_NOT_LENT);
    }
    loans_set_timer(loans);
}

/* Called at the beginning of a batch: a new leader's core keeps borrowed agents without work at first; loans_look()
 * uses them again. */
void loans_begin(struct loans *loans, bool first)
{
    loans->behind_us = 0;
    if (first) loans_turn(loans, LOAN_IN, LOAN_RESTS);
}

void loan_on_held(struct loans *loans, const struct message *message)
{
    int64_t behind_us = message_i(message, Held_behind);
    if (behind_us > LASTS_MAX_US) behind_us = LASTS_MAX_US; /* longer than any lease */
    loans->behind_us = behind_us > 0 ? behind_us : 0;
}

bool loans_look(struct loans *loans)
{
    if (theirs_now_us(loans) < loans->due_us) return false;
    loans_look_all(loans);
    loans_turn(loans, LOAN_RESTS, LOAN_IN);
    return true;
}

static void loans_claim_ends(void *self, uint32_t claim)
{
    struct loans *loans = self;
    (void)claim;
    loans->freed = loans->works > 0;
}

static void loans_settle(void *self)
{
    struct loans *loans = self;
    if (loans->freed) loans_look_all(loans);
    loans->freed = false;
}

void loan_on_time(struct loans *loans, const struct message *message)
{
    (void)message;
    loans_look_all(loans);
}

void loans_tell(struct loans *loans, unsigned link)
{
    for (uint32_t at = 0; at < loans->count; at++)
        if (loans->all[at].state == LOAN_OUT && !loans->all[at].answered) lend_tell(loans, &loans->all[at], link);
}

/* Drops the loans of other domains' agents after the journal was put back: such an agent may have been given back in
 * events that the journal lacks; the domains tell each other their loans again. */
void loan_on_epoch(struct loans *loans, const struct message *message)
{
    if (message_u(message, Epoch_restored) == 0) return;
    for (uint32_t at = loans->count; at-- > 0;) {
        struct loan *loan = &loans->all[at];
        if (loan_is_ours(loan)) continue;
        loan_set_agent(loans, loan->agent, AGENT_NOT_LENT);
        loan_remove(loans, loan);
    }
    loans_set_timer(loans);
}

/* ---- at home ---- */

static void loan_refuse(struct loans *loans, const struct message *message, enum code code, const char *text)
{
    effect_reply(loans->effects, message, outcome_error, code, text, NULL);
}

/* Lends an agent. All that can be wrong is checked first. The agent gets no work here from now on; the loan begins
 * when the agent's present work ends. */
void loan_lend(struct loans *loans, const struct message *message)
{
    uint32_t agent;
    uint64_t domain = message_u(message, AdminRequest_domain);
    int64_t lasts_us = message_i(message, AdminRequest_lasts), lease_us = message_i(message, AdminRequest_lease);
    if (lease_us == 0) lease_us = LOAN_LEASE_US;
    if (!agent_find(loans->agents, names_find(loans->names, message_text(message, AdminRequest_name)), &agent)) {
        loan_refuse(loans, message, code_invalid_attribute, "there is no such agent");
        return;
    }
    if (agent_at(loans->agents, agent)->home != 0) {
        loan_refuse(loans, message, code_invalid_state, "the agent belongs to another domain: lend them there");
    } else if (loan_of(loans, agent) != 0) {
        loan_refuse(loans, message, code_invalid_state,
                    loan_find(loans, agent)->ends ? "the agent is recalled, and not back yet: wait until they are"
                                                  : "the agent is lent already: recall them first");
    } else if (domain == 0 || domain > DOMAIN_MAX || domain == loans->domain) {
        loan_refuse(loans, message, code_invalid_attribute,
                    "expected another domain: its `partition`, from 1 to 65535, and not that of this one");
    } else if (lasts_us <= 0 || lasts_us > LASTS_MAX_US) {
        loan_refuse(loans, message, code_invalid_attribute, "a loan lasts 31 days at most");
    } else if (lease_us < LEASE_MIN_US || lease_us > LEASE_MAX_US) {
        loan_refuse(loans, message, code_invalid_attribute, "a lease is from 5 seconds to an hour");
    } else if (link_that_can(loans->links, 0, CAP_DOMAINS) == 0) {
        loan_refuse(loans, message, code_link_down, "no adapter `domains` is there");
    } else {
        loan_add(loans, &(struct loan){.agent = agent,
                                       .domain = (uint16_t)domain,
                                       .state = LOAN_ASKED,
                                       .from_us = now_wall_us(loans->now),
                                       .end_us = now_wall_us(loans->now) + lasts_us,
                                       .lease_us = (uint64_t)lease_us});
        loan_set_agent(loans, agent, AGENT_LENT_AWAY);
        loans_look_all(loans);
        effect_reply(loans->effects, message, outcome_ok, code_ok,
                     loan_agent_is_free(loans, agent) ? NULL : "the agent has work: the loan begins when that is over",
                     NULL);
    }
}

void loan_recall(struct loans *loans, const struct message *message)
{
    uint32_t agent;
    struct loan *loan = NULL;
    if (agent_find(loans->agents, names_find(loans->names, message_text(message, AdminRequest_name)), &agent))
        loan = loan_find(loans, agent);
    if (!loan || !loan_is_ours(loan)) {
        loan_refuse(loans, message, code_invalid_state, "the agent is not lent to another domain by this one");
        return;
    }
    if (loan->state == LOAN_ASKED)
        loan->end_us = now_wall_us(loans->now);
    else if (!loan->ends)
        loan_wants_back(loans, loan);
    loans_look_all(loans);
    effect_reply(loans->effects, message, outcome_ok, code_ok, NULL, NULL);
}

/* Another domain reports a loan with a number above any that is known here: the journal was put back to a state
 * before that loan. The loan is restored, and the agent is recalled at once. */
static void loan_found(struct loans *loans, uint32_t agent, const struct message *message)
{
    struct loan *loan = loan_find(loans, agent);
    int64_t now_us = now_wall_us(loans->now), until_us = message_i(message, EventLoanAnswer_until);
    uint64_t number = message_u(message, EventLoanAnswer_number), domain = message_u(message, EventLoanAnswer_domain);
    if (until_us <= now_us || domain == 0 || domain > DOMAIN_MAX || number <= loans->last_number || number > INT64_MAX)
        return; /* later numbers must be above this one, so it must leave room for them */
    if (loan) loan_remove(loans, loan);
    loans->last_number = number;
    loan =
        loan_add(loans, &(struct loan){.agent = agent,
                                       .domain = (uint16_t)domain,
                                       .state = LOAN_OUT,
                                       .until_us = until_us < now_us + LEASE_MAX_US ? until_us : now_us + LEASE_MAX_US,
                                       .end_us = now_us,
                                       .lease_us = LOAN_LEASE_US});
    loan_set_agent(loans, agent, AGENT_LENT_AWAY);
    loan_wants_back(loans, loan);
}

/* Takes a LoanAnswer; one with another number is no answer to this loan. Such an answer may show a loan that this
 * journal has lost. */
void loan_on_answer(struct loans *loans, const struct message *message)
{
    uint32_t agent;
    if (!link_can(loans->links, (unsigned)message_u(message, ENVELOPE_source), CAP_DOMAINS) ||
        !agent_find(loans->agents, names_find(loans->names, message_text(message, EventLoanAnswer_agent)), &agent))
        return;
    struct loan *loan = loan_find(loans, agent);
    bool answered = message_u(message, EventLoanAnswer_answered) != 0;
    if (!loan || loan->state != LOAN_OUT || loan->number != message_u(message, EventLoanAnswer_number)) {
        if (agent_at(loans->agents, agent)->home == 0) loan_found(loans, agent, message);
    } else if (answered && message_u(message, EventLoanAnswer_held) != 0) {
        loan->answered = true;
    } else if (answered) {
        if (!loan->ends) loan_ends_early(loans, loan, FACT_loan_refused);
        loan_set_agent(loans, agent, AGENT_NOT_LENT);
        loan_remove(loans, loan);
    }
    loans_look_all(loans);
}

/* ---- there ---- */

/* True: the Lend is acceptable. If the Lend was written later than now by this clock, by more than the margin, the
 * other clock differs so much that this domain would have the agent for too long. */
static bool lent_is_good(const struct loans *loans, const struct message *message, uint64_t domain)
{
    int64_t now_us = now_wall_us(loans->now);
    int64_t until_us = message_i(message, EventLent_until);
    return domain != 0 && domain <= DOMAIN_MAX && message_i(message, EventLent_from) <= now_us + LOAN_MARGIN_US &&
           until_us >= 0 && until_us <= now_us + LOAN_MARGIN_US + LEASE_MAX_US;
}

/* Keeps the row of a refused Lend until the lease would end: if the same Lend comes again, it is refused again. The
 * home may know of the refusal by then, and give the agent work itself. */
static void loan_stays_refused(const struct loans *loans, struct loan *loan, int64_t until_us)
{
    int64_t most_us = theirs_now_us(loans) + LOAN_MARGIN_US + LEASE_MAX_US;
    if (until_us > most_us) until_us = most_us;
    if (until_us > loan->until_us) loan->until_us = until_us;
}

/* Takes a Lend. The first Lend for an agent makes a row. A repeated Lend is only answered again. */
void loan_on_lent(struct loans *loans, const struct message *message)
{
    unsigned link = (unsigned)message_u(message, ENVELOPE_source);
    struct span name = message_text(message, EventLent_agent);
    uint64_t domain = message_u(message, EventLent_domain), number = message_u(message, EventLent_number);
    uint32_t agent;
    if (!link_can(loans->links, link, CAP_DOMAINS)) return;
    bool known = agent_find(loans->agents, names_find(loans->names, name), &agent);
    struct loan *loan = known ? loan_find(loans, agent) : NULL;
    bool here = loan && !loan_is_ours(loan) && loan->domain == domain;
    bool theirs = known && agent_at(loans->agents, agent)->known && agent_at(loans->agents, agent)->home == domain;
    bool good = theirs && lent_is_good(loans, message, domain);
    if (here && number < loan->number) return;
    if (!here && (loan || !theirs)) {
        answer_tell(loans, link, name, (unsigned)domain, number, false);
        return;
    }
    if (!loan) loan = loan_add(loans, &(struct loan){.agent = agent, .domain = (uint16_t)domain, .state = LOAN_BACK});
    if (number > loan->number) {
        loan->number = number;
        loan->state = !good || message_u(message, EventLent_ends) != 0 ? LOAN_BACK : LOAN_IN;
        if (good) loan->from_us = message_i(message, EventLent_from);
        if (good) loan->until_us = message_i(message, EventLent_until);
        if (!good) loan_stays_refused(loans, loan, message_i(message, EventLent_until));
        loan_set_agent(loans, agent, loan->state == LOAN_IN ? AGENT_LENT_HERE : AGENT_NOT_LENT);
    }
    loan->answered = false; /* if the agent is free and recalled, the next look at the loan reports it */
    bool back = loan->state == LOAN_BACK || theirs_now_us(loans) >= loan_leaves_us(loan);
    if (!back || !loan_agent_is_free(loans, agent)) answer_tell(loans, link, name, (unsigned)domain, number, true);
    loans_look_all(loans);
}

/* ---- the part ---- */

static void loan_timer_fired(void *self, const struct timer *timer)
{
    (void)timer;
    loans_look_all(self);
}

static uint32_t *loan_timer_handle(void *self, const struct timer *timer)
{
    (void)timer;
    return &((struct loans *)self)->timer;
}

static uint64_t loan_timer_number(const void *self, const struct timer *timer)
{
    (void)self, (void)timer;
    return 0;
}

const struct timer_ops timer_ops_loan = {
    .handle = loan_timer_handle, .number = loan_timer_number, .fired = loan_timer_fired};

static void loans_init(void *self, const struct parts *parts)
{
    *(struct loans *)self = (struct loans){
        .now = parts->now,
        .facts = parts->facts,
        .names = parts->names,
        .timers = parts->timers,
        .agents = parts->agents,
        .links = parts->links,
        .effects = parts->effects,
        .domain = parts->options->partition,
        .due_us = INT64_MAX,
    };
}

static void loans_free(void *self)
{
    free(((struct loans *)self)->all);
}

static uint64_t loans_hash(const void *self)
{
    const struct loans *loans = self;
    uint64_t sum = loans->last_number;
    for (uint32_t at = 0; at < loans->count; at++) {
        const struct loan *loan = &loans->all[at];
        uint64_t flags =
            (uint64_t)loan->domain << 8 | (uint64_t)loan->state << 2 | (unsigned)loan->answered << 1 | loan->ends;
        uint64_t hash = table_mix64(table_mix64((uint64_t)loan->agent << 32 | flags) + loan->number);
        sum += table_mix64(table_mix64(hash + (uint64_t)loan->until_us) + (uint64_t)loan->end_us +
                           (uint64_t)loan->from_us + loan->lease_us);
    }
    return sum;
}

/* True: exactly those agents have a loan that the table of agents marks as lent. */
static bool loans_good(const void *self)
{
    const struct loans *loans = self;
    uint32_t lent = 0, counted = 0;
    for (uint32_t at = 0; at < loans->agents->count; at++) lent += loans->agents->all[at].lent != AGENT_NOT_LENT;
    for (uint32_t at = 0; at < loans->count; at++) {
        enum loan_state state = (enum loan_state)loans->all[at].state;
        enum agent_lent of = loan_is_ours(&loans->all[at]) ? AGENT_LENT_AWAY
                             : state == LOAN_IN            ? AGENT_LENT_HERE
                                                           : AGENT_NOT_LENT;
        counted += of != AGENT_NOT_LENT;
        if (agent_at(loans->agents, loans->all[at].agent)->lent != of) return false;
    }
    return lent == counted;
}

static void keep_loan(struct keeper *keeper, struct loan *loan)
{
    loan->agent = keep_u32(keeper, loan->agent);
    loan->domain = keep_u16(keeper, loan->domain);
    loan->state = (uint8_t)keep_index(keeper, loan->state, LOAN_RESTS + 1, LOAN_BACK);
    loan->answered = keep_bool(keeper, loan->answered);
    loan->ends = keep_bool(keeper, loan->ends);
    loan->number = keep_u64(keeper, loan->number);
    loan->from_us = keep_i64(keeper, loan->from_us);
    loan->until_us = keep_i64(keeper, loan->until_us);
    loan->end_us = keep_i64(keeper, loan->end_us);
    loan->lease_us = keep_u64(keeper, loan->lease_us);
}

static void loans_keep(void *self, struct keeper *keeper)
{
    struct loans *loans = self;
    loans->all = keep_rows(keeper, loans->all, &loans->count, &loans->capacity, 2 * AGENTS_MAX, sizeof *loans->all);
    for (uint32_t at = 0; at < loans->count && keep_good(keeper); at++) keep_loan(keeper, &loans->all[at]);
    loans->timer = timer_keep(loans->timers, keeper, loans->timer, 1u << TIMER_LOAN, 0, 0);
    loans->due_us = keep_i64(keeper, loans->due_us);
    loans->works = keep_u32(keeper, loans->works);
    loans->last_number = keep_u64(keeper, loans->last_number);
}

static bool loans_sound(void *self)
{
    const struct loans *loans = self;
    struct marks marks = marks_of(loans->agents->count);
    bool good = true;
    for (uint32_t at = 0; at < loans->count && good; at++) good = marks_mark(&marks, loans->all[at].agent);
    marks_free(&marks);
    return good;
}

const struct part_ops part_ops_loans = {
    .size = sizeof(struct loans),
    .since = 6,
    .init = loans_init,
    .free = loans_free,
    .claim_ends = loans_claim_ends,
    .settle = loans_settle,
    .hash = loans_hash,
    .check = loans_good,
    .keep = loans_keep,
    .sound = loans_sound,
};
