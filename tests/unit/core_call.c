/* tests/unit/core_call.c - Calls that no strategy serves (flow V2), transfers, and what administrators do. */
#include <criterion/criterion.h>

#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_call, .timeout = 30);

static struct interaction_row row_of(struct core_world *world, uint64_t name)
{
    struct interaction_row row;
    cr_assert(core_find(world->core, name, &row));
    return row;
}

static struct core_status status_of(struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

Test(core_call, a_call_through_port_and_queue_to_an_agent_has_one_owner_after_the_other)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    created(world, CALL);
    party(world, CALL, "9001", NULL, party_role_device, party_change_Established);
    cr_assert(span_is(row_of(world, CALL).owner, "9001"));
    party(world, CALL, "5000", NULL, party_role_other, party_change_Queued);
    cr_assert(span_is(row_of(world, CALL).state, "queued"));
    party(world, CALL, "9001", NULL, party_role_device, party_change_Released);
    party(world, CALL, "5000", NULL, party_role_other, party_change_Diverted);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    cr_assert_eq(status_of(world).claims, 1u);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    cr_assert(span_is(row_of(world, CALL).owner, "marie"));
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    cr_assert(span_is(row_of(world, CALL).state, "observed"));
    cr_assert_eq(status_of(world).agents_ready, 1u);
    deleted(world, CALL);
    cr_assert(span_is(row_of(world, CALL).state, "ended"));
    world_free(world);
}

Test(core_call, a_consultation_becomes_one_with_the_main_call)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    created(world, CALL);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    created(world, OTHER);
    party(world, OTHER, "7002", "paul", party_role_agent, party_change_Established);
    struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, CALL);
    writer_conn(writer, EventPartyChanged_prev_conn, OTHER);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    cr_assert(span_is(row_of(world, CALL).owner, "paul"));
    cr_assert_eq(status_of(world).interactions, 1u);
    cr_assert_eq(status_of(world).claims, 1u);
    world_free(world);
}

static void become_one(struct core_world *world, uint64_t main, uint64_t consult)
{
    struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, main);
    writer_conn(writer, EventPartyChanged_prev_conn, consult);
    writer_u(writer, EventPartyChanged_how, party_how_transfer);
    world_post(world);
}

static void attached(struct core_world *world, uint64_t conn, const char *key, const char *text)
{
    struct kv pairs;
    kv_init(&pairs);
    kv_put_text(&pairs, key, span_of(text));
    struct writer *writer = world_event(world, LINK, KIND_RequestUserData, 0, 0, conn);
    writer_u(writer, RequestUserData_op, data_op_Update);
    writer_kv(writer, RequestUserData_pairs, &pairs);
    world_post(world);
    kv_free(&pairs);
}

Test(core_call, a_consultation_that_a_strategy_serves_keeps_its_place_under_the_main_calls_conn_id)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    created(world, CALL);
    party(world, CALL, "+33145550101", NULL, party_role_customer, party_change_Established);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    attached(world, CALL, "account", "1234");
    call_until_selection(world, OTHER, "2", "gold"); /* she asks for somebody who speaks French */
    uint64_t consult = world->ixn;
    world_advance(world, 5000000);
    world_forget(world);
    become_one(world, CALL, OTHER);
    expect(world, "Restore\n");
    cr_assert_eq(status_of(world).interactions, 1u);
    cr_assert_eq(status_of(world).waiting, 1u);
    cr_assert_eq(status_of(world).claims, 1u);
    cr_assert_eq(row_of(world, CALL).ixn, consult);
    cr_assert(data_is(world, CALL, "account", "1234")); /* the main's data win */
    cr_assert(data_is(world, CALL, "language", "French"));
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    expect(world, "RequestRouteCall 7001\n"); /* it is she who is free now */
    cr_assert_eq(world->sent[(world->sent_count - 1) % 16].conn, CALL);
    talk(world, CALL, "7001", "marie");
    cr_assert(span_is(row_of(world, CALL).owner, "marie"));
    deleted(world, OTHER); /* the consultation's own leg */
    cr_assert_eq(status_of(world).interactions, 1u);
    deleted(world, CALL);
    cr_assert_eq(status_of(world).interactions, 0u);
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
}

Test(core_call, its_caller_who_hangs_up_then_has_abandoned)
{
    struct core_world *world = world_new();
    created(world, CALL);
    party(world, CALL, "+33145550101", NULL, party_role_customer, party_change_Established);
    call_until_selection(world, OTHER, "2", "gold");
    become_one(world, CALL, OTHER);
    party(world, CALL, "+33145550101", NULL, party_role_customer, party_change_Released);
    cr_assert_eq(status_of(world).abandoned, 1u);
    cr_assert_eq(status_of(world).waiting, 0u);
    world_free(world);
}

Test(core_call, where_strategies_work_on_both_the_main_calls_stays)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "basic");
    uint64_t main = world->ixn;
    call_until_selection(world, OTHER, "1", "basic");
    become_one(world, CALL, OTHER);
    cr_assert_eq(row_of(world, CALL).ixn, main);
    cr_assert_eq(status_of(world).waiting, 1u);
    world_free(world);
}

static void ask(struct core_world *world, enum admin_op op, const char *name)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, op);
    writer_text(writer, AdminRequest_name, name);
    world_post(world);
}

Test(core_call, an_administrator_ends_a_call)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    ask(world, admin_op_end, "1-000000000001");
    expect(world, "Reply ok\nRequestCallControl disconnect \n");
    deleted(world, CALL);
    cr_assert_eq(status_of(world).interactions, 0u);
    ask(world, admin_op_end, "1-000000000001");
    expect(world, "Reply error gone\n");
    world_free(world);
}

Test(core_call, an_administrator_logs_somebody_out)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    ask(world, admin_op_log_out, "marie");
    expect(world, "SetAgentState marie logged_out\nReply ok\n");
    cr_assert_eq(status_of(world).agents_logged_in, 0u);
    ask(world, admin_op_log_out, "marie");
    expect(world, "Reply error not_logged_in\n");
    ask(world, admin_op_unquarantine, "x");
    expect(world, "Reply unsupported unsupported\n");
    world_free(world);
}

Test(core_call, who_drains_lets_nobody_new_in_and_keeps_those_who_are_there)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    ask(world, admin_op_drain, NULL);
    expect(world, "Reply ok\n");
    cr_expect(status_of(world).draining);
    created(world, OTHER);
    route_request(world, OTHER, 0);
    expect(world, "RouteDefault unavailable\n");
    route_used(world, OTHER, "6000", route_how_default);
    cr_expect_eq(status_of(world).running, 1u, "the first still waits, the second has gone");
    cr_expect_eq(status_of(world).waiting, 1u);
    ask(world, admin_op_serve, NULL);
    expect(world, "Reply ok\n");
    created(world, OTHER + 1);
    route_request(world, OTHER + 1, 0);
    cr_expect_eq(status_of(world).running, 2u);
    ask(world, admin_op_drain, NULL);
    cr_expect(status_of(world).draining);
    world_event(world, SOURCE_HOST, KIND_Epoch, 0, 0, 0);
    world_post(world);
    cr_expect_not(status_of(world).draining, "who leads anew serves anew");
    cr_expect_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}

Test(core_call, too_many_calls_are_routed_by_default)
{
    struct core_world *world = world_new();
    for (uint64_t at = 0; at < 101; at++) created(world, CALL + at);
    world_forget(world);
    route_request(world, CALL + 100, 0);
    expect(world, "RouteDefault overload\n");
    world_free(world);
}

Test(core_call, the_history_says_what_happened)
{
    struct core_world *world = world_new();
    struct kv history;
    struct kv_value value;
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    talk(world, CALL, "7001", "marie");
    deleted(world, CALL);
    kv_init(&history);
    cr_assert(core_history_from(world->core, CALL, &(uint64_t){0}, UINT32_MAX, &history));
    cr_assert(kv_get(kv_span(&history), "what", &value) && span_is(value.span, "EventCallCreated"));
    kv_free(&history);
    struct decision_row why;
    cr_assert(core_decision_next(world->core, row_of(world, CALL).ixn, &(uint64_t){0}, &why));
    cr_assert(span_is(why.chosen, "marie") && span_is(why.vq, "service"));
    world_free(world);
}

Test(core_call, who_logs_out_while_the_call_comes_has_been_routed_to_all_the_same)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    route_used(world, CALL, "7001", route_how_instructed);
    agent(world, "marie", "7001", agent_state_logged_out);
    party(world, CALL, "7001", "", party_role_agent, party_change_Ringing);
    party(world, CALL, "7001", "", party_role_agent, party_change_Established);
    struct interaction_row row = row_of(world, CALL);
    cr_assert(span_is(row.owner_kind, "device") && span_is(row.owner, "7001"));
    party(world, CALL, "7001", "", party_role_agent, party_change_Released);
    deleted(world, CALL);
    struct core_status status = status_of(world);
    cr_assert(status.routed == 1 && status.abandoned == 0 && status.claims == 0);
    world_free(world);
}

/* marie has been routed the call and hands it back to the routing point, whose strategy chooses paul. */
static struct core_world *handed_back(void)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    talk(world, CALL, "7001", "marie");
    agent(world, "paul", "7002", agent_state_ready);
    route_request(world, CALL, 0);
    treatment_end(world, CALL, "4711");
    treatment_end(world, CALL, "1");
    customer(world, "Dupont", "gold", "French");
    cr_assert_eq(status_of(world).claims, 2u);
    return world;
}

Test(core_call, who_hands_a_call_back_is_free_while_the_next_agent_is_asked)
{
    struct core_world *world = handed_back();
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    cr_assert(status_of(world).claims == 1 && status_of(world).agents_ready == 1);
    talk(world, CALL, "7002", "paul");
    cr_assert(span_is(row_of(world, CALL).owner, "paul") && status_of(world).claims == 1);
    deleted(world, CALL);
    cr_assert(status_of(world).claims == 0 && status_of(world).agents_ready == 2);
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
}

Test(core_call, who_hands_a_call_back_and_leaves_late_is_free_when_gone)
{
    struct core_world *world = handed_back();
    talk(world, CALL, "7002", "paul");
    cr_assert(span_is(row_of(world, CALL).owner, "paul") && status_of(world).claims == 2);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    cr_assert(span_is(row_of(world, CALL).owner, "paul") && status_of(world).claims == 1);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

/* The switch names nobody where the agent has logged out, or another agent who has logged in there since. */
Test(core_call, who_logs_out_while_talking_is_free_once_their_leg_is_over)
{
    static const char *const named[] = {"", "jean"};
    for (unsigned at = 0; at < 2; at++) {
        struct core_world *world = world_new();
        agent(world, "marie", "7001", agent_state_ready);
        call_until_selection(world, CALL, "2", "gold");
        talk(world, CALL, "7001", "marie");
        party(world, CALL, "7002", "paul", party_role_agent, party_change_PartyAdded);
        agent(world, "marie", "7001", agent_state_logged_out);
        if (at == 1) agent(world, "jean", "7001", agent_state_ready);
        party(world, CALL, "7001", named[at], party_role_agent, party_change_Released);
        agent(world, "marie", "7003", agent_state_ready);
        cr_assert_eq(status_of(world).claims, 1u, "%s: paul alone is on the call", named[at]);
        cr_assert_eq(status_of(world).agents_ready, 1u + at);
        world_free(world);
    }
}

/* Marie has the caller on hold still when she is back: the switch named nobody meanwhile. */
Test(core_call, who_logs_out_while_talking_and_comes_back_is_not_free)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    talk(world, CALL, "7001", "marie");
    agent(world, "marie", "7001", agent_state_logged_out);
    party(world, CALL, "7001", "", party_role_agent, party_change_Held);
    cr_assert_eq(status_of(world).claims, 1u);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Retrieved);
    cr_assert_eq(status_of(world).claims, 1u);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

/* Link 16 gives ConnIDs that look like ids of partition 16. */
Test(core_call, an_id_and_a_conn_id_of_one_number_are_two)
{
    enum { FIRST = 0x0010000000000002, SECOND = 0x0010000000000001 };
    struct core_world *world = world_of(16);
    struct interaction_row row;
    created(world, FIRST); /* its id is SECOND */
    created(world, SECOND);
    for (unsigned ended = 0; ended < 3; ended++) {
        if (ended == 1) deleted(world, FIRST);
        if (ended == 2) deleted(world, SECOND);
        cr_assert(core_find(world->core, SECOND, &row));
        cr_expect(row.ixn == SECOND && row.conn == FIRST, "%u", ended);
        cr_assert(core_find(world->core, FIRST, &row));
        cr_expect(row.ixn == FIRST && row.conn == SECOND, "%u", ended);
        cr_assert(core_find_call(world->core, SECOND, &row));
        cr_expect(row.ixn == FIRST, "%u", ended);
        cr_assert(core_find_call(world->core, FIRST, &row));
        cr_expect(row.ixn == SECOND, "%u", ended);
    }
    cr_expect_not(core_find_call(world->core, 0, &row));
    world_free(world);
}

/* A route request with the ref of what was asked for is the answer to that, and too late when the agent talks. */
Test(core_call, the_answer_to_what_is_no_longer_wanted_begins_nothing)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    uint32_t ref = world->last_ref[KIND_RequestRouteCall];
    talk(world, CALL, "7001", "marie");
    cr_assert(span_is(row_of(world, CALL).owner, "marie"));
    world_forget(world);
    route_request(world, CALL, ref);
    expect(world, "");
    cr_assert(span_is(row_of(world, CALL).owner, "marie"));
    route_request(world, CALL, 0); /* nobody has asked for that: it is brought there */
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    world_end(world);
}
