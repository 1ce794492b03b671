/* runtime/adapters/conversation/conversations.c - All conversations of a plugin: how they begin with it, what their
 * thread does, and what it brings back. Jobs of a conversation may be under way when it is over. `jobs` counts them;
 * the last one to come back frees the conversation. */
#include <assert.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/probe.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/conversation/internal.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"
#include "runtime/web/saved.h"

enum { PURGE_S = 60 };

/* ---- jobs ---- */

struct conversation_job *conversation_job(struct conversation *conversation, enum keep what)
{
    const struct conversations *all = conversation->all;
    struct conversation_job *job = memory_zeroed(1, sizeof *job);
    job->conversation = conversation;
    job->keep.what = what;
    job->keep.interaction = conversation->interaction;
    job->keep.wall_us = (int64_t)all->services->wall_us(all->link);
    job->keep.journal = all->services->journal(all->link);
    return job;
}

void conversation_job_give(struct conversation_job *job)
{
    job->conversation->jobs++;
    worker_give(job->conversation->all->worker, job);
}

void conversation_log_job(const struct conversation_job *job, const char *what)
{
    const struct conversation *conversation = job->conversation;
    const struct conversations *all = conversation->all;
    all->services->log(all->link, GCX_LOG_ERROR, conversation->ixn, conversation->conn, "%s %s: %s: %s", all->way->noun,
                       conversation->external_id, what, job->keep.error.text);
}

void conversation_work(void *self, void *given)
{
    keep_do(((struct conversations *)self)->store, &((struct conversation_job *)given)->keep);
}

static bool conversation_job_says(const void *job)
{
    return ((const struct conversation_job *)job)->keep.what == KEEP_SAY;
}

/* Messages that wait one behind the other are durable together. If that fails, each is kept by itself: what had been
 * kept all the same has its place. */
void conversation_work_all(void *self, void *const *given, unsigned count)
{
    struct store *store = ((struct conversations *)self)->store;
    struct error error;
    for (unsigned at = 0, end; at < count; at = end) {
        for (end = at + 1; end < count && conversation_job_says(given[at]) && conversation_job_says(given[end]);) end++;
        bool group = end - at > 1 && store_group_begin(store, &error);
        for (unsigned i = at; i < end; i++) conversation_work(self, given[i]);
        if (!group || store_group_end(store, &error)) continue;
        for (unsigned i = at; i < end; i++) conversation_work(self, given[i]);
    }
}

static void free_conversation_job(struct conversation_job *job)
{
    keep_free(&job->keep);
    free(job);
}

static void came_back(struct conversation_job *job)
{
    switch (job->keep.what) {
    case KEEP_PUT:
        conversation_put_done(job);
        return;
    case KEEP_SUBMITTED:
        if (!job->keep.good) conversation_log_job(job, "its number is not kept");
        return;
    case KEEP_SAY:
        conversation_say_done(job);
        return;
    case KEEP_END:
        conversation_end_done(job);
        return;
    case KEEP_READ:
    case KEEP_BRING:
    case KEEP_FETCH:
        return; /* the way's */
    case KEEP_FARED:
    case KEEP_REFUSED:
        return; /* of no conversation */
    }
}

uint64_t conversation_conn_of(const struct conversations *all, uint64_t ixn)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, all->conns);
    while (ixn != 0 && g_hash_table_iter_next(&at, NULL, &value)) {
        const struct conversation *conversation = value;
        if (conversation->ixn == ixn && !conversation->over) return conversation->conn;
    }
    return 0;
}

void conversation_fared(struct conversations *all, uint64_t ixn, const char *msg_id, enum delivery state)
{
    struct conversation_job *job = memory_zeroed(1, sizeof *job);
    job->keep.what = KEEP_FARED;
    job->keep.ixn = ixn;
    job->keep.journal = all->services->journal(all->link);
    job->keep.msg_id = g_strdup(msg_id);
    job->keep.result = enum_name_delivery(state);
    worker_give(all->worker, job);
}

void conversation_refuses(struct conversation *conversation, bool on, const char *word)
{
    struct conversations *all = conversation->all;
    struct conversation_job *job = memory_zeroed(1, sizeof *job);
    job->keep.what = KEEP_REFUSED;
    job->keep.wall_us = (int64_t)all->services->wall_us(all->link);
    job->keep.media = enum_name_media(all->way->media), job->keep.kind = all->way->kind;
    job->keep.address = g_strdup(conversation->address), job->keep.own = g_strdup(conversation->to);
    job->keep.text = g_strdup(word);
    job->keep.refuses = on;
    worker_give(all->worker, job);
}

/* The thread brings a job back. The way hears of its own also where the conversation is over. */
void conversation_done(void *self, void *given)
{
    struct conversation_job *job = given;
    struct conversation *conversation = job->conversation;
    struct conversations *all = self;
    enum keep what = job->keep.what;
    if (!job->keep.good && keep_again(&job->keep)) probe_failed(all->probe, job->keep.error.text);
    if (!conversation) { /* it may have ended long ago */
        if (!job->keep.good && what == KEEP_REFUSED &&
            keep_again(&job->keep)) { /* whoever has left is written to no more */
            g_queue_push_tail(&all->refused, job);
            return;
        }
        if (!job->keep.good)
            all->services->log(all->link, GCX_LOG_ERROR, job->keep.ixn, 0,
                               "what became of a message, or a refusal, is not kept: %s", job->keep.error.text);
        free_conversation_job(job);
        return;
    }
    assert(conversation->jobs > 0 && conversation->all == all);
    if (!conversation->over && conversation_job_waits(job)) {
        conversation->jobs--;
        return;
    }
    if (job->keep.good && job->keep.error.text[0]) conversation_log_job(job, "kept");
    if (!conversation->over) came_back(job);
    if (what == KEEP_READ || what == KEEP_BRING || what == KEEP_FETCH) all->way->job(job);
    if (--conversation->jobs == 0 && conversation->over) g_hash_table_remove(all->conns, &conversation->conn);
    free_conversation_job(job);
}

void conversation_dropped(void *self, void *given)
{
    struct conversation_job *job = given;
    const struct way *way = ((struct conversations *)self)->way;
    if (way->dropped && job->conversation) way->dropped(job);
    free_conversation_job(job);
}

/* ---- coming and going ---- */

void conversations_init(struct conversations *all, struct gcx_link *link, const struct gcx_services *services,
                        const struct way *way, void *self)
{
    assert(way->size >= sizeof(struct conversation) && way->took && way->refused && way->send && way->noun);
    *all = (struct conversations){.link = link, .services = services, .way = way, .self = self};
    all->conns = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, conversation_free);
    all->keys = g_hash_table_new(g_str_hash, g_str_equal);
    all->recent = recent_table();
    all->requests = services->wall_us(link); /* other numbers than the process before */
    outbox_init(&all->outbox, link, services);
    writer_init(&all->writer);
}

bool conversations_open(struct conversations *all, struct event_base *base, char *why, size_t why_size)
{
    struct error error;
    struct worker_calls calls = {all, conversation_work, conversation_done, conversation_dropped,
                                 conversation_work_all};
    if (sodium_init() < 0) return why_set(why, why_size, "no random numbers can be had");
    all->store = store_open(all->setting.store, &(struct store_options){.country = all->setting.country}, &error);
    if (!all->store) return why_set(why, why_size, "store: %s", error.text);
    if (*all->setting.state && !conversations_restore(all, why, why_size)) return false;
    all->worker = worker_new(base, &calls);
    all->look.target = all->setting.store;
    all->probe =
        probe_new(all->link, all->services, "store", &(struct probe_calls){.self = &all->look, .there = store_look});
    if (!all->worker || !all->probe) return why_set(why, why_size, "no thread can be had");
    all->unended = unheld_new(all, base, why, why_size);
    return all->unended != NULL;
}

bool conversations_await(const void *all)
{
    return worker_waiting(((const struct conversations *)all)->worker) > 0;
}

/* The worker ends first: its jobs know their conversations. */
void conversations_stop(struct conversations *all)
{
    unended_free(all->unended);
    worker_free(all->worker);
    for (struct conversation_job *job; (job = g_queue_pop_head(&all->refused));) free_conversation_job(job);
    probe_free(all->probe);
    all->unended = NULL, all->worker = NULL, all->probe = NULL;
}

void conversations_free(struct conversations *all)
{
    assert(!all->worker); /* conversations_stop() came before */
    store_look_end(&all->look);
    store_close(all->store);
    saved_close(all->saved);
    g_hash_table_destroy(all->keys);
    g_hash_table_destroy(all->conns);
    g_hash_table_destroy(all->recent);
    outbox_free(&all->outbox);
    writer_free(&all->writer);
}

static void each_conversation(struct conversations *all, void (*call)(struct conversation *, uint64_t now_us))
{
    GList *values = g_hash_table_get_values(all->conns);
    uint64_t now_us = all->services->now_us(all->link);
    for (GList *one = values; one; one = one->next) call(one->data, now_us);
    g_list_free(values);
}

void conversations_tick(struct conversations *all)
{
    outbox_flush(&all->outbox);
    each_conversation(all, conversation_late);
    for (unsigned left = all->refused.length; left > 0; left--)
        worker_give(all->worker, g_queue_pop_head(&all->refused));
    if (++all->seconds % PURGE_S == 0) recent_purge(all);
    unended_tick(all->unended);
}

/* An answer that came while the link was down is lost: it is submitted again, under the same external id. */
static void ask_again(struct conversation *conversation, uint64_t now_us)
{
    (void)now_us;
    if (conversation->phase == CONVERSATION_SUBMITTED && !conversation->over) conversation_submit(conversation);
}

void conversations_core_up(struct conversations *all, bool up)
{
    unended_core_up(all->unended, up);
    if (up) each_conversation(all, ask_again);
}

void conversations_credit(struct conversations *all)
{
    outbox_flush(&all->outbox);
}
