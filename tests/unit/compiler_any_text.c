/* tests/unit/compiler_any_text.c - Whatever stands in a source, the front end gives diagnostics and comes to an end. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/compilation.h"
#include "tests/unit/drawn.h"

enum { ROUNDS = 6, LARGEST = 64 * 1024 };

static uint64_t next(uint64_t *state) /* xorshift64* (Vigna) */
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static char draft[] = "/tmp/compiler_any_text.XXXXXX";
static char site[4096];

static void begin(void)
{
    const char *top = getenv("top_srcdir");
    snprintf(site, sizeof site, "%s/tests/language/site.gcx", top ? top : "..");
    int file = mkstemp(draft);
    cr_assert_geq(file, 0);
    close(file);
}

static void end(void)
{
    unlink(draft);
}

/* Compiles a text with the goldens' site, to the very image; what is said of it is made, but goes nowhere. */
static size_t compile_text(const char *text, size_t length)
{
    FILE *file = fopen(draft, "wb");
    cr_assert(file && fwrite(text, 1, length, file) == length && fclose(file) == 0);
    const char *path = draft;
    struct compile_options how = {.site = site};
    struct compilation *compilation = compiler_compile(&path, 1, &how);
    char *said = NULL;
    size_t said_length, image_length;
    FILE *out = open_memstream(&said, &said_length);
    size_t errors = compilation_print(compilation, out);
    fclose(out);
    free(said);
    cr_assert((errors == 0) == (compilation_image(compilation, &image_length) != NULL));
    compilation_free(compilation);
    return errors;
}

static size_t read_file(const char *path, char *text)
{
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    size_t length = fread(text, 1, LARGEST, file);
    fclose(file);
    return length;
}

static const char *const pieces[] = {
    "{",          "}",  "(",   ")", ";", "\"", "`",  "{x}", "else", "strategy",
    "\n",         "..", "?.",  "[", "]", ":",  "->", "\\",  "\xc3", "select in vq service {",
    "9999999999", "1h", "test"};

/* The word or sign at or behind `at`: [*begin, returned end). */
static size_t word_at(const char *text, size_t length, size_t at, size_t *begin)
{
    while (at < length && isspace((unsigned char)text[at])) at++;
    while (at > 0 && isalnum((unsigned char)text[at - 1])) at--;
    *begin = at;
    size_t end = at;
    while (end < length && isalnum((unsigned char)text[end])) end++;
    return end > at ? end : at + (at < length);
}

/* Puts a word of the text in the place of another: what is left is often still well-formed, but means something
 * else. */
static size_t replace_word(char *text, size_t length, uint64_t *random)
{
    char word[64];
    size_t from, to, from_end = word_at(text, length, next(random) % length, &from), count = from_end - from;
    if (count > sizeof word || length + count > LARGEST) return length;
    memcpy(word, text + from, count);
    size_t to_end = word_at(text, length, next(random) % length, &to);
    memmove(text + to + count, text + to_end, length - to_end);
    memcpy(text + to, word, count);
    return length - (to_end - to) + count;
}

/* Cuts, doubles, flips and inserts a few pieces. */
static size_t spoil(char *text, size_t length, uint64_t *random)
{
    size_t changes = 1 + next(random) % 4;
    for (size_t i = 0; i < changes && length > 0; i++) {
        size_t at = next(random) % length, count = next(random) % 24;
        if (count > length - at) count = length - at;
        const char *piece = pieces[next(random) % (sizeof pieces / sizeof *pieces)];
        size_t room = strlen(piece);
        switch (next(random) % 4) {
        case 0: /* cut */
            memmove(text + at, text + at + count, length - at - count);
            length -= count;
            break;
        case 1: /* double */
            if (length + count > LARGEST) break;
            memmove(text + at + count, text + at, length - at);
            length += count;
            break;
        case 2:
            text[at] = (char)next(random);
            break;
        default: /* insert */
            if (length + room > LARGEST) break;
            memmove(text + at + room, text + at, length - at);
            memcpy(text + at, piece, room);
            length += room;
        }
    }
    return length;
}

TestSuite(compiler_any_text, .init = begin, .fini = end);

Test(compiler_any_text, spoiled_sources_give_diagnostics, .timeout = 120)
{
    const char *top = getenv("top_srcdir"), *rounds = getenv("ROUNDS");
    char pattern[4096];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/tests/language/*.gcx", top ? top : "..");
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0, "no sources under %s", pattern);
    uint64_t random = 20260302 + drawn_from();
    long wanted = rounds ? atol(rounds) : ROUNDS;
    char *text = malloc(LARGEST);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        for (long round = 0; round < wanted; round++) {
            size_t length = read_file(found.gl_pathv[i], text);
            if (round % 2 == 0)
                length = spoil(text, length, &random);
            else if (length > 0)
                length = replace_word(text, length, &random);
            compile_text(text, length);
        }
    }
    free(text);
    globfree(&found);
}

Test(compiler_any_text, bytes_that_mean_nothing_give_diagnostics, .timeout = 60)
{
    uint64_t random = 7 + drawn_from();
    char text[400];
    for (int round = 0; round < 1000; round++) {
        for (size_t i = 0; i < sizeof text; i++) text[i] = (char)(next(&random) % 96 + 32);
        cr_assert_gt(compile_text(text, sizeof text), 0);
    }
}

Test(compiler_any_text, deep_nesting_is_refused, .timeout = 20)
{
    static const char *const openers[] = {"(", "[", "-", "not ", "if x { ", "\"{", "f(", "a[", "x?.y(", "[1:"};
    char *text = malloc(LARGEST);
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        size_t length = (size_t)snprintf(text, LARGEST, "function f() { ");
        while (length + 10 < LARGEST) length += (size_t)snprintf(text + length, LARGEST - length, "%s", openers[i]);
        cr_assert_gt(compile_text(text, length), 0, "%s", openers[i]);
    }
    free(text);
}

/* A text of one piece over and over, each with its number, between a beginning and an end. */
struct large {
    const char *begin, *piece, *end;
    int count;
};

#define STRATEGY "strategy s on voice { attached { n: int?; } "

/* Each of them once took minutes: work grows with the text, not with its square. */
Test(compiler_any_text, large_sources_take_no_longer_than_their_size, .timeout = 60)
{
    static const struct large all[] = {
        {"/// a\n", "/// doc %d\n", "const a = 1;", 40000},
        {STRATEGY "segment ani { \"", "%06d", "\" -> {} else -> {} } route queue desk; }", 40000},
        {STRATEGY "segment ani { ", "\"%d\" -> {} ", "else -> {} } route queue desk; }", 20000},
        {STRATEGY, "priority += ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab.ab%d; ", "}", 3000},
        {STRATEGY "delay 1s", " timeout %ds", "; route queue desk; }", 20000},
        {STRATEGY "let m = [\"\": 0", ", \"key %d\": 1", "]; priority += m.count; route queue desk; }", 20000},
        {STRATEGY "let w = select in vq service { ", "skill Sales >= %d; ",
         "} timeout 1m else stop \"\"; route w else stop \"\"; }", 10000},
        {"const a = \"0123456789\"; ", "const a%d = \"{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}\"; ", "", 3000},
        {"", "strategy s%d on voice { route queue desk; } ", "", 4000},
        {"", "const a_long_name_%d = a_lnog_name; ", "", 10000},
        {"site { vq service; queue desk; skill a", ", s%d", "; } " STRATEGY "route queue desk; }", 20000},
        {STRATEGY, "ivr.say(\"a longer text number %d\"); ", "route queue desk; }", 10000},
        {STRATEGY "route queue desk; } ", "test \"%d\" { call s; expect m == 3; } ", "", 20000},
    };
    enum { ROOM = 1024 * 1024 };
    char *text = malloc(ROOM);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        size_t length = (size_t)snprintf(text, ROOM, "%s", all[i].begin);
        for (int j = 0; j < all[i].count; j++) {
            char number[16];
            const char *hole = strchr(all[i].piece, '%'), *rest = hole + strspn(hole, "%06") + 1;
            snprintf(number, sizeof number, "%06d", j);
            length += (size_t)snprintf(text + length, ROOM - length, "%.*s%s%s", (int)(hole - all[i].piece),
                                       all[i].piece, number, rest);
            cr_assert_lt(length, ROOM, "%s", all[i].piece);
        }
        length += (size_t)snprintf(text + length, ROOM - length, "%s", all[i].end);
        compile_text(text, length);
    }
    free(text);
}

Test(compiler_any_text, an_empty_text_is_a_program)
{
    cr_assert_eq(compile_text("", 0), 0);
    cr_assert_eq(compile_text("// nothing\n", 11), 0);
}
