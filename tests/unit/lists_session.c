/* tests/unit/lists_session.c - What a session does with calling lists, for the tests (lists_session.h). */
#include "tests/unit/lists_session.h"

void session_begins(struct lists_world *world, const char *csv)
{
    world_new(world);
    cr_assert(world_import(world, csv), "%s", world->error.text);
    cr_assert_str_eq(world->said, "");
}

enum lists_answer session_dials(struct lists_world *world, const char *session, const char *digits, int64_t *attempt)
{
    struct lists_dial dial = {.session = session, .campaign = "spring", .now = world->now};
    dial.record = world_record(world, digits, &dial.revision);
    dial.revision++;
    return lists_dial(world->lists, &dial, attempt, &world->error);
}

enum lists_answer session_ends(struct lists_world *world, const char *digits, enum cause result, int64_t due)
{
    struct lists_change over = {
        .op = LISTS_OP_retry, .session = "one", .now = world->now, .result = result, .due = due};
    over.record = world_record(world, digits, &over.revision);
    over.revision++;
    return lists_change(world->lists, &over, &world->error);
}

int64_t session_list(struct lists_world *world, const char *name, const char *csv)
{
    cr_assert(lists_make(world->lists, NULL, name, world->now, &world->list, &world->error));
    cr_assert(world_import(world, csv), "%s", world->error.text);
    return world->list;
}

void session_is_silent(void *self, const char *session)
{
    strcat(self, session);
}
