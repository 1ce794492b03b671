/* runtime/sources/source.h - The data sources that `query` asks, by name: a worker thread and a queue each.
 *
 * The core's effect Query goes in, the event EventDone comes out: rows typed as the strategy's record demands, or an
 * error whose text names the source and the reason. Codes, which are the step's exits: unavailable (no such source,
 * database missing, locked, too many waiting), refused (the statement is not accepted), bad_row (a column missing, of
 * another type, NULL), too_large; outcome timeout where the time given has passed. */
#ifndef SOURCES_SOURCE_H
#define SOURCES_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/message.h"
#include "vm/error.h"

struct sources;

enum { SOURCE_HASH = 32, SOURCE_COLUMNS_MAX = 64 };

struct source_options {
    const char *name;
    const char *type;     /* "sqlite" */
    const char *database; /* its file */
    bool write;
    uint64_t timeout_us; /* where the query has none */
    uint64_t busy_us;    /* how long a lock is waited for */
    uint32_t rows_max, bytes_max, waiting_max;
};

/* What a column must be. Moments and durations are kept as whole seconds. */
enum source_type { SOURCE_ANY, SOURCE_INT, SOURCE_TEXT, SOURCE_BOOL, SOURCE_TIME, SOURCE_DURATION, SOURCE_FLOAT };

struct source_column {
    const char *name; /* "": the only one, whatever its name */
    enum source_type type;
    bool optional;
};

/* A statement of a loaded program, known by the hash of its text. Its parameters are `?`. */
struct source_statement {
    uint8_t hash[SOURCE_HASH];
    const char *text;
    const struct source_column *columns;
    size_t column_count; /* 0: nothing is read; the answer is the number of rows changed, in `value` */
};

struct source_row { /* for status */
    const char *name, *type, *database;
    uint64_t queries, errors, waiting;
};

/* `done` gets the EventDone frame without source and seq, valid during the call, from any thread, even from within
 * sources_query(). */
struct sources *sources_new(void (*done)(void *self, struct span frame), void *self);
/* Ends the workers: waits for what runs (interrupted), forgets what waits. */
void sources_free(struct sources *);

/* Starts its worker. The database is opened by the first query, and again when it was replaced. */
bool sources_add(struct sources *, const struct source_options *, struct error *);
/* Copies. The same text demanded with other columns is answered untyped: the core types it then. */
void sources_statement(struct sources *, const struct source_statement *);

/* From any thread. Exactly one `done` for every query that is not cancelled. */
void sources_query(struct sources *, const struct message *query);
void sources_cancel(struct sources *, uint64_t ixn, uint64_t ref);

bool sources_read(struct sources *, size_t index, struct source_row *); /* false past the last */

#endif
