/* tests/unit/core_consult.c - Consultations: what happens to one whose main call ends or is left to it. */
#include <criterion/criterion.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/read.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"
#include "vm/image_writer.h"

TestSuite(core_consult, .timeout = 30);

static bool lingers; /* `on abandoned` of the strategy takes a minute */

/* Waits ten seconds; when the main call ends it stops after a second, when it is left to it, at once. */
static struct image *consulted(void)
{
    static const char *const why[] = {"", "transferred", "released"};
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), handlers[IMAGE_EVENTS];
    for (enum image_event event = EVENT_TRANSFERRED; event < IMAGE_EVENTS; event++) {
        handlers[event] = writer_function_begin(w, why[event], FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
        if (event == EVENT_MAIN_RELEASED) program_delay(w, 1);
        program_stop(w, program_text(w, why[event]));
        writer_function_end(w);
    }
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    program_delay(w, 10);
    program_stop(w, program_text(w, "waited"));
    writer_function_end(w);
    uint16_t abandoned = IMAGE_NONE;
    if (lingers) {
        abandoned = writer_function_begin(w, "abandoned", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
        program_delay(w, 60);
        writer_abc(w, OP_END, 0, 0, 0);
        writer_function_end(w);
    }
    writer_strategy_functions(w, strategy, body, abandoned, IMAGE_NONE);
    for (enum image_event event = EVENT_TRANSFERRED; event < IMAGE_EVENTS; event++)
        writer_handler(w, strategy, event, "", handlers[event]);
    return program_loaded(w);
}

static void consults(struct core_world *world, uint64_t conn, uint64_t main)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_consult);
    writer_conn(writer, EventCallCreated_prev_conn, main);
    world_post(world);
    route_request(world, conn, 0);
}

static struct core_world *begin(void)
{
    struct core_world *world = world_new();
    world_run(world, consulted());
    created(world, CALL);
    if (lingers) route_request(world, CALL, 0);
    consults(world, OTHER, CALL);
    world_forget(world);
    return world;
}

static struct interaction_row row_of(struct core_world *world, uint64_t name)
{
    struct interaction_row row;
    cr_assert(core_find(world->core, name, &row));
    return row;
}

static void over(struct core_world *world)
{
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
}

Test(core_consult, the_main_call_ends_while_it_waits)
{
    struct core_world *world = begin();
    deleted(world, CALL);
    expect(world, "");
    world_advance(world, 1000000);
    expect(world, "RequestCallControl disconnect 1800\n");
    over(world);
}

Test(core_consult, it_is_told_at_once_though_the_main_strategy_still_works_on_what_is_abandoned)
{
    lingers = true;
    struct core_world *world = begin();
    deleted(world, CALL);
    expect(world, "");
    world_advance(world, 1000000);
    expect(world, "RequestCallControl disconnect 1800\n");
    over(world);
}

Test(core_consult, the_main_call_of_another_is_nothing_to_it)
{
    struct core_world *world = begin();
    created(world, OTHER + 1);
    deleted(world, OTHER + 1);
    expect(world, "");
    over(world);
}

Test(core_consult, it_is_left_the_main_call_and_found_by_both_numbers)
{
    struct core_world *world = begin();
    uint64_t main = row_of(world, CALL).ixn, consult = row_of(world, OTHER).ixn;
    struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, CALL);
    writer_conn(writer, EventPartyChanged_prev_conn, OTHER);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
    expect(world, "Restore\nRequestCallControl disconnect 1800\n");
    cr_assert_eq(row_of(world, CALL).ixn, consult);
    cr_assert_eq(row_of(world, main).ixn, consult);
    deleted(world, CALL);
    cr_assert(span_is(row_of(world, consult).outcome, "stopped"));
    cr_assert(span_is(row_of(world, main).outcome, "merged"));
    over(world);
}

static int64_t attempt_of(struct core_world *world, uint64_t name)
{
    struct kv kv;
    struct kv_value value;
    kv_init(&kv);
    bool known = core_data(world->core, name, &kv) && kv_get(kv_span(&kv), "attempt", &value);
    int64_t attempt = known ? value.word : -1;
    kv_free(&kv);
    return attempt;
}

/* Its strategy has had the main call, whose agent asks for another one there, and leaves the caller to that. */
Test(core_consult, who_is_transferred_to_a_routing_point_has_come_there_once_more)
{
    struct core_world *world = world_new();
    world_run(world, consulted());
    created(world, CALL);
    route_request(world, CALL, 0);
    route_used(world, CALL, "7001", route_how_other);
    cr_assert_eq(attempt_of(world, CALL), 1);
    consults(world, OTHER, CALL);
    cr_assert_eq(attempt_of(world, OTHER), 1);
    struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, CALL);
    writer_conn(writer, EventPartyChanged_prev_conn, OTHER);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
    cr_assert_eq(attempt_of(world, CALL), 2, "the caller has come there %d times", (int)attempt_of(world, CALL));
    over(world);
}

Test(core_consult, what_was_asked_for_the_main_call_is_not_taken_for_what_it_asks_itself)
{
    struct core_world *world = begin();
    uint64_t main = row_of(world, CALL).ixn, consult = row_of(world, OTHER).ixn;
    struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, CALL);
    writer_conn(writer, EventPartyChanged_prev_conn, OTHER);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
    uint32_t ref = world->last_ref[KIND_RequestCallControl];
    writer = world_event(world, LINK, KIND_EventDone, main, ref, 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    world_post(world);
    cr_assert(interaction_by_id(world->core->interactions, consult)->running, "another's answer ended its step");
    writer = world_event(world, LINK, KIND_EventDone, consult, ref, 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    world_post(world);
    cr_assert_not(interaction_by_id(world->core->interactions, consult)->running);
    over(world);
}

Test(core_consult, whoever_asks_about_a_call_that_nobody_knows_has_no_main_call)
{
    struct core_world *world = world_new();
    world_run(world, consulted());
    consults(world, OTHER, CALL);
    created(world, CALL);
    world_forget(world);
    deleted(world, CALL);
    expect(world, "");
    over(world);
}
