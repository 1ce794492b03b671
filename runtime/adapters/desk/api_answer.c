/* runtime/adapters/desk/api_answer.c - Answers to HTTP requests, with the headers that each of them has. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"

const char api_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

static void api_headers(struct evhttp_request *http, const char *type, bool kept)
{
    struct evkeyvalq *out = evhttp_request_get_output_headers(http);
    evhttp_add_header(out, "Content-Type", type);
    evhttp_add_header(out, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(out, "X-Frame-Options", "DENY");
    if (!evhttp_find_header(out, "Content-Security-Policy"))
        evhttp_add_header(out, "Content-Security-Policy", api_policy);
    evhttp_add_header(out, "Referrer-Policy", "no-referrer");
    evhttp_add_header(out, "Cross-Origin-Opener-Policy", "same-origin");
    evhttp_add_header(out, "Cross-Origin-Resource-Policy", "same-origin");
    evhttp_add_header(out, "Cache-Control", kept ? "no-cache" : "no-store");
}

void api_bytes(struct evhttp_request *http, int code, const char *type, bool kept, const void *bytes, size_t length)
{
    struct evbuffer *body = evbuffer_new();
    api_headers(http, type, kept);
    evbuffer_add(body, bytes, length);
    evhttp_send_reply(http, code, NULL, body);
    evbuffer_free(body);
}

void api_answer(struct evhttp_request *http, int code, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    api_bytes(http, text ? code : HTTP_INTERNAL, "application/json", false, text ? text : "", text ? strlen(text) : 0);
    free(text);
    json_decref(body);
}

bool api_error(struct evhttp_request *http, int code, const char *error, const char *text)
{
    api_answer(http, code, json_pack("{s:s, s:s}", "error", error, "text", text));
    return false;
}

void api_done(struct evhttp_request *http)
{
    api_headers(http, "application/json", false);
    evhttp_send_reply(http, HTTP_NOCONTENT, NULL, NULL);
}
