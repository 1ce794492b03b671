/* runtime/adapters/conversation/begin.c - A conversation from its begin until the core has it, and the row from
 * which the next process restores it. The post office takes the conversation to the contact store and to the core,
 * even if a process ends or an answer is lost on the way.
 *
 *     conversation_new()     tables: by connection, by key
 *     conversation_begin()   row, interaction -> store -> core           phase KEPT
 *     conversation_submit()  Submit: medium, queue, user data
 *     conversation_answer()  in first.c                                  phase OPEN
 *     conversation_over()    out of the tables; freed when no job has it
 *
 * A conversation is freed only when `jobs` is 0: the thread has pointers to it until then. From conversation_over()
 * until it is freed, `over` is true. */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapters/conversation/internal.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

/* ---- the row for the next process (restore.c reads it) ---- */

/* Returns all that the next process needs to go on with the conversation, except the messages: the contact store has
 * them. */
char *conversation_row(const struct conversation *conversation)
{
    const struct conversation_way *way = conversation->all->way;
    json_t *row = json_pack("{s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:b, s:i, s:s}", "id", conversation->external_id,
                            "conn", (json_int_t)conversation->conn, "ixn", (json_int_t)conversation->ixn, "interaction",
                            (json_int_t)conversation->interaction, "name", conversation->name, way->address_key,
                            conversation->address, "subject", conversation->subject, "queue", conversation->queue,
                            "agent", conversation->agent, "here", (int)conversation->here, "agent_name",
                            conversation->agent_name ? conversation->agent_name : "");
    if (!row) return NULL;
    json_object_set_new(row, "waits", json_boolean(conversation->phase == CONVERSATION_WAITING));
    if (conversation->phase == CONVERSATION_KEPT) json_object_set_new(row, "asks", json_true());
    if (conversation->before) json_object_set_new(row, "before", recent_row(conversation->before));
    if (conversation->proof) {
        json_object_set_new(row, "proof", json_string(conversation->proof));
        json_object_set_new(row, "proof_until", json_integer(conversation->proof_until));
    }
    if (*conversation->to) json_object_set_new(row, "to", json_string(conversation->to));
    if (conversation->key) {
        json_object_set_new(row, "key", json_string(conversation->key));
        json_object_set_new(row, "agent_last", json_string(conversation->agent_last ? conversation->agent_last : ""));
    }
    if (conversation->said_id) {
        json_object_set_new(row, "said", json_integer(conversation->said));
        json_object_set_new(row, "said_id", json_string(conversation->said_id));
        json_object_set_new(row, "read", json_integer(conversation->read));
    }
    if (way->save) way->save(conversation, row);
    char *written = json_dumps(row, JSON_COMPACT), *text = g_strdup(written);
    free(written);
    json_decref(row);
    return text;
}

/* Saves the row. The thread writes the row after all earlier jobs, so a row never tells of a message that is not in the
 * store. */
void conversation_save(struct conversation *conversation)
{
    struct conversation_job *job = conversation_save_job(conversation);
    if (job) conversation_job_give(job);
}

struct conversation_job *conversation_save_job(struct conversation *conversation)
{
    char *text = conversation_row(conversation);
    if (!text) return NULL; /* a text is not UTF-8: the conversation ends with this process */
    struct conversation_job *job = conversation_job(conversation, KEEP_SAVE);
    job->keep.external_id = g_strdup(conversation->external_id);
    job->keep.saved = text;
    job->keep.makes = conversation->phase == CONVERSATION_WAITING;
    return job;
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
    /* conversation_with() found no conversation of this key */
    assert(!caller->key || !conversation_by_key(all, caller->key));
    if (g_hash_table_size(all->conns) >= all->setting.sessions) return NULL;
    struct conversation *conversation = memory_zeroed(1, all->way->size);
    conversation->all = all;
    set_external_id(conversation);
    conversation->key = g_strdup(caller->key);
    conversation->name = caller_text(caller->name), conversation->address = caller_text(caller->address);
    conversation->to = caller_text(caller->to), conversation->subject = caller_text(caller->subject);
    conversation->queue = caller_text(caller->queue);
    conversation->proof = g_strdup(caller->proof), conversation->proof_until = caller->proof_until;
    conversation->conn = all->services->new_conn(all->link);
    conversation->begun_us = all->services->now_us(all->link);
    if (caller->key) conversation->before = recent_take(all, caller->key);
    recent_belong(conversation, caller);
    conversation_enlist(conversation);
    return conversation;
}

bool conversation_is_full(const struct conversation *conversation)
{
    return conversation_last(conversation) >= (int64_t)conversation->all->setting.messages;
}

void conversation_expect(struct conversations *all, const char *key, uint64_t ixn, const char *agent)
{
    if (!conversation_by_key(all, key)) recent_put(all, key, ixn, 0, agent);
}

/* Returns the conversation of the caller's key, or a new one. A conversation that is full stays open for its agent
 * but loses its key, so the customer's next message begins a new one. */
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

void conversation_begin(struct conversation *conversation)
{
    struct conversations *all = conversation->all;
    struct conversation_job *job = conversation_job(conversation, KEEP_PUT);
    struct post_item *item = memory_zeroed(1, sizeof *item);
    conversation->phase = CONVERSATION_KEPT;
    conversation->asks = false;
    job->keep.kind = all->way->kind;
    job->keep.external_id = g_strdup(conversation->external_id);
    job->keep.name = g_strdup(conversation->name), job->keep.address = g_strdup(conversation->address);
    job->keep.subject = g_strdup(conversation->subject);
    job->keep.saved = conversation_row(conversation);
    job->keep.proof = conversation->proof, job->keep.proof_until = conversation->proof_until;
    if (conversation->before) job->keep.parent = conversation->before->interaction;
    *item = (struct post_item){.talk = true, .conn = conversation->conn, .body = job, .place = {.total = 1, .n = 1}};
    item->text = g_strdup("");
    text_set(item->own, sizeof item->own, conversation->queue);
    text_set(item->customer, sizeof item->customer, conversation->address);
    text_set(item->peer_id, sizeof item->peer_id, conversation->external_id);
    text_set(item->external_id, sizeof item->external_id, conversation->external_id);
    conversation->jobs++;
    office_take(all->office, &(struct post_ticket){.from = 1}, item);
}

void conversation_put(struct conversation *conversation)
{
    assert(conversation->phase == CONVERSATION_WAITING);
    conversation_begin(conversation);
}

/* ---- no more ---- */

/* Ends the conversation; results of jobs that the thread still has for it are thrown away. */
void conversation_over(struct conversation *conversation)
{
    struct conversations *all = conversation->all;
    assert(!conversation->over); /* it is over once */
    if (all->way->over) all->way->over(conversation);
    conversation->over = true;
    conversation_unkey(conversation);
    if (conversation->phase != CONVERSATION_CLOSING) /* otherwise the job that stores the end removes the row */
        conversation_row_forget(all, conversation->external_id);
    if (conversation->jobs == 0) g_hash_table_remove(all->conns, &conversation->conn);
}

/* Takes the key from the conversation: the next message of its customer begins another one. */
void conversation_unkey(struct conversation *conversation)
{
    GHashTable *keys = conversation->all->keys;
    if (conversation->key && g_hash_table_lookup(keys, conversation->key) == conversation)
        g_hash_table_remove(keys, conversation->key);
}

void first_words_free(gpointer data)
{
    struct first_words *words = data;
    g_free(words->id), g_free(words->text), g_free(words->of), g_free(words->ours), g_free(words->about),
        g_free(words->other);
    free(words);
}

void conversation_free(gpointer data)
{
    struct conversation *conversation = data;
    if (conversation->all->way->forget) conversation->all->way->forget(conversation);
    g_free(conversation->key), g_free(conversation->to), g_free(conversation->agent_last);
    g_free(conversation->name), g_free(conversation->subject), g_free(conversation->queue);
    g_free(conversation->proof), g_free(conversation->said_id);
    g_free(conversation->address), g_free(conversation->agent_name);
    if (conversation->before) recent_free(conversation->before);
    if (conversation->sending) g_hash_table_destroy(conversation->sending);
    g_queue_clear_full(&conversation->first, first_words_free);
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

/* Writes the user data of the conversation. An address that the customer has typed is marked as unproven for the
 * strategy, unless the site has signed that it is the customer's. */
static void write_user_data(struct writer *writer, const struct conversation *conversation, bool verified)
{
    const struct recent *before = conversation->before;
    struct kv kv;
    kv_init(&kv);
    if (*conversation->name) kv_put_text(&kv, "sender_name", span_of(conversation->name));
    if (*conversation->address) kv_put_text(&kv, conversation->all->way->address_key, span_of(conversation->address));
    if (*conversation->address && media_types_address(conversation->all->way->media))
        kv_put_bool(&kv, "address_verified", verified);
    kv_put_int(&kv, "stored", conversation->interaction);
    if (before && *before->agent) kv_put_text(&kv, "last_agent", span_of(before->agent));
    if (conversation_tells_read(conversation->all)) kv_put_int(&kv, CONVERSATION_TELLS_READ, 1);
    if (conversation->all->way->data) conversation->all->way->data(conversation, &kv);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
}

void conversation_submit(void *self, const struct post_item *item, struct writer *writer)
{
    const struct conversation_job *job = item->body;
    struct conversation *conversation = job->conversation;
    (void)self;
    const struct recent *before = conversation->before;
    conversation->interaction = item->interaction;
    if (before && before->interaction != 0 && job->keep.parent == 0) /* its customer was erased */
        g_clear_pointer(&conversation->before, recent_free);
    if (conversation->before) writer_u(writer, Submit_parent, conversation->before->ixn);
    writer_u(writer, Submit_online, 1);
    writer_text(writer, Submit_from, *conversation->address ? conversation->address : conversation->name);
    if (*conversation->to) {
        writer_list_begin(writer, Submit_to);
        writer_list_text(writer, span_of(conversation->to));
        writer_list_end(writer);
    }
    writer_text(writer, Submit_subject, conversation->subject);
    write_user_data(writer, conversation, job->keep.verified);
}
