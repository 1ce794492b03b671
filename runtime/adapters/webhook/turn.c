/* runtime/adapters/webhook/turn.c - Takes the messages of a customer one after the other: each waits until its file, if
 * it has one, is fetched and in the contact store, and until the message before it is kept. If a message is not kept,
 * the customer's following ones are not taken either: the network sends all of them again, in their order.
 *
 * The network is answered only when the message is kept, so that if the process is killed before, the network sends
 * everything again. If a file cannot be fetched, the message says so and is taken all the same. */
#include <assert.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/webhook/fetch.h"
#include "runtime/adapters/webhook/webhook.h"
#include "runtime/vocabulary/bytes.h"

enum { HELD_MAX = 5000, FILE_NAME_BYTES = 200 };

/* Returns the file's name as one line, without characters that have a meaning in paths. */
static char *turn_file_name(const struct webhook_taken *held, const char *type)
{
    const char *given = held->post.fields[POST_file], *slash = strchr(type, '/');
    bool shown = slash && !g_str_has_prefix(type, "application/");
    if (!*given) return shown ? g_strdup_printf("%.*s.%s", (int)(slash - type), type, slash + 1) : g_strdup("file");
    GString *name = g_string_new(NULL);
    for (const char *c = given; *c && name->len < FILE_NAME_BYTES; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        g_string_append_unichar(name, g_unichar_isprint(letter) && !strchr("/\\", *c) ? letter : '_');
    }
    bool dots = strspn(name->str, ".") == name->len; /* the name is "." or "..", which mean folders */
    return dots ? (g_string_free(name, TRUE), g_strdup("file")) : g_string_free(name, FALSE);
}

/* ---- their turn ---- */

static void turn_fetch_next(struct webhook *webhook)
{
    while (webhook->fetching < FETCHERS && !g_queue_is_empty(&webhook->to_fetch)) {
        struct webhook_taken *held = g_queue_pop_head(&webhook->to_fetch);
        unsigned idle = 0;
        while (worker_waiting(webhook->fetchers[idle]) > 0 && idle + 1 < FETCHERS) idle++;
        webhook->fetching++;
        worker_give(webhook->fetchers[idle], held);
    }
}

/* Returns why a file is not fetched; NULL: it is. */
static const char *turn_declined(struct webhook *webhook, const char *key)
{
    const struct conversation *conversation = conversation_by_key(&webhook->conversations, key);
    const struct posting *posting = (const struct posting *)conversation;
    if (webhook->setting.files == 0) return "files are not taken";
    return posting && posting->files >= webhook->setting.files ? "there were too many in this conversation" : NULL;
}

/* Drops a message whose turn has not come; the network sends it again. */
static void turn_drop(struct webhook_taken *held)
{
    office_said(g_steal_pointer(&held->coming), POST_LATER);
}

static void turn_begin(struct webhook *, struct webhook_taken *); /* this may end the turn at once */

static void turn_ended(struct webhook *webhook, const char *key, bool kept)
{
    GQueue *queue = g_hash_table_lookup(webhook->held, key);
    bool first = true;
    assert(queue);
    for (struct webhook_taken *held; (held = g_queue_peek_head(queue)) && (first || !kept); first = false) {
        g_queue_pop_head(queue);
        webhook->held_count--;
        if (!first) turn_drop(held);
    }
    if (g_queue_is_empty(queue))
        g_hash_table_remove(webhook->held, key);
    else
        turn_begin(webhook, g_queue_peek_head(queue));
    turn_fetch_next(webhook);
}

/* Logs that messages are not taken: once, until one is taken again; the network sends them again until then. */
static void turn_tells(struct webhook *webhook, const char *code)
{
    if (code && !webhook->told_refused)
        webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, 0,
                               "%s: a message is not taken, and is to be brought again: %s", webhook->setting.of->name,
                               code);
    webhook->told_refused = code != NULL;
}

/* Ends the turn of a message: it was kept (`code` NULL), or not, for that reason. Then the customer's next message
 * has its turn, unless the network must send this one again first. */
static void turn_settle(struct webhook *webhook, const char *id, enum post_verdict verdict, const char *code)
{
    struct webhook_taken *taken = g_hash_table_lookup(webhook->taking, id);
    if (!taken || !taken->coming) return;
    struct post_coming *coming = g_steal_pointer(&taken->coming);
    turn_tells(webhook, POST_IS_LATER(verdict) ? code : NULL);
    turn_ended(webhook, taken->key, !POST_IS_LATER(verdict));
    office_said(coming, verdict); /* office_said() frees the item */
}

/* Adds the message to its conversation; `file` NULL: it is refused, and the network sends it again. */
static void turn_say_post(struct webhook_taken *held, const struct said_file *file)
{
    if (file && hook_say_after(held)) return; /* turn_said_after() follows */
    if (!file || !hook_say_post(held, file)) turn_settle(held->webhook, held->id, POST_LATER, "busy");
}

/* Begins the turn of a message, which may be over, and freed, when this returns. */
static void turn_begin(struct webhook *webhook, struct webhook_taken *held)
{
    /* the earlier messages were kept meanwhile, so the limit of files may be reached now */
    if (held->fetch && (held->why = turn_declined(webhook, held->key))) {
        fetch_free(held->fetch);
        held->fetch = NULL;
    }
    if (held->fetch)
        g_queue_push_tail(&webhook->to_fetch, held);
    else
        turn_say_post(held, &(struct said_file){.why = held->why});
}

/* Goes on with a message whose file is fetched, or cannot be. */
static void turn_say(struct webhook_taken *held, const struct said_file *file)
{
    struct webhook *webhook = held->webhook;
    assert(webhook->fetching > 0);
    webhook->fetching--;
    turn_say_post(held, file);
    turn_fetch_next(webhook);
}

void turn_took(struct conversation *conversation, const char *id, int64_t place, const char *code)
{
    struct webhook *webhook = conversation->all->self;
    bool unfit = code && strcmp(code, "unfit") == 0;
    struct webhook_taken *taken = hook_taken_of(webhook, id);
    (void)place;
    /* if the network sent the message again, it would still be unfit */
    if (unfit) webhook->services->count(webhook->link, "passed", 1);
    if (!code) conversation_save(conversation);
    if (!taken) return;
    if (code && !unfit) taken->code = code;
    /* pieces that are kept are recognized when the message comes again */
    if (taken->pieces > 0 && --taken->pieces > 0) return;
    turn_settle(webhook, taken->id, taken->code ? POST_LATER : POST_TAKEN, taken->code);
}

void turn_refused(struct conversation *conversation, const char *code)
{
    struct webhook *webhook = conversation->all->self;
    GHashTableIter at;
    gpointer id, value;
    char *taken_id = NULL; /* only one message of a customer is being taken at a time */
    g_hash_table_iter_init(&at, webhook->taking);
    while (!taken_id && g_hash_table_iter_next(&at, &id, &value))
        if (((const struct webhook_taken *)value)->conversation == conversation) taken_id = g_strdup(id);
    if (taken_id) turn_settle(webhook, taken_id, conversation->fault ? POST_NEVER_ROUTED : POST_LATER, code);
    g_free(taken_id);
}

/* ---- a file ---- */

/* Goes on with a message about one of a conversation that may be over: where there is no such message, it is said like
 * any other. */
static void turn_said_after(const struct conversation_job *job)
{
    struct webhook_taken *held = job->asker;
    bool kept = job->keep.good && job->keep.n > 0;
    if (!kept && (job->keep.good || !keep_again(&job->keep)))
        turn_say_post(held, &(struct said_file){0});
    else
        turn_settle(held->webhook, held->id, kept ? POST_TAKEN : POST_LATER, kept ? NULL : "store");
}

void turn_brought(struct conversation_job *job)
{
    struct webhook_taken *held = job->asker;
    if (job->keep.what == KEEP_AFTER) {
        turn_said_after(job);
        return;
    }
    const struct webhook *webhook = held->webhook;
    if (job->keep.good) {
        turn_say(held, &(struct said_file){.part = job->keep.part.part, .name = job->keep.text});
        return;
    }
    webhook->services->log(webhook->link, GCX_LOG_ERROR, 0, 0, "the contact store does not take a file: %s",
                           job->keep.error.text);
    if (keep_again(&job->keep))
        turn_say(held, NULL); /* the network sends the message again */
    else
        turn_say(held, &(struct said_file){.why = "the contact store does not take it"});
}

static void turn_fetched(void *self, void *given)
{
    struct webhook *webhook = self;
    struct webhook_taken *held = given;
    struct fetch *fetch = held->fetch;
    struct conversation *conversation = fetch->bytes ? hook_conversation(webhook, &held->post) : NULL;
    if (!fetch->bytes) {
        webhook->services->count(webhook->link, "unfetched", 1);
        webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, 0, "%s: a file of a message is not fetched: %s",
                               webhook->setting.of->name, fetch->why);
        turn_say(held, &(struct said_file){.why = fetch->why});
    } else if (!conversation) {
        turn_say(held, NULL); /* there are too many */
    } else {
        struct conversation_job *job = conversation_job(conversation, KEEP_BRING);
        job->keep.text = turn_file_name(held, fetch->type);
        text_set(job->keep.part.type, sizeof job->keep.part.type, fetch->type);
        job->keep.bytes = fetch->bytes;
        fetch->bytes = NULL;
        job->asker = held;
        conversation_job_give(job);
    }
}

static void turn_fetches(void *self, void *given)
{
    fetch_file(self, ((struct webhook_taken *)given)->fetch);
}

/* Takes back a job that was dropped; the message stays in `taking`, which hook_free() frees. */
static void turn_dropped(void *self, void *given)
{
    (void)self, (void)given;
}

static void turn_wait(struct webhook_taken *held)
{
    struct webhook *webhook = held->webhook;
    const char *const *fields = held->post.fields;
    GQueue *queue = g_hash_table_lookup(webhook->held, held->key);
    if (webhook->held_count >= HELD_MAX || (queue && g_queue_get_length(queue) >= HELD_MAX / 4)) {
        turn_drop(held);
        return;
    }
    bool first = !queue;
    if (webhook->setting.of->media.url && *fields[POST_media] && !held->made.text) {
        held->why = turn_declined(webhook, held->key);
        if (!held->why)
            held->fetch = fetch_new(&webhook->setting, &webhook->stopping, fields[POST_media], fields[POST_type]);
    }
    if (first) {
        queue = g_queue_new();
        g_hash_table_insert(webhook->held, g_strdup(held->key), queue);
    }
    webhook->held_count++;
    g_queue_push_tail(queue, held);
    if (first) turn_begin(webhook, held);
    turn_fetch_next(webhook);
}

bool turn_item(void *self, struct post_coming *coming, const struct post_item *item)
{
    struct webhook *webhook = self;
    struct webhook_taken *taken = g_hash_table_lookup(webhook->taking, item->peer_id);
    taken->coming = coming;
    turn_wait(taken);
    return true;
}

/* ---- a life ---- */

static void held_queue_free(gpointer queue)
{
    g_queue_free(queue);
}

bool turn_init(struct webhook *webhook, struct event_base *base)
{
    webhook->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, held_queue_free);
    if (!webhook->setting.of->media.url) return true;
    for (unsigned i = 0; i < FETCHERS; i++) {
        webhook->fetchers[i] =
            worker_new(base, &(struct worker_calls){webhook, turn_fetches, turn_fetched, turn_dropped, NULL});
        if (!webhook->fetchers[i]) return false;
    }
    return true;
}

void turn_stop(struct webhook *webhook)
{
    for (unsigned i = 0; i < FETCHERS; i++) {
        if (webhook->fetchers[i]) worker_free(webhook->fetchers[i]);
        webhook->fetchers[i] = NULL;
    }
}

void turn_end(struct webhook *webhook)
{
    g_queue_clear(&webhook->to_fetch);
    if (webhook->held) g_hash_table_destroy(webhook->held);
}
