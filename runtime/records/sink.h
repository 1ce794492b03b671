/* runtime/records/sink.h - The sink of rows: an SQLite database, a PostgreSQL database, a file of JSON lines, or
 * a web server that gets each row.
 *
 * A sink knows for each journal how far its rows are written. A sink writes rows and position together or not at all,
 * so that a writer that was killed continues exactly where it was. */
#pragma once

#include <stdbool.h>

#include "runtime/records/table.h"
#include "base/error.h"

enum { JOURNAL_HASH = 64 }; /* hexadecimal digits of a batch's hash */

struct sink_position {
    char first[JOURNAL_HASH + 1]; /* hash of the journal's first batch, which identifies the journal */
    unsigned partition;
    int64_t journal;             /* the journal's number in the sink, from 1 */
    uint64_t batch;              /* the last batch whose rows are written; 0: none */
    char hash[JOURNAL_HASH + 1]; /* hash of that batch */
};

struct sink;

/* Opens the sink: `target` is "sqlite:FILE", "jsonl:FILE", "hook:FILE", or libpq's connection string. Creates the
 * tables or brings them to this version. NULL with the reason; a database of a later version is refused. */
struct sink *sink_open(const char *target, struct error *);
void sink_close(struct sink *); /* rows added and not committed are lost; NULL is allowed */

/* Finds how far the rows of this journal are written: fills in journal, batch and hash by first and partition. */
bool sink_begin(struct sink *, struct sink_position *, struct error *);
bool sink_tells(const struct sink *); /* does it take rows of events.def, too? */
/* Adds a row, which readers see only after the next commit. If this or sink_commit() fails with ERROR_TIMEOUT, the
 * database is locked or cannot be reached now: nothing is lost, and the same call must be made again later; after
 * any other failure the sink must be closed. */
bool sink_put(struct sink *, const struct record_row *, struct error *);
/* Writes all rows added since the last commit, and with them the position, whose batch and hash are those of the
 * newest rows. */
bool sink_commit(struct sink *, const struct sink_position *, struct error *);
