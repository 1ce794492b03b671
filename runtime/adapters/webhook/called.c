/* runtime/adapters/webhook/called.c - Verifies, reads and answers the HTTP requests of a network.
 *
 *     request --> signed? --> posts --> waiting: 1 + messages --> each called_less() --> 0: answered
 *
 * The network sends a request again until it gets a good answer. So 200 is sent only when every message in the
 * request is kept; 503 makes the network send all of them again, and those that were kept are recognized by their
 * ids. */
#include "runtime/adapters/webhook/called.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>

/* ---- answers ---- */

void called_begin(struct webhook_called *called, struct evhttp_request *http, void (*over)(struct webhook_called *))
{
    *called = (struct webhook_called){.waiting = 1, .over = over};
    if (http) asker_begin(&called->asker, http);
}

void called_forget(struct webhook_called *called)
{
    (void)asker_end(&called->asker);
}

/* The last message answers the request and calls over(), which may free `called`. */
void called_less(struct webhook_called *called, bool kept)
{
    assert(called->waiting > 0);
    called->again = called->again || !kept;
    if (--called->waiting > 0) return;
    struct evhttp_request *http = asker_end(&called->asker);
    if (http)
        reply_text(http,
                   called->again   ? 503
                   : called->wrong ? 400
                                   : 200,
                   called->again   ? "Come again.\n"
                   : called->wrong ? "It is no JSON, or its id or a number is missing, too long, or no text.\n"
                                   : "");
    called->over(called);
}

/* ---- the content of a request ---- */

/* Returns the request's body, which is valid as long as the request. */
static const char *called_body(struct evhttp_request *http, size_t *length)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(http);
    *length = evbuffer_get_length(in);
    return *length > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
}

static const char *called_header(void *http, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(http), name);
}

static bool called_is_own(const struct called_by *by, struct evhttp_request *http)
{
    size_t length;
    const char *body = called_body(http, &length);
    struct verify_request request = {.body = {(const uint8_t *)body, (uint32_t)length},
                                     .url = by->given->public_url,
                                     .header = called_header,
                                     .self = http,
                                     .now_s = (int64_t)(by->services->wall_us(by->link) / 1000000)};
    const char *secret = secret_text(&by->given->secret);
    return secret && by->network->verify.header && verify_is_own(&by->network->verify, secret, &request);
}

bool called_may_be_read(const struct called_by *by, struct evhttp_request *http)
{
    bool posted = evhttp_request_get_command(http) == EVHTTP_REQ_POST, own = posted && called_is_own(by, http);
    if (!posted)
        reply_text(http, 405, "A web hook is POSTed to.\n");
    else if (!own)
        reply_text(http, 403, "The signature is not the network's.\n");
    else if (!by->services->up(by->link))
        reply_text(http, 503, "Come again.\n");
    else
        return true;
    if (posted && !own) by->services->count(by->link, "refused", 1);
    return false;
}

/* Reads a body; false: it cannot be read, and the network gets a final refusal. */
bool called_read(struct webhook_called *called, const struct called_by *by, const char *body, size_t length,
                 void (*take)(void *called, const struct post *))
{
    char why[200];
    if (!body) body = called_body(called->asker.http, &length);
    bool good = network_posts(by->network, body, length, take, called, &called->count, why, sizeof why);
    if (!good)
        by->services->log(by->link, GCX_LOG_WARNING, 0, 0, "%s: what it says is no JSON: %s", by->network->name, why);
    called->wrong = called->wrong || !good;
    if (called->count.passed > 0) by->services->count(by->link, "passed", called->count.passed);
    return good;
}
