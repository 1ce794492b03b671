/* runtime/adapters/sms/provider.c - Turns HTTP requests of the provider into messages and receipts, and messages
 * into requests to its API.
 *
 *     provider --- POST our hook ---> door --> called_read() --> message or status --> office
 *              <-- an answer -------  once the last message of the call is kept
 *
 *     office --> provider_send() --> senders --- POST ---> provider
 *            <-- answered -----------         <-- 2xx, 4xx, 5xx
 *
 * One request (a call) may bring several messages. The request is answered when all of its messages are kept or
 * refused. If one of the messages could not be kept, the answer is 503 and the provider sends all of them again. */
#include "runtime/adapters/sms/provider.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/vocabulary/reserved.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/adapters/webhook/called.h"
#include "runtime/adapters/webhook/senders.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/vocabulary/person.h"
#include "runtime/web/door.h"
#include "runtime/web/opening.h"

enum { CALL_MAX = 1024 * 1024, CALLS_MAX = 16 * CALL_MAX, PAUSE_MOST_S = 60 };

enum provided_wrong { PROVIDED_LACKING, PROVIDED_LONG, PROVIDED_WRONG };

struct provider {
    struct sms *sms;
    struct provider_calls told;
    const struct network *network; /* the network of the settings */
    bool told_wrong[PROVIDED_WRONG];
    struct door *door;
    struct senders *senders;
    uint64_t pause_us;
    GHashTable *calls; /* of struct provider_call, by `number` */
    uint64_t numbers;
};

struct provider_call {
    struct webhook_called called;
    uint64_t number;
    struct provider *provider;
};

/* ---- calls ---- */

static void call_over(struct webhook_called *called)
{
    struct provider_call *call = (struct provider_call *)called;
    g_hash_table_remove(call->provider->calls, &call->number);
}

/* Notes the status of a message; false: the call is gone, so the answer reaches nobody. */
bool provider_answer(struct provider *provider, uint64_t connection, uint32_t status)
{
    struct provider_call *call = g_hash_table_lookup(provider->calls, &connection);
    if (!call) return false;
    bool there = call->called.asker.http != NULL;
    called_less(&call->called, status != STATUS_LATER);
    return there;
}

/* ---- what comes ---- */

/* Notes that a message of the call can never be taken, and must not be sent again. */
static void provided_is_wrong(struct provider_call *call, enum provided_wrong wrong)
{
    static const char *const words[] = {[PROVIDED_LACKING] = "its id or sender is missing, or is no text",
                                        [PROVIDED_LONG] = "its id or a number is too long"};
    struct provider *provider = call->provider;
    struct sms *sms = provider->sms;
    call->called.wrong = true;
    office_refused(sms->office, false);
    if (!provider->told_wrong[wrong])
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "%s: a message is refused: %s", provider->network->name,
                           words[wrong]);
    provider->told_wrong[wrong] = true;
}

/* Returns the message's text. Files are not fetched: their names follow the text, as in the web hook. A word by
 * which customers refuse messages stays unchanged. */
static char *provided_text(const struct sms *sms, const struct post *post)
{
    const struct reserved_rules words = {sms->setting.languages, sms->setting.words};
    const char *text = post->fields[POST_text], *type = post->fields[POST_type], *media = post->fields[POST_media];
    if (!*media || reserved_is_kept(reserved_read(text, &words, post->fields[POST_to]))) return g_strdup(text);
    return g_strdup_printf("%s%s%s %s", text, *text ? "\n" : "", *type ? type : "file", media);
}

/* Takes a message; one to none of the plugin's numbers is dropped, and not sent again. */
static void provider_message(struct provider_call *call, const struct post *post)
{
    struct sms *sms = call->provider->sms;
    const char *from = post->fields[POST_from], *to = post->fields[POST_to];
    const struct own_number *row = numbers_find(&sms->setting.own_numbers, to);
    struct post_item *message = memory_zeroed(1, sizeof *message);
    char number[PERSON_NUMBER];
    bool is = person_number(span_of(from), sms->setting.country, number);
    message->text = provided_text(sms, post);
    message->place = (struct post_place){.total = 1, .n = 1};
    message->written = post->at_us;
    bool good = row && text_set(message->peer_id, sizeof message->peer_id, post->fields[POST_id]) &&
                text_set(message->customer, sizeof message->customer, is ? number : from) &&
                numbers_write(row, to, message->own, sizeof message->own);
    if (!good) {
        post_item_free(message);
        if (row)
            provided_is_wrong(call, PROVIDED_LONG);
        else
            office_refused(sms->office, false);
        return;
    }
    call->called.waiting++;
    call->provider->told.came(sms, call->number, message);
}

static void provider_status(const struct provider *provider, const struct post *post)
{
    const char *state = post->fields[POST_status];
    struct post_receipt receipt = {.state = strcmp(state, "delivered") == 0 ? POST_OUT_delivered
                                            : strcmp(state, "failed") == 0  ? POST_OUT_failed
                                                                            : POST_OUT_given};
    text_set(receipt.word, sizeof receipt.word, state);
    if (text_set(receipt.peer_id, sizeof receipt.peer_id, post->fields[POST_id]))
        provider->told.receipt(provider->sms, &receipt);
}

/* Takes a message or receipt of a call; one for another account at the provider is counted and skipped. */
static void provider_take(void *called, const struct post *post)
{
    struct provider_call *call = called;
    struct sms *sms = call->provider->sms;
    const char *account = post->fields[POST_account];
    if (*account && strcmp(account, sms->setting.account) != 0)
        sms->services->count(sms->link, "others", 1);
    else if (post->kind == POSTED_MESSAGE)
        provider_message(call, post);
    else if (post->kind == POSTED_STATUS)
        provider_status(call->provider, post);
}

/* Handles a call of the provider; a call without a valid signature is not read. `waiting` is one too high while the
 * call is read, so that it is not answered before its end. */
static void provider_request(void *self, struct evhttp_request *http)
{
    struct provider *provider = self;
    const struct sms *sms = provider->sms;
    struct called_by by = {sms->link, sms->services, provider->network, &sms->setting.given};
    if (!called_may_be_read(&by, http)) return;
    struct provider_call *call = memory_zeroed(1, sizeof *call);
    called_begin(&call->called, http, call_over);
    call->number = PROVIDER_CONNECTIONS | ++provider->numbers, call->provider = provider;
    g_hash_table_insert(provider->calls, &call->number, call);
    called_read(&call->called, &by, NULL, 0, provider_take);
    if (call->called.count.taken == 0 && call->called.count.wrong > 0) provided_is_wrong(call, PROVIDED_LACKING);
    called_less(&call->called, true);
}

/* ---- what goes ---- */

struct provided {
    const struct network_given *given;
    const char *id, *own, *customer, *text;
};

static const char *provided_value(void *self, const char *name)
{
    const struct provided *provided = self;
    if (strcmp(name, "to") == 0) return provided->customer;
    if (strcmp(name, "from") == 0) return provided->own;
    if (strcmp(name, "id") == 0) return provided->id;
    if (strcmp(name, "text") == 0) return provided->text;
    return network_given_value(provided->given, name);
}

uint64_t provider_room(const struct provider *provider)
{
    return office_now(provider->sms->office) < provider->pause_us ? 0 : senders_idle(provider->senders);
}

bool provider_writes_to(const struct provider *provider, const char *customer)
{
    return senders_busy(provider->senders, customer);
}

/* Sends a text to the provider's API; false: the request cannot be made. */
bool provider_send(struct provider *provider, const char *id, const char *own, const char *customer, const char *text,
                   void *piece)
{
    const struct network *network = provider->network;
    struct provided provided = {&provider->sms->setting.given, id, own, customer, text};
    struct webhook_outgoing *request = outgoing_new(network, network->write.url, true, provided_value, &provided);
    assert(provider_room(provider) > 0 && !provider_writes_to(provider, customer));
    if (!request) return false;
    outgoing_write(request, &network->write, network->write.body, provided_value, &provided);
    request->customer = g_strdup(customer);
    request->asker = piece;
    senders_give(provider->senders, request);
    return true;
}

/* Returns the provider's answer as a status of SMPP. A message that may have arrived is sent again only if the
 * provider recognizes repetitions; one whose token was refused waits for the right token. */
static uint32_t provided_status(const struct webhook_outgoing *request)
{
    if (request->status >= 200 && request->status < 300) return STATUS_OK;
    if (request->status == 401 || request->status == 429 || request->status == 503) return STATUS_THROTTLED;
    if (request->status >= 400 && request->status < 500) return STATUS_REFUSED;
    return request->repeatable || !request->reached ? STATUS_THROTTLED : SMPP_LOST;
}

/* Handles the answer. A 200 without the id that the provider should give may come from a proxy: the message counts
 * as lost and not as sent. */
static void provider_has_answered(void *self, struct webhook_outgoing *request)
{
    struct provider *provider = self;
    struct sms *sms = provider->sms;
    const struct network_write *write = &provider->network->write;
    uint32_t status = provided_status(request);
    char *id = status == STATUS_OK ? network_answer(write->id, request->answer) : NULL;
    /* the answer may be a proxy's page, or another server's */
    if (status == STATUS_OK && write->id && !id) status = SMPP_LOST;
    bool good = status == STATUS_OK;
    char words[OUTGOING_WORDS] = "", why[POST_WHY] = "";
    if (id && strlen(id) >= RECEIPT_ID) g_clear_pointer(&id, g_free); /* no receipt could contain so long an id */
    char *segments = good ? network_answer(write->segments, request->answer) : NULL;
    if (status == STATUS_THROTTLED)
        provider->pause_us =
            office_now(sms->office) + MIN(outgoing_asked_wait(request, write), PAUSE_MOST_S) * SMS_SECOND_US;
    if (segments) sms->services->count(sms->link, "segments", (int64_t)MIN(g_ascii_strtoull(segments, NULL, 10), 1000));
    if (!good) {
        outgoing_words(request, words, sizeof words);
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "%s: a message is not taken: %s", provider->network->name,
                           words);
        bool named = request->status != 0 && (request->status < 200 || request->status >= 300);
        if (named) snprintf(why, sizeof why, "the provider answered %s", words);
    }
    void *piece = request->asker;
    outgoing_request_free(request);
    provider->told.answered(sms, piece, status, id ? id : "", *why ? why : "no answer came");
    g_free(id), g_free(segments);
    office_pump(sms->office);
}

/* ---- a life ---- */

static bool provider_start_senders(struct provider *provider, struct event_base *base, char *why, size_t why_size)
{
    const struct sms_setting *setting = &provider->sms->setting;
    const struct senders_setup setup = {.link = provider->sms->link,
                                        .services = provider->sms->services,
                                        .neighbour = "provider",
                                        .base = setting->base,
                                        .ca = setting->ca,
                                        .timeout_s = setting->response,
                                        .count = (unsigned)MIN(setting->window, (uint64_t)SENDERS),
                                        .self = provider,
                                        .answered = provider_has_answered};
    return (provider->senders = senders_new(base, &setup, why, why_size)) != NULL;
}

#define PROVIDER_OPENING(setting) OPENING(setting, hook, hook_port_file, certificate, key)

bool provider_check(const struct sms_setting *setting, char *why, size_t why_size)
{
    struct opening opening = PROVIDER_OPENING(setting);
    return !setting->of || opening_good(&opening, why, why_size);
}

struct provider *provider_new(struct sms *sms, struct event_base *base, const struct provider_calls *told, char *why,
                              size_t why_size)
{
    struct opening opening = PROVIDER_OPENING(&sms->setting);
    struct provider *provider = memory_zeroed(1, sizeof *provider);
    provider->sms = sms;
    provider->told = *told;
    provider->network = sms->setting.of;
    provider->calls = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free);
    bool good = provider_start_senders(provider, base, why, why_size);
    if (good) {
        struct door_calls calls = {.self = provider, .request = provider_request};
        struct door_options options = {.message_max = CALL_MAX,
                                       .body_max = CALL_MAX,
                                       .unknown_max = CALL_MAX,
                                       .bodies_max = CALLS_MAX,
                                       .connections = (unsigned)sms->setting.connections,
                                       .per_address = (unsigned)sms->setting.connections,
                                       .proxy = setting_yes(sms->setting.proxy)};
        provider->door = opening_door(&opening, &options, &calls, sms->link, sms->services, why, why_size);
        if (provider->door) return provider;
    }
    provider_free(provider);
    return NULL;
}

void provider_tick(struct provider *provider)
{
    door_tick(provider->door);
}

/* Frees the struct: the senders first, as they call back; then the calls, so that none is answered. */
void provider_free(struct provider *provider)
{
    if (!provider) return;
    senders_free(provider->senders);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, provider->calls);
    while (g_hash_table_iter_next(&at, NULL, &value)) called_forget(value);
    door_free(provider->door);
    g_hash_table_destroy(provider->calls);
    free(provider);
}
