/* runtime/sql/sqlite.c - A SQLite database. Other processes may have it open: their locks are waited for.
 *
 * After a lock was waited for in vain, the next statements wait for a short time only, until something is written: else
 * whoever has several questions waits so long for each of them. */
#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/sql/kind.h"
#include "base/file.h"
#include "base/memory.h"

enum { BUSY_MS = 8000, BUSY_AGAIN_MS = 500 };

struct sqlite {
    struct sql sql;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS_MAX];
    char *file;
    struct file_identity identity; /* of the file that was opened */
    bool in_vain;                  /* a lock was waited for, and nothing was written since */
};

struct sqlite_rows {
    struct sql_rows rows;
    struct sqlite *sqlite;
    sqlite3_stmt *statement;
    int result, first; /* of the last step; of the first, before anybody has asked for the next row */
};

static void sql_sqlite_patience(struct sqlite *sqlite, bool in_vain)
{
    if (sqlite->in_vain != in_vain) sqlite3_busy_timeout(sqlite->db, in_vain ? BUSY_AGAIN_MS : BUSY_MS);
    sqlite->in_vain = in_vain;
}

static bool sql_sqlite_refuse(struct sqlite *sqlite, struct error *error, const char *what)
{
    int code = sqlite->db ? sqlite3_errcode(sqlite->db) : SQLITE_NOMEM;
    if (code == SQLITE_BUSY) sql_sqlite_patience(sqlite, true);
    return error_set(error, code == SQLITE_BUSY || code == SQLITE_LOCKED ? ERROR_TIMEOUT : ERROR_UNAVAILABLE,
                     "%s: %.90s: %.140s", sqlite->sql.what, what,
                     sqlite->db ? sqlite3_errmsg(sqlite->db) : "no memory");
}

static bool sql_sqlite_awake(struct sql *self, struct error *error)
{
    (void)self, (void)error;
    return true;
}

static bool sql_sqlite_run(struct sql *self, const char *text, struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    return sqlite3_exec(sqlite->db, text, NULL, NULL, NULL) == SQLITE_OK || sql_sqlite_refuse(sqlite, error, text);
}

static bool sql_sqlite_prepare(struct sql *self, unsigned number, const char *text, struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    return sqlite3_prepare_v3(sqlite->db, text, -1, SQLITE_PREPARE_PERSISTENT, &sqlite->statements[number], NULL) ==
               SQLITE_OK ||
           sql_sqlite_refuse(sqlite, error, text);
}

static bool sql_sqlite_forget(struct sql *self, unsigned number)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    sqlite3_finalize(sqlite->statements[number]);
    sqlite->statements[number] = NULL;
    return true;
}

static void sql_sqlite_bind(sqlite3_stmt *statement, int place, const struct sql_value *value)
{
    const void *bytes = value->span.bytes ? (const void *)value->span.bytes : "";
    switch (value->type) {
    case SQL_NULL:
        sqlite3_bind_null(statement, place);
        break;
    case SQL_NUMBER:
        sqlite3_bind_int64(statement, place, value->number);
        break;
    case SQL_TEXT:
        sqlite3_bind_text(statement, place, bytes, (int)value->span.length, SQLITE_STATIC);
        break;
    case SQL_BYTES:
        sqlite3_bind_blob(statement, place, bytes, (int)value->span.length, SQLITE_STATIC);
        break;
    }
}

/* The first step is made here: a statement that fails says so at once. */
static struct sql_rows *sql_sqlite_ask(struct sql *self, unsigned number, const struct sql_value *values, size_t count,
                                       struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    sqlite3_stmt *statement = sqlite->statements[number];
    assert(!sqlite3_stmt_busy(statement) && (int)count == sqlite3_bind_parameter_count(statement));
    for (size_t i = 0; i < count; i++) sql_sqlite_bind(statement, (int)i + 1, &values[i]);
    int result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        sql_sqlite_refuse(sqlite, error, sqlite->sql.kept[number]);
        sqlite3_reset(statement);
        return NULL;
    }
    self->changes = sqlite3_changes64(sqlite->db);
    if (!sqlite3_stmt_readonly(statement) && sqlite3_get_autocommit(sqlite->db)) sql_sqlite_patience(sqlite, false);
    struct sqlite_rows *rows = memory_zeroed(1, sizeof *rows);
    *rows = (struct sqlite_rows){{self}, sqlite, statement, result, true};
    return &rows->rows;
}

static bool sql_sqlite_next(struct sql_rows *self)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)self;
    if (!rows->first && rows->result == SQLITE_ROW) rows->result = sqlite3_step(rows->statement);
    rows->first = false;
    return rows->result == SQLITE_ROW;
}

static bool sql_sqlite_end(struct sql_rows *self, struct error *error)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)self;
    bool good = sqlite3_reset(rows->statement) == SQLITE_OK; /* the error of the last step, too */
    if (!good) sql_sqlite_refuse(rows->sqlite, error, sqlite3_sql(rows->statement));
    sqlite3_clear_bindings(rows->statement);
    free(rows);
    return good;
}

static bool sql_sqlite_is_null(const struct sql_rows *self, int column)
{
    return sqlite3_column_type(((const struct sqlite_rows *)self)->statement, column) == SQLITE_NULL;
}

static int64_t sql_sqlite_number_of(const struct sql_rows *self, int column)
{
    return sqlite3_column_int64(((const struct sqlite_rows *)self)->statement, column);
}

static struct span sql_sqlite_string_of(const struct sql_rows *self, int column)
{
    sqlite3_stmt *statement = ((const struct sqlite_rows *)self)->statement;
    const unsigned char *text = sqlite3_column_text(statement, column);
    if (!text) return span_of("");
    return (struct span){text, (uint32_t)sqlite3_column_bytes(statement, column)};
}

static struct span sql_sqlite_blob_of(struct sql_rows *self, int column)
{
    sqlite3_stmt *statement = ((struct sqlite_rows *)self)->statement;
    const void *bytes = sqlite3_column_blob(statement, column);
    if (!bytes) return span_of("");
    return (struct span){bytes, (uint32_t)sqlite3_column_bytes(statement, column)};
}

static bool sql_sqlite_begin(struct sql *self, bool writes, struct error *error)
{
    return sql_sqlite_run(self, writes ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

static bool sql_sqlite_commit(struct sql *self, struct error *error)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    if (file_still(sqlite->file, &sqlite->identity, NULL)) {
        bool wrote = sqlite3_txn_state(sqlite->db, NULL) == SQLITE_TXN_WRITE;
        if (!sql_sqlite_run(self, "COMMIT", error)) return false;
        if (wrote) sql_sqlite_patience(sqlite, false);
        return true;
    }
    return error_set(error, ERROR_STATE,
                     "%s: the file %.120s was removed or replaced since it was opened: put it back, and start again",
                     self->what, sqlite->file);
}

static void sql_sqlite_close_all(struct sql *self)
{
    struct sqlite *sqlite = (struct sqlite *)self;
    for (unsigned i = 0; i < self->count; i++) sqlite3_finalize(sqlite->statements[i]);
    sqlite3_close(sqlite->db); /* rolls back */
    free(sqlite->file);
    free(sqlite);
}

/* In WAL mode those who read do not keep the writer waiting; a commit survives a crash of the machine. Deleted bytes
 * are overwritten. */
static bool sql_sqlite_ready(struct sqlite *sqlite, struct error *error)
{
    struct stat info;
    sqlite3_busy_timeout(sqlite->db, BUSY_MS);
    if (sqlite3_exec(sqlite->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON",
                     NULL, NULL, NULL) != SQLITE_OK ||
        stat(sqlite->file, &info) != 0)
        return sql_sqlite_refuse(sqlite, error, sqlite->file);
    sqlite->identity = file_identity(&info);
    return true;
}

struct sql *sql_open_sqlite(const char *file, const char *what, struct error *error)
{
    static const struct sql_kind kind = {
        SQL_SQLITE,           sql_sqlite_awake,   sql_sqlite_run,   sql_sqlite_prepare, sql_sqlite_forget,
        sql_sqlite_ask,       sql_sqlite_next,    sql_sqlite_end,   sql_sqlite_is_null, sql_sqlite_number_of,
        sql_sqlite_string_of, sql_sqlite_blob_of, sql_sqlite_begin, sql_sqlite_commit,  sql_sqlite_close_all};
    struct sqlite *sqlite = memory_zeroed(1, sizeof *sqlite);
    sqlite->sql = (struct sql){.kind = &kind, .what = what};
    sqlite->file = memory_text(file);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(file, &sqlite->db, flags, NULL) != SQLITE_OK)
        sql_sqlite_refuse(sqlite, error, file);
    else if (sql_sqlite_ready(sqlite, error))
        return &sqlite->sql;
    sql_sqlite_close_all(&sqlite->sql);
    return NULL;
}
