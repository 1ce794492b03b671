/* runtime/sources/source.h - The data sources that `query` asks, by name: SQLite (sqlite.c, on a worker thread each),
 * PostgreSQL (postgres.c, in the caller's event loop), and whatever has a driver for ODBC (odbc.c, on threads).
 *
 * The core's effect Query goes in, the event EventDone comes out: rows typed as the strategy's record demands, or an
 * error whose text names the source and the reason. Codes, which are the step's exits: unavailable (no such source,
 * database missing, locked, too many waiting), refused (the statement is not accepted), bad_row (a column missing, of
 * another type, NULL), too_large, outcome_unknown (a write whose connection was lost); outcome timeout where the time
 * given has passed. */
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

struct source_options { /* options.def says what they are */
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
    const char *name; /* "": the only column, whatever its name */
    enum source_type type;
    bool optional;
    bool secret; /* true: its values are shown nowhere */
};

/* A statement of a loaded program, known by the hash of its text and columns. Its parameters are ?1, ?2 or $1, $2 by
 * its source. */
struct source_statement {
    uint8_t hash[SOURCE_HASH];
    const char *text;
    const struct source_column *columns;
    size_t column_count; /* 0: the statement reads nothing; the answer is the number of rows changed, in `value` */
};

struct source_row { /* a source, as the status shows it */
    const char *name, *type;
    const char *database; /* the file, or the connection string */
    uint64_t queries, errors, waiting;
    /* PostgreSQL only */
    uint64_t waiting_bytes, in_flight, connections, connected, lost, cancelled,
        opened;        /* opened: how often the circuit opened */
    bool open;         /* true: queries are refused at once; other kinds: the last query found no database */
    char trouble[160]; /* why the last connection could not be made or was lost; "": none since one was made */
};

struct sources_options {
    struct event_base *base; /* the event loop of PostgreSQL sources; NULL: there are none */
    /* Gets the EventDone frame without source and seq, valid during the call, from any thread, even from within
     * sources_query(). */
    void (*done)(void *self, struct span frame);
    /* Tells an operator about a source's connections: NULL, or called on the loop's thread. */
    void (*note)(void *self, const char *source, bool good, const char *text);
    void *self;
};

struct sources *sources_new(const struct sources_options *);
/* Interrupts the queries that run on workers and waits for their end; forgets those that wait. On the loop's thread. */
void sources_free(struct sources *);

/* Are these the options of a source? Opens no file and asks no server. */
bool source_check(const struct source_options *, struct error *);
/* May statements of the source write? True, too, where they call functions of a library, which may do anything. */
bool source_may_write(const struct source_options *);
/* Would the database take the statement? A file is opened and the statement prepared, not run; of a server nothing is
 * known. False: ERROR_UNAVAILABLE where the database is not there. */
bool source_tries(const struct source_options *, const char *statement, struct error *);
/* Adds a source. From now on a worker opens its file, looks at it from time to time, and opens it again if it was
 * replaced; or its server is connected to. On the loop's thread. */
bool sources_add(struct sources *, const struct source_options *, struct error *);
/* Adds a statement, which is copied. The same text demanded with other columns is answered untyped: the core types it
 * then. */
void sources_statement(struct sources *, const struct source_statement *);

/* Takes a query or cancels one, from any thread. Exactly one `done` comes for every query that is not cancelled. */
void sources_query(struct sources *, const struct message *query);
void sources_cancel(struct sources *, uint64_t ixn, uint64_t ref);

bool sources_read(struct sources *, size_t index, struct source_row *); /* false past the last */
