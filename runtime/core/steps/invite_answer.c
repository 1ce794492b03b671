/* runtime/core/steps/invite_answer.c - The answers of agents who were asked, and how the step or person who asked
 * continues.
 *
 *       RequestAccept       the claim is RESERVED and accepted, the other agents' questions are withdrawn, and the
 *                           asker goes on (invite_take): at once, or after a mandatory part of the busy block
 *                           (invite_goes_on)
 *       RequestReject       invite_over: the agent is left out of this interaction's choices, and the next one is asked
 *       the timer           the same; an agent who was asked alone becomes not ready
 *       the agent leaves    the same, for questions to which no answer can come any more (agent_moves)
 *
 * Answers are awaited by three kinds of askers: the step select (`preview`, `by everyone`), the steps preview and
 * route, and a person who offers an interaction while no strategy runs. invite_over and invite_take tell the askers
 * apart by the step and by `running`. */
#include <assert.h>

#include "vm/keep.h"
#include "vm/steps.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/invite_claim.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/steps/target.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"

enum {
    ACCEPTED_US = 10000000, /* time to route the call after an agent has accepted */
    RESUMED_US = 5000000,   /* time that an agent has at least for the answer after the link was away */
};

enum answer { ANSWER_DECLINED, ANSWER_NONE, ANSWER_GONE, ANSWER_FAILED, ANSWER_RELEASED, ANSWER_KEPT_BACK };

enum { NO_FACT = UINT16_MAX };
static const struct {
    unsigned code; /* code with which the step preview fails */
    unsigned told; /* code that a person who has offered the interaction is told */
    uint16_t fact; /* the fact to report; NO_FACT: it is reported elsewhere */
} answers[] = {
    [ANSWER_DECLINED] = {code_rejected, code_rejected, FACT_agent_declined},
    [ANSWER_NONE] = {code_no_answer, code_no_answer, FACT_agent_silent},
    [ANSWER_GONE] = {code_out_of_service, code_out_of_service, NO_FACT},
    [ANSWER_FAILED] = {code_rejected, code_unreached, NO_FACT},
    [ANSWER_RELEASED] = {code_out_of_service, code_out_of_service, NO_FACT},
    [ANSWER_KEPT_BACK] = {code_no_answer, code_no_answer, NO_FACT},
};

_Static_assert(sizeof answers / sizeof *answers == ANSWER_KEPT_BACK + 1, "each answer has its row");

/* True: a step asks one certain agent, so that other agents do not matter to it; or a person asks. */
static bool is_asked_by_route(const struct core *core, const struct interaction *ix)
{
    unsigned step = step_of(core, ix, 0);
    return !ix->running || step == STEP_ID_preview || step == STEP_ID_route;
}

/* Excludes the agent from the interaction's selections: for the time that the strategy says, else for as long as
 * this wait may last. */
static void leave_out(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t agent)
{
    uint64_t for_us = invite_duration(core, ix, fiber, PARAMETER_select_exclude),
             until_us = *fiber_until(core->forks, ix);
    if (for_us == 0) for_us = until_us > core->now->time_us ? until_us - core->now->time_us : 1;
    invite_exclude(core, ix, agent, for_us);
    interaction_touch(core->interactions, ix);
}

/* The agent does not take the interaction: ends the claim and looks for the next agent. An agent who was asked alone
 * and did not answer is set to not ready; otherwise each waiting call would lose time with this agent. */
static void invite_over(struct core *core, uint32_t slot, enum answer answer)
{
    assert(answer <= ANSWER_KEPT_BACK);
    struct claim *claim = claim_at(core->claims, slot);
    struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    uint32_t agent = claim->agent;
    bool asked_by_route = is_asked_by_route(core, ix);
    uint8_t fiber = !asked_by_route && ix->visit != VISIT_NONE ? visit_at(core->vqs, ix->visit)->fiber : 0;
    bool alone = !invite_is_of_all(core, ix, fiber);
    if (answers[answer].fact != NO_FACT) session_tell_claim(core->sessions, slot, answers[answer].fact, 0);
    bool reached = answer != ANSWER_GONE && answer != ANSWER_FAILED && answer != ANSWER_KEPT_BACK;
    interaction_note_agent(core->interactions, ix, NOTED_unreached, reached ? AGENT_NONE : agent);
    if (answer == ANSWER_DECLINED || answer == ANSWER_FAILED) {
        claim->state = CLAIM_RESERVED; /* nothing must be withdrawn: the agent has declined, or was never asked */
        claim->ref = 0;
        interaction_touch(core->interactions, ix);
    } else {
        invite_revoke(core, slot);
    }
    if (!asked_by_route) leave_out(core, ix, fiber, agent);
    if (answer == ANSWER_NONE && alone) session_unanswered(core->sessions, slot);
    const struct claim was = *claim;
    session_release(core->sessions, slot, false);
    if (!ix->running)
        core->media[ix->media]->refused(core, ix, &was, answers[answer].told);
    else if (asked_by_route)
        strategy_step_failed(core, ix, 0, answers[answer].code);
    else
        select_again(core, ix);
}

bool invite_overtaken(struct core *core, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    if (!invite_is_out(claim)) return false;
    if (claim->state == CLAIM_INVITED) invite_revoke(core, slot);
    claim->accepted = false;
    interaction_touch(core->interactions, interaction_at(core->interactions, claim->interaction));
    return true;
}

void invite_passed(struct core *core, struct interaction *ix)
{
    if (is_asked_by_route(core, ix))
        strategy_step_failed(core, ix, 0, answers[ANSWER_GONE].code);
    else
        select_again(core, ix);
}

void invite_ended(struct core *core, uint32_t claim)
{
    invite_over(core, claim, ANSWER_RELEASED);
}

/* ---- agents who move while they are asked ---- */

/* True: the agent now serves the claim's medium at another link than the one through which the agent was asked, or
 * has the interaction. */
static bool has_moved(const struct core *core, const struct claim *claim)
{
    return claim->link != 0 &&
           claim->link != line_link_for_agent(core->agents, claim->agent, (enum media)claim->medium);
}

/* True: the agent has logged out, from all media or from the claim's medium. */
static bool has_left(const struct core *core, const struct claim *claim)
{
    const struct agent *who = agent_at(core->agents, claim->agent);
    return !agent_logged_in(who) || has_medium(who->own_out, claim->medium);
}

/* Returns a claim whose agent cannot answer, because the agent can no longer be reached where the question was sent.
 * CLAIM_NONE: there is none. */
static uint32_t asked_in_vain(const struct core *core, uint32_t agent)
{
    const struct agent *who = agent_at(core->agents, agent);
    for (uint32_t at = who->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_agent) {
        const struct claim *claim = &core->claims->all[at];
        bool in_vain = !agent_reachable_for(who, (enum media)claim->medium) || has_moved(core, claim);
        if (claim->state == CLAIM_INVITED && (in_vain || has_left(core, claim))) return at;
    }
    return CLAIM_NONE;
}

/* Moves the claim of an e-mail or another interaction without a call to the link where the agent now serves the
 * medium. */
static void goes_along(struct core *core, struct interaction *ix, uint32_t slot)
{
    const struct claim *claim = claim_at(core->claims, slot);
    if (link_usable(core->links, claim->link)) invite_say_withdrawn(core, claim->link, claim->id, cause_redirected, ix);
    invite_show(core, ix, slot);
}

/* The agent has logged out: interactions without a call do not stay with the agent. */
static void invite_answer_leaves(struct core *core, uint32_t agent)
{
    for (uint32_t at = agent_at(core->agents, agent)->claims, next; at != CLAIM_NONE; at = next) {
        const struct claim *claim = claim_at(core->claims, at);
        struct interaction *ix = interaction_at(core->interactions, claim->interaction);
        next = claim->next_of_agent;
        if (claim->state != CLAIM_ACTIVE || !ix->submitted) continue;
        bool left = has_left(core, claim), moved = has_moved(core, claim);
        if (!left && moved && invite_claim_possible(core, claim)) {
            goes_along(core, ix, at);
        } else if (left || moved) {
            core->media[ix->media]->agent_gone(core, ix, at);
            next = agent_at(core->agents, agent)->claims; /* strategies have run, so the list may have changed */
        }
    }
}

static void agent_moves(void *self, uint32_t agent)
{
    struct core *core = self;
    for (uint32_t claim; (claim = asked_in_vain(core, agent)) != CLAIM_NONE;) invite_over(core, claim, ANSWER_GONE);
    invite_answer_leaves(core, agent);
}

/* ---- answers ---- */

/* Returns the claim about which the agent is asked; the answer must come from the link that asked. CLAIM_NONE: the
 * question has ended. `accepted`: it has ended because this agent has accepted. */
static uint32_t invite_asked(const struct core *core, const struct message *message, uint64_t id, bool *accepted)
{
    uint32_t slot;
    *accepted = false;
    if (!claim_find(core->claims, id, &slot)) return CLAIM_NONE;
    const struct claim *claim = claim_at(core->claims, slot);
    if (claim->link != message_u(message, ENVELOPE_source)) return CLAIM_NONE;
    *accepted = claim->state != CLAIM_INVITED && claim->ref != 0;
    return claim->state == CLAIM_INVITED ? slot : CLAIM_NONE;
}

/* True: the request says that another agent answers than the agent who was asked. */
static bool is_of_another(const struct core *core, const struct message *message, uint64_t id)
{
    uint32_t slot, agent;
    return claim_find(core->claims, id, &slot) &&
           agent_find(core->agents, names_find(core->names, message_text(message, ENVELOPE_actor)), &agent) &&
           claim_at(core->claims, slot)->agent != agent;
}

static void refuse_another(struct core *core, const struct message *message)
{
    effect_reply(core->effects, message, outcome_error, code_no_privilege, "Another agent is asked.", NULL);
}

/* The agent who has accepted gets the interaction: the asker continues with the claim. */
static void invite_take(struct core *core, struct interaction *ix, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    uint64_t word = target_of_claim(claim->id, claim->agent);
    claim->accepted = false;
    interaction_touch(core->interactions, ix);
    session_claim_deadline(core->sessions, slot, ACCEPTED_US);
    if (!ix->running || step_of(core, ix, 0) == STEP_ID_route)
        core->media[ix->media]->accepted(core, ix, slot);
    else if (step_of(core, ix, 0) == STEP_ID_preview)
        strategy_step_done(core, ix, 0, 0);
    else
        select_taken(core, ix, word);
}

/* Handles a RequestAccept. The first acceptance counts; a second one of the same agent gets the same answer. */
void invite_on_accept(struct core *core, const struct message *message)
{
    bool accepted;
    uint64_t id = message_u(message, RequestAccept_claim);
    uint32_t slot = invite_asked(core, message, id, &accepted);
    if (is_of_another(core, message, id)) {
        refuse_another(core, message);
        return;
    }
    if (slot == CLAIM_NONE) {
        if (accepted)
            effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL); /* the agent accepts a second time */
        else
            effect_reply(core->effects, message, outcome_error, code_taken, "somebody else has it, or it is over",
                         NULL);
        return;
    }
    struct claim *claim = claim_at(core->claims, slot);
    struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    claim->state = CLAIM_RESERVED;
    claim->accepted = true;
    interaction_touch(core->interactions, ix);
    interaction_tell(core->interactions, ix, FACT_agent_accepted, 0, agent_at(core->agents, claim->agent)->name);
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    session_claim_deadline(core->sessions, slot, 0);
    invite_withdraw_but(core, ix, slot);
    if (!ix->mandatory) invite_take(core, ix, slot);
}

void invite_on_reject(struct core *core, const struct message *message)
{
    bool accepted;
    uint64_t id = message_u(message, RequestReject_claim);
    uint32_t slot = invite_asked(core, message, id, &accepted);
    if (is_of_another(core, message, id)) {
        refuse_another(core, message);
        return;
    }
    if (slot == CLAIM_NONE && accepted) {
        effect_reply(core->effects, message, outcome_error, code_invalid_state, "it has been accepted", NULL);
        return;
    }
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
    if (slot != CLAIM_NONE) invite_over(core, slot, ANSWER_DECLINED);
}

/* A link has answered an Invite, or the host has answered because it did not send the Invite: a failure means that the
 * agent could not be asked. True: the message was an answer to an Invite. */
static bool invitation_answered(void *self, struct interaction *ix, const struct message *message)
{
    struct core *core = self;
    uint64_t ref = message_u(message, ENVELOPE_ref);
    uint32_t at = ix->claims;
    while (at != CLAIM_NONE && (ref == 0 || core->claims->all[at].ref != ref))
        at = core->claims->all[at].next_of_interaction;
    if (at == CLAIM_NONE) return false;
    const struct claim *claim = claim_at(core->claims, at);
    const struct agent *who = agent_at(core->agents, claim->agent);
    uint64_t source = message_u(message, ENVELOPE_source);
    bool its = claim->link == source || source == SOURCE_HOST;
    if (its && claim->state == CLAIM_INVITED && message_u(message, EventDone_outcome) != outcome_ok) {
        interaction_tell(core->interactions, ix, FACT_question_failed, effect_code_of(message), who->name);
        if (effect_code_of(message) == code_unreached) session_unreached(core->sessions, at);
        /* An Invite that the host did not send again may have been sent before: the desk may show the question. */
        invite_over(core, at, source == SOURCE_HOST ? ANSWER_KEPT_BACK : ANSWER_FAILED);
    }
    return true;
}

/* The claim's time is over: the agent has not answered, or the call now goes to the agent who has accepted. */
static bool claim_lapsed(void *self, uint32_t slot)
{
    struct core *core = self;
    struct claim *claim = claim_at(core->claims, slot);
    struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    if (claim->state == CLAIM_INVITED) /* an agent whose link was away had no time to answer */
        invite_over(core, slot, link_held(core->links, claim->link) ? ANSWER_GONE : ANSWER_NONE);
    else if (!claim->accepted)
        return false;
    else if (!ix->mandatory)
        invite_take(core, ix, slot);
    return true;
}

/* ---- questions sent again when the link is back ---- */

/* Sends the last withdrawals again to a link that is up again, as long as its desktops may still show these
 * questions. */
static void withdraw_again(struct core *core, unsigned source)
{
    const struct withdrawals *withdrawals = core->withdrawals;
    uint64_t at = withdrawals->count > WITHDRAWN_KEPT ? withdrawals->count - WITHDRAWN_KEPT : 0;
    for (; at < withdrawals->count; at++) {
        const struct withdrawn *said = &withdrawals->kept[at % WITHDRAWN_KEPT];
        if (said->link == source && said->until_us > core->now->time_us)
            invite_say_withdrawn(core, source, said->claim, said->cause, NULL);
    }
}

/* Sends the claim's question again. The agent has at least RESUMED_US for the answer. */
static void invite_answer_again(struct core *core, struct interaction *ix, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    if (!invite_claim_possible(core, claim)) {
        invite_over(core, slot, ANSWER_GONE);
        return;
    }
    if (claim->until_us < core->now->time_us + RESUMED_US) {
        claim->until_us = core->now->time_us + RESUMED_US;
        session_claim_deadline(core->sessions, slot, RESUMED_US);
    }
    invite_send(core, ix, claim);
    interaction_touch(core->interactions, ix);
}

/* Asks the agent again everything that was asked through the link. */
static void invite_ask_again(struct core *core, uint32_t agent, unsigned source)
{
    uint64_t before = core->claims->last_id + 1;
    for (;;) { /* newest first; the list may change when a claim ends */
        uint32_t at = agent_at(core->agents, agent)->claims;
        while (at != CLAIM_NONE && (core->claims->all[at].state != CLAIM_INVITED ||
                                    core->claims->all[at].link != source || core->claims->all[at].id >= before))
            at = core->claims->all[at].next_of_agent;
        if (at == CLAIM_NONE) return;
        before = claim_at(core->claims, at)->id;
        invite_answer_again(core, interaction_at(core->interactions, claim_at(core->claims, at)->interaction), at);
    }
}

/* Shows a desk again the interactions that its agent has through it. */
static void show_again(struct core *core, uint32_t agent, unsigned source)
{
    uint32_t at = agent_at(core->agents, agent)->claims;
    for (; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_agent) {
        struct claim *claim = claim_at(core->claims, at);
        struct interaction *ix = interaction_at(core->interactions, claim->interaction);
        bool has = claim->state == CLAIM_ACTIVE && ix->submitted;
        if (has && line_link_of_claim(core->agents, claim) == source) invite_send(core, ix, claim);
    }
}

void invite_again(struct core *core, unsigned source)
{
    withdraw_again(core, source);
    for (uint32_t at = 0; at < core->agents->count; at++) {
        invite_ask_again(core, at, source);
        if (link_is_desk(core->links, source)) show_again(core, at, source);
    }
}

/* ---- the part ---- */

bool invite_is_asked(const struct core *core, uint32_t agent)
{
    uint32_t at = agent_at(core->agents, agent)->claims;
    while (at != CLAIM_NONE && core->claims->all[at].state != CLAIM_INVITED) at = core->claims->all[at].next_of_agent;
    return at != CLAIM_NONE;
}

/* Returns a hash; 0: no agent is asked or has accepted, and no person has offered the interaction. */
static uint64_t invite_hash(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    uint64_t hash = 0;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction) {
        const struct claim *claim = &core->claims->all[at];
        if (invite_is_out(claim))
            hash += table_mix64(table_mix64(claim->id + claim->until_us) +
                                ((uint64_t)claim->ref << 1 | claim->accepted) + ((uint64_t)claim->link << 33));
        if (claim->move != move_other)
            hash += table_mix64(table_mix64(claim->id + claim->mover) +
                                ((uint64_t)claim->link << 9 | (uint64_t)claim->move << 1 | claim->ruled));
    }
    return hash;
}

/* True: agents are asked only while a step waits for their answers. */
static bool invites_hold(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    unsigned out = invites_out(core, ix);
    if (out == 0) return true;
    if (out > INVITED_MAX || (!ix->running && !ix->submitted)) return false;
    if (is_asked_by_route(core, ix)) return out == 1 || !ix->running;
    if (ix->visit == VISIT_NONE) return false;
    uint8_t fiber = visit_at(core->vqs, ix->visit)->fiber;
    return invite_asks(core, ix, fiber) && (out == 1 || invite_is_of_all(core, ix, fiber));
}

static uint64_t hash_withdrawals(const void *self)
{
    const struct core *core = self;
    return core->withdrawals->content;
}

static void keep_withdrawals(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct withdrawals *withdrawals = core->withdrawals;
    withdrawals->count = keep_u64(keeper, withdrawals->count);
    for (unsigned at = 0; at < WITHDRAWN_KEPT && at < withdrawals->count; at++) {
        struct withdrawn *said = &withdrawals->kept[at];
        said->claim = keep_u64(keeper, said->claim);
        said->until_us = keep_u64(keeper, said->until_us);
        said->link = keep_u16(keeper, said->link);
        said->cause = keep_u8(keeper, said->cause);
    }
    withdrawals->content = keep_u64(keeper, withdrawals->content);
}

const struct part_ops part_ops_withdrawals = {
    .size = sizeof(struct withdrawals),
    .agent_moves = agent_moves,
    .claim_ends = invite_revoke,
    .claim_lapsed = claim_lapsed,
    .answered = invitation_answered,
    .hash = hash_withdrawals,
    .content = invite_hash,
    .holds = invites_hold,
    .keep = keep_withdrawals,
};
