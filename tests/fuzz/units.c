/* tests/fuzz/units.c - A mutator of sources that knows their shape without parsing them: words, brackets with all that
 * is in them, statements up to their semicolon or block. One is doubled, taken out, or put in the place of one of its
 * kind; else the bytes change as libFuzzer likes, with the words of the dictionary. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { UNITS_MAX = 4096, DEEPEST = 64 };

enum unit_kind { UNIT_WORD, UNIT_NUMBER, UNIT_TEXT, UNIT_ROUND, UNIT_SQUARE, UNIT_BLOCK, UNIT_STATEMENT, UNIT_KINDS };

struct unit {
    enum unit_kind kind;
    size_t begin, end;
};

struct units {
    struct unit of[UNITS_MAX];
    size_t count;
};

static void add(struct units *units, enum unit_kind kind, size_t begin, size_t end)
{
    if (units->count < UNITS_MAX && begin < end) units->of[units->count++] = (struct unit){kind, begin, end};
}

static bool in_word(uint8_t c)
{
    return isalnum(c) || c == '_' || c >= 0x80;
}

static size_t after_quoted(const uint8_t *bytes, size_t length, size_t at)
{
    uint8_t quote = bytes[at++];
    while (at < length && bytes[at] != quote && (quote == '`' || bytes[at] != '\n')) at += bytes[at] == '\\' ? 2 : 1;
    return at < length ? at + 1 : length;
}

/* The units in the text, each inner one before the one it is in. */
static void find_units(struct units *units, const uint8_t *bytes, size_t length)
{
    static const char open[] = "([{", close[] = ")]}";
    struct {
        size_t begin, statement;
    } stack[DEEPEST] = {{0, 0}};
    size_t depth = 0, begin;
    for (size_t at = 0; at < length;) {
        const char *opens = bytes[at] ? strchr(open, bytes[at]) : NULL,
                   *closes = bytes[at] ? strchr(close, bytes[at]) : NULL;
        begin = at;
        if (in_word(bytes[at])) {
            while (at < length && in_word(bytes[at])) at++;
            add(units, isdigit(bytes[begin]) ? UNIT_NUMBER : UNIT_WORD, begin, at);
        } else if (bytes[at] == '"' || bytes[at] == '`') {
            at = after_quoted(bytes, length, at);
            add(units, UNIT_TEXT, begin, at);
        } else if (bytes[at] == '/' && at + 1 < length && bytes[at + 1] == '/') {
            while (at < length && bytes[at] != '\n') at++;
        } else {
            at++;
            if (opens && depth + 1 < DEEPEST) {
                stack[++depth].begin = begin;
                stack[depth].statement = at;
            } else if (closes && depth > 0) {
                size_t from = stack[depth--].begin;
                add(units, (enum unit_kind)(UNIT_ROUND + (closes - close)), from, at);
                if (*closes != '}') continue;
                add(units, UNIT_STATEMENT, stack[depth].statement, at);
                stack[depth].statement = at;
            } else if (bytes[begin] == ';') {
                add(units, UNIT_STATEMENT, stack[depth].statement, at);
                stack[depth].statement = at;
            }
        }
    }
}

static const struct unit *any_of(const struct units *units, enum unit_kind kind, uint32_t *seed)
{
    size_t start = fuzz_random(seed, (uint32_t)units->count);
    for (size_t i = 0; i < units->count; i++)
        if (units->of[(start + i) % units->count].kind == kind) return &units->of[(start + i) % units->count];
    return NULL;
}

/* bytes[begin, end) becomes the `with` bytes, which are not of `bytes`. The length, or 0 where there is no room. */
static size_t replaced(uint8_t *bytes, size_t length, size_t room, struct unit what, const uint8_t *with, size_t count)
{
    size_t after = length - (what.end - what.begin) + count;
    if (after > room || after == 0) return 0;
    memmove(bytes + what.begin + count, bytes + what.end, length - what.end);
    if (count) memcpy(bytes + what.begin, with, count);
    return after;
}

static size_t change_unit(uint8_t *bytes, size_t length, size_t room, const struct units *units, uint32_t *seed)
{
    const struct unit *one = any_of(units, (enum unit_kind)fuzz_random(seed, UNIT_KINDS), seed);
    const struct unit *other = one ? any_of(units, one->kind, seed) : NULL;
    if (!one) return 0;
    uint32_t how = fuzz_random(seed, 4);
    struct unit at = *one;
    if (how == 0 && one->kind >= UNIT_ROUND) return replaced(bytes, length, room, at, NULL, 0); /* taken out */
    if (how == 1) other = one, at.begin = at.end;                                               /* doubled */
    size_t count = other->end - other->begin;
    uint8_t *copy = malloc(count);
    MUST(copy);
    memcpy(copy, bytes + other->begin, count);
    size_t after = replaced(bytes, length, room, at, copy, count);
    free(copy);
    return after;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room, unsigned seed_given)
{
    static struct units units;
    uint32_t seed = seed_given;
    if (fuzz_random(&seed, 3) == 0) return LLVMFuzzerMutate(bytes, length, room);
    for (uint32_t rounds = 1 + fuzz_random(&seed, 3); rounds > 0; rounds--) {
        units.count = 0;
        find_units(&units, bytes, length);
        size_t after = units.count ? change_unit(bytes, length, room, &units, &seed) : 0;
        if (!after) return LLVMFuzzerMutate(bytes, length, room);
        length = after;
    }
    return length;
}
