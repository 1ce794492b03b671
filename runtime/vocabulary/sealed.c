/* runtime/vocabulary/sealed.c - Adds a checksum to each line of a file; the sum is FNV-1a: it finds accidental
 * damage, but anybody can compute it.
 *
 *     sealed<tab>2<tab>sum          how many lines follow
 *     first line<tab>sum            each line with the sum of its bytes
 *     second line<tab>sum
 *
 * The checksums are for small files of state that a crash or a bad disk may damage. A line with a wrong sum is left
 * out, the others still count, and `whole` says whether anything is missing. Files of versions without sums are read as
 * they are. */
#include "runtime/vocabulary/sealed.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { SEAL_LENGTH = 17 /* length of a sum: a tab and sixteen digits */, SEALED_MAX = 64 * 1024 * 1024 };
#define SEALED_HEAD "sealed\t"

static void seal_print(char seal[SEAL_LENGTH + 1], const char *line, size_t length)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) sum = (sum ^ (uint8_t)line[i]) * UINT64_C(0x100000001b3);
    snprintf(seal, SEAL_LENGTH + 1, "\t%016" PRIx64, sum);
}

static char *sealed_add(char *end, const char *line, size_t length)
{
    char seal[SEAL_LENGTH + 1];
    seal_print(seal, line, length);
    memcpy(end, line, length);
    memcpy(end + length, seal, SEAL_LENGTH);
    end[length + SEAL_LENGTH] = '\n';
    return end + length + SEAL_LENGTH + 1;
}

/* Returns the lines with their sums; `lines` end with line feeds. The caller frees the text. */
char *sealed_text(const char *lines)
{
    char head[64];
    size_t count = 0, length = strlen(lines);
    for (const char *at = lines; (at = strchr(at, '\n')); at++) count++;
    int begins = snprintf(head, sizeof head, SEALED_HEAD "%zu", count);
    char *text = memory_zeroed(length + (count + 1) * (SEAL_LENGTH + 1) + sizeof head, 1), *end;
    end = sealed_add(text, head, (size_t)begins);
    for (const char *line = lines, *feed; (feed = strchr(line, '\n')); line = feed + 1)
        end = sealed_add(end, line, (size_t)(feed - line));
    return text;
}

/* Returns the line's length without the sum; 0: it has no sum, or a wrong one. */
static size_t sealed_line(const char *line, size_t length)
{
    char seal[SEAL_LENGTH + 1];
    if (length <= SEAL_LENGTH) return 0;
    seal_print(seal, line, length - SEAL_LENGTH);
    return memcmp(line + length - SEAL_LENGTH, seal, SEAL_LENGTH) == 0 ? length - SEAL_LENGTH : 0;
}

static bool seal_is_head(const char *line)
{
    return strncmp(line, SEALED_HEAD, strlen(SEALED_HEAD)) == 0;
}

/* True: at least one line has a correct sum. */
static bool seal_is_there(const char *text)
{
    for (const char *line = text, *feed; (feed = strchr(line, '\n')); line = feed + 1)
        if (sealed_line(line, (size_t)(feed - line)) > 0) return true;
    return false;
}

/* Returns the length of a line of an earlier version, which is kept whole; 0: it is no such line, or ends with what
 * could be a sum. */
static size_t unsealed_line(const char *line, size_t length)
{
    const char *tab = memrchr(line, '\t', length);
    return tab && !seal_is_head(line) && (size_t)(line + length - tab) != SEAL_LENGTH ? length : 0;
}

/* Works in place: the good lines are moved to the beginning of the text. The number in the first line shows whether
 * the file was cut between two lines. */
bool sealed_open(char *text, size_t length)
{
    char *end = text;
    size_t said = 0, good = 0;
    bool sealed = seal_is_there(text), whole = length > 0 && strlen(text) == length && text[length - 1] == '\n';
    for (char *line = text, *feed; (feed = strchr(line, '\n')); line = feed + 1) {
        size_t all = (size_t)(feed - line), keeps = (sealed ? sealed_line : unsealed_line)(line, all);
        if (keeps == 0) whole = false;
        if (keeps > 0 && seal_is_head(line)) {
            said = strtoul(line + strlen(SEALED_HEAD), NULL, 10) + 1;
            continue;
        }
        good += keeps > 0;
        memmove(end, line, keeps);
        end += keeps;
        if (keeps > 0) *end++ = '\n';
    }
    *end = '\0';
    return whole && (!sealed || said == good + 1);
}

/* NULL with a reason if the file cannot be read at all. */
char *sealed_read(const char *path, bool *whole, const char **why)
{
    size_t length;
    char *text = file_read(path, SEALED_MAX, &length, why);
    *whole = text && sealed_open(text, length);
    return text;
}
