/* runtime/web/reply.c - Sends answers through libevent, with a header that forbids browsers to guess another type.
 *
 * An answer may be sent later than its request came, and the browser may have disconnected by then. A struct asker
 * holds the request; when the connection closes, its `http` becomes NULL and the answer is dropped. */
#include "runtime/web/reply.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void reply_header(struct evhttp_request *http, const char *name, const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(http), name, value);
}

void reply_bytes(struct evhttp_request *http, int code, const char *type, const void *bytes, size_t length)
{
    struct evbuffer *body = evbuffer_new();
    reply_header(http, "Content-Type", type);
    reply_header(http, "X-Content-Type-Options", "nosniff");
    evbuffer_add(body, bytes, length);
    evhttp_send_reply(http, code, NULL, body);
    evbuffer_free(body);
}

void reply_text(struct evhttp_request *http, int code, const char *text)
{
    reply_bytes(http, code, "text/plain; charset=utf-8", text, strlen(text));
}

/* Sends the object as JSON, and frees its reference even if nothing can be sent. */
void reply_json(struct evhttp_request *http, int code, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    size_t length = text ? strlen(text) : 0;
    if (text) text[length++] = '\n'; /* a line feed replaces the zero at the end */
    reply_bytes(http, text ? code : HTTP_INTERNAL, "application/json", text ? text : "", length);
    free(text);
    json_decref(object);
}

void reply_error(struct evhttp_request *http, int code, const char *why)
{
    if (code == HTTP_SERVUNAVAIL) reply_header(http, "Retry-After", "5");
    reply_json(http, code, json_pack("{s:s}", "error", why));
}

/* Returns the body as a JSON object; NULL: there is no body, or it is no JSON object. An object with the same key
 * twice is refused, because two programs could take different values. */
json_t *reply_to_json(struct evhttp_request *http)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(http);
    size_t length = evbuffer_get_length(in);
    json_t *json =
        length > 0 ? json_loadb((const char *)evbuffer_pullup(in, -1), length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_object(json)) return json;
    json_decref(json);
    return NULL;
}

static void asker_gone(struct evhttp_connection *connection, void *asker)
{
    (void)connection;
    __atomic_store_n(&((struct asker *)asker)->http, NULL, __ATOMIC_RELAXED);
}

/* Holds the request until asker_end(); until then nothing else may answer on the connection. */
void asker_begin(struct asker *asker, struct evhttp_request *http)
{
    assert(!asker->http);
    asker->http = http;
    asker->asked = true;
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), asker_gone, asker);
}

/* Returns the request, so that it can be answered; NULL: the connection has closed. */
struct evhttp_request *asker_end(struct asker *asker)
{
    struct evhttp_request *http = asker->http;
    if (http) evhttp_connection_set_closecb(evhttp_request_get_connection(http), NULL, NULL);
    asker->http = NULL;
    return http;
}

bool asker_waits(const struct asker *asker)
{
    return __atomic_load_n(&asker->http, __ATOMIC_RELAXED) != NULL;
}

struct asker *asker_new(struct evhttp_request *http)
{
    struct asker *asker = memory_zeroed(1, sizeof *asker);
    asker_begin(asker, http);
    return asker;
}

struct evhttp_request *asker_over(struct asker *asker)
{
    struct evhttp_request *http = asker ? asker_end(asker) : NULL;
    free(asker);
    return http;
}

void asker_free(void *asker)
{
    (void)asker_over(asker);
}
