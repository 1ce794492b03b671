/* runtime/sql/lite.h - Questions to a SQLite database that its owner has opened, with the bounds that it needs.
 *
 * `format` is that of sqlite3_mprintf(): %Q is a text in quotes, "%w" a name within quotes, %z a text that is freed.
 * After a failure sqlite3_errmsg() tells the reason. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

/* The answer to one question, which the caller finalizes; NULL: the question is wrong. */
sqlite3_stmt *lite_ask(sqlite3 *, const char *format, ...);
/* Is there one more row? Not where the answer is NULL or has failed. */
bool lite_next(sqlite3_stmt *);
/* Finalizes it. False: the question was wrong, or an answer has failed. */
bool lite_end(sqlite3_stmt *);
/* A text until the next row; NULL: null. */
const char *lite_text(sqlite3_stmt *, int column);
/* All of the statements. */
bool lite_do(sqlite3 *, const char *format, ...);
/* Has the answer a row? `number`: the first column of it, 0 without one; NULL where nobody wants it. */
bool lite_has(sqlite3 *, sqlite3_int64 *number, const char *format, ...);
