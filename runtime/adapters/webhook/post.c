/* runtime/adapters/webhook/post.c - Messages to the network: each becomes a request to its API, when the post office
 * sends it. A network that sends no requests itself is polled for posts in the same way. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapters/webhook/pick.h"
#include "runtime/adapters/webhook/webhook.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/reserved.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/web/door.h"

enum { SECOND_US = 1000000, TRIES_MAX = 5, WAITS_MOST_S = 600, RATE = 100000, PEER_ID_MAX = 240, MARKS = 5 };

/* ---- making a request from a message ---- */

struct written { /* the values for placeholders of the network's data file */
    const struct webhook *webhook;
    const struct posting *posting; /* NULL: a poll */
    const char *text, *id;
    const struct keep_job *said; /* NULL: a poll */
};

/* Returns a field of a template by its name: "value.1" is the first. */
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
    if (strcmp(name, "file.name") == 0) return written->text;
    if (strcmp(name, "file.type") == 0)
        return *written->said->part.type ? written->said->part.type : "application/octet-stream";
    if (strcmp(name, "uploaded") == 0) return OUTGOING_UPLOADED;
    if (strcmp(name, "text") == 0) return written->text;
    if (strcmp(name, "id") == 0) return written->id;
    if (strcmp(name, "to") == 0) return posting->conversation.address;
    if (strcmp(name, "from") == 0) return posting->conversation.to;
    if (strcmp(name, "thread") == 0) return posting->thread;
    return strcmp(name, "visibility") == 0 ? posting->visibility : written_field(written->said, name);
}

static struct webhook_outgoing *outgoing_to_network(struct written *written, const char *url)
{
    const struct webhook *webhook = written->webhook;
    struct webhook_outgoing *outgoing =
        outgoing_new(webhook->setting.of, url, written->posting != NULL, written_value, written);
    if (outgoing) outgoing->owned = written->posting != NULL; /* a request for a message is owned by the post office */
    return outgoing;
}

/* ---- out ---- */

/* Is the file too large for the network? Its writer is told. */
static bool posting_too_large(struct conversation *conversation, const struct keep_job *said)
{
    const struct webhook *webhook = conversation->all->self;
    uint64_t max = webhook->setting.of->write.file.max;
    if (said->part.part == 0 || said->part.length <= max) return false;
    char *id = g_strconcat("large:", said->msg_id, NULL),
         *words = g_strdup_printf("The file is larger than the %" PRIu64 " kB that this network takes.", max / 1000);
    conversation_advise(conversation, id, words);
    g_free(id), g_free(words);
    return true;
}

static enum delivery posting_send(struct conversation *conversation, struct keep_job *said, enum cause *cause)
{
    struct webhook *webhook = conversation->all->self;
    struct written written = {webhook, (struct posting *)conversation, said->text, said->msg_id, said};
    const struct network_write *write = &webhook->setting.of->write;
    *cause = cause_refused;
    if (posting_too_large(conversation, said)) return delivery_failed;
    if ((uint64_t)g_utf8_strlen(said->text, -1) > webhook->setting.of->text_max) return delivery_failed;
    *cause = cause_invalid_destination;
    struct webhook_outgoing *outgoing = outgoing_to_network(&written, write->url);
    if (!outgoing) return delivery_failed;
    outgoing->customer = g_strdup(conversation->address);
    outgoing->since_us = webhook->services->now_us(webhook->link);
    if (said->part.part == 0) {
        bool marks = write->marks && content_marks(said->about) == MARKS;
        outgoing_write(outgoing, write,
                       said->template ? write->template
                       : marks        ? write->marks
                                      : write->body,
                       written_value, &written);
    } else if (!said->bytes ||
               !outgoing_write_file(outgoing, &write->file, g_steal_pointer(&said->bytes), written_value, &written)) {
        outgoing_request_free(outgoing);
        return delivery_failed;
    }
    struct post_sending *sending =
        office_sending_new(webhook->office, conversation->ixn, span_of(said->msg_id), g_strdup(said->text));
    text_set(sending->own, sizeof sending->own, conversation->to);
    text_set(sending->customer, sizeof sending->customer, conversation->address);
    sending->conn = conversation->conn;
    sending->body = outgoing;
    return office_say(webhook->office, sending, cause);
}

/* ---- results of requests ---- */

static bool outgoing_is_good(const struct webhook_outgoing *outgoing)
{
    return outgoing->status >= 200 && outgoing->status < 300;
}

static uint64_t outgoing_wait_us(const struct webhook *webhook, const struct webhook_outgoing *outgoing)
{
    uint64_t asked_s = outgoing_asked_wait(outgoing, &webhook->setting.of->write);
    return (asked_s > 0 ? asked_s : UINT64_C(1) << MIN(outgoing->tries, 5)) * SECOND_US;
}

/* May the message be sent once more? False if the message may have arrived, unless the network recognizes repetitions,
 * and false if the answer would come too late to be useful. */
static bool outgoing_again(const struct webhook *webhook, const struct webhook_outgoing *outgoing)
{
    uint64_t then_us = webhook->services->now_us(webhook->link) + outgoing_wait_us(webhook, outgoing);
    if (then_us > outgoing->since_us + (uint64_t)WAITS_MOST_S * SECOND_US) return false;
    if (outgoing->status == 429) return true;
    if (outgoing->tries >= TRIES_MAX) return false;
    if (outgoing->status == 0) return outgoing->repeatable || !outgoing->reached;
    return outgoing->status == 401 || outgoing->status == 503 || (outgoing->status >= 500 && outgoing->repeatable);
}

/* Has the piece sent again; `*answered` says when. */
static void outgoing_wait(struct webhook *webhook, struct webhook_outgoing *outgoing, struct post_answered *answered)
{
    answered->answer = POST_LESS;
    answered->wait_us = outgoing_wait_us(webhook, outgoing);
    if (outgoing->tries++ == 0)
        webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, 0,
                               "%s: a message waits for %" PRIu64 " s: the network answered %ld",
                               webhook->setting.of->name, answered->wait_us / SECOND_US, outgoing->status);
}

/* Sets why a message has failed. An answer without the message's id may come from another server, such as a proxy. A
 * file is uploaded first: while that has not succeeded, the message that names it has not been sent. */
static void outgoing_failed(const struct webhook *webhook, const struct webhook_outgoing *outgoing, char why[POST_WHY],
                            struct post_answered *answered)
{
    bool nameless = outgoing_is_good(outgoing), server = outgoing->status >= 500;
    bool only_file = outgoing->file && outgoing->file->found;
    bool lost = nameless || (server && !only_file) || (outgoing->status == 0 && outgoing->reached);
    char words[OUTGOING_WORDS];
    outgoing_words(outgoing, words, sizeof words);
    if (nameless)
        text_set(why, POST_WHY, "the network's answer does not name the message");
    else if (outgoing->status == 0)
        text_set(why, POST_WHY, outgoing->why);
    else
        snprintf(why, POST_WHY, "the network answered %s", words);
    answered->answer = lost ? POST_NO_ANSWER : POST_REFUSED;
    webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, 0, "%s: a message %s: %s", webhook->setting.of->name,
                           lost ? "may not be sent" : "is not sent", why);
}

static void outgoing_answered(struct webhook *webhook, struct webhook_outgoing *outgoing)
{
    const struct network_write *write = &webhook->setting.of->write;
    struct post_answered answered = {.answer = POST_GIVEN, .why = ""};
    char why[POST_WHY];
    bool good = outgoing_is_good(outgoing);
    char *peer_id = good ? network_answer(write->id, outgoing->answer) : NULL;
    if (!good && outgoing_again(webhook, outgoing))
        outgoing_wait(webhook, outgoing, &answered);
    else if (!good || (!peer_id && write->id))
        outgoing_failed(webhook, outgoing, why, &answered), answered.why = why;
    /* the network has taken the message, even if its id is too long */
    answered.peer_id = peer_id && strlen(peer_id) <= PEER_ID_MAX ? peer_id : "";
    g_string_free(outgoing->answer, TRUE);
    outgoing->answer = NULL;
    outgoing->status = 0;
    office_answered(webhook->office, outgoing->asker, &answered);
    g_free(peer_id);
}

static void network_has_answered(void *self, struct webhook_outgoing *outgoing)
{
    struct webhook *webhook = self;
    if (outgoing->customer) {
        outgoing_answered(webhook, outgoing);
        return;
    }
    if (outgoing_is_good(outgoing))
        hook_polled(webhook, outgoing->answer->str, outgoing->answer->len);
    else
        webhook->asking = false;
    outgoing_request_free(outgoing);
    office_pump(webhook->office);
}

/* ---- polling for posts ---- */

static void ask_for_news(struct webhook *webhook)
{
    const struct network_poll *poll = &webhook->setting.of->poll;
    uint64_t now_us = webhook->services->now_us(webhook->link);
    if (!poll->url || webhook->asking || !webhook->services->up(webhook->link)) return;
    if (senders_idle(webhook->senders) == 0) return;
    if (webhook->asked_us != 0 && now_us - webhook->asked_us < poll->every_s * SECOND_US) return;
    struct written written = {.webhook = webhook};
    struct webhook_outgoing *outgoing = outgoing_to_network(&written, poll->url);
    webhook->asked_us = now_us;
    if (!outgoing) return;
    webhook->asking = true;
    senders_give(webhook->senders, outgoing);
}

/* ---- operations of struct post_way ---- */

/* Returns the queue of an item: none, as each item belongs to a conversation, which has a queue. */
static const char *network_queue(const void *self, const char *own)
{
    (void)self, (void)own;
    return NULL;
}

static void network_names(const void *self, const char *peer_id, char form[POST_ADDRESS])
{
    snprintf(form, POST_ADDRESS, "%s:%.*s", ((const struct webhook *)self)->us, PEER_ID_MAX, peer_id);
}

/* Returns 1, as posting_send() has made the request of the message already; 0: it could not. */
static unsigned network_divide(const void *self, struct post_sending *sending, enum cause *cause, const char **why)
{
    (void)self, (void)cause, (void)why;
    return sending->body ? 1 : 0;
}

static void network_forget(void *body)
{
    if (body) outgoing_request_free(body);
}

static uint64_t network_room(void *self, uint64_t *where)
{
    *where = 0;
    return senders_idle(((const struct webhook *)self)->senders);
}

static bool network_busy(const void *self, const char *customer)
{
    return senders_busy(((const struct webhook *)self)->senders, customer);
}

static bool network_send(void *self, const struct post_sending *sending, unsigned n, uint64_t where, void *piece)
{
    struct webhook_outgoing *outgoing = sending->body;
    assert(n == 1);
    (void)where;
    outgoing->asker = piece;
    senders_give(((struct webhook *)self)->senders, outgoing);
    return true;
}

static void network_second(void *self)
{
    struct webhook *webhook = self;
    watched_tick(&webhook->files);
    door_tick(webhook->door);
    webhook->services->figure(webhook->link, "conversations", (int64_t)g_hash_table_size(webhook->conversations.conns));
    conversations_tick(&webhook->conversations);
    ask_for_news(webhook);
}

const struct post_way webhook_post_way = {
    .media = media_social,
    .kind = STORE_social,
    .noun = "message",
    .by_peer = REFUSED_webhook_by_network,
    .by_us = REFUSED_webhook_by_us,
    .queue = network_queue,
    .answer = hook_answer,
    .taken = turn_item,
    .before = before_digest,
    .names = network_names,
    .divide = network_divide,
    .forget = network_forget,
    .room = network_room,
    .busy = network_busy,
    .send = network_send,
    .second = network_second,
};

/* Makes the name of this adapter for ids: networks number their messages alike, and many do not name the account. The
 * file of state is used by one adapter only. Of the file of state only the name counts and not the folder, which may
 * differ on the machine that takes over, or after a move. */
static void post_name_us(struct webhook *webhook)
{
    const struct webhook_setting *setting = &webhook->setting;
    char *file = g_path_get_basename(setting->state);
    char *of = g_strconcat(setting->of->name, "\n", setting->account, "\n", file, NULL);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, of, -1);
    g_strlcpy(webhook->us, digest, sizeof webhook->us);
    g_free(file), g_free(of), g_free(digest);
}

bool post_open_office(struct webhook *webhook, struct event_base *base, char *why, size_t why_size)
{
    const struct webhook_setting *setting = &webhook->setting;
    post_name_us(webhook);
    webhook->post_way = webhook_post_way;
    webhook->post_way.kind = webhook->way.kind, webhook->post_way.media = webhook->way.media;
    webhook->post_way.name = enum_name_media(webhook->way.media);
    webhook->rules = (struct post_rules){.store = setting->store,
                                         .country = setting->country,
                                         .empty = "-",
                                         .conversations = true,
                                         .resends = setting->of->write.repeatable,
                                         .in_turn = true,
                                         .submit_timeout_s = setting->submit_timeout,
                                         .give_up_s = 2 * WAITS_MOST_S,
                                         .window = SENDERS,
                                         .rate = RATE};
    const struct office_setup setup = {webhook->link,   webhook->services, base,           &webhook->post_way,
                                       &webhook->rules, webhook,           webhook->robots};
    webhook->office = office_new(&setup, why, why_size);
    return webhook->office && before_takes_over(webhook, why, why_size);
}

/* ---- the way ---- */

static const char *posting_mute(struct conversation *conversation, enum cause *cause)
{
    const struct webhook *webhook = conversation->all->self;
    uint64_t window_s = webhook->setting.of->window_s;
    int64_t now_us = (int64_t)webhook->services->wall_us(webhook->link);
    int64_t last_us = ((const struct posting *)conversation)->last_us;
    if (denied_window(window_s, last_us, now_us) == WHY_none) return NULL;
    *cause = cause_stale;
    return "The network takes an answer only for a time after the customer's last message, which is over.";
}

/* Adds user data by which the desk shows until when free answers are possible, and which templates there are. */
static void posting_data(const struct conversation *conversation, struct kv *data)
{
    const struct webhook *webhook = conversation->all->self;
    uint64_t window_s = webhook->setting.of->window_s;
    if (((const struct posting *)conversation)->asks_person)
        kv_put_text(data, RESERVED_ASKS_FOR, span_of(RESERVED_PERSON));
    if (webhook->way.files) kv_put_int(data, "file_max", (int64_t)webhook->setting.of->write.file.max);
    if (window_s == 0) return;
    kv_put_int(data, "reply_window", (int64_t)window_s);
    if (*webhook->setting.templates) kv_put_text(data, "templates", span_of(webhook->setting.templates));
}

static void posting_save(const struct conversation *conversation, json_t *row)
{
    const struct posting *posting = (const struct posting *)conversation;
    json_object_set_new(row, "last_us", json_integer(posting->last_us));
    if (posting->files > 0) json_object_set_new(row, "files", json_integer((json_int_t)posting->files));
    if (posting->asks_person) json_object_set_new(row, "asks_person", json_true());
    if (posting->thread) json_object_set_new(row, "thread", json_string(posting->thread));
    if (posting->visibility) json_object_set_new(row, "visibility", json_string(posting->visibility));
}

static bool posting_restore(struct conversation *conversation, const json_t *row)
{
    struct posting *posting = (struct posting *)conversation;
    posting->last_us = json_integer_value(json_object_get(row, "last_us"));
    posting->files = (uint64_t)MAX(json_integer_value(json_object_get(row, "files")), 0);
    posting->asks_person = json_is_true(json_object_get(row, "asks_person"));
    posting->thread = g_strdup(json_string_value(json_object_get(row, "thread")));
    posting->visibility = g_strdup(json_string_value(json_object_get(row, "visibility")));
    return true;
}

static void posting_forget(struct conversation *conversation)
{
    struct posting *posting = (struct posting *)conversation;
    g_free(posting->thread), g_free(posting->visibility);
}

const struct conversation_way posting_way = {
    .media = media_social,
    .noun = "conversation",
    .memos = &cursor_memos,
    .kind = STORE_social,
    .address_key = "address",
    .size = sizeof(struct posting),
    .took = turn_took,
    .refused = turn_refused,
    .mute = posting_mute,
    .send = posting_send,
    .data = posting_data,
    .job = turn_brought,
    .save = posting_save,
    .restore = posting_restore,
    .forget = posting_forget,
};

/* ---- a life ---- */

bool post_init(struct webhook *webhook, struct event_base *base, char *why, size_t why_size)
{
    const struct webhook_setting *setting = &webhook->setting;
    const struct senders_setup setup = {.link = webhook->link,
                                        .services = webhook->services,
                                        .neighbour = "network",
                                        .base = setting->base,
                                        .ca = setting->ca,
                                        .timeout_s = setting->timeout,
                                        .count = SENDERS,
                                        .self = webhook,
                                        .answered = network_has_answered};
    return (webhook->senders = senders_new(base, &setup, why, why_size)) != NULL;
}
