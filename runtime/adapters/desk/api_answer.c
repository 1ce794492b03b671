/* runtime/adapters/desk/api_answer.c - Answers to HTTP requests, with the headers that all of them have. */
#include <event2/http.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/effects_link.h"

const char api_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; frame-src 'self'";

/* In the frame of a mail's HTML no script runs, and nothing is loaded; with `letter_pictures.html`, pictures are. */
#define LETTER_POLICY(pictures)                                                                                        \
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:" pictures                                      \
    "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "                                                  \
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"

const char *api_letter_policy(const char *file)
{
    return strcmp(file, "letter.html") == 0            ? LETTER_POLICY("")
           : strcmp(file, "letter_pictures.html") == 0 ? LETTER_POLICY(" https: http:")
                                                       : NULL;
}

static void api_headers(struct evhttp_request *http, bool kept)
{
    if (!evhttp_find_header(evhttp_request_get_output_headers(http), "Content-Security-Policy"))
        reply_header(http, "Content-Security-Policy", api_policy);
    if (!evhttp_find_header(evhttp_request_get_output_headers(http), "X-Frame-Options"))
        reply_header(http, "X-Frame-Options", "DENY");
    reply_header(http, "Referrer-Policy", "no-referrer");
    reply_header(http, "Cross-Origin-Opener-Policy", "same-origin");
    reply_header(http, "Cross-Origin-Resource-Policy", "same-origin");
    reply_header(http, "Cache-Control", kept ? "no-cache" : "no-store");
}

void api_bytes(struct evhttp_request *http, int code, const char *type, bool kept, const void *bytes, size_t length)
{
    api_headers(http, kept);
    reply_bytes(http, code, type, bytes, length);
}

void api_sheet(struct evhttp_request *http, const char *name, const char *csv, size_t length)
{
    char *place = g_strdup_printf("attachment; filename=\"%s.csv\"", name);
    GString *marked = g_string_new("\xef\xbb\xbf");
    g_string_append_len(marked, csv, (gssize)length);
    reply_header(http, "Content-Disposition", place);
    api_bytes(http, HTTP_OK, "text/csv; charset=utf-8", false, marked->str, marked->len);
    g_string_free(marked, TRUE);
    g_free(place);
}

void api_answer(struct evhttp_request *http, int code, json_t *body)
{
    api_headers(http, false);
    reply_json(http, code, body);
}

bool api_error(struct evhttp_request *http, int code, const char *error, const char *text)
{
    char *whole = g_utf8_make_valid(text, -1); /* a name in it may be cut within a letter */
    api_answer(http, code, json_pack("{s:s, s:s}", "error", error, "text", whole));
    g_free(whole);
    return false;
}

void api_refused(struct evhttp_request *http, const struct message *reply)
{
    if (!http) return;
    struct span said = message_text(reply, Reply_text);
    char *text = g_strndup((const char *)said.bytes, said.length);
    const char *shown = agent_told(text);
    if (!shown || !*shown) shown = agent_sentence(enum_name_code(message_u(reply, Reply_code)));
    api_error(http, HTTP_BADREQUEST, "invalid", shown ? shown : text);
    g_free(text);
}

void api_done(struct evhttp_request *http)
{
    api_headers(http, false);
    reply_bytes(http, HTTP_NOCONTENT, "application/json", "", 0);
}
