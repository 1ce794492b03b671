/* runtime/adapters/conversation/core.c - Performs the core's effects on conversations.
 *
 * Effects name a conversation by its connection id. A conversation that is unknown here, or over, has ended: effects
 * on it are answered in such a way that the core ends it too. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/conversation/internal.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"

static void effect_answer(struct conversations *all, const struct message *effect, unsigned kind)
{
    adapter_answer_begin(&all->writer, effect, kind);
    writer_conn(&all->writer, ENVELOPE_conn, message_u(effect, ENVELOPE_conn));
}

static void effect_refuse(struct conversations *all, const struct message *effect, enum outcome outcome, enum code code)
{
    effect_answer(all, effect, KIND_EventDone);
    writer_u(&all->writer, EventDone_outcome, outcome);
    writer_u(&all->writer, EventDone_code, code);
    conversation_post(all);
}

/* Answers the core's resync: lists the conversations that are here. */
static void conversations_resync(struct conversations *all, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    effect_answer(all, effect, KIND_ResyncBegin);
    conversation_post(all);
    g_hash_table_iter_init(&at, all->conns);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct conversation *conversation = value;
        if (conversation->phase < CONVERSATION_KEPT || conversation->asks || conversation->over) continue;
        struct writer *writer = conversation_event(conversation, KIND_Observed, 0);
        writer_u(writer, Observed_what, object_call);
        writer_u(writer, Observed_media, all->way->media);
        writer_u(writer, Observed_at_routing_point, 1);
        conversation_post(all);
    }
    if (all->way->observe) all->way->observe(all);
    effect_answer(all, effect, KIND_ResyncEnd);
    conversation_post(all);
}

static void customer_told(struct conversation *conversation, const char *name, bool joined)
{
    const struct conversation_way *way = conversation->all->way;
    if (way->party) way->party(conversation, name, joined);
}

/* Notes that an agent has joined; `name` is the one that the customer reads. `own`: the agent's own. */
static void agent_is_there(struct conversation *conversation, struct span name, struct span own)
{
    g_free(conversation->agent_last);
    conversation->agent_last = g_strndup((const char *)own.bytes, own.length);
    g_free(conversation->agent_name);
    conversation->agent_name = g_strndup((const char *)name.bytes, name.length);
    conversation->here++;
    conversation->agent = true;
    conversation_save(conversation);
    conversation_heard(conversation);
    customer_told(conversation, conversation->agent_name, true);
}

static void agent_leaves(struct conversation *conversation, struct span name)
{
    char *who = g_strndup((const char *)name.bytes, name.length);
    if (conversation->here > 0) conversation->here--;
    if (conversation->agent_name && strcmp(conversation->agent_name, who) == 0)
        conversation->agent_name[0] = 0; /* another agent has taken the name's place */
    conversation_save(conversation);
    customer_told(conversation, who, false);
    g_free(who);
}

/* Returns the agent's name in the DN of a desk: NAME in `chat.NAME`. */
static struct span name_in_dn(const struct conversations *all, struct span dn)
{
    const char *medium = enum_name_media(all->way->media);
    uint32_t before = (uint32_t)strlen(medium) + 1;
    bool desk = dn.length > before && memcmp(dn.bytes, medium, before - 1) == 0 && dn.bytes[before - 1] == '.';
    return desk ? (struct span){dn.bytes + before, dn.length - before} : (struct span){0};
}

/* Routes the conversation to an agent, who joins at once: the agent's desk shows the conversation. */
static void conversation_route(struct conversation *conversation, const struct message *effect)
{
    struct span to = message_text(effect, RequestRouteCall_dest);
    struct writer *writer = conversation_event(conversation, KIND_EventRouteUsed, message_u(effect, ENVELOPE_ref));
    writer_bytes(writer, EventRouteUsed_to, to);
    writer_u(writer, EventRouteUsed_how, route_how_instructed);
    conversation_post(conversation->all);
    writer = conversation_event(conversation, KIND_EventParty, 0);
    writer_bytes(writer, EventParty_dn, to);
    writer_u(writer, EventParty_change, party_change_Established);
    writer_u(writer, EventParty_role, party_role_agent);
    conversation_post(conversation->all);
    struct span display = message_text(effect, RequestRouteCall_display);
    struct span name = name_in_dn(conversation->all, to);
    agent_is_there(conversation, display.length > 0 ? display : name, name);
}

static struct span party_name(const struct message *party)
{
    struct span display = message_text(party, RequestParty_display);
    return display.length > 0 ? display : message_text(party, RequestParty_agent);
}

/* Tells the customer which agents join and leave, but not supervisors who only look on. */
static void conversation_party(struct conversation *conversation, const struct message *effect)
{
    switch (message_u(effect, RequestParty_change)) {
    case party_op_add:
        agent_is_there(conversation, party_name(effect), message_text(effect, RequestParty_agent));
        return;
    case party_op_remove:
        if (message_u(effect, RequestParty_role) == party_role_agent) agent_leaves(conversation, party_name(effect));
        return;
    default:
        return;
    }
}

/* Answers an effect on a conversation that is unknown here, and so has ended. */
static void of_nobody(struct conversations *all, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_CloseSession:
        effect_answer(all, effect, KIND_EventSessionEnded);
        writer_u(&all->writer, EventSessionEnded_cause, cause_gone);
        conversation_post(all);
        return;
    case KIND_SendMessage:
        effect_answer(all, effect, KIND_EventDelivery);
        writer_bytes(&all->writer, EventDelivery_msg_id, message_text(effect, SendMessage_msg_id));
        writer_u(&all->writer, EventDelivery_state, delivery_failed);
        writer_u(&all->writer, EventDelivery_cause, cause_gone);
        writer_u(&all->writer, EventDelivery_final, 1);
        conversation_post(all);
        return;
    default:
        effect_refuse(all, effect, outcome_error, code_gone);
    }
}

/* Submits the conversation once more. A core that was restored from a backup, or has lost its state, does not know a
 * conversation that began since, and takes it for a call that has no strategy: that interaction ends. The core may give
 * the conversation the same interaction number again. A core never takes an interaction that was submitted to it for
 * such a call. */
static void conversation_is_lost(struct conversation *conversation, uint64_t ixn)
{
    struct conversations *all = conversation->all;
    assert(conversation->phase == CONVERSATION_OPEN);
    all->services->log(all->link, GCX_LOG_WARNING, ixn, conversation->conn,
                       "%s %s: the core has lost it: it is submitted again", all->way->noun, conversation->external_id);
    struct conversation other = {.all = all, .ixn = ixn, .conn = conversation->conn};
    struct writer *writer = conversation_event(&other, KIND_EventCallDeleted, 0);
    writer_u(writer, EventCallDeleted_cause, cause_gone);
    conversation_post(all);
    conversation->here = 0;
    conversation_begin(conversation);
}

/* Performs an effect on a conversation; each effect is answered, now or when the store has kept the result. */
static void of_conversation(struct conversation *conversation, const struct message *effect)
{
    assert(conversation->phase >= CONVERSATION_OPEN && !conversation->over);
    if (effect->kind == KIND_RouteDefault && conversation->phase == CONVERSATION_OPEN) {
        conversation_is_lost(conversation, message_u(effect, ENVELOPE_ixn));
        return;
    }
    switch (effect->kind) {
    case KIND_SendMessage:
        conversation_keep_sent(conversation, effect);
        return;
    case KIND_RequestRouteCall:
        conversation_route(conversation, effect);
        return;
    case KIND_RequestParty:
        conversation_party(conversation, effect);
        return;
    case KIND_CloseSession:
        conversation_close(conversation, "closed", (enum cause)message_u(effect, CloseSession_cause));
        return;
    default:
        effect_refuse(conversation->all, effect, outcome_unsupported, code_unsupported);
    }
}

/* Handles answers and notices first; all other effects are about one conversation. */
void conversations_perform(struct conversations *all, const struct message *effect)
{
    uint64_t conn = message_u(effect, ENVELOPE_conn);
    struct conversation *conversation = g_hash_table_lookup(all->conns, &conn);
    bool answers = effect->kind == KIND_Reply || effect->kind == KIND_ReadReply;
    if (effect->kind == KIND_Resync)
        conversations_resync(all, effect);
    else if (answers && all->office)
        office_perform(all->office, effect);
    else if (answers || effect->kind == KIND_Configure || effect_class(effect->kind) == CLASS_NOTICE)
        return; /* these effects want no answer and carry nothing that is needed */
    else if (conversation && conversation->phase >= CONVERSATION_OPEN && !conversation->over)
        of_conversation(conversation, effect);
    else
        of_nobody(all, effect);
}
