/* runtime/core/steps/invite.c - Asking agents before a call goes to them, and handling their answers.
 *
 *     invite_ask            the claim is INVITED, its timer runs, and Invite goes to the agent's desktop
 *       RequestAccept       the claim is RESERVED and accepted, the other agents' questions are withdrawn, and the
 *                           asker goes on (invite_take): at once, or after a mandatory part of the busy block
 *                           (invite_goes_on)
 *       RequestReject       invite_over: the agent is left out of this interaction's choices, and the next one is asked
 *       the timer           the same; an agent who was asked alone becomes not ready
 *       the agent leaves    the same, for questions to which no answer can come any more (agent_moves)
 *       another has it      revoke: Withdraw goes to the desktop
 *
 * Three askers wait for answers: the step select (`preview`, `by everyone`), the steps preview and route, and a person
 * who offers something while no strategy runs. invite_over and invite_take know them by the step and by `running`. */
#include "runtime/core/steps/invite.h"

#include <assert.h>

#include "vm/keep.h"
#include "vm/steps.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"

enum {
    ACCEPTED_US = 10000000, /* time to route the call after an agent has accepted */
    COUNTDOWN_LEAST_US = 1000000,
    UNREACHED_US = 5000000,        /* an agent who could not be asked is left out for so long at most */
    RESUMED_US = 5000000,          /* an agent has at least so long to answer after the link was away */
    SHOWN_US = 10000000,           /* a desktop may show a question so long after its time */
    ACCEPTED_SHOWN_US = 300000000, /* a desktop may show an accepted one so long */
};
#define COUNTDOWN_MOST_US UINT64_C(3600000000)

enum answer { ANSWER_DECLINED, ANSWER_NONE, ANSWER_GONE, ANSWER_FAILED, ANSWER_RELEASED };

static uint64_t duration_arg(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    bool given = vm_arg(slab, block_at(slab, ix->block), fiber, parameter, &word, &type);
    return given && (int64_t)word > 0 ? word : 0;
}

static uint64_t countdown_us(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    uint64_t us = duration_arg(core, ix, fiber, parameter);
    return us < COUNTDOWN_LEAST_US ? COUNTDOWN_LEAST_US : us > COUNTDOWN_MOST_US ? COUNTDOWN_MOST_US : us;
}

bool invite_asks(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    return step_of(core, ix, fiber) == STEP_ID_select &&
           vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_select_preview, &word, &type);
}

bool invite_is_of_all(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    return invite_asks(core, ix, fiber) && vm_step(slab, block_at(slab, ix->block), fiber)->order == ORDER_everyone;
}

static bool is_out(const struct claim *claim)
{
    return claim->state == CLAIM_INVITED || claim->accepted;
}

unsigned invites_out(const struct core *core, const struct interaction *ix)
{
    unsigned count = 0;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        count += is_out(&core->claims->all[at]);
    return count;
}

static uint32_t accepted_claim(const struct core *core, const struct interaction *ix)
{
    uint32_t at = ix->claims;
    while (at != CLAIM_NONE && !core->claims->all[at].accepted) at = core->claims->all[at].next_of_interaction;
    return at;
}

bool invite_holds(const struct core *core, const struct interaction *ix)
{
    if (accepted_claim(core, ix) != CLAIM_NONE) return true;
    unsigned out = invites_out(core, ix);
    if (out == 0 || ix->visit == VISIT_NONE) return out != 0;
    return out >= INVITED_MAX || !invite_is_of_all(core, ix, visit_at(core->vqs, ix->visit)->fiber);
}

/* The agent has accepted, and the call is not routed yet. */
static bool has_answered(const struct claim *claim)
{
    return claim->state == CLAIM_RESERVED && claim->ref != 0;
}

/* The agent has accepted, and the call has not come: the desktop still waits for it. */
static bool waits_for_call(const struct claim *claim)
{
    return has_answered(claim) || (claim->state == CLAIM_ROUTED && claim->ref != 0);
}

/* ---- asking ---- */

/* An agent has an offered interaction as soon as they accept it; a preview asks whether it may be offered. */
static enum invite_mode mode_of(const struct core *core, const struct interaction *ix, const struct claim *claim)
{
    if (claim->state == CLAIM_ACTIVE) return invite_mode_forced;
    bool offered = ix->submitted && (!ix->running || step_of(core, ix, 0) == STEP_ID_route);
    return offered ? invite_mode_invite : invite_mode_preview;
}

/* Puts the fields of a submitted interaction that an agent's desktop shows besides its data. */
static void invite_put_submitted(struct core *core, const struct interaction *ix, const struct claim *claim)
{
    const struct submitted *row = submitted_of(core->submissions, ix);
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, Invite_external_id, submitted_external_id(row));
    writer_bytes(writer, Invite_from, interaction_system(core->interactions, ix, 1));
    writer_bytes(writer, Invite_to, interaction_system(core->interactions, ix, 2));
    writer_bytes(writer, Invite_subject, interaction_system(core->interactions, ix, 3));
    writer_bytes(writer, Invite_body, submitted_body(row));
    writer_u(writer, Invite_parent, row->parent);
    writer_u(writer, Invite_move, claim->move);
    writer_bytes(writer, Invite_by, core_name(core, claim->mover));
    writer_i(writer, Invite_received, (int64_t)interaction_arrived(core->interactions, ix) + core->now->wall_offset_us);
    uint64_t due = block_system(block_at(core->slab, ix->block), 4);
    if (due != VALUE_NONE) writer_i(writer, Invite_due, (int64_t)due);
    writer_u(writer, Invite_kind, authority_kind_had(core->interactions, ix, claim));
}

/* Sends the question, or shows the agent what the agent has already. Sent again it keeps its ref, so that an answer to
 * the first sending counts, too. */
static void send(struct core *core, struct interaction *ix, struct claim *claim)
{
    const struct agent *who = agent_at(core->agents, claim->agent);
    claim->link = (uint16_t)agent_link_for(core->agents, claim->agent, (enum media)claim->medium);
    uint64_t left_us = claim->until_us > core->now->time_us ? claim->until_us - core->now->time_us : 1;
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    claim->ref = effect_begin(core->effects, &(struct effect){.kind = KIND_Invite,
                                                              .link = claim->link,
                                                              .interaction = ix,
                                                              .ref = claim->ref,
                                                              .timeout_us = (int64_t)left_us});
    struct writer *writer = &core->effects->writer;
    writer_u(writer, Invite_claim, claim->id);
    writer_bytes(writer, Invite_agent, core_name(core, who->name));
    writer_bytes(writer, Invite_place, core_name(core, who->place));
    writer_u(writer, Invite_mode, mode_of(core, ix, claim));
    writer_u(writer, Invite_media, ix->media);
    if (claim->state == CLAIM_INVITED) writer_i(writer, Invite_countdown, (int64_t)left_us);
    effect_kv(core->effects, Invite_data);
    if (ix->submitted) invite_put_submitted(core, ix, claim);
    if (ix->media >= media_own1) writer_text(writer, Invite_medium, interactions_medium(core->interactions, ix->media));
    effect_end(core->effects);
}

static void invite_ask(struct core *core, struct interaction *ix, uint32_t slot, uint64_t in_us)
{
    struct claim *claim = claim_at(core->claims, slot);
    assert(claim->state <= CLAIM_INVITED && claim->interaction == ix->slot);
    claim->state = CLAIM_INVITED;
    claim->ref = 0;
    claim->until_us = core->now->time_us + in_us;
    interaction_unreached(core->interactions, ix, AGENT_NONE);
    session_claim_deadline(core->sessions, slot, in_us);
    interaction_tell(core->interactions, ix, FACT_agent_asked, 0, agent_at(core->agents, claim->agent)->name);
    send(core, ix, claim);
    interaction_touch(core->interactions, ix);
}

bool invite_possible(const struct core *core, uint32_t agent, enum media medium)
{
    return link_can(core->links, agent_link_for(core->agents, agent, medium), CAP_PREVIEW);
}

/* The same for the agent and the medium of a claim. */
static bool is_possible(const struct core *core, const struct claim *claim)
{
    return invite_possible(core, claim->agent, (enum media)claim->medium);
}

bool invite_in_vain(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    if (!invite_is_of_all(core, ix, fiber)) return false;
    for (unsigned link = SOURCE_LINKS; link < SOURCES_MAX; link++)
        if (link_can(core->links, link, CAP_PREVIEW)) return false;
    return true;
}

struct step_outcome invite_turn(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t word)
{
    uint32_t agent, number;
    if (!invite_asks(core, ix, fiber) || !select_is_claim(word, &agent, &number)) return step_done(word);
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    assert(claim != CLAIM_NONE); /* selection has just made it */
    if (!is_possible(core, claim_at(core->claims, claim))) {
        session_release(core->sessions, claim, false);
        return step_fails(code_unsupported);
    }
    invite_ask(core, ix, claim, countdown_us(core, ix, fiber, PARAMETER_select_preview));
    return step_waits();
}

/* The step waits for the agent's answer. Its timer guards the lifetime; the claim's timer ends the question. */
static struct step_outcome asks(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t claim,
                                uint64_t in_us)
{
    invite_ask(core, ix, claim, in_us);
    if (fiber == 0) step_timer(core, ix, fiber, ix->ends_us - core->now->time_us);
    return step_waits();
}

struct step_outcome invite_offer(struct core *core, struct interaction *ix, uint32_t slot, uint64_t in_us)
{
    struct claim *claim = claim_at(core->claims, slot);
    if (claim->state > CLAIM_INVITED) return step_fails(code_busy); /* the agent has it already */
    claim->routed_by_us = true;
    if (has_answered(claim)) return step_done(0);
    if (is_possible(core, claim)) return asks(core, ix, 0, slot, in_us);
    session_release(core->sessions, slot, false);
    return step_fails(code_unsupported);
}

void invite_agent(struct core *core, struct interaction *ix, uint32_t slot, uint64_t in_us)
{
    assert(is_possible(core, claim_at(core->claims, slot)));
    invite_ask(core, ix, slot, in_us);
}

void invite_show(struct core *core, struct interaction *ix, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    claim->until_us = core->now->time_us;
    claim->ref = 0;
    session_answered(core->sessions, slot);
    claim->link = (uint16_t)agent_link_for(core->agents, claim->agent, (enum media)claim->medium);
    interaction_touch(core->interactions, ix);
    if (link_usable(core->links, claim->link)) send(core, ix, claim);
}

/* Asks the target's agent; done at once where the target is no agent, or the agent has accepted before. */
static struct step_outcome preview_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    uint32_t claim = CLAIM_NONE;
    if (!interaction_stays(ix) || ix->gone) return step_fails(code_gone);
    if (ix->leg && !link_usable(core->links, ix->link)) return step_fails(code_link_down);
    if (!vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_preview_target, &word, &type) ||
        value_is_none(type, word))
        return step_fails(code_invalid_destination);
    struct step_outcome outcome = route_claim(core, ix, type_base(type), word, &claim);
    if (outcome.status == STEP_WAITS && claim == CLAIM_NONE)
        return step_done(0); /* the target is no agent who could be asked */
    if (outcome.status == STEP_WAITS && has_answered(claim_at(core->claims, claim))) return step_done(0);
    if (outcome.status == STEP_WAITS && claim_at(core->claims, claim)->state > CLAIM_INVITED)
        return step_fails(code_busy); /* the agent is on this very call */
    if (outcome.status == STEP_WAITS && !is_possible(core, claim_at(core->claims, claim)))
        outcome = step_fails(code_unsupported);
    if (outcome.status == STEP_FAILS) {
        if (claim != CLAIM_NONE) session_release(core->sessions, claim, false);
        return outcome;
    }
    uint64_t in_us = countdown_us(core, ix, fiber, PARAMETER_preview_countdown);
    int64_t timeout_us = vm_timeout(slab, block_at(slab, ix->block), fiber);
    return asks(core, ix, fiber, claim, timeout_us > 0 && (uint64_t)timeout_us < in_us ? (uint64_t)timeout_us : in_us);
}

/* ---- ending ---- */

/* It tells who was quicker, if anybody was. */
static void say_withdrawn(struct core *core, unsigned link, uint64_t claim, unsigned cause, struct interaction *ix)
{
    uint32_t taken = ix && cause == cause_redirected ? accepted_claim(core, ix) : CLAIM_NONE;
    effect_begin(core->effects, &(struct effect){.kind = KIND_Withdraw, .link = (uint16_t)link, .interaction = ix});
    writer_u(&core->effects->writer, Withdraw_claim, claim);
    writer_u(&core->effects->writer, Withdraw_reason, cause);
    if (taken != CLAIM_NONE)
        writer_bytes(&core->effects->writer, Withdraw_by,
                     core_name(core, agent_called(agent_at(core->agents, claim_at(core->claims, taken)->agent))));
    effect_end(core->effects);
}

static void withdrawal_add(struct core *core, const struct withdrawn *said)
{
    assert(said->claim != 0);
    struct withdrawals *withdrawals = core->withdrawals;
    withdrawals->kept[withdrawals->count++ % WITHDRAWN_KEPT] = *said;
    withdrawals->content = mix64(mix64(withdrawals->content + said->claim) + said->until_us);
    withdrawals->content = mix64(withdrawals->content + said->link * 256u + said->cause);
}

/* Tells a link that is up again which questions were withdrawn last, as long as its desktops may still show them. */
static void withdraw_again(struct core *core, unsigned source)
{
    const struct withdrawals *withdrawals = core->withdrawals;
    uint64_t at = withdrawals->count > WITHDRAWN_KEPT ? withdrawals->count - WITHDRAWN_KEPT : 0;
    for (; at < withdrawals->count; at++) {
        const struct withdrawn *said = &withdrawals->kept[at % WITHDRAWN_KEPT];
        if (said->link == source && said->until_us > core->now->time_us)
            say_withdrawn(core, source, said->claim, said->cause, NULL);
    }
}

/* Withdraws the question from the desktop. An agent who has accepted is told, too, if the call will not come: no route
 * went out, or the switch refused it. */
static void revoke(void *self, uint32_t slot)
{
    struct core *core = self;
    struct claim *claim = claim_at(core->claims, slot);
    bool answered = waits_for_call(claim);
    if (claim->state != CLAIM_INVITED && !answered) return;
    struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    unsigned link = claim->link;
    enum cause cause = ix->gone                                              ? cause_abandoned
                       : !answered && accepted_claim(core, ix) != CLAIM_NONE ? cause_redirected
                       : !answered && claim->until_us <= core->now->time_us  ? cause_no_answer
                                                                             : cause_dropped;
    claim->state = CLAIM_RESERVED;
    claim->accepted = false;
    claim->ref = 0;
    interaction_touch(core->interactions, ix);
    session_tell_claim(core->sessions, slot, cause != cause_no_answer ? FACT_question_withdrawn : FACT_question_lapsed,
                       cause);
    withdrawal_add(core, &(struct withdrawn){.claim = claim->id,
                                             .until_us = answered ? core->now->time_us + ACCEPTED_SHOWN_US
                                                                  : claim->until_us + SHOWN_US,
                                             .link = (uint16_t)link,
                                             .cause = (uint8_t)cause});
    if (link_usable(core->links, link)) say_withdrawn(core, link, claim->id, cause, ix);
}

static void withdraw_but(struct core *core, struct interaction *ix, uint32_t kept)
{
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        next = core->claims->all[at].next_of_interaction;
        if (at != kept && is_out(&core->claims->all[at])) session_release(core->sessions, at, false);
    }
}

void invite_withdraw(struct core *core, struct interaction *ix)
{
    withdraw_but(core, ix, CLAIM_NONE);
}

/* Excludes the agent from the interaction's selections: for the written time, else for as long as this wait may last.
 */
static void leave_out(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t agent)
{
    uint64_t for_us = duration_arg(core, ix, fiber, PARAMETER_select_exclude), until_us = *fiber_until(core->forks, ix);
    if (for_us == 0) for_us = until_us > core->now->time_us ? until_us - core->now->time_us : 1;
    invite_exclude(core, ix, agent, for_us);
    interaction_touch(core->interactions, ix);
}

/* An agent whom it has not reached is not left out by that: whose desktop is away is no candidate until it is back. Who
 * is one nevertheless is left out for a moment, or would be asked without end. */
void invite_exclude(struct core *core, struct interaction *ix, uint32_t agent, uint64_t for_us)
{
    if (interaction_extra(core->interactions, ix)->unreached == agent + 1) {
        const struct agent *who = agent_at(core->agents, agent);
        if (has_medium(who->media_away, ix->media) || !agent_reachable_for(who, (enum media)ix->media)) return;
        if (for_us > UNREACHED_US) for_us = UNREACHED_US;
    }
    exclude_add(core->excludes, ix, TYPE_AGENT, agent + UINT64_C(1), for_us);
}

enum { NO_FACT = UINT16_MAX };
static const struct {
    unsigned code; /* code with which a preview step fails */
    uint16_t fact; /* NO_FACT: the fact is told elsewhere */
} answers[] = {
    [ANSWER_DECLINED] = {code_rejected, FACT_agent_declined}, [ANSWER_NONE] = {code_no_answer, FACT_agent_silent},
    [ANSWER_GONE] = {code_out_of_service, NO_FACT},           [ANSWER_FAILED] = {code_rejected, NO_FACT},
    [ANSWER_RELEASED] = {code_out_of_service, NO_FACT},
};

_Static_assert(sizeof answers / sizeof *answers == ANSWER_RELEASED + 1, "each answer has its row");

/* True: a step asks about one agent, and another agent is none of its business; or a person asks. */
static bool is_asked_by_route(const struct core *core, const struct interaction *ix)
{
    unsigned step = step_of(core, ix, 0);
    return !ix->running || step == STEP_ID_preview || step == STEP_ID_route;
}

/* The agent does not take the interaction: ends the claim and looks for the next agent. An agent who was asked alone
 * and did not answer becomes not ready; otherwise each waiting call would spend its time at this agent. */
static void invite_over(struct core *core, uint32_t slot, enum answer answer)
{
    assert(answer <= ANSWER_RELEASED);
    struct claim *claim = claim_at(core->claims, slot);
    struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    uint32_t agent = claim->agent;
    bool asked_by_route = is_asked_by_route(core, ix);
    uint8_t fiber = !asked_by_route && ix->visit != VISIT_NONE ? visit_at(core->vqs, ix->visit)->fiber : 0;
    bool alone = !invite_is_of_all(core, ix, fiber);
    if (answers[answer].fact != NO_FACT) session_tell_claim(core->sessions, slot, answers[answer].fact, 0);
    bool reached = answer != ANSWER_GONE && answer != ANSWER_FAILED;
    interaction_unreached(core->interactions, ix, reached ? AGENT_NONE : agent);
    if (answer == ANSWER_DECLINED || answer == ANSWER_FAILED) {
        claim->state = CLAIM_RESERVED; /* nothing to withdraw: the agent has declined, or was never asked */
        claim->ref = 0;
        interaction_touch(core->interactions, ix);
    } else {
        revoke(core, slot);
    }
    if (!asked_by_route) leave_out(core, ix, fiber, agent);
    if (answer == ANSWER_NONE && alone) session_unanswered(core->sessions, slot);
    const struct claim was = *claim;
    session_release(core->sessions, slot, false);
    if (!ix->running)
        core->media[ix->media]->refused(core, ix, &was, answers[answer].code);
    else if (asked_by_route)
        strategy_step_failed(core, ix, 0, answers[answer].code);
    else
        select_again(core, ix);
}

bool invite_overtaken(struct core *core, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    if (!is_out(claim)) return false;
    if (claim->state == CLAIM_INVITED) revoke(core, slot);
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

/* True: the agent serves the claim's medium at another link than the one through which it was asked, or has it. */
static bool has_moved(const struct core *core, const struct claim *claim)
{
    return claim->link != 0 && claim->link != agent_link_for(core->agents, claim->agent, (enum media)claim->medium);
}

/* True: the agent has logged out, of all or of the claim's medium. */
static bool has_left(const struct core *core, const struct claim *claim)
{
    const struct agent *who = agent_at(core->agents, claim->agent);
    return !agent_logged_in(who) || has_medium(who->own_out, claim->medium);
}

/* A claim for which the agent is asked in vain, since it cannot be reached where it was asked. CLAIM_NONE: there is
 * none. */
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

/* The claim of an e-mail or another interaction without a call goes with the agent to another link of the medium. */
static void goes_along(struct core *core, struct interaction *ix, uint32_t slot)
{
    const struct claim *claim = claim_at(core->claims, slot);
    if (link_usable(core->links, claim->link)) say_withdrawn(core, claim->link, claim->id, cause_redirected, ix);
    invite_show(core, ix, slot);
}

/* The agent has logged out: interactions without a call do not stay with the agent. */
static void leaves(struct core *core, uint32_t agent)
{
    for (uint32_t at = agent_at(core->agents, agent)->claims, next; at != CLAIM_NONE; at = next) {
        const struct claim *claim = claim_at(core->claims, at);
        struct interaction *ix = interaction_at(core->interactions, claim->interaction);
        next = claim->next_of_agent;
        if (claim->state != CLAIM_ACTIVE || !ix->submitted) continue;
        bool left = has_left(core, claim), moved = has_moved(core, claim);
        if (!left && moved && is_possible(core, claim)) {
            goes_along(core, ix, at);
        } else if (left || moved) {
            core->media[ix->media]->agent_gone(core, ix, at);
            next = agent_at(core->agents, agent)->claims; /* strategies have run: the list may be another one */
        }
    }
}

static void agent_moves(void *self, uint32_t agent)
{
    struct core *core = self;
    for (uint32_t claim; (claim = asked_in_vain(core, agent)) != CLAIM_NONE;) invite_over(core, claim, ANSWER_GONE);
    leaves(core, agent);
}

/* ---- answers ---- */

/* The claim about which the agent is asked; the answer must come from the link that asked. CLAIM_NONE: the question is
 * over. `accepted`: it is over because this agent has accepted. */
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

/* Does the request name an agent as the one who answers, and not the one who is asked? */
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

/* The agent who has accepted gets the interaction: the asker goes on with the claim. */
static void invite_take(struct core *core, struct interaction *ix, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    uint64_t word = select_claim_word(claim->id, claim->agent);
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

/* RequestAccept. The first acceptance counts; a second one of the same agent is answered alike. */
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
    withdraw_but(core, ix, slot);
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

/* A link has answered an Invite: a failure means that the agent could not be asked. True: the answer was to one. */
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
    bool its = claim->link == message_u(message, ENVELOPE_source);
    if (its && claim->state == CLAIM_INVITED && message_u(message, EventDone_outcome) != outcome_ok) {
        interaction_tell(core->interactions, ix, FACT_question_failed, effect_code_of(message), who->name);
        if (effect_code_of(message) == code_unreached) session_unreached(core->sessions, at);
        invite_over(core, at, ANSWER_FAILED);
    }
    return true;
}

/* The claim's timer: the agent has not answered in time, or the call now goes to the agent who has accepted. */
static bool claim_lapsed(void *self, uint32_t slot)
{
    struct core *core = self;
    struct claim *claim = claim_at(core->claims, slot);
    struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    if (claim->state == CLAIM_INVITED) /* an agent whose link is away had no time to answer */
        invite_over(core, slot, link_held(core->links, claim->link) ? ANSWER_GONE : ANSWER_NONE);
    else if (!claim->accepted)
        return false;
    else if (!ix->mandatory)
        invite_take(core, ix, slot);
    return true;
}

/* Lets the selection go on with the agent who has accepted. A timer that is due now does it, since this may run inside
 * of a slice; it fires before the busy block's next round. */
bool invite_goes_on(struct core *core, struct interaction *ix)
{
    uint32_t claim = accepted_claim(core, ix);
    if (claim == CLAIM_NONE) return false;
    timer_cancel(core->timers, &core->claims->all[claim].timer);
    timer_set(core->timers, &(struct timer){.deadline_us = core->now->time_us, .kind = TIMER_CLAIM, .data = claim});
    return true;
}

/* Asks about the claim once more. The agent has at least RESUMED_US to answer. */
static void again(struct core *core, struct interaction *ix, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    if (!is_possible(core, claim)) {
        invite_over(core, slot, ANSWER_GONE);
        return;
    }
    if (claim->until_us < core->now->time_us + RESUMED_US) {
        claim->until_us = core->now->time_us + RESUMED_US;
        session_claim_deadline(core->sessions, slot, RESUMED_US);
    }
    send(core, ix, claim);
    interaction_touch(core->interactions, ix);
}

/* Asks the agent again about all that it was asked through the link. */
static void invite_ask_again(struct core *core, uint32_t agent, unsigned source)
{
    uint64_t before = core->claims->last_id + 1;
    for (;;) { /* newest first; a claim that ends may change the list */
        uint32_t at = agent_at(core->agents, agent)->claims;
        while (at != CLAIM_NONE && (core->claims->all[at].state != CLAIM_INVITED ||
                                    core->claims->all[at].link != source || core->claims->all[at].id >= before))
            at = core->claims->all[at].next_of_agent;
        if (at == CLAIM_NONE) return;
        before = claim_at(core->claims, at)->id;
        again(core, interaction_at(core->interactions, claim_at(core->claims, at)->interaction), at);
    }
}

/* A desk is shown again what its agent has through it. */
static void show_again(struct core *core, uint32_t agent, unsigned source)
{
    uint32_t at = agent_at(core->agents, agent)->claims;
    for (; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_agent) {
        struct claim *claim = claim_at(core->claims, at);
        struct interaction *ix = interaction_at(core->interactions, claim->interaction);
        bool has = claim->state == CLAIM_ACTIVE && ix->submitted;
        if (has && agent_link_of(core->agents, claim) == source) send(core, ix, claim);
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

bool invite_is_asked(const struct core *core, uint32_t agent)
{
    uint32_t at = agent_at(core->agents, agent)->claims;
    while (at != CLAIM_NONE && core->claims->all[at].state != CLAIM_INVITED) at = core->claims->all[at].next_of_agent;
    return at != CLAIM_NONE;
}

/* 0: no agent is asked or has accepted, and none was asked for by another. */
static uint64_t invite_hash(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    uint64_t hash = 0;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction) {
        const struct claim *claim = &core->claims->all[at];
        if (is_out(claim))
            hash += mix64(mix64(claim->id + claim->until_us) + ((uint64_t)claim->ref << 1 | claim->accepted) +
                          ((uint64_t)claim->link << 33));
        if (claim->move != move_other)
            hash += mix64(mix64(claim->id + claim->mover) +
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

static void preview_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    (void)fiber;
    invite_withdraw(core, ix);
}

const struct step_ops step_ops_preview = {.begin = preview_begin, .cancel = preview_cancel};

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
    .claim_ends = revoke,
    .claim_lapsed = claim_lapsed,
    .answered = invitation_answered,
    .hash = hash_withdrawals,
    .content = invite_hash,
    .holds = invites_hold,
    .keep = keep_withdrawals,
};
