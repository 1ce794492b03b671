/* tests/fuzz/lines.c - The mutator of scripts of lines (fuzz_cti.c, fuzz_admin.c): whole lines move, and of a line of
 * JSON one member becomes something else, so that most of what it makes is still read. */
#include "config.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { LINES_MAX = 400 };

struct line {
    const uint8_t *bytes;
    size_t length;
};

static size_t split(const uint8_t *bytes, size_t length, struct line lines[LINES_MAX])
{
    const uint8_t *end = bytes + length;
    size_t count = 0;
    while (bytes < end && count < LINES_MAX) {
        const uint8_t *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        if (!stop) stop = end;
        lines[count++] = (struct line){bytes, (size_t)(stop - bytes)};
        bytes = stop < end ? stop + 1 : end;
    }
    return count;
}

static void write_json(FILE *out, struct line line, uint32_t *seed)
{
    const uint8_t *brace = memchr(line.bytes, '{', line.length);
    size_t before = brace ? (size_t)(brace - line.bytes) : line.length;
    json_t *object = json_loadb((const char *)line.bytes + before, line.length - before, 0, NULL);
    if (json_is_object(object)) {
        fuzz_json(object, seed);
        fwrite(line.bytes, 1, before, out);
        json_dumpf(object, out, JSON_COMPACT);
    } else {
        fwrite(line.bytes, 1, line.length, out);
    }
    json_decref(object);
}

static void write_altered(FILE *out, struct line line)
{
    uint8_t *copy = malloc(2 * line.length + 64);
    if (!copy) abort();
    memcpy(copy, line.bytes, line.length);
    size_t length = LLVMFuzzerMutate(copy, line.length, 2 * line.length + 64);
    fwrite(copy, 1, length, out);
    free(copy);
}

/* With something behind one of its quotes that is no text, or no JSON. */
static void write_spoiled(FILE *out, struct line line, uint32_t *seed)
{
    static const char *const pieces[] = {"\\u0000",
                                         "\\ud800",
                                         "\\udfff",
                                         "\xff",
                                         "\xc3",
                                         "\xed\xa0\x80",
                                         "\x01",
                                         "\\",
                                         "[[[[",
                                         "1e999",
                                         "99999999999999999999",
                                         "\"",
                                         ","};
    size_t quotes = 0, at = 0;
    for (size_t i = 0; i < line.length; i++) quotes += line.bytes[i] == '"';
    for (size_t left = quotes ? fuzz_random(seed, (uint32_t)quotes) + 1 : 0; left > 0; at++)
        left -= line.bytes[at] == '"';
    fwrite(line.bytes, 1, at, out);
    if (quotes && fuzz_random(seed, 8) == 0) putc(0, out);
    if (quotes) fputs(pieces[fuzz_random(seed, sizeof pieces / sizeof *pieces)], out);
    fwrite(line.bytes + at, 1, line.length - at, out);
}

static void write_new(FILE *out, uint32_t *seed)
{
    static const char *const steps[] = {"a", "n", "w1", "w5", "w60", "w200", "l",  "r",
                                        "d", "u", "g",  "c",  "o",   "U",    "p0", "p1"};
    if (fuzz_random(seed, 2)) {
        fputs(steps[fuzz_random(seed, sizeof steps / sizeof *steps)], out);
        return;
    }
    putc('k', out);
    for (uint32_t count = 2 + fuzz_random(seed, 24); count > 0; count--) {
        int byte = (int)fuzz_random(seed, fuzz_random(seed, 2) ? 256 : 16);
        putc(byte == '\n' ? 0 : byte, out);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room, unsigned seed_given)
{
    uint32_t seed = seed_given;
    struct line lines[LINES_MAX];
    size_t count = split(bytes, length, lines), made = 0;
    char *text = NULL;
    if (count == 0 || fuzz_random(&seed, 16) == 0) return LLVMFuzzerMutate(bytes, length, room);
    FILE *out = open_memstream(&text, &made);
    size_t at = fuzz_random(&seed, (uint32_t)count), other = fuzz_random(&seed, (uint32_t)count);
    uint32_t what = fuzz_random(&seed, 11);
    for (size_t i = 0; i < count; i++) {
        struct line line = lines[what == 0 && i == at ? other : what == 0 && i == other ? at : i];
        if (what == 1 && i == at) continue;
        if (what == 2 && i == at) fwrite(lines[other].bytes, 1, lines[other].length, out), putc('\n', out);
        if (what == 3 && i == at) write_new(out, &seed), putc('\n', out);
        if (what == 4 && i == at)
            write_altered(out, line);
        else if (what == 10 && i == at)
            write_spoiled(out, line, &seed);
        else if (what > 4 && what < 10 && (i == at || (what == 9 && i == other)))
            write_json(out, line, &seed);
        else
            fwrite(line.bytes, 1, line.length, out);
        putc('\n', out);
    }
    fclose(out);
    if (made > 0 && made <= room) memcpy(bytes, text, made);
    free(text);
    return made > 0 && made <= room ? made : LLVMFuzzerMutate(bytes, length, room);
}
