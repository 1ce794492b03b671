/* runtime/adapters/chat/page.c - HTTP headers for pages of other sites, and the session that a page's token names.
 *
 * The widget runs within pages of other sites, so the browser asks before it lets such a page read an answer (CORS).
 * The answer names the origin of the request as the allowed one, never "*": the caller has found it among the
 * allowed origins. "Vary: Origin" keeps caches from handing the answer for one page to another. */
#include <event2/http.h>
#include <stdlib.h>

#include "runtime/adapters/chat/chat.h"
#include "runtime/web/reply.h"

void page_headers_all(struct evhttp_request *request)
{
    reply_header(request, "Content-Security-Policy",
                 "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'");
    reply_header(request, "Referrer-Policy", "no-referrer");
}

void page_headers(struct evhttp_request *request)
{
    const char *origin = door_header(request, "Origin");
    page_headers_all(request);
    reply_header(request, "Cache-Control", "no-store");
    reply_header(request, "Vary", "Origin");
    if (*origin) reply_header(request, "Access-Control-Allow-Origin", origin); /* the origin is an allowed one */
}

void page_allow(struct evhttp_request *request, const char *methods, const char *headers)
{
    page_headers(request);
    reply_header(request, "Access-Control-Allow-Methods", methods);
    reply_header(request, "Access-Control-Allow-Headers", headers);
    reply_header(request, "Access-Control-Max-Age", "600");
    evhttp_send_reply(request, HTTP_NOCONTENT, NULL, NULL);
}

void chat_error(struct chat *chat, uint64_t ticket, const char *code, const char *id)
{
    json_t *error = json_pack("{s:s, s:s, s:s*}", "type", "error", "code", code, "id", id);
    char *text = json_dumps(error, JSON_COMPACT);
    door_say(chat->door, ticket, text);
    free(text);
    json_decref(error);
}

/* Writes the digest of a token. Only the digest is kept over a restart: whoever reads it cannot take part in the
 * chat. */
void chat_digest(const char *token, char digest[CHAT_DIGEST])
{
    char *made = g_compute_checksum_for_string(G_CHECKSUM_SHA256, token, -1);
    g_strlcpy(digest, made, CHAT_DIGEST);
    g_free(made);
}

/* Finds the session of a token by its digest, and notes the token itself in the session: after a restart it is known
 * only from its first use on. */
struct chat_session *session_of_token(const struct chat *chat, const char *token)
{
    char digest[CHAT_DIGEST];
    chat_digest(token, digest);
    struct chat_session *session = g_hash_table_lookup(chat->tokens, digest);
    if (session) g_strlcpy(session->token, token, sizeof session->token);
    return session;
}
