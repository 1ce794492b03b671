/* runtime/sql/lite.c - Small questions to a SQLite file: makes, prepares and frees their statements.
 *
 *     lite_do(db, "DELETE FROM %s WHERE n = %d", table, 7)        done at once
 *     lite_has(db, &number, "SELECT ...")                         first column of the first row
 *     lite_ask() ... lite_next() ... lite_end()                   row by row
 *
 * The format is that of sqlite3_mprintf: %Q quotes a text and doubles the quotes in it, so texts from outside are
 * inserted with %Q only. */
#include "runtime/sql/lite.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

static char *lite_format(const char *format, va_list arguments)
{
    char *text = sqlite3_vmprintf(format, arguments);
    if (!text) abort();
    return text;
}

static sqlite3_stmt *lite_prepare(sqlite3 *db, const char *format, va_list arguments)
{
    assert(db);
    sqlite3_stmt *statement = NULL;
    char *text = lite_format(format, arguments);
    (void)sqlite3_prepare_v2(db, text, -1, &statement, NULL); /* after a failure SQLite sets the statement to NULL */
    sqlite3_free(text);
    return statement;
}

sqlite3_stmt *lite_ask(sqlite3 *db, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sqlite3_stmt *statement = lite_prepare(db, format, arguments);
    va_end(arguments);
    return statement;
}

bool lite_next(sqlite3_stmt *statement)
{
    return statement && sqlite3_step(statement) == SQLITE_ROW;
}

/* Finalizes the statement; false, too, if it could not be prepared or a step has failed. */
bool lite_end(sqlite3_stmt *statement)
{
    return statement && sqlite3_finalize(statement) == SQLITE_OK;
}

const char *lite_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

bool lite_do(sqlite3 *db, const char *format, ...)
{
    assert(db);
    va_list arguments;
    va_start(arguments, format);
    char *text = lite_format(format, arguments);
    va_end(arguments);
    bool good = sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_free(text);
    return good;
}

/* Reads the first row; the other rows are not read. */
bool lite_has(sqlite3 *db, sqlite3_int64 *number, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sqlite3_stmt *statement = lite_prepare(db, format, arguments);
    va_end(arguments);
    bool there = lite_next(statement);
    if (number) *number = there ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return there;
}
