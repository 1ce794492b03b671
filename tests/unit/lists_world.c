/* tests/unit/lists_world.c - Calling lists for the tests. */
#include "config.h"

#include "tests/unit/lists_world.h"

#include <stdlib.h>
#include <time.h>

#include "tests/unit/sql_world.h"

int64_t world_moment(const char *utc)
{
    struct tm tm = {0};
    cr_assert(strptime(utc, "%Y-%m-%d %H:%M", &tm));
    return (int64_t)timegm(&tm) * 1000000;
}

struct lists *world_opened(struct lists_world *world)
{
    struct lists *lists = lists_open(world->target, false, &world->error);
    cr_assert(lists, "%s", world->error.text);
    return lists;
}

void world_new(struct lists_world *world)
{
    const char *conninfo = getenv("GCX_PG_CONNINFO");
    *world = (struct lists_world){.folder = "/tmp/gcx-lists-XXXXXX", .now = world_moment("2026-03-02 12:00")};
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

void world_free(struct lists_world *world)
{
    char command[96];
    lists_close(world->lists);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    cr_assert_eq(system(command), 0);
}

const char *world_asks(const struct lists_world *world, const char *sql)
{
    return sql_world_asks(world->target, sql);
}

static void refused(void *self, uint64_t row, unsigned line, enum lists_answer given, const char *why)
{
    struct lists_world *world = self;
    size_t at = strlen(world->said);
    cr_expect_gt(strlen(why), 0);
    snprintf(world->said + at, sizeof world->said - at, "%u %u %s;", (unsigned)row, line, lists_answer_name(given));
}

bool world_import(struct lists_world *world, const char *text)
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

const char *world_fetch(struct lists_world *world, struct lists *lists, const char *session, const char *filter,
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

int64_t world_record(const struct lists_world *world, const char *digits, int64_t *version)
{
    char sql[160];
    long long record, found;
    snprintf(sql, sizeof sql, "select id, version from records where number = '+4930%s' and list = %lld", digits,
             (long long)world->list);
    cr_assert_eq(sscanf(world_asks(world, sql), "%lld|%lld", &record, &found), 2, "%s", digits);
    *version = found;
    return record;
}
