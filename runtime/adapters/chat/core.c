/* runtime/adapters/chat/core.c - The core's side of sessions: events that are posted in their order, and effects.
 *
 * Effects name a session by its connection id. A session that is not here, or is over, has ended: effects about it
 * are answered so that the core ends it, too. The order of events is that of posting, also where there is no credit
 * for a time (outbox). */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/chat/chat.h"
#include "runtime/adapters/unended/unended.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"

struct writer *chat_core_begin(struct session *session, unsigned kind, uint64_t ref)
{
    struct writer *writer = &session->chat->writer;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, session->ixn);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, session->conn);
    return writer;
}

void chat_core_post(struct chat *chat)
{
    outbox_post(&chat->outbox, writer_end(&chat->writer));
}

void core_blob(struct writer *writer, unsigned field, const struct keep_part *part)
{
    char key[24];
    if (part->length == 0) return;
    snprintf(key, sizeof key, "%" PRId64, part->part);
    writer_blob_begin(writer, field);
    writer_text(writer, Blob_store, "contacts"); /* as the plugin `email` names it */
    writer_text(writer, Blob_key, key);
    writer_u(writer, Blob_length, part->length);
    writer_bytes(writer, Blob_sha256, (struct span){part->sha256, sizeof part->sha256});
    writer_text(writer, Blob_media_type, part->type);
    writer_blob_end(writer);
}

/* ---- effects ---- */

static void chat_of_effect(struct chat *chat, const struct message *effect, unsigned kind)
{
    answer_begin(&chat->writer, effect, kind);
    writer_conn(&chat->writer, ENVELOPE_conn, message_u(effect, ENVELOPE_conn));
}

static void chat_refuse(struct chat *chat, const struct message *effect, enum outcome outcome, enum code code)
{
    chat_of_effect(chat, effect, KIND_EventDone);
    writer_u(&chat->writer, EventDone_outcome, outcome);
    writer_u(&chat->writer, EventDone_code, code);
    chat_core_post(chat);
}

/* The core hears which sessions are here. */
static void chat_resync(struct chat *chat, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    chat_of_effect(chat, effect, KIND_ResyncBegin);
    chat_core_post(chat);
    g_hash_table_iter_init(&at, chat->conns);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct session *session = value;
        if (session->phase < CHAT_SUBMITTED || session->over) continue;
        struct writer *writer = chat_core_begin(session, KIND_Observed, 0);
        writer_u(writer, Observed_what, object_call);
        writer_u(writer, Observed_media, media_chat);
        writer_u(writer, Observed_at_routing_point, 1);
        chat_core_post(chat);
    }
    chat_of_effect(chat, effect, KIND_ResyncEnd);
    chat_core_post(chat);
}

/* `name`: the customer reads it. */
static void agent_is_there(struct session *session, struct span name)
{
    g_free(session->agent_name);
    session->agent_name = g_strndup((const char *)name.bytes, name.length);
    session->here++;
    session->agent = true;
    session_save(session);
    session_heard(session);
    session_party(session, "joined", session->agent_name);
}

static void agent_leaves(struct session *session, struct span name)
{
    char *who = g_strndup((const char *)name.bytes, name.length);
    if (session->here > 0) session->here--;
    if (session->agent_name && strcmp(session->agent_name, who) == 0) session->agent_name[0] = 0; /* another is here */
    session_save(session);
    session_party(session, "left", who);
    g_free(who);
}

/* The agent's name in the DN of a desk, `chat.NAME`. */
static struct span chat_name_in(struct span dn)
{
    const uint32_t before = sizeof "chat." - 1;
    bool desk = dn.length > before && memcmp(dn.bytes, "chat.", before) == 0;
    return desk ? (struct span){dn.bytes + before, dn.length - before} : (struct span){0};
}

/* The agent joins as soon as the session is sent there: the desk shows it. */
static void chat_route(struct session *session, const struct message *effect)
{
    struct span to = message_text(effect, RequestRouteCall_dest);
    struct writer *writer = chat_core_begin(session, KIND_EventRouteUsed, message_u(effect, ENVELOPE_ref));
    writer_bytes(writer, EventRouteUsed_to, to);
    writer_u(writer, EventRouteUsed_how, route_how_instructed);
    chat_core_post(session->chat);
    writer = chat_core_begin(session, KIND_EventParty, 0);
    writer_bytes(writer, EventParty_dn, to);
    writer_u(writer, EventParty_change, party_change_Established);
    writer_u(writer, EventParty_role, party_role_agent);
    chat_core_post(session->chat);
    struct span display = message_text(effect, RequestRouteCall_display);
    agent_is_there(session, display.length > 0 ? display : chat_name_in(to));
}

static struct span chat_name_of(const struct message *party)
{
    struct span display = message_text(party, RequestParty_display);
    return display.length > 0 ? display : message_text(party, RequestParty_agent);
}

/* Tells the customer who joins and leaves, but not supervisors who look on. */
static void chat_party(struct session *session, const struct message *effect)
{
    switch (message_u(effect, RequestParty_change)) {
    case party_op_add:
        agent_is_there(session, chat_name_of(effect));
        return;
    case party_op_remove:
        if (message_u(effect, RequestParty_role) == party_role_agent) agent_leaves(session, chat_name_of(effect));
        return;
    default:
        return;
    }
}

/* A session that is not here has ended. */
static void of_nobody(struct chat *chat, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_CloseSession:
        chat_of_effect(chat, effect, KIND_EventSessionEnded);
        writer_u(&chat->writer, EventSessionEnded_cause, cause_gone);
        chat_core_post(chat);
        return;
    case KIND_SendMessage:
        chat_of_effect(chat, effect, KIND_EventDelivery);
        writer_bytes(&chat->writer, EventDelivery_msg_id, message_text(effect, SendMessage_msg_id));
        writer_u(&chat->writer, EventDelivery_state, delivery_failed);
        writer_u(&chat->writer, EventDelivery_cause, cause_gone);
        writer_u(&chat->writer, EventDelivery_final, 1);
        chat_core_post(chat);
        return;
    default:
        chat_refuse(chat, effect, outcome_error, code_gone);
    }
}

/* The effects on a chat; each is answered, now or when the store has it. */
static void of_session(struct session *session, const struct message *effect)
{
    assert(session->phase >= CHAT_OPEN && !session->over);
    switch (effect->kind) {
    case KIND_SendMessage:
        session_keep_sent(session, effect);
        return;
    case KIND_RequestRouteCall:
        chat_route(session, effect);
        return;
    case KIND_RequestParty:
        chat_party(session, effect);
        return;
    case KIND_CloseSession:
        session_close(session, "closed", (enum cause)message_u(effect, CloseSession_cause));
        return;
    default:
        chat_refuse(session->chat, effect, outcome_unsupported, code_unsupported);
    }
}

/* Answers and notices first; all else is about a session. */
void chat_perform(void *self, const struct message *effect)
{
    struct chat *chat = self;
    uint64_t conn = message_u(effect, ENVELOPE_conn);
    struct session *session = g_hash_table_lookup(chat->conns, &conn);
    if (effect->kind == KIND_Reply)
        session_reply(chat, effect);
    else if (effect->kind == KIND_Resync)
        chat_resync(chat, effect);
    else if (effect->kind == KIND_ReadReply)
        unended_answered(chat->unended, effect);
    else if (effect->kind == KIND_Configure || effect_class(effect->kind) == CLASS_NOTICE)
        return; /* they want no answer, and tell nothing that is needed */
    else if (session && session->phase >= CHAT_OPEN && !session->over)
        of_session(session, effect);
    else
        of_nobody(chat, effect);
}
