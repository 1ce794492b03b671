/* runtime/sql/sql.h - A database to which a program writes: SQLite or PostgreSQL, with the same statements for both.
 *
 * Parameters of statements are written $1, $2 and so on, in the order of their first appearance. Statements of sql_do()
 * and sql_ask() are prepared once and found again by the address of their text, which therefore is a literal or stays
 * in memory as long as the database is open. Calls block; a connection belongs to one thread at a time.
 *
 * ERROR_TIMEOUT: the database is locked or cannot be reached, this call has changed nothing, and it may be repeated
 * later. After another error within a transaction the caller rolls it back. ERROR_UNAVAILABLE: the database, its
 * disk or a statement failed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

enum sql_dialect { SQL_SQLITE, SQL_POSTGRES, SQL_DIALECTS };

struct sql;

/* `target`: "sqlite:FILE", which is created if missing, or libpq's connection string ("postgresql://HOST/DB",
 * "host=HOST dbname=DB"). `what` is the first words of error texts ("the records' database"); its memory must outlast
 * the database. NULL with the reason. */
struct sql *sql_open(const char *target, const char *what, struct error *);
/* Opens a SQLite file that nobody writes, such as a copy in an archive, only to read it. Neither the file nor its
 * folder need be writable. It has no log beside it. */
struct sql *sql_open_still(const char *target, const char *what, struct error *);
void sql_close(struct sql *); /* rolls back an open transaction; NULL is allowed */
/* Does `target` name a SQLite file, or a PostgreSQL database? */
bool sql_names_sqlite(const char *target);
bool sql_names_postgres(const char *target);
enum sql_dialect sql_dialect(const struct sql *);

/* Sets what happens when another file has replaced a SQLite file: the new file is opened for the next question
 * outside a transaction, as soon as it is complete; `anew` then says whether the program can use the file, and may
 * query it. If `anew` is NULL, writing fails until the old file is back: for a program whose work depends on data
 * that only the old file has. */
void sql_when_replaced(struct sql *, bool (*anew)(void *self, struct error *), void *self);

enum sql_type { SQL_NULL, SQL_NUMBER, SQL_TEXT, SQL_BYTES };
struct sql_value { /* borrowed until sql_do() or sql_end() returns; a text contains no zero byte */
    enum sql_type type;
    int64_t number;
    struct span span;
};
struct sql_value sql_null(void);
struct sql_value sql_number(int64_t);
struct sql_value sql_number_or_null(int64_t); /* 0 is null */
struct sql_value sql_text(const char *);      /* NULL is null */
struct sql_value sql_span(struct span);
struct sql_value sql_text_or_null(struct span); /* bytes; an empty span is null */
struct sql_value sql_bytes(struct span);

#define SQL_NONE NULL, 0
#define SQL_WITH(...)                                                                                                  \
    (const struct sql_value[]){__VA_ARGS__}, sizeof((const struct sql_value[]){__VA_ARGS__}) / sizeof(struct sql_value)

/* Runs statements without parameters, separated by semicolons; they are not kept prepared. */
bool sql_run(struct sql *, const char *text, struct error *);
/* Runs one statement. sql_changes() returns how many rows the statement has changed. */
bool sql_do(struct sql *, struct error *, const char *text, const struct sql_value *, size_t count);
int64_t sql_changes(const struct sql *);

/* Forgets the prepared statement of this text, whose memory may be freed then. */
void sql_forget(struct sql *, const char *text);

/* Runs a query, or a statement that returns rows. NULL with the reason: sql_next() and sql_end() then return false.
 * The caller ends the rows by sql_end(), even if not all were read, before asking with the same text again. */
struct sql_rows *sql_ask(struct sql *, struct error *, const char *text, const struct sql_value *, size_t count);
bool sql_next(struct sql_rows *); /* false: no more rows, or an error, which sql_end() returns */
bool sql_end(struct sql_rows *, struct error *);
bool sql_is_null(const struct sql_rows *, int column); /* columns from 0 */
int64_t sql_int(const struct sql_rows *, int column);  /* null is 0 */
/* Return a column's bytes, valid until the next row; a null column is empty. A text is followed by a zero byte. */
struct span sql_string(const struct sql_rows *, int column);
struct span sql_blob(struct sql_rows *, int column);
/* Runs a query and returns the first column of the first row as a number; `*there` false: there is no row. */
bool sql_find(struct sql *, struct error *, int64_t *number, bool *there, const char *text, const struct sql_value *,
              size_t count);

/* Begins a transaction that may write. PostgreSQL: a lost connection is made again here. */
bool sql_begin(struct sql *, struct error *);
/* Begins a transaction that only reads, during which others can write; it ends with sql_rollback(). */
bool sql_begin_reading(struct sql *, struct error *);
/* Begin and end a group: the transactions in it are parts of one transaction, and become durable together. Each part
 * may fail alone; if the group fails, all parts have failed. */
bool sql_group_begin(struct sql *, struct error *);
bool sql_group_end(struct sql *, struct error *);
/* Commits the transaction; if this fails, the caller rolls back, or in SQLite after ERROR_TIMEOUT may call sql_commit()
 * again. In PostgreSQL, a commit that failed with ERROR_TIMEOUT may have taken place. A commit to a SQLite file that
 * was removed or replaced meanwhile is refused (ERROR_STATE): nobody would find the data. */
bool sql_commit(struct sql *, struct error *);
void sql_rollback(struct sql *);

/* Makes sure that no deleted rows are left anywhere in the database's files. SQLite: empties the log; free pages
 * were overwritten already; false with ERROR_TIMEOUT: others read for so long that the log still has the text, and
 * the call may be repeated. PostgreSQL: runs VACUUM on these tables; deleted bytes may remain in pages until these
 * are reused, in the log (WAL), and in copies of the log. Outside of a transaction. */
bool sql_overwritten(struct sql *, const char *const *tables, unsigned count, struct error *);

/* Runs the command, a COPY from STDIN, with its lines; PostgreSQL only. */
bool sql_copy(struct sql *, const char *command, const char *lines, size_t length, struct error *);
/* PostgreSQL: has the connection been lost? The result of the last statements is unknown then; sql_begin() makes the
 * connection again. */
bool sql_lost(const struct sql *);
