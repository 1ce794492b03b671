/* tests/unit/core_session.c - Agents' states as they are said and asked for: while busy, disturbed, out of service. */
#include <criterion/criterion.h>

#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_session, .timeout = 30);

static unsigned state_of(struct world *world, const char *name)
{
    struct agent_row row;
    for (uint32_t at = 0; core_agent(world->core, at, &row); at++)
        if (span_is(row.name, name)) return row.state;
    cr_assert(false, "nobody is called %s", name);
    return 0;
}

static uint32_t ready(struct world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return (uint32_t)status.agents_ready;
}

/* The state now, or as before (unknown), and what is to come. */
static void says(struct world *world, enum agent_state now, enum agent_state after)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, now);
    writer_u(writer, EventAgentState_after, after);
    world_post(world);
}

static void asks(struct world *world, enum agent_state now, enum agent_state after)
{
    world->client = 3;
    world->req = 77;
    struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "marie");
    writer_u(writer, RequestAgentState_state, now);
    writer_u(writer, RequestAgentState_after, after);
    world_post(world);
    world->client = world->req = 0;
}

/* Marie talks, and another caller waits for her. */
static struct world *busy(void)
{
    struct world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "basic");
    talk(world, CALL, "7001", "marie");
    call_until_selection(world, OTHER, "2", "basic");
    world_forget(world);
    return world;
}

static void hangs_up(struct world *world, uint64_t conn)
{
    party(world, conn, "7001", "marie", party_role_agent, party_change_Released);
}

Test(core_session, a_state_said_while_busy_comes_before_anybody_may_choose_the_agent_again)
{
    struct world *world = busy();
    says(world, agent_state_ready, agent_state_after_call_work);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    hangs_up(world, CALL);
    expect(world, ""); /* and no RequestRouteCall */
    cr_assert_eq(state_of(world, "marie"), agent_state_after_call_work);
    says(world, agent_state_ready, agent_state_unknown);
    expect(world, "RequestRouteCall 7001\n");
    world_free(world);
}

Test(core_session, it_comes_with_the_end_of_the_last_claim)
{
    struct world *world = busy();
    created(world, THIRD); /* one that nobody routed */
    party(world, THIRD, "7001", "marie", party_role_agent, party_change_Established);
    says(world, agent_state_unknown, agent_state_not_ready);
    hangs_up(world, CALL);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    hangs_up(world, THIRD);
    cr_assert_eq(state_of(world, "marie"), agent_state_not_ready);
    expect(world, "");
    world_free(world);
}

Test(core_session, what_is_said_later_counts)
{
    struct world *world = busy();
    says(world, agent_state_unknown, agent_state_after_call_work);
    says(world, agent_state_ready, agent_state_unknown); /* thought better of it */
    hangs_up(world, CALL);
    expect(world, "RequestRouteCall 7001\n");
    world_free(world);
}

Test(core_session, who_is_not_busy_is_in_that_state_at_once)
{
    struct world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    says(world, agent_state_unknown, agent_state_not_ready);
    cr_assert_eq(state_of(world, "marie"), agent_state_not_ready);
    cr_assert_eq(ready(world), 0u);
    world_free(world);
}

Test(core_session, who_logs_out_after_the_call_is_gone_with_it)
{
    struct world *world = busy();
    says(world, agent_state_unknown, agent_state_logged_out);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    hangs_up(world, CALL);
    cr_assert_eq(state_of(world, "marie"), agent_state_logged_out);
    expect(world, "");
    world_free(world);
}

Test(core_session, what_is_asked_of_the_core_the_switch_is_told_when_it_comes)
{
    struct world *world = busy();
    asks(world, agent_state_unknown, agent_state_not_ready);
    expect(world, "Reply ok\n");
    hangs_up(world, CALL);
    expect(world, "SetAgentState marie not_ready\n");
    cr_assert_eq(state_of(world, "marie"), agent_state_not_ready);
    world_free(world);
}

static void dn_is(struct world *world, enum dn_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_EventDN, 0, 0, 0);
    writer_text(writer, EventDN_dn, "7001");
    writer_u(writer, EventDN_state, state);
    world_post(world);
}

Test(core_session, a_dn_out_of_service_and_an_agent_not_to_be_disturbed_are_two_things)
{
    struct world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "marie", "7001", agent_state_dnd_on);
    dn_is(world, dn_state_out);
    dn_is(world, dn_state_in);
    cr_assert_eq(ready(world), 0u, "she still does not want to be disturbed");
    agent(world, "marie", "7001", agent_state_dnd_off);
    cr_assert_eq(ready(world), 1u);
    dn_is(world, dn_state_out);
    agent(world, "marie", "7001", agent_state_dnd_on);
    agent(world, "marie", "7001", agent_state_dnd_off);
    cr_assert_eq(ready(world), 0u, "her telephone is still out of service");
    dn_is(world, dn_state_in);
    cr_assert_eq(ready(world), 1u);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    world_free(world);
}
