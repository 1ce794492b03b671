/* runtime/records/sink.h - The sink of rows: a SQLite database, a PostgreSQL database, or a file of JSON lines.
 *
 * A sink knows for each journal how far its rows are written. It writes rows and position together or not at all, so
 * that a writer that was killed goes on exactly where it was. */
#pragma once

#include <stdbool.h>

#include "runtime/records/table.h"
#include "base/error.h"

enum { JOURNAL_HASH = 64 }; /* hex digits of a batch's hash */

struct sink_position {
    char first[JOURNAL_HASH + 1]; /* hash of the journal's first batch: which journal it is */
    unsigned partition;
    int64_t journal;             /* its number among those that the sink knows, from 1 */
    uint64_t batch;              /* rows up to this one are written; 0: none */
    char hash[JOURNAL_HASH + 1]; /* hash of that batch */
};

struct sink;

/* `target`: "sqlite:FILE", "jsonl:FILE", or libpq's connection string ("postgresql://...", "host=... dbname=...").
 * Makes or migrates the tables. NULL with the reason; a database of a later version is refused. */
struct sink *sink_open(const char *target, struct error *);
void sink_close(struct sink *); /* what was put and not committed is not written; NULL is allowed */

/* Finds how far the rows of this journal are written: fills in journal, batch and hash by first and partition. */
bool sink_begin(struct sink *, struct sink_position *, struct error *);
/* Puts a row, which readers see only after the next commit. If this or sink_commit() fails with ERROR_TIMEOUT, the
 * database is locked or cannot be reached now: nothing is lost, and the same call is made again later; after another
 * failure the sink is closed. */
bool sink_put(struct sink *, const struct record_row *, struct error *);
/* Writes all rows put since the last commit, and with them the position, whose batch and hash are newer. */
bool sink_commit(struct sink *, const struct sink_position *, struct error *);
