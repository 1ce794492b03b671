/* runtime/adapters/chat/session.c - A session from its begin to its end, and what the thread brings back.
 *
 * The order in which a message becomes known is always the same: the store keeps it (a job, KEEP_SAY), then its
 * writer hears that it is kept, then the other side hears of it. `told` and `shown` are places in the store's
 * transcript up to which core and customer have heard; a repetition has an old place, and is told to nobody twice.
 *
 * The end is kept, too (KEEP_END): the core and the customer hear of it when the store has it. While the store is
 * away the job is given again each second (end_again), and so are agents' messages, in their order (unkept, again).
 * A customer's message is not: the customer hears `store`, and the browser says it again.
 *
 * Jobs of a session may be under way when it is over. `jobs` counts them; the last one to come back frees the
 * session. */
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/chat/chat.h"
#include "runtime/web/saved.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

enum { TOKEN_BYTES = 32, ID_BYTES = 16, JOBS_MAX = 20000, SECOND_US = 1000000 };

/* ---- to its customer ---- */

void session_tell(struct session *session, const char *json)
{
    if (session->ticket != 0) door_say(session->chat->door, session->ticket, json);
}

static void session_tell_object(struct session *session, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    if (text) session_tell(session, text);
    free(text);
    json_decref(object);
}

void session_party(struct session *session, const char *type, const char *name)
{
    session_tell_object(session, json_pack("{s:s, s:s, s:s}", "type", type, "role", "agent", "from", name ? name : ""));
}

static void tell_accepted(struct session *session, int64_t index)
{
    session->greeted = true;
    session_tell_object(session, json_pack("{s:s, s:s, s:I, s:o*}", "type", "accepted", "token", session->token,
                                           "index", (json_int_t)index, "files", file_rules(session->chat)));
}

static void session_attach_asker(struct session *session, uint64_t ticket)
{
    assert(!session->over);
    GHashTable *tickets = session->chat->tickets;
    if (session->ticket != 0) {
        g_hash_table_remove(tickets, &session->ticket);
        door_end(session->chat->door, session->ticket, DOOR_TAKEN, "the chat goes on elsewhere");
    }
    session->ticket = ticket;
    if (ticket != 0) g_hash_table_insert(tickets, &session->ticket, session);
}

/* ---- jobs ---- */

struct job *session_job(struct session *session, enum keep what)
{
    struct job *job = memory_zeroed(1, sizeof *job);
    job->session = session;
    job->keep.what = what;
    job->keep.interaction = session->interaction;
    job->keep.wall_us = (int64_t)session->chat->services->wall_us(session->chat->link);
    job->keep.journal = session->chat->services->journal(session->chat->link);
    return job;
}

void session_job_give(struct job *job)
{
    job->session->jobs++;
    worker_give(job->session->chat->worker, job);
}

void session_work(void *self, void *given)
{
    keep_do(((struct chat *)self)->store, &((struct job *)given)->keep);
}

static void log_job(const struct job *job, const char *what)
{
    const struct session *session = job->session;
    session->chat->services->log(session->chat->link, GCX_LOG_ERROR, session->ixn, session->conn, "chat %s: %s: %s",
                                 session->external_id, what, job->keep.error.text);
}

/* ---- what outlives the process ---- */

static void log_unsaved(const struct session *session)
{
    session->chat->services->log(session->chat->link, GCX_LOG_ERROR, session->ixn, session->conn,
                                 "state: %s: a chat that ends with this process: %s", session->chat->setting.state,
                                 g_strerror(errno));
}

/* The row has all that the next process needs to go on, but what was said: the store has that. */
void session_save(struct session *session)
{
    if (!session->chat->saved) return;
    json_t *row = json_pack("{s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:b, s:i, s:s}", "token", session->token, "conn",
                            (json_int_t)session->conn, "ixn", (json_int_t)session->ixn, "interaction",
                            (json_int_t)session->interaction, "name", session->name, "email", session->email, "subject",
                            session->subject, "queue", session->queue, "agent", session->agent, "here",
                            (int)session->here, "agent_name", session->agent_name ? session->agent_name : "");
    if (row) json_object_set_new(row, "waits", json_boolean(session->phase == CHAT_WAITING));
    if (row && !saved_put(session->chat->saved, session->external_id, row)) log_unsaved(session);
}

static char *saved_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return g_strdup(text ? text : "");
}

static int64_t saved_number(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

/* Its customer is away; `told` is not known, so what the customer sends again is told to the core again, under its
 * number. */
void session_restore(void *self, const json_t *row)
{
    struct chat *chat = self;
    struct session *session = memory_zeroed(1, sizeof *session);
    const char *token = json_string_value(json_object_get(row, "token"));
    session->chat = chat;
    if (token) g_strlcpy(session->token, token, sizeof session->token);
    g_strlcpy(session->external_id, json_string_value(json_object_get(row, "id")), sizeof session->external_id);
    session->name = saved_text(row, "name"), session->email = saved_text(row, "email");
    session->subject = saved_text(row, "subject"), session->queue = saved_text(row, "queue");
    session->conn = (uint64_t)saved_number(row, "conn"), session->ixn = (uint64_t)saved_number(row, "ixn");
    session->interaction = saved_number(row, "interaction");
    session->agent = json_is_true(json_object_get(row, "agent"));
    session->here = (unsigned)saved_number(row, "here");
    session->agent_name = saved_text(row, "agent_name");
    session->restored = json_is_true(json_object_get(row, "waits"));
    session->phase = session->restored ? CHAT_WAITING : CHAT_OPEN;
    session->req = ++chat->requests;
    session->begun_us = session->gone_us = session->heard_us = chat->services->now_us(chat->link);
    if (!token || g_hash_table_lookup(chat->conns, &session->conn)) {
        chat_session_free(session);
        return;
    }
    g_hash_table_insert(chat->conns, &session->conn, session);
    g_hash_table_insert(chat->tokens, session->token, session);
}

/* ---- begin ---- */

static void set_external_id(struct session *session)
{
    uint8_t bytes[ID_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(session->external_id, sizeof session->external_id, bytes, sizeof bytes);
}

/* The process before may have begun it at the core, which has ended it then: it begins under other ids. */
static void session_renew(struct session *session)
{
    assert(session->restored && session->phase == CHAT_WAITING);
    struct chat *chat = session->chat;
    if (chat->saved && !saved_over(chat->saved, session->external_id)) log_unsaved(session);
    g_hash_table_steal(chat->conns, &session->conn);
    session->conn = chat->services->new_conn(chat->link);
    g_hash_table_insert(chat->conns, &session->conn, session);
    set_external_id(session);
    session->restored = false;
}

void chat_session_put(struct session *session)
{
    assert(session->phase == CHAT_WAITING);
    if (session->restored) session_renew(session);
    struct job *job = session_job(session, KEEP_PUT);
    session->phase = CHAT_KEPT;
    session->begun_us = session->chat->services->now_us(session->chat->link);
    job->keep.external_id = g_strdup(session->external_id);
    job->keep.name = g_strdup(session->name), job->keep.email = g_strdup(session->email);
    job->keep.subject = g_strdup(session->subject);
    session_job_give(job);
}

/* The session is there from here on; store and core hear of it now or with the first words (setting `begins`). */
void session_begin(struct chat *chat, uint64_t ticket, const char *name, const char *email, const char *subject,
                   const char *queue)
{
    struct session *session = memory_zeroed(1, sizeof *session);
    uint8_t bytes[TOKEN_BYTES];
    session->chat = chat;
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(session->token, sizeof session->token, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    set_external_id(session);
    session->name = g_strdup(name), session->email = g_strdup(email), session->subject = g_strdup(subject);
    session->queue = g_strdup(queue);
    session->conn = chat->services->new_conn(chat->link);
    session->req = ++chat->requests;
    session->begun_us = chat->services->now_us(chat->link);
    g_hash_table_insert(chat->conns, &session->conn, session);
    g_hash_table_insert(chat->tokens, session->token, session);
    session_attach_asker(session, ticket);
    if (strcmp(chat->setting.begins, "open") == 0) {
        chat_session_put(session);
        return;
    }
    session_save(session);
    tell_accepted(session, 0);
}

/* It is no more; what the thread still has for it is thrown away. */
static void session_over(struct session *session)
{
    struct chat *chat = session->chat;
    assert(!session->over); /* a session is over once */
    session_attach_asker(session, 0);
    session->over = true;
    if (chat->saved && !saved_over(chat->saved, session->external_id)) log_unsaved(session);
    g_hash_table_remove(chat->tokens, session->token);
    if (session->jobs == 0) g_hash_table_remove(chat->conns, &session->conn);
}

void chat_session_free(gpointer data)
{
    struct session *session = data;
    g_free(session->name), g_free(session->email), g_free(session->subject), g_free(session->queue);
    g_free(session->agent_name);
    first_forget(session);
    for (struct job *job; (job = g_queue_pop_head(&session->unkept));) keep_free(&job->keep), free(job);
    if (session->files) g_hash_table_destroy(session->files);
    free(session);
}

void session_refused(struct session *session, const char *code)
{
    uint64_t ticket = session->ticket;
    if (ticket != 0) chat_error(session->chat, ticket, code, NULL);
    if (ticket != 0) g_hash_table_remove(session->chat->tickets, &session->ticket);
    session->ticket = 0; /* the connection stays: it may begin again */
    session_over(session);
}

static void give_end(struct session *session)
{
    assert(session->result);
    struct job *job = session_job(session, KEEP_END);
    job->keep.result = session->result;
    session->end_again = false;
    session_job_give(job);
}

/* It may be done twice, under one external id and one number: the core then answers `duplicate`. */
void session_submit(struct session *session)
{
    assert(session->interaction != 0); /* the store has it first */
    struct chat *chat = session->chat;
    struct writer *writer = &chat->writer;
    struct kv kv;
    session->phase = CHAT_SUBMITTED;
    writer_clear(writer);
    writer_begin(writer, KIND_Submit);
    writer_conn(writer, ENVELOPE_conn, session->conn);
    writer_i(writer, ENVELOPE_at, (int64_t)chat->services->wall_us(chat->link));
    writer_u(writer, ENVELOPE_req, session->req);
    writer_u(writer, Submit_media, media_chat);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, session->external_id);
    writer_text(writer, Submit_queue, session->queue);
    writer_u(writer, Submit_online, 1);
    writer_text(writer, Submit_from, *session->email ? session->email : session->name);
    writer_text(writer, Submit_subject, session->subject);
    kv_init(&kv);
    if (*session->name) kv_put_text(&kv, "sender_name", span_of(session->name));
    if (*session->email) kv_put_text(&kv, "email", span_of(session->email));
    kv_put_int(&kv, "stored", session->interaction);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
    chat_core_post(chat);
}

static void session_opened(struct session *session, uint64_t ixn)
{
    assert(session->phase == CHAT_SUBMITTED);
    struct job *job = session_job(session, KEEP_SUBMITTED);
    session->ixn = job->keep.ixn = ixn;
    session_job_give(job);
    session->phase = CHAT_OPEN;
    session_save(session);
    session->chat->services->log(session->chat->link, GCX_LOG_INFO, ixn, session->conn, "chat %s: in queue %s",
                                 session->external_id, session->queue);
    if (!session->greeted) tell_accepted(session, session_last(session));
    first_said(session);
}

static struct session *session_asked(struct chat *chat, uint64_t req)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, chat->conns);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct session *session = value;
        if (session->req == req && !session->over) return session;
    }
    return NULL;
}

/* The core has taken what the customer was refused already, because its answer was too late. */
static void abandon(struct chat *chat, uint64_t ixn)
{
    struct session nobody = {.chat = chat, .ixn = ixn};
    struct writer *writer = chat_core_begin(&nobody, KIND_EventSessionEnded, 0);
    writer_u(writer, EventSessionEnded_cause, cause_abandoned);
    chat_core_post(chat);
}

/* The core takes the chat, or refuses it; an answer that comes too late ends what the core has begun. */
void session_reply(struct chat *chat, const struct message *reply)
{
    struct session *session = session_asked(chat, message_u(reply, ENVELOPE_req));
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    if (outcome == outcome_ok || outcome == outcome_duplicate) {
        if (!session)
            abandon(chat, message_u(reply, ENVELOPE_ixn));
        else if (session->phase == CHAT_SUBMITTED)
            session_opened(session, message_u(reply, ENVELOPE_ixn));
        return;
    }
    if (!session || session->phase != CHAT_SUBMITTED) return;
    chat->services->log(chat->link, GCX_LOG_ERROR, 0, session->conn, "chat %s: queue %s: the core refuses it: %s",
                        session->external_id, session->queue, enum_name_code(message_u(reply, Reply_code)));
    session->result = "refused";
    give_end(session);
    session_refused(session, "away");
}

/* ---- messages ---- */

void session_say(struct session *session, const char *id, const char *text, int64_t file)
{
    struct chat *chat = session->chat;
    if (worker_waiting(chat->worker) > JOBS_MAX || outbox_length(&chat->outbox) > JOBS_MAX) {
        chat_error(chat, session->ticket, "busy", id);
        return;
    }
    session_heard(session);
    struct job *job = session_job(session, KEEP_SAY);
    job->keep.msg_id = g_strdup(id);
    job->keep.from = g_strdup(session->name);
    job->keep.text = g_strdup(text);
    job->keep.part.part = file;
    job->keep.role = "customer";
    job->ticket = session->ticket;
    session_job_give(job);
}

/* The number that the browser gave it makes a repetition the same message. */
static void tell_core(struct session *session, const struct keep_job *said)
{
    struct writer *writer = chat_core_begin(session, KIND_EventMessage, 0);
    writer_i(writer, ENVELOPE_at, said->wall_us);
    char *msg_id = g_strconcat(KEEP_OWN, said->msg_id, NULL);
    writer_text(writer, EventMessage_msg_id, msg_id);
    g_free(msg_id);
    writer_u(writer, EventMessage_index, (uint64_t)said->n);
    writer_u(writer, EventMessage_kind, said->part.part != 0 ? message_kind_file : message_kind_text);
    writer_text(writer, EventMessage_from, said->from);
    writer_u(writer, EventMessage_role, party_role_customer);
    writer_text(writer, EventMessage_text, said->text);
    core_blob(writer, EventMessage_body, &said->part);
    chat_core_post(session->chat);
}

/* The core hears before the customer, so that a message that is confirmed is on its way. */
static void customer_said(struct job *job)
{
    struct session *session = job->session;
    const struct keep_job *said = &job->keep;
    if (!said->good) {
        log_job(job, "the contact store does not take a message");
        chat_error(session->chat, job->ticket, "store", said->msg_id);
        return;
    }
    if (said->n > session->told) { /* a repeated one has been told before */
        session->told = said->n;
        tell_core(session, said);
    }
    session_tell_object(session,
                        json_pack("{s:s, s:s, s:I}", "type", "kept", "id", said->msg_id, "index", (json_int_t)said->n));
}

void session_typing(struct session *session, bool on)
{
    session_heard(session);
    if (session->phase != CHAT_OPEN || !session->agent) return;
    struct writer *writer = chat_core_begin(session, KIND_EventMessage, 0);
    writer_u(writer, EventMessage_kind, message_kind_notice);
    writer_u(writer, EventMessage_notice, on ? notice_typing : notice_not_typing);
    writer_text(writer, EventMessage_from, session->name);
    writer_u(writer, EventMessage_role, party_role_customer);
    chat_core_post(session->chat);
}

static char *session_text(const struct message *effect, unsigned field)
{
    struct span text = message_text(effect, field);
    return text.length > 0 ? g_strndup((const char *)text.bytes, text.length) : g_strdup("");
}

/* The number of the file that an agent's message names; 0: none. */
static int64_t session_file(const struct message *effect)
{
    struct message blob;
    char key[24];
    if (message_u(effect, SendMessage_kind) != message_kind_file || !message_has(effect, SendMessage_body)) return 0;
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), message_text(effect, SendMessage_body));
    return text_set_span(key, sizeof key, message_text(&blob, Blob_key)) ? g_ascii_strtoll(key, NULL, 10) : 0;
}

static void delivery(struct session *session, uint64_t ref, const char *msg_id, enum delivery state, enum cause cause)
{
    struct writer *writer = chat_core_begin(session, KIND_EventDelivery, ref);
    writer_text(writer, EventDelivery_msg_id, msg_id);
    writer_u(writer, EventDelivery_state, state);
    writer_u(writer, EventDelivery_cause, cause);
    writer_u(writer, EventDelivery_final, 1);
    chat_core_post(session->chat);
}

static const char *session_role(uint64_t role)
{
    return role == party_role_agent        ? "agent"
           : role == party_role_supervisor ? "supervisor"
           : role == party_role_bot        ? "bot"
                                           : "system";
}

static void notice(struct session *session, const struct message *effect)
{
    uint64_t what = message_u(effect, SendMessage_notice);
    char *from = session_text(effect, SendMessage_from), *msg_id = session_text(effect, SendMessage_msg_id);
    if (message_u(effect, SendMessage_visible) == visible_all && (what == notice_typing || what == notice_not_typing))
        session_tell_object(session,
                            json_pack("{s:s, s:s, s:b}", "type", "typing", "from", from, "on", what == notice_typing));
    delivery(session, message_u(effect, ENVELOPE_ref), msg_id, delivery_accepted, cause_ok);
    g_free(from), g_free(msg_id);
}

/* Strategies hear by the exit of their step that it was not kept. */
static bool by_agent(const struct job *job)
{
    const char *role = job->keep.role;
    return job->keep.what == KEEP_SAY && job->ref != 0 &&
           (strcmp(role, "agent") == 0 || strcmp(role, "supervisor") == 0);
}

/* A message of an agent, a bot or a strategy. An agent's message waits behind those that the store has not taken. */
void session_keep_sent(struct session *session, const struct message *effect)
{
    session_heard(session);
    if (message_u(effect, SendMessage_kind) == message_kind_notice) {
        notice(session, effect);
        return;
    }
    struct job *job = session_job(session, KEEP_SAY);
    job->ref = message_u(effect, ENVELOPE_ref);
    job->keep.msg_id = session_text(effect, SendMessage_msg_id);
    job->keep.from = session_text(effect, SendMessage_from);
    job->keep.text = session_text(effect, SendMessage_text);
    job->keep.part.part = session_file(effect);
    job->keep.role = session_role(message_u(effect, SendMessage_role));
    job->keep.agents_only = message_u(effect, SendMessage_visible) == visible_agents;
    if (by_agent(job) && (session->again || session->unkept.length > 0))
        g_queue_push_tail(&session->unkept, job);
    else
        session_job_give(job);
}

/* The first of what the store has not taken goes to it again. */
static void say_again(struct session *session)
{
    if (session->again || session->phase != CHAT_OPEN) return;
    session->again = g_queue_pop_head(&session->unkept);
    if (session->again) session_job_give(session->again);
}

/* An agent's message, or a mark that one was read, waits until the store takes it: the core keeps it as long as it has
 * no answer. False: it is not to be tried again. */
static bool session_job_waits(struct job *job)
{
    struct session *session = job->session;
    bool first = job == session->again;
    if (first) session->again = NULL;
    if (!by_agent(job) || job->keep.good || !keep_again(&job->keep) || session->phase != CHAT_OPEN) return false;
    if (!first && session->unkept.length == 0 && !session->again)
        log_job(job, "the contact store does not take a message, and is asked again");
    if (first)
        g_queue_push_head(&session->unkept, job);
    else
        g_queue_push_tail(&session->unkept, job);
    return true;
}

static void core_said(struct job *job)
{
    struct session *session = job->session;
    const struct keep_job *said = &job->keep;
    if (!said->good) {
        log_job(job, "the contact store does not take a message");
        delivery(session, job->ref, said->msg_id, delivery_failed, cause_refused);
        return;
    }
    if (said->n > session->shown) { /* a repeated one has been shown before */
        session->shown = said->n;
        char *line = said->agents_only ? NULL
                                       : chat_keep_line(said->n, said->wall_us, said->role, said->from, NULL,
                                                        said->text, said->part.part != 0 ? &said->part : NULL);
        if (line) session_tell(session, line);
        free(line);
    }
    delivery(session, job->ref, said->msg_id, delivery_accepted, cause_ok);
}

/* ---- resume ---- */

void session_resume(struct session *session, uint64_t ticket, int64_t after)
{
    if (session->phase < CHAT_OPEN) { /* nothing was shown yet, and what the customer has said comes again */
        session_attach_asker(session, ticket);
        tell_accepted(session, 0);
        return;
    }
    struct job *job = session_job(session, KEEP_READ);
    job->keep.n = after;
    job->ticket = ticket;
    session_job_give(job);
}

/* Lines since the place that the browser names, page by page; the connection is the chat's when all are told. */
static void resumed(struct job *job)
{
    struct session *session = job->session;
    struct chat *chat = session->chat;
    assert(job->keep.count <= KEEP_LINES);
    if (!job->keep.good || session->phase != CHAT_OPEN || g_hash_table_lookup(chat->tickets, &job->ticket)) {
        chat_error(chat, job->ticket, job->keep.good ? "unknown" : "store", NULL);
        return;
    }
    for (unsigned i = 0; i < job->keep.count; i++) door_say(chat->door, job->ticket, job->keep.lines[i]);
    if (job->keep.more) {
        session_resume(session, job->ticket, job->keep.n);
        return;
    }
    session_attach_asker(session, job->ticket);
    session->shown = job->keep.n;
    tell_accepted(session, session_last(session));
    if (session->here > 0) session_party(session, "joined", session->agent_name);
}

/* ---- the end ---- */

void session_close(struct session *session, const char *result, enum cause cause)
{
    assert(result);
    if (session->phase >= CHAT_CLOSING) return;
    session->phase = CHAT_CLOSING;
    for (struct job *job; (job = g_queue_pop_head(&session->unkept));) session_job_give(job); /* before the end */
    session->result = result;
    session->cause = cause;
    give_end(session);
}

/* For a session of which the core has not heard yet. */
static void leave_unheard(struct session *session, const char *result)
{
    uint64_t ticket = session->ticket;
    session_tell_object(session, json_pack("{s:s, s:s}", "type", "closed", "reason", result));
    if (ticket != 0) g_hash_table_remove(session->chat->tickets, &session->ticket);
    session->ticket = 0;
    if (ticket != 0) door_end(session->chat->door, ticket, 1000, result);
    session_over(session);
}

/* How a chat ends for its customer depends on how far it has come: unheard of, on its way, or open. */
void chat_session_leave(struct session *session, const char *result, enum cause cause)
{
    if (session->phase == CHAT_WAITING) {
        leave_unheard(session, result);
        return;
    }
    session->leaves = session->phase < CHAT_OPEN;
    if (session->phase != CHAT_OPEN) return;
    struct writer *writer = chat_core_begin(session, KIND_EventParty, 0);
    writer_u(writer, EventParty_change, session->agent ? party_change_Released : party_change_Abandoned);
    writer_u(writer, EventParty_role, party_role_customer);
    chat_core_post(session->chat);
    session_close(session, result, cause);
}

/* The store has the end: customer and core hear of it, the core with the transcript. */
static void session_job_ended(struct job *job)
{
    struct session *session = job->session;
    assert(session->phase == CHAT_CLOSING && session->result);
    if (!job->keep.good && keep_again(&job->keep)) {
        if (!session->end_again) log_job(job, "the contact store does not take its end, and is asked again");
        session->end_again = true;
        return;
    }
    session_tell_object(session, json_pack("{s:s, s:s}", "type", "closed", "reason", session->result));
    struct writer *writer = chat_core_begin(session, KIND_EventSessionEnded, 0);
    writer_u(writer, EventSessionEnded_cause, session->cause);
    core_blob(writer, EventSessionEnded_transcript, &job->keep.part);
    chat_core_post(session->chat);
    (void)chat_core_begin(session, KIND_EventCallDeleted, 0);
    chat_core_post(session->chat);
    uint64_t ticket = session->ticket;
    if (ticket != 0) {
        g_hash_table_remove(session->chat->tickets, &session->ticket);
        session->ticket = 0;
        door_end(session->chat->door, ticket, 1000, session->result);
    }
    session_over(session);
}

static void session_put_job(struct job *job)
{
    struct session *session = job->session;
    assert(session->phase == CHAT_KEPT);
    session->interaction = job->keep.interaction;
    if (job->keep.good)
        session_submit(session);
    else {
        log_job(job, "the contact store does not take it");
        session_refused(session, "store");
    }
}

/* The thread brings a job back. A session that is over hears only that files may be let go. */
void session_done(void *self, void *given)
{
    struct job *job = given;
    struct session *session = job->session;
    assert(session->jobs > 0);
    (void)self;
    if (!session->over && session_job_waits(job)) {
        session->jobs--;
        return;
    }
    if (job->keep.good && job->keep.error.text[0]) log_job(job, "kept");
    if (!session->over) switch (job->keep.what) {
        case KEEP_PUT:
            session_put_job(job);
            break;
        case KEEP_SUBMITTED:
            if (!job->keep.good) log_job(job, "its number is not kept");
            break;
        case KEEP_SAY:
            (job->ref != 0 ? core_said : customer_said)(job);
            say_again(session);
            break;
        case KEEP_END:
            session_job_ended(job);
            break;
        case KEEP_READ:
            resumed(job);
            break;
        case KEEP_BRING:
        case KEEP_FETCH:
            break; /* who asked is told in any case */
        }
    if (job->http || job->keep.bytes) file_done(job);
    if (--session->jobs == 0 && session->over) g_hash_table_remove(session->chat->conns, &session->conn);
    keep_free(&job->keep);
    free(job);
}

void session_dropped(void *self, void *given)
{
    struct job *job = given;
    (void)self;
    file_dropped(job);
    keep_free(&job->keep);
    free(job);
}

/* ---- time ---- */

void session_heard(struct session *session)
{
    session->heard_us = session->chat->services->now_us(session->chat->link);
    session->warned = false;
}

/* The chat is silent, although an agent is there: a customer who waits for an agent may be silent. */
static void idle(struct session *session, uint64_t now_us)
{
    const struct setting *setting = &session->chat->setting;
    uint64_t patience = session->warned ? setting->idle_close : setting->idle;
    if (setting->idle == 0 || session->here == 0 || now_us - session->heard_us <= patience * SECOND_US) return;
    if (session->warned) {
        chat_session_leave(session, "idle", cause_timeout);
        return;
    }
    session->warned = true;
    session->heard_us = now_us;
    session_tell_object(session, json_pack("{s:s, s:I}", "type", "idle", "seconds", (json_int_t)setting->idle_close));
}

/* Each second: whatever has waited too long. */
void session_late(struct session *session, uint64_t now_us)
{
    const struct setting *setting = &session->chat->setting;
    if (session->over) return;
    say_again(session);
    if (session->phase == CHAT_SUBMITTED && now_us - session->begun_us > setting->submit_timeout * SECOND_US)
        session_refused(session, "away");
    else if ((session->phase == CHAT_OPEN || session->phase == CHAT_WAITING) && session->ticket == 0 &&
             now_us - session->gone_us > setting->resume * SECOND_US)
        chat_session_leave(session, "lost", cause_gone);
    else if (session->end_again)
        give_end(session);
    else if (session->phase == CHAT_OPEN)
        idle(session, now_us);
}
