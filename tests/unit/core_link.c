/* tests/unit/core_link.c - A link that goes and comes back: places are kept, calls found again, the lost ones ended. */
#include <criterion/criterion.h>

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/total.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/link_observed.h"

TestSuite(core_link, .timeout = 30);

Test(core_link, it_is_told_of_the_routing_points_and_asked_what_is_there)
{
    struct core_world *world = world_new();
    link_down(world);
    link_up(world, all_caps);
    expect(world, "Configure 1800 active\nResync\n");
    world_free(world);
}

Test(core_link, a_short_loss_keeps_the_place_and_holds_the_timers)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    uint32_t music = world->last_ref[KIND_RequestApplyTreatment];
    world_advance(world, 15000000);
    world_forget(world);
    link_down(world);
    world_advance(world, 10000000); /* the line of 20 s would have opened */
    link_up(world, all_caps);
    observe_agent(world, "jean", "7003", agent_state_ready);
    observe_call(world, CALL, true, music);
    expect(world, "Configure 1800 active\nResync\nRestore\n");
    resync(world, false);
    expect(world, "RequestRouteCall 7003\n");
    struct queue_row row;
    cr_assert(core_queue(world->core, 0, &row) && row.entered == 1 && row.waiting == 1);
    world_free(world);
}

/* A call that has waited for `waited_us` at a moment of the link's clock. */
static void observe_waiting(struct core_world *world, uint64_t conn, int64_t waited_us)
{
    const int64_t at_us = INT64_C(1700000000000000);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, conn);
    writer_i(writer, ENVELOPE_at, at_us);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_i(writer, Observed_since, (int64_t)((uint64_t)at_us - (uint64_t)waited_us));
    writer_u(writer, Observed_at_routing_point, 1);
    world_post(world);
}

static void until_selection(struct core_world *world, uint64_t conn)
{
    treatment_end(world, conn, "4711");
    treatment_end(world, conn, "2");
    customer(world, "Dupont", "gold", "French");
}

Test(core_link, calls_that_came_while_the_link_was_away_have_waited_since_they_came)
{
    struct core_world *world = world_new();
    struct interaction_row row;
    struct waiting_row waiting;
    struct queue_row queue;
    world_advance(world, 100000000);
    link_down(world);
    link_up(world, all_caps);
    observe_waiting(world, OTHER, 5000000);
    until_selection(world, OTHER);
    observe_waiting(world, CALL, 8000000);
    until_selection(world, CALL);
    resync(world, false);
    uint64_t now_us = world->core->now->time_us;
    cr_assert(core_find(world->core, CALL, &row));
    cr_assert_eq(row.arrived_us, now_us - 8000000);
    cr_assert(core_waiting(world->core, row.ixn, &waiting));
    cr_assert_eq(waiting.position, 1u, "it came first, though the link told of it last");
    cr_assert_eq(waiting.entered_us, now_us - 8000000);
    cr_assert(core_queue(world->core, 0, &queue));
    cr_assert_eq(queue.longest_wait_us, 8000000u);
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "RequestRouteCall 7001\n");
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}

Test(core_link, a_wait_that_cannot_be_is_none)
{
    static const int64_t waits_us[] = {-1, INT64_C(86400000001), INT64_C(1700000000000000), INT64_MIN, INT64_MAX};
    for (size_t at = 0; at < sizeof waits_us / sizeof *waits_us; at++) {
        struct core_world *world = world_new();
        struct interaction_row row;
        world_advance(world, 100000000);
        observe_waiting(world, CALL, waits_us[at]);
        cr_assert(core_find(world->core, CALL, &row));
        cr_expect_eq(row.arrived_us, world->core->now->time_us, "%zu", at);
        observe_waiting(world, OTHER, 3600000000); /* longer than the core's time */
        cr_assert(core_find(world->core, OTHER, &row));
        cr_expect_eq(row.arrived_us, 0u);
        world_free(world);
    }
}

Test(core_link, what_the_adapter_has_not_seen_is_sent_again_under_the_same_ref)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    uint32_t ref = world->last_ref[KIND_RequestApplyTreatment];
    link_down(world);
    link_up(world, all_caps);
    world_forget(world);
    observe_call(world, CALL, true, 0);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\nRestore\n");
    cr_assert_eq(world->last_ref[KIND_RequestApplyTreatment], ref);
    resync(world, false);
    treatment_end(world, CALL, "4711");
    expect(world, "EventAttachedDataChanged account\nRequestApplyTreatment PlayAnnouncementAndDigits language\n");
    world_free(world);
}

Test(core_link, a_route_that_cannot_be_sent_again_leaves_the_call_where_it_stands)
{
    struct core_world *world = world_new();
    world_run(world, program_serving(&(struct serving_program){
                         .media = 1u << media_voice, .queue = "desk", .answer_s = 10, .exclude_s = 30}));
    agent(world, "olga", "7004", agent_state_ready);
    created(world, CALL);
    route_request(world, CALL, 0);
    uint32_t ref = world->last_ref[KIND_RequestRouteCall];
    cr_assert_neq(ref, 0u);
    link_down(world); /* and the route with it */
    link_up(world, all_caps);
    resync(world, true);
    agent(world, "olga", "7004", agent_state_logged_out);
    observe_call(world, CALL, true, ref - 1);
    resync(world, false);
    cr_expect_eq(status_of(world).waiting, 1u);
    cr_expect_eq(status_of(world).claims, 0u);
    world_free(world);
}

/* After a crash an answer may end a strategy before its link is there: nobody has heard that the call is to end. */
Test(core_link, what_ends_a_call_is_sent_again_too)
{
    struct core_world *world = world_new();
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    program_stop(w, program_text(w, "over"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    world_run(world, program_loaded(w));
    created(world, CALL);
    route_request(world, CALL, 0);
    uint32_t ref = world->last_ref[KIND_RequestCallControl];
    cr_assert_neq(ref, 0);
    link_down(world);
    link_up(world, all_caps);
    world_forget(world);
    observe_call(world, CALL, true, 0);
    expect(world, "RequestCallControl disconnect 1800\nRestore\n");
    cr_assert_eq(world->last_ref[KIND_RequestCallControl], ref);
    world_forget(world);
    observe_call(world, CALL, true, ref); /* the adapter has been asked: what comes of it, it tells */
    expect(world, "Restore\n");
    world_end(world);
}

Test(core_link, a_long_loss_gives_those_who_wait_up_and_the_adapter_routes_them)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    link_down(world);
    world_advance(world, 16000000);
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row));
    cr_assert(span_is(row.state, "observed"));
    cr_assert_eq(status_of(world).waiting, 0u);
    world_free(world);
}

Test(core_link, a_call_not_observed_is_lost_and_an_agent_not_observed_is_out)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    talk(world, CALL, "7001", "marie");
    call_until_selection(world, OTHER, "2", "gold");
    link_down(world);
    link_up(world, all_caps);
    world_forget(world);
    resync(world, false);
    expect(world, "");
    cr_assert_eq(status_of(world).interactions, 0u);
    cr_assert_eq(status_of(world).agents_logged_in, 0u);
    cr_assert_eq(status_of(world).claims, 0u);
    world_free(world);
}

Test(core_link, a_call_routed_elsewhere_meanwhile_is_no_longer_ours)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    link_down(world);
    link_up(world, all_caps);
    world_forget(world);
    observe_call(world, CALL, false, 0);
    expect(world, "Restore\n");
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row));
    cr_assert(span_is(row.state, "observed"));
    cr_assert_eq(status_of(world).defaulted, 1u);
    world_free(world);
}

Test(core_link, agents_are_not_chosen_until_the_resync_has_ended)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    link_down(world);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    link_up(world, all_caps);
    observe_agent(world, "marie", "7001", agent_state_ready);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    resync(world, false);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

Test(core_link, a_new_call_has_a_conn_id_of_the_link_that_speaks_of_it)
{
    enum { ANOTHERS = 0x0011000010000001 };
    struct core_world *world = world_new();
    uint64_t refused = total_of(world->core->totals, FACT_event_refused), last = core_last_conn(world->core, LINK);
    created(world, ANOTHERS);
    route_request(world, ANOTHERS, 0);
    observe_call(world, ANOTHERS, true, 0);
    expect(world, ""); /* nor is it asked for */
    cr_assert_eq(status_of(world).interactions, 0u);
    cr_assert_eq(total_of(world->core->totals, FACT_event_refused), refused + 2);
    cr_assert_eq(core_last_conn(world->core, LINK), last);
    world_free(world);
}

static int64_t number_of(struct core_world *world, uint64_t conn, const char *key)
{
    struct kv data;
    struct kv_value value = {.word = -1};
    kv_init(&data);
    cr_assert(core_data(world->core, conn, &data) && kv_get(kv_span(&data), key, &value), "%s", key);
    kv_free(&data);
    return value.word;
}

Test(core_link, a_call_begun_anew_at_its_routing_point_has_no_priority_of_before)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    cr_assert_eq(number_of(world, CALL, "priority"), 50);
    cr_assert_eq(number_of(world, CALL, "attempt"), 1);
    link_down(world);
    world_advance(world, 20000000); /* link_down: the strategy has ended, the call still stands there */
    cr_assert_eq(status_of(world).running, 0u);
    link_up(world, all_caps);
    observe_call(world, CALL, true, 0);
    resync(world, false);
    cr_assert_eq(number_of(world, CALL, "priority"), 0);
    cr_assert_eq(number_of(world, CALL, "attempt"), 2);
    cr_assert(data_is(world, CALL, "account", "4711"));
    treatment_end(world, CALL, "4711");
    treatment_end(world, CALL, "2");
    customer(world, "Dupont", "gold", "French");
    cr_assert_eq(status_of(world).waiting, 1u);
    cr_assert_eq(number_of(world, CALL, "priority"), 50);
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
}

Test(core_link, what_fell_due_meanwhile_comes_when_the_link_is_up_the_earliest_first)
{
    struct core_world *world = world_new();
    created(world, OTHER);
    created(world, CALL);
    route_request(world, CALL, 0); /* digits, for 90 s */
    world_advance(world, 1000000);
    route_request(world, OTHER, 0);
    world_advance(world, 88000000);
    link_down(world);
    world_advance(world, 14000000);
    link_up(world, all_caps);
    observe_call(world, OTHER, true, 10);
    observe_call(world, CALL, true, 10);
    world_forget(world);
    resync(world, false);
    expect(world, "");
    uint32_t before = world->sent_count;
    world_advance(world, 0);
    expect(world, "RequestRouteCall 5000\nRequestRouteCall 5000\n");
    cr_assert_eq(world->sent[before % 16].conn, CALL);
    cr_assert_eq(world->sent[(before + 1) % 16].conn, OTHER);
    world_free(world);
}

Test(core_link, without_pull_back_the_switch_returns_the_call)
{
    static const char *const few[] = {"calls", "treatments", NULL};
    struct core_world *world = world_new();
    link_down(world);
    link_up(world, few);
    resync(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    world_forget(world);
    world_advance(world, 15000000);
    expect(world, "");
    route_request(world, CALL, 0);
    expect(world, "RequestRouteCall 5000\n"); /* set_agent is missing too */
    cr_assert_eq(status_of(world).agents_ready, 0u);
    world_free(world);
}

Test(core_link, without_treatments_the_step_fails_as_unsupported)
{
    static const char *const few[] = {"calls", NULL};
    struct core_world *world = world_new();
    link_down(world);
    link_up(world, few);
    resync(world, false);
    world_forget(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    expect(world, "RequestRouteCall 5000\n");
    world_free(world);
}

Test(core_link, a_long_loss_while_it_rings_ends_the_claim)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    link_down(world);
    world_advance(world, 16000000);
    cr_assert_eq(status_of(world).claims, 0u);
    link_up(world, all_caps);
    observe_agent(world, "marie", "7001", agent_state_ready);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_list_begin(writer, Observed_parties);
    writer_record_begin(writer);
    writer_text(writer, Party_dn, "7001");
    writer_u(writer, Party_role, party_role_agent);
    writer_u(writer, Party_change, party_change_Established);
    writer_text(writer, Party_agent, "marie");
    writer_record_end(writer);
    writer_list_end(writer);
    world_post(world);
    resync(world, false);
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row));
    cr_assert(span_is(row.state, "handling") && span_is(row.owner, "marie"));
    cr_assert_eq(status_of(world).claims, 1u); /* observed with her: made anew */
    cr_assert_eq(status_of(world).agents_ready, 0u);
    world_free(world);
}

Test(core_link, who_has_left_a_call_while_the_link_was_down_has_it_no_more)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    cr_assert_eq(status_of(world).claims, 1u);
    link_down(world);
    link_up(world, all_caps);
    observe_agent(world, "marie", "7001", agent_state_ready);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_list_begin(writer, Observed_parties);
    writer_record_begin(writer);
    writer_text(writer, Party_dn, "7002");
    writer_u(writer, Party_role, party_role_agent);
    writer_u(writer, Party_change, party_change_Established);
    writer_record_end(writer);
    writer_list_end(writer);
    world_post(world);
    resync(world, false);
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row));
    cr_expect(span_is(row.state, "observed"));
    cr_expect_eq(status_of(world).claims, 0u);
    cr_expect_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

/* The host says that the configuration has the adapter no more. */
static void removed(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0);
    writer_u(writer, LinkDown_link, LINK);
    writer_u(writer, LinkDown_reason, down_reason_removed);
    world_post(world);
}

Test(core_link, an_adapter_that_is_removed_keeps_its_calls_for_the_grace_and_no_longer)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    removed(world);
    cr_assert_eq(core_link_holds(world->core, LINK).claims, 1u);
    world_advance(world, 14000000);
    removed(world);
    cr_assert_eq(core_link_holds(world->core, LINK).interactions, 1u, "it may come back until then");
    world_advance(world, 2000000);
    cr_assert_str_eq(core_link_state(world->core, LINK), "down");
    cr_assert_eq(core_link_holds(world->core, LINK).interactions, 1u, "an adapter that is only away has its calls");
    removed(world);
    cr_assert_eq(core_link_holds(world->core, LINK).interactions, 0u);
    cr_assert_eq(status_of(world).interactions, 0u);
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert(core_link_is_free(world->core, LINK));
    world_free(world);
}

Test(core_link, work_that_a_removed_adapter_has_submitted_stays)
{
    struct core_world *world = world_new();
    world->earlier = world->image;
    world->image = program_serving(&(struct serving_program){.media = 1u << media_email});
    activate(world, "mail");
    world->client = world->req = 5;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_text(writer, Submit_external_id, "<1@example.com>");
    writer_text(writer, Submit_queue, "mail");
    world_post(world);
    world->client = 0;
    cr_assert_eq(status_of(world).interactions, 1u);
    removed(world);
    world_advance(world, 16000000);
    cr_assert_eq(core_link_holds(world->core, LINK).interactions, 0u, "nothing that the removal would end");
    removed(world);
    cr_assert_eq(status_of(world).interactions, 1u);
    world_free(world);
}

static void peer_link(struct core_world *world, bool is_up)
{
    writer_u(world_event(world, LINK, KIND_PeerLink, 0, 0, 0), PeerLink_up, is_up);
    world_post(world);
}

Test(core_link, a_switch_that_was_away_for_long_is_found_again)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    created(world, OTHER);
    world_forget(world);
    peer_link(world, false);
    world_advance(world, 60000000);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    peer_link(world, true);
    expect(world, "Resync\n");
    resync(world, true);
    observe_agent(world, "marie", "7001", agent_state_ready);
    resync(world, false);
    cr_assert_eq(status_of(world).interactions, 0u); /* OTHER was not observed */
    call_until_selection(world, CALL, "2", "gold");
    talk(world, CALL, "7001", "marie");
    cr_assert_eq(status_of(world).routed, 1u);
    world_free(world);
}

Test(core_link, an_adapter_without_its_switch_tells_what_is_there_when_it_can)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    created(world, OTHER);
    link_down(world);
    link_up(world, all_caps);
    world_advance(world, 31000000); /* asked, and silent */
    cr_assert_eq(status_of(world).agents_ready, 0u);
    resync(world, true);
    observe_agent(world, "marie", "7001", agent_state_ready);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    resync(world, false);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    cr_assert_eq(status_of(world).interactions, 0u);
    world_free(world);
}

Test(core_link, a_call_seen_elsewhere_after_its_default_was_asked_for_is_there)
{
    struct core_world *world = world_new();
    created(world, CALL);
    writer_text(world_event(world, LINK, KIND_EventRouteRequest, 0, 0, CALL), EventRouteRequest_dn, "1900");
    world_post(world);
    expect(world, "RouteDefault unavailable\n"); /* nothing is active there */
    link_down(world);
    link_up(world, all_caps);
    observe_call(world, CALL, false, 0);
    resync(world, false);
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row) && span_is(row.state, "observed") && span_is(row.step, ""));
    cr_assert_eq(status_of(world).defaulted, 1u);
    world_free(world);
}

/* Another adapter, with agents of its own. */
static void second_link(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LINK + 1);
    world_post(world);
    world_event(world, LINK + 1, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, LINK + 1, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    writer = world_event(world, LINK + 1, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_state, agent_state_ready);
    world_post(world);
}

Test(core_link, nobody_is_chosen_for_a_call_that_cannot_be_routed)
{
    struct core_world *world = world_new();
    second_link(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    treatment_end(world, CALL, "4711");
    treatment_end(world, CALL, "2"); /* the query is under way; without an answer the strategy goes on to select */
    link_down(world);
    world_advance(world, 16000000);
    struct decision_row why;
    cr_assert(!core_decision_next(world->core, world->ixn, &(uint64_t){0}, &why));
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

Test(core_link, one_link_does_not_speak_of_the_calls_of_another)
{
    struct core_world *world = world_new();
    second_link(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    static const unsigned kinds[] = {KIND_EventCallDeleted, KIND_EventRouteUsed, KIND_EventRouteRequest};
    for (unsigned at = 0; at < 3; at++) {
        world_event(world, LINK + 1, kinds[at], 0, 0, CALL);
        world_post(world);
    }
    struct writer *writer =
        world_event(world, LINK + 1, KIND_EventTreatment, 0, world->last_ref[KIND_RequestApplyTreatment], CALL);
    writer_u(writer, EventTreatment_change, treatment_change_End);
    writer_text(writer, EventTreatment_digits, "4711");
    world_post(world);
    expect(world, "");
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row) && span_is(row.step, "ivr.digits"));
    world_free(world);
}

Test(core_link, who_comes_while_it_is_told_what_is_there_is_there)
{
    struct core_world *world = world_new();
    created(world, OTHER);
    link_down(world);
    link_up(world, all_caps);
    resync(world, true);
    created(world, CALL);
    agent(world, "marie", "7001", agent_state_ready);
    resync(world, false);
    cr_assert_eq(status_of(world).interactions, 1u); /* not OTHER */
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

static void reported(struct core_world *world, unsigned link, enum agent_state state, int64_t since_us)
{
    struct writer *writer = world_event(world, link, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_state, state);
    writer_i(writer, EventAgentState_since, since_us);
    world_post(world);
}

Test(core_link, an_adapter_whose_clock_was_set_back_is_believed_and_an_older_report_of_another_is_not)
{
    struct core_world *world = world_new();
    second_link(world);
    reported(world, LINK, agent_state_ready, 5000000);
    reported(world, LINK, agent_state_not_ready, 1000000);
    cr_assert_eq(status_of(world).agents_ready, 0u, "one link tells in order");
    reported(world, LINK, agent_state_not_ready, 6000000);
    reported(world, LINK + 1, agent_state_ready, 2000000);
    cr_assert_eq(status_of(world).agents_ready, 0u, "older than what the first has said since");
    reported(world, LINK + 1, agent_state_ready, 7000000);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

static void link_up_within(struct core_world *world, int64_t grace_us, int64_t resync_us)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LINK);
    writer_text(writer, LinkUp_name, "tserver");
    writer_list_begin(writer, LinkUp_caps);
    for (const char *const *cap = all_caps; *cap; cap++) writer_list_text(writer, span_of(*cap));
    writer_list_end(writer);
    writer_i(writer, LinkUp_grace, grace_us);
    writer_i(writer, LinkUp_resync, resync_us);
    world_post(world);
}

Test(core_link, the_host_says_how_long_a_short_loss_is)
{
    struct core_world *world = world_new();
    link_down(world);
    link_up_within(world, 2000000, 0);
    resync(world, false);
    call_until_selection(world, CALL, "2", "gold");
    link_down(world);
    world_advance(world, 1900000);
    cr_assert_eq(status_of(world).waiting, 1u);
    world_advance(world, 200000);
    cr_assert_eq(status_of(world).waiting, 0u);
    world_free(world);
}

Test(core_link, a_resync_that_never_ends_is_over_at_its_bound_and_what_was_said_counts)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    link_down(world);
    link_up_within(world, 0, 3000000);
    resync(world, true);
    observe_agent(world, "marie", "7001", agent_state_ready);
    cr_assert_str_eq(core_link_state(world->core, LINK), "resync");
    world_advance(world, 2900000);
    cr_assert_str_eq(core_link_state(world->core, LINK), "resync");
    world_advance(world, 200000);
    cr_assert_str_eq(core_link_state(world->core, LINK), "up");
    cr_assert_eq(status_of(world).agents_logged_in, 1u);
    cr_assert_eq(status_of(world).interactions, 1u, "not said, but not denied either");
    resync(world, false);
    cr_assert_eq(status_of(world).interactions, 0u, "an end that comes late is an end");
    created(world, OTHER);
    resync(world, false);
    cr_assert_eq(status_of(world).interactions, 1u, "a second end is none");
    world_free(world);
}

Test(core_link, who_has_nothing_to_tell_by_then_has_no_switch)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    link_down(world);
    link_up_within(world, 0, 3000000);
    world_advance(world, 3100000);
    cr_assert_str_eq(core_link_state(world->core, LINK), "down");
    cr_assert_eq(status_of(world).waiting, 0u);
    resync(world, true);
    resync(world, false);
    cr_assert_str_eq(core_link_state(world->core, LINK), "up");
    world_free(world);
}

/* delay 10s; stop. on abandoned { delay 5s; }: that falls due while the link is away, and in the resync the leg's end
 * is told: no link holds it any more. */
Test(core_link, what_has_lost_its_leg_in_the_resync_does_not_wait_for_its_end)
{
    struct core_world *world = world_new();
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t abandoned = writer_function_begin(w, "abandoned", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
    program_delay(w, 5);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    program_delay(w, 10);
    program_stop(w, program_text(w, "over"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, abandoned, IMAGE_NONE);
    world_run(world, program_loaded(w));
    created(world, CALL);
    route_request(world, CALL, 0);
    party(world, CALL, "9001", NULL, party_role_customer, party_change_Abandoned);
    link_down(world);
    world_advance(world, 6000000);
    cr_assert_eq(status_of(world).running, 1u, "its time stands still");
    link_up(world, all_caps);
    deleted(world, CALL);
    world_advance(world, 1);
    cr_assert_eq(status_of(world).interactions, 0u);
    world_end(world);
}

/* The journal needs `us` for a batch: the next one begins with that, and is taken before a timer that is due. */
static void held(struct core_world *world, uint64_t us)
{
    world->time_us += us;
    writer_i(world_event(world, SOURCE_HOST, KIND_Held, 0, 0, 0), Held_lasted, (int64_t)us);
    world_post(world);
}

Test(core_link, while_the_journal_is_slow_the_time_for_an_answer_stands_still)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    uint32_t ref = world->last_ref[KIND_RequestRouteCall];
    world_forget(world);
    world_advance(world, 4000000);
    held(world, 6000000);
    held(world, 3000000);
    world_advance(world, 999999);
    expect(world, ""); /* of the five seconds that the switch has, one is left */
    route_used(world, CALL, "7001", route_how_instructed);
    held(world, 60000000); /* it rings */
    expect(world, "");
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    cr_expect_eq(status_of(world).routed, 1u);
    cr_expect_eq(world->last_ref[KIND_RequestRouteCall], ref);
    world_end(world);
}

Test(core_link, a_route_that_is_told_after_its_time_has_happened)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    uint32_t ref = world->last_ref[KIND_RequestRouteCall];
    world_advance(world, 5000001);
    cr_expect_neq(world->last_ref[KIND_RequestRouteCall], ref, "another agent is tried");
    route_used(world, CALL, "7001", route_how_instructed);
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row));
    cr_expect(span_is(row.state, "observed"));
    cr_expect(span_is(row.outcome, "routed"));
    cr_expect_eq(status_of(world).routed, 1u);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    talk(world, CALL, "7001", "marie");
    cr_assert(core_find(world->core, CALL, &row));
    cr_expect(span_is(row.state, "handling"));
    cr_expect_eq(status_of(world).claims, 1u, "paul is free");
    deleted(world, CALL);
    world_end(world);
}

/* A duration of a microsecond is none: a million batches in a second would look at a link. */
Test(core_link, a_link_is_not_looked_at_again_and_again)
{
    struct core_world *world = world_new();
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LINK);
    writer_text(writer, LinkUp_name, "tserver");
    writer_i(writer, LinkUp_grace, 1);
    writer_i(writer, LinkUp_resync, 1);
    writer_i(writer, LinkUp_audit, 1);
    world_post(world);
    resync(world, true);
    resync(world, false);
    uint64_t batches = world->number;
    world_advance(world, 10000000);
    cr_expect_lt(world->number - batches, 10u);
    world_free(world);
}
