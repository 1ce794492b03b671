/* runtime/mail/text.c - Makes UTF-8 without control characters from any bytes. */
#include "runtime/mail/text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "text/utf8.h"

enum { CHARSET_MAX = 40, CONVERTED = 4096 };
#define REPLACEMENT "\xef\xbf\xbd"

/* ---- charsets ---- */

static bool charset_is(const char *charset, const char *name)
{
    return charset && g_ascii_strcasecmp(charset, name) == 0;
}

/* The converter of a charset; of none and of an unknown one Windows-1252's, in which every mail can be read somehow. */
static GIConv converter(const char *charset)
{
    GIConv none = (GIConv)-1;
    bool named = charset && *charset && strlen(charset) <= CHARSET_MAX &&
                 charset[strspn(charset, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:")] == 0;
    GIConv open = named && !charset_is(charset, "us-ascii") ? g_iconv_open("UTF-8", charset) : none;
    return open != none ? open : g_iconv_open("UTF-8", "WINDOWS-1252");
}

static GString *converted(const char *bytes, size_t length, const char *charset)
{
    GIConv open = converter(charset);
    GString *out = g_string_sized_new(length + 1);
    gchar *in = (gchar *)(uintptr_t)bytes;
    gsize left = length;
    while (left > 0) {
        gchar room[CONVERTED], *end = room;
        gsize free_bytes = sizeof room;
        gsize done = g_iconv(open, &in, &left, &end, &free_bytes);
        int why = errno;
        g_string_append_len(out, room, end - room);
        if (done != (gsize)-1 || why == E2BIG) continue;
        g_string_append(out, REPLACEMENT);
        if (why == EINVAL) break; /* half a character at the end */
        in++, left--;
    }
    g_iconv_close(open);
    return out;
}

static bool is_control(gunichar c)
{
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0xfeff;
}

/* Line ends become line feeds, controls go. A byte that is no UTF-8 becomes U+FFFD. */
static GString *cleaned(const char *bytes, size_t length)
{
    GString *out = g_string_sized_new(length + 1);
    const char *at = bytes, *end = bytes + length;
    while (at < end) {
        gunichar c = g_utf8_get_char_validated(at, end - at);
        if (c >= 0x110000) { /* no character, or half of one */
            if (*at == 0 || (guchar)*at >= 0x80) g_string_append(out, REPLACEMENT);
            at++;
            continue;
        }
        if (c == '\r' && (at + 1 == end || at[1] != '\n')) g_string_append_c(out, '\n');
        if (c == 0) g_string_append(out, REPLACEMENT);
        const char *next = at + g_unichar_to_utf8(c, NULL);
        if (c != 0 && !is_control(c)) g_string_append_len(out, at, next - at);
        at = next;
    }
    return out;
}

GString *text_utf8(const char *bytes, size_t length, const char *charset)
{
    if (length == 0) bytes = "";
    bool said = charset_is(charset, "utf-8") || charset_is(charset, "utf8");
    bool plain = !charset || !*charset || charset_is(charset, "us-ascii");
    if (said || (plain && g_utf8_validate(bytes, (gssize)length, NULL))) return cleaned(bytes, length);
    GString *utf8 = converted(bytes, length, charset), *out = cleaned(utf8->str, utf8->len);
    g_string_free(utf8, TRUE);
    return out;
}

/* ---- lines and names ---- */

bool mail_text_cut(GString *text, size_t max)
{
    if (text->len <= max) return false;
    g_string_truncate(text, utf8_cut(text->str, text->len, (uint32_t)max));
    return true;
}

static bool turns_direction(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f;
}

char *text_line(const char *text, size_t max)
{
    GString *clean = text_utf8(text, strlen(text), "utf-8"), *out = g_string_sized_new(clean->len + 1);
    for (const char *at = clean->str; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\n' || c == '\t' || c == 0x2028 || c == 0x2029)
            g_string_append_c(out, ' ');
        else if (!turns_direction(c))
            g_string_append_unichar(out, c);
    }
    g_string_free(clean, TRUE);
    mail_text_cut(out, max);
    return g_strstrip(g_string_free(out, FALSE));
}

char *text_line_of(const char *bytes, size_t length)
{
    char *text = g_strndup(bytes, length), *line = text_line(text, length);
    g_free(text);
    return line;
}

char *text_file_name(const char *name, size_t max)
{
    char *line = text_line(name, max * 4);
    const char *base = line;
    for (const char *at = line; *at; at++)
        if (*at == '/' || *at == '\\') base = at + 1;
    while (*base == '.' || *base == ' ') base++;
    char *out = *base ? text_line(base, max) : NULL;
    g_free(line);
    return out;
}

bool text_blank(const char *text)
{
    return text[strspn(text, " \t\n\r")] == 0;
}
