/* runtime/profile/profiled.h - A profile as people and flame graphs have it: its rows added up by line of source,
 * and as stacks of calls. gcxc profile and gcxctl profile tell theirs by it.
 *
 * Owns nothing: rows are borrowed; lines are the caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vm/profile.h"

const char *profile_word(unsigned count);                /* "instructions"; NULL past the last */
bool profile_counted(const char *word, unsigned *count); /* the count of that word; false: there is none */

/* The name of a count as a member in JSON, with its unit. */
static inline const char *profile_member(unsigned count)
{
    static const char *const members[] = {
#define PROFILED(name, doc) #name,
#include "vm/profiled.def"
    };
    return count == PROFILE_waited ? "waited_us" : members[count];
}

struct profile_line { /* a line of a source, or a function whose lines the image does not say */
    struct text file, function;
    uint32_t line, place, image;
    uint64_t counts[PROFILE_COUNTS];
};
/* Adds the rows up by image, file and line; malloc'ed. */
struct profile_line *profile_lines_make(const struct profile_row *, uint32_t rows, uint32_t *count);

struct profile_telling {
    unsigned by;       /* the count that orders lines and weighs stacks */
    uint64_t most;     /* lines that are written at most; 0: the usual number */
    uint64_t left_out; /* instructions and waits without a row */
    /* Writes something more behind a line. */
    void (*more)(void *self, FILE *out, const struct profile_line *);
    void *self;
};
/* Sorts the array of lines by the count `by`, the greatest first, and writes a table of its first `most` lines. */
void profile_tell_lines(const struct profile_telling *, struct profile_line *, uint32_t count, FILE *out);
/* Writes the stacks of calls, a line each with its count, in the order of their text. */
void profile_tell_stacks(const struct profile_row *, uint32_t rows, unsigned by, FILE *out);
/* A tracefile of lcov's with the lines, which are in the order of their making: gcxc graph colours a drawing by it.
 * Waiting is told in seconds. */
void profile_tell_lcov(const struct profile_line *, uint32_t count, unsigned by, FILE *out);
