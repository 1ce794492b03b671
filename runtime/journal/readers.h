/* runtime/journal/readers.h - STATE/readers: how far those who read the journal have come.
 *
 * A file per reader, under its name, with the number of the last batch that it needs no more. While it is there,
 * batches after that stay, and a snapshot from which they can be replayed (snapshots.h). gcxvm removes the file of a
 * reader that has said nothing for too long, or for which there is no room: it has lost its place, and learns so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { READERS_MAX = 32, READER_NAME = 64 };

struct readers_row {
    char name[READER_NAME];
    uint64_t batch;
    uint64_t silent_us; /* time since the reader last said how far it has come */
};

/* Lists the readers, in no order; `wall_us`: now. */
size_t readers_list(const char *state, uint64_t wall_us, struct readers_row rows[READERS_MAX]);
/* Returns the least batch of all readers, and the reader that has it; UINT64_MAX: there are no readers. 0 and no name:
 * the folder STATE/readers cannot be read. */
uint64_t readers_least(const char *state, struct readers_row *whose);
/* Ends the place of those who have been silent so long; returns how many, and puts them first in `rows`. */
size_t readers_end_silent(const char *state, uint64_t wall_us, uint64_t silent_us,
                          struct readers_row rows[READERS_MAX]);

/* Called by a reader: takes its place, says that it has come further, gives its place up. False: the file cannot be
 * written, or READERS_MAX other readers have places; in readers_say, ERROR_STATE: the reader has lost its place. */
bool readers_begin(const char *state, const char *name, uint64_t batch, struct error *);
bool readers_say(const char *state, const char *name, uint64_t batch, struct error *);
void readers_end(const char *state, const char *name);
/* From now on the place is given up, too, when SIGHUP, SIGTERM or SIGPIPE ends this process. One place a process. */
void readers_end_with_process(const char *state, const char *name);
