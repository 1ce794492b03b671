/* runtime/adapters/chat/entry.c - Where HTTP requests of customers come in: the widget, and chats from the allowed
 * sites.
 *
 * All answers are for pages of the sites that the setting `origins` names: a browser says which site asks. The path
 * of the request decides: anybody gets the widget, files need a chat's token, and the chat itself is a WebSocket. */
#include <event2/http.h>
#include <string.h>

#include "runtime/adapters/chat/callback.h"
#include "runtime/adapters/chat/chat.h"
#include "runtime/web/origins.h"
#include "runtime/web/reply.h"

static void entry_refuse(struct evhttp_request *request, int code, const char *text)
{
    page_headers_all(request);
    reply_text(request, code, text);
}

static void send_widget(struct evhttp_request *request)
{
    reply_header(request, "Cache-Control", "max-age=300");
    reply_header(request, "Cross-Origin-Resource-Policy", "cross-origin");
    page_headers_all(request);
    reply_bytes(request, HTTP_OK, "text/javascript; charset=utf-8", chat_widget, strlen(chat_widget));
}

/* Sends the texts of the widget in the language that is the best one for the wished one of /languages/WISHED.json. */
static void send_language(const struct chat *chat, struct evhttp_request *request, const char *file)
{
    char *wished = g_strndup(file, strlen(file) - strlen(".json"));
    const char *best = languages_best(chat->languages, wished), *origin = door_header(request, "Origin");
    char *name = g_strconcat(best, ".json", NULL);
    const char *text = languages_file(chat->languages, name);
    page_headers_all(request);
    reply_header(request, "Cache-Control", "max-age=86400");
    reply_header(request, "Vary", "Origin");
    if (*origin) reply_header(request, "Access-Control-Allow-Origin", origin); /* the origin is an allowed one */
    reply_header(request, "Content-Language", best);
    reply_bytes(request, HTTP_OK, "application/json", text, strlen(text));
    g_free(name);
    g_free(wished);
}

/* May this origin use the chat? A browser always names the origin of the page; other programs need not, so an empty
 * origin passes. */
static bool origin_allowed(const struct chat *chat, const char *origin)
{
    return !*origin || web_words_have(chat->setting.all_origins, origin);
}

/* Handles every HTTP request of customers; file.c handles those for files. */
void chat_request(void *self, struct evhttp_request *request)
{
    struct chat *chat = self;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    bool files = strcmp(path, "/files") == 0 || g_str_has_prefix(path, "/files/");
    bool callbacks = strcmp(path, "/callbacks") == 0 || g_str_has_prefix(path, "/callbacks/");
    bool language = g_str_has_prefix(path, "/languages/") && g_str_has_suffix(path, ".json");
    if (method == EVHTTP_REQ_DELETE && !callbacks)
        entry_refuse(request, HTTP_BADMETHOD, "Nothing is taken away here.\n");
    else if (!files && !callbacks && method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD)
        entry_refuse(request, HTTP_BADMETHOD, "Nothing is taken here.\n");
    else if (strcmp(path, "/widget.js") == 0)
        send_widget(request);
    else if (!files && !callbacks && !language && strcmp(path, "/chat") != 0)
        entry_refuse(request, HTTP_NOTFOUND, "There is nothing here.\n");
    else if (!origin_allowed(chat, door_header(request, "Origin")))
        entry_refuse(request, 403, "This web site is not among our origins.\n");
    else if (language)
        send_language(chat, request, path + strlen("/languages/"));
    else if (callbacks)
        callbacks_request(chat->callbacks, request, path);
    else if (files)
        file_request(chat, request, path);
    else
        (void)door_upgrade(chat->door, request);
}
