/* runtime/web/magic.c - Finds the type of a mail's part from its first bytes, by the rows of magic.def.
 *
 *     at 0 "RIFF", at 8 "WAVE"    -->  audio/wav      a row has up to two places
 *
 * The first row that matches counts. The type that a sender gives to a file is believed only if browsers neither
 * show nor run it: a web page sent as text/plain must not become a page in an agent's browser. */
#include "runtime/web/magic.h"

#include <glib.h>
#include <string.h>

static const struct {
    size_t at;
    const char *bytes;
    size_t length, second_at;
    const char *second;
    size_t second_length;
    const char *type;
} magics[] = {
#define MAGIC(at, bytes, second_at, second, type)                                                                      \
    {at, bytes, sizeof(bytes) - 1, second_at, second, sizeof(second) - 1, type},
#include "runtime/web/magic.def"
};

static bool magic_is_at(const char *bytes, size_t length, size_t at, const char *wanted, size_t wanted_length)
{
    return length >= at + wanted_length && memcmp(bytes + at, wanted, wanted_length) == 0;
}

const char *magic_type(const char *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (magic_is_at(bytes, length, magics[i].at, magics[i].bytes, magics[i].length) &&
            magic_is_at(bytes, length, magics[i].second_at, magics[i].second, magics[i].second_length))
            return magics[i].type;
    return NULL;
}

/* Is the type safe for a file, that is, would a browser neither show nor run it? */
static bool type_is_of_file(const char *type)
{
    static const char *const active[] = {"image/", "audio/", "video/", "text/html", "multipart/", "message/"};
    for (size_t i = 0; i < G_N_ELEMENTS(active); i++)
        if (g_ascii_strncasecmp(type, active[i], strlen(active[i])) == 0) return false;
    for (const char *c = type; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("/.+-_", *c)) return false;
    return !strstr(type, "xml") && !strstr(type, "script") && *type && strlen(type) <= MAGIC_TYPE_MAX;
}

const char *magic_or_said(const char *bytes, size_t length, const char *said)
{
    const char *magic = magic_type(bytes, length);
    return magic ? magic : type_is_of_file(said) ? said : "application/octet-stream";
}
