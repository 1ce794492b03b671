/* tests/unit/core_why.c - What an agent lacks, which lines are open, where one waits; and pages that leave nobody
 * out. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/why.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_why, .timeout = 30);

static uint32_t index_of(const struct core_world *world, const char *name)
{
    uint32_t index = UINT32_MAX;
    cr_assert(core_agent_named(world->core, span_of(name), &index));
    return index;
}

Test(core_why, each_part_that_an_agent_lacks_is_named_with_the_level_that_would_do)
{
    struct core_world *world = world_new();
    struct why_match match;
    skill(world, "paul", "French", 4);
    skill(world, "paul", "Sales", 0);
    commit(world, false);
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(core_why_match(world->core, world->ixn, 0, index_of(world, "paul"), &match));
    cr_expect_not(match.matches);
    cr_expect_not(match.either);
    cr_assert_eq(match.count, 2u, "%u parts", match.count);
    cr_expect(span_is(match.parts[0].name, "French"));
    cr_expect(match.parts[0].has == 4 && match.parts[0].needs == 8);
    cr_expect(span_is(match.parts[1].name, "Sales"));
    cr_expect(match.parts[1].has == 0 && match.parts[1].needs == 1);
    cr_assert(core_why_match(world->core, world->ixn, 0, index_of(world, "marie"), &match));
    cr_expect(match.matches && match.count == 0);
    cr_expect_not(core_why_match(world->core, world->ixn, 0, 100000, &match));
    cr_expect_not(core_why_match(world->core, world->ixn, 99, 0, &match));
    world_free(world);
}

Test(core_why, what_was_found_out_changes_nothing)
{
    struct core_world *world = world_new();
    struct why_match match;
    call_until_selection(world, CALL, "2", "basic");
    uint64_t digest = core_digest(world->core);
    for (uint32_t at = 0; at < world->core->agents->count; at++)
        for (uint32_t line = 0; core_why_match(world->core, world->ixn, line, at, &match); line++) continue;
    cr_expect_eq(core_digest(world->core), digest);
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}

Test(core_why, lines_say_when_they_open_and_whom_they_name)
{
    struct core_world *world = world_new();
    struct why_line first, second, third;
    struct why_match match;
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(core_why_line(world->core, world->ixn, 0, &first) && core_why_line(world->core, world->ixn, 1, &second) &&
              core_why_line(world->core, world->ixn, 2, &third));
    cr_expect_not(core_why_line(world->core, world->ixn, 3, &third));
    cr_expect(first.open && strcmp(first.kind, "condition") == 0);
    cr_expect_not(second.open);
    cr_expect_eq(second.opens_us - first.opens_us, 20000000u);
    cr_assert(core_why_line(world->core, world->ixn, 2, &third));
    cr_expect(strcmp(third.kind, "group") == 0 && span_is(third.target, "overflow"));
    world_advance(world, 20000000);
    cr_assert(core_why_line(world->core, world->ixn, 1, &second));
    cr_expect(second.open);
    cr_assert(core_why_match(world->core, world->ixn, 2, index_of(world, "marie"), &match));
    cr_assert_eq(match.count, 1u);
    cr_expect(match.parts[0].group && match.parts[0].needs == 1 && span_is(match.parts[0].name, "overflow"));
    world_free(world);
}

Test(core_why, an_agent_who_is_in_a_group_by_its_place_is_told_so)
{
    struct core_world *world = world_new();
    struct why_match match;
    directory(world, table_group_place, "overflow/window",
              (const char *const[]){"group", "overflow", "place", "window", NULL});
    directory(world, table_place_dn, "7001", (const char *const[]){"place", "window", NULL});
    skill(world, "marie", "French", 1);
    commit(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(core_why_match(world->core, world->ixn, 2, index_of(world, "marie"), &match));
    cr_expect(match.matches && span_is(match.group, "overflow") && span_is(match.place, "window"));
    cr_assert(core_why_match(world->core, world->ixn, 2, index_of(world, "olga"), &match));
    cr_expect(match.matches && match.group.length == 0 && match.place.length == 0, "a member herself");
    cr_assert(core_why_match(world->core, world->ixn, 2, index_of(world, "paul"), &match));
    cr_expect(!match.matches && match.place.length == 0);
    world_free(world);
}

Test(core_why, one_that_waits_has_step_place_and_position)
{
    struct core_world *world = world_new();
    struct where_row where;
    struct waiting_row waiting;
    call_until_selection(world, CALL, "2", "basic");
    world_advance(world, 1000000);
    call_until_selection(world, OTHER, "2", "gold");
    uint64_t gold = world->ixn;
    cr_assert(core_where(world->core, gold, false, &where));
    cr_expect(span_is(where.step, "select"));
    cr_assert(core_waiting(world->core, gold, &waiting));
    cr_expect(span_is(waiting.vq, "service"));
    cr_expect_eq(waiting.among, 2u);
    cr_expect_eq(waiting.position, 1u, "gold comes first");
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row));
    cr_assert(core_waiting(world->core, row.ixn, &waiting));
    cr_expect_eq(waiting.position, 2u);
    cr_expect(span_is(row.vq, "service"));
    cr_expect_not(core_waiting(world->core, 77, &waiting));
    cr_expect_not(core_where(world->core, 77, false, &where));
    world_free(world);
}

Test(core_why, pages_of_interactions_leave_nobody_out_who_ends_between_them)
{
    struct core_world *world = world_new();
    struct interaction_row row;
    uint64_t cursor = 0;
    unsigned living = 0, ended = 0;
    for (uint64_t conn = CALL; conn < CALL + 6; conn++) created(world, conn);
    cr_assert(core_interaction(world->core, &cursor, &row) && core_interaction(world->core, &cursor, &row));
    cr_expect_eq(row.conn, CALL + 1u);
    deleted(world, CALL + 1); /* where the page ended */
    deleted(world, CALL + 4); /* not told yet */
    while (core_interaction(world->core, &cursor, &row))
        if (span_is(row.state, "ended"))
            ended++;
        else
            living++;
    cr_expect_eq(living, 3u);
    cr_expect_eq(ended, 2u);
    cr_expect_not(core_interaction(world->core, &cursor, &row));
    world_free(world);
}

Test(core_why, points_and_images_are_told_with_their_use)
{
    struct core_world *world = world_new();
    struct point_row point;
    uint32_t uses[4] = {0};
    uint64_t cursor = 0;
    struct span group;
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(core_point(world->core, 0, &point));
    cr_expect(point.known && point.image && point.percent == 100);
    cr_expect_not(core_point(world->core, 99, &point));
    cr_assert_eq(core_program(world->core, 0), world->image);
    cr_expect_null(core_program(world->core, 1));
    while (core_uses(world->core, &cursor, 1, uses, 4)) continue;
    cr_expect_eq(uses[0], 1u);
    cr_expect_not(core_agent_group(world->core, index_of(world, "marie"), 9, &group));
    world_free(world);
}

/* How many wait in the queue service whom nobody there could take. */
static uint64_t in_vain(const struct core_world *world)
{
    struct queue_row row;
    cr_assert(core_queue(world->core, 0, &row) && span_is(row.name, "service"));
    uint64_t digest = core_digest(world->core), count = core_why_nobody(world->core, 0);
    cr_expect_eq(core_digest(world->core), digest);
    return count;
}

/* What is left to the call is the line of the group overflow, of whom olga alone is a member. */
Test(core_why, who_waits_for_somebody_who_is_not_there_is_counted)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "basic");
    cr_expect_eq(in_vain(world), 0u, "a line opens later");
    world_advance(world, 20000000);
    cr_expect_eq(in_vain(world), 0u);
    world_advance(world, 20000000);
    cr_expect_eq(in_vain(world), 1u);
    agent(world, "paul", "7002", agent_state_not_ready);
    cr_expect_eq(in_vain(world), 1u, "he lacks what they demand");
    agent(world, "olga", "", agent_state_not_ready);
    cr_expect_eq(in_vain(world), 1u, "she is at no telephone");
    agent(world, "olga", "7003", agent_state_not_ready);
    cr_expect_eq(in_vain(world), 0u, "she will be ready again");
    agent(world, "olga", "7003", agent_state_logged_out);
    cr_expect_eq(in_vain(world), 1u);
    skill(world, "paul", "French", 5);
    commit(world, false);
    cr_expect_eq(in_vain(world), 0u, "the line that opened second");
    skill(world, "paul", "French", 4);
    commit(world, false);
    call_until_selection(world, OTHER, "2", "basic");
    cr_expect_eq(in_vain(world), 1u, "the second call has lines that open later");
    cr_expect_eq(core_why_nobody(world->core, 99), 0u);
    deleted(world, CALL);
    cr_expect_eq(in_vain(world), 0u);
    world_free(world);
}
