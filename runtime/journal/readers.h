/* runtime/journal/readers.h - STATE/readers: the programs that read the journal, and how far each has come.
 *
 * Each reader has a file of its name with the number of the last batch that it no longer needs. While the file
 * exists, later batches are kept, and a snapshot from which they can be replayed (snapshots.h). gcxvm removes the
 * file of a reader that has not reported for too long, or for which there is not enough disk space: the reader loses
 * its place, and notices that at its next report. */
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

/* Lists the readers, unsorted; `wall_us`: the present time. */
size_t readers_list(const char *state, uint64_t wall_us, struct readers_row rows[READERS_MAX]);
/* Returns the least batch of all readers, and the reader that has it; UINT64_MAX: there are no readers. 0 without a
 * name: the folder STATE/readers cannot be read. */
uint64_t readers_least(const char *state, struct readers_row *whose);
/* Removes the readers that have been silent for so long; returns how many, and lists them first in `rows`. */
size_t readers_end_silent(const char *state, uint64_t wall_us, uint64_t silent_us,
                          struct readers_row rows[READERS_MAX]);

/* Called by a reader: to begin, to report that it has come further, and to end. False: the file cannot be written,
 * or there are READERS_MAX other readers; in readers_say, ERROR_STATE: the reader has been removed. */
bool readers_begin(const char *state, const char *name, uint64_t batch, struct error *);
bool readers_say(const char *state, const char *name, uint64_t batch, struct error *);
void readers_end(const char *state, const char *name);
/* From now on the reader's file is also removed when SIGHUP, SIGTERM or SIGPIPE ends this process. One place a
 * process. */
void readers_end_with_process(const char *state, const char *name);
