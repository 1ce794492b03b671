/* runtime/records/sink_postgres.c - Rows into a PostgreSQL database, by COPY.
 *
 * Rows are kept as text, a buffer a table, until the commit: then one transaction moves the position, which also locks
 * it, and copies the buffers. They are kept until that has ended well. Where the connection was lost, the position in
 * the database says whether the commit has happened. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/records/sink_kind.h"
#include "runtime/vocabulary/memory.h"

struct postgres_sink {
    PGconn *connection;
    struct out rows[TABLES];
    struct position at; /* what the database has */
    bool lost;          /* the connection is, and what it did is not known */
};

/* ERROR_TIMEOUT: the server is away, and the same may be tried again. So it is where libpq itself failed, which gives
 * no code, or the server said that it goes down, is not up yet, or has too many clients. `result` may be NULL. */
static bool refuse(struct postgres_sink *sink, const PGresult *result, struct error *error, const char *what)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    char why[160];
    if (!code || strncmp(code, "57P", 3) == 0 || strcmp(code, "53300") == 0) sink->lost = true;
    snprintf(why, sizeof why, "%s", PQerrorMessage(sink->connection));
    why[strcspn(why, "\n")] = '\0';
    error_set(error, sink->lost ? ERROR_TIMEOUT : ERROR_UNAVAILABLE, "the records' database: %.60s: %.150s", what, why);
    return false;
}

static bool run(void *self, const char *sql, struct error *error)
{
    struct postgres_sink *sink = self;
    PGresult *result = PQexec(sink->connection, sql);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!good) refuse(sink, result, error, sql);
    PQclear(result);
    return good;
}

static bool ask(void *self, const char *sql, char *answer, size_t size, struct error *error)
{
    struct postgres_sink *sink = self;
    PGresult *result = PQexec(sink->connection, sql);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK, row = good && PQntuples(result) > 0;
    if (!good) refuse(sink, result, error, sql);
    if (row) snprintf(answer, size, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return row;
}

static struct database database_of(struct postgres_sink *sink)
{
    return (struct database){
        .self = sink,
        .run = run,
        .ask = ask,
        .types = {[COLUMN_IXN] = "text",
                  [COLUMN_CONN] = "text",
                  [COLUMN_TEXT] = "text",
                  [COLUMN_INT] = "bigint",
                  [COLUMN_MS] = "bigint",
                  [COLUMN_TIME] = "timestamptz",
                  [COLUMN_QUARTER] = "timestamptz",
                  [COLUMN_JSON] = "json"},
        .has_table = "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema()"
                     " AND table_name = '%s'%s",
        .has_column = "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()"
                      " AND table_name = '%s' AND column_name = '%s'",
    };
}

static bool postgres_begin(void *self, struct position *position, struct error *error)
{
    struct postgres_sink *sink = self;
    struct database db = database_of(sink);
    if (!position_find(&db, position, error)) return false;
    sink->at = *position;
    return true;
}

/* What stands for a byte in COPY's text format; NULL: the byte itself. U+0000, which PostgreSQL does not have, becomes
 * U+FFFD. */
static const char *escape_of(uint8_t byte)
{
    switch (byte) {
    case '\\':
        return "\\\\";
    case '\t':
        return "\\t";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\0':
        return "\xef\xbf\xbd";
    default:
        return NULL;
    }
}

static void copy_value(struct out *out, const struct record_value *value)
{
    uint32_t plain = 0; /* bytes before are written */
    if (value->kind != VALUE_IS_TEXT) {
        value_text(out, value);
        return;
    }
    for (uint32_t at = 0; at < value->text.length; at++) {
        const char *escape = escape_of(value->text.bytes[at]);
        if (!escape) continue;
        out_put(out, (const char *)value->text.bytes + plain, at - plain);
        out_text(out, escape);
        plain = at + 1;
    }
    out_put(out, (const char *)value->text.bytes + plain, value->text.length - plain);
}

static bool postgres_put(void *self, const struct record_row *row, struct error *error)
{
    struct postgres_sink *sink = self;
    struct out *out = &sink->rows[row->table];
    (void)error;
    out_format(out, "%lld\t%llu\t%u", (long long)sink->at.journal, (unsigned long long)row->batch, row->n);
    for (unsigned at = 0; at < record_tables[row->table].count; at++) {
        const struct record_value *value = &row->values[at];
        out_text(out, "\t");
        if (value->kind == VALUE_IS_NULL)
            out_text(out, "\\N");
        else
            copy_value(out, value);
        if (value->kind == VALUE_IS_MOMENT) out_text(out, "Z");
    }
    out_text(out, "\n");
    return true;
}

static bool copy(struct postgres_sink *sink, enum table_name table, struct error *error)
{
    struct out command = {0};
    const struct out *rows = &sink->rows[table];
    out_format(&command, "COPY %s(journal, batch, n", record_tables[table].name);
    for (unsigned at = 0; at < record_tables[table].count; at++)
        out_format(&command, ", %s", record_tables[table].columns[at].name);
    out_text(&command, ") FROM STDIN");
    const char *sql = command.bytes;
    PGresult *result = PQexec(sink->connection, sql);
    bool good = PQresultStatus(result) == PGRES_COPY_IN;
    if (!good) {
        refuse(sink, result, error, sql);
        PQclear(result);
        out_free(&command);
        return false;
    }
    PQclear(result);
    for (size_t at = 0; good && at < rows->length;) {
        size_t part = rows->length - at < (1 << 20) ? rows->length - at : 1 << 20;
        good = PQputCopyData(sink->connection, rows->bytes + at, (int)part) == 1;
        at += part;
    }
    good = good && PQputCopyEnd(sink->connection, NULL) == 1;
    PGresult *failed = NULL;
    while ((result = PQgetResult(sink->connection)))
        if (PQresultStatus(result) != PGRES_COMMAND_OK && !failed)
            failed = result;
        else
            PQclear(result);
    good = good && !failed;
    if (!good) refuse(sink, failed, error, sql);
    PQclear(failed);
    out_free(&command);
    return good;
}

static bool write_all(struct postgres_sink *sink, const struct position *position, struct error *error)
{
    char sql[320], moved[32];
    snprintf(sql, sizeof sql,
             "UPDATE gcx_journals SET batch = %llu, hash = '%s' WHERE journal = %lld AND batch = %llu RETURNING 1",
             (unsigned long long)position->batch, position->hash, (long long)position->journal,
             (unsigned long long)sink->at.batch);
    error->code = ERROR_NONE;
    if (!run(sink, "BEGIN", error)) return false;
    if (!ask(sink, sql, moved, sizeof moved, error)) {
        if (error->code == ERROR_NONE)
            error_set(error, ERROR_STATE,
                      "another gcxrecords writes the same journal into this database: end one of them");
        return false;
    }
    for (unsigned table = 0; table < TABLES; table++)
        if (sink->rows[table].length > 0 && !copy(sink, table, error)) return false;
    return run(sink, "COMMIT", error);
}

/* Connects again. `done`: the commit that was under way has happened. */
static bool again(struct postgres_sink *sink, const struct position *position, bool *done, struct error *error)
{
    struct position there = *position;
    struct database db = database_of(sink);
    *done = false;
    PQreset(sink->connection);
    if (PQstatus(sink->connection) != CONNECTION_OK) return refuse(sink, NULL, error, "connection");
    sink->lost = false;
    if (!run(sink, "SET client_min_messages = warning; SET TimeZone = 'UTC'", error)) return false;
    if (!position_find(&db, &there, error)) return false;
    *done = there.batch == position->batch;
    return true;
}

static bool postgres_commit(void *self, const struct position *position, struct error *error)
{
    struct postgres_sink *sink = self;
    bool done = false;
    if (sink->lost && !again(sink, position, &done, error)) return false;
    if (!done && !write_all(sink, position, error)) return false;
    for (unsigned table = 0; table < TABLES; table++) sink->rows[table].length = 0;
    sink->at = *position;
    return true;
}

static void postgres_close(void *self)
{
    struct postgres_sink *sink = self;
    PQfinish(sink->connection);
    for (unsigned table = 0; table < TABLES; table++) out_free(&sink->rows[table]);
    free(sink);
}

struct sink *sink_open_postgres(const char *conninfo, struct error *error)
{
    static const struct sink_kind kind = {postgres_begin, postgres_put, postgres_commit, postgres_close};
    struct postgres_sink *sink = memory_zeroed(1, sizeof *sink);
    struct database db = database_of(sink);
    sink->connection = PQconnectdb(conninfo);
    if (PQstatus(sink->connection) == CONNECTION_OK) {
        if (run(sink, "SET client_min_messages = warning; SET TimeZone = 'UTC'", error) && schema_make(&db, error))
            return sink_new(&kind, sink);
    } else {
        refuse(sink, NULL, error, "connection");
    }
    postgres_close(sink);
    return NULL;
}
