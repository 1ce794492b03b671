/* runtime/core/steps/invite.c - Asks agents before a call goes to them. invite_answer.c handles their answers and
 * calls the steps that ask; these steps call this file.
 *
 *     invite_ask            the claim is INVITED, its timer runs, and Invite goes to the agent's desktop
 *     invite_revoke         another agent has the call, or nobody is to have it: Withdraw goes to the desktop
 */
#include "runtime/core/steps/invite.h"

#include <assert.h>

#include "vm/steps.h"
#include "vm/system_words.h"
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
#include "runtime/core/run/reply.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/invite_claim.h"
#include "runtime/core/steps/target.h"
#include "runtime/vocabulary/effects_work.h"

enum {
    COUNTDOWN_LEAST_US = 1000000,
    UNREACHED_US = 5000000,        /* longest time for which an agent who could not be asked is left out */
    SHOWN_US = 10000000,           /* how long after its time a desktop may show a question */
    ACCEPTED_SHOWN_US = 300000000, /* how long a desktop may show an accepted question */
};
#define COUNTDOWN_MOST_US UINT64_C(3600000000)

uint64_t invite_duration(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    bool given = vm_arg(slab, block_at(slab, ix->block), fiber, parameter, &word, &type);
    return given && (int64_t)word > 0 ? word : 0;
}

uint64_t invite_countdown_us(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter)
{
    uint64_t us = invite_duration(core, ix, fiber, parameter);
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

bool invite_is_out(const struct claim *claim)
{
    return claim->state == CLAIM_INVITED || claim->accepted;
}

unsigned invites_out(const struct core *core, const struct interaction *ix)
{
    unsigned count = 0;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        count += invite_is_out(&core->claims->all[at]);
    return count;
}

/* Returns the claim whose agent has accepted but does not have the call yet; CLAIM_NONE: there is none. */
static uint32_t invite_accepted(const struct core *core, const struct interaction *ix)
{
    uint32_t at = ix->claims;
    while (at != CLAIM_NONE && !core->claims->all[at].accepted) at = core->claims->all[at].next_of_interaction;
    return at;
}

bool invite_holds(const struct core *core, const struct interaction *ix)
{
    if (invite_accepted(core, ix) != CLAIM_NONE) return true;
    unsigned out = invites_out(core, ix);
    if (out == 0 || ix->visit == VISIT_NONE) return out != 0;
    return out >= INVITED_MAX || !invite_is_of_all(core, ix, visit_at(core->vqs, ix->visit)->fiber);
}

/* True: the agent has accepted, and the call is not routed yet. */
bool invite_has_answered(const struct claim *claim)
{
    return claim->state == CLAIM_RESERVED && claim->ref != 0;
}

/* True: the agent has accepted and the call has not come: the desktop still waits for it. */
static bool waits_for_call(const struct claim *claim)
{
    return invite_has_answered(claim) || (claim->state == CLAIM_ROUTED && claim->ref != 0);
}

/* ---- asking ---- */

/* Returns the mode of the question: an agent who accepts an offered interaction has it at once; a preview asks
 * whether it may be offered. */
static enum invite_mode mode_of(const struct core *core, const struct interaction *ix, const struct claim *claim)
{
    if (claim->state == CLAIM_ACTIVE) return invite_mode_forced;
    bool offered = ix->submitted && (!ix->running || step_of(core, ix, 0) == STEP_ID_route);
    return offered ? invite_mode_invite : invite_mode_preview;
}

/* Writes the fields of a submitted interaction that an agent's desktop shows in addition to its data. */
static void invite_put_submitted(struct core *core, const struct interaction *ix, const struct claim *claim)
{
    const struct submitted *row = submitted_of(core->submissions, ix);
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, Invite_external_id, submitted_external_id(row));
    writer_bytes(writer, Invite_from, interaction_system(core->interactions, ix, SYSTEM_from));
    writer_bytes(writer, Invite_to, interaction_system(core->interactions, ix, SYSTEM_to));
    writer_bytes(writer, Invite_subject, interaction_system(core->interactions, ix, SYSTEM_subject));
    writer_bytes(writer, Invite_body, submitted_body(row));
    writer_u(writer, Invite_parent, row->parent);
    writer_u(writer, Invite_move, claim->move);
    writer_bytes(writer, Invite_by, core_name(core, claim->mover));
    writer_i(writer, Invite_received, (int64_t)interaction_arrived(core->interactions, ix) + core->now->wall_offset_us);
    uint64_t due = block_system(block_at(core->slab, ix->block), SYSTEM_due);
    if (due != VALUE_NONE) writer_i(writer, Invite_due, (int64_t)due);
    writer_u(writer, Invite_kind, authority_kind_had(core->interactions, ix, claim));
}

/* Writes until when the agent may leave a submitted interaction without a reply, and for which virtual queue the agent
 * was chosen. These fields come last. */
static void invite_put_bounds(struct core *core, const struct interaction *ix, const struct claim *claim)
{
    struct writer *writer = &core->effects->writer;
    uint64_t reply_us = reply_due_us(core, ix);
    if (reply_us != 0) writer_i(writer, Invite_reply, (int64_t)reply_us + core->now->wall_offset_us);
    uint64_t away_us = reply_away_due_us(core, ix);
    if (away_us != 0) writer_i(writer, Invite_away, (int64_t)away_us + core->now->wall_offset_us);
    if (claim->vq != 0) writer_bytes(writer, Invite_vq, core_name(core, claim->vq));
}

/* Sends the question, or shows the agent an interaction that the agent already has. A question that is sent again keeps
 * its ref, so that an answer to the first sending counts, too. */
void invite_send(struct core *core, struct interaction *ix, struct claim *claim)
{
    const struct agent *who = agent_at(core->agents, claim->agent);
    claim->link = (uint16_t)line_link_for_agent(core->agents, claim->agent, (enum media)claim->medium);
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
    if (medium_is_own(ix->media))
        writer_text(writer, Invite_medium, interactions_medium(core->interactions, ix->media));
    writer_u(writer, Invite_until, loan_gives_until_us(core->loans, claim));
    if (ix->submitted) invite_put_bounds(core, ix, claim);
    effect_end(core->effects);
}

static void invite_ask(struct core *core, struct interaction *ix, uint32_t slot, uint64_t in_us)
{
    struct claim *claim = claim_at(core->claims, slot);
    assert(claim->state <= CLAIM_INVITED && claim->interaction == ix->slot);
    claim->state = CLAIM_INVITED;
    claim->ref = 0;
    claim->until_us = core->now->time_us + in_us;
    interaction_note_agent(core->interactions, ix, NOTED_unreached, AGENT_NONE);
    session_claim_deadline(core->sessions, slot, in_us);
    interaction_tell(core->interactions, ix, FACT_agent_asked, 0, agent_at(core->agents, claim->agent)->name);
    invite_send(core, ix, claim);
    interaction_touch(core->interactions, ix);
}

bool invite_possible(const struct core *core, uint32_t agent, enum media medium)
{
    return link_can(core->links, line_link_for_agent(core->agents, agent, medium), CAP_PREVIEW);
}

/* Does the same as invite_possible for the agent and the medium of a claim. */
bool invite_claim_possible(const struct core *core, const struct claim *claim)
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
    if (!invite_asks(core, ix, fiber) || !target_is_claim(word, &agent, &number)) return step_done(word);
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    assert(claim != CLAIM_NONE); /* selection has just made the claim */
    if (!invite_claim_possible(core, claim_at(core->claims, claim))) {
        session_release(core->sessions, claim, false);
        return step_fails(code_unsupported);
    }
    invite_ask(core, ix, claim, invite_countdown_us(core, ix, fiber, PARAMETER_select_preview));
    return step_waits();
}

/* Asks the agent; the step waits for the answer. The step's timer ends with the lifetime; the claim's timer ends the
 * question. */
struct step_outcome invite_asks_alone(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t claim,
                                      uint64_t in_us)
{
    invite_ask(core, ix, claim, in_us);
    if (fiber == 0) step_timer(core, ix, fiber, ix->ends_us - core->now->time_us);
    return step_waits();
}

struct step_outcome invite_offer(struct core *core, struct interaction *ix, uint32_t slot, uint64_t in_us)
{
    struct claim *claim = claim_at(core->claims, slot);
    if (claim->state > CLAIM_INVITED) return step_fails(code_busy); /* the agent has the interaction already */
    claim->routed_by_us = true;
    if (invite_has_answered(claim)) return step_done(0);
    if (invite_claim_possible(core, claim)) return invite_asks_alone(core, ix, 0, slot, in_us);
    session_release(core->sessions, slot, false);
    return step_fails(code_unsupported);
}

void invite_agent(struct core *core, struct interaction *ix, uint32_t slot, uint64_t in_us)
{
    assert(invite_claim_possible(core, claim_at(core->claims, slot)));
    invite_ask(core, ix, slot, in_us);
}

void invite_show(struct core *core, struct interaction *ix, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    claim->until_us = core->now->time_us;
    claim->ref = 0;
    session_answered(core->sessions, slot);
    claim->link = (uint16_t)line_link_for_agent(core->agents, claim->agent, (enum media)claim->medium);
    interaction_touch(core->interactions, ix);
    if (link_usable(core->links, claim->link)) invite_send(core, ix, claim);
}

/* ---- ending ---- */

/* Tells the desktop that the question is withdrawn, and which agent was quicker, if one was. */
void invite_say_withdrawn(struct core *core, unsigned link, uint64_t claim, unsigned cause, struct interaction *ix)
{
    uint32_t taken = ix && cause == cause_redirected ? invite_accepted(core, ix) : CLAIM_NONE;
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
    withdrawals->content = table_mix64(table_mix64(withdrawals->content + said->claim) + said->until_us);
    withdrawals->content = table_mix64(withdrawals->content + said->link * 256u + said->cause);
}

/* Withdraws the question from the desktop. An agent who has accepted is told, too, if the call will not come: no
 * route was sent, or the switch refused it. */
void invite_revoke(void *self, uint32_t slot)
{
    struct core *core = self;
    struct claim *claim = claim_at(core->claims, slot);
    bool answered = waits_for_call(claim);
    if (claim->state != CLAIM_INVITED && !answered) return;
    struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    unsigned link = claim->link;
    enum cause cause = ix->gone                                               ? cause_abandoned
                       : !answered && invite_accepted(core, ix) != CLAIM_NONE ? cause_redirected
                       : !answered && claim->until_us <= core->now->time_us   ? cause_no_answer
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
    if (link_usable(core->links, link)) invite_say_withdrawn(core, link, claim->id, cause, ix);
}

void invite_withdraw_but(struct core *core, struct interaction *ix, uint32_t kept)
{
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        next = core->claims->all[at].next_of_interaction;
        if (at != kept && invite_is_out(&core->claims->all[at])) session_release(core->sessions, at, false);
    }
}

void invite_withdraw(struct core *core, struct interaction *ix)
{
    invite_withdraw_but(core, ix, CLAIM_NONE);
}

/* Leaves an agent out of the selections. An agent who could not be reached is not really excluded: one whose desktop
 * is away is no candidate until it is back. An agent who is still a candidate is left out for a short time,
 * otherwise the core would ask again and again. */
void invite_exclude(struct core *core, struct interaction *ix, uint32_t agent, uint64_t for_us)
{
    if (interaction_noted_agent(core->interactions, ix, NOTED_unreached) == agent) {
        const struct agent *who = agent_at(core->agents, agent);
        if (has_medium(who->media_away, ix->media) || !agent_reachable_for(who, (enum media)ix->media)) return;
        if (for_us > UNREACHED_US) for_us = UNREACHED_US;
    }
    exclude_add(core->excludes, ix, TYPE_AGENT, agent + UINT64_C(1), for_us);
}

/* Lets the selection continue with the agent who has accepted. The selection is continued by a timer that is due now,
 * since this function may run inside of a slice; the timer fires before the next round of the busy block. */
bool invite_goes_on(struct core *core, struct interaction *ix)
{
    uint32_t claim = invite_accepted(core, ix);
    if (claim == CLAIM_NONE) return false;
    timer_cancel(core->timers, &core->claims->all[claim].timer);
    timer_set(core->timers, &(struct timer){.deadline_us = core->now->time_us, .kind = TIMER_CLAIM, .data = claim});
    return true;
}
