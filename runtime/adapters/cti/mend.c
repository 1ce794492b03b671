/* runtime/adapters/cti/mend.c - A walk over a line of JSON that replaces what is no text. */
#include "runtime/adapters/cti/mend.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"

enum { ESCAPE = 6 }; /* of a code unit: \uXXXX */

static const char mark[] = "\xef\xbf\xbd"; /* U+FFFD */

struct walk {
    const char *text;
    size_t length, at;
    char *out;
    size_t made;
    struct mended *mended;
};

static void keep(struct walk *walk, size_t count)
{
    memcpy(walk->out + walk->made, walk->text + walk->at, count);
    walk->made += count;
    walk->at += count;
}

static void replace(struct walk *walk, size_t count)
{
    struct mended *mended = walk->mended;
    size_t shown = strlen(mended->shown), left = sizeof mended->shown - shown;
    const char *piece = walk->text + walk->at, *space = shown > 0 ? " " : "";
    if (left > ESCAPE + 1 && count == ESCAPE)
        snprintf(mended->shown + shown, left, "%s%.*s", space, (int)count, piece);
    else if (left > ESCAPE + 1)
        snprintf(mended->shown + shown, left, "%s%02x", space, (unsigned char)*piece);
    mended->count++;
    memcpy(walk->out + walk->made, mark, sizeof mark - 1);
    walk->made += sizeof mark - 1;
    walk->at += count;
}

/* The code unit that is escaped there; -1: none is. */
static long unit_at(const struct walk *walk, size_t at)
{
    char digits[5] = "";
    if (walk->length - at < ESCAPE || walk->text[at] != '\\' || walk->text[at + 1] != 'u') return -1;
    memcpy(digits, walk->text + at + 2, 4);
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

static bool is_half(long unit, long first)
{
    return unit >= first && unit < first + 0x400;
}

static void take_escape(struct walk *walk)
{
    long unit = unit_at(walk, walk->at);
    bool leads = is_half(unit, 0xd800);
    long next = leads && walk->length - walk->at > ESCAPE ? unit_at(walk, walk->at + ESCAPE) : -1;
    if (leads && is_half(next, 0xdc00))
        keep(walk, 2 * ESCAPE);
    else if (unit == 0 || leads || is_half(unit, 0xdc00))
        replace(walk, ESCAPE);
    else
        keep(walk, walk->length - walk->at < 2 ? 1 : 2);
}

static void mend(struct walk *walk)
{
    bool inside = false; /* a string */
    while (walk->at < walk->length) {
        const uint8_t *byte = (const uint8_t *)walk->text + walk->at;
        unsigned length = utf8_length(byte, walk->length - walk->at);
        if (*byte == '"') inside = !inside;
        if (inside && *byte == '\\')
            take_escape(walk);
        else if (inside && (length == 0 || *byte < ' '))
            replace(walk, 1);
        else
            keep(walk, length > 0 ? length : 1);
    }
}

json_t *json_read_line(const char *text, size_t length, size_t flags, struct mended *mended, json_error_t *why)
{
    json_t *json = json_loadb(text, length, flags, why);
    *mended = (struct mended){0};
    if (json != NULL || length == 0) return json;
    struct walk walk = {.text = text, .length = length, .mended = mended};
    walk.out = memory_zeroed(length, sizeof mark - 1);
    mend(&walk);
    if (mended->count > 0) json = json_loadb(walk.out, walk.made, flags, why);
    sodium_memzero(walk.out, walk.made); /* a password may be in it */
    free(walk.out);
    return json;
}
