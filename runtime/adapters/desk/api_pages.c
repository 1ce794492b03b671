/* runtime/adapters/desk/api_pages.c - The files that a browser loads: pages of the desk and of the console, languages,
 * and openapi.json. */
#include <event2/http.h>
#include <string.h>

#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/web.h"

static void on_openapi(struct api_asked *call)
{
    const char *text = contract_text();
    api_bytes(call->http, HTTP_OK, "application/json", true, text, strlen(text));
}

static void on_file(struct api_asked *call)
{
    const char *name = json_string_value(json_object_get(call->params, "file"));
    const struct softphone *softphone = &call->desk->softphone;
    const struct web_file *file = web_find(api_letter_policy(name) ? "letter.html" : name);
    if (softphone->library && strcmp(name, "jssip.js") == 0) {
        api_bytes(call->http, HTTP_OK, "text/javascript; charset=utf-8", true, softphone->library,
                  softphone->library_length);
        return;
    }
    if (strcmp(name, "index.html") == 0)
        reply_header(call->http, "Content-Security-Policy", softphone->policy ? softphone->policy : call->desk->policy);
    if (api_letter_policy(name)) {
        reply_header(call->http, "Content-Security-Policy", api_letter_policy(name));
        reply_header(call->http, "X-Frame-Options", "SAMEORIGIN");
    }
    if (file)
        api_bytes(call->http, HTTP_OK, file->type, true, file->bytes, file->length);
    else
        api_error(call->http, HTTP_NOTFOUND, "unknown", "There is no such page.");
}

static void on_console_file(struct api_asked *call)
{
    char *name = g_strconcat("console/", json_string_value(json_object_get(call->params, "file")), NULL);
    const struct web_file *file = web_find(name);
    if (file)
        api_bytes(call->http, HTTP_OK, file->type, true, file->bytes, file->length);
    else
        api_error(call->http, HTTP_NOTFOUND, "unknown", "There is no such page.");
    g_free(name);
}

static void on_language(struct api_asked *call)
{
    const char *name = json_string_value(json_object_get(call->params, "file"));
    const char *text = languages_file(call->desk->languages, name);
    if (text)
        api_bytes(call->http, HTTP_OK, "application/json", true, text, strlen(text));
    else
        api_error(call->http, HTTP_NOTFOUND, "unknown", "There is no such language.");
}

const struct api_call api_page_calls[] = {
    {"openapi", .on = on_openapi},
    {"file", .on = on_file},
    {"console_file", .on = on_console_file},
    {"language", .on = on_language},
    {.id = NULL},
};
