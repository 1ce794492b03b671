/* runtime/adapters/desk/links.c - Reads the setting `links`. See links.h. The page puts in the values, each escaped. */
#include "runtime/adapters/desk/links.h"

#include <glib.h>
#include <string.h>

#include "base/why.h"

enum { LINKS_MAX = 20 };

/* Are the braces pairs around names, behind the host, and all characters those of an address? */
static bool link_url_good(const char *url)
{
    if (!g_str_has_prefix(url, "https://")) return false;
    const char *host = url + strlen("https://"), *path = host + strcspn(host, "/?#");
    if (path == host || strcspn(host, "{}@") < (size_t)(path - host)) return false;
    for (const char *at = host; *at; at++) {
        if (*at <= ' ' || *at > '~' || strchr("\"'<>\\^`|}", *at)) return false;
        if (*at != '{') continue;
        size_t length = strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");
        if (length == 0 || at[1 + length] != '}') return false;
        at += 1 + length;
    }
    return true;
}

json_t *desk_links_read(const char *setting, char *why, size_t why_size)
{
    json_t *links = json_array();
    char **all = g_strsplit(setting, ",", -1);
    bool good = true;
    for (char **one = all; *one && good; one++) {
        char *title = g_strstrip(*one), *equals = strchr(title, '=');
        if (!*title) continue;
        if (equals) *equals = '\0';
        char *url = equals ? g_strstrip(equals + 1) : title;
        good = equals && *g_strchomp(title) && link_url_good(url) && json_array_size(links) < LINKS_MAX;
        if (good)
            json_array_append_new(links, json_pack("{s:s, s:s}", "title", title, "url", url));
        else
            why_set(why, why_size, "links: `%.60s`: write TITLE=https://HOST/PATH?id={key}, 20 at most", title);
    }
    g_strfreev(all);
    if (good) return links;
    json_decref(links);
    return NULL;
}
