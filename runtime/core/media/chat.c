/* runtime/core/media/chat.c - Sessions: messages between the home and the agents, parties that join and leave, and
 * the end.
 *
 *     customer <--> home link <--> core <--> links of agents' desks
 *                      |             |
 *                   ix->link      sendings: what the home has not confirmed yet
 *
 * The home is the adapter that has the customer. The core keeps a message of an agent until the home has confirmed
 * it, and sends it again under the same number after an interruption; a notice, for example that somebody is typing,
 * is sent once. Messages to desks are sent once. A page is a short message without a session (without a leg): only
 * texts can be sent in it. */
#include "runtime/core/media/chat.h"

#include <assert.h>

#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/open.h"
#include "runtime/core/media/register.h"
#include "runtime/core/media/sending.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/judged.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"

/* ---- messages ---- */

/* Returns the name under which a message is sent: for people, the agent's name in the directory; the desk of the
 * agent sends the login name. */
static struct span sender_of(const struct core *core, const struct message *message)
{
    struct span from = message_text(message, EventMessage_from);
    uint32_t agent;
    bool by_agent = message_u(message, EventMessage_role) != party_role_customer &&
                    agent_find(core->agents, names_find(core->names, from), &agent);
    return by_agent ? core_name(core, agent_called(agent_at(core->agents, agent))) : from;
}

/* `ref`: ref of the SendMessage, 0 for a new message. Returns it. */
static uint32_t chat_send_begin(struct core *core, struct interaction *ix, const struct message *message, unsigned link,
                                uint32_t ref)
{
    ref = effect_begin(core->effects,
                       &(struct effect){.kind = KIND_SendMessage, .link = link, .interaction = ix, .ref = ref});
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, SendMessage_msg_id, message_text(message, EventMessage_msg_id));
    writer_u(writer, SendMessage_kind, message_u(message, EventMessage_kind));
    writer_u(writer, SendMessage_notice, message_u(message, EventMessage_notice));
    writer_bytes(writer, SendMessage_from, sender_of(core, message));
    return ref;
}

static void send_end(struct core *core, const struct message *message)
{
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, SendMessage_text, message_text(message, EventMessage_text));
    writer_bytes(writer, SendMessage_body, message_text(message, EventMessage_body));
    writer_u(writer, SendMessage_visible, message_u(message, EventMessage_visible));
    writer_u(writer, SendMessage_role, message_u(message, EventMessage_role));
    effect_end(core->effects);
}

/* True: the message is a notice, for example that somebody is typing, which may be lost. */
static bool is_notice(const struct message *message)
{
    return message_u(message, EventMessage_kind) == message_kind_notice;
}

/* Sends an agent's answer to a single short message (paging). The answer goes to the address that wrote, from the
 * number to which the short message was sent. */
static uint32_t send_page(struct core *core, struct interaction *ix, const struct message *message, uint32_t ref)
{
    struct writer *writer = &core->effects->writer;
    ref = effect_begin(core->effects,
                       &(struct effect){.kind = KIND_SendMessage, .link = ix->link, .interaction = ix, .ref = ref});
    writer_bytes(writer, SendMessage_msg_id, message_text(message, EventMessage_msg_id));
    writer_u(writer, SendMessage_kind, message_kind_text);
    writer_bytes(writer, SendMessage_from, interaction_system(core->interactions, ix, SYSTEM_to));
    writer_list_begin(writer, SendMessage_to);
    writer_list_text(writer, interaction_system(core->interactions, ix, SYSTEM_from));
    writer_list_end(writer);
    writer_bytes(writer, SendMessage_text, message_text(message, EventMessage_text));
    writer_bytes(writer, SendMessage_reply_to, submitted_external_id(submitted_of(core->submissions, ix)));
    writer_u(writer, SendMessage_role, party_role_agent);
    effect_end(core->effects);
    return ref;
}

/* Sends the message to the home: in the session, or as the answer to a page. */
static uint32_t send_home(struct core *core, struct interaction *ix, const struct message *message, uint32_t ref)
{
    if (!ix->leg) return send_page(core, ix, message, ref);
    ref = chat_send_begin(core, ix, message, ix->link, ref);
    send_end(core, message);
    return ref;
}

/* True: the message can be sent in a page: a text for all parties; a page can carry nothing else to the customer. */
static bool page_takes(const struct message *message)
{
    return message_u(message, EventMessage_kind) == message_kind_text &&
           message_u(message, EventMessage_visible) != visible_agents;
}

/* Sends the message to the home. The message is stored before it is sent, otherwise the core might have sent a message
 * that it does not know. */
static void to_home(struct core *core, struct interaction *ix, const struct message *message)
{
    if (!ix->leg && !page_takes(message)) return;
    if (is_notice(message)) {
        (void)send_home(core, ix, message, 0);
        return;
    }
    uint32_t row = sending_hold(core, ix, message);
    if (link_held(core->links, ix->link))
        return; /* the message is sent after earlier messages, which are sent again after the resync */
    sending_went(core, ix, row, send_home(core, ix, message, 0));
}

/* Tells the home to end the session. `ref`: 0 for a new effect. Returns it. */
static uint32_t send_end_home(struct core *core, struct interaction *ix, enum cause cause, uint32_t ref)
{
    ref = effect_begin(core->effects,
                       &(struct effect){.kind = KIND_CloseSession, .link = ix->link, .interaction = ix, .ref = ref});
    writer_u(&core->effects->writer, CloseSession_cause, cause);
    effect_end(core->effects);
    return ref;
}

/* Sends a stored row; a row without a frame is the end of the session. */
static uint32_t send_held(struct core *core, struct interaction *ix, const struct sending *sending)
{
    struct message message;
    struct error error;
    if (sending->length == 0) return send_end_home(core, ix, (enum cause)sending->cause, sending->ref);
    bool read = message_read(&message, sending->frame, sending->length, &error);
    assert(read); /* it was read before */
    return read ? send_home(core, ix, &message, sending->ref) : sending->ref;
}

/* The messages are sent in the order in which they were written. */
void chat_send_again(struct core *core, struct interaction *ix)
{
    for (uint32_t row = SENDING_NONE; (row = sending_next(core, ix, row)) != SENDING_NONE;)
        sending_went(core, ix, row, send_held(core, ix, &core->sendings->all[row]));
}

/* True: at least one agent of the given link has the interaction. `names`: writes the names of the agents who have
 * it there. */
static bool at_link(struct core *core, const struct interaction *ix, unsigned link, bool names)
{
    bool found = false;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction) {
        const struct claim *claim = &core->claims->all[at];
        const struct agent *who = agent_at(core->agents, claim->agent);
        if (claim->state != CLAIM_ACTIVE || line_link_of_claim(core->agents, claim) != link) continue;
        if (names) writer_list_text(&core->effects->writer, core_name(core, who->name));
        found = true;
    }
    return found;
}

/* Sends the message once to each other link whose agents have the interaction. */
static void to_agents(struct core *core, struct interaction *ix, const struct message *message, unsigned from)
{
    for (unsigned link = SOURCE_LINKS; link < SOURCES_MAX; link++) {
        if (link == from || link == ix->link || !link_usable(core->links, link) || !at_link(core, ix, link, false))
            continue;
        chat_send_begin(core, ix, message, link, 0);
        writer_list_begin(&core->effects->writer, SendMessage_to);
        (void)at_link(core, ix, link, true);
        writer_list_end(&core->effects->writer);
        send_end(core, message);
    }
}

/* Returns the agent who has written the message; AGENT_NONE: no agent of the given link. */
static uint32_t writer_of(const struct core *core, const struct message *message)
{
    uint32_t agent;
    if (!agent_find(core->agents, names_find(core->names, message_text(message, ENVELOPE_actor)), &agent) ||
        !line_agent_on_link(core->agents, agent, (unsigned)message_u(message, ENVELOPE_source)))
        return AGENT_NONE;
    return agent;
}

/* May the sender send this message? An agent writes as an agent, and only the customer's own adapter writes for the
 * customer. */
static bool may_be_said(const struct core *core, const struct interaction *ix, const struct message *message,
                        uint32_t agent)
{
    bool aside = message_u(message, EventMessage_visible) == visible_agents;
    unsigned role = (unsigned)message_u(message, EventMessage_role);
    if (agent != AGENT_NONE && (role == party_role_customer || role == party_role_bot)) return false;
    return authority_may(core->interactions, message, ix, agent, false, aside ? ACT_advise : ACT_answer);
}

/* True: the adapter that has the customer is away. The customer cannot read anything then: the agent has to write
 * the message again later. A page may end at once, and messages stored for it would be lost with it: so nothing is
 * stored for it until the resync is over. */
static bool home_is_away(const struct core *core, const struct interaction *ix)
{
    return !link_there(core->links, ix->link) || (!ix->leg && link_held(core->links, ix->link));
}

/* What an agent says to the customer is the reply to a conversation; a notice, or what only colleagues read, is none.
 */
static void chat_replied(struct core *core, struct interaction *ix, const struct message *message)
{
    bool aside = message_u(message, EventMessage_visible) == visible_agents;
    if (aside || is_notice(message) || !media_is_conversation((enum media)ix->media)) return;
    userdata_draft_sent(core->interactions, ix, message_text(message, ENVELOPE_actor));
    if (reply_given(core, ix)) register_tell_reply(core, ix, false);
}

/* Lets those know of a message who wait for one: a reply is awaited of an agent, and of a customer perhaps a mark.
 * True: the customer has begun the session to answer how they were served, so it is over. */
static bool chat_awaited(struct core *core, struct interaction *ix, const struct message *message, uint32_t agent)
{
    bool first = message_u(message, EventMessage_index) == 1;
    bool pressed = mark_pressed(message_text(message, EventMessage_msg_id));
    if (agent == AGENT_NONE)
        return message_u(message, EventMessage_role) == party_role_customer &&
               judged_said(core, ix, message_text(message, EventMessage_text), pressed || first) && first;
    chat_replied(core, ix, message);
    reply_look(core, ix);
    return false;
}

/* Takes a message. Several checks are made, each with a code; the first that fails is the answer. The reply is sent
 * before the message. */
void chat_on_message(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    uint32_t agent = writer_of(core, message);
    bool there = ix && sending_reaches(ix) && ix->state != IX_CLOSING;
    /* A link that has both the customer and agents writes for the customer if the agent does not have the
     * interaction there. */
    if (there && source == ix->link && session_claim_of(core->claims, ix, agent) == CLAIM_NONE) agent = AGENT_NONE;
    bool customer = there && agent == AGENT_NONE && source == ix->link;
    enum code code = !there ? code_gone : !may_be_said(core, ix, message, agent) ? code_no_privilege : code_ok;
    const char *why = code == code_no_privilege ? authority_why(core->interactions, ix, agent) : NULL;
    if (code == code_ok && !customer && home_is_away(core, ix)) code = code_link_down;
    if (code == code_ok && source != ix->link && !is_notice(message) && sendings_full(core, ix)) code = code_overload;
    bool file = message_u(message, EventMessage_kind) == message_kind_file;
    if (code == code_ok && !ix->leg && (file || !link_can(core->links, ix->link, CAP_TEXTS))) code = code_unsupported;
    if (!why) why = enum_name_code(code);
    effect_reply_about(core->effects, message, ix ? ix->id : 0, code == code_ok ? outcome_ok : outcome_error, code,
                       code == code_ok ? NULL : why, NULL);
    if (code != code_ok) return;
    interaction_tell(core->interactions, ix, FACT_message_told, (unsigned)message_u(message, EventMessage_role), 0);
    bool answered = chat_awaited(core, ix, message, agent);
    open_handled(core, ix);
    if (source != ix->link) to_home(core, ix, message);
    to_agents(core, ix, message, source);
    if (answered) chat_stop(core, ix, AGENT_NONE);
}

/* ---- who is in the session ---- */

/* The customer has left: a strategy runs its `on abandoned`, agents lose the interaction, and the core waits for the
 * end of the session. For a page no end is reported, and nothing can reach its customer any more. */
static void chat_abandoned(struct core *core, struct interaction *ix)
{
    if (ix->gone) return;
    ix->gone = true;
    if (!ix->leg) sendings_forget(core, ix);
    if (ix->running) {
        interaction_tell(core->interactions, ix, FACT_abandoned, 0, 0);
        strategy_abandoned(core, ix);
    } else if (ix->state != IX_CLOSING) {
        open_dismiss_all(core, ix, AGENT_NONE, cause_abandoned);
        open_close(core, ix);
    }
}

/* An agent has joined. Called only for the agent to whom the strategy has routed the session; all others join by an
 * invitation. */
static void chat_joined(struct core *core, struct interaction *ix, uint32_t agent)
{
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    bool routed = ix->running && ix->route_phase >= ROUTE_ASKED && ix->route_phase <= ROUTE_PULLING;
    if (!routed || claim == CLAIM_NONE || claim_at(core->claims, claim)->state != CLAIM_ROUTED) return;
    session_answered(core->sessions, claim);
    route_established(core, ix, agent);
    register_tell_party(core, ix, agent, party_role_agent, true);
}

static void session_left(struct core *core, struct interaction *ix, uint32_t agent)
{
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    if (claim == CLAIM_NONE || claim_at(core->claims, claim)->state != CLAIM_ACTIVE) return;
    open_dismiss(core, ix, claim, cause_gone);
    open_left(core, ix, cause_gone);
}

void chat_on_party(struct core *core, struct interaction *ix, const struct message *message)
{
    unsigned change = (unsigned)message_u(message, EventParty_change);
    unsigned role = (unsigned)message_u(message, EventParty_role);
    bool leaves = change == party_change_Released || change == party_change_PartyDeleted;
    uint32_t agent = session_who_near(core->sessions, message_text(message, EventParty_agent), ix->link,
                                      message_text(message, EventParty_dn));
    if (change == party_change_Abandoned || (leaves && role == party_role_customer))
        chat_abandoned(core, ix);
    else if (agent != AGENT_NONE && leaves)
        session_left(core, ix, agent);
    else if (agent != AGENT_NONE && (change == party_change_Established || change == party_change_PartyAdded))
        chat_joined(core, ix, agent);
}

/* ---- the end ---- */

/* Tells the home to end the session; the interaction waits for the answer. Without an answer it ends after a time. */
void chat_close(struct core *core, struct interaction *ix, enum cause cause)
{
    uint32_t row = sending_hold_end(core, ix, cause);
    if (row != SENDING_NONE && !link_held(core->links, ix->link))
        sending_went(core, ix, row, send_end_home(core, ix, cause, 0)); /* while the link is held the end is not
                                                                         * sent; it is sent after the resync */
    interaction_tell(core->interactions, ix, FACT_session_closed, cause, 0);
    if (!ix->running) {
        open_close(core, ix);
        return;
    }
    submitted_take(core->submissions, ix);
    /* the interaction is closing until its strategy has ended */
    interaction_own(core->interactions, ix, IX_CLOSING, OWNER_STRATEGY, ix->owner);
}

/* Ends the interaction. A session with a customer is closed first, and ends when its link reports this. One without
 * ends now. */
void chat_stop(struct core *core, struct interaction *ix, uint32_t but)
{
    bool closes = ix->leg && ix->state != IX_CLOSING;
    if (ix->running) activation_drop(core, ix, ENDED_STOPPED);
    if (ix->outcome == ENDED_OTHER) ix->outcome = ENDED_STOPPED;
    open_dismiss_all(core, ix, but, cause_ok);
    if (closes)
        chat_close(core, ix, cause_ok); /* the interaction ends when its link has reported the end of the session */
    else if (!ix->leg)
        strategy_end_interaction(core, ix);
}

/* The leg has ended. The session has ended. A strategy for the time afterwards may begin, with the transcript as its
 * text. */
void chat_over(struct core *core, struct interaction *ix, unsigned cause)
{
    interaction_tell(core->interactions, ix, FACT_call_ended, cause, 0);
    if (cause == cause_lost && ix->outcome == ENDED_OTHER) ix->outcome = ENDED_LOST;
    chat_abandoned(core, ix);
    if (interaction_has_ended(ix)) return;
    sendings_forget(core, ix);
    interaction_leave_call(core->interactions, ix);
    if (ix->running) return; /* `on abandoned` still runs; the interaction ends when it has ended */
    if (!ix->followed) {
        strategy_end_interaction(core, ix);
        return;
    }
    submitted_return(core->submissions, ix); /* if the strategy fails, the interaction waits in its bin for a person */
    submitted_stays(core->submissions, ix);
    ix->outcome = ENDED_OTHER;
    strategy_follows(core, ix);
}

void chat_on_ended(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    if (!ix || !ix->submitted || ix->link != message_u(message, ENVELOPE_source)) return; /* late */
    submitted_set_body(core->submissions, ix, message_text(message, EventSessionEnded_transcript));
    chat_over(core, ix, (unsigned)message_u(message, EventSessionEnded_cause));
}
