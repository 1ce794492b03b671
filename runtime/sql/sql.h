/* runtime/sql/sql.h - A database that a program writes: SQLite or PostgreSQL, with the same statements for both.
 *
 * Statements have their parameters as $1, $2 ... in the order of their first appearance. Statements of sql_do() and
 * sql_ask() are prepared once and kept under the address of their text, which therefore is a literal or lives as long
 * as the database is open. Calls block; a connection belongs to one thread at a time.
 *
 * Errors: ERROR_TIMEOUT: the database is locked or away, nothing was changed by this call, and the same may be tried
 * again later. After another error within a transaction the caller rolls it back. ERROR_UNAVAILABLE: the database, its
 * disk or a statement failed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

enum sql_dialect { SQL_SQLITE, SQL_POSTGRES, SQL_DIALECTS };

struct sql;

/* `target`: "sqlite:FILE", which is made where it is missing, or libpq's connection string ("postgresql://...",
 * "host=... dbname=..."). `what` begins the sentences of errors ("the records' database"); it outlives the database.
 * NULL with the reason. */
struct sql *sql_open(const char *target, const char *what, struct error *);
void sql_close(struct sql *); /* rolls back what is under way; NULL is allowed */
/* Does `target` name a SQLite file, or a PostgreSQL database? */
bool sql_names_sqlite(const char *target);
bool sql_names_postgres(const char *target);
enum sql_dialect sql_dialect(const struct sql *);

/* Sets what happens when another file has replaced a SQLite file: the new file is opened when something is asked
 * outside of a transaction, once it is whole; `anew` then says whether the program can use it, and may ask it. Where
 * `anew` is NULL nothing can be written until the old file is put back: that is for a program that goes on working with
 * things which only the old file has. */
void sql_when_replaced(struct sql *, bool (*anew)(void *self, struct error *), void *self);

enum sql_type { SQL_NULL, SQL_NUMBER, SQL_TEXT, SQL_BYTES };
struct sql_value { /* borrowed until sql_do() has returned, or sql_end(); a text holds no zero */
    enum sql_type type;
    int64_t number;
    struct span span;
};
struct sql_value sql_null(void);
struct sql_value sql_number(int64_t);
struct sql_value sql_number_or_null(int64_t); /* 0 is null */
struct sql_value sql_text(const char *);      /* NULL is null */
struct sql_value sql_span(struct span);
struct sql_value sql_text_or_null(struct span); /* an empty one is null */
struct sql_value sql_bytes(struct span);

#define SQL_NONE NULL, 0
#define SQL_WITH(...)                                                                                                  \
    (const struct sql_value[]){__VA_ARGS__}, sizeof((const struct sql_value[]){__VA_ARGS__}) / sizeof(struct sql_value)

/* Runs statements without parameters, separated by semicolons; they are not kept. */
bool sql_run(struct sql *, const char *text, struct error *);
/* Runs one statement. sql_changes() tells how many rows it has changed. */
bool sql_do(struct sql *, struct error *, const char *text, const struct sql_value *, size_t count);
int64_t sql_changes(const struct sql *);

/* Forgets the statement that was kept for this text, which then may be freed. */
void sql_forget(struct sql *, const char *text);

/* Runs a query, or a statement that returns rows. NULL with the reason: then there is no row, and sql_end() is false.
 * The caller ends it by sql_end(), also where it was not read to its last row, before the same text is asked again. */
struct sql_rows *sql_ask(struct sql *, struct error *, const char *text, const struct sql_value *, size_t count);
bool sql_next(struct sql_rows *); /* false: no more rows, or an error, which sql_end() tells */
bool sql_end(struct sql_rows *, struct error *);
bool sql_is_null(const struct sql_rows *, int column); /* columns from 0 */
int64_t sql_int(const struct sql_rows *, int column);  /* null is 0 */
/* Return a column's bytes, valid until the next row; null is empty. A text has a zero behind its bytes. */
struct span sql_string(const struct sql_rows *, int column);
struct span sql_blob(struct sql_rows *, int column);
/* Runs a query and returns the first column of the first row as a number; `*there` false: there is no row. */
bool sql_find(struct sql *, struct error *, int64_t *number, bool *there, const char *text, const struct sql_value *,
              size_t count);

/* Begins a transaction that may write. PostgreSQL: a connection that was lost is made again here. */
bool sql_begin(struct sql *, struct error *);
/* Begins a transaction that only reads, and keeps nobody from writing meanwhile; it ends with sql_rollback(). */
bool sql_begin_reading(struct sql *, struct error *);
/* Begin and end a group: the transactions between are parts of one, and durable with it. Each may fail by itself, and
 * all fail where the group does. */
bool sql_group_begin(struct sql *, struct error *);
bool sql_group_end(struct sql *, struct error *);
/* Commits the transaction. If that fails, the caller rolls back; in SQLite, after ERROR_TIMEOUT, sql_commit() may be
 * called again instead. In PostgreSQL, what has failed with ERROR_TIMEOUT may have been committed. A SQLite file that
 * was removed or replaced meanwhile is refused (ERROR_STATE): nobody would find what is written there. */
bool sql_commit(struct sql *, struct error *);
void sql_rollback(struct sql *);

/* Makes sure that deleted rows are nowhere in the database's files any more. SQLite: its log is emptied, and pages that
 * are free were overwritten; false (ERROR_TIMEOUT) where somebody reads for so long that the log still has the text:
 * the same may be tried again. PostgreSQL: VACUUM of these tables; bytes may stand in pages until they are used again,
 * in the log (WAL) and in what copies it. Outside of a transaction. */
bool sql_overwritten(struct sql *, const char *const *tables, unsigned count, struct error *);

/* Runs "COPY ... FROM STDIN" with its lines; PostgreSQL only. */
bool sql_copy(struct sql *, const char *command, const char *lines, size_t length, struct error *);
/* PostgreSQL: was the connection lost since it was made? Then what it did is not known; sql_begin() makes it again. */
bool sql_lost(const struct sql *);
