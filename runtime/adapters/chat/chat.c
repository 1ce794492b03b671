/* runtime/adapters/chat/chat.c - Messages of customers: JSON objects with a `type`; gcx-chat(8) lists them.
 *
 * A connection may have a chat or not: the messages `begin` and `resume` are for connections that have none, all
 * other messages for connections that have one. A browser may send anything, so each field is looked at for its
 * type, its length and its characters before it is used; a message that is wrong is answered by an `error` and
 * changes nothing. */
#include "runtime/adapters/chat/chat.h"
#include "runtime/adapters/chat/identity.h"

#include <assert.h>
#include <string.h>

enum { NAME_MAX_SHOWN = 100, SUBJECT_MAX = 500, ID_MAX = 64, QUEUE_MAX = 64 };

/* The text of a field of the message; "" where the field is missing. NULL: the field is not a text, or too long. */
static const char *chat_text_of(const json_t *object, const char *key, size_t max)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) return "";
    return json_is_string(value) && json_string_length(value) <= max ? json_string_value(value) : NULL;
}

static bool chat_has_controls(const char *text, bool lines)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' && !(lines && (*c == '\n' || *c == '\t'))) return true;
    return strchr(text, 127) != NULL;
}

static bool line_good(const char *text)
{
    return text && !chat_has_controls(text, false);
}

static const char *chat_queue_of(const struct chat *chat, const char *wanted)
{
    char **queue = chat->setting.all_queues;
    if (!*wanted) return *queue;
    for (; *queue; queue++)
        if (strcmp(*queue, wanted) == 0) return *queue;
    return NULL;
}

/* Reads the token, or the HMAC of the address, by which the site says who its visitor is: the name and address of a
 * token stand for what is typed. False: it is refused; the log has why, as the visitor's browser need not know. */
static bool chat_identified(struct chat *chat, const char *token, struct identity *identity, struct caller *caller)
{
    const struct identity_key *key = chat->setting.identity_key;
    struct error error = {0};
    int64_t now = (int64_t)chat->services->wall_us(chat->link);
    if (!*token) return true;
    if (!key)
        error_set(&error, ERROR_STATE, "the setting `identity` names no key");
    else if (identity_is_hmac(span_of(token))
                 ? identity_hmac(key, caller->address, span_of(token), now, identity, &error)
                 : identity_read(key, chat->setting.identity_audience, span_of(token), now, identity, &error)) {
        if (*identity->name) caller->name = identity->name;
        caller->address = identity->mail;
        caller->proof = identity->digest, caller->proof_until = identity->until;
        return true;
    }
    chat->services->log(chat->link, GCX_LOG_WARNING, 0, 0, "a token of the site is refused: %s", error.text);
    return false;
}

/* Begins a chat for the connection if the core is up and the limits allow it; otherwise the customer gets an error
 * and the connection stays open. */
static void on_begin(struct chat *chat, uint64_t ticket, const json_t *object)
{
    const char *name = chat_text_of(object, "name", NAME_MAX_SHOWN),
               *subject = chat_text_of(object, "subject", SUBJECT_MAX);
    const char *email = chat_text_of(object, "email", 254), *wanted = chat_text_of(object, "queue", QUEUE_MAX),
               *token = chat_text_of(object, "identity", IDENTITY_TOKEN_MAX);
    const char *queue = wanted ? chat_queue_of(chat, wanted) : NULL;
    struct identity identity;
    struct caller caller = {.name = name, .address = email, .subject = subject, .queue = queue};
    if (!line_good(name) || !line_good(subject) || !line_good(email))
        chat_error(chat, ticket, "invalid", NULL);
    else if (!queue)
        chat_error(chat, ticket, "queue", NULL);
    else if (!token || !chat_identified(chat, token, &identity, &caller))
        chat_error(chat, ticket, "identity", NULL);
    else if (!chat->services->up(chat->link))
        chat_error(chat, ticket, "away", NULL);
    else if (!door_may_begin(chat->door, ticket, chat->setting.begins_per_minute) ||
             !session_begin(chat, ticket, &caller))
        chat_error(chat, ticket, "too_many", NULL);
}

static void on_resume(struct chat *chat, uint64_t ticket, const json_t *object)
{
    const char *token = chat_text_of(object, "token", CHAT_TOKEN);
    json_int_t index = json_integer_value(json_object_get(object, "index"));
    struct chat_session *session = token ? session_of_token(chat, token) : NULL;
    if (session && session->conversation.phase <= CONVERSATION_OPEN)
        session_resume(session, ticket, index < 0 ? 0 : index);
    else
        chat_error(chat, ticket, "unknown", NULL);
}

/* Handles a message of a connection that has a chat: checks the message itself here, and the state of the chat
 * afterwards. */
static void on_message(struct chat_session *session, const json_t *object)
{
    assert(session->ticket != 0); /* the message has come by its connection */
    struct chat *chat = session->chat;
    const json_t *named = json_object_get(object, "file");
    int64_t file = json_integer_value(named);
    const char *id = chat_text_of(object, "id", ID_MAX);
    const char *text = named ? file_name_of(session, file) : chat_text_of(object, "text", SIZE_MAX);
    if (!line_good(id) || !*id)
        chat_error(chat, session->ticket, "invalid", NULL);
    else if (named && !text)
        chat_error(chat, session->ticket, "file", id);
    else if (!text || !*text)
        chat_error(chat, session->ticket, "invalid", NULL);
    else if (strlen(text) > chat->setting.text)
        chat_error(chat, session->ticket, "too_long", id);
    else if (chat_has_controls(text, true))
        chat_error(chat, session->ticket, "invalid", id);
    else
        conversation_say(&session->conversation, id, text, file);
}

static void chat_take_object(struct chat *chat, uint64_t ticket, const json_t *object)
{
    const char *type = chat_text_of(object, "type", ID_MAX);
    struct chat_session *session = g_hash_table_lookup(chat->tickets, &ticket);
    if (!type)
        chat_error(chat, ticket, "invalid", NULL);
    else if (!session && strcmp(type, "begin") == 0)
        on_begin(chat, ticket, object);
    else if (!session && strcmp(type, "resume") == 0)
        on_resume(chat, ticket, object);
    else if (session && strcmp(type, "message") == 0)
        on_message(session, object);
    else if (session && strcmp(type, "typing") == 0)
        conversation_typing(&session->conversation, json_is_true(json_object_get(object, "on")));
    else if (session && strcmp(type, "leave") == 0)
        conversation_leave(&session->conversation, "left", cause_ok);
    else
        chat_error(chat, ticket, "invalid", NULL);
}

void chat_heard(void *self, uint64_t ticket, const char *text, size_t length)
{
    struct chat *chat = self;
    json_error_t wrong;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &wrong);
    if (json_is_object(object))
        chat_take_object(chat, ticket, object);
    else
        chat_error(chat, ticket, "invalid", NULL);
    json_decref(object);
}

void chat_gone(void *self, uint64_t ticket)
{
    struct chat *chat = self;
    struct chat_session *session = g_hash_table_lookup(chat->tickets, &ticket);
    if (!session) return;
    assert(session->ticket == ticket);
    g_hash_table_remove(chat->tickets, &ticket);
    session->ticket = 0;
    session->gone_us = chat->services->now_us(chat->link);
}
