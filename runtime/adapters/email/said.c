/* runtime/adapters/email/said.c - Divides a reply from what it quotes. See said.h. */
#include "runtime/adapters/email/said.h"

#include <stdbool.h>
#include <string.h>

/* Does the line begin what is quoted, or the signature? */
static bool line_quotes(const char *line, size_t length)
{
    bool address = memchr(line, '@', length) != NULL, digits = false;
    for (size_t i = 0; i < length; i++) digits = digits || g_ascii_isdigit(line[i]);
    if (length > 0 && *line == '>') return true;
    if (length >= 5 && (memcmp(line, "-----", 5) == 0 || memcmp(line, "_____", 5) == 0)) return true;
    if (length >= 2 && length <= 3 && memcmp(line, "-- ", length) == 0) return true;
    /* "On Monday, 30 November 2026, Shop <shop@example.org> wrote:", and in other languages; "From: Shop <...>" */
    return (length > 0 && line[length - 1] == ':' && (address || digits)) ||
           (address && g_strstr_len(line, (gssize)length, ": ") != NULL);
}

char *said_unquoted(const char *text)
{
    GString *said = g_string_new(NULL);
    for (const char *line = text; *line && said->len <= SAID_UNQUOTED_MAX;) {
        size_t whole = strcspn(line, "\n"), length = whole;
        while (length > 0 && g_ascii_isspace(line[length - 1])) length--;
        if (line_quotes(line, length)) break;
        g_string_append_printf(said, "%.*s\n", (int)length, line);
        line += whole + (line[whole] == '\n');
    }
    char *made = g_strstrip(g_string_free(said, FALSE));
    if (*made && strlen(made) <= SAID_UNQUOTED_MAX) return made;
    g_free(made);
    return NULL;
}
