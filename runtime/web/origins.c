/* runtime/web/origins.c - Reads settings that are lists, and checks whether a list has a word, such as a web site's
 * origin. */
#include "runtime/web/origins.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 1000 };

/* Splits a setting at its commas; the caller frees the list by g_strfreev(). Empty words are left out. */
char **web_words_read(const char *setting)
{
    char **words = g_strsplit(setting, ",", WORDS_MAX), **to = words;
    for (char **word = words; *word; word++)
        if (*g_strstrip(*word))
            *to++ = *word;
        else
            g_free(*word);
    *to = NULL;
    return words;
}

bool web_words_have(char **words, const char *word)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0) return true;
    return false;
}

/* Is the text an origin: scheme, host and port, with nothing after them? Later it is compared byte by byte with what
 * browsers send. */
static bool origin_good(const char *origin)
{
    const char *host = strstr(origin, "://");
    bool scheme = g_str_has_prefix(origin, "https://") || g_str_has_prefix(origin, "http://");
    return scheme && host[3] && !strpbrk(host + 3, "/*?#@ ");
}

/* Changes an origin to the form that browsers send: small letters, and without the default port of the scheme. */
static void origin_as_sent(char *origin)
{
    for (char *at = origin; *at; at++) *at = g_ascii_tolower(*at);
    const char *usual = g_str_has_prefix(origin, "https://") ? ":443" : ":80";
    if (g_str_has_suffix(origin, usual)) origin[strlen(origin) - strlen(usual)] = '\0';
}

/* Returns the origins in the form that browsers send, so that later a comparison of bytes is enough. NULL with the
 * reason. */
char **origins_read(const char *setting, char *why, size_t why_size)
{
    char **origins = web_words_read(setting), **one = origins;
    for (; *one && origin_good(*one); one++) origin_as_sent(*one);
    if (!*one) return origins;
    snprintf(why, why_size, "origins: `%s` is no origin; https://HOST, a port where it has one, nothing behind", *one);
    g_strfreev(origins);
    return NULL;
}
