/* tests/unit/store_world.c - A contact store for the tests. */
#include "tests/unit/store_world.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool world_is_file(const struct world *world)
{
    return strncmp(world->target, "sqlite:", 7) == 0;
}

void world_new(struct world *world)
{
    const char *conninfo = getenv("GCX_PG_CONNINFO");
    *world = (struct world){.folder = "/tmp/gcx-store-XXXXXX"};
    cr_assert(mkdtemp(world->folder));
    if (conninfo)
        snprintf(world->target, sizeof world->target, "%s", conninfo);
    else
        snprintf(world->target, sizeof world->target, "sqlite:%s/store.db", world->folder);
    if (conninfo) world_asks(world, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    world_again(world);
}

void world_again(struct world *world)
{
    store_close(world->store);
    world->store = store_open(world->target, &(struct store_options){.country = "DE"}, &world->error);
    cr_assert(world->store, "%s", world->error.text);
}

void world_free(struct world *world)
{
    char command[96];
    store_close(world->store);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    cr_assert_eq(system(command), 0);
}

static void file_asks(const char *file, const char *sql, char *answer, size_t size)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *cell = (const char *)sqlite3_column_text(statement, i);
            size_t at = strlen(answer);
            snprintf(answer + at, size - at, "%s%s", at == 0 ? "" : i == 0 ? "\n" : "|", cell ? cell : "");
        }
    sqlite3_finalize(statement);
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

const char *world_asks(const struct world *world, const char *sql)
{
    static char answer[4096];
    answer[0] = '\0';
    if (world_is_file(world))
        file_asks(world->target + 7, sql, answer, sizeof answer);
    else
        server_asks(world->target, sql, answer, sizeof answer);
    return answer;
}

struct store_key world_mail(struct world *world, const char *id, const char *from, const char *subject,
                            const char *text)
{
    static int64_t now = INT64_C(1795317300000000);
    now += 1000000;
    struct store_key key;
    struct store_arrival arrival = {
        .tenant = "",
        .media = "email",
        .external_id = span_of(id),
        .kind = STORE_email,
        .address = span_of(from),
        .received = now,
        .message = {.at = now, .subject = span_of(subject), .text = span_of(text)},
    };
    cr_assert(store_put(world->store, &arrival, &key, &world->error), "%s", world->error.text);
    return key;
}

void world_list(void *out, const struct store_shown *shown)
{
    struct listed *listed = out;
    size_t at = strlen(listed->text);
    snprintf(listed->text + at, sizeof listed->text - at, "%.*s ", (int)shown->subject.length,
             (const char *)shown->subject.bytes);
}
