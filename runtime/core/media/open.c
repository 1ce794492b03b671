/* runtime/core/media/open.c - Media without calls, such as e-mail: an interaction is submitted
 * and waits in a queue; the queue's strategy works on it, and agents get it by accepting an
 * offer.
 *
 *     Submit -> IX_QUEUED --strategy--> IX_ROUTING --an agent accepts--> IX_HANDLING -> IX_CLOSING
 *                  ^                        |                                |
 *                  +--- strategy failed ----+-------- all agents left -------+
 *
 * TIMER_LIFETIME has one meaning for each state: queued, the strategy begins (or the time in a workbin is over);
 * handled, no agent has worked on it for too long; closing, its link has not reported the end. open_late() handles
 * all three. A strategy never begins in the middle of another event: a timer that is due at once begins it after the
 * event. */
#include "runtime/core/media/open.h"

#include <assert.h>
#include <string.h>

#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/chat.h"
#include "runtime/core/media/move.h"
#include "runtime/core/media/pass_on.h"
#include "runtime/core/media/register.h"
#include "runtime/core/media/voice.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/run/judged.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/invite.h"
#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "base/utf8.h"

enum { TEXT_IN_BLOCK_MAX = 256, AT_ONCE_MAX = 8 };
#define CLOSING_US UINT64_C(3600000000) /* a session whose end is not reported counts as ended after 1 hour */
#define AGAIN_US   UINT64_C(60000000)   /* pause between strategies that pass an interaction round in a circle */

/* ---- strategies of queues ---- */

static const struct point *queue_point_of(const struct core *core, const struct interaction *ix)
{
    return ix->owner_kind == OWNER_QUEUE ? core_directory_queue_point(core->directory, ix->owner) : NULL;
}

/* Returns the strategy that is bound to the interaction's queue. PROGRAM_NONE: no strategy is bound, or (`unfit`)
 * none for its medium. */
static struct binding binding_of(const struct core *core, const struct interaction *ix, bool *unfit)
{
    struct binding none = {.program = PROGRAM_NONE};
    *unfit = false;
    const struct point *point = queue_point_of(core, ix);
    if (!point) return none;
    struct binding binding = rollout_binding(core->rollouts, point, ix);
    if (binding.program == PROGRAM_NONE) return none;
    const struct image *image = core->strategies->programs[binding.program].image;
    *unfit = !has_medium(image_media(image, binding.strategy), ix->media);
    return *unfit ? none : binding;
}

/* Notes that no strategy fits the interaction: it stays in its queue until a person takes it. */
static void open_unfit(struct core *core, const struct interaction *ix)
{
    struct unfit *unfit = &core->submissions->unfit;
    *unfit = (struct unfit){.ixn = ix->id, .count = unfit->count + 1, .queue = ix->owner};
    interaction_tell(core->interactions, ix, FACT_unfit, 0, ix->owner);
}

/* Begins the strategy of the queue in which the interaction is. False: there is none. */
static bool open_works(struct core *core, struct interaction *ix)
{
    bool unfit;
    struct binding binding = binding_of(core, ix, &unfit);
    if (unfit) open_unfit(core, ix);
    if (binding.program == PROGRAM_NONE) return false;
    ix->dn = NAME_OF(queue_point_of(core, ix)->dn);
    ix->outcome = ENDED_OTHER;
    strategy_start(core, ix, binding);
    return true;
}

void open_on_passed(struct core *core, const struct message *message)
{
    struct interaction *ix = pass_on_done(core, message);
    if (ix && !open_works(core, ix)) pass_on_later(core, ix);
}

static void open_begin(struct core *core, struct interaction *ix)
{
    if (pass_on_is_due(core, ix))
        pass_on_begin(core, ix);
    else if (ix->claims == CLAIM_NONE) /* no claim: the interaction is neither parked nor offered by a person */
        (void)open_works(core, ix);
}

/* True: the interaction is in a workbin for a limited time. */
static bool is_parked(const struct core *core, const struct interaction *ix)
{
    return submitted_back_us(core->submissions, ix) != 0;
}

/* True: it is a mail that waits for its time in its author's workbin (open_hold). */
static bool open_is_held(const struct core *core, const struct interaction *ix)
{
    const struct submitted *row = submitted_of(core->submissions, ix);
    uint32_t bin = names_find(core->names, span_of(WORKBIN_LATER));
    return is_parked(core, ix) && ix->owner == bin && row->author != 0 &&
           core->submissions->bins[row->bin].whose == row->author;
}

/* Makes the strategy of its queue begin when this event is over, or when the time in its workbin is over. Strategies
 * that pass it round in a circle begin after a pause. */
void open_begin_soon(struct core *core, struct interaction *ix)
{
    uint64_t in_us = block_at(core->slab, ix->block)->attempt < AT_ONCE_MAX ? 0 : AGAIN_US;
    uint64_t at_us = core->now->time_us + in_us;
    bool parked = is_parked(core, ix), unfit;
    if (ix->state != IX_QUEUED) return;
    bool bound = binding_of(core, ix, &unfit).program != PROGRAM_NONE, works = pass_on_is_due(core, ix) || bound;
    if (unfit && !works && !parked) open_unfit(core, ix);
    if (!parked && (ix->claims != CLAIM_NONE || !works)) return;
    if (parked && ix->ends_us > at_us) at_us = ix->ends_us;
    interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0, at_us);
}

/* ---- arrival ---- */

/* Sets a system text. False: there is no room. A long text is cut after a whole character. */
static bool open_set_system(struct core *core, struct interaction *ix, unsigned number, struct span text)
{
    uint32_t length = utf8_cut((const char *)text.bytes, text.length, TEXT_IN_BLOCK_MAX);
    uint64_t word;
    return length == 0 || (block_make_text(core->slab, ix->block, (const char *)text.bytes, length, &word) &&
                           block_system_set(core->slab, ix->block, number, word));
}

/* Sets the address to which the interaction was written: the first address, or the queue if its medium has none. A
 * mail of an agent gets all its addresses, as far as they fit. */
static void take_to(struct core *core, struct interaction *ix, const struct message *message)
{
    struct span one, list = message_text(message, Submit_to);
    bool all = message_u(message, Submit_type) == submit_type_outbound;
    char text[TEXT_IN_BLOCK_MAX];
    uint32_t at = 0, length = 0;
    while ((all || length == 0) && message_next_text(list, &at, &one)) {
        assert(length <= sizeof text);
        uint32_t comma = length == 0 ? 0 : 2;
        if (one.length > sizeof text - length - comma) break;
        memcpy(text + length, ", ", comma);
        memcpy(text + length + comma, one.bytes, one.length);
        length += comma + one.length;
    }
    struct span queue = all ? (struct span){0} : message_text(message, Submit_queue);
    (void)open_set_system(core, ix, SYSTEM_to, length == 0 ? queue : (struct span){(const uint8_t *)text, length});
}

static void open_take_over(struct core *core, struct interaction *ix, const struct message *message)
{
    (void)open_set_system(core, ix, SYSTEM_from, message_text(message, Submit_from));
    take_to(core, ix, message);
    (void)open_set_system(core, ix, SYSTEM_subject, message_text(message, Submit_subject));
    if (message_has(message, Submit_due))
        block_system_set(core->slab, ix->block, SYSTEM_due, (uint64_t)message_i(message, Submit_due));
    if (message_text(message, Submit_data).length != 0)
        userdata_take(core->interactions, ix, message_text(message, Submit_data));
}

/* True: the agent may answer: the agent has the interaction that is answered. A mail about an ended interaction, or
 * a new one, needs no permission. */
static bool may_answer(const struct core *core, const struct message *message)
{
    uint64_t parent = message_u(message, Submit_parent);
    const struct interaction *ix = parent == 0 ? NULL : interaction_by_id(core->interactions, parent);
    if (!ix || !ix->submitted || message_text(message, ENVELOPE_actor).length == 0) return true;
    return authority_may(core->interactions, message, ix, session_asker(core->sessions, message), false, ACT_answer);
}

static bool is_split(const struct message *message)
{
    return span_is(message_text(message, Submit_subtype), SUBTYPE_SPLIT);
}

/* Returns why the message makes no second mail of a part of another one; code_ok: it does, or it is about something
 * else. An agent may split an inbound mail in hand. */
static enum code split_refused(const struct core *core, const struct message *message)
{
    const struct interaction *ix = interaction_by_id(core->interactions, message_u(message, Submit_parent));
    if (!is_split(message)) return code_ok;
    if (!ix || !ix->submitted || interaction_has_ended(ix)) return code_gone;
    if (!media_is_mail((enum media)ix->media) ||
        (enum media)message_u(message, Submit_media) != (enum media)ix->media ||
        message_u(message, Submit_type) == submit_type_outbound)
        return code_unsupported;
    if (session_asker(core->sessions, message) == AGENT_NONE) return code_not_logged_in;
    return submitted_of(core->submissions, ix)->author != 0 ? code_invalid_state : code_ok;
}

/* Tells of which mail it is a part. */
static void open_is_split(struct core *core, const struct interaction *ix, const struct message *message)
{
    if (is_split(message))
        fact_tell(core->facts, &(struct fact){.what = FACT_split,
                                              .ixn = ix->id,
                                              .other = message_u(message, Submit_parent),
                                              .name = names_find(core->names, message_text(message, ENVELOPE_actor))});
}

/* Returns the queue into which the submitted interaction goes: of a part of a mail that names none, the mail's last
 * one. */
static uint32_t submit_queue(const struct core *core, const struct message *message)
{
    struct span name = message_text(message, Submit_queue);
    const struct interaction *of = is_split(message) && name.length == 0
                                       ? interaction_by_id(core->interactions, message_u(message, Submit_parent))
                                       : NULL;
    return of && of->submitted ? submitted_last_queue(core->submissions, of) : names_find(core->names, name);
}

/* Holds a mail that its agent wants sent at a time, or a part of a mail that may still be merged again: until then it
 * lies in that agent's workbin `later`, and then its queue's strategy begins. Without room for a workbin it goes at
 * once. */
static void open_hold(struct core *core, struct interaction *ix, const struct message *message)
{
    int64_t wait_us = message_i(message, Submit_begins) - now_wall_us(core->now);
    uint32_t author = names_find(core->names, message_text(message, ENVELOPE_actor));
    uint32_t bin = names_pass(core->names, span_of(WORKBIN_LATER));
    if (!message_has(message, Submit_begins) || wait_us <= 0 || author == 0 || bin == 0) return;
    if (submitted_bins_full(core->submissions) && !submitted_bin(core->submissions, bin, author)) return;
    submitted_put(core->submissions, ix, bin, author);
    submitted_park(core->submissions, ix, core->now->time_us + (uint64_t)wait_us);
    open_begin_soon(core, ix);
}

/* A reply has come: it is awaited no more. */
static void open_replied(struct core *core, struct interaction *ix)
{
    reply_look(core, ix);
    if (!reply_given(core, ix)) return;
    open_handled(core, ix);
    register_tell_reply(core, ix, false);
}

/* The mail goes to its queue: where it was held until now, it counts as the reply from now on. */
static void open_goes(struct core *core, const struct interaction *answer)
{
    const struct submitted *row = submitted_of(core->submissions, answer);
    struct interaction *ix = row->answers ? interaction_by_id(core->interactions, row->parent) : NULL;
    if (row->answers) submitted_answers(core->submissions, answer, false);
    if (ix && ix->submitted) open_replied(core, ix);
}

/* A mail that an agent writes to the customer counts as the reply to the mail which it answers. A forwarded mail and
 * work of another kind do not count as a reply. One that is held, and goes before the reply is due, counts when it
 * goes: its author may take it back until then. */
static void open_answers(struct core *core, const struct interaction *answer, const struct message *message)
{
    uint64_t parent = message_u(message, Submit_parent);
    struct interaction *ix = parent == 0 ? NULL : interaction_by_id(core->interactions, parent);
    bool written = message_text(message, ENVELOPE_actor).length != 0 &&
                   message_u(message, Submit_type) == submit_type_outbound &&
                   media_is_mail((enum media)message_u(message, Submit_media)) &&
                   !span_is(message_text(message, Submit_subtype), SUBTYPE_FORWARD);
    if (!ix || !written || !media_is_mail((enum media)ix->media)) return;
    userdata_draft_sent(core->interactions, ix, message_text(message, ENVELOPE_actor));
    if (submitted_back_us(core->submissions, answer) < reply_due_us(core, ix) && is_parked(core, answer))
        submitted_answers(core->submissions, answer, true);
    else
        open_replied(core, ix);
}

/* Adds the time that the interaction has waited in other domains, or as a part of another one. */
static void open_waited(struct core *core, struct interaction *ix, const struct message *message)
{
    int64_t waited_us = now_wall_us(core->now) - message_i(message, Submit_received);
    if (message_has(message, Submit_received) && waited_us > 0)
        interaction_late(core->interactions, ix, (uint64_t)waited_us);
}

/* As media_ops.submit. Makes the submitted interaction. A link that submits the same twice, after a lost connection,
 * gets the first interaction and is told that it is a duplicate. All reasons for a refusal are checked before
 * anything is made. */
static enum code open_submit(struct core *core, const struct message *message, uint64_t *ixn)
{
    bool passed_on = message_text(message, Submit_passed_on).length != 0;
    uint64_t key =
        submitted_key(core->submissions, message_text(message, passed_on ? Submit_passed_on : Submit_external_id),
                      message_text(message, ENVELOPE_tenant), (unsigned)message_u(message, Submit_media));
    uint32_t queue = submit_queue(core, message);
    if (message_text(message, Submit_external_id).length == 0) return code_invalid_attribute;
    *ixn = submitted_before(core->submissions, key);
    if (*ixn != 0) return code_duplicate;
    enum code refused = split_refused(core, message);
    if (refused != code_ok) return refused;
    if (!may_answer(core, message)) return code_no_privilege;
    uint64_t conn = message_u(message, ENVELOPE_conn);
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    if (conn != 0 && (!link_gave(source, conn) || interaction_by_conn(core->interactions, conn)))
        return code_unknown_conn_id;
    if (!core_directory_has_queue(core->directory, queue)) return code_invalid_dn;
    if (conn != 0 && core_directory_queue(core->directory, queue).elsewhere) return code_invalid_destination;
    if (core->draining) return code_unavailable;
    struct interaction *ix =
        interaction_new(core->interactions, (enum media)message_u(message, Submit_media), conn, source);
    if (core->last_conn[source] < conn) core->last_conn[source] = conn;
    if (!ix) return code_overload;
    ix->observed = true;
    *ixn = ix->id;
    open_take_over(core, ix, message);
    if (passed_on || is_split(message)) open_waited(core, ix, message);
    submitted_add(core->submissions, ix, key, message);
    submitted_put(core->submissions, ix, queue, 0);
    open_hold(core, ix, message);
    interaction_tell(core->interactions, ix, FACT_submitted, 0, queue);
    open_is_split(core, ix, message);
    open_answers(core, ix, message);
    return code_ok;
}

bool open_revise(struct core *core, struct interaction *ix, struct span subject, struct span body)
{
    if (!open_set_system(core, ix, SYSTEM_subject, subject)) return false;
    submitted_set_body(core->submissions, ix, body);
    interaction_touch(core->interactions, ix);
    return true;
}

/* Does a network or a mail server say from which address the customer writes? Elsewhere anybody may have typed it. */
static bool open_knows_writer(enum media medium)
{
    return media_is_mail(medium) || medium == media_sms || medium == media_mms || medium == media_im ||
           medium == media_social;
}

/* True: the customer has answered by it how they were served, and nobody has to work on it. What an agent has written
 * is no such answer. */
static bool open_judges(struct core *core, const struct interaction *ix)
{
    struct kv_value value;
    if (!open_knows_writer((enum media)ix->media) || submitted_of(core->submissions, ix)->author != 0) return false;
    kv_clear(&core->scratch);
    userdata_one(core->interactions, ix, span_of(SUBMITTED_TEXT), &core->scratch);
    return kv_get(kv_span(&core->scratch), SUBMITTED_TEXT, &value) && value.tag == KV_TEXT && !value.secret &&
           judged_sent(core, ix, value.span);
}

/* As media_ops.submitted. */
static void open_submitted(struct core *core, uint64_t ixn)
{
    struct interaction *ix = interaction_by_id(core->interactions, ixn);
    if (!ix || ix->state != IX_QUEUED || is_parked(core, ix)) return;
    if (!open_judges(core, ix)) {
        open_begin(core, ix);
        return;
    }
    ix->outcome = ENDED_STOPPED;
    if (ix->leg)
        core->media[ix->media]->close(core, ix, cause_ok);
    else
        strategy_end_interaction(core, ix);
}

/* ---- owners ---- */

struct queue open_queue(const struct core *core, const struct interaction *ix)
{
    return core_directory_queue(core->directory, submitted_queue(core->submissions, ix));
}

void open_handled(struct core *core, struct interaction *ix)
{
    /* otherwise the strategy has said how long the agent may take to reply */
    if (ix->state == IX_HANDLING && !reply_is_awaited(core, ix))
        interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0,
                          core->now->time_us + open_queue(core, ix).handling_us);
}

/* Returns the claim of the agent who has had the interaction longest and does not only watch it. CLAIM_NONE: nobody has
 * it. This claim is the one with the smallest id. */
static uint32_t open_oldest(const struct core *core, const struct interaction *ix)
{
    uint32_t found = CLAIM_NONE;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        if (core->claims->all[at].state == CLAIM_ACTIVE && !claim_looks_on(&core->claims->all[at]) &&
            (found == CLAIM_NONE || core->claims->all[at].id < core->claims->all[found].id))
            found = at;
    return found;
}

/* Keeps the queue's strategy from beginning while agents are asked. */
void open_offered(struct core *core, struct interaction *ix)
{
    if (!is_parked(core, ix)) timer_cancel(core->timers, &ix->timer[0]);
    open_handled(core, ix);
}

void open_given(struct core *core, struct interaction *ix, uint32_t agent)
{
    assert(agent < core->agents->count);
    if (open_is_held(core, ix))
        submitted_stays(core->submissions, ix); /* taken back, it does not go by itself any more */
    submitted_take(core->submissions, ix);
    interaction_own(core->interactions, ix, IX_HANDLING, OWNER_AGENT, agent_at(core->agents, agent)->name);
    reply_look(core, ix);
    open_handled(core, ix);
}

/* Tells that an agent has joined. For the home, a consulted colleague is like a supervisor who watches: the customer
 * is told of neither. */
void open_joins(struct core *core, struct interaction *ix, uint32_t slot, bool there)
{
    const struct claim *claim = claim_at(core->claims, slot);
    const struct agent *who = agent_at(core->agents, claim->agent);
    bool unseen = claim_looks_on(claim);
    register_tell_party(core, ix, claim->agent, claim->move == move_Monitor ? party_role_supervisor : party_role_agent,
                        there);
    if (!ix->leg || ix->gone || !link_usable(core->links, ix->link)) return;
    effect_begin(core->effects, &(struct effect){.kind = KIND_RequestParty, .link = ix->link, .interaction = ix});
    struct writer *writer = &core->effects->writer;
    writer_u(writer, RequestParty_change, !there ? party_op_remove : unseen ? party_op_observe : party_op_add);
    writer_bytes(writer, RequestParty_dn,
                 core_name(core, line_dn_for_agent(core->agents, claim->agent, core->media[ix->media]->capacity(ix))));
    writer_u(writer, RequestParty_role, unseen ? party_role_supervisor : party_role_agent);
    writer_bytes(writer, RequestParty_agent, core_name(core, who->name));
    writer_bytes(writer, RequestParty_display, core_name(core, who->display));
    effect_end(core->effects);
}

/* Takes the interaction from the agent, whose desk is told only if the claim was accepted; an invitation is taken
 * back elsewhere. */
void open_dismiss(struct core *core, struct interaction *ix, uint32_t claim, enum cause cause)
{
    const struct claim *over = claim_at(core->claims, claim);
    assert(over->interaction == ix->slot);
    unsigned link = line_link_of_claim(core->agents, over);
    if (over->state == CLAIM_ACTIVE) open_joins(core, ix, claim, false);
    if (over->state == CLAIM_ACTIVE && link_usable(core->links, link)) {
        effect_begin(core->effects, &(struct effect){.kind = KIND_Withdraw, .link = link, .interaction = ix});
        writer_u(&core->effects->writer, Withdraw_claim, over->id);
        writer_u(&core->effects->writer, Withdraw_reason, cause);
        effect_end(core->effects);
    }
    session_release(core->sessions, claim, over->state == CLAIM_ACTIVE);
}

/* Takes the interaction from all its agents; the agent `but` has asked for this and is not told. */
void open_dismiss_all(struct core *core, struct interaction *ix, uint32_t but, enum cause cause)
{
    while (ix->claims != CLAIM_NONE) {
        const struct claim *claim = claim_at(core->claims, ix->claims);
        if (claim->agent == but)
            session_release(core->sessions, ix->claims, claim->state == CLAIM_ACTIVE);
        else
            open_dismiss(core, ix, ix->claims, cause);
    }
}

/* Dismissing changes the list of claims, so the loop begins at its head again. */
void open_dismiss_others(struct core *core, struct interaction *ix, uint32_t agent, enum cause cause)
{
    uint32_t at = ix->claims;
    while (at != CLAIM_NONE) {
        bool other = claim_at(core->claims, at)->agent != agent;
        uint32_t next = claim_at(core->claims, at)->next_of_interaction;
        if (other) open_dismiss(core, ix, at, cause);
        at = other ? ix->claims : next;
    }
}

/* An agent who has had the interaction ends the circle in which strategies may have passed it round. */
static void leaves_agent(struct core *core, const struct interaction *ix)
{
    if (ix->state == IX_HANDLING) block_at(core->slab, ix->block)->attempt = 0;
}

/* Puts the interaction back into the bin from which it was taken. */
static void open_goes_back(struct core *core, struct interaction *ix, enum cause cause)
{
    leaves_agent(core, ix);
    open_dismiss_all(core, ix, AGENT_NONE, cause);
    submitted_return(core->submissions, ix);
    /* cause_gone: the agent has vanished, and the route may say what happens then; with any other cause the interaction
     * goes back to the queue */
    if (cause == cause_gone && reply_left(core, ix)) return;
    reply_look(core, ix);
    open_begin_soon(core, ix);
}

void open_placed(struct core *core, struct interaction *ix, uint32_t name, uint32_t whose)
{
    leaves_agent(core, ix);
    timer_cancel(core->timers, &ix->timer[0]);
    submitted_put(core->submissions, ix, name, whose);
    if (whose == 0) open_goes(core, ix);
    reply_look(core, ix);
    open_begin_soon(core, ix);
}

/* An agent has left: of the agents who remain, the one who has had the interaction longest becomes its owner. */
void open_left(struct core *core, struct interaction *ix, enum cause cause)
{
    if (ix->state != IX_HANDLING) return;
    uint32_t next = open_oldest(core, ix), before = ix->owner;
    if (next == CLAIM_NONE) {
        open_goes_back(core, ix, cause);
        return;
    }
    open_given(core, ix, claim_at(core->claims, next)->agent);
    /* the joined agent owns the interaction now and may do more, so the desk is told */
    if (ix->owner != before) invite_show(core, ix, next);
}

void open_close(struct core *core, struct interaction *ix)
{
    reply_over(core, ix);
    submitted_take(core->submissions, ix);
    interaction_own(core->interactions, ix, IX_CLOSING, OWNER_DEVICE, 0);
    interaction_timer(core->interactions, ix, TIMER_LIFETIME, 0, core->now->time_us + CLOSING_US);
}

/* The strategy has ended. The strategy has ended; what happens to the interaction depends on where the strategy put
 * it. */
static void open_over(struct core *core, struct interaction *ix)
{
    if (!interaction_stays(ix)) return; /* it ends */
    if (ix->gone || ix->outcome == ENDED_STOPPED)
        open_close(core, ix);
    else if (ix->state == IX_ROUTING || ix->state == IX_CLOSING)
        submitted_return(core->submissions, ix); /* the strategy has failed: the interaction waits for a person */
    else if (ix->state == IX_QUEUED)
        open_begin_soon(core, ix);
    open_handled(core, ix);
    /* tells the desks when the reply is due: an agent has accepted the interaction */
    if (reply_due_us(core, ix) != 0 || reply_away_due_us(core, ix) != 0) register_tell_reply(core, ix, false);
}

/* The interaction has been in its workbin for as long as the strategy said. An open offer comes first: the strategy
 * begins when the agent has refused it. */
static void comes_back(struct core *core, struct interaction *ix)
{
    uint32_t queue = submitted_last_queue(core->submissions, ix);
    /* the queue was deleted meanwhile: nobody would look there */
    if (!core_directory_has_queue(core->directory, queue)) {
        submitted_stays(core->submissions, ix);
        interaction_tell(core->interactions, ix, FACT_stays_in_workbin, 0, queue);
        return;
    }
    submitted_unpark(core->submissions, ix);
    open_goes(core, ix);
    interaction_tell(core->interactions, ix, FACT_came_back, 0, ix->owner);
    open_begin(core, ix);
}

static void open_late(struct core *core, struct interaction *ix)
{
    if (is_parked(core, ix))
        comes_back(core, ix);
    else if (ix->state == IX_QUEUED)
        open_begin(core, ix);
    else if (ix->state == IX_HANDLING)
        open_goes_back(core, ix, cause_timeout);
    else if (ix->state == IX_CLOSING)
        strategy_end_interaction(core, ix); /* the interaction's link has not reported the end in time */
}

static void agent_gone(struct core *core, struct interaction *ix, uint32_t claim)
{
    open_dismiss(core, ix, claim, cause_gone);
    open_left(core, ix, cause_gone);
}

/* ---- offers ---- */

/* True: the link keeps the interaction; an e-mail is kept by each link that has mails, also if a desk has submitted
 * it. */
static bool open_is_kept_by(const struct core *core, const struct interaction *ix, unsigned link)
{
    return ix->media == media_email
               ? link_can(core->links, link, CAP_MAIL)
               : link_can(core->links, link, CAP_LIVES) && submitted_of(core->submissions, ix)->home == link;
}

void open_tell_living(struct core *core, unsigned link)
{
    if (!link_can(core->links, link, CAP_MAIL) && !link_can(core->links, link, CAP_LIVES)) return;
    EACH_INTERACTION (ix, core->interactions) {
        if (!ix->submitted || interaction_has_ended(ix) || !open_is_kept_by(core, ix, link)) continue;
        effect_begin(core->effects, &(struct effect){.kind = KIND_Restore, .link = link, .interaction = ix});
        writer_bytes(&core->effects->writer, Restore_external_id,
                     submitted_external_id(submitted_of(core->submissions, ix)));
        effect_end(core->effects);
    }
}

static enum media open_capacity_medium(const struct interaction *ix)
{
    return (enum media)ix->media;
}

const struct media_ops media_ops_open = {
    .arrive = voice_arrive, /* a link may report its sessions as calls, which begin and end as calls do */
    .observed = voice_observed,
    .submit = open_submit,
    .submitted = open_submitted,
    .offer = voice_offer,
    .default_route = voice_default_route,
    .capacity = open_capacity_medium,
    .accepted = move_accepted,
    .refused = move_refused,
    .over = open_over,
    .close = chat_close,
    .late = open_late,
    .agent_gone = agent_gone,
    .leg_ended = voice_leg_ended,
};
