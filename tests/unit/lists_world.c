/* tests/unit/lists_world.c - Calling lists for the tests. */
#include "config.h"

#include "tests/unit/lists_world.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>

static bool is_file(const struct world *world)
{
    return strncmp(world->target, "sqlite:", 7) == 0;
}

int64_t world_moment(const char *utc)
{
    struct tm tm = {0};
    cr_assert(strptime(utc, "%Y-%m-%d %H:%M", &tm));
    return (int64_t)timegm(&tm) * 1000000;
}

struct lists *world_opened(struct world *world)
{
    struct lists *lists = lists_open(world->target, false, &world->error);
    cr_assert(lists, "%s", world->error.text);
    return lists;
}

void world_new(struct world *world)
{
    const char *conninfo = getenv("GCX_PG_CONNINFO");
    *world = (struct world){.folder = "/tmp/gcx-lists-XXXXXX", .now = world_moment("2026-03-02 12:00")};
    cr_assert(mkdtemp(world->folder));
    if (conninfo)
        snprintf(world->target, sizeof world->target, "%s", conninfo);
    else
        snprintf(world->target, sizeof world->target, "sqlite:%s/lists.db", world->folder);
    if (conninfo) world_asks(world, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    world->lists = world_opened(world);
    cr_assert(lists_make(world->lists, NULL, "spring", world->now, &world->list, &world->error), "%s",
              world->error.text);
}

void world_free(struct world *world)
{
    char command[96];
    lists_close(world->lists);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    cr_assert_eq(system(command), 0);
}

static void file_asks(const char *file, const char *sql, char *answer, size_t size)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000); /* a dialer may be writing */
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

const char *world_asks(const struct world *world, const char *sql)
{
    static char answer[4096];
    answer[0] = '\0';
    if (is_file(world))
        file_asks(world->target + 7, sql, answer, sizeof answer);
    else
        server_asks(world->target, sql, answer, sizeof answer);
    return answer;
}

static void refused(void *self, uint64_t row, unsigned line, enum lists_answer given, const char *why)
{
    struct world *world = self;
    size_t at = strlen(world->said);
    cr_expect_gt(strlen(why), 0);
    snprintf(world->said + at, sizeof world->said - at, "%u %u %s;", (unsigned)row, line, lists_answer_name(given));
}

bool world_import(struct world *world, const char *text)
{
    struct lists_import asked = {
        .form = {.country = "DE", .zone = "Europe/Berlin"},
        .list = world->list,
        .now = world->now,
        .map = (const char *const[]){"Saldo=balance:number", "Notes="},
        .map_count = 2,
        .refused = refused,
        .self = world,
    };
    char *copy = strdup(text);
    world->said[0] = '\0';
    bool good = lists_import(world->lists, &asked, copy, strlen(copy), &world->told, &world->error);
    free(copy);
    return good;
}

struct shown {
    char text[4096];
    int64_t chain;
};

static void show(void *self, const struct lists_record *record)
{
    struct shown *shown = self;
    size_t at = strlen(shown->text);
    const char *number = (const char *)record->number.bytes;
    const char *between = shown->chain == 0 ? "" : shown->chain == record->chain ? " " : "|";
    snprintf(shown->text + at, sizeof shown->text - at, "%s%s%s:%.*s", between, record->current ? "*" : "",
             strncmp(number, "+4930", 5) == 0 ? number + 5 : number, (int)record->status.length,
             (const char *)record->status.bytes);
    shown->chain = record->chain;
}

const char *world_fetch(struct world *world, struct lists *lists, const char *session, const char *filter,
                        const char *order, const struct lists_terms *terms, unsigned count)
{
    static struct shown shown;
    static int64_t ref = 1000;
    struct lists_selection *selection = lists_select(lists, world->list, filter, order, &world->error);
    cr_assert(selection, "%s", world->error.text);
    struct lists_portion portion = {.selection = selection,
                                    .session = session,
                                    .campaign = "spring",
                                    .ref = ++ref,
                                    .count = count,
                                    .now = world->now};
    if (terms) portion.terms = *terms;
    shown = (struct shown){0};
    cr_assert(lists_fetch(lists, &portion, show, &shown, &world->error), "%s", world->error.text);
    lists_select_end(selection);
    return shown.text;
}

int64_t world_record(const struct world *world, const char *digits, int64_t *version)
{
    char sql[160];
    long long record, found;
    snprintf(sql, sizeof sql, "select id, version from records where number = '+4930%s' and list = %lld", digits,
             (long long)world->list);
    cr_assert_eq(sscanf(world_asks(world, sql), "%lld|%lld", &record, &found), 2, "%s", digits);
    *version = found;
    return record;
}
