/* runtime/mail/text.c - Makes UTF-8 without control characters from any bytes.
 *
 *     bytes --> text_utf8() --> UTF-8 without control characters, lines end with a line feed
 *           --> text_unflowed() --> lines that flow (RFC 3676) are joined
 *           --> text_line() --> one line, without marks that turn the direction of writing
 *
 * text_line() is for names and subjects: a mark that changes the direction of writing could show "fdp.exe" to a
 * reader as "exe.pdf". */
#include "runtime/mail/text.h"

#include <string.h>

#include "runtime/mail/charset.h"
#include "base/utf8.h"

static bool is_control(gunichar c)
{
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0xfeff;
}

/* Makes UTF-8 of bytes; line ends become line feeds, control characters are left out. */
GString *text_utf8(const char *bytes, size_t length, const char *charset)
{
    GString *utf8 = charset_utf8(bytes, length, charset), *out = g_string_sized_new(utf8->len + 1);
    const char *end = utf8->str + utf8->len;
    for (const char *at = utf8->str, *next; at < end; at = next) {
        gunichar c = g_utf8_get_char(at);
        next = g_utf8_next_char(at);
        if (c == '\r' && *next != '\n') g_string_append_c(out, '\n');
        if (!is_control(c)) g_string_append_len(out, at, next - at);
    }
    g_string_free(utf8, TRUE);
    return out;
}

/* ---- lines of format=flowed ---- */

/* Joins flowed lines: a line that ends with a blank continues in the next line of the same depth of quoting; "-- "
 * before a signature does not. `delsp`: that blank is no part of the text. */
GString *text_unflowed(const GString *text, bool delsp)
{
    GString *out = g_string_sized_new(text->len + 1);
    const char *end = text->str + text->len;
    size_t open = SIZE_MAX; /* the depth of the line that continues; SIZE_MAX: none does */
    for (const char *line = text->str, *next; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line)), *at = line;
        if (!stop) stop = end;
        next = stop < end ? stop + 1 : end;
        while (at < stop && *at == '>') at++;
        size_t depth = (size_t)(at - line);
        /* drops the blank that senders add before a line that begins with a blank, `From` or > */
        if (at < stop && *at == ' ') at++;
        size_t length = (size_t)(stop - at);
        bool signature = length == 3 && memcmp(at, "-- ", 3) == 0;
        if (depth == open && length > 0 && !signature) {
            if (delsp) g_string_truncate(out, out->len - 1);
        } else {
            if (line > text->str) g_string_append_c(out, '\n');
            for (size_t i = 0; i < depth; i++) g_string_append_c(out, '>');
            if (depth > 0 && length > 0) g_string_append_c(out, ' ');
        }
        g_string_append_len(out, at, (gssize)length);
        open = length > 0 && at[length - 1] == ' ' && !signature ? depth : SIZE_MAX;
    }
    if (text->len > 0 && end[-1] == '\n') g_string_append_c(out, '\n');
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

/* Makes a file name; the caller frees it. NULL: nothing is left. Folders and leading dots are removed. */
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
