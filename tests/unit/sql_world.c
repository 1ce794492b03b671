/* tests/unit/sql_world.c - Asks SQLite and PostgreSQL by their own libraries. */
#include "tests/unit/sql_world.h"

#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

bool sql_world_is_file(const char *target)
{
    return strncmp(target, "sqlite:", 7) == 0;
}

static void file_asks(const char *file, const char *sql, char *answer, size_t size)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000); /* a plugin may be writing */
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *cell = (const char *)sqlite3_column_text(statement, i);
            size_t at = strlen(answer);
            snprintf(answer + at, size - at, "%s%s", at == 0 ? "" : i == 0 ? "\n" : "|", cell ? cell : "");
        }
    cr_assert_eq(sqlite3_finalize(statement), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void server_asks(const char *conninfo, const char *sql, char *answer, size_t size)
{
    PGconn *connection = PQconnectdb(conninfo);
    PQclear(PQexec(connection, "SET client_min_messages = warning"));
    PGresult *result = PQexec(connection, sql);
    cr_assert(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", sql,
              PQerrorMessage(connection));
    for (int row = 0; row < PQntuples(result); row++)
        for (int i = 0; i < PQnfields(result); i++) {
            size_t at = strlen(answer);
            snprintf(answer + at, size - at, "%s%s", at == 0 ? "" : i == 0 ? "\n" : "|", PQgetvalue(result, row, i));
        }
    PQclear(result);
    PQfinish(connection);
}

const char *sql_world_asks(const char *target, const char *sql)
{
    static char answer[4096];
    answer[0] = '\0';
    if (sql_world_is_file(target))
        file_asks(target + 7, sql, answer, sizeof answer);
    else
        server_asks(target, sql, answer, sizeof answer);
    return answer;
}
