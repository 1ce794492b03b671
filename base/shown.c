/* base/shown.c - Goes through texts character by character, and decides which characters are displayed by their
 * number.
 *
 * Text from outside (a name in a file, a URL, an error of a peer) may contain characters that control a terminal or
 * reverse the order of the text next to them. Unsafe characters are displayed as \u{1b}, bytes that are not UTF-8 as
 * ?. Every program prints texts from outside by these functions. */
#include "base/shown.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/out.h"
#include "base/utf8.h"

static uint32_t shown_number_of(const uint8_t *bytes, unsigned length)
{
    uint32_t number = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (unsigned i = 1; i < length; i++) number = number << 6 | (bytes[i] & 0x3fu);
    return number;
}

/* Is it a control character, a character without width, or a character that changes the direction of writing? */
static bool shown_hides(uint32_t number)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
                  {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e},
                  {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (number >= ranges[i].first && number <= ranges[i].last) return true;
    return false;
}

bool shown_next(const uint8_t *bytes, size_t left, unsigned *length, char shown[SHOWN_MAX])
{
    unsigned size = bytes[0] == 0 ? 1 : utf8_character(bytes, left);
    *length = size > 0 ? size : 1;
    uint32_t number = size > 0 ? shown_number_of(bytes, size) : '?';
    if (size == 0 || ((number < ' ' || number > '~') && shown_hides(number))) {
        snprintf(shown, SHOWN_MAX, size == 0 ? "?" : "\\u{%x}", number);
        return false;
    }
    memcpy(shown, bytes, size);
    shown[size] = '\0';
    return true;
}

size_t shown_text(char *out, size_t size, const char *text)
{
    size_t made = 0, left = strlen(text);
    unsigned length;
    char shown[SHOWN_MAX];
    for (; left > 0; text += length, left -= length) {
        shown_next((const uint8_t *)text, left, &length, shown);
        size_t wide = strlen(shown);
        if (made + wide >= size) break;
        memcpy(out + made, shown, wide);
        made += wide;
    }
    out[made] = '\0';
    return made;
}

/* Malloc'ed. Copies the text as it is displayed; the copy's size is enough for every byte being displayed by a
 * number. */
char *shown_copy(const char *text)
{
    size_t size = strlen(text) * (SHOWN_MAX - 1) + 1;
    char *copy = memory_zeroed(size, 1);
    shown_text(copy, size, text);
    return copy;
}

/* Counts the characters that every terminal shows as they are. */
static size_t plain_length(const char *text)
{
    size_t length = 0;
    while ((text[length] >= ' ' && text[length] <= '~') || text[length] == '\n' || text[length] == '\t') length++;
    return length;
}

/* Hides the values of the URL's query: ?key=SECRET becomes ?key=****, and ?SECRET, a word without a name, becomes
 * ?****. */
static void shown_query_put(struct out *out, const char *url)
{
    size_t before = strcspn(url, "?");
    const char *at = url + before, *end = at + strcspn(at, "#");
    out_format(out, "%.*s", (int)before, url);
    while (at < end) {
        size_t length = strcspn(at + 1, "&#"), name = strcspn(at + 1, "=&#");
        out_format(out, "%.*s%s", name < length ? (int)name + 2 : 1, at, length > 0 ? "****" : "");
        at += 1 + length;
    }
    out_format(out, "%s", end);
}

/* Also hides user and password of a malformed URL: a slash or a blank before the @ may belong to the password,
 * unless the text before it cannot be a user's. */
char *shown_url(const char *url)
{
    const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url, *at = strrchr(host, '@');
    size_t length = strcspn(host, "/?#");
    bool hides = at && (memchr(host, '@', length) || memchr(host, ':', length));
    struct out out = {0};
    if (hides) out_format(&out, "%.*s****", (int)(host - url), url);
    shown_query_put(&out, hides ? at : url);
    char *shown = memory_text(out.bytes ? out.bytes : "");
    out_free(&out);
    return shown;
}

/* Writes the text as it is displayed: plain parts at once; only characters that may have to be displayed by number
 * are examined one by one. */
void shown_write(FILE *out, const char *text)
{
    char shown[SHOWN_MAX];
    for (size_t left = strlen(text); left > 0;) {
        size_t plain = plain_length(text);
        unsigned length = 0;
        fwrite(text, 1, plain, out);
        text += plain;
        left -= plain;
        if (left == 0) return;
        shown_next((const uint8_t *)text, left, &length, shown);
        fputs(shown, out);
        text += length;
        left -= length;
    }
}

void shown_vprint(FILE *out, const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0) abort();
    shown_write(out, text);
    free(text);
}

void shown_print(FILE *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    shown_vprint(out, format, arguments);
    va_end(arguments);
}

bool shown_refuse(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    shown_vprint(stderr, format, arguments);
    va_end(arguments);
    return false;
}
