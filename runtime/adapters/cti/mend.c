/* runtime/adapters/cti/mend.c - Goes through a line of JSON, and replaces characters that are no text and numbers
 * that are too large.
 *
 * First the line is read as it is; it is gone through only if that fails. The code here knows only so much of JSON:
 * whether it is inside a string, how deep it is nested, and in which member of the outermost object it is. */
#include "runtime/adapters/cti/mend.h"

#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/utf8.h"

enum {
    ESCAPE = 6, /* bytes of an escape: \uXXXX */
    GROWTH = 3, /* most bytes that replace one byte, the length of U+FFFD; quotes are only put around longer numbers */
};

static const char mark[] = "\xef\xbf\xbd"; /* U+FFFD */

struct mend_walk {
    const char *text;
    size_t length, at;
    char *out;
    size_t made;
    unsigned depth;     /* of objects and lists */
    struct span string; /* the line's last string, without quotes; a colon after it makes it a key */
    bool data;          /* the place is within a member that is user data */
    struct mended *mended;
};

static void mend_keep_bytes(struct mend_walk *walk, size_t count)
{
    assert(walk->at + count <= walk->length);
    memcpy(walk->out + walk->made, walk->text + walk->at, count);
    walk->made += count;
    walk->at += count;
}

static void mend_replace(struct mend_walk *walk, size_t count)
{
    assert(count > 0 && walk->at + count <= walk->length);
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

/* Returns the code unit that the line escapes at this place; -1: there is no escape here. */
static long unit_at(const struct mend_walk *walk, size_t at)
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

static void take_escape(struct mend_walk *walk)
{
    long unit = unit_at(walk, walk->at);
    bool leads = is_half(unit, 0xd800);
    long next = leads && walk->length - walk->at > ESCAPE ? unit_at(walk, walk->at + ESCAPE) : -1;
    if (leads && is_half(next, 0xdc00))
        mend_keep_bytes(walk, 2 * ESCAPE);
    else if (unit == 0 || leads || is_half(unit, 0xdc00))
        mend_replace(walk, ESCAPE);
    else
        mend_keep_bytes(walk, walk->length - walk->at < 2 ? 1 : 2);
}

/* --- Numbers --- */

static size_t digits_at(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && text[count] >= '0' && text[count] <= '9') count++;
    return count;
}

/* Returns the length of the JSON number that begins there; 0: no number begins there. */
static size_t mend_number_at(const char *text, size_t length, bool *real)
{
    size_t sign = *text == '-', digits = digits_at(text + sign, length - sign), at = sign + digits, count;
    *real = false;
    if (digits == 0 || (digits > 1 && text[sign] == '0')) return 0;
    if (at < length && text[at] == '.' && (count = digits_at(text + at + 1, length - at - 1)) > 0) {
        at += 1 + count;
        *real = true;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        size_t skipped = at + 1 < length && (text[at + 1] == '+' || text[at + 1] == '-') ? 2 : 1;
        count = at + skipped < length ? digits_at(text + at + skipped, length - at - skipped) : 0;
        *real = *real || count > 0;
        at += count > 0 ? skipped + count : 0;
    }
    return at;
}

static bool real_fits(const char *text, size_t length)
{
    char *ended = memory_zeroed(length + 1, 1);
    memcpy(ended, text, length);
    bool fits = isfinite(strtod(ended, NULL));
    free(ended);
    return fits;
}

static bool integer_fits(const char *text, size_t length)
{
    static const char *const last[] = {"9223372036854775807", "9223372036854775808"};
    size_t sign = *text == '-', most = strlen(last[sign]);
    return length - sign < most || (length - sign == most && memcmp(text + sign, last[sign], most) <= 0);
}

/* Copies a number. In user data a number that is too large becomes a text of its digits, as people read it;
 * elsewhere it becomes null. */
static void mend_take_number(struct mend_walk *walk)
{
    bool real;
    const char *text = walk->text + walk->at;
    size_t length = mend_number_at(text, walk->length - walk->at, &real);
    if (length == 0 || (real ? real_fits(text, length) : integer_fits(text, length))) {
        mend_keep_bytes(walk, length > 0 ? length : 1);
        return;
    }
    walk->mended->numbers++;
    if (walk->data) {
        walk->out[walk->made++] = '"';
        mend_keep_bytes(walk, length);
        walk->out[walk->made++] = '"';
    } else {
        memcpy(walk->out + walk->made, "null", 4);
        walk->made += 4;
        walk->at += length;
    }
}

/* Is the key that of a member with user data, in lines of clients or of the switch? */
static bool is_data(struct span key)
{
    static const char *const keys[] = {"userData", "result", "reasons", "UserData", "Reasons"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (span_is(key, keys[i])) return true;
    return false;
}

/* --- The walk --- */

static void take_mark(struct mend_walk *walk, char byte)
{
    if (byte == '{' || byte == '[')
        walk->depth++;
    else if ((byte == '}' || byte == ']') && walk->depth > 0)
        walk->depth--;
    else if (byte == ':' && walk->depth == 1)
        walk->data = is_data(walk->string);
}

static void cti_mend(struct mend_walk *walk)
{
    bool inside = false; /* a string */
    while (walk->at < walk->length) {
        const uint8_t *byte = (const uint8_t *)walk->text + walk->at;
        uint32_t length = utf8_character(byte, walk->length - walk->at);
        if (*byte == '"') {
            inside = !inside;
            if (walk->depth == 1 && inside) walk->string.bytes = byte + 1;
            if (walk->depth == 1 && !inside) walk->string.length = (uint32_t)(byte - walk->string.bytes);
        }
        if (!inside) take_mark(walk, (char)*byte);
        if (inside && *byte == '\\')
            take_escape(walk);
        else if (inside && (length == 0 || *byte < ' '))
            mend_replace(walk, 1);
        else if (!inside && (*byte == '-' || digits_at((const char *)byte, 1) == 1))
            mend_take_number(walk);
        else
            mend_keep_bytes(walk, length > 0 ? length : 1);
    }
}

json_t *mend_read_line(const char *text, size_t length, size_t flags, struct mended *mended, json_error_t *why)
{
    json_t *json = json_loadb(text, length, flags, why);
    *mended = (struct mended){0};
    if (json || length == 0) return json;
    struct mend_walk walk = {.text = text, .length = length, .mended = mended};
    walk.out = memory_zeroed(length, GROWTH);
    cti_mend(&walk);
    if (mended->count + mended->numbers > 0) json = json_loadb(walk.out, walk.made, flags, why);
    sodium_memzero(walk.out, walk.made); /* the copy may hold a password */
    free(walk.out);
    return json;
}
