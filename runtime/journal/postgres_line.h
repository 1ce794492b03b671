/* runtime/journal/postgres_line.h - One connection to PostgreSQL whose statements are bounded by our own clock.
 * Internal to the room.
 *
 * A statement is never cancelled: the server would answer that it has succeeded, though its commit may be on no copy.
 * After its bound the socket is closed, and the outcome is not known. A success with a warning is not known either: a
 * wait for copies that was cancelled at the server ends so. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

#define LINE_APPLICATION "gcx journal" /* the name of each connection, which the server lists */

struct postgres_line;

/* The statements that have values, by their rows. */
enum line_ask {
#define ASK(name, fence, sql) ASK_##name,
#include "runtime/journal/postgres_statements.def"
    LINE_ASKS
};

enum line_outcome {
    LINE_DONE,
    LINE_WARNED,  /* it was committed, and it is not known whether any copy has it */
    LINE_LOST,    /* no answer, or the server is away, full or read-only: the connection is closed, try again */
    LINE_REFUSED, /* anything else: postgres_line_code() says what; the same again would be refused again */
};

/* Is it a connection string without a password? A password must not be where everybody sees it, and no complaint quotes
 * one. */
bool postgres_line_check(const char *conninfo, struct error *);

/* Makes a line, which is not connected yet. `writes`: it connects to a server that takes writes; otherwise to one that
 * is no copy, to read. */
struct postgres_line *postgres_line_new(const char *conninfo, bool writes, struct error *);
void postgres_line_free(struct postgres_line *);

/* Connects where there is no connection. `*fresh`: the connection was made now. */
enum line_outcome postgres_line_up(struct postgres_line *, bool *fresh, struct error *);
bool postgres_line_is_up(const struct postgres_line *);

/* A statement's values for $1, $2 ... in their order, in binary. Bytes are borrowed until the answer. */
enum { LINE_VALUES = 10 };
struct line_values {
    int count;
    const char *values[LINE_VALUES]; /* NULL: the value is in `numbers`, so that the struct may be copied */
    int lengths[LINE_VALUES];
    uint8_t numbers[LINE_VALUES][8];
};
void line_number(struct line_values *, uint64_t); /* a bigint */
void line_bytes(struct line_values *, struct span);

/* Runs one statement with its values; a connection prepares it when it is run for the second time. The answer is valid
 * until the next call. */
enum line_outcome postgres_line_ask(struct postgres_line *, enum line_ask, struct line_values *, unsigned within_ms,
                                    struct error *);
/* Runs statements without values, which are not prepared. */
enum line_outcome postgres_line_run(struct postgres_line *, const char *sql, unsigned within_ms, struct error *);

/* Waits for a notification that was listened for, at most `within_ms`; returns at once where the connection is lost. */
void postgres_line_hear(struct postgres_line *, unsigned within_ms);

/* Returns how long ago the server has answered last. From any thread. */
uint64_t postgres_line_silent_us(const struct postgres_line *);

const char *postgres_line_code(const struct postgres_line *); /* the SQLSTATE of the last answer; "": none */
/* Did the last answer say that a table is missing? A restore of the database drops and makes the tables, so the
 * database counts as away: the error is ERROR_SYSTEM. */
bool postgres_line_lacks_table(const struct postgres_line *);
int postgres_line_rows(const struct postgres_line *); /* how many rows the answer has, or the statement has changed */
uint64_t postgres_line_number(const struct postgres_line *, int row, int column); /* a bigint; 0 where it is none */
struct span postgres_line_bytes(const struct postgres_line *, int row, int column);
