/* runtime/sql/sql.c - Opens the database that a target names, and keeps its prepared statements.
 *
 * The kinds (sqlite.c, postgres.c) do the work; this file has what they have in common. A statement is prepared when
 * its text is first used and kept until the database is closed or sql_forget is called; it is recognised by the
 * address of its text, which therefore is a constant. */
#include "runtime/sql/sql.h"

#include <stdio.h>
#include <assert.h>

#include "runtime/sql/kind.h"
#include "runtime/vocabulary/target.h"

bool sql_names_sqlite(const char *target)
{
    return target_file(target) != NULL;
}

bool sql_names_postgres(const char *target)
{
    return !target_file(target) && target_server(target);
}

struct sql *sql_open(const char *target, const char *what, struct error *error)
{
    if (sql_names_sqlite(target)) return sql_open_sqlite(target_file(target), what, error);
    if (sql_names_postgres(target)) return sql_open_postgres(target, what, error);
    /* The message leaves out the target, which may contain a password. */
    error_set(error, ERROR_INPUT,
              "what is given for %s names no database: expected sqlite:FILE, postgresql://... or a connection string "
              "such as \"host=/run/postgresql dbname=gcx\"",
              what);
    return NULL;
}

struct sql *sql_open_still(const char *target, const char *what, struct error *error)
{
    assert(sql_names_sqlite(target));
    return sql_open_sqlite_still(target_file(target), what, error);
}

void sql_close(struct sql *sql)
{
    if (sql) sql->kind->close(sql);
}

void sql_when_replaced(struct sql *sql, bool (*anew)(void *self, struct error *), void *self)
{
    sql->anew = anew;
    sql->self = self;
}

enum sql_dialect sql_dialect(const struct sql *sql)
{
    return sql->kind->dialect;
}

struct sql_value sql_null(void)
{
    return (struct sql_value){.type = SQL_NULL};
}

struct sql_value sql_number(int64_t number)
{
    return (struct sql_value){.type = SQL_NUMBER, .number = number};
}

struct sql_value sql_number_or_null(int64_t number)
{
    return number == 0 ? sql_null() : sql_number(number);
}

struct sql_value sql_text(const char *text)
{
    return text ? sql_span(span_of(text)) : sql_null();
}

struct sql_value sql_span(struct span span)
{
    return (struct sql_value){.type = SQL_TEXT, .span = span};
}

struct sql_value sql_text_or_null(struct span text)
{
    return text.length == 0 ? sql_null() : sql_span(text);
}

struct sql_value sql_bytes(struct span span)
{
    return (struct sql_value){.type = SQL_BYTES, .span = span};
}

/* Checks the connection outside a transaction; if it was made again, the prepared statements are gone. */
static bool sql_is_awake(struct sql *sql, struct error *error)
{
    return sql->within || sql->kind->awake(sql, error);
}

bool sql_run(struct sql *sql, const char *text, struct error *error)
{
    return sql_is_awake(sql, error) && sql->kind->run(sql, text, error);
}

int64_t sql_changes(const struct sql *sql)
{
    return sql->changes;
}

/* Finds the number of the statement with this text, and prepares a new one. Numbers of forgotten statements are used
 * again. A text that is not constant must be passed to sql_forget() before its memory is used for another text. */
static bool sql_statement_of(struct sql *sql, const char *text, unsigned *number, struct error *error)
{
    unsigned free = sql->count;
    for (*number = 0; *number < sql->count; ++*number)
        if (sql->kept[*number] == text)
            return true;
        else if (!sql->kept[*number])
            free = *number;
    assert(free < STATEMENTS_MAX);
    *number = free;
    if (!sql->kind->prepare(sql, free, text, error)) return false;
    sql->kept[free] = text;
    if (free == sql->count) sql->count++;
    return true;
}

/* If the statement cannot be freed now, its number stays taken, with an address that no statement's text has. */
void sql_forget(struct sql *sql, const char *text)
{
    static const char used[] = "";
    for (unsigned number = 0; number < sql->count; number++)
        if (sql->kept[number] == text) sql->kept[number] = sql->kind->forget(sql, number) ? NULL : used;
}

struct sql_rows *sql_ask(struct sql *sql, struct error *error, const char *text, const struct sql_value *values,
                         size_t count)
{
    assert(text && (values || count == 0));
    unsigned number;
    if (!sql_is_awake(sql, error) || !sql_statement_of(sql, text, &number, error)) return NULL;
    return sql->kind->ask(sql, number, values, count, error);
}

bool sql_next(struct sql_rows *rows)
{
    return rows && rows->sql->kind->next(rows);
}

bool sql_end(struct sql_rows *rows, struct error *error)
{
    return rows && rows->sql->kind->end(rows, error);
}

bool sql_is_null(const struct sql_rows *rows, int column)
{
    return rows->sql->kind->is_null(rows, column);
}

int64_t sql_int(const struct sql_rows *rows, int column)
{
    return rows->sql->kind->number(rows, column);
}

struct span sql_string(const struct sql_rows *rows, int column)
{
    return rows->sql->kind->string(rows, column);
}

struct span sql_blob(struct sql_rows *rows, int column)
{
    return rows->sql->kind->blob(rows, column);
}

bool sql_do(struct sql *sql, struct error *error, const char *text, const struct sql_value *values, size_t count)
{
    struct sql_rows *rows = sql_ask(sql, error, text, values, count);
    while (sql_next(rows)) continue;
    return sql_end(rows, error);
}

/* `*there` is false and `*number` 0 if there is no row. */
bool sql_find(struct sql *sql, struct error *error, int64_t *number, bool *there, const char *text,
              const struct sql_value *values, size_t count)
{
    assert(number && there);
    struct sql_rows *rows = sql_ask(sql, error, text, values, count);
    *there = sql_next(rows);
    *number = *there ? sql_int(rows, 0) : 0;
    while (sql_next(rows)) continue; /* the rows are read to the end, since a later step may still fail */
    return sql_end(rows, error);
}

/* Sets the error of a broken group: when the disk is full or fails, SQLite rolls back the whole group, so what
 * follows must not be committed without what came before. */
static bool group_is_broken(struct error *error)
{
    return error_set(error, ERROR_STATE, "something else of the group failed: nothing of it was kept");
}

/* Begins a group: the transactions in it become one transaction. Each of them is a savepoint within the group, so that
 * one may fail alone. */
bool sql_group_begin(struct sql *sql, struct error *error)
{
    assert(!sql->group);
    sql->broken = false;
    sql->group = sql_begin(sql, error);
    return sql->group;
}

bool sql_group_end(struct sql *sql, struct error *error)
{
    assert(sql->group);
    bool good = !sql->broken || group_is_broken(error);
    sql->group = false;
    if (good && sql_commit(sql, error)) return true;
    sql_rollback(sql);
    return false;
}

/* Begins a transaction; within a group it is a savepoint. Outside a group the connection is checked first, and made
 * again if need be. */
static bool sql_begin_as(struct sql *sql, bool writes, struct error *error)
{
    if (sql->group) return sql->broken ? group_is_broken(error) : sql_run(sql, "SAVEPOINT one", error);
    assert(!sql->within);
    sql->within = sql->kind->awake(sql, error) && sql->kind->begin(sql, writes, error);
    return sql->within;
}

bool sql_begin(struct sql *sql, struct error *error)
{
    return sql_begin_as(sql, true, error);
}

bool sql_begin_reading(struct sql *sql, struct error *error)
{
    return sql_begin_as(sql, false, error);
}

bool sql_commit(struct sql *sql, struct error *error)
{
    assert(sql->within);
    if (sql->group) return sql_run(sql, "RELEASE one", error);
    sql->within = !sql->kind->commit(sql, error);
    return !sql->within;
}

/* Rolls back; if a savepoint cannot be rolled back, the group counts as broken and is rolled back at its end. */
void sql_rollback(struct sql *sql)
{
    if (sql->group) {
        if (!sql_run(sql, "ROLLBACK TO one", NULL) || !sql_run(sql, "RELEASE one", NULL)) sql->broken = true;
        return;
    }
    if (sql->within) sql_run(sql, "ROLLBACK", NULL);
    sql->within = false;
}

enum { OVERWRITE_TRIES = 3 };

/* Empties SQLite's log by a checkpoint; `*busy`: a reader was in the way, which is no error. */
static bool log_emptied(struct sql *sql, bool *busy, struct error *error)
{
    bool there;
    int64_t first = 1;
    if (!sql_find(sql, error, &first, &there, "PRAGMA wal_checkpoint(TRUNCATE)", SQL_NONE)) return false;
    *busy = !there || first != 0;
    return true;
}

/* SQLite: empties the log, which may take a few tries while others read. PostgreSQL: runs VACUUM on each table. */
bool sql_overwritten(struct sql *sql, const char *const *tables, unsigned count, struct error *error)
{
    assert(!sql->within);
    char text[128];
    if (sql_dialect(sql) == SQL_POSTGRES) {
        for (unsigned at = 0; at < count; at++) {
            snprintf(text, sizeof text, "VACUUM %.100s", tables[at]);
            if (!sql_run(sql, text, error)) return false;
        }
        return true;
    }
    /* The shorter wait is not undone: a process that erases rows asks nothing else afterwards. */
    if (!sql_run(sql, "PRAGMA busy_timeout = 2000", error)) return false;
    bool busy = true;
    for (unsigned tries = 0; busy && tries < OVERWRITE_TRIES; tries++)
        if (!log_emptied(sql, &busy, error)) return false;
    if (busy)
        error_set(
            error, ERROR_TIMEOUT,
            "%s: it is deleted, but stands in the log of the database (FILE-wal) while somebody reads; do the same "
            "again",
            sql->what);
    return !busy;
}
