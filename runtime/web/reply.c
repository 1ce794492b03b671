/* runtime/web/reply.c - Answers by libevent: a body, its type, and that a browser must not guess another one.
 *
 * An answer may come later than its request, and the browser may be gone by then. The asker holds the request and
 * loses it when the connection closes: `http` is NULL then, and the answer is dropped. */
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

/* Takes the object, also if nothing can be sent. */
void reply_json(struct evhttp_request *http, int code, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    size_t length = text ? strlen(text) : 0;
    if (text) text[length++] = '\n'; /* in place of its end */
    reply_bytes(http, text ? code : HTTP_INTERNAL, "application/json", text ? text : "", length);
    free(text);
    json_decref(object);
}

void reply_error(struct evhttp_request *http, int code, const char *why)
{
    if (code == HTTP_SERVUNAVAIL) reply_header(http, "Retry-After", "5");
    reply_json(http, code, json_pack("{s:s}", "error", why));
}

/* NULL: there is no body, or it is no JSON object. A key that stands twice is refused, because two readers could
 * believe different values. */
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
    ((struct asker *)asker)->http = NULL;
}

/* From now on the connection must not be answered in another way. */
void asker_begin(struct asker *asker, struct evhttp_request *http)
{
    assert(!asker->http);
    asker->http = http;
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), asker_gone, asker);
}

/* Takes the request back from its holder, before it is answered. */
struct evhttp_request *asker_end(struct asker *asker)
{
    struct evhttp_request *http = asker->http;
    if (http) evhttp_connection_set_closecb(evhttp_request_get_connection(http), NULL, NULL);
    asker->http = NULL;
    return http;
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
