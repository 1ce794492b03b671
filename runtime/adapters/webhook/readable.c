/* runtime/adapters/webhook/readable.c - Repairs a JSON document in one pass, within and outside of its texts.
 *
 *     12345678901234567890        -->  "12345678901234567890"     an id that no 64 bits hold
 *     "\ud83d" (half a pair)      -->  "\uFFFD"
 *     "\u0000"                    -->  "\uFFFD"
 *
 * Some networks send documents that the JSON library refuses as a whole; harmless mistakes are repaired before it
 * reads them. A text that is no JSON at all stays so, and the library refuses it. */
#include "runtime/adapters/webhook/readable.h"

#include <stdbool.h>
#include <string.h>

enum { DIGITS_MAX = 18 }; /* so many digits always fit into 64 bits */
#define INSTEAD "\\uFFFD"

/* Returns the code of an escape \uXXXX; 0: there is none, or it is that of zero. */
static unsigned escape_code(const char *at, const char *end)
{
    unsigned code = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return 0;
    for (int i = 2; i < 6; i++) {
        if (!g_ascii_isxdigit(at[i])) return 0;
        code = code * 16 + (unsigned)g_ascii_xdigit_value(at[i]);
    }
    return code;
}

static bool code_is_half(unsigned code, unsigned from)
{
    return code >= from && code < from + 0x400;
}

/* Copies an escape, repaired if needed; returns the place after it. */
static const char *readable_escape(const char *at, const char *end, GString *to)
{
    bool is_code = end - at >= 6 && at[1] == 'u';
    unsigned code = escape_code(at, end);
    size_t length = is_code ? 6 : end - at >= 2 ? 2 : 1;
    if (code_is_half(code, 0xD800) && code_is_half(escape_code(at + 6, end), 0xDC00)) length = 12;
    bool good = !is_code || length == 12 || (code != 0 && !code_is_half(code, 0xD800) && !code_is_half(code, 0xDC00));
    if (good)
        g_string_append_len(to, at, (gssize)length);
    else
        g_string_append(to, INSTEAD);
    return at + length;
}

/* Copies a number; a long one becomes a text, so that no digit of an id is lost. */
static const char *readable_number(const char *at, GString *to)
{
    size_t length = strspn(at, "+-.0123456789eE"), digits = 0;
    bool exponent = false;
    for (size_t i = 0; i < length; i++) {
        digits += g_ascii_isdigit(at[i]) != 0;
        exponent = exponent || at[i] == 'e' || at[i] == 'E';
    }
    const char *quote = digits > DIGITS_MAX || exponent ? "\"" : "";
    g_string_append_printf(to, "%s%.*s%s", quote, (int)length, at, quote);
    return at + length;
}

GString *readable_json(const char *body, size_t length)
{
    char *text = g_utf8_make_valid(body, (gssize)length);
    const char *at = g_str_has_prefix(text, "\xEF\xBB\xBF") ? text + 3 : text, *end = text + strlen(text);
    GString *to = g_string_sized_new(length);
    bool within = false;
    while (at < end) {
        if (within && *at == '\\') {
            at = readable_escape(at, end, to);
        } else if (!within && (*at == '-' || g_ascii_isdigit(*at))) {
            at = readable_number(at, to);
        } else {
            within = within != (*at == '"');
            g_string_append_c(to, within && (unsigned char)*at < ' ' ? ' ' : *at);
            at++;
        }
    }
    g_free(text);
    return to;
}
