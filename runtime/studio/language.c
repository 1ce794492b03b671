/* runtime/studio/language.c - Carries messages between a page and gcxc lsp. See language.h. */
#include "runtime/studio/language.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/tool.h"
#include "runtime/studio/check.h"

/* A message to the page may have so many bytes; so many may wait for gcxc. */
enum {
    LANGUAGE_MESSAGE_MAX = 4 * 1024 * 1024,
    LANGUAGE_WAITING_MAX = 4 * 1024 * 1024,
    LANGUAGE_HEAD_MAX = 256,
    MESSAGE_DEPTH_MAX = 40
};

struct language {
    struct language_calls calls;
    uint64_t ticket;
    struct tool_process child;
    struct bufferevent *in, *out; /* ours to gcxc; from gcxc */
    char *folder, *root;
    size_t awaited; /* bytes of the message whose head was read; 0: none was */
    bool over;
};

static void language_ends(struct language *language)
{
    if (language->over) return;
    language->over = true;
    language->calls.over(language->calls.self, language->ticket);
}

/* Reads the head of a message. False: it is not whole yet; a head that is none ends all. */
static bool language_head(struct language *language, struct evbuffer *in)
{
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    char head[LANGUAGE_HEAD_MAX + 1];
    if (end.pos < 0 && evbuffer_get_length(in) <= LANGUAGE_HEAD_MAX) return false;
    size_t length = end.pos < 0 || end.pos > LANGUAGE_HEAD_MAX - 4 ? 0 : (size_t)end.pos + 4;
    if (length > 0) evbuffer_remove(in, head, length);
    head[length] = '\0';
    const char *said = strstr(head, "Content-Length: ");
    gint64 bytes = said ? g_ascii_strtoll(said + strlen("Content-Length: "), NULL, 10) : 0;
    language->awaited = bytes > 0 && bytes <= LANGUAGE_MESSAGE_MAX ? (size_t)bytes : 0;
    if (language->awaited == 0) language_ends(language);
    return language->awaited > 0;
}

static void language_on_read(struct bufferevent *stream, void *self)
{
    struct language *language = self;
    struct evbuffer *in = bufferevent_get_input(stream);
    while (!language->over && (language->awaited > 0 || language_head(language, in))) {
        if (evbuffer_get_length(in) < language->awaited) return;
        char *text = g_malloc(language->awaited + 1);
        evbuffer_remove(in, text, language->awaited);
        text[language->awaited] = '\0';
        language->awaited = 0;
        if (g_utf8_validate(text, -1, NULL)) language->calls.say(language->calls.self, language->ticket, text);
        g_free(text);
    }
}

static void language_on_event(struct bufferevent *stream, short what, void *self)
{
    (void)stream;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) language_ends(self);
}

struct language *language_new(struct event_base *base, const struct language_calls *calls, uint64_t ticket,
                              char *folder, struct error *error)
{
    static const char *const arguments[] = {"gcxc", "lsp", NULL};
    struct language *language = g_new0(struct language, 1);
    language->calls = *calls;
    language->ticket = ticket;
    language->folder = folder;
    language->child.in = language->child.out = language->child.complaints = -1;
    language->root = g_filename_to_uri(folder, NULL, NULL);
    const struct tool_order order = {.arguments = arguments, .folder = folder, .confined = true, .quiet = true};
    char why[200] = "its folder is no place for files";
    if (!language->root || !tool_begin(&order, &language->child, why, sizeof why)) {
        error_set(error, ERROR_SYSTEM, "%s", why);
        language_free(language);
        return NULL;
    }
    close(language->child.complaints);
    language->in = bufferevent_socket_new(base, language->child.in, BEV_OPT_CLOSE_ON_FREE);
    language->out = bufferevent_socket_new(base, language->child.out, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(language->in, NULL, NULL, language_on_event, language);
    bufferevent_setcb(language->out, language_on_read, NULL, language_on_event, language);
    bufferevent_enable(language->in, EV_WRITE);
    bufferevent_disable(language->in, EV_READ);
    bufferevent_enable(language->out, EV_READ);
    bufferevent_disable(language->out, EV_WRITE);
    json_t *welcome = json_pack("{s:s}", "root", language->root);
    char *text = json_dumps(welcome, JSON_COMPACT);
    calls->say(calls->self, ticket, text);
    free(text);
    json_decref(welcome);
    return language;
}

void language_free(struct language *language)
{
    if (!language) return;
    if (language->in) bufferevent_free(language->in);
    if (language->out) bufferevent_free(language->out);
    (void)tool_finish(&language->child);
    studio_folder_end(language->folder);
    g_free(language->root);
    g_free(language);
}

/* ---- what the page says ---- */

/* A text that names a file is one below the root, written plainly. Paths are named by URIs alone; of the two schemes
 * that gcxc takes, pages say `file:`. */
static bool language_text_stays(const char *root, const char *text)
{
    size_t length = strlen(root);
    if (g_ascii_strncasecmp(text, "untitled:", strlen("untitled:")) == 0) return false;
    if (g_ascii_strncasecmp(text, "file:", strlen("file:")) != 0) return true;
    char *plain = g_uri_unescape_string(text, NULL);
    bool good = strncmp(text, root, length) == 0 && (text[length] == '/' || text[length] == '\0') && plain &&
                !strstr(plain, "/../") && !g_str_has_suffix(plain, "/..");
    g_free(plain);
    return good;
}

static bool language_value_stays(const char *root, const json_t *value, unsigned depth)
{
    const char *key;
    json_t *one;
    size_t at;
    bool good = depth < MESSAGE_DEPTH_MAX;
    if (json_is_string(value)) return language_text_stays(root, json_string_value(value));
    if (json_is_array(value))
        json_array_foreach(value, at, one) good = good && language_value_stays(root, one, depth + 1);
    if (!json_is_object(value)) return good;
    json_object_foreach((json_t *)value, key, one)
    {
        bool text = strcmp(key, "text") == 0 || strcmp(key, "newText") == 0; /* what a person has written */
        bool place = strcmp(key, "rootPath") == 0 && !json_is_null(one);
        good = good && !place && language_text_stays(root, key) && (text || language_value_stays(root, one, depth + 1));
    }
    return good;
}

bool language_stays(const char *root, const char *text, size_t length)
{
    json_error_t wrong;
    json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, &wrong);
    bool good = json_is_object(message) && language_value_stays(root, message, 0);
    json_decref(message);
    return good;
}

void language_heard(struct language *language, const char *text, size_t length)
{
    struct evbuffer *out = bufferevent_get_output(language->in);
    if (language->over) return;
    if (evbuffer_get_length(out) > LANGUAGE_WAITING_MAX || !language_stays(language->root, text, length)) {
        language_ends(language);
        return;
    }
    evbuffer_add_printf(out, "Content-Length: %zu\r\n\r\n", length);
    evbuffer_add(out, text, length);
}
