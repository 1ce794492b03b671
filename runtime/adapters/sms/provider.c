/* runtime/adapters/sms/provider.c - Calls of the provider become messages and receipts; messages become requests to it.
 */
#include "runtime/adapters/sms/provider.h"

#include <assert.h>
#include <curl/curl.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/adapters/webhook/network.h"
#include "runtime/adapters/webhook/send.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/why.h"
#include "runtime/web/door.h"
#include "runtime/web/opening.h"

enum { CALL_MAX = 1024 * 1024, CALLS_MAX = 16 * CALL_MAX };

struct provider {
    struct sms *sms;
    const struct network *network; /* the setting's */
    struct door *door;
    struct tls *tls;
    struct worker *sender;
    bool busy; /* the sender has a message */
    uint64_t pause_us;
    GHashTable *calls; /* of struct provider_call, by &number */
    uint64_t numbers;
};

struct provider_call {
    uint64_t number;
    struct provider *provider;
    struct evhttp_request *http; /* NULL: it has gone */
    unsigned waiting;            /* messages; one more while it is read */
    bool later;                  /* one of them is to be brought again */
};

/* ---- calls ---- */

static void provider_say(struct evhttp_request *http, int code, const char *text)
{
    struct evbuffer *body = evbuffer_new();
    evhttp_add_header(evhttp_request_get_output_headers(http), "Content-Type", "text/plain; charset=utf-8");
    evhttp_add_header(evhttp_request_get_output_headers(http), "X-Content-Type-Options", "nosniff");
    evbuffer_add(body, text, strlen(text));
    evhttp_send_reply(http, code, NULL, body);
    evbuffer_free(body);
}

static void call_on_closed(struct evhttp_connection *connection, void *self)
{
    (void)connection;
    ((struct provider_call *)self)->http = NULL;
}

static void call_less(struct provider_call *call)
{
    assert(call->waiting > 0);
    if (--call->waiting > 0) return;
    if (call->http) {
        evhttp_connection_set_closecb(evhttp_request_get_connection(call->http), NULL, NULL);
        provider_say(call->http, call->later ? 503 : 200, call->later ? "Come again.\n" : "");
    }
    g_hash_table_remove(call->provider->calls, &call->number);
}

bool provider_answer(struct provider *provider, uint64_t connection, uint32_t status)
{
    struct provider_call *call = g_hash_table_lookup(provider->calls, &connection);
    if (!call) return false;
    bool there = call->http != NULL;
    call->later = call->later || status == STATUS_LATER;
    call_less(call);
    return there;
}

/* ---- what comes ---- */

/* One to none of our numbers is told to nobody, and not brought again. */
static void provider_message(struct provider_call *call, const struct post *post)
{
    struct sms *sms = call->provider->sms;
    const char *from = post->fields[POST_from], *to = post->fields[POST_to];
    const struct setting_number *row = setting_number_of(&sms->setting, to);
    struct book_message *message = memory_zeroed(1, sizeof *message);
    char number[PERSON_NUMBER];
    bool is = person_number(span_of(from), sms->setting.country, number);
    bool any = row && strcmp(row->digits, "*") == 0;
    message->text = g_strdup(post->fields[POST_text]);
    message->place = (struct part_place){0, 1, 1};
    message->now = sms_wall(sms);
    message->journal = sms->services->journal(sms->link);
    bool good = row && text_set(message->peer_id, sizeof message->peer_id, post->fields[POST_id]) &&
                text_set(message->customer, sizeof message->customer, is ? number : from) &&
                text_set(message->own, sizeof message->own, any ? to : row->digits);
    if (good && !any && row->international) snprintf(message->own, sizeof message->own, "+%.63s", row->digits);
    if (!good) {
        sms->services->count(sms->link, "texts_refused", 1);
        book_message_free(message);
        return;
    }
    call->waiting++;
    take_provided(sms, call->number, message);
}

static void provider_status(struct sms *sms, const struct post *post)
{
    const char *state = post->fields[POST_status];
    struct receipt receipt = {.state = strcmp(state, "delivered") == 0 ? RECEIPT_DELIVERED
                                       : strcmp(state, "failed") == 0  ? RECEIPT_FAILED
                                                                       : RECEIPT_ON_ITS_WAY};
    text_set(receipt.word, sizeof receipt.word, state);
    if (text_set(receipt.id, sizeof receipt.id, post->fields[POST_id])) give_receipt(sms, &receipt);
}

static void provider_take(void *self, const struct post *post)
{
    struct provider_call *call = self;
    struct sms *sms = call->provider->sms;
    const char *account = post->fields[POST_account];
    if (*account && strcmp(account, sms->setting.account) != 0)
        sms->services->count(sms->link, "others", 1);
    else if (post->kind == POSTED_MESSAGE)
        provider_message(call, post);
    else if (post->kind == POSTED_STATUS)
        provider_status(sms, post);
}

static const char *provider_header(void *http, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(http), name);
}

static bool provider_is_own(const struct sms *sms, struct evhttp_request *http, const char *body, size_t length)
{
    const struct setting *setting = &sms->setting;
    struct verify_request request = {.body = {(const uint8_t *)body, (uint32_t)length},
                                     .url = setting->public_url,
                                     .header = provider_header,
                                     .self = http,
                                     .now_s = sms_wall(sms) / SMS_SECOND_US};
    return verify_is_own(&setting->of->verify, setting->network_secret, &request);
}

static void provider_read(struct provider *provider, struct evhttp_request *http, const char *body, size_t length)
{
    struct sms *sms = provider->sms;
    struct provider_call *call = memory_zeroed(1, sizeof *call);
    unsigned passed = 0;
    char why[200];
    *call = (struct provider_call){PROVIDER_CONNECTIONS | ++provider->numbers, provider, http, 1, false};
    g_hash_table_insert(provider->calls, &call->number, call);
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), call_on_closed, call);
    if (!network_posts(provider->network, body, length, provider_take, call, &passed, why, sizeof why))
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "%s: what it says is no JSON: %s", provider->network->name,
                           why);
    if (passed > 0) sms->services->count(sms->link, "passed", passed);
    call_less(call);
}

static void provider_request(void *self, struct evhttp_request *http)
{
    struct provider *provider = self;
    struct sms *sms = provider->sms;
    struct evbuffer *in = evhttp_request_get_input_buffer(http);
    size_t length = evbuffer_get_length(in);
    char *body = g_strndup(length > 0 ? (const char *)evbuffer_pullup(in, -1) : "", length);
    if (evhttp_request_get_command(http) != EVHTTP_REQ_POST) {
        provider_say(http, 405, "It is POSTed to.\n");
    } else if (!provider_is_own(sms, http, body, length)) {
        sms->services->count(sms->link, "refused", 1);
        provider_say(http, 403, "The signature is not the provider's.\n");
    } else if (!sms->services->up(sms->link)) {
        provider_say(http, 503, "Come again.\n");
    } else {
        provider_read(provider, http, body, length);
    }
    g_free(body);
}

/* ---- what goes ---- */

struct provided {
    const struct setting *setting;
    const char *id, *own, *customer, *text;
};

static const char *provided_value(void *self, const char *name)
{
    const struct provided *provided = self;
    const struct setting *setting = provided->setting;
    if (strcmp(name, "base") == 0) return setting->base;
    if (strcmp(name, "account") == 0) return setting->account;
    if (strcmp(name, "token") == 0) return setting->network_token;
    if (strcmp(name, "basic") == 0) return setting->network_basic;
    if (strcmp(name, "hook") == 0) return *setting->public_url ? setting->public_url : NULL;
    if (strcmp(name, "to") == 0) return provided->customer;
    if (strcmp(name, "from") == 0) return provided->own;
    if (strcmp(name, "id") == 0) return provided->id;
    return strcmp(name, "text") == 0 ? provided->text : NULL;
}

bool provider_has_room(const struct provider *provider)
{
    return !provider->busy && sms_now(provider->sms) >= provider->pause_us;
}

bool provider_send(struct provider *provider, const char *id, const char *own, const char *customer, const char *text,
                   void *piece)
{
    const struct network *network = provider->network;
    struct provided provided = {&provider->sms->setting, id, own, customer, text};
    struct outgoing *request = outgoing_new(network, network->write.url, true, provided_value, &provided);
    if (!request) return false;
    outgoing_write(request, &network->write, false, provided_value, &provided);
    request->asker = piece;
    request->ca = provider->sms->setting.ca;
    request->timeout_s = provider->sms->setting.response;
    provider->busy = true;
    worker_give(provider->sender, request);
    return true;
}

/* As an answer of SMPP. A message that may have arrived goes again only where the provider knows it again; one whose
 * token was not accepted waits for the right one. */
static uint32_t provided_status(const struct outgoing *request)
{
    if (request->status >= 200 && request->status < 300) return STATUS_OK;
    if (request->status == 401 || request->status == 429 || request->status == 503) return STATUS_THROTTLED;
    if (request->status >= 400 && request->status < 500) return STATUS_REFUSED;
    return request->repeatable || !request->reached ? STATUS_THROTTLED : SMPP_LOST;
}

static void provider_done(void *self, void *given)
{
    struct provider *provider = self;
    struct sms *sms = provider->sms;
    struct outgoing *request = given;
    const struct network_write *write = &provider->network->write;
    uint32_t status = provided_status(request);
    bool good = status == STATUS_OK;
    char *id = good ? network_answer(write->id, request->answer) : NULL;
    char *segments = good ? network_answer(write->segments, request->answer) : NULL;
    provider->busy = false;
    if (status == STATUS_THROTTLED)
        provider->pause_us = sms_now(sms) + outgoing_asked_wait(request, write) * SMS_SECOND_US;
    sms->services->neighbour(sms->link, "provider",
                             request->status != 0 && request->status != 401 && request->status < 500,
                             request->status == 0     ? request->why
                             : request->status == 401 ? "it does not accept our token"
                                                      : "the provider's API fails");
    if (segments) sms->services->count(sms->link, "segments", (int64_t)MIN(g_ascii_strtoull(segments, NULL, 10), 1000));
    if (!good)
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "%s: a message is not taken: %ld %s",
                           provider->network->name, request->status, request->why);
    void *piece = request->asker;
    outgoing_request_free(request);
    give_answered(sms, piece, status, id ? id : "");
    g_free(id), g_free(segments);
    give_pump(sms);
}

static void provider_dropped(void *self, void *given)
{
    struct outgoing *request = given;
    (void)self;
    free(request->asker);
    outgoing_request_free(request);
}

/* ---- a life ---- */

static struct opening provider_opening(const struct setting *setting)
{
    return (struct opening){setting->hook, setting->hook_port_file, setting->insecure, setting->certificate,
                            setting->key};
}

struct provider *provider_new(struct sms *sms, struct event_base *base, char *why, size_t why_size)
{
    struct opening opening = provider_opening(&sms->setting);
    struct provider *provider = memory_zeroed(1, sizeof *provider);
    struct address address;
    provider->sms = sms;
    provider->network = sms->setting.of;
    provider->calls = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free);
    provider->sender =
        worker_new(base, &(struct worker_calls){provider, send_outgoing, provider_done, provider_dropped, NULL});
    bool good = provider->sender && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (!good) (void)why_set(why, why_size, "no thread can be had");
    if (good && opening_read(&opening, &address, &provider->tls, why, why_size)) {
        struct door_calls calls = {.self = provider, .request = provider_request};
        struct door_options options = {.message_max = CALL_MAX,
                                       .body_max = CALL_MAX,
                                       .unknown_max = CALL_MAX,
                                       .bodies_max = CALLS_MAX,
                                       .connections = (unsigned)sms->setting.connections,
                                       .per_address = (unsigned)sms->setting.connections,
                                       .proxy = setting_yes(sms->setting.proxy),
                                       .tls = provider->tls};
        provider->door = door_new(base, &options, &calls);
        if (opening_listen(&opening, &address, provider->door, sms->link, sms->services, why, why_size))
            return provider;
    }
    provider_free(provider);
    return NULL;
}

void provider_tick(struct provider *provider)
{
    door_tick(provider->door);
    opening_refresh(provider->tls, provider->sms->link, provider->sms->services);
}

void provider_free(struct provider *provider)
{
    if (!provider) return;
    if (provider->sender) worker_free(provider->sender);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, provider->calls);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct provider_call *call = value;
        if (call->http) evhttp_connection_set_closecb(evhttp_request_get_connection(call->http), NULL, NULL);
    }
    door_free(provider->door);
    tls_free(provider->tls);
    g_hash_table_destroy(provider->calls);
    free(provider);
}
