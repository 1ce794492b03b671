/* runtime/daemon/directory.h - The directory: who works here, what they can, where calls arrive; from a file of SQL.
 *
 * The file is run in an empty database in memory; what its tables then hold becomes DirectoryRow events closed by a
 * DirectoryCommit, so that the core always sees a whole directory or the one before. Complaints name table and row. */
#ifndef DAEMON_DIRECTORY_H
#define DAEMON_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "vm/error.h"

struct directory;

enum { DIRECTORY_ROWS_MAX = 2000000, DIRECTORY_SECONDS_MAX = 60 };

/* NULL with the reason: the file's line, or table and row. */
struct directory *directory_read(const char *file, struct error *);
void directory_free(struct directory *);

size_t directory_count(const struct directory *); /* rows in all */

/* A routing point and its strategy; false past the last. Borrowed. */
struct directory_point {
    const char *dn, *strategy;
};
bool directory_point(const struct directory *, size_t index, struct directory_point *);

/* Hands over the events, the commit last, without source and seq; each frame is valid during the call. */
void directory_events(const struct directory *, uint64_t version, void (*event)(void *self, struct span frame),
                      void *self);

#endif
