/* compiler/base/unseen.c - Characters of a source that nobody sees.
 *
 * They come with what is pasted from a page, a chat or a word processor; or somebody writes them to show a reviewer
 * another program than is compiled (CVE-2021-42574, "Trojan Source"). */
#include "compiler/base/unseen.h"

#include <assert.h>

static const struct unseen_range {
    unsigned first, last;
    enum unseen_kind kind;
} ranges[] = {
    {0x00A0, 0x00A0, UNSEEN_BLANK}, {0x00AD, 0x00AD, UNSEEN_NO_WIDTH}, {0x061C, 0x061C, UNSEEN_TURN},
    {0x1680, 0x1680, UNSEEN_BLANK}, {0x2000, 0x200A, UNSEEN_BLANK},    {0x200B, 0x200D, UNSEEN_NO_WIDTH},
    {0x200E, 0x200F, UNSEEN_TURN},  {0x2028, 0x2029, UNSEEN_BLANK},    {0x202A, 0x202E, UNSEEN_TURN},
    {0x202F, 0x202F, UNSEEN_BLANK}, {0x205F, 0x205F, UNSEEN_BLANK},    {0x2060, 0x2064, UNSEEN_NO_WIDTH},
    {0x2066, 0x2069, UNSEEN_TURN},  {0x3000, 0x3000, UNSEEN_BLANK},    {0xFEFF, 0xFEFF, UNSEEN_NO_WIDTH},
};

size_t unseen_here(const char *bytes, size_t left, enum unseen_kind *kind, unsigned *code_point)
{
    const unsigned char *p = (const unsigned char *)bytes;
    assert(left > 0);
    size_t length = *p == 0xC2 || *p == 0xD8 ? 2 : *p == 0xE1 || *p == 0xE2 || *p == 0xE3 || *p == 0xEF ? 3 : 0;
    if (length == 0 || left < length) return 0;
    unsigned number =
        length == 2 ? (*p & 0x1Fu) << 6 | (p[1] & 0x3Fu) : (*p & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (number >= ranges[i].first && number <= ranges[i].last) {
            *kind = ranges[i].kind;
            *code_point = number;
            return length;
        }
    return 0;
}

bool unseen_joins(unsigned code_point)
{
    return code_point == 0x200C || code_point == 0x200D;
}

/* Returns the place behind the character at `at`. A string ends with its line, SQL does not. */
static enum unseen_place unseen_behind(const char *text, size_t at, char *quote, enum unseen_place place)
{
    char c = text[at];
    if (place == UNSEEN_REMARK) return c == '\n' ? UNSEEN_CODE : UNSEEN_REMARK;
    if (place == UNSEEN_STRING) {
        bool escaped = at > 0 && text[at - 1] == '\\' && *quote == '"';
        return (c == *quote && !escaped) || (c == '\n' && *quote == '"') ? UNSEEN_CODE : UNSEEN_STRING;
    }
    *quote = c;
    return c == '"' || c == '`' ? UNSEEN_STRING : c == '/' && at > 0 && text[at - 1] == '/' ? UNSEEN_REMARK : place;
}

void unseen_each(const char *text, size_t length, void (*each)(void *self, const struct unseen *), void *self)
{
    enum unseen_place place = UNSEEN_CODE;
    char quote = 0;
    for (size_t at = 0; at < length; at++) {
        struct unseen unseen = {.at = at, .place = place};
        bool ascii = (unsigned char)text[at] < 0x80; /* most are, and few of those change the place */
        if (ascii) {
            place = unseen_behind(text, at, &quote, place);
            continue;
        }
        unseen.length = unseen_here(text + at, length - at, &unseen.kind, &unseen.code_point);
        if (unseen.length > 0 && !(at == 0 && unseen.code_point == 0xFEFF))
            each(self, &unseen); /* the byte order mark */
    }
}
