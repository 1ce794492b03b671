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
    const char *name; /* "": the only one, whatever its name */
    enum source_type type;
    bool optional;
    bool secret; /* it is shown nowhere */
};

/* A statement of a loaded program, known by the hash of its text and columns. Its parameters are ?1, ?2 or $1, $2 by
 * its source. */
struct source_statement {
    uint8_t hash[SOURCE_HASH];
    const char *text;
    const struct source_column *columns;
    size_t column_count; /* 0: nothing is read; the answer is the number of rows changed, in `value` */
};

struct source_row { /* for status */
    const char *name, *type;
    const char *database; /* the file, or the connection string */
    uint64_t queries, errors, waiting;
    /* PostgreSQL only */
    uint64_t waiting_bytes, in_flight, connections, connected, lost, cancelled, opened; /* opened: times, the circuit */
    bool open;         /* queries are refused at once; of the other kinds: the last one found no database */
    char trouble[160]; /* why the last connection could not be made or was lost; "": none since one was made */
};

struct sources_options {
    struct event_base *base; /* the loop that PostgreSQL sources live in; NULL: there are none */
    /* Gets the EventDone frame without source and seq, valid during the call, from any thread, even from within
     * sources_query(). */
    void (*done)(void *self, struct span frame);
    /* Tells an operator about a source's connections: NULL, or called on the loop's thread. */
    void (*note)(void *self, const char *source, bool good, const char *text);
    void *self;
};

struct sources *sources_new(const struct sources_options *);
/* Waits for what runs on workers (interrupted), forgets what waits. On the loop's thread. */
void sources_free(struct sources *);

/* Are these the options of a source? Reads nothing but them. */
bool source_check(const struct source_options *, struct error *);
/* May its statements write? Those of a library call its functions, which do what they do. */
bool source_may_write(const struct source_options *);
/* Would the database take the statement? A file is opened and the statement prepared, not run; of a server nothing is
 * known. False: ERROR_UNAVAILABLE where the database is not there. */
bool source_tries(const struct source_options *, const char *statement, struct error *);
/* From now on a worker opens a file, and looks at it from time to time, and a server is connected to. A file that was
 * replaced is opened again. On the loop's thread. */
bool sources_add(struct sources *, const struct source_options *, struct error *);
/* Copies. The same text demanded with other columns is answered untyped: the core types it then. */
void sources_statement(struct sources *, const struct source_statement *);

/* From any thread. Exactly one `done` for every query that is not cancelled. */
void sources_query(struct sources *, const struct message *query);
void sources_cancel(struct sources *, uint64_t ixn, uint64_t ref);

bool sources_read(struct sources *, size_t index, struct source_row *); /* false past the last */
