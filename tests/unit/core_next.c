/* tests/unit/core_next.c - Another strategy has the customer once whoever they were routed to has left: pulled back,
 * whatever comes of that. */
#include <criterion/criterion.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/strategy.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_next, .timeout = 30);

static const char *const all_caps[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

/* Routes to 7001, then another strategy, which waits ten seconds. */
static struct image *followed(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), survey = program_strategy(w, "survey");
    uint16_t to = program_name(w, TYPE_DN, "7001");
    uint16_t body = writer_function_begin(w, "survey", FUNCTION_STRATEGY, survey, 0, TYPE_VOID);
    program_delay(w, 10);
    program_stop(w, program_text(w, "asked"));
    writer_function_end(w);
    writer_strategy_functions(w, survey, body, IMAGE_NONE, IMAGE_NONE);
    body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, CONSTANT(writer_constant(w, TYPE_DN, to)));
    writer_wait_argument(w, PARAMETER_route_then, CONSTANT(writer_constant(w, TYPE_INT, survey)));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_answer(w, SECONDS(w, 15));
    writer_step(w, STEP_ID_route, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct interaction *only_interaction(struct core_world *world)
{
    return interaction_by_conn(world->core->interactions, CALL);
}

/* Marie has it. */
static struct core_world *begin(void)
{
    struct core_world *world = world_new();
    world_run(world, followed());
    agent(world, "marie", "7001", agent_state_ready);
    created(world, CALL);
    route_request(world, CALL, 0);
    talk(world, CALL, "7001", "marie");
    cr_assert(only_interaction(world)->followed && !only_interaction(world)->running);
    world_forget(world);
    return world;
}

static void leaves(struct core_world *world)
{
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
}

static void refused(struct core_world *world, enum code code)
{
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_error, code);
}

static void observed(struct core_world *world, bool at_point, uint32_t last_ref)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_at_routing_point, at_point);
    writer_u(writer, Observed_last_ref, last_ref);
    world_post(world);
}

static void over(struct core_world *world)
{
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
}

Test(core_next, the_customer_is_pulled_back_and_the_other_strategy_begins)
{
    struct core_world *world = begin();
    leaves(world);
    expect(world, "RequestCallControl pull_back 7001\n");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    cr_assert(only_interaction(world)->running);
    world_advance(world, 6000000); /* nothing of what was asked for lapses now */
    expect(world, "");
    over(world);
}

Test(core_next, who_is_refused_asks_once_more)
{
    struct core_world *world = begin();
    leaves(world);
    world_forget(world);
    refused(world, code_other);
    expect(world, "RequestCallControl pull_back 7001\n");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    cr_assert(only_interaction(world)->running);
    over(world);
}

Test(core_next, who_is_refused_twice_goes_where_the_defaults_say)
{
    struct core_world *world = begin();
    leaves(world);
    refused(world, code_other);
    world_forget(world);
    refused(world, code_other);
    expect(world, "RouteDefault other\n");
    cr_assert_not(only_interaction(world)->followed);
    over(world);
}

Test(core_next, an_answer_that_never_comes_is_a_refusal)
{
    struct core_world *world = begin();
    leaves(world);
    world_forget(world);
    world_advance(world, 5000000);
    expect(world, "Cancel\nRequestCallControl pull_back 7001\n");
    world_advance(world, 5000000);
    expect(world, "Cancel\nRouteDefault timeout\n");
    over(world);
}

Test(core_next, of_a_call_that_has_ended_nothing_more_is_asked)
{
    struct core_world *world = begin();
    leaves(world);
    world_forget(world);
    refused(world, code_unknown_conn_id);
    world_advance(world, 20000000);
    expect(world, "");
    deleted(world, CALL);
    over(world);
}

Test(core_next, whom_the_adapter_has_not_heard_of_is_asked_for_again)
{
    struct core_world *world = begin();
    leaves(world);
    uint32_t ref = world->last_ref[KIND_RequestCallControl];
    link_down(world);
    link_up(world, all_caps);
    world_forget(world);
    observed(world, false, ref - 1);
    expect(world, "RequestCallControl pull_back 7001\nRestore\n");
    observed(world, false, world->last_ref[KIND_RequestCallControl]); /* heard of it: it does what it can */
    expect(world, "Restore\n");
    resync(world, false);
    observed(world, true, 0);
    cr_assert(only_interaction(world)->running &&
                  interaction_strategy(world->core->interactions, only_interaction(world)) != 0,
              "not the one that follows");
    over(world);
}

Test(core_next, a_link_that_was_lost_is_asked_when_it_is_there_again)
{
    struct core_world *world = begin();
    leaves(world);
    link_down(world);
    world_advance(world, 60000000);
    link_up(world, all_caps);
    world_forget(world);
    observed(world, false, world->last_ref[KIND_RequestCallControl]);
    expect(world, "RequestCallControl pull_back 7001\nRestore\n");
    over(world);
}

Test(core_next, who_left_while_the_link_was_away_has_left)
{
    struct core_world *world = begin();
    link_down(world);
    link_up(world, all_caps);
    world_forget(world);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_list_begin(writer, Observed_parties);
    writer_list_end(writer);
    world_post(world);
    expect(world, "RequestCallControl pull_back 7001\nRestore\n");
    over(world);
}

Test(core_next, who_is_given_to_somebody_for_whom_it_rings_is_not_alone)
{
    struct core_world *world = begin();
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, OTHER);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_consult);
    writer_conn(writer, EventCallCreated_prev_conn, CALL);
    world_post(world);
    party(world, OTHER, "7001", "marie", party_role_agent, party_change_Established);
    party(world, OTHER, "0155", "", party_role_other, party_change_Ringing);
    writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, CALL);
    writer_conn(writer, EventPartyChanged_prev_conn, OTHER);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
    world_forget(world);
    leaves(world);
    expect(world, "");
    party(world, CALL, "0155", "", party_role_other, party_change_Released);
    expect(world, "RequestCallControl pull_back 0155\n");
    over(world);
}

Test(core_next, who_has_left_and_what_was_asked_decide)
{
    struct core_world *world = begin();
    leaves(world);
    struct follow_up_row *row = &world->core->follow_ups->all[0];
    uint64_t content = interaction_content(world->core->interactions, only_interaction(world)), before = row->left;
    row->left = 0;
    cr_assert_neq(interaction_content(world->core->interactions, only_interaction(world)), content);
    row->left = (uint32_t)before;
    row->ref++;
    cr_assert_neq(interaction_content(world->core->interactions, only_interaction(world)), content);
    row->ref--;
    cr_assert_eq(interaction_content(world->core->interactions, only_interaction(world)), content);
    over(world);
}
