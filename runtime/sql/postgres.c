/* runtime/sql/postgres.c - A PostgreSQL database for the stores. A lost connection is made again when the next
 * transaction begins, or for the next question outside a transaction.
 *
 *     statement's failure             error                  what follows
 *     connection lost, server down    ERROR_TIMEOUT, lost    a new connection at the next transaction
 *     lock, serialization             ERROR_TIMEOUT          the caller may try again
 *     anything else                   ERROR_UNAVAILABLE      the statement itself is wrong, or a table is missing
 *
 * Within a transaction a lost connection is not made again, since the first half of the transaction is lost. */
#include <assert.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sql/kind.h"
#include "base/memory.h"

enum { NUMBER_SIZE = 24 };

struct postgres {
    struct sql sql;
    PGconn *connection;
    bool lost;
};

struct postgres_rows {
    struct sql_rows rows;
    PGresult *result;
    int row; /* row number from 0; -1: before the first row */
    unsigned char *blob;
};

/* Is the connection lost: did libpq itself fail (which gives no code), or does the server shut down, start up, have
 * too many clients, or has it ended an idle transaction? */
static bool is_loss(const char *code)
{
    return !code || strncmp(code, "57P", 3) == 0 || strncmp(code, "08", 2) == 0 || strcmp(code, "53300") == 0 ||
           strcmp(code, "25P03") == 0;
}

/* Does the SQLSTATE mean that another program's lock or transaction was in conflict? */
static bool is_conflict(const char *code)
{
    return strcmp(code, "40001") == 0 || strcmp(code, "40P01") == 0 || strcmp(code, "55P03") == 0;
}

/* Sets the error of a failed statement; `result`: the server's answer, or NULL. */
static bool sql_postgres_refuse(struct postgres *postgres, const PGresult *result, struct error *error,
                                const char *what)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    char why[160];
    if (is_loss(code)) postgres->lost = true;
    snprintf(why, sizeof why, "%s", PQerrorMessage(postgres->connection));
    why[strcspn(why, "\n")] = '\0';
    return error_set(error, postgres->lost || is_conflict(code) ? ERROR_TIMEOUT : ERROR_UNAVAILABLE,
                     "%s: %.60s: %.150s", postgres->sql.what, what, why);
}

/* Runs a text; several statements in it form one transaction at the server, unless one has begun already. */
static bool run_once(struct postgres *postgres, const char *text, struct error *error)
{
    PGresult *result = PQexec(postgres->connection, text);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!good) sql_postgres_refuse(postgres, result, error, text);
    PQclear(result);
    return good;
}

/* Sets up a new connection. Commits are durable whatever the server's default is. The server ends a transaction that
 * stays idle: a machine that is cut off or stopped would keep its locks, and others wait for them no longer than
 * that. */
static bool sql_postgres_ready(struct postgres *postgres, struct error *error)
{
    if (PQstatus(postgres->connection) != CONNECTION_OK)
        return sql_postgres_refuse(postgres, NULL, error, "connection");
    postgres->lost = false;
    postgres->sql.count = 0;
    return run_once(postgres,
                    "SET client_min_messages = warning; SET TimeZone = 'UTC'; SET client_encoding = 'UTF8';"
                    " SELECT set_config('synchronous_commit', 'on', false)"
                    " WHERE current_setting('synchronous_commit') IN ('off', 'local');"
                    " SELECT set_config('idle_in_transaction_session_timeout', '5s', false)"
                    " WHERE current_setting('idle_in_transaction_session_timeout') = '0'",
                    error);
}

/* Connects again. The new connection has no prepared statements; `count` 0 makes all of them be prepared again. */
static bool sql_postgres_awake(struct sql *self, struct error *error)
{
    struct postgres *postgres = (struct postgres *)self;
    if (!postgres->lost) return true;
    PQreset(postgres->connection);
    return sql_postgres_ready(postgres, error);
}

static bool sql_postgres_run(struct sql *self, const char *text, struct error *error)
{
    return run_once((struct postgres *)self, text, error);
}

static const char *sql_postgres_name_of(unsigned number)
{
    static _Thread_local char name[16];
    snprintf(name, sizeof name, "s%u", number);
    return name;
}

static bool sql_postgres_prepare_text(struct sql *self, unsigned number, const char *text, struct error *error)
{
    struct postgres *postgres = (struct postgres *)self;
    PGresult *result = PQprepare(postgres->connection, sql_postgres_name_of(number), text, 0, NULL);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!good) sql_postgres_refuse(postgres, result, error, text);
    PQclear(result);
    return good;
}

/* Drops a prepared statement at the server. Within a failed transaction the server refuses that. */
static bool sql_postgres_forget(struct sql *self, unsigned number)
{
    char text[32];
    snprintf(text, sizeof text, "DEALLOCATE %s", sql_postgres_name_of(number));
    return run_once((struct postgres *)self, text, NULL);
}

/* The parameters as libpq takes them, as many as the statement has: texts end with a zero byte, and numbers are sent as
 * texts. */
struct parameters {
    const char **values;
    int *lengths, *formats;
    char (*numbers)[NUMBER_SIZE];
    char **copies;
};

static struct parameters parameters_new(size_t count)
{
    return (struct parameters){.values = memory_zeroed(count + 1, sizeof(char *)),
                               .lengths = memory_zeroed(count + 1, sizeof(int)),
                               .formats = memory_zeroed(count + 1, sizeof(int)),
                               .numbers = memory_zeroed(count + 1, NUMBER_SIZE),
                               .copies = memory_zeroed(count + 1, sizeof(char *))};
}

static void parameters_free(struct parameters *of, size_t count)
{
    for (size_t i = 0; i < count; i++) free(of->copies[i]);
    free(of->values);
    free(of->lengths);
    free(of->formats);
    free(of->numbers);
    free(of->copies);
}

static void parameter_set(struct parameters *to, size_t i, const struct sql_value *value)
{
    switch (value->type) {
    case SQL_NULL:
        break;
    case SQL_NUMBER:
        snprintf(to->numbers[i], NUMBER_SIZE, "%" PRId64, value->number);
        to->values[i] = to->numbers[i];
        break;
    case SQL_TEXT:
        to->copies[i] = memory_zeroed(value->span.length + 1, 1);
        if (value->span.length > 0) memcpy(to->copies[i], value->span.bytes, value->span.length);
        to->values[i] = to->copies[i];
        break;
    case SQL_BYTES:
        to->values[i] = value->span.bytes ? (const char *)value->span.bytes : "";
        to->lengths[i] = (int)value->span.length;
        to->formats[i] = 1;
        break;
    }
}

/* Runs a statement; texts and numbers are sent as texts, bytes in binary form. The whole result is in memory when
 * this returns. */
static struct sql_rows *sql_postgres_ask(struct sql *self, unsigned number, const struct sql_value *values,
                                         size_t count, struct error *error)
{
    struct postgres *postgres = (struct postgres *)self;
    struct parameters to = parameters_new(count);
    for (size_t i = 0; i < count; i++) parameter_set(&to, i, &values[i]);
    PGresult *result = PQexecPrepared(postgres->connection, sql_postgres_name_of(number), (int)count, to.values,
                                      to.lengths, to.formats, 0);
    parameters_free(&to, count);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
        sql_postgres_refuse(postgres, result, error, self->kept[number]);
        PQclear(result);
        return NULL;
    }
    self->changes = strtoll(PQcmdTuples(result), NULL, 10);
    struct postgres_rows *rows = memory_zeroed(1, sizeof *rows);
    *rows = (struct postgres_rows){{self}, result, -1, NULL};
    return &rows->rows;
}

static bool sql_postgres_next(struct sql_rows *self)
{
    struct postgres_rows *rows = (struct postgres_rows *)self;
    if (rows->row < PQntuples(rows->result)) rows->row++;
    return rows->row < PQntuples(rows->result);
}

static bool sql_postgres_end(struct sql_rows *self, struct error *error)
{
    struct postgres_rows *rows = (struct postgres_rows *)self;
    (void)error;
    PQclear(rows->result);
    PQfreemem(rows->blob);
    free(rows);
    return true;
}

static bool sql_postgres_is_null(const struct sql_rows *self, int column)
{
    const struct postgres_rows *rows = (const struct postgres_rows *)self;
    return PQgetisnull(rows->result, rows->row, column);
}

static int64_t sql_postgres_number_of(const struct sql_rows *self, int column)
{
    const struct postgres_rows *rows = (const struct postgres_rows *)self;
    return strtoll(PQgetvalue(rows->result, rows->row, column), NULL, 10);
}

static struct span sql_postgres_string_of(const struct sql_rows *self, int column)
{
    const struct postgres_rows *rows = (const struct postgres_rows *)self;
    return (struct span){(const uint8_t *)PQgetvalue(rows->result, rows->row, column),
                         (uint32_t)PQgetlength(rows->result, rows->row, column)};
}

/* Returns the bytes of a blob column, valid until the next blob of the same answer is read. */
static struct span sql_postgres_blob_of(struct sql_rows *self, int column)
{
    struct postgres_rows *rows = (struct postgres_rows *)self;
    size_t length = 0;
    PQfreemem(rows->blob);
    rows->blob = PQunescapeBytea((const unsigned char *)PQgetvalue(rows->result, rows->row, column), &length);
    return (struct span){rows->blob, (uint32_t)length};
}

static bool sql_postgres_begin(struct sql *self, bool writes, struct error *error)
{
    return sql_postgres_run(self, writes ? "BEGIN" : "BEGIN READ ONLY", error);
}

/* Commits; after a failed statement the server answers COMMIT by rolling back and reports success, which is returned
 * as an error here. */
static bool sql_postgres_commit(struct sql *self, struct error *error)
{
    struct postgres *postgres = (struct postgres *)self;
    if (PQtransactionStatus(postgres->connection) == PQTRANS_INERROR) {
        run_once(postgres, "ROLLBACK", error);
        return error_set(error, ERROR_STATE, "a statement of the transaction failed before: nothing of it was kept");
    }
    return run_once(postgres, "COMMIT", error);
}

static void sql_postgres_close_all(struct sql *self)
{
    PQfinish(((struct postgres *)self)->connection);
    free(self);
}

bool sql_lost(const struct sql *sql)
{
    return sql->kind->dialect == SQL_POSTGRES && ((const struct postgres *)sql)->lost;
}

/* Ends COPY and takes all results, even after a failure: else the connection would stay in COPY. The first failure
 * is returned. */
static PGresult *copy_end(PGconn *connection)
{
    PGresult *failed = NULL, *result;
    while ((result = PQgetResult(connection)))
        if (PQresultStatus(result) != PGRES_COMMAND_OK && !failed)
            failed = result;
        else
            PQclear(result);
    return failed;
}

/* Inserts many rows by COPY, which is much faster than INSERT. The lines are sent in parts of 1 MiB. */
bool sql_copy(struct sql *self, const char *command, const char *lines, size_t length, struct error *error)
{
    struct postgres *postgres = (struct postgres *)self;
    assert(self->kind->dialect == SQL_POSTGRES);
    PGresult *failed = PQexec(postgres->connection, command);
    bool good = PQresultStatus(failed) == PGRES_COPY_IN;
    if (good) {
        PQclear(failed);
        for (size_t at = 0; good && at < length;) {
            size_t part = length - at < (1 << 20) ? length - at : 1 << 20;
            good = PQputCopyData(postgres->connection, lines + at, (int)part) == 1;
            at += part;
        }
        good = good && PQputCopyEnd(postgres->connection, NULL) == 1;
        failed = copy_end(postgres->connection);
        good = good && !failed;
    }
    if (!good) sql_postgres_refuse(postgres, failed, error, command);
    PQclear(failed);
    return good;
}

/* Ignores the server's notices: libpq would print them to standard error, which belongs to the program. */
static void postgres_unheard(void *self, const char *text)
{
    (void)self, (void)text;
}

/* Connects: a server that does not answer is given up after ten seconds, a connection that is cut off after thirty;
 * of several hosts the first writable one is used. The connection string may set other values. */
struct sql *sql_open_postgres(const char *conninfo, const char *what, struct error *error)
{
    static const struct sql_kind kind = {
        SQL_POSTGRES,         sql_postgres_awake,     sql_postgres_run,       sql_postgres_prepare_text,
        sql_postgres_forget,  sql_postgres_ask,       sql_postgres_next,      sql_postgres_end,
        sql_postgres_is_null, sql_postgres_number_of, sql_postgres_string_of, sql_postgres_blob_of,
        sql_postgres_begin,   sql_postgres_commit,    sql_postgres_close_all};
    static const char *const names[] = {"connect_timeout", "tcp_user_timeout", "target_session_attrs", "dbname", NULL};
    const char *const values[] = {"10", "30000", "read-write", conninfo, NULL};
    struct postgres *postgres = memory_zeroed(1, sizeof *postgres);
    postgres->sql = (struct sql){.kind = &kind, .what = what};
    postgres->connection = PQconnectdbParams(names, values, 1);
    PQsetNoticeProcessor(postgres->connection, postgres_unheard, NULL);
    if (sql_postgres_ready(postgres, error)) return &postgres->sql;
    sql_postgres_close_all(&postgres->sql);
    return NULL;
}
