/* tests/unit/store_world.c - A contact store for the tests. */
#include "tests/unit/store_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/sql_world.h"

bool world_is_file(const struct store_world *world)
{
    return sql_world_is_file(world->target);
}

void world_new(struct store_world *world)
{
    const char *conninfo = getenv("GCX_PG_CONNINFO");
    *world = (struct store_world){.folder = "/tmp/gcx-store-XXXXXX"};
    cr_assert(mkdtemp(world->folder));
    if (conninfo)
        snprintf(world->target, sizeof world->target, "%s", conninfo);
    else
        snprintf(world->target, sizeof world->target, "sqlite:%s/store.db", world->folder);
    if (conninfo) world_asks(world, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    world_again(world);
}

void world_again(struct store_world *world)
{
    store_close(world->store);
    world->store = store_open(world->target, &(struct store_options){.country = "DE"}, &world->error);
    cr_assert(world->store, "%s", world->error.text);
}

void world_free(struct store_world *world)
{
    char command[96];
    store_close(world->store);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    cr_assert_eq(system(command), 0);
}

const char *world_asks(const struct store_world *world, const char *sql)
{
    return sql_world_asks(world->target, sql);
}

struct store_key world_mail(struct store_world *world, const char *id, const char *from, const char *subject,
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
