/* compiler/lsp/place.c - Maps the bytes of a text to the characters that an editor counts, and back.
 *
 *     text      G r ü n \U0001F600 !
 *     bytes     0 1 2 4 5          9        what the compiler counts
 *     UTF-16    0 1 2 3 4          6        what most editors count: a character of four bytes is two units
 *
 * A line or character beyond the end means the end, as the protocol demands. The end of a line is before its \r\n. */
#include "compiler/lsp/place.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the units of the character that begins with the byte: two of UTF-16 where it has four bytes; 0 for its
 * further bytes. */
static size_t units_of(unsigned char byte, enum place_units units)
{
    if (units == UNITS_UTF8) return 1;
    if ((byte & 0xC0) == 0x80) return 0; /* counted with the character's first byte */
    return byte >= 0xF0 ? 2 : 1;
}

static bool ends_line(const char *text, size_t length)
{
    return *text == '\n' || (*text == '\r' && length > 1 && text[1] == '\n');
}

/* Sets the byte at which the position is; false only where the JSON is no position. */
bool place_offset(const char *text, size_t length, enum place_units units, const json_t *position, size_t *offset)
{
    const json_t *line_number = json_object_get(position, "line"), *character = json_object_get(position, "character");
    if (!json_is_integer(line_number) || !json_is_integer(character)) return false;
    json_int_t line = json_integer_value(line_number), left = json_integer_value(character);
    if (line < 0 || left < 0) return false;
    size_t at = 0;
    for (; line > 0; line--) {
        const char *end = memchr(text + at, '\n', length - at);
        if (!end) {
            *offset = length;
            return true;
        }
        at = (size_t)(end - text) + 1;
    }
    while (at < length && left > 0 && !ends_line(text + at, length - at)) {
        left -= (json_int_t)units_of((unsigned char)text[at], units);
        at++;
        while (units == UNITS_UTF16 && at < length && ((unsigned char)text[at] & 0xC0) == 0x80) at++;
    }
    assert(at <= length);
    *offset = at;
    return true;
}

size_t place_count_units(const char *text, size_t length, enum place_units units)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) count += units_of((unsigned char)text[i], units);
    return count;
}

/* Counts the units from `begin` to `at`. Blocks without bytes that continue a character are passed over as a whole: a
 * line may be as long as the source, and be asked about at each of its words. */
static size_t place_units_between(const struct source *source, enum place_units units, uint32_t begin, uint32_t at)
{
    size_t count = 0;
    while (begin < at) {
        uint32_t block = begin / SOURCE_MARK, end = (block + 1) * SOURCE_MARK;
        bool plain = end <= source->length && source->marks[block + 1] == source->marks[block];
        if (end > at) end = at;
        count += plain ? end - begin : place_count_units(source->text + begin, end - begin, units);
        begin = end;
    }
    return count;
}

/* `at`: an offset in the source, from 0. */
static json_t *place_position(const struct source *source, enum place_units units, uint32_t at)
{
    if (at > source->length) at = source->length;
    uint32_t low = source_line_at(source, at);
    size_t character = place_units_between(source, units, source->lines[low], at);
    return json_pack("{sI sI}", "line", (json_int_t)low, "character", (json_int_t)character);
}

json_t *place_range(const struct source *source, enum place_units units, struct source_span span)
{
    uint32_t begin = span.begin > source->base ? span.begin - source->base : 0;
    uint32_t end = span.end > source->base ? span.end - source->base : 0;
    return json_pack("{so so}", "start", place_position(source, units, begin), "end",
                     place_position(source, units, end < begin ? begin : end));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Returns the beginning of a URI's path; NULL where the URI has none. */
static const char *path_in(const char *uri)
{
    /* untitled: the file is not saved yet, but its path is known */
    static const char stored[] = "file://", planned[] = "untitled:/";
    if (strncmp(uri, planned, sizeof planned - 1) == 0) return uri + sizeof planned - 2;
    if (strncmp(uri, stored, sizeof stored - 1) != 0) return NULL;
    return strchr(uri + sizeof stored - 1, '/'); /* the name of a host is skipped */
}

/* Returns the path, malloc'ed; NULL for a URI that names no file, or one with a zero byte in it. */
char *place_uri_path(const char *uri)
{
    const char *from = path_in(uri);
    if (!from) return NULL;
    char *path = malloc(strlen(from) + 1), *to = path;
    if (!path) abort();
    while (*from) {
        int high = *from == '%' ? hex_digit(from[1]) : -1, low = high >= 0 ? hex_digit(from[2]) : -1;
        char c = low >= 0 ? (char)(16 * high + low) : *from;
        from += low >= 0 ? 3 : 1;
        if (c == '\0') {
            free(path);
            return NULL;
        }
        *to++ = c;
    }
    *to = '\0';
    return path;
}

char *place_path_uri(const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    char *uri = malloc(3 * strlen(path) + 8), *to = uri;
    if (!uri) abort();
    to += sprintf(to, "file://");
    for (; *path; path++)
        if (strchr(plain, *path))
            *to++ = *path;
        else
            to += sprintf(to, "%%%02X", (unsigned char)*path);
    *to = '\0';
    return uri;
}
