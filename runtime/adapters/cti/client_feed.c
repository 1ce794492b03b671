/* runtime/adapters/cti/client_feed.c - A client's requests: its lines, their rate, and their form. */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "runtime/adapters/cti/client_data.h"
#include "runtime/adapters/cti/mend.h"

enum { PATIENCE = 10 }; /* so many seconds' worth of refused requests in a row close the client */

/* May the client make a request now? Each request uses up its share of a second of saved time. */
static bool client_may_ask(struct client *client)
{
    assert(client->cti->limits.requests_a_second > 0);
    int64_t now_us = client->cti->now_us, cost = 1000000 / (int64_t)client->cti->limits.requests_a_second;
    client->tokens_us += now_us > client->refilled_us ? now_us - client->refilled_us : 0;
    client->tokens_us = client->tokens_us > 1000000 ? 1000000 : client->tokens_us;
    client->refilled_us = now_us;
    if (client->tokens_us < cost) return false;
    client->tokens_us -= cost;
    return true;
}

/* Overwrites a request's password or token, so that it does not stay in freed memory. A line that could not be read
 * is overwritten too, as it may hold a secret. */
static void forget_secrets(json_t *request, char *text, size_t length)
{
    if (!json_is_object(request)) sodium_memzero(text, length);
    static const char *const secrets[] = {"Password", "Token"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const json_t *secret = json_object_get(request, secrets[i]);
        if (json_is_string(secret)) {
            sodium_memzero((char *)(uintptr_t)json_string_value(secret), json_string_length(secret));
            sodium_memzero(text, length);
        }
    }
}

/* Refuses a request that came too soon. A client that goes on regardless is closed, as it would keep the adapter and
 * the log busy. */
static void refuse_rate(struct client *client, const json_t *request)
{
    struct cti *cti = client->cti;
    json_int_t reference = json_integer_value(json_object_get(request, "ReferenceID"));
    struct cti_asker asker = {.client = client->id, .reference = reference > 0 ? (uint64_t)reference : 0};
    char text[64];
    snprintf(text, sizeof text, "more than %u requests in a second", cti->limits.requests_a_second);
    if (client->refused++ == 0) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "client=%llx user=%s address=%s: %s", (unsigned long long)client->id,
                !client->user ? "" : client->user->name, client->address, text);
    }
    if (client->refused > PATIENCE * cti->limits.requests_a_second)
        client_dismiss(client, code_overload, text);
    else
        notify_error(cti, &asker, NULL, 0, code_overload, text);
}

/* Performs a request, or answers an error. `position`: the byte where it could not be read; jansson's own error text
 * is not sent, as it quotes the line, which may hold a password. */
static void take_request(struct client *client, const json_t *request, const struct mended *mended, int position)
{
    struct cti *cti = client->cti;
    struct cti_asker asker = {.client = client->id};
    json_int_t reference = json_integer_value(json_object_get(request, "ReferenceID"));
    if (!json_is_object(request)) {
        char text[64] = "not a JSON object: another value";
        if (!request) snprintf(text, sizeof text, "not a JSON object: it cannot be read, at byte %d", position);
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, text);
    } else if (reference <= 0) {
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, "ReferenceID is a number above 0");
    } else if (mended->count > 0) {
        char text[MENDED_SHOWN + 64];
        snprintf(text, sizeof text, "it holds what is no text: %s", mended->shown);
        asker.reference = (uint64_t)reference;
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, text);
    } else {
        request_perform(client, cti, request, (uint64_t)reference);
    }
}

/* Handles one line of the client. If the line may hold a secret it is overwritten afterwards, whether it could be read
 * or not. */
static bool client_line(void *self, char *text, size_t length)
{
    struct client *client = self;
    json_error_t why;
    struct mended mended;
    json_t *request = mend_read_line(text, length, JSON_REJECT_DUPLICATES, &mended, &why);
    if (client_may_ask(client)) {
        client->refused = 0;
        take_request(client, request, &mended, why.position);
    } else {
        refuse_rate(client, request);
    }
    forget_secrets(request, text, length);
    json_decref(request);
    return !client->ended;
}

/* Takes bytes of the connection. A line that grows too long without an end closes the client: nothing after it could be
 * read. */
void client_feed(struct client *client, const char *bytes, size_t length)
{
    assert(!client->feeding && !client->ended);
    struct cti *cti = client->cti;
    cti_clock(cti);
    client->feeding = true;
    bool whole = lines_feed(&client->lines, bytes, length, client_line, client);
    if (!whole && !client->ended) {
        char text[64];
        snprintf(text, sizeof text, "a line has at most %zu bytes", client->lines.limit);
        client_dismiss(client, code_too_large, text);
    }
    client->feeding = false;
    if (client->ended) client_free(client);
}
