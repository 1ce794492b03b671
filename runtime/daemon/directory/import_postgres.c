/* runtime/daemon/directory/import_postgres.c - Reads a directory in PostgreSQL: copies each table from the server as
 * a sheet, all in one transaction.
 *
 * The transaction is read only and sees one moment (repeatable read): a directory that is changed while it is read
 * is read as it was before. No call blocks: libpq is called only when its socket is ready, and the load's time limit
 * and its stop flag are checked. */
#include "runtime/daemon/directory/postgres.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/site/databases.h"
#include "runtime/daemon/directory/import_state.h"
#include "runtime/host/real.h"
#include "runtime/sources/conninfo.h"
#include "base/memory.h"
#include "base/why.h"

enum { LOOK_MS = 100, SENT_BYTES_MAX = 64 * 1024 * 1024 };

/* Lists the tables and views of the search path, with a statement that copies each: the primary key first, booleans
 * as the language writes them. */
static const char tables_query[] =
    "select c.relname, format('copy (select %s from %I.%I) to stdout with (format csv, header)', (select "
    "string_agg(case when a.atttypid = 'bool'::regtype then format('case when %1$I then ''true'' when not %1$I then "
    "''false'' end as %1$I', a.attname) else format('%I', a.attname) end, ', ' order by coalesce(a.attnum = any(k"
    ".indkey), false) desc, a.attnum) from pg_attribute a left join pg_index k on k.indrelid = c.oid and "
    "k.indisprimary "
    "where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), n.nspname, c.relname) from pg_class c join "
    "pg_namespace n on n.oid = c.relnamespace where n.nspname = any (current_schemas(false)) and c.relkind in ('r', "
    "'v', 'm', 'p', 'f') and pg_table_is_visible(c.oid) order by 1";

/* The error text of the server or libpq, as one line. */
static bool import_pg_failed(PGconn *pg, const struct bound *bound, struct error *error)
{
    char why[400];
    why_connections(why, sizeof why, sql_bound_over(bound) ? SQL_TOO_LONG : PQerrorMessage(pg));
    return error_set(error, ERROR_UNAVAILABLE, "%s", why[0] ? why : "the connection was lost");
}

/* Waits until the server has sent something, or can take more. False: the time is over, or the load was stopped. */
static bool import_pg_awaited(PGconn *pg, short events, const struct bound *bound)
{
    struct pollfd there = {.fd = PQsocket(pg), .events = events};
    while (!sql_bound_over(bound)) {
        int count = poll(&there, 1, LOOK_MS);
        if (count > 0) return true;
        if (count < 0 && errno != EINTR) return false;
    }
    return false;
}

PGconn *postgres_open(const struct conf_source *source, const struct bound *bound, struct error *error)
{
    assert(source && source->postgres[0] && bound);
    struct source_options options = databases_options(source);
    char why[256];
    struct conninfo *conninfo = conninfo_new(&options, error);
    if (!conninfo) return NULL;
    if (conninfo_named(conninfo) && !conninfo_resolve(conninfo, why, sizeof why)) {
        error_set(error, ERROR_UNAVAILABLE, "%s", why);
        conninfo_free(conninfo);
        return NULL;
    }
    PGconn *pg = conninfo_connect(conninfo);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    bool good = pg && PQstatus(pg) != CONNECTION_BAD;
    while (good && state != PGRES_POLLING_OK) {
        good = import_pg_awaited(pg, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, bound) &&
               (state = PQconnectPoll(pg)) != PGRES_POLLING_FAILED;
    }
    conninfo_free(conninfo);
    if (good) return pg;
    if (pg) import_pg_failed(pg, bound, error);
    PQfinish(pg);
    return NULL;
}

/* Returns the next result of what was sent; NULL: there is none, or it has not come in time. */
static PGresult *result_next(PGconn *pg, const struct bound *bound)
{
    while (PQflush(pg) > 0 || PQisBusy(pg))
        if (!import_pg_awaited(pg, POLLIN, bound) || !PQconsumeInput(pg)) return NULL;
    return PQgetResult(pg);
}

PGresult *postgres_ask(PGconn *pg, const char *sql, const struct bound *bound, struct error *error)
{
    PGresult *last = NULL, *next;
    if (!PQsendQuery(pg, sql)) return import_pg_failed(pg, bound, error), NULL;
    while ((next = result_next(pg, bound))) {
        PQclear(last);
        last = next;
        if (PQresultStatus(last) == PGRES_COPY_OUT) break;
    }
    ExecStatusType status = last ? PQresultStatus(last) : PGRES_FATAL_ERROR;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_OUT) return last;
    import_pg_failed(pg, bound, error);
    PQclear(last);
    return NULL;
}

static bool import_pg_done(PGconn *pg, const char *sql, const struct bound *bound, struct error *error)
{
    PGresult *result = postgres_ask(pg, sql, bound, error);
    PQclear(result);
    return result != NULL;
}

/* libpq ends the rows of a copy in the same way if the server broke it off: only the result after the rows says so. */
static bool copy_whole(PGconn *pg, const struct bound *bound)
{
    ExecStatusType status = PGRES_FATAL_ERROR;
    PGresult *result;
    while ((result = result_next(pg, bound))) {
        status = PQresultStatus(result);
        PQclear(result);
    }
    return status == PGRES_COMMAND_OK && PQtransactionStatus(pg) == PQTRANS_INTRANS;
}

/* Reads the copy that the server sends, with a final zero; NULL with the reason. */
static char *import_pg_copied(PGconn *pg, const char *copy, size_t *length, const struct bound *bound,
                              struct error *error)
{
    size_t room = 4096;
    int got = 0;
    char *text = memory_grown(NULL, room, 1), *part;
    *length = 0;
    bool good = import_pg_done(pg, copy, bound, error);
    while (good && (got = PQgetCopyData(pg, &part, 1)) >= 0) {
        if (got == 0) {
            good = import_pg_awaited(pg, POLLIN, bound) && PQconsumeInput(pg);
            if (!good) import_pg_failed(pg, bound, error);
            continue;
        }
        while (*length + (size_t)got + 1 > room) text = memory_grown(text, room *= 2, 1);
        memcpy(text + *length, part, (size_t)got);
        *length += (size_t)got;
        PQfreemem(part);
        good = *length <= SENT_BYTES_MAX;
        if (!good) error_set(error, ERROR_LIMIT, "a table has more than %d bytes", SENT_BYTES_MAX);
    }
    if (good) good = copy_whole(pg, bound) || import_pg_failed(pg, bound, error);
    text[*length] = '\0';
    if (good) return text;
    free(text);
    return NULL;
}

static bool import_pg_table_read(sqlite3 *db, PGconn *pg, const char *name, const char *copy, const char *file,
                                 const struct bound *bound, struct error *error)
{
    char at[NAME_MAX_BYTES + 160];
    struct error why = {0};
    size_t length;
    char *text = import_pg_copied(pg, copy, &length, bound, &why);
    snprintf(at, sizeof at, "%.80s: table %.64s", file, name);
    bool good = text && import_csv_text(db, at, name, text, length, error);
    if (!text) error_set(error, why.code, "%s: %s", at, why.text);
    free(text);
    return good;
}

static bool tables_read(sqlite3 *db, PGconn *pg, const char *file, const struct bound *bound, struct error *error)
{
    struct error why = {0};
    PGresult *tables = NULL;
    bool good = import_pg_done(pg, "set datestyle = iso; set client_encoding = 'UTF8'", bound, &why) &&
                import_pg_done(pg, "begin isolation level repeatable read read only", bound, &why) &&
                (tables = postgres_ask(pg, tables_query, bound, &why)) != NULL;
    if (!good) error_set(error, why.code, "%s: %s", file, why.text);
    for (int i = 0; good && i < PQntuples(tables); i++) {
        const char *name = PQgetvalue(tables, i, 0);
        if (import_table_named(name) || import_is_sheet(name))
            good = import_pg_table_read(db, pg, name, PQgetvalue(tables, i, 1), file, bound, error);
    }
    if (good && !import_pg_done(pg, "commit", bound, &why)) good = error_set(error, why.code, "%s: %s", file, why.text);
    PQclear(tables);
    return good;
}

struct directory_import *import_read_postgres(const char *file, const struct conf_source *source, unsigned seconds,
                                              const atomic_bool *stop, struct error *error)
{
    assert(file && source);
    struct bound bound = {host_monotonic_us() + seconds * UINT64_C(1000000), stop};
    struct error why = {0};
    PGconn *pg = postgres_open(source, &bound, &why);
    if (!pg) {
        error_set(error, ERROR_UNAVAILABLE, "%s: %s", file, why.text);
        return NULL;
    }
    sqlite3 *db = sql_database(&bound, 0);
    bool good = lite_do(db, "begin") && tables_read(db, pg, file, &bound, error) && lite_do(db, "commit");
    PQfinish(pg);
    if (good) return import_of(db, file, error);
    sqlite3_close(db);
    return NULL;
}
