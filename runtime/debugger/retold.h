/* runtime/debugger/retold.h - An interaction of a journal as the lines of a test.
 *
 * The test contains everything that came from outside: the arrival with its data, the states of agents and their
 * changes, the digits entered, the answers of sources, when the caller hung up. The test expects everything that the
 * strategy then did. Other interactions appear only as states of the agents that served them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct past;
struct image;

struct retold {
    char *lines;   /* the lines of the test, without its head and its end */
    char *lacks;   /* what no test can express, as comment lines; "": nothing */
    char **wanted; /* expectations without the word `expect`; the first is how the interaction ended */
    size_t wanted_count;
    char strategy[260];
    const struct image *image; /* the image on which the strategy ran */
};

/* Reads an interaction from the journal. False with the reason: no test can describe such an interaction; nothing
 * has to be freed then. */
bool retold_read(struct past *, uint64_t interaction, struct retold *, char *why, size_t size);
void retold_free(struct retold *);
