/* runtime/records/sink_sqlite.c - Rows into a SQLite database: a transaction for what is put between two commits. */
#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/records/sink_kind.h"
#include "runtime/vocabulary/memory.h"

enum { BUSY_MS = 8000 };

struct sqlite_sink {
    sqlite3 *db;
    sqlite3_stmt *inserts[TABLES], *advance;
    struct position at; /* what the database has */
    struct out text;
    bool open; /* a transaction is */
};

static bool refuse(const struct sqlite_sink *sink, struct error *error, const char *what)
{
    bool busy = sink->db && sqlite3_errcode(sink->db) == SQLITE_BUSY;
    error_set(error, busy ? ERROR_TIMEOUT : ERROR_UNAVAILABLE, "the records' database: %.60s: %.150s", what,
              sink->db ? sqlite3_errmsg(sink->db) : "no memory");
    return false;
}

static bool run(void *self, const char *sql, struct error *error)
{
    struct sqlite_sink *sink = self;
    return sqlite3_exec(sink->db, sql, NULL, NULL, NULL) == SQLITE_OK || refuse(sink, error, sql);
}

static bool ask(void *self, const char *sql, char *answer, size_t size, struct error *error)
{
    struct sqlite_sink *sink = self;
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(sink->db, sql, -1, &statement, NULL);
    if (result == SQLITE_OK) result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);
        snprintf(answer, size, "%s", text ? (const char *)text : "");
    } else if (result != SQLITE_DONE) {
        refuse(sink, error, sql);
    }
    sqlite3_finalize(statement);
    return result == SQLITE_ROW;
}

static struct database database_of(struct sqlite_sink *sink)
{
    return (struct database){
        .self = sink,
        .run = run,
        .ask = ask,
        .types = {[COLUMN_IXN] = "TEXT",
                  [COLUMN_CONN] = "TEXT",
                  [COLUMN_TEXT] = "TEXT",
                  [COLUMN_INT] = "INTEGER",
                  [COLUMN_MS] = "INTEGER",
                  [COLUMN_TIME] = "TEXT",
                  [COLUMN_QUARTER] = "TEXT",
                  [COLUMN_JSON] = "TEXT"},
        .has_table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '%s'%s",
        .has_column = "SELECT 1 FROM pragma_table_info('%s') WHERE name = '%s'",
    };
}

static bool prepare(struct sqlite_sink *sink, sqlite3_stmt **statement, const char *sql, struct error *error)
{
    return sqlite3_prepare_v3(sink->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK ||
           refuse(sink, error, sql);
}

/* Written twice, a row is there once. */
static bool prepare_all(struct sqlite_sink *sink, struct error *error)
{
    struct out sql = {0};
    bool good = true;
    for (unsigned table = 0; good && table < TABLES; table++) {
        sql.length = 0;
        out_format(&sql, "INSERT OR IGNORE INTO %s(journal, batch, n", record_tables[table].name);
        for (unsigned at = 0; at < record_tables[table].count; at++)
            out_format(&sql, ", %s", record_tables[table].columns[at].name);
        out_text(&sql, ") VALUES(?, ?, ?");
        for (unsigned at = 0; at < record_tables[table].count; at++) out_text(&sql, ", ?");
        out_text(&sql, ")");
        good = prepare(sink, &sink->inserts[table], sql.bytes, error);
    }
    out_free(&sql);
    return good && prepare(sink, &sink->advance,
                           "UPDATE gcx_journals SET batch = ?, hash = ? WHERE journal = ? AND batch = ?", error);
}

static bool sqlite_begin(void *self, struct position *position, struct error *error)
{
    struct sqlite_sink *sink = self;
    struct database db = database_of(sink);
    if (!position_find(&db, position, error)) return false;
    sink->at = *position;
    return true;
}

static void bind(struct sqlite_sink *sink, sqlite3_stmt *statement, int place, const struct record_value *value)
{
    if (value->kind == VALUE_IS_NULL) {
        sqlite3_bind_null(statement, place);
    } else if (value->kind == VALUE_IS_NUMBER) {
        sqlite3_bind_int64(statement, place, value->number);
    } else {
        sink->text.length = 0;
        out_text(&sink->text, "");
        value_text(&sink->text, value);
        sqlite3_bind_text(statement, place, sink->text.bytes, (int)sink->text.length, SQLITE_TRANSIENT);
    }
}

static bool sqlite_put(void *self, const struct record_row *row, struct error *error)
{
    struct sqlite_sink *sink = self;
    sqlite3_stmt *statement = sink->inserts[row->table];
    if (!sink->open && !run(sink, "BEGIN IMMEDIATE", error)) return false;
    sink->open = true;
    sqlite3_bind_int64(statement, 1, sink->at.journal);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)row->batch);
    sqlite3_bind_int64(statement, 3, row->n);
    for (unsigned at = 0; at < record_tables[row->table].count; at++)
        bind(sink, statement, COMMON_COLUMNS + 1 + (int)at, &row->values[at]);
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE || refuse(sink, error, record_tables[row->table].name);
}

static bool sqlite_commit(void *self, const struct position *position, struct error *error)
{
    struct sqlite_sink *sink = self;
    if (!sink->open && !run(sink, "BEGIN IMMEDIATE", error)) return false;
    sink->open = true;
    sqlite3_bind_int64(sink->advance, 1, (sqlite3_int64)position->batch);
    sqlite3_bind_text(sink->advance, 2, position->hash, -1, SQLITE_STATIC);
    sqlite3_bind_int64(sink->advance, 3, position->journal);
    sqlite3_bind_int64(sink->advance, 4, (sqlite3_int64)sink->at.batch);
    int result = sqlite3_step(sink->advance);
    sqlite3_reset(sink->advance);
    if (result != SQLITE_DONE) return refuse(sink, error, "the position");
    if (sqlite3_changes(sink->db) != 1) {
        error_set(error, ERROR_STATE, "another gcxrecords writes the same journal into this database: end one of them");
        return false;
    }
    if (!run(sink, "COMMIT", error)) return false;
    sink->open = false;
    sink->at = *position;
    return true;
}

static void sqlite_close(void *self)
{
    struct sqlite_sink *sink = self;
    for (unsigned table = 0; table < TABLES; table++) sqlite3_finalize(sink->inserts[table]);
    sqlite3_finalize(sink->advance);
    sqlite3_close(sink->db); /* rolls back */
    out_free(&sink->text);
    free(sink);
}

struct sink *sink_open_sqlite(const char *file, struct error *error)
{
    static const struct sink_kind kind = {sqlite_begin, sqlite_put, sqlite_commit, sqlite_close};
    struct sqlite_sink *sink = memory_zeroed(1, sizeof *sink);
    struct database db = database_of(sink);
    int result =
        sqlite3_open_v2(file, &sink->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result == SQLITE_OK) {
        sqlite3_busy_timeout(sink->db, BUSY_MS);
        /* In WAL mode those who read do not keep the writer waiting; a commit survives a crash of the machine. */
        if (run(sink, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF", error) &&
            schema_make(&db, error) && prepare_all(sink, error))
            return sink_new(&kind, sink);
    } else {
        refuse(sink, error, file);
    }
    sqlite_close(sink);
    return NULL;
}
