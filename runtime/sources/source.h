/* runtime/sources/source.h - The data sources that `query` asks, by name: SQLite (sqlite.c, on a worker thread
 * each), PostgreSQL (postgres.c, in the caller's event loop), and every database that has a driver for ODBC (odbc.c,
 * on threads).
 *
 * The core's effect Query is the input, the event EventDone the output: rows with the types that the strategy's
 * record demands, or an error whose text names the source and the reason. The error codes are the step's exits:
 * unavailable (no such source, database missing, locked, too many queries waiting), refused (the statement is not
 * accepted), bad_row (a column is missing, of another type, or NULL), too_large, outcome_unknown (a write whose
 * connection was lost); the outcome is timeout if the given time has passed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/message.h"
#include "base/error.h"

struct event_base;
struct sources;

enum { SOURCE_HASH = 32, SOURCE_COLUMNS_MAX = 64 };

struct source_options { /* the options are described in options.def */
    const char *name;
#define SOURCE_KIND(key, operations, example) const char *key;
#define SOURCE_TEXT(key)                      const char *key;
#define SOURCE_TRUTH(key)                     bool key;
#define SOURCE_NUMBER(field, key)             uint32_t field;
#define SOURCE_TIME(field, key)               uint64_t field;
#include "runtime/sources/options.def"
};

/* The type that a column must have. Moments and durations are kept as whole seconds. */
enum source_type { SOURCE_ANY, SOURCE_INT, SOURCE_TEXT, SOURCE_BOOL, SOURCE_TIME, SOURCE_DURATION, SOURCE_FLOAT };

struct source_column {
    const char *name; /* "": the result's only column, whatever its name is */
    enum source_type type;
    bool optional;
    bool secret; /* true: the column's values are never shown */
};

/* A statement of a loaded program, known by the hash of its text and columns. Parameters are written ?1, ?2 or $1,
 * $2, by the kind of its source. */
struct source_statement {
    uint8_t hash[SOURCE_HASH];
    const char *text;
    const struct source_column *columns;
    size_t column_count; /* 0: the statement reads nothing; the answer has the number of changed rows in `value` */
};

struct source_row { /* a source as the status command shows it */
    const char *name, *type;
    const char *database; /* the path of the file, or the connection string */
    uint64_t queries, errors, waiting;
    /* PostgreSQL only */
    uint64_t waiting_bytes, in_flight, connections, connected, lost, cancelled,
        opened;        /* opened: how often the circuit has opened */
    bool open;         /* true: queries are refused at once; other kinds: no database at the last query */
    char trouble[320]; /* why the last connection failed or was lost; "": no fault since it was made */
};

struct sources_options {
    struct event_base *base; /* the event loop for PostgreSQL sources; NULL: there are none */
    /* Gets the EventDone frame without source and seq, valid during the call; it is called from any thread, even
     * from within sources_query(). */
    void (*done)(void *self, struct span frame);
    /* NULL, or called on the loop's thread to report the state of a source's connections to an operator. */
    void (*note)(void *self, const char *source, bool good, const char *text);
    void *self;
};

struct sources *sources_new(const struct sources_options *);
/* Interrupts the queries that run on workers and waits for their end; waiting queries are dropped. On the loop's
 * thread. */
void sources_free(struct sources *);

/* Are these options valid for a source? No file is opened and no server is asked. */
bool source_check(const struct source_options *, struct error *);
/* May statements of the source change data? True, too, for a source that calls functions of a library, since these
 * may do anything. */
bool source_may_write(const struct source_options *);
/* Would the database accept the statement? A file is opened and the statement prepared but not run; a server is not
 * asked. False with ERROR_UNAVAILABLE: the database is not there. */
bool source_tries(const struct source_options *, const char *statement, struct error *);
/* Adds a source. Starts the source: a worker opens its file, checks it from time to time and reopens it when it was
 * replaced; or connections to its server are made. On the loop's thread. */
bool sources_add(struct sources *, const struct source_options *, struct error *);
/* Adds a copy of a statement. If the same text was added with other columns, its answers are untyped and the core
 * converts the values. */
void sources_statement(struct sources *, const struct source_statement *);

/* Takes a query or cancels one, from any thread. Each query gets exactly one EventDone, unless it is cancelled. */
void sources_query(struct sources *, const struct message *query);
void sources_cancel(struct sources *, uint64_t ixn, uint64_t ref);

bool sources_read(struct sources *, size_t index, struct source_row *); /* false past the last */
