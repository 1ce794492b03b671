/* runtime/debugger/retold.h - An interaction of a journal as the lines of a test.
 *
 * The test says everything that came from outside: the arrival with its data, agents as they stood and as they changed,
 * what was keyed, what sources answered, when the caller hung up. The test expects everything that the strategy did
 * with it. Other interactions are in it only as the states of the agents whom they took. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct past;
struct image;

struct retold {
    char *lines;   /* the lines of the test, without its head and its end */
    char *lacks;   /* what no test can say, as comments in these lines' form; "" */
    char **wanted; /* expectations, without the word `expect`; the interaction's end is the first */
    size_t wanted_count;
    char strategy[260];
    const struct image *image; /* the image on which the strategy ran */
};

/* Reads an interaction from the journal. False with the reason: no test can tell of such an interaction; nothing is to
 * be freed then. */
bool retold_read(struct past *, uint64_t interaction, struct retold *, char *why, size_t size);
void retold_free(struct retold *);
