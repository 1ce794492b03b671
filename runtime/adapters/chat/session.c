/* runtime/adapters/chat/session.c - Sessions: conversations whose customers are at browsers. This file has the
 * messages that customers get, and how customers come back to their sessions. */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/letters.h"
#include "runtime/adapters/chat/callback.h"
#include "runtime/adapters/chat/chat.h"

enum { TOKEN_BYTES = 32, SECOND_US = 1000000 };

/* ---- to its customer ---- */

static void session_tell(struct chat_session *session, const char *json)
{
    if (session->ticket != 0) door_say(session->chat->door, session->ticket, json);
}

static void session_tell_object(struct chat_session *session, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    if (text) session_tell(session, text);
    free(text);
    json_decref(object);
}

static void session_error(struct chat_session *session, const char *code, const char *id)
{
    if (session->ticket != 0) chat_error(session->chat, session->ticket, code, id);
}

static void session_party(struct conversation *conversation, const char *name, bool joined)
{
    session_tell_object(chat_session(conversation), json_pack("{s:s, s:s, s:s}", "type", joined ? "joined" : "left",
                                                              "role", "agent", "from", name));
}

static void session_verified(struct conversation *conversation, bool right)
{
    session_tell_object(chat_session(conversation), json_pack("{s:s, s:b}", "type", "verified", "right", right));
}

static void session_typing(struct conversation *conversation, const char *from, bool on)
{
    session_tell_object(chat_session(conversation),
                        json_pack("{s:s, s:s, s:b}", "type", "typing", "from", from, "on", on));
}

static void session_read(struct conversation *conversation, int64_t place, const char *id)
{
    (void)id;
    session_tell_object(chat_session(conversation),
                        json_pack("{s:s, s:I}", "type", "read", "index", (json_int_t)place));
}

static void session_warned(struct conversation *conversation, uint64_t seconds)
{
    session_tell_object(chat_session(conversation),
                        json_pack("{s:s, s:I}", "type", "idle", "seconds", (json_int_t)seconds));
}

static void tell_accepted(struct chat_session *session, int64_t index)
{
    int64_t read = session->conversation.read;
    session->greeted = true;
    session_tell_object(session, json_pack("{s:s, s:s, s:I, s:o*, s:o*}", "type", "accepted", "token", session->token,
                                           "index", (json_int_t)index, "files", file_rules(session->chat), "read",
                                           read > 0 ? json_integer((json_int_t)read) : NULL));
}

/* Sends the customer the message that the session is open; with it the customer may come back even to the next
 * process. */
static void session_opened(struct conversation *conversation)
{
    if (!chat_session(conversation)->greeted)
        tell_accepted(chat_session(conversation), conversation_last(conversation));
}

static void session_took(struct conversation *conversation, const char *id, int64_t place, const char *code)
{
    if (code)
        session_error(chat_session(conversation), strcmp(code, "unfit") == 0 ? "store" : code, id);
    else
        session_tell_object(chat_session(conversation),
                            json_pack("{s:s, s:s, s:I}", "type", "kept", "id", id, "index", (json_int_t)place));
}

/* ---- its connection ---- */

static void session_attach_asker(struct chat_session *session, uint64_t ticket)
{
    assert(!session->conversation.over);
    GHashTable *tickets = session->chat->tickets;
    if (session->ticket != 0) {
        g_hash_table_remove(tickets, &session->ticket);
        door_end(session->chat->door, session->ticket, DOOR_TAKEN, "the chat goes on elsewhere");
    }
    session->ticket = ticket;
    if (ticket != 0) g_hash_table_insert(tickets, &session->ticket, session);
}

/* Takes the connection from the session; the connection itself stays open. Returns the ticket of the connection; 0:
 * the session had none. */
static uint64_t session_detach(struct chat_session *session)
{
    uint64_t ticket = session->ticket;
    if (ticket != 0) g_hash_table_remove(session->chat->tickets, &session->ticket);
    session->ticket = 0;
    return ticket;
}

/* Tells the customer that the core refused the chat; the customer may begin again over the same connection. */
static void session_refused(struct conversation *conversation, const char *code)
{
    session_error(chat_session(conversation), code, NULL);
    (void)session_detach(chat_session(conversation));
}

static void session_closed(struct conversation *conversation, const char *result)
{
    struct chat_session *session = chat_session(conversation);
    session_tell_object(session, json_pack("{s:s, s:s}", "type", "closed", "reason", result));
    uint64_t ticket = session_detach(session);
    if (ticket != 0) door_end(session->chat->door, ticket, 1000, result);
}

static bool session_gone(struct conversation *conversation, uint64_t now_us)
{
    const struct chat_session *session = chat_session(conversation);
    return session->ticket == 0 && now_us - session->gone_us > session->chat->setting.resume * SECOND_US;
}

static void session_over(struct conversation *conversation)
{
    struct chat_session *session = chat_session(conversation);
    assert(session->ticket == 0); /* the chat was refused or closed before */
    g_hash_table_remove(session->chat->tokens, session->digest);
}

static void session_forget(struct conversation *conversation)
{
    struct chat_session *session = chat_session(conversation);
    if (session->files) g_hash_table_destroy(session->files);
}

/* ---- what outlives the process ---- */

static void session_save(const struct conversation *conversation, json_t *row)
{
    json_object_set_new(row, "digest", json_string(((const struct chat_session *)conversation)->digest));
}

/* Restores a session from its row; the customer is away at first. A row of an earlier version has the token itself
 * instead of its digest. */
static bool session_restore(struct conversation *conversation, const json_t *row)
{
    struct chat_session *session = chat_session(conversation);
    const char *token = json_string_value(json_object_get(row, "token"));
    const char *digest = json_string_value(json_object_get(row, "digest"));
    session->chat = conversation->all->self;
    if (!token && !digest) return false;
    if (digest)
        g_strlcpy(session->digest, digest, sizeof session->digest);
    else
        chat_digest(token, session->digest);
    session->gone_us = session->chat->services->now_us(session->chat->link);
    g_hash_table_insert(session->chat->tokens, session->digest, session);
    return true;
}

/* ---- begin and resume ---- */

/* Begins a session. The session exists from here on; the store and the core get it now or with the first words (setting
 * `begins`). */
bool session_begin(struct chat *chat, uint64_t ticket, const struct caller *caller)
{
    uint8_t bytes[TOKEN_BYTES];
    struct conversation *conversation = conversation_new(&chat->conversations, caller);
    if (!conversation) return false;
    struct chat_session *session = chat_session(conversation);
    session->chat = chat;
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(session->token, sizeof session->token, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    chat_digest(session->token, session->digest);
    g_hash_table_insert(chat->tokens, session->digest, session);
    session_attach_asker(session, ticket);
    if (strcmp(chat->setting.begins, "open") == 0) {
        conversation_put(conversation);
        return true;
    }
    conversation_save(conversation);
    return true;
}

void session_resume(struct chat_session *session, uint64_t ticket, int64_t after)
{
    if (session->conversation.phase < CONVERSATION_OPEN) {
        /* no line was sent yet: the customer gets all lines with the transcript */
        session_attach_asker(session, ticket);
        tell_accepted(session, 0);
        return;
    }
    struct conversation_job *job = conversation_job(&session->conversation, KEEP_READ);
    job->keep.n = after;
    job->ticket = ticket;
    conversation_job_give(job);
}

/* ---- messages ---- */

static json_t *file_json(const struct keep_part *file)
{
    return json_pack("{s:I, s:I, s:s}", "file", (json_int_t)file->part, "length", (json_int_t)file->length, "type",
                     file->type);
}

/* A line of the transcript as the customer gets it, malloc'ed. */
static char *line_text(const struct keep_line *kept)
{
    json_t *line = json_pack("{s:s, s:I, s:I, s:s, s:s, s:s*, s:s}", "type", "message", "index", (json_int_t)kept->n,
                             "at", (json_int_t)(kept->at_us / 1000), "role", kept->role, "from", kept->from, "id",
                             kept->id, "text", kept->text);
    if (line && kept->file.part != 0) json_object_set_new(line, "file", file_json(&kept->file));
    if (line && kept->marks != 0) json_object_set_new(line, "marks", json_integer(kept->marks));
    char *shown = line ? json_dumps(line, JSON_COMPACT) : NULL;
    json_decref(line);
    return shown;
}

/* Sends a line to its customer; one who is away gets it with the transcript when the chat is resumed. */
static enum delivery session_send(struct conversation *conversation, struct keep_job *said, enum cause *cause)
{
    struct keep_line line = {.n = said->n,
                             .at_us = said->wall_us,
                             .role = (char *)said->role,
                             .from = said->from,
                             .text = said->text,
                             .marks = content_marks(said->about),
                             .file = said->part};
    char *text = line_text(&line);
    if (text) session_tell(chat_session(conversation), text);
    free(text);
    *cause = cause_ok;
    return delivery_accepted;
}

/* Sends the lines after the place that the browser named, page by page; the connection belongs to the chat when all
 * lines are sent. */
static void session_resumed(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    struct chat_session *session = chat_session(conversation);
    struct chat *chat = session->chat;
    if (!job->keep.good || conversation->phase != CONVERSATION_OPEN ||
        g_hash_table_lookup(chat->tickets, &job->ticket)) {
        chat_error(chat, job->ticket, job->keep.good ? "unknown" : "store", NULL);
        return;
    }
    for (unsigned i = 0; i < job->keep.lines->len; i++) {
        char *text = line_text(job->keep.lines->pdata[i]);
        if (text) door_say(chat->door, job->ticket, text);
        free(text);
    }
    if (job->keep.more) {
        session_resume(session, job->ticket, job->keep.n);
        return;
    }
    session_attach_asker(session, job->ticket);
    conversation->shown = job->keep.n;
    tell_accepted(session, conversation_last(conversation));
    if (conversation->here > 0) session_party(conversation, conversation->agent_name, true);
}

static void session_job(struct conversation_job *job)
{
    if (job->keep.what != KEEP_READ)
        file_done(job);
    else if (!job->conversation->over)
        session_resumed(job);
}

static void session_second(void *self)
{
    struct chat *chat = self;
    door_tick(chat->door);
    chat->services->figure(chat->link, "chats", (int64_t)g_hash_table_size(chat->conversations.conns));
    chat->services->figure(chat->link, "customers", (int64_t)g_hash_table_size(chat->tickets));
    callbacks_tick(chat->callbacks);
}

const struct conversation_way chat_way = {
    .media = media_chat,
    .noun = "chat",
    .memos = &callback_memos,
    .files = LETTER_GOES_chat_file,
    .kind = STORE_email,
    .address_key = "email",
    .size = sizeof(struct chat_session),
    .waits = session_opened,
    .opened = session_opened,
    .took = session_took,
    .refused = session_refused,
    .send = session_send,
    .typing = session_typing,
    .read = session_read,
    .party = session_party,
    .verified = session_verified,
    .warned = session_warned,
    .closed = session_closed,
    .gone = session_gone,
    .over = session_over,
    .job = session_job,
    .dropped = file_dropped,
    .second = session_second,
    .save = session_save,
    .restore = session_restore,
    .forget = session_forget,
};
