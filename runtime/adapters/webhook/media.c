/* runtime/adapters/webhook/media.c - Messages that name a file: each waits until its file is fetched and in the contact
 * store, and those that its writer sends meanwhile wait behind it.
 *
 * The network is answered only then, so that a process that is killed before has nothing that the network does not
 * bring again. A file that cannot be had is told in the message, which comes all the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/webhook/fetch.h"
#include "runtime/adapters/webhook/webhook.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"

enum { HELD_MAX = 500, FILE_NAME_BYTES = 200 };

struct held { /* a message, until it is said */
    struct webhook *webhook;
    char *key;
    struct post post;    /* its texts are its own */
    struct fetch *fetch; /* NULL: it names no file, or one that is not fetched, for this reason: */
    const char *why;
};

static void held_free(gpointer data)
{
    struct held *held = data;
    for (unsigned i = 0; i < POST_FIELDS; i++) g_free((char *)(uintptr_t)held->post.fields[i]);
    fetch_free(held->fetch);
    g_free(held->key);
    free(held);
}

static struct held *held_new(struct webhook *webhook, const char *key, const struct post *post)
{
    struct held *held = memory_zeroed(1, sizeof *held);
    held->webhook = webhook;
    held->key = g_strdup(key);
    held->post = *post;
    for (unsigned i = 0; i < POST_FIELDS; i++) held->post.fields[i] = g_strdup(post->fields[i]);
    return held;
}

/* A line that is a file's name wherever it is saved. */
static char *held_file_name(const struct held *held, const char *type)
{
    const char *given = held->post.fields[POST_file], *slash = strchr(type, '/');
    bool shown = slash && !g_str_has_prefix(type, "application/");
    if (!*given) return shown ? g_strdup_printf("%.*s.%s", (int)(slash - type), type, slash + 1) : g_strdup("file");
    GString *name = g_string_new(NULL);
    for (const char *c = given; *c && name->len < FILE_NAME_BYTES; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        g_string_append_unichar(name, g_unichar_isprint(letter) && !strchr("/\\", *c) ? letter : '_');
    }
    bool dots = strspn(name->str, ".") == name->len; /* a folder, or the one above it */
    return dots ? (g_string_free(name, TRUE), g_strdup("file")) : g_string_free(name, FALSE);
}

/* ---- their turn ---- */

static void media_fetch_next(struct webhook *webhook)
{
    while (webhook->fetching < FETCHERS && !g_queue_is_empty(&webhook->to_fetch)) {
        struct held *held = g_queue_pop_head(&webhook->to_fetch);
        unsigned idle = 0;
        while (worker_waiting(webhook->fetchers[idle]) > 0 && idle + 1 < FETCHERS) idle++;
        webhook->fetching++;
        worker_give(webhook->fetchers[idle], held);
    }
}

/* The first of these has its turn, and those behind it that need no file. */
static void media_turn(struct webhook *webhook, GQueue *queue)
{
    struct held *held;
    while ((held = g_queue_peek_head(queue))) {
        if (held->fetch) {
            g_queue_push_tail(&webhook->to_fetch, held);
            return;
        }
        g_queue_pop_head(queue);
        webhook->held_count--;
        hook_say_post(webhook, &held->post, &(struct said_file){.why = held->why});
        if (g_queue_is_empty(queue)) g_hash_table_remove(webhook->held, held->key);
        bool last = !g_hash_table_contains(webhook->held, held->key);
        held_free(held);
        if (last) return;
    }
}

/* Its file is there, or not: it is said, and the next has its turn. */
static void held_said(struct held *held, const struct said_file *file)
{
    struct webhook *webhook = held->webhook;
    GQueue *queue = g_hash_table_lookup(webhook->held, held->key);
    assert(queue && g_queue_peek_head(queue) == held && webhook->fetching > 0);
    webhook->fetching--;
    if (file)
        hook_say_post(webhook, &held->post, file);
    else
        hook_unsay_post(webhook, &held->post);
    g_queue_pop_head(queue);
    webhook->held_count--;
    if (g_queue_is_empty(queue))
        g_hash_table_remove(webhook->held, held->key);
    else
        media_turn(webhook, queue);
    held_free(held);
    media_fetch_next(webhook);
}

/* ---- a file ---- */

void media_brought(struct conversation_job *job)
{
    struct held *held = job->asker;
    const struct webhook *webhook = held->webhook;
    if (job->keep.good) {
        held_said(held, &(struct said_file){.part = job->keep.part.part, .name = job->keep.text});
        return;
    }
    webhook->services->log(webhook->link, GCX_LOG_ERROR, 0, 0, "the contact store does not take a file: %s",
                           job->keep.error.text);
    if (keep_again(&job->keep))
        held_said(held, NULL); /* the network brings it again */
    else
        held_said(held, &(struct said_file){.why = "the contact store does not take it"});
}

static void media_fetched(void *self, void *given)
{
    struct webhook *webhook = self;
    struct held *held = given;
    struct fetch *fetch = held->fetch;
    struct conversation *conversation = fetch->bytes ? hook_conversation(webhook, &held->post) : NULL;
    if (!fetch->bytes) {
        webhook->services->count(webhook->link, "unfetched", 1);
        webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, 0, "%s: a file of a message is not fetched: %s",
                               webhook->setting.of->name, fetch->why);
        held_said(held, &(struct said_file){.why = fetch->why});
    } else if (!conversation) {
        held_said(held, NULL); /* there are too many */
    } else {
        struct conversation_job *job = conversation_job(conversation, KEEP_BRING);
        job->keep.text = held_file_name(held, fetch->type);
        text_set(job->keep.part.type, sizeof job->keep.part.type, fetch->type);
        job->keep.bytes = fetch->bytes;
        fetch->bytes = NULL;
        job->asker = held;
        conversation_job_give(job);
    }
}

static void media_fetches(void *self, void *given)
{
    fetch_file(self, ((struct held *)given)->fetch);
}

/* It stays with those that are held, which media_end() frees. */
static void media_dropped(void *self, void *given)
{
    (void)self, (void)given;
}

/* Why a file is not fetched; NULL: it is. */
static const char *media_declined(struct webhook *webhook, const char *key)
{
    const struct conversation *conversation = conversation_by_key(&webhook->conversations, key);
    const struct posting *posting = (const struct posting *)conversation;
    if (webhook->setting.files == 0) return "files are not taken";
    return posting && posting->files >= webhook->setting.files ? "there were too many in this conversation" : NULL;
}

bool media_takes(struct webhook *webhook, const char *key, const struct post *post)
{
    const struct network_media *media = &webhook->setting.of->media;
    return g_hash_table_contains(webhook->held, key) || (media->url && *post->fields[POST_media]);
}

bool media_hold(struct webhook *webhook, const char *key, const struct post *post)
{
    if (webhook->held_count >= HELD_MAX) return false;
    GQueue *queue = g_hash_table_lookup(webhook->held, key);
    bool first = !queue;
    struct held *held = held_new(webhook, key, post);
    if (webhook->setting.of->media.url && *post->fields[POST_media]) {
        held->why = media_declined(webhook, key);
        if (!held->why)
            held->fetch =
                fetch_new(&webhook->setting, &webhook->stopping, post->fields[POST_media], post->fields[POST_type]);
    }
    if (first) {
        queue = g_queue_new();
        g_hash_table_insert(webhook->held, g_strdup(key), queue);
    }
    webhook->held_count++;
    g_queue_push_tail(queue, held);
    if (first) media_turn(webhook, queue);
    media_fetch_next(webhook);
    return true;
}

/* ---- a life ---- */

static void held_queue_free(gpointer queue)
{
    g_queue_free_full(queue, held_free);
}

bool media_init(struct webhook *webhook, struct event_base *base)
{
    webhook->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, held_queue_free);
    if (!webhook->setting.of->media.url) return true;
    for (unsigned i = 0; i < FETCHERS; i++) {
        webhook->fetchers[i] =
            worker_new(base, &(struct worker_calls){webhook, media_fetches, media_fetched, media_dropped, NULL});
        if (!webhook->fetchers[i]) return false;
    }
    return true;
}

void media_stop(struct webhook *webhook)
{
    atomic_store(&webhook->stopping, true);
    for (unsigned i = 0; i < FETCHERS; i++) {
        if (webhook->fetchers[i]) worker_free(webhook->fetchers[i]);
        webhook->fetchers[i] = NULL;
    }
}

void media_end(struct webhook *webhook)
{
    g_queue_clear(&webhook->to_fetch);
    if (webhook->held) g_hash_table_destroy(webhook->held);
}
