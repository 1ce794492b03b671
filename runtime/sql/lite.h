/* runtime/sql/lite.h - Questions to a SQLite database that its owner has opened, with the bounds that it needs.
 *
 * `format` is that of sqlite3_mprintf(): %Q is a text in quotes, "%w" a name within quotes, %z a text that is freed
 * afterwards. After a failure sqlite3_errmsg() returns the reason. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

/* Asks one question and returns its statement, which the caller finalizes; NULL: the question is wrong. */
sqlite3_stmt *lite_ask(sqlite3 *, const char *format, ...);
/* Steps to the next row. False: there are no more rows, the statement is NULL, or the step has failed. */
bool lite_next(sqlite3_stmt *);
/* Finalizes the statement; false: the question was wrong, or a step has failed. */
bool lite_end(sqlite3_stmt *);
/* Returns a column's text, valid until the next row; NULL: the column is null. */
const char *lite_text(sqlite3_stmt *, int column);
/* Runs all statements of the text. */
bool lite_do(sqlite3 *, const char *format, ...);
/* Asks a question; true: there is a row. `number` gets the row's first column, 0 without a row; it may be NULL. */
bool lite_has(sqlite3 *, sqlite3_int64 *number, const char *format, ...);
