/* runtime/journal/postgres_line.h - One connection to PostgreSQL whose statements have time limits measured here.
 * Internal to the room.
 *
 * A statement is never cancelled: the server would answer that it has succeeded, although no copy may have its commit.
 * When a statement's time is over the socket is closed, and the outcome is unknown. A success with a warning is also
 * unknown: it may mean that waiting for copies was cancelled at the server. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

#define LINE_APPLICATION "gcx journal" /* the application name of our connections in the server's list */

struct postgres_line;

/* The statements with values, one per row of postgres_statements.def. */
enum line_ask {
#define ASK(name, fence, sql) ASK_##name,
#include "runtime/journal/postgres_statements.def"
    LINE_ASKS
};

enum line_outcome {
    LINE_DONE,
    LINE_WARNED,  /* the statement is committed, but it is unknown whether any copy has that */
    LINE_LOST,    /* no answer, or the server is away, full or read-only: the connection was closed, try again */
    LINE_REFUSED, /* any other error, see postgres_line_code(); a repetition would be refused again */
};

/* Is it a valid connection string without a password? Passwords must not be in a place that everybody can read, and
 * the error text never quotes one. */
bool postgres_line_check(const char *conninfo, struct error *);

/* Makes a line, which does not connect yet. `writes`: it will connect to a server that accepts writes; otherwise it
 * only reads, but from a server that is no copy. */
struct postgres_line *postgres_line_new(const char *conninfo, bool writes, struct error *);
void postgres_line_free(struct postgres_line *);

/* Connects, unless there is a connection. `*fresh`: the connection was made in this call. */
enum line_outcome postgres_line_up(struct postgres_line *, bool *fresh, struct error *);
bool postgres_line_is_up(const struct postgres_line *);

/* The values of a statement, in binary form and in the order of its parameters ($1 first). Pointers are borrowed until
 * the answer comes. */
enum { LINE_VALUES = 10 };
struct line_values {
    int count;
    const char *values[LINE_VALUES]; /* NULL: the value is in `numbers`, so that the struct can be copied */
    int lengths[LINE_VALUES];
    uint8_t numbers[LINE_VALUES][8];
};
void line_number(struct line_values *, uint64_t); /* a bigint */
void line_bytes(struct line_values *, struct span);

/* Runs one statement with its values; the connection prepares it at the second use. The answer is valid until the
 * next call. */
enum line_outcome postgres_line_ask(struct postgres_line *, enum line_ask, struct line_values *, unsigned within_ms,
                                    struct error *);
/* Runs statements without values; they are not prepared. */
enum line_outcome postgres_line_run(struct postgres_line *, const char *sql, unsigned within_ms, struct error *);

/* Waits for a notification, at most `within_ms`; returns at once if the connection is lost. */
void postgres_line_hear(struct postgres_line *, unsigned within_ms);

/* Returns how long ago the server last answered. From any thread. */
uint64_t postgres_line_silent_us(const struct postgres_line *);

const char *postgres_line_code(const struct postgres_line *); /* the SQLSTATE of the last answer; "": none */
/* Did the last answer say that a table is missing? A table is missing while a backup is being restored, so the database
 * counts as unreachable: the error is ERROR_SYSTEM. */
bool postgres_line_lacks_table(const struct postgres_line *);
int postgres_line_rows(const struct postgres_line *); /* how many rows the answer has, or the statement changed */
/* a bigint of the answer; 0 if it is none */
uint64_t postgres_line_number(const struct postgres_line *, int row, int column);
struct span postgres_line_bytes(const struct postgres_line *, int row, int column);
