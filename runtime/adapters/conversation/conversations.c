/* runtime/adapters/conversation/conversations.c - All conversations of a plugin: how they start with the plugin,
 * what their thread brings back, and how they end with the plugin. The thread may still have jobs of a conversation
 * that is over. `jobs` counts these jobs; the last one to come back frees the conversation.
 *
 *     way (chat, im, webhook, desk)
 *       '-- conversations: tables by connection and by key, recent ones
 *             '-- office: one thread with the contact store
 *
 * Either the plugin lends the conversations a post office that it has already, or own_office() makes one; `own` says
 * which, and thus who frees it. */
#include <assert.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/last.h"
#include "runtime/adapters/conversation/internal.h"
#include "base/why.h"

enum { PURGE_S = 60, GIVE_UP_S = 86400, AT_ONCE = 1000 };

/* ---- jobs ---- */

/* Notes that the row is kept. A conversation that waits for its first words and whose row cannot be kept is refused
 * at once. */
static void talk_saved(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    const struct conversation_way *way = conversation->all->way;
    if (!job->keep.good) conversation_log_job(job, "it would end with this process");
    conversation_read_kept(job);
    if (!job->keep.makes) return;
    if (!job->keep.good && conversation->phase == CONVERSATION_WAITING)
        conversation_refused(conversation, "store");
    else if (way->waits)
        way->waits(conversation);
}

static void came_back(struct conversation_job *job)
{
    switch (job->keep.what) {
    case KEEP_SAVE:
        talk_saved(job);
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
        return; /* jobs of the plugin */
    case KEEP_PUT:
    case KEEP_OVER:
    case KEEP_FARED:
    case KEEP_REFUSED:
    case KEEP_AFTER:
        return; /* the job is the post office's, and of no conversation */
    }
}

/* Handles a job that the thread has done. The plugin gets its own jobs (READ, BRING, FETCH) back even if the
 * conversation is over. All other jobs of a conversation that is over are only counted, and the last one frees the
 * conversation. */
void conversation_done(struct conversation_job *job)
{
    struct conversation *conversation = job->conversation;
    struct conversations *all = job->all;
    enum keep what = job->keep.what;
    if (!conversation) { /* the conversation may have ended long ago */
        if (what == KEEP_AFTER)
            all->way->job(job);
        else if (!job->keep.good)
            all->services->log(all->link, GCX_LOG_ERROR, job->keep.ixn, 0,
                               "what became of a %s, or a message of one, is not kept: %s", all->way->noun,
                               job->keep.error.text);
        conversation_job_free(job);
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
    conversation_job_free(job);
}

/* ---- start and end ---- */

void conversations_init(struct conversations *all, struct gcx_link *link, const struct gcx_services *services,
                        const struct conversation_way *way, void *self)
{
    assert(way->size >= sizeof(struct conversation) && way->took && way->refused && way->send && way->noun);
    *all =
        (struct conversations){.link = link, .services = services, .way = way, .self = self, .done = conversation_done};
    all->conns = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, conversation_free);
    all->keys = g_hash_table_new(g_str_hash, g_str_equal);
    all->recent = recent_table();
    all->newest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    outbox_init(&all->outbox, link, services);
    writer_init(&all->writer);
}

/* ---- the office ---- */

/* Does this process have the conversation? The post office ends conversations that no process has. */
static bool talk_is_here(const void *self, const char *external_id)
{
    const struct conversations *all = self;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, all->conns);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (strcmp(((const struct conversation *)value)->external_id, external_id) == 0) return true;
    return false;
}

static bool talk_keep(const void *self, struct store *store, struct post_item *item, struct error *error)
{
    struct conversation_job *job = item->body;
    (void)self;
    job->keep.journal = item->journal;
    keep_do(store, &job->keep);
    *error = job->keep.error;
    item->interaction = job->keep.interaction;
    return job->keep.good;
}

/* Ends a conversation that no process has, with a transcript as its own process would have done. */
static bool talk_end(struct store *store, int64_t interaction, const char *result, int64_t wall_us, struct error *error)
{
    struct keep_job job = {.what = KEEP_END, .interaction = interaction, .wall_us = wall_us, .result = result};
    keep_do(store, &job);
    *error = job.error;
    keep_free(&job);
    return job.good;
}

static void own_second(void *self)
{
    struct conversations *all = self;
    conversations_tick(all);
    if (all->way->second) all->way->second(all->self);
}

static struct office *own_office(struct conversations *all, struct event_base *base, char *why, size_t why_size)
{
    const struct conversation_way *way = all->way;
    const struct conversation_setting *setting = &all->setting;
    if (way->items) all->post = *way->items;
    all->post.name = enum_name_media(way->media), all->post.media = way->media;
    all->post.kind = way->kind;
    if (!way->items) all->post.noun = way->noun;
    all->post.second = own_second;
    all->rules = (struct post_rules){.store = setting->store,
                                     .country = setting->country,
                                     .lists = "",
                                     .tenant = "",
                                     .stopped = "",
                                     .started = "",
                                     .help = "",
                                     .empty = "",
                                     .conversations = true,
                                     .resends = true, /* providers send a message again under the same id */
                                     .submit_timeout_s = setting->submit_timeout,
                                     .give_up_s = GIVE_UP_S,
                                     .window = AT_ONCE,
                                     .rate = AT_ONCE};
    all->own = true;
    return office_new(&(struct office_setup){all->link, all->services, base, &all->post, &all->rules, all, NULL}, why,
                      why_size);
}

/* Rows of the process before are read before the post office starts, so that the office finds the conversations of
 * its items. */
bool conversations_open(struct conversations *all, struct event_base *base, struct office *office, char *why,
                        size_t why_size)
{
    if (sodium_init() < 0) return why_set(why, why_size, "no random numbers can be had");
    all->office = office ? office : own_office(all, base, why, why_size);
    if (!all->office) return false;
    const char *name = all->services->setting ? all->services->setting(all->link, GCX_NAME) : NULL;
    g_free(all->owner);
    all->owner = g_strdup_printf("%u/%s", all->services->domain(all->link), name ? name : "");
    if (!conversations_restore(all, why, why_size) || !conversations_remember(all, why, why_size)) return false;
    office_talks(all->office, &(struct post_talks){.self = all,
                                                   .noun = all->way->noun,
                                                   .owner = all->owner,
                                                   .has = talk_is_here,
                                                   .keep = talk_keep,
                                                   .submit = conversation_submit,
                                                   .answer = conversation_answer,
                                                   .body_free = conversation_job_free,
                                                   .end = talk_end,
                                                   .told = conversation_told,
                                                   .conn = conversation_conn_of});
    return !all->own || office_begin(all->office, why, why_size);
}

bool conversations_await(const void *all)
{
    return office_waiting(((const struct conversations *)all)->office) > 0;
}

/* Ends the thread first, as its jobs point to conversations. */
void conversations_stop(struct conversations *all)
{
    if (all->own && all->office) last_answers(all->services->base(all->link), conversations_await, all);
    if (all->own) office_close(all->office);
    office_stop(all->office);
}

void conversations_free(struct conversations *all)
{
    g_hash_table_destroy(all->keys);
    g_hash_table_destroy(all->conns);
    g_hash_table_destroy(all->recent);
    memos_free(all->memos);
    if (all->own) office_free(all->office); /* items that came in may wait for a conversation */
    g_hash_table_destroy(all->newest);
    outbox_free(&all->outbox);
    writer_free(&all->writer);
    g_free(all->owner);
}

/* ---- clock and core ---- */

/* Calls `call` for each conversation, in a copy of the list, as `call` may end conversations. */
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
    if (++all->seconds % PURGE_S == 0) recent_purge(all);
}

/* Submits the conversation again, where the process before got no answer from the core. */
static void ask_again(struct conversation *conversation, uint64_t now_us)
{
    (void)now_us;
    if (conversation->asks) conversation_begin(conversation);
    if (conversation->all->anew && !conversation->over) conversation_save(conversation);
}

void conversations_core_up(struct conversations *all, bool up)
{
    if (all->own) office_core_up(all->office, up);
    if (up) each_conversation(all, ask_again);
    if (up) all->anew = false;
}

void conversations_credit(struct conversations *all)
{
    outbox_flush(&all->outbox);
    if (all->own) office_credit(all->office);
}
