/* runtime/adapters/desk/links.c - Reads the settings `links` and `frames`. See links.h. */
#include "runtime/adapters/desk/links.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

#include "base/why.h"

#define SCHEME   "https://"
#define LETTERS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define FRAME_OF "frame-src 'self'"

enum { LINKS_MAX = 20 };

/* Returns how long the address is up to the end of its host. */
static size_t link_origin(const char *url)
{
    return strlen(SCHEME) + strcspn(url + strlen(SCHEME), "/?#");
}

/* Are the braces pairs around names, behind the host, and all characters those of an address? The host goes into the
 * page's policy, where another character would begin another word. */
static bool link_url_good(const char *url)
{
    if (!g_str_has_prefix(url, SCHEME)) return false;
    const char *host = url + strlen(SCHEME), *path = url + link_origin(url);
    if (path == host || strspn(host, LETTERS "-.:[]") < (size_t)(path - host)) return false;
    for (const char *at = host; *at; at++) {
        if (*at <= ' ' || *at > '~' || strchr("\"'<>\\^`|}", *at)) return false;
        if (*at != '{') continue;
        size_t length = strspn(at + 1, LETTERS "_.");
        if (length == 0 || at[1 + length] != '}') return false;
        at += 1 + length;
    }
    return true;
}

/* Takes what stands in the brackets behind the title, and cuts it off. False: a bracket is not closed, or empty. */
static bool link_beside(char *title, json_t *link)
{
    char *open = strchr(title, '['), *close = open ? strchr(open, ']') : NULL;
    if (!open) return !strchr(title, ']');
    if (!close || close[1] != '\0') return false;
    *open = *close = '\0';
    json_t *media = json_array(), *vqs = json_array();
    char **words = g_strsplit(open + 1, " ", -1);
    for (char **word = words; *word; word++) {
        bool vq = g_str_has_prefix(*word, "vq:");
        const char *name = vq ? *word + 3 : *word;
        if (*name) json_array_append_new(vq ? vqs : media, json_string(name));
    }
    bool good = json_array_size(media) + json_array_size(vqs) > 0;
    if (json_array_size(media) > 0) json_object_set(link, "media", media);
    if (json_array_size(vqs) > 0) json_object_set(link, "vqs", vqs);
    g_strfreev(words);
    json_decref(media);
    json_decref(vqs);
    return good;
}

static bool link_read(char *text, bool frame, json_t *links)
{
    char *title = g_strstrip(text), *equals = strchr(title, '=');
    json_t *link = json_object();
    if (equals) *equals = '\0';
    const char *url = equals ? g_strstrip(equals + 1) : NULL;
    bool good = url && link_url_good(url) && link_beside(g_strchomp(title), link) && *g_strchomp(title) &&
                json_array_size(links) < LINKS_MAX;
    json_object_set_new(link, "title", json_string(title));
    json_object_set_new(link, "url", json_string(url ? url : ""));
    if (frame) json_object_set_new(link, "frame", json_true());
    if (good) json_array_append(links, link);
    json_decref(link);
    return good;
}

static bool links_add(json_t *links, const char *setting, bool frame, char *why, size_t why_size)
{
    char **all = g_strsplit(setting, ",", -1);
    bool good = true;
    for (char **one = all; *one && good; one++) {
        char *text = g_strstrip(g_strdup(*one));
        good = !*text || link_read(text, frame, links);
        if (!good)
            why_set(why, why_size,
                    "%s: `%.60s`: write TITLE=https://HOST/PATH?id={key}, or TITLE [chat vq:NAME]=..., 20 at most",
                    frame ? "frames" : "links", *one);
        g_free(text);
    }
    g_strfreev(all);
    return good;
}

json_t *desk_links_read(const char *links, const char *frames, char *why, size_t why_size)
{
    json_t *all = json_array();
    if (links_add(all, links, false, why, why_size) && links_add(all, frames, true, why, why_size)) return all;
    json_decref(all);
    return NULL;
}

char *desk_links_policy(const json_t *links, const char *policy)
{
    const char *at = strstr(policy, FRAME_OF);
    const json_t *link;
    size_t number;
    assert(at);
    GString *whole = g_string_new_len(policy, at + strlen(FRAME_OF) - policy);
    json_array_foreach(links, number, link)
    {
        const char *url = json_string_value(json_object_get(link, "url"));
        if (!json_object_get(link, "frame")) continue;
        g_string_append_c(whole, ' ');
        g_string_append_len(whole, url, (gssize)link_origin(url));
    }
    g_string_append(whole, at + strlen(FRAME_OF));
    return g_string_free(whole, FALSE);
}
