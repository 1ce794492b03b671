/* tests/unit/core_v1.c - Flow V1 from the call to the desktop, and every way in which it may go otherwise. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/ident.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_v1, .timeout = 30);

static const char *state_of(struct core_world *world, uint64_t name)
{
    static char text[64];
    struct interaction_row row;
    if (!core_find(world->core, name, &row)) return "unknown";
    snprintf(text, sizeof text, "%.*s", (int)row.state.length, (const char *)row.state.bytes);
    return text;
}

static const char *outcome_of(struct core_world *world, uint64_t name)
{
    static char text[64];
    struct interaction_row row;
    if (!core_find(world->core, name, &row)) return "unknown";
    snprintf(text, sizeof text, "%.*s", (int)row.outcome.length, (const char *)row.outcome.bytes);
    return text;
}

static struct core_status status_of(struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

static struct queue_row service(struct core_world *world)
{
    struct queue_row row;
    cr_assert(core_queue(world->core, 0, &row));
    return row;
}

/* Steps 1 to 10: the effects of each. */
static void route_to_marie(struct core_world *world)
{
    created(world, CALL);
    expect(world, "");
    route_request(world, CALL, 0);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    treatment_end(world, CALL, "4711");
    expect(world, "EventAttachedDataChanged account\n"
                  "RequestApplyTreatment PlayAnnouncementAndDigits language\n");
    treatment_end(world, CALL, "2");
    expect(world, "EventAttachedDataChanged language\nQuery customers\n");
    customer(world, "Dupont", "gold", "French");
    expect(world, "EventAttachedDataChanged customer\nRequestRouteCall 7001\n");
}

Test(core_v1, a_gold_french_caller_reaches_marie)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    route_to_marie(world);
    cr_assert_eq(status_of(world).claims, 1u);
    talk(world, CALL, "7001", "marie");
    expect(world, "");
    cr_assert_str_eq(state_of(world, CALL), "handling");
    cr_assert_eq(service(world).distributed, 1u);
    cr_assert_eq(status_of(world).routed, 1u);
    cr_assert(data_is(world, CALL, "account", "4711"));
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, CALL);
    expect(world, "");
    cr_assert_str_eq(outcome_of(world, CALL), "routed");
    cr_assert(data_is(world, CALL, "account", "4711"));
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert_eq(status_of(world).interactions, 0u);
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}

Test(core_v1, nobody_is_there_so_the_caller_hears_music_until_marie_is_ready)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    cr_assert_eq(service(world).waiting, 1u);
    treatment_end(world, CALL, NULL);
    expect(world, "RequestApplyTreatment Music hold\n");
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "RequestRouteCall 7001\n");
    talk(world, CALL, "7001", "marie");
    cr_assert_eq(service(world).distributed, 1u);
    world_free(world);
}

Test(core_v1, lines_open_with_time)
{
    struct core_world *world = world_new();
    agent(world, "jean", "7003", agent_state_ready); /* French 6: only after 20 s */
    call_until_selection(world, CALL, "2", "basic");
    world_forget(world);
    world_advance(world, 19999999);
    expect(world, "");
    world_advance(world, 1);
    expect(world, "RequestRouteCall 7003\n");
    talk(world, CALL, "7003", "jean");
    agent(world, "olga", "7004", agent_state_ready); /* overflow: after 40 s */
    call_until_selection(world, OTHER, "2", "basic");
    world_forget(world);
    world_advance(world, 39000000);
    cr_assert(!strstr(world->trace, "RequestRouteCall 7004"));
    world_advance(world, 1000000);
    cr_assert(strstr(world->trace, "RequestRouteCall 7004"));
    world_free(world);
}

Test(core_v1, priority_comes_before_age_and_nobody_is_served_twice)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "basic");
    world_advance(world, 1000000);
    call_until_selection(world, OTHER, "2", "gold");
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "RequestRouteCall 7001\n");
    struct interaction_row row;
    cr_assert(core_find(world->core, OTHER, &row));
    cr_assert_eq(row.priority, 50);
    cr_assert_eq(row.ixn, world->ixn);
    cr_assert_eq(service(world).waiting, 2u); /* the one selected still counts */
    talk(world, OTHER, "7001", "marie");
    cr_assert_eq(service(world).waiting, 1u);
    world_free(world);
}

/* The administration's, with one pair. */
static void set_by_hand(struct core_world *world, uint64_t ixn, const char *key, int64_t number)
{
    struct kv pairs;
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_RequestUserData, ixn, 0, 0);
    kv_init(&pairs);
    kv_put_int(&pairs, key, number);
    writer_text(writer, ENVELOPE_actor, "anna");
    writer_u(writer, RequestUserData_op, data_op_ChangeProperties);
    writer_kv(writer, RequestUserData_pairs, &pairs);
    writer_text(writer, RequestUserData_why, "a promise");
    kv_free(&pairs);
    world_post(world);
    world->client = 0;
}

/* The newest note of the audit about an interaction. */
static void expect_work(struct core_world *world, uint64_t ixn, const char *before, const char *now)
{
    struct note_row note;
    struct kv_value was, is;
    char id[IXN_TEXT];
    cr_assert_gt(core_notes(world->core, NOTES_OF_WORK), 0u);
    uint64_t newest = core_notes(world->core, NOTES_OF_WORK) - 1;
    cr_assert(core_note(world->core, NOTES_OF_WORK, &newest, &note));
    ident_print_ixn(ixn, id);
    cr_expect(span_is(note.name, id) && span_is(note.actor, "anna") && span_is(note.why, "a promise"));
    cr_assert(kv_get(note.before, "value", &was) && kv_get(note.now, "value", &is));
    cr_expect(span_is(was.span, before) && span_is(is.span, now), "%.*s", (int)is.span.length, is.span.bytes);
}

static void moved_by_hand(struct core_world *world, uint64_t ixn, const char *queue)
{
    char id[IXN_TEXT];
    ident_print_ixn(ixn, id);
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, "anna");
    writer_u(writer, AdminRequest_op, admin_op_move);
    writer_text(writer, AdminRequest_name, id);
    writer_text(writer, AdminRequest_why, "a promise");
    writer_text(writer, AdminRequest_reason, queue);
    world_post(world);
    world->client = 0;
}

Test(core_v1, a_call_that_waits_is_moved_by_hand_to_the_strategy_of_another_point)
{
    struct core_world *world = world_new();
    struct interaction_row row;
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(core_find(world->core, CALL, &row));
    world_forget(world);
    moved_by_hand(world, row.ixn, "nowhere");
    expect(world, "Reply error invalid_destination\n");
    cr_expect_eq(core_notes(world->core, NOTES_OF_WORK), 0u);
    moved_by_hand(world, row.ixn, "1800");
    expect(world, "Reply ok\nRequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    expect_work(world, row.ixn, "", "queue 1800");
    cr_expect_eq(service(world).waiting, 0u);
    treatment_end(world, CALL, "4711");
    agent(world, "marie", "7001", agent_state_ready);
    treatment_end(world, CALL, "2");
    customer(world, "Dupont", "gold", "French");
    cr_assert(strstr(world->trace, "RequestRouteCall 7001\n"), "%s", world->trace);
    world_forget(world);
    moved_by_hand(world, row.ixn, "1800"); /* an agent is asked now */
    expect(world, "Reply locked locked\n");
    talk(world, CALL, "7001", "marie");
    moved_by_hand(world, row.ixn, "1800");
    expect(world, "Reply locked locked\n");
    world_free(world);
}

Test(core_v1, a_priority_that_is_changed_by_hand_counts_at_once_and_nothing_else_may_be)
{
    struct core_world *world = world_new();
    struct interaction_row row;
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(core_find(world->core, CALL, &row));
    uint64_t basic = row.ixn;
    call_until_selection(world, OTHER, "2", "gold");
    world_forget(world);
    set_by_hand(world, basic, "priority", 51);
    expect(world, "Reply ok\n");
    set_by_hand(world, basic, "topic", 1);
    expect(world, "Reply locked locked\n");
    expect_work(world, basic, "priority 0", "priority 51");
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "RequestRouteCall 7001\n");
    cr_assert_eq(basic, world->ixn);
    world_free(world);
}

Test(core_v1, nobody_answers_so_the_call_is_pulled_back_and_goes_to_the_desk)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    route_to_marie(world);
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    world_advance(world, 15000000);
    expect(world, "RequestCallControl pull_back 7001\n");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    expect(world, "SetAgentState marie not_ready\nRequestRouteCall 5000\n");
    agent(world, "marie", "7001", agent_state_not_ready);
    route_used(world, CALL, "5000", route_how_instructed);
    cr_assert_str_eq(state_of(world, CALL), "queued");
    cr_assert_eq(service(world).cleared, 1u);
    cr_assert_eq(status_of(world).claims, 0u);
    world_free(world);
}

Test(core_v1, who_logged_out_while_it_rang_in_vain_stays_logged_out)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    route_to_marie(world);
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    agent(world, "marie", "7001", agent_state_logged_out);
    world_advance(world, 15000000);
    world_forget(world);
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    expect(world, "RequestRouteCall 5000\n");
    cr_assert_eq(status_of(world).agents_logged_in, 0u);
    cr_assert_eq(status_of(world).claims, 0u);
    world_free(world);
}

Test(core_v1, an_answer_that_crosses_the_pull_back_counts)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    route_to_marie(world);
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    world_advance(world, 15000000);
    uint32_t pull_back = world->last_ref[KIND_RequestCallControl];
    world_forget(world);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    done(world, world->ixn, pull_back, outcome_error, code_invalid_state);
    expect(world, "");
    cr_assert_str_eq(state_of(world, CALL), "handling");
    world_free(world);
}

Test(core_v1, a_bad_destination_is_taken_out_of_the_choice)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    route_to_marie(world);
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_invalid_destination);
    expect(world, "RequestRouteCall 5000\n");
    call_until_selection(world, OTHER, "2", "gold");
    cr_assert(!strstr(world->trace, "RequestRouteCall 7001")); /* she is ready, her DN is not */
    world_advance(world, 61000000);
    cr_assert(strstr(world->trace, "RequestRouteCall 7001"));
    world_free(world);
}

Test(core_v1, the_caller_goes_while_waiting)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    uint64_t ixn = core_ixn_of(world->core, CALL);
    party(world, CALL, "+33145550101", NULL, party_role_customer, party_change_Abandoned);
    deleted(world, CALL);
    expect(world, "");
    cr_assert(ixn != 0 && core_ixn_of(world->core, CALL) == ixn, "of a call that has just ended it is known");
    cr_assert_eq(core_ixn_of(world->core, OTHER), 0u);
    cr_assert_eq(service(world).abandoned, 1u);
    cr_assert_eq(status_of(world).abandoned, 1u);
    cr_assert_str_eq(outcome_of(world, CALL), "abandoned");
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "");
    world_free(world);
}

Test(core_v1, the_caller_goes_while_it_rings_and_the_claim_is_over)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    route_to_marie(world);
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    deleted(world, CALL);
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    cr_assert_eq(service(world).abandoned, 1u);
    world_free(world);
}

Test(core_v1, the_adapter_routed_it_by_default_and_the_strategy_ends_stolen)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    route_used(world, CALL, "5000", route_how_default);
    expect(world, "");
    cr_assert_str_eq(state_of(world, CALL), "observed");
    cr_assert_str_eq(outcome_of(world, CALL), "defaulted");
    treatment_end(world, CALL, "4711"); /* late */
    expect(world, "");
    world_free(world);
}

Test(core_v1, no_input_is_asked_again_three_times_then_the_desk)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    treatment_end(world, CALL, NULL);
    treatment_end(world, CALL, "47");
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n"
                  "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n"
                  "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    treatment_end(world, CALL, NULL);
    expect(world, "RequestRouteCall 5000\n");
    world_free(world);
}

Test(core_v1, the_database_is_slow_and_the_call_goes_on_without_a_customer)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    treatment_end(world, CALL, "4711");
    treatment_end(world, CALL, "2");
    world_forget(world);
    world_advance(world, 2000000);
    expect(world, "Cancel\nEventAttachedDataChanged customer\nRequestApplyTreatment Music hold\n");
    customer(world, "Dupont", "gold", "French"); /* late */
    expect(world, "");
    world_free(world);
}

Test(core_v1, nobody_for_three_minutes_is_the_desk_and_cleared)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    world_advance(world, 39000000);
    world_forget(world);
    world_advance(world, 150000000);
    cr_assert(strstr(world->trace, "RequestRouteCall 5000"));
    cr_assert_eq(service(world).cleared, 1u);
    cr_assert_eq(service(world).waiting, 0u);
    world_free(world);
}

Test(core_v1, the_desk_is_refused_too_so_the_default_destination)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    for (int at = 0; at < 3; at++) treatment_end(world, CALL, NULL);
    world_forget(world);
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_invalid_destination);
    expect(world, "RouteDefault invalid_destination\n");
    route_used(world, CALL, "5001", route_how_default);
    cr_assert_str_eq(outcome_of(world, CALL), "defaulted");
    cr_assert_eq(status_of(world).defaulted, 1u);
    world_free(world);
}

Test(core_v1, a_routing_point_without_a_strategy_is_routed_by_default)
{
    struct core_world *world = world_new();
    created(world, CALL);
    writer_text(world_event(world, LINK, KIND_EventRouteRequest, 0, 0, CALL), EventRouteRequest_dn, "1999");
    world_post(world);
    expect(world, "RouteDefault unavailable\n");
    world_free(world);
}

Test(core_v1, what_is_said_twice_changes_nothing)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    uint64_t digest = core_digest(world->core);
    created(world, CALL);
    route_request(world, CALL, 0);
    treatment(world, CALL, world->last_ref[KIND_RequestApplyTreatment], treatment_change_End, "9999");
    done(world, world->ixn, 4000, outcome_error, code_busy);
    world->seq[LINK] -= 2; /* and frames that were posted before */
    deleted(world, CALL);
    expect(world, "");
    cr_assert_eq(core_digest(world->core), digest);
    cr_assert_str_eq(state_of(world, CALL), "routing");
    world_free(world);
}

Test(core_v1, an_unknown_call_is_asked_for_once_and_adopted)
{
    struct core_world *world = world_new();
    route_request(world, CALL, 0);
    route_request(world, CALL, 0);
    expect(world, "QueryAddress\n");
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_ani, "+33145550101");
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_at_routing_point, 1);
    world_post(world);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    cr_assert_str_eq(state_of(world, CALL), "routing");
    world_free(world);
}

Test(core_v1, whoever_leaves_while_it_rings_elsewhere_is_free)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "olga", "7004", agent_state_ready);
    created(world, CALL);
    party(world, CALL, "7004", "olga", party_role_agent, party_change_Established);
    route_request(world, CALL, 0); /* she transfers it */
    treatment_end(world, CALL, "4711");
    treatment_end(world, CALL, "2");
    customer(world, "Dupont", "gold", "French");
    route_used(world, CALL, "7001", route_how_instructed);
    cr_assert_eq(status_of(world).claims, 2u);
    party(world, CALL, "7004", "olga", party_role_agent, party_change_Released);
    cr_assert_eq(status_of(world).claims, 1u);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

Test(core_v1, who_did_not_answer_is_not_ready_even_where_the_call_is_not_given_back)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    route_to_marie(world);
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    world_forget(world);
    world_advance(world, 15000000);
    expect(world, "RequestCallControl pull_back 7001\n");
    world_advance(world, 5000000);
    expect(world, "Cancel\nSetAgentState marie not_ready\nRequestRouteCall 5000\n");
    cr_assert_eq(status_of(world).agents_ready, 0u);
    world_free(world);
}

Test(core_v1, more_digits_than_were_asked_for_are_invalid)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    treatment_end(world, CALL, "4711471147114");
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    world_free(world);
}

Test(core_v1, a_route_used_that_is_said_again_changes_nothing)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    route_to_marie(world);
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    route_used(world, CALL, "7001", route_how_instructed);
    cr_assert_str_eq(state_of(world, CALL), "routing");
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    cr_assert_eq(service(world).distributed, 1u);
    world_free(world);
}

Test(core_v1, where_it_rang_and_was_diverted_nobody_is_claimed)
{
    struct core_world *world = world_new();
    agent(world, "olga", "7004", agent_state_ready);
    created(world, CALL);
    party(world, CALL, "7004", "olga", party_role_agent, party_change_Ringing);
    cr_assert_eq(status_of(world).claims, 1u);
    party(world, CALL, "7004", "olga", party_role_agent, party_change_Diverted);
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    cr_assert_str_eq(state_of(world, CALL), "observed");
    world_free(world);
}
