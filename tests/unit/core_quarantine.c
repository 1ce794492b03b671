/* tests/unit/core_quarantine.c - What has crashed a core twice: its event is passed over, its interaction goes to the
 * default destinations, and nobody else notices. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"

static void with_twins(void)
{
    setenv("GCX_TWIN", "1", 1); /* the table is in snapshots */
}

TestSuite(core_quarantine, .timeout = 60, .init = with_twins);

static struct core_status status_of(struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

static struct quarantined_row only_row(struct core_world *world)
{
    struct quarantined_row row;
    cr_assert(core_quarantined(world->core, 0, &row));
    cr_assert_not(core_quarantined(world->core, 1, &(struct quarantined_row){0}));
    return row;
}

/* As the host says it of the link's next event. */
static struct writer *quarantined(struct core_world *world, unsigned kind, uint64_t ixn, uint64_t conn)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_Quarantined, ixn, 0, conn);
    writer_u(writer, Quarantined_batch, world->number + 1);
    writer_u(writer, Quarantined_index, 0);
    writer_u(writer, Quarantined_kind, kind);
    writer_u(writer, Quarantined_link, LINK);
    writer_u(writer, Quarantined_number, world->seq[LINK] + 1);
    return writer;
}

Test(core_quarantine, a_running_strategy_ends_in_the_default_destinations)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    uint64_t ixn = world->ixn;
    call_until_selection(world, OTHER, "2", "gold");
    world_forget(world);
    quarantined(world, KIND_EventParty, 0, CALL);
    world_post(world);
    expect(world, "RouteDefault fault\n");
    cr_assert_eq(world->sent[(world->sent_count - 1) % 16].conn, CALL);
    cr_assert_eq(world->ixn, ixn);
    cr_assert_eq(status_of(world).waiting, 1u, "the other one waits as before");
    party(world, CALL, "+33145550101", NULL, party_role_customer, party_change_Released);
    cr_assert_eq(status_of(world).passed_over, 1u);
    cr_assert_eq(status_of(world).quarantined, 1u);
    cr_assert_eq(status_of(world).abandoned, 0u, "it was not taken");
    cr_assert_eq(only_row(world).passed, 1u);
    cr_assert_str_eq(only_row(world).end, "routed by default");
    world_forget(world);
    route_used(world, CALL, "8001", route_how_default);
    party(world, OTHER, "+33145550101", NULL, party_role_customer, party_change_Released);
    cr_assert_eq(status_of(world).passed_over, 1u, "an event of its kind is taken, under another number");
    world_end(world);
}

Test(core_quarantine, the_interaction_that_ran_is_given_up_and_not_the_events)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    uint64_t ran = world->ixn;
    call_until_selection(world, OTHER, "2", "gold");
    world_forget(world);
    quarantined(world, KIND_EventParty, ran, OTHER);
    world_post(world);
    expect(world, "RouteDefault fault\n");
    cr_assert_eq(world->sent[(world->sent_count - 1) % 16].conn, CALL);
    party(world, OTHER, "+33145550101", NULL, party_role_customer, party_change_Released);
    expect(world, "");
    cr_assert_eq(status_of(world).waiting, 1u);
    world_end(world);
}

Test(core_quarantine, a_call_that_never_came_in_is_sent_on)
{
    struct core_world *world = world_new();
    world_forget(world);
    quarantined(world, KIND_EventCallCreated, 0, CALL);
    world_post(world);
    expect(world, "");
    cr_assert_str_eq(only_row(world).end, "nobody's");
    created(world, CALL);
    expect(world, "RouteDefault fault\n");
    cr_assert_eq(status_of(world).interactions, 0u);
    created(world, OTHER);
    cr_assert_eq(status_of(world).interactions, 1u);
    world_end(world);
}

Test(core_quarantine, what_is_left_bare_keeps_its_strategy)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    writer_u(quarantined(world, KIND_EventParty, 0, CALL), Quarantined_bare, true);
    world_post(world);
    expect(world, "");
    cr_assert_eq(status_of(world).waiting, 1u);
    cr_assert_str_eq(only_row(world).end, "left as it is");
    world_end(world);
}

Test(core_quarantine, it_is_put_there_once)
{
    struct core_world *world = world_new();
    uint64_t number = world->number + 1;
    for (int twice = 0; twice < 2; twice++) {
        struct writer *writer = world_event(world, SOURCE_HOST, KIND_Quarantined, 0, 0, CALL);
        writer_u(writer, Quarantined_batch, number);
        writer_u(writer, Quarantined_kind, KIND_EventParty);
        writer_u(writer, Quarantined_link, LINK);
        writer_u(writer, Quarantined_number, 1000);
        world_post(world);
    }
    cr_assert_eq(status_of(world).quarantined, 1u);
    cr_assert_eq(only_row(world).batch, number);
    world_end(world);
}

static uint32_t timers_in(const struct core_world *world)
{
    struct timer timer;
    uint64_t owner;
    bool frozen;
    uint32_t count = 0;
    while (timers_at(world->core->timers, count, &timer, &owner, &frozen)) count++;
    return count;
}

Test(core_quarantine, a_timer_is_taken_out_with_its_strategy)
{
    struct core_world *world = world_new();
    struct timer timer;
    uint64_t owner;
    bool frozen;
    uint32_t at = 0;
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    while (timers_at(world->core->timers, at, &timer, &owner, &frozen) && timer.kind != TIMER_STEP) at++;
    cr_assert_eq(timer.kind, TIMER_STEP);
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_Quarantined, 0, 0, 0);
    writer_u(writer, Quarantined_batch, world->number + 1);
    writer_u(writer, Quarantined_timer, timer.kind);
    writer_u(writer, Quarantined_part, timer.part);
    writer_u(writer, Quarantined_owner, owner);
    writer_u(writer, Quarantined_due, timer.deadline_us);
    uint32_t before = timers_in(world);
    world_post(world);
    cr_assert_eq(status_of(world).waiting, 1u, "without its interaction's name the timer alone is gone");
    cr_assert_eq(timers_in(world), before - 1);
    writer = world_event(world, SOURCE_HOST, KIND_Quarantined, world->ixn, 0, 0);
    writer_u(writer, Quarantined_batch, world->number + 1);
    writer_u(writer, Quarantined_timer, TIMER_AGAIN);
    world_post(world);
    expect(world, "RouteDefault fault\n");
    world_end(world);
}

Test(core_quarantine, what_its_link_tells_again_under_another_number_is_passed_over_each_time)
{
    struct core_world *world = world_new();
    volatile struct core_mark mark = {0};
    world->core->options.mark = &mark;
    for (int times = 0; times < 3; times++) {
        struct writer *writer = world_event(world, LINK, KIND_EventRecord, 0, 0, 0);
        writer_u(writer, EventRecord_record, 7);
        writer_text(writer, EventRecord_campaign, "spring");
        world_post(world);
        cr_assert_eq(mark.place, CORE_RESTS);
        if (times > 0) continue;
        cr_assert_eq(mark.kind, KIND_EventRecord);
        cr_assert_eq(mark.batch, world->number);
        cr_assert_eq(mark.number, world->seq[LINK]);
        cr_assert_neq(mark.key, 0);
        writer = world_event(world, SOURCE_HOST, KIND_Quarantined, 0, 0, 0);
        writer_u(writer, Quarantined_batch, mark.batch);
        writer_u(writer, Quarantined_kind, mark.kind);
        writer_u(writer, Quarantined_link, mark.source);
        writer_u(writer, Quarantined_number, mark.number);
        writer_u(writer, Quarantined_key, mark.key);
        world_post(world);
    }
    cr_assert_eq(status_of(world).passed_over, 2u);
    cr_assert_eq(only_row(world).passed, 2u);
    world->core->options.mark = NULL;
    world_end(world);
}
