/* runtime/adapters/conversation/begin.c - A conversation from its begin until the core has it, and what outlives the
 * process of it. */
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapters/conversation/internal.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"
#include "runtime/web/saved.h"

/* ---- what outlives the process (restore.c takes it up) ---- */

static void log_unsaved(const struct conversation *conversation)
{
    const struct conversations *all = conversation->all;
    all->services->log(all->link, GCX_LOG_ERROR, conversation->ixn, conversation->conn,
                       "state: %s: a %s that ends with this process: %s", all->setting.state, all->way->noun,
                       g_strerror(errno));
}

/* The row has all that the next process needs to go on, but what was said: the store has that. */
void conversation_save(struct conversation *conversation)
{
    const struct conversations *all = conversation->all;
    if (!all->saved) return;
    json_t *row =
        json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:b, s:i, s:s}", "conn", (json_int_t)conversation->conn, "ixn",
                  (json_int_t)conversation->ixn, "interaction", (json_int_t)conversation->interaction, "name",
                  conversation->name, all->way->address_key, conversation->address, "subject", conversation->subject,
                  "queue", conversation->queue, "agent", conversation->agent, "here", (int)conversation->here,
                  "agent_name", conversation->agent_name ? conversation->agent_name : "");
    if (row) json_object_set_new(row, "waits", json_boolean(conversation->phase == CONVERSATION_WAITING));
    if (row && *conversation->to) json_object_set_new(row, "to", json_string(conversation->to));
    if (row && conversation->key) {
        json_object_set_new(row, "key", json_string(conversation->key));
        json_object_set_new(row, "agent_last", json_string(conversation->agent_last ? conversation->agent_last : ""));
    }
    if (row && all->way->save) all->way->save(conversation, row);
    if (row && !saved_put(all->saved, conversation->external_id, row)) log_unsaved(conversation);
}

bool conversation_is_alone(const struct conversation *conversation)
{
    const struct conversations *all = conversation->all;
    return !g_hash_table_lookup(all->conns, &conversation->conn) &&
           (!conversation->key || !g_hash_table_lookup(all->keys, conversation->key));
}

void conversation_enlist(struct conversation *conversation)
{
    struct conversations *all = conversation->all;
    assert(conversation_is_alone(conversation));
    g_hash_table_insert(all->conns, &conversation->conn, conversation);
    if (conversation->key) g_hash_table_insert(all->keys, conversation->key, conversation);
}

/* ---- begin ---- */

static void set_external_id(struct conversation *conversation)
{
    uint8_t bytes[CONVERSATION_ID_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(conversation->external_id, sizeof conversation->external_id, bytes, sizeof bytes);
}

static char *caller_text(const char *text)
{
    return g_strdup(text ? text : "");
}

struct conversation *conversation_by_key(struct conversations *all, const char *key)
{
    return g_hash_table_lookup(all->keys, key);
}

struct conversation *conversation_new(struct conversations *all, const struct caller *caller)
{
    assert(!caller->key || !conversation_by_key(all, caller->key)); /* it was looked for */
    if (g_hash_table_size(all->conns) >= all->setting.sessions) return NULL;
    struct conversation *conversation = memory_zeroed(1, all->way->size);
    conversation->all = all;
    set_external_id(conversation);
    conversation->key = g_strdup(caller->key);
    conversation->name = caller_text(caller->name), conversation->address = caller_text(caller->address);
    conversation->to = caller_text(caller->to), conversation->subject = caller_text(caller->subject);
    conversation->queue = caller_text(caller->queue);
    conversation->conn = all->services->new_conn(all->link);
    conversation->req = ++all->requests;
    conversation->begun_us = all->services->now_us(all->link);
    if (caller->key) conversation->before = recent_take(all, caller->key);
    recent_belong(conversation, caller);
    conversation_enlist(conversation);
    return conversation;
}

struct conversation *conversation_with(struct conversations *all, const struct caller *caller)
{
    struct conversation *conversation = conversation_by_key(all, caller->key);
    if (conversation && (conversation->phase != CONVERSATION_OPEN || !conversation_is_full(conversation)))
        return conversation;
    if (conversation) {
        if (g_hash_table_size(all->conns) >= all->setting.sessions) return NULL;
        recent_remember(conversation);
        conversation_unkey(conversation);
        g_clear_pointer(&conversation->key, g_free);
        conversation_save(conversation);
    }
    return conversation_new(all, caller);
}

/* The process before may have begun it at the core, which has ended it then: it begins under other ids. */
static void conversation_renew(struct conversation *conversation)
{
    assert(conversation->restored && conversation->phase == CONVERSATION_WAITING);
    struct conversations *all = conversation->all;
    if (all->saved && !saved_over(all->saved, conversation->external_id)) log_unsaved(conversation);
    g_hash_table_steal(all->conns, &conversation->conn);
    conversation->conn = all->services->new_conn(all->link);
    g_hash_table_insert(all->conns, &conversation->conn, conversation);
    set_external_id(conversation);
    conversation->restored = false;
}

void conversation_put(struct conversation *conversation)
{
    assert(conversation->phase == CONVERSATION_WAITING);
    const struct conversations *all = conversation->all;
    if (conversation->restored) conversation_renew(conversation);
    struct conversation_job *job = conversation_job(conversation, KEEP_PUT);
    conversation->phase = CONVERSATION_KEPT;
    conversation->begun_us = all->services->now_us(all->link);
    job->keep.media = enum_name_media(all->way->media), job->keep.kind = all->way->kind;
    job->keep.external_id = g_strdup(conversation->external_id);
    job->keep.name = g_strdup(conversation->name), job->keep.address = g_strdup(conversation->address);
    job->keep.subject = g_strdup(conversation->subject);
    if (conversation->before) job->keep.parent = conversation->before->interaction;
    conversation_job_give(job);
}

/* ---- no more ---- */

/* It is no more; what the thread still has for it is thrown away. */
void conversation_over(struct conversation *conversation)
{
    struct conversations *all = conversation->all;
    assert(!conversation->over); /* it is over once */
    if (all->way->over) all->way->over(conversation);
    conversation->over = true;
    conversation_unkey(conversation);
    if (all->saved && !saved_over(all->saved, conversation->external_id)) log_unsaved(conversation);
    if (conversation->jobs == 0) g_hash_table_remove(all->conns, &conversation->conn);
}

/* The next message of its customer begins another one. */
void conversation_unkey(struct conversation *conversation)
{
    GHashTable *keys = conversation->all->keys;
    if (conversation->key && g_hash_table_lookup(keys, conversation->key) == conversation)
        g_hash_table_remove(keys, conversation->key);
}

void conversation_free(gpointer data)
{
    struct conversation *conversation = data;
    if (conversation->all->way->forget) conversation->all->way->forget(conversation);
    g_free(conversation->key), g_free(conversation->to), g_free(conversation->agent_last);
    g_free(conversation->name), g_free(conversation->subject), g_free(conversation->queue);
    g_free(conversation->address), g_free(conversation->agent_name);
    if (conversation->before) recent_free(conversation->before);
    if (conversation->sending) g_hash_table_destroy(conversation->sending);
    first_forget(conversation);
    for (struct conversation_job *job; (job = g_queue_pop_head(&conversation->unkept));)
        keep_free(&job->keep), free(job);
    free(conversation);
}

void conversation_refused(struct conversation *conversation, const char *code)
{
    struct conversations *all = conversation->all;
    refused_tell(all->link, all->services, REFUSED_conversation_not_begun, "%s %s: %s", all->way->noun,
                 conversation->external_id, code);
    all->way->refused(conversation, code);
    conversation_over(conversation);
}

/* ---- the core ---- */

static void write_user_data(struct writer *writer, const struct conversation *conversation)
{
    const struct recent *before = conversation->before;
    struct kv kv;
    kv_init(&kv);
    if (*conversation->name) kv_put_text(&kv, "sender_name", span_of(conversation->name));
    if (*conversation->address) kv_put_text(&kv, conversation->all->way->address_key, span_of(conversation->address));
    if (*conversation->address && media_types_address(conversation->all->way->media))
        kv_put_bool(&kv, "address_verified", false);
    kv_put_int(&kv, "stored", conversation->interaction);
    if (before && *before->agent) kv_put_text(&kv, "last_agent", span_of(before->agent));
    if (conversation->all->way->data) conversation->all->way->data(conversation, &kv);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
}

/* It may be done twice, under one external id and one number: the core then answers `duplicate`. */
void conversation_submit(struct conversation *conversation)
{
    assert(conversation->interaction != 0); /* the store has it first */
    struct conversations *all = conversation->all;
    struct writer *writer = &all->writer;
    conversation->phase = CONVERSATION_SUBMITTED;
    writer_clear(writer);
    writer_begin(writer, KIND_Submit);
    writer_conn(writer, ENVELOPE_conn, conversation->conn);
    writer_i(writer, ENVELOPE_at, (int64_t)all->services->wall_us(all->link));
    writer_u(writer, ENVELOPE_req, conversation->req);
    writer_u(writer, Submit_media, all->way->media);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, conversation->external_id);
    writer_text(writer, Submit_queue, conversation->queue);
    if (conversation->before) writer_u(writer, Submit_parent, conversation->before->ixn);
    writer_u(writer, Submit_online, 1);
    writer_text(writer, Submit_from, *conversation->address ? conversation->address : conversation->name);
    if (*conversation->to) {
        writer_list_begin(writer, Submit_to);
        writer_list_text(writer, span_of(conversation->to));
        writer_list_end(writer);
    }
    writer_text(writer, Submit_subject, conversation->subject);
    write_user_data(writer, conversation);
    conversation_post(all);
}

static void on_opened(struct conversation *conversation, uint64_t ixn)
{
    assert(conversation->phase == CONVERSATION_SUBMITTED);
    const struct conversations *all = conversation->all;
    struct conversation_job *job = conversation_job(conversation, KEEP_SUBMITTED);
    conversation->ixn = job->keep.ixn = ixn;
    conversation_job_give(job);
    conversation->phase = CONVERSATION_OPEN;
    conversation_save(conversation);
    all->services->log(all->link, GCX_LOG_INFO, ixn, conversation->conn, "%s %s: in queue %s", all->way->noun,
                       conversation->external_id, conversation->queue);
    if (all->way->opened) all->way->opened(conversation);
    first_said(conversation);
}

static struct conversation *asked_by(const struct conversations *all, uint64_t req)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, all->conns);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct conversation *conversation = value;
        if (conversation->req == req && !conversation->over) return conversation;
    }
    return NULL;
}

/* The core has taken what the customer was refused already, because its answer was too late. */
static void abandon(struct conversations *all, uint64_t ixn)
{
    struct conversation nobody = {.all = all, .ixn = ixn};
    struct writer *writer = conversation_event(&nobody, KIND_EventSessionEnded, 0);
    writer_u(writer, EventSessionEnded_cause, cause_abandoned);
    conversation_post(all);
}

/* The core takes it, or refuses it; an answer that comes too late ends what the core has begun. */
void conversation_reply(struct conversations *all, const struct message *reply)
{
    struct conversation *conversation = asked_by(all, message_u(reply, ENVELOPE_req));
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    if (outcome == outcome_ok || outcome == outcome_duplicate) {
        if (!conversation)
            abandon(all, message_u(reply, ENVELOPE_ixn));
        else if (conversation->phase == CONVERSATION_SUBMITTED)
            on_opened(conversation, message_u(reply, ENVELOPE_ixn));
        return;
    }
    if (!conversation || conversation->phase != CONVERSATION_SUBMITTED) return;
    conversation->fault = message_u(reply, Reply_code) == code_fault;
    all->services->log(all->link, GCX_LOG_ERROR, 0, conversation->conn, "%s %s: queue %s: the core refuses it: %s",
                       all->way->noun, conversation->external_id, conversation->queue,
                       conversation->fault ? "it has crashed the router, and is in quarantine (gcxctl quarantine)"
                                           : enum_name_code(message_u(reply, Reply_code)));
    conversation->result = "refused";
    conversation_give_end(conversation);
    conversation_refused(conversation, "away");
}

void conversation_put_done(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    assert(conversation->phase == CONVERSATION_KEPT);
    conversation->interaction = job->keep.interaction;
    struct recent *before = conversation->before;
    if (job->keep.good && before && before->interaction != 0 && job->keep.parent == 0) /* its customer was erased */
        g_clear_pointer(&conversation->before, recent_free);
    if (job->keep.good)
        conversation_submit(conversation);
    else {
        conversation_log_job(job, "the contact store does not take it");
        conversation_refused(conversation, "store");
    }
}
