/* runtime/adapters/conversation/job.c - Jobs of conversations for the post office's thread: making them, handing
 * them over, trying them again while the contact store is away, and taking them back.
 *
 *     conversation_job()  --give--> office's thread: keep_do()  --done--> conversation_done()
 *                                     '-- the store is away: done again later, where talk_job_lasts()
 *     newest["ID"]  the last job given about the same thing
 *
 * A row that waits for the store may be older than another one that was written later. So a job that is tried again
 * first checks whether it is still the newest one about its row; a stale job counts as done. */
#include <stdlib.h>

#include "runtime/adapters/conversation/internal.h"
#include "base/memory.h"

struct conversation_job *conversation_job_new(struct conversations *all, enum keep what)
{
    struct conversation_job *job = memory_zeroed(1, sizeof *job);
    job->all = all;
    job->keep.what = what;
    job->keep.media = enum_name_media(all->way->media), job->keep.owner = all->owner;
    job->keep.wall_us = (int64_t)all->services->wall_us(all->link);
    job->keep.journal = all->services->journal(all->link);
    return job;
}

struct conversation_job *conversation_job(struct conversation *conversation, enum keep what)
{
    struct conversation_job *job = conversation_job_new(conversation->all, what);
    job->conversation = conversation;
    job->keep.interaction = conversation->interaction;
    return job;
}

void conversation_log_job(const struct conversation_job *job, const char *what)
{
    const struct conversation *conversation = job->conversation;
    const struct conversations *all = conversation->all;
    all->services->log(all->link, GCX_LOG_ERROR, conversation->ixn, conversation->conn, "%s %s: %s: %s", all->way->noun,
                       conversation->external_id, what, job->keep.error.text);
}

/* Does the job make the row of a conversation, before anything was written? */
static bool talk_job_is_first(const struct conversation_job *job)
{
    return job->keep.makes && job->conversation;
}

/* Has a newer job about the same thing taken its place? A job that the store refused is tried again later, and would
 * undo the newer one. An end undoes nothing. */
static bool talk_job_is_stale(const struct conversation_job *job)
{
    return job->about && job->keep.what != KEEP_END && !talk_job_is_first(job) &&
           g_hash_table_lookup(job->all->newest, job->about) != job;
}

void conversation_job_free(void *given)
{
    struct conversation_job *job = given;
    if (job->about && g_hash_table_lookup(job->all->newest, job->about) == job)
        g_hash_table_remove(job->all->newest, job->about);
    g_free(job->about);
    keep_free(&job->keep);
    free(job);
}

/* ---- on the post office's thread ---- */

static bool talk_job_work(void *self, struct store *store, struct error *error)
{
    struct keep_job *keep = &((struct conversation_job *)self)->keep;
    keep_do(store, keep);
    if (!keep->good) *error = keep->error;
    return keep->good;
}

/* Takes back a job that is done. A job has also failed if another job failed that was to be durable together with
 * it. */
static void talk_job_done(void *self, bool good, const struct error *error)
{
    struct conversation_job *job = self;
    job->keep.good = good || talk_job_is_stale(job);
    if (!job->keep.good) job->keep.error = *error;
    job->all->done(job);
}

static void talk_job_lost(void *self, const struct error *error)
{
    const struct conversation_job *job = self;
    const struct conversations *all = job->all;
    all->services->log(all->link, GCX_LOG_ERROR, job->conversation ? job->conversation->ixn : job->keep.ixn, 0,
                       "%s %s: the contact store does not have what became of it: %s", all->way->noun, job->about,
                       error->text);
}

static void talk_job_dropped(void *self)
{
    struct conversation_job *job = self;
    const struct conversation_way *way = job->all->way;
    if (way->dropped && job->conversation) way->dropped(job);
    conversation_job_free(job);
}

/* Is the job tried again until the store takes it? Nobody else repeats an end, a row, the outcome of a message, or a
 * customer's wish to get no messages. The job that makes the row of a new conversation is not tried again: the customer
 * hears at once that it is not kept. */
static bool talk_job_lasts(const void *self)
{
    const struct conversation_job *job = self;
    return job->about && !talk_job_is_first(job) && !talk_job_is_stale(job);
}

/* Names the thing that the job writes about; NULL: no later job can replace this one. */
static char *talk_job_about(const struct conversation_job *job)
{
    switch (job->keep.what) {
    case KEEP_SAVE:
    case KEEP_OVER:
        return g_strdup(job->keep.external_id);
    case KEEP_END:
        return g_strdup(job->conversation->external_id);
    case KEEP_REFUSED:
        return g_strconcat(job->keep.address, " ", job->keep.own, NULL);
    case KEEP_FARED:
        return g_strdup_printf("%llu %s", (unsigned long long)job->keep.ixn, job->keep.msg_id);
    default:
        return NULL;
    }
}

void conversation_job_hand_on(struct conversation_job *job)
{
    job->about = talk_job_about(job);
    if (job->about) g_hash_table_replace(job->all->newest, g_strdup(job->about), job);
    office_errand(job->all->office, &(struct post_errand){.self = job,
                                                          .work = talk_job_work,
                                                          .done = talk_job_done,
                                                          .dropped = talk_job_dropped,
                                                          .lasts = talk_job_lasts,
                                                          .lost = talk_job_lost});
}

void conversation_job_give(struct conversation_job *job)
{
    job->conversation->jobs++;
    conversation_job_hand_on(job);
}

/* ---- without a conversation ---- */

uint64_t conversation_conn_of(const void *self, uint64_t ixn)
{
    const struct conversations *all = self;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, all->conns);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct conversation *conversation = value;
        if (conversation->ixn == ixn && !conversation->over) return conversation->conn;
    }
    return 0;
}

void conversation_row_forget(struct conversations *all, const char *name)
{
    struct conversation_job *job = conversation_job_new(all, KEEP_OVER);
    job->keep.external_id = g_strdup(name);
    conversation_job_hand_on(job);
}

/* Makes the job that notes what became of a message; it belongs to no conversation, as that may be long over. */
void conversation_fared(struct conversations *all, uint64_t ixn, const char *msg_id, enum delivery state)
{
    struct conversation_job *job = conversation_job_new(all, KEEP_FARED);
    job->keep.ixn = ixn;
    job->keep.msg_id = g_strdup(msg_id);
    job->keep.result = enum_name_delivery(state);
    conversation_job_hand_on(job);
}

void conversation_refuses(struct conversation *conversation, bool on, const char *word)
{
    struct conversations *all = conversation->all;
    struct conversation_job *job = conversation_job_new(all, KEEP_REFUSED);
    job->keep.kind = all->way->kind;
    job->keep.address = g_strdup(conversation->address), job->keep.own = g_strdup(conversation->to);
    job->keep.text = g_strdup(word);
    job->keep.refuses = on;
    conversation_job_hand_on(job);
}
