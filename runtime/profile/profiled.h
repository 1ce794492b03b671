/* runtime/profile/profiled.h - A profile in the forms for people and flame graphs: its rows added up by line of
 * source, and as stacks of calls. gcxc profile and gcxctl profile use it to print profiles.
 *
 * Owns nothing: the rows belong to others; the caller frees the lines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vm/profile.h"

const char *profile_word(unsigned count);                /* the word for a count, such as "instructions"; NULL: there
                                                          * is none */
bool profile_counted(const char *word, unsigned *count); /* finds the count with that word; false: there is none */

/* The name of a count as a member of JSON, with its unit. */
static inline const char *profile_member(unsigned count)
{
    static const char *const members[] = {
#define PROFILED(name, doc) #name,
#include "vm/profiled.def"
    };
    return count == PROFILE_waited ? "waited_us" : members[count];
}

struct profile_line { /* a line of source, or a function if the image has no lines for it */
    struct text file, function;
    uint32_t line, place, image;
    uint64_t counts[PROFILE_COUNTS];
};
/* Adds the rows up by image, file and line; the caller frees the result. */
struct profile_line *profile_lines_make(const struct profile_row *, uint32_t rows, uint32_t *count);

struct profile_telling {
    unsigned by;       /* the count by which lines are sorted and stacks are weighted */
    uint64_t most;     /* at most so many lines are written; 0: the usual number */
    uint64_t left_out; /* instructions and waits that no row has */
    /* Writes more text after a line; may be NULL. */
    void (*more)(void *self, FILE *out, const struct profile_line *);
    void *self;
};
/* Sorts the array of lines by the count `by`, the greatest first, and writes a table of its first `most` lines. */
void profile_tell_lines(const struct profile_telling *, struct profile_line *, uint32_t count, FILE *out);
/* Writes the stacks of calls, one in a line with its count, sorted by their text. */
void profile_tell_stacks(const struct profile_row *, uint32_t rows, unsigned by, FILE *out);
/* Writes a tracefile for lcov with the lines, which are still sorted as profile_lines_make() has left them; gcxc
 * graph colours a drawing by it. Times of waiting are in seconds. */
void profile_tell_lcov(const struct profile_line *, uint32_t count, unsigned by, FILE *out);
