/* runtime/adapters/webhook/post.c - Our messages: each becomes a request, those to one customer leave one at a time and
 * in their order, and what became of them is told. The network is asked for news the same way, where it does not call
 * us.
 *
 * Before its first byte goes the contact store has it as one of which nobody knows whether it was sent, so that the
 * next process, which the core gives the message again, sends it again only where the network knows what comes twice.
 */
#include <assert.h>
#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/letters.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapter/refused.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/webhook/pick.h"
#include "runtime/adapters/webhook/webhook.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/state_files.h"
#include "runtime/vocabulary/why.h"
#include "runtime/web/saved.h"

enum { SECOND_US = 1000000, TRIES_MAX = 5, SENT_MAX = 20000, WAITING_MOST = 10000, EARLY_MAX = 64, WAITS_MOST_S = 600 };
#define ASKS UINT64_MAX /* instead of a conversation */

struct sent { /* a message that the network has a name for */
    uint64_t conn, ixn;
    char *msg_id;
    bool arrived; /* it was told as delivered, and stays so */
};

static void sent_free(gpointer data)
{
    struct sent *sent = data;
    g_free(sent->msg_id);
    free(sent);
}

/* ---- a message becomes a request ---- */

struct written { /* what a text of the network's file may name */
    const struct webhook *webhook;
    const struct posting *posting; /* NULL: a poll */
    const char *text, *id;
    const struct keep_job *said; /* NULL: a poll */
};

/* "value.1" is the first. */
static const char *written_field(const struct keep_job *said, const char *name)
{
    if (!said->template) return NULL;
    if (strcmp(name, "template") == 0) return said->template;
    if (strcmp(name, "language") == 0) return *said->language ? said->language : NULL;
    if (!g_str_has_prefix(name, "value.")) return NULL;
    guint64 n = g_ascii_strtoull(name + strlen("value."), NULL, 10);
    return said->values && n >= 1 && n <= said->values->len ? said->values->pdata[n - 1] : NULL;
}

static const char *written_value(void *self, const char *name)
{
    const struct written *written = self;
    const struct webhook *webhook = written->webhook;
    const struct posting *posting = written->posting;
    const char *given = network_given_value(&webhook->setting.given, name);
    if (given) return given;
    if (strcmp(name, "cursor") == 0) return webhook->cursor ? webhook->cursor : "0";
    if (!posting) return NULL;
    if (strcmp(name, "text") == 0) return written->text;
    if (strcmp(name, "id") == 0) return written->id;
    if (strcmp(name, "to") == 0) return posting->conversation.address;
    if (strcmp(name, "from") == 0) return posting->conversation.to;
    if (strcmp(name, "thread") == 0) return posting->thread;
    return strcmp(name, "visibility") == 0 ? posting->visibility : written_field(written->said, name);
}

static struct outgoing *outgoing_to_network(struct written *written, const char *url)
{
    const struct webhook *webhook = written->webhook;
    struct outgoing *outgoing =
        outgoing_new(webhook->setting.of, url, written->posting != NULL, written_value, written);
    if (!outgoing) return NULL;
    outgoing->ca = webhook->setting.ca;
    outgoing->timeout_s = webhook->setting.timeout;
    outgoing->stopping = &webhook->stopping;
    return outgoing;
}

/* The sender that writes to this one; SENDERS: none does. */
static unsigned sender_writing(const struct webhook *webhook, uint64_t conn)
{
    unsigned at = 0;
    while (at < SENDERS && webhook->sends[at] != conn) at++;
    return at;
}

/* Has it none under way, and does the network take one? */
static bool may_write(struct webhook *webhook, uint64_t conn)
{
    const uint64_t *then_us = g_hash_table_lookup(webhook->limited, &conn);
    if (sender_writing(webhook, conn) < SENDERS) return false;
    if (then_us && webhook->services->now_us(webhook->link) < *then_us) return false;
    if (then_us) g_hash_table_remove(webhook->limited, &conn);
    return true;
}

/* The first one that may go. */
static GList *outgoing_first(struct webhook *webhook)
{
    GList *one = webhook->waiting.head;
    while (one && !may_write(webhook, ((const struct outgoing *)one->data)->conn)) one = one->next;
    return one;
}

static bool outgoing_is_late(const struct webhook *webhook, const struct outgoing *outgoing)
{
    return webhook->services->now_us(webhook->link) > outgoing->since_us + (uint64_t)WAITS_MOST_S * SECOND_US;
}

/* It does not go, for this reason; or it went before. */
static void outgoing_settled(struct webhook *webhook, struct outgoing *outgoing, enum delivery state, enum cause cause,
                             const char *text)
{
    conversation_delivered(&webhook->conversations, &(struct delivered){.conn = outgoing->conn,
                                                                        .ixn = outgoing->ixn,
                                                                        .msg_id = outgoing->msg_id,
                                                                        .state = state,
                                                                        .cause = cause,
                                                                        .text = text,
                                                                        .final = true});
    outgoing_request_free(outgoing);
}

static void outgoing_next(struct webhook *webhook)
{
    GList *first;
    while (!webhook->ends && webhook->services->now_us(webhook->link) >= webhook->pause_us &&
           sender_writing(webhook, 0) < SENDERS && (first = outgoing_first(webhook))) {
        unsigned idle = sender_writing(webhook, 0);
        struct outgoing *outgoing = first->data;
        g_queue_delete_link(&webhook->waiting, first);
        webhook->sends[idle] = outgoing->conn;
        if (outgoing->msg_id && !outgoing->begun)
            conversation_going(&webhook->conversations, outgoing->interaction, outgoing->n, outgoing);
        else
            worker_give(webhook->senders[idle], outgoing);
    }
}

/* The process before has sent it, and has not told so; or may have. */
static void outgoing_known(struct webhook *webhook, struct outgoing *outgoing, const char *known)
{
    bool sent = strcmp(known, "accepted") == 0 || strcmp(known, "delivered") == 0;
    enum cause cause = sent ? cause_ok : strcmp(known, "unknown") == 0 ? cause_lost : cause_refused;
    outgoing_settled(webhook, outgoing, sent ? delivery_accepted : delivery_failed, cause, NULL);
}

/* The contact store has answered. If it takes nothing the message does not go: after a crash it might go twice. */
static void outgoing_begun(struct outgoing *outgoing, const struct keep_job *going)
{
    struct webhook *webhook = outgoing->asker;
    unsigned sender = sender_writing(webhook, outgoing->conn);
    bool again = webhook->setting.of->write.repeatable && strcmp(going->known, "unknown") == 0;
    if (going->good && (!*going->known || again)) {
        outgoing->begun = true;
        worker_give(webhook->senders[sender], outgoing);
        return;
    }
    webhook->sends[sender] = 0;
    if (going->good) {
        outgoing_known(webhook, outgoing, going->known);
        outgoing_next(webhook);
    } else if (keep_again(going) && !outgoing_is_late(webhook, outgoing)) {
        g_queue_push_head(&webhook->waiting, outgoing); /* until the next tick */
    } else {
        outgoing_settled(webhook, outgoing, delivery_failed, cause_overload,
                         keep_again(going) ? "the contact store takes nothing" : going->error.text);
    }
}

static enum delivery posting_send(struct conversation *conversation, const struct keep_job *said, enum cause *cause)
{
    struct webhook *webhook = conversation->all->self;
    struct written written = {webhook, (struct posting *)conversation, said->text, said->msg_id, said};
    const struct network_write *write = &webhook->setting.of->write;
    struct outgoing *outgoing = NULL;
    *cause = cause_refused;
    if ((uint64_t)g_utf8_strlen(said->text, -1) > webhook->setting.of->text_max) return delivery_failed;
    *cause = cause_overload;
    if (g_queue_get_length(&webhook->waiting) < WAITING_MOST) {
        *cause = cause_invalid_destination;
        outgoing = outgoing_to_network(&written, webhook->setting.of->write.url);
    }
    if (!outgoing) return delivery_failed;
    outgoing->conn = conversation->conn;
    outgoing->msg_id = g_strdup(said->msg_id);
    outgoing->asker = webhook;
    outgoing->ixn = conversation->ixn;
    outgoing->interaction = conversation->interaction, outgoing->n = said->n;
    outgoing->since_us = webhook->services->now_us(webhook->link);
    outgoing_write(outgoing, write, said->template != NULL, written_value, &written);
    g_queue_push_tail(&webhook->waiting, outgoing);
    outgoing_next(webhook);
    return delivery_unknown;
}

/* ---- what came of it ---- */

static void sent_add(struct webhook *webhook, const char *peer_id, struct sent of)
{
    struct sent *sent = memory_zeroed(1, sizeof *sent);
    *sent = of;
    if (!g_hash_table_replace(webhook->sent, g_strdup(peer_id), sent)) return;
    g_queue_push_tail(&webhook->sent_order, g_strdup(peer_id));
    if (g_queue_get_length(&webhook->sent_order) <= SENT_MAX) return;
    char *oldest = g_queue_pop_head(&webhook->sent_order);
    if (webhook->peers) (void)saved_over(webhook->peers, oldest);
    g_hash_table_remove(webhook->sent, oldest);
    g_free(oldest);
}

/* Unkept, the next process is not told what became of it. */
static void sent_save(struct webhook *webhook, const char *peer_id)
{
    const struct sent *sent = g_hash_table_lookup(webhook->sent, peer_id);
    json_t *row = webhook->peers && sent
                      ? json_pack("{s:I, s:I, s:s, s:b}", "conn", (json_int_t)sent->conn, "ixn", (json_int_t)sent->ixn,
                                  "msg_id", sent->msg_id, "arrived", sent->arrived)
                      : NULL;
    if (row) (void)saved_put(webhook->peers, peer_id, row);
}

static void sent_keep(struct webhook *webhook, const struct outgoing *outgoing, const char *peer_id)
{
    sent_add(webhook, peer_id,
             (struct sent){.conn = outgoing->conn, .ixn = outgoing->ixn, .msg_id = g_strdup(outgoing->msg_id)});
    sent_save(webhook, peer_id);
}

static void sent_restore(void *webhook, const json_t *row)
{
    const char *id = json_string_value(json_object_get(row, "id")),
               *msg_id = json_string_value(json_object_get(row, "msg_id"));
    if (!id || !msg_id) return;
    sent_add(webhook, id,
             (struct sent){.conn = (uint64_t)json_integer_value(json_object_get(row, "conn")),
                           .ixn = (uint64_t)json_integer_value(json_object_get(row, "ixn")),
                           .msg_id = g_strdup(msg_id),
                           .arrived = json_is_true(json_object_get(row, "arrived"))});
}

enum { PEER_ID_MAX = 255 };

static bool outgoing_is_good(const struct outgoing *outgoing)
{
    return outgoing->status >= 200 && outgoing->status < 300;
}

static void post_failed(struct webhook *webhook, const struct outgoing *outgoing)
{
    bool nameless = outgoing_is_good(outgoing), server = outgoing->status >= 500;
    bool lost = nameless || server || (outgoing->status == 0 && outgoing->reached);
    char words[OUTGOING_WORDS];
    outgoing_words(outgoing, words, sizeof words);
    char *text = nameless                ? g_strdup("the network's answer does not name the message")
                 : outgoing->status == 0 ? g_strdup(outgoing->why)
                                         : g_strdup_printf("the network answered %s", words);
    if (!lost)
        refused_tell(webhook->link, webhook->services, REFUSED_webhook_by_network, "%s: %s", webhook->setting.of->name,
                     text);
    webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, outgoing->conn, "%s: a message %s: %s",
                           webhook->setting.of->name, lost ? "may not be sent" : "is not sent", text);
    conversation_delivered(&webhook->conversations, &(struct delivered){.conn = outgoing->conn,
                                                                        .ixn = outgoing->ixn,
                                                                        .msg_id = outgoing->msg_id,
                                                                        .state = delivery_failed,
                                                                        .cause = lost ? cause_lost : cause_refused,
                                                                        .text = text,
                                                                        .final = true});
    g_free(text);
}

/* An answer without the message's name may be anybody's: a page of a proxy, or another server's. */
static void post_taken(struct webhook *webhook, const struct outgoing *outgoing)
{
    char *peer_id = network_answer(webhook->setting.of->write.id, outgoing->answer);
    if (!peer_id && webhook->setting.of->write.id) {
        post_failed(webhook, outgoing);
        return;
    }
    if (peer_id && strlen(peer_id) > PEER_ID_MAX) g_clear_pointer(&peer_id, g_free); /* the message was taken, though */
    if (peer_id) sent_keep(webhook, outgoing, peer_id);
    conversation_delivered(&webhook->conversations, &(struct delivered){.conn = outgoing->conn,
                                                                        .ixn = outgoing->ixn,
                                                                        .msg_id = outgoing->msg_id,
                                                                        .peer_id = peer_id,
                                                                        .state = delivery_accepted,
                                                                        .cause = cause_ok});
    g_free(peer_id);
}

static uint64_t outgoing_wait_us(const struct webhook *webhook, const struct outgoing *outgoing)
{
    uint64_t asked_s = outgoing_asked_wait(outgoing, &webhook->setting.of->write);
    return (asked_s > 0 ? asked_s : UINT64_C(1) << MIN(outgoing->tries, 5)) * SECOND_US;
}

/* May it be sent once more? One that may have arrived is not, unless the network knows what comes twice; an answer that
 * comes too late is worse than none. */
static bool outgoing_again(const struct webhook *webhook, const struct outgoing *outgoing)
{
    uint64_t then_us = webhook->services->now_us(webhook->link) + outgoing_wait_us(webhook, outgoing);
    if (then_us > outgoing->since_us + (uint64_t)WAITS_MOST_S * SECOND_US) return false;
    if (outgoing->status == 429) return true;
    if (outgoing->tries >= TRIES_MAX) return false;
    if (outgoing->status == 0) return outgoing->repeatable || !outgoing->reached;
    return outgoing->status == 401 || outgoing->status == 503 || (outgoing->status >= 500 && outgoing->repeatable);
}

/* Its conversation waits as long as the network says. The network may mean all of us: the others wait for a second. */
static void outgoing_limit(struct webhook *webhook, uint64_t conn, uint64_t wait_us)
{
    uint64_t now_us = webhook->services->now_us(webhook->link);
    uint64_t *key = g_new(uint64_t, 1), *then_us = g_new(uint64_t, 1);
    *key = conn, *then_us = now_us + wait_us;
    g_hash_table_replace(webhook->limited, key, then_us);
    webhook->pause_us = now_us + MIN(wait_us, SECOND_US);
}

/* Behind all others, with what its conversation has behind it: where the network limits one customer, the others are
 * written to. */
static void outgoing_last(struct webhook *webhook, struct outgoing *outgoing)
{
    GQueue others = G_QUEUE_INIT, own = G_QUEUE_INIT;
    g_queue_push_tail(&own, outgoing);
    for (struct outgoing *one; (one = g_queue_pop_head(&webhook->waiting));)
        g_queue_push_tail(one->conn == outgoing->conn ? &own : &others, one);
    for (struct outgoing *one; (one = g_queue_pop_head(&others));) g_queue_push_tail(&webhook->waiting, one);
    for (struct outgoing *one; (one = g_queue_pop_head(&own));) g_queue_push_tail(&webhook->waiting, one);
}

static void outgoing_wait(struct webhook *webhook, struct outgoing *outgoing)
{
    uint64_t wait_us = outgoing_wait_us(webhook, outgoing);
    outgoing_limit(webhook, outgoing->conn, wait_us);
    if (outgoing->tries == 0)
        webhook->services->log(webhook->link, GCX_LOG_WARNING, outgoing->ixn, outgoing->conn,
                               "%s: a message waits for %" PRIu64 " s: the network answered %ld",
                               webhook->setting.of->name, wait_us / SECOND_US, outgoing->status);
    outgoing->tries++;
    outgoing->status = 0;
    g_string_free(outgoing->answer, TRUE);
    outgoing->answer = NULL;
    outgoing_last(webhook, outgoing);
}

struct early {
    char *id, *state;
};

static void early_free(gpointer data)
{
    struct early *early = data;
    g_free(early->id), g_free(early->state);
    g_free(early);
}

/* A network may tell what became of a message before it has answered who sent it. */
static void early_told(struct webhook *webhook)
{
    for (unsigned left = webhook->early.length; left > 0; left--) {
        struct early *early = g_queue_pop_head(&webhook->early);
        struct post status = {.kind = POSTED_STATUS};
        for (unsigned i = 0; i < POST_FIELDS; i++) status.fields[i] = "";
        status.fields[POST_id] = early->id, status.fields[POST_status] = early->state;
        if (g_hash_table_contains(webhook->sent, early->id)) post_told(webhook, &status);
        early_free(early);
    }
}

static void outgoing_done(void *self, void *given)
{
    struct webhook *webhook = self;
    struct outgoing *outgoing = given;
    bool good = outgoing_is_good(outgoing);
    webhook->sends[sender_writing(webhook, outgoing->conn)] = 0;
    outgoing_tell(outgoing, webhook->probe);
    if (!outgoing->msg_id) {
        if (good)
            hook_polled(webhook, outgoing->answer->str, outgoing->answer->len);
        else
            webhook->asking = false;
        outgoing_request_free(outgoing);
    } else if (!good && outgoing_again(webhook, outgoing)) {
        outgoing_wait(webhook, outgoing);
    } else {
        if (good)
            post_taken(webhook, outgoing);
        else
            post_failed(webhook, outgoing);
        outgoing_request_free(outgoing);
        early_told(webhook);
    }
    outgoing_next(webhook);
}

static void outgoing_dropped(void *self, void *outgoing)
{
    (void)self;
    outgoing_request_free(outgoing);
}

bool post_is_busy(const struct webhook *webhook)
{
    bool busy = false;
    for (unsigned i = 0; i < SENDERS; i++) busy = busy || (webhook->sends[i] != 0 && webhook->sends[i] != ASKS);
    return busy;
}

void post_told(struct webhook *webhook, const struct post *status)
{
    struct sent *sent = g_hash_table_lookup(webhook->sent, status->fields[POST_id]);
    const char *state = status->fields[POST_status];
    if (!sent && post_is_busy(webhook) && webhook->early.length < EARLY_MAX) {
        struct early *early = g_new0(struct early, 1);
        early->id = g_strdup(status->fields[POST_id]), early->state = g_strdup(state);
        g_queue_push_tail(&webhook->early, early);
    }
    if (!sent) return;
    bool failed = strcmp(state, "failed") == 0, arrived = strcmp(state, "delivered") == 0;
    if ((!failed && !arrived) || sent->arrived) return; /* what was told is as good, or better */
    if (arrived) sent->arrived = true, sent_save(webhook, status->fields[POST_id]);
    conversation_delivered(&webhook->conversations,
                           &(struct delivered){.conn = sent->conn,
                                               .ixn = sent->ixn,
                                               .msg_id = sent->msg_id,
                                               .peer_id = status->fields[POST_id],
                                               .state = failed ? delivery_failed : delivery_delivered,
                                               .cause = failed ? cause_refused : cause_ok,
                                               .text = failed ? "the network could not deliver it" : NULL,
                                               .final = true});
}

/* ---- asking for news ---- */

static void ask_for_news(struct webhook *webhook)
{
    const struct network_poll *poll = &webhook->setting.of->poll;
    uint64_t now_us = webhook->services->now_us(webhook->link);
    if (!poll->url || webhook->asking || !webhook->services->up(webhook->link)) return;
    if (webhook->asked_us != 0 && now_us - webhook->asked_us < poll->every_s * SECOND_US) return;
    struct written written = {.webhook = webhook};
    struct outgoing *outgoing = outgoing_to_network(&written, poll->url);
    webhook->asked_us = now_us;
    if (!outgoing) return;
    webhook->asking = true;
    outgoing->conn = ASKS;
    g_queue_push_tail(&webhook->waiting, outgoing);
}

void post_tick(struct webhook *webhook)
{
    ask_for_news(webhook);
    outgoing_next(webhook);
}

/* ---- the way ---- */

static const char *posting_mute(struct conversation *conversation, enum cause *cause)
{
    const struct webhook *webhook = conversation->all->self;
    uint64_t window_s = webhook->setting.of->window_s;
    int64_t now_us = (int64_t)webhook->services->wall_us(webhook->link);
    int64_t last_us = ((const struct posting *)conversation)->last_us;
    if (window_s == 0 || now_us - last_us <= (int64_t)window_s * SECOND_US) return NULL;
    *cause = cause_stale;
    return "The network takes an answer only for a time after the customer's last message, which is over.";
}

/* By these the desk shows how long a free answer is taken, and which templates there are. */
static void posting_data(const struct conversation *conversation, struct kv *data)
{
    const struct webhook *webhook = conversation->all->self;
    uint64_t window_s = webhook->setting.of->window_s;
    if (window_s == 0) return;
    kv_put_int(data, "reply_window", (int64_t)window_s);
    if (*webhook->setting.templates) kv_put_text(data, "templates", span_of(webhook->setting.templates));
}

static void posting_save(const struct conversation *conversation, json_t *row)
{
    const struct posting *posting = (const struct posting *)conversation;
    json_object_set_new(row, "last_us", json_integer(posting->last_us));
    if (posting->files > 0) json_object_set_new(row, "files", json_integer((json_int_t)posting->files));
    if (posting->thread) json_object_set_new(row, "thread", json_string(posting->thread));
    if (posting->visibility) json_object_set_new(row, "visibility", json_string(posting->visibility));
}

static bool posting_restore(struct conversation *conversation, const json_t *row)
{
    struct posting *posting = (struct posting *)conversation;
    posting->last_us = json_integer_value(json_object_get(row, "last_us"));
    posting->files = (uint64_t)MAX(json_integer_value(json_object_get(row, "files")), 0);
    posting->thread = g_strdup(json_string_value(json_object_get(row, "thread")));
    posting->visibility = g_strdup(json_string_value(json_object_get(row, "visibility")));
    return true;
}

static void posting_forget(struct conversation *conversation)
{
    struct posting *posting = (struct posting *)conversation;
    g_free(posting->thread), g_free(posting->visibility);
}

static void posting_job(struct conversation_job *job)
{
    if (job->keep.what == KEEP_GOING)
        outgoing_begun(job->asker, &job->keep);
    else
        turn_brought(job);
}

static void posting_dropped(struct conversation_job *job)
{
    if (job->keep.what == KEEP_GOING) outgoing_request_free(job->asker);
}

const struct way posting_way = {
    .media = media_social,
    .noun = "conversation",
    .files = LETTER_GOES_webhook_file,
    .kind = STORE_social,
    .address_key = "address",
    .size = sizeof(struct posting),
    .took = hook_took,
    .refused = hook_refused,
    .mute = posting_mute,
    .send = posting_send,
    .data = posting_data,
    .job = posting_job,
    .dropped = posting_dropped,
    .save = posting_save,
    .restore = posting_restore,
    .forget = posting_forget,
};

/* ---- a life ---- */

static bool peers_open(struct webhook *webhook, char *why, size_t why_size)
{
    char reason[200], *path = g_strconcat(webhook->setting.state, state_endings.peers, NULL);
    bool none = !*webhook->setting.state;
    if (!none) webhook->peers = saved_open(path, sent_restore, webhook, reason, sizeof reason);
    g_free(path);
    return none || webhook->peers || why_set(why, why_size, "state: %s", reason);
}

bool post_init(struct webhook *webhook, struct event_base *base, char *why, size_t why_size)
{
    struct worker_calls calls = {webhook, send_outgoing, outgoing_done, outgoing_dropped, NULL};
    webhook->sent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, sent_free);
    webhook->limited = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    if (!peers_open(webhook, why, why_size)) return false;
    bool good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    for (unsigned i = 0; good && i < SENDERS; i++) good = (webhook->senders[i] = worker_new(base, &calls)) != NULL;
    webhook->head = (struct head){webhook->setting.base, webhook->setting.ca, 0};
    const struct probe_calls looks = HEAD_CALLS(&webhook->head);
    good = good && (webhook->probe = probe_new(webhook->link, webhook->services, "network", &looks)) != NULL;
    return good || why_set(why, why_size, "no thread can be had");
}

void post_stop(struct webhook *webhook)
{
    probe_free(webhook->probe);
    webhook->probe = NULL;
    for (unsigned i = 0; i < SENDERS; i++) {
        if (webhook->senders[i]) worker_free(webhook->senders[i]);
        webhook->senders[i] = NULL;
    }
}

void post_free(struct webhook *webhook)
{
    g_queue_clear_full(&webhook->waiting, outgoing_request_free);
    g_queue_clear_full(&webhook->sent_order, g_free);
    g_queue_clear_full(&webhook->early, early_free);
    if (webhook->sent) g_hash_table_destroy(webhook->sent);
    if (webhook->limited) g_hash_table_destroy(webhook->limited);
    saved_close(webhook->peers);
    g_free(webhook->cursor);
}
