/* tests/unit/tserver_defaults.c - What works while the core is away: default destinations, and their loop guard. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/tserver_rig.h"

TestSuite(tserver_defaults, .timeout = 20);

static void assert_routed_to(struct tserver_rig *rig, const char *destination)
{
    const json_t *asked = rig_asked(rig, "RouteSelect");
    cr_assert_not_null(asked, "nothing was routed");
    cr_assert_str_eq(desk_text(asked, "destination"), destination);
}

static void instruct(struct tserver_rig *rig, const char *call_id)
{
    struct writer *writer = rig_effect(rig, KIND_RequestApplyTreatment, 1, rig_conn(rig, call_id));
    writer_u(writer, RequestApplyTreatment_type, treatment_Music);
    rig_perform(rig);
    rig_result(rig, "ApplyTreatment");
    rig_event(rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
}

static void used(struct tserver_rig *rig, const char *visit, const char *destination)
{
    char line[256];
    cr_assert(rig_result(rig, "RouteSelect"));
    snprintf(line, sizeof line,
             "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"%s\",\"destination\":\"%s\","
             "\"how\":\"instructed\"}",
             visit, destination);
    rig_event(rig, line);
}

Test(tserver_defaults, a_call_without_a_first_instruction_goes_to_the_first_default)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_wait(&rig, 9900000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    rig_wait(&rig, 100000);
    assert_routed_to(&rig, "5000");
    used(&rig, "r17", "5000");
    cr_assert(rig_find(&rig, "EventRouteUsed", &message));
    cr_assert_eq(message_u(&message, EventRouteUsed_how), route_how_default);
    cr_assert_eq(message_u(&message, EventRouteUsed_cause), cause_answer_timeout);
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 0, "nobody asked for it");
    rig_free(&rig);
}

Test(tserver_defaults, a_core_that_has_the_request_durable_works_on_it_silently)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    cti_committed(&rig.tserver.cti, rig.tserver.cti.posted - 1);
    rig_wait(&rig, 9900000);
    cti_committed(&rig.tserver.cti, rig.tserver.cti.posted);
    rig_wait(&rig, 600000000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"), "a selection without treatments says nothing for minutes");
    rig_core(&rig, false);
    rig_wait(&rig, 60000000);
    assert_routed_to(&rig, "5000");
    rig_free(&rig);
}

Test(tserver_defaults, a_core_that_works_on_a_call_has_no_bound)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    instruct(&rig, "17");
    rig_wait(&rig, 600000000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    rig_free(&rig);
}

Test(tserver_defaults, a_core_that_had_given_one_and_went_has_its_grace)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    instruct(&rig, "17");
    rig_core(&rig, false);
    rig_wait(&rig, 59900000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    rig_wait(&rig, 100000);
    assert_routed_to(&rig, "5000");
    used(&rig, "r17", "5000");
    struct message message;
    cr_assert(rig_find(&rig, "EventRouteUsed", &message), "kept by the library until the core is there");
    cr_assert_eq(message_u(&message, EventRouteUsed_cause), cause_router_gone);
    rig_free(&rig);
}

Test(tserver_defaults, a_call_that_comes_while_the_core_is_away_waits_the_answer_timeout)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_core(&rig, false);
    rig_ring(&rig, "17");
    cr_assert_str_eq(rig_posted(&rig), "", "the resync will tell of it");
    rig_wait(&rig, 10000000);
    assert_routed_to(&rig, "5000");
    rig_free(&rig);
}

Test(tserver_defaults, refused_destinations_are_passed_over_and_then_the_call_rejected)
{
    struct tserver_rig rig = {.settings = {{"defaults", "5000,7002"}}};
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_wait(&rig, 10000000);
    assert_routed_to(&rig, "5000");
    rig_error(&rig, "RouteSelect", "busy");
    assert_routed_to(&rig, "5001");
    rig_wait(&rig, 5100000);
    json_array_clear(rig.asked); /* of 5001: no answer at all */
    rig_wait(&rig, 100000);
    cr_assert_null(rig_asked(&rig, "RouteReject"));
    rig_wait(&rig, 5000000);
    cr_assert_not_null(rig_asked(&rig, "RouteReject"), "the setting's 5000 was tried, 7002 timed out");
    rig_free(&rig);
}

Test(tserver_defaults, a_call_that_comes_back_is_not_sent_in_a_circle)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_core(&rig, false);
    rig_ring(&rig, "17");
    rig_wait(&rig, 10000000);
    used(&rig, "r17", "5000");
    rig_event(&rig, "{\"event\":\"Queued\",\"callID\":\"17\",\"device\":\"5000\"}");
    rig_event(&rig, "{\"event\":\"Diverted\",\"callID\":\"17\",\"device\":\"5000\",\"destination\":\"1800\"}");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r18\"}");
    rig_wait(&rig, 10000000);
    assert_routed_to(&rig, "5001");
    used(&rig, "r18", "5001");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r19\"}");
    rig_wait(&rig, 10000000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    cr_assert_not_null(rig_asked(&rig, "RouteReject"));
    rig_free(&rig);
}

Test(tserver_defaults, a_call_that_the_core_has_no_room_for_is_defaulted_at_once)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig.no_credit = true;
    rig_ring(&rig, "17");
    assert_routed_to(&rig, "5000");
    used(&rig, "r17", "5000");
    rig.no_credit = false;
    cti_credit(&rig.tserver.cti);
    cr_assert_str_eq(rig_posted(&rig), "", "the core never hears of it");
    rig_free(&rig);
}

Test(tserver_defaults, of_a_call_that_the_core_had_no_room_for_it_hears_when_an_agent_has_it)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_event(&rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7001\"}");
    rig.no_credit = true;
    rig_ring(&rig, "17");
    used(&rig, "r17", "5000");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"Queued\",\"callID\":\"17\",\"device\":\"5000\"}");
    cr_assert_str_eq(rig_posted(&rig), "");
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"}");
    cr_assert(rig_find(&rig, "Observed", &message), "%s", rig_posted(&rig));
    cr_assert_eq(rig.defaulted, 1);
    rig_free(&rig);
}

Test(tserver_defaults, who_is_behind_with_the_switch_takes_nobody_new_until_it_has_caught_up)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    while (rig_result(&rig, "SystemStatus")) {
    }
    for (int i = 0; i < 45 && !rig.busy; i++) {
        rig.now_us += 100000;
        tserver_tick(&rig.tserver);
    }
    cr_assert(rig.busy);
    while (rig_result(&rig, "SystemStatus")) { /* the last of them took a short time */
    }
    rig_wait(&rig, 2000000);
    cr_assert_not(rig.busy);
    rig_free(&rig);
}

Test(tserver_defaults, the_cores_own_default_is_settled_by_the_same_list)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_ring(&rig, "17");
    struct writer *writer = rig_effect(&rig, KIND_RouteDefault, 8, rig_conn(&rig, "17"));
    writer_text(writer, RouteDefault_dn, "1800");
    writer_list_begin(writer, RouteDefault_tried);
    writer_list_text(writer, span_of("5000"));
    writer_list_end(writer);
    rig_perform(&rig);
    assert_routed_to(&rig, "5001");
    used(&rig, "r17", "5001");
    cr_assert(rig_find(&rig, "EventRouteUsed", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 8);
    cr_assert_eq(message_u(&message, EventRouteUsed_how), route_how_default);
    rig_free(&rig);
}

static void core_defaults(struct tserver_rig *rig, unsigned ref, const char *why)
{
    struct writer *writer = rig_effect(rig, KIND_RouteDefault, ref, rig_conn(rig, "17"));
    writer_text(writer, RouteDefault_why, why);
    rig_perform(rig);
}

Test(tserver_defaults, the_switch_is_told_why_by_the_default_that_the_reason_is_of)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    core_defaults(&rig, 8, "no agent");
    cr_assert_str_eq(desk_text(rig_asked(&rig, "RouteSelect"), "why"), "no agent");
    used(&rig, "r17", "5000");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"again\"}");
    rig_core(&rig, false);
    rig_wait(&rig, 60000000); /* by ourselves */
    cr_assert_not_null(rig_asked(&rig, "RouteSelect"));
    cr_assert_null(json_object_get(rig_asked(&rig, "RouteSelect"), "why"));
    rig_core(&rig, true);
    core_defaults(&rig, 9, "too late");
    rig_error(&rig, "RouteSelect", "busy");
    cr_assert_str_eq(desk_text(rig_asked(&rig, "RouteReject"), "why"), "too late", "no destination is left");
    rig_free(&rig);
}

Test(tserver_defaults, a_default_without_destinations_is_answered_by_an_error_and_the_call_rejected)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_init(&rig);
    rig_connect(&rig);
    rig_result(&rig, "Snapshot");
    rig_ring(&rig, "17");
    rig_effect(&rig, KIND_RouteDefault, 8, rig_conn(&rig, "17"));
    rig_perform(&rig);
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, EventDone_code), code_rejected);
    cr_assert_not_null(rig_asked(&rig, "RouteReject"));
    rig_free(&rig);
}

Test(tserver_defaults, an_unanswered_call_is_pulled_back_while_the_core_is_away)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    struct writer *writer = rig_effect(&rig, KIND_RequestRouteCall, 2, rig_conn(&rig, "17"));
    writer_text(writer, RequestRouteCall_dest, "7001");
    rig_perform(&rig);
    used(&rig, "r17", "7001");
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"}");
    rig_wait(&rig, 60000000);
    cr_assert_null(rig_asked(&rig, "DeflectCall"), "the core is there: it knows how long");
    rig_core(&rig, false);
    rig_wait(&rig, 30000000);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "DeflectCall"), "destination"), "1800");
    rig_result(&rig, "DeflectCall");
    rig_event(&rig, "{\"event\":\"Diverted\",\"callID\":\"17\",\"device\":\"7001\",\"destination\":\"1800\"}");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r18\"}");
    rig_wait(&rig, 30000000);
    assert_routed_to(&rig, "5000");
    rig_free(&rig);
}

Test(tserver_defaults, a_lost_switch_link_begins_the_default_anew)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_core(&rig, false);
    rig_ring(&rig, "17");
    rig_wait(&rig, 10000000);
    assert_routed_to(&rig, "5000");
    rig_lose(&rig);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"correlator\":\"0010000000000001\","
                    "\"connections\":[],\"route\":{\"device\":\"1800\",\"routeID\":\"r17\"}}");
    rig_result(&rig, "Snapshot");
    rig_wait(&rig, 100000);
    assert_routed_to(&rig, "5001");
    rig_free(&rig);
}

Test(tserver_defaults, a_default_that_the_core_asked_for_outlives_the_switch_link)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_effect(&rig, KIND_RouteDefault, 8, rig_conn(&rig, "17"));
    rig_perform(&rig);
    assert_routed_to(&rig, "5000");
    rig_lose(&rig);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"correlator\":\"0010000000000001\","
                    "\"connections\":[],\"route\":{\"device\":\"1800\",\"routeID\":\"r17\"}}");
    rig_result(&rig, "Snapshot");
    assert_routed_to(&rig, "5001");
    used(&rig, "r17", "5001");
    cr_assert(rig_find(&rig, "EventRouteUsed", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 8);
    rig_free(&rig);
}

/* ---- another core may lead ---- */

static void set_aside(struct tserver_rig *rig, bool aside)
{
    rig->aside = aside;
    rig_wait(rig, 100000);
}

Test(tserver_defaults, while_another_core_may_lead_no_call_is_named_or_defaulted_at_once)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    set_aside(&rig, true);
    rig.no_credit = true;
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\"}");
    cr_assert_null(rig_asked(&rig, "AssociateData"), "the other one may have named it");
    rig_wait(&rig, 9900000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"), "without room it would go at once, if this core led");
    rig_wait(&rig, 100000);
    assert_routed_to(&rig, "5000");
    rig_free(&rig);
}

Test(tserver_defaults, what_another_core_has_instructed_takes_no_default_of_ours)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    set_aside(&rig, true);
    rig_ring(&rig, "17");
    rig_event(&rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    rig_wait(&rig, 600000000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    rig_free(&rig);
}

Test(tserver_defaults, a_treatment_that_changes_to_nothing_known_is_no_news)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    instruct(&rig, "17");
    rig_forget(&rig);
    struct cti *cti = &rig.tserver.cti;
    cti_treatment(cti, calls_by_id(&cti->calls, "17"), treatment_change_other, 1, NULL, NULL, NULL, cause_other);
    cr_assert_str_eq(rig_posted(&rig), "");
    rig_free(&rig);
}

Test(tserver_defaults, a_core_that_leads_after_all_hears_of_who_came_and_the_switch_their_names)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    set_aside(&rig, true);
    rig.no_credit = true;
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\"}");
    rig.no_credit = false;
    rig_forget(&rig);
    set_aside(&rig, false);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "AssociateData"), "callID"), "17");
    cr_assert(rig_find(&rig, "Observed", &message));
    cr_assert(message_u(&message, Observed_at_routing_point));
    rig_free(&rig);
}

static void lose_core_aside(struct tserver_rig *rig)
{
    rig_open(rig);
    set_aside(rig, true);
    rig_event(rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\"}");
    rig_core(rig, false);
    rig_wait(rig, 100000);
    cr_assert_null(rig_asked(rig, "AssociateData"), "the other one leads now, for all that is known");
}

Test(tserver_defaults, a_core_that_goes_while_another_may_lead_does_not_end_that)
{
    struct tserver_rig rig = {0};
    lose_core_aside(&rig);
    rig_core(&rig, true);
    set_aside(&rig, false);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "AssociateData"), "callID"), "17", "a core that leads is there");
    rig_free(&rig);
}

Test(tserver_defaults, without_any_core_for_router_grace_the_switch_is_asked_as_before)
{
    struct tserver_rig rig = {0};
    lose_core_aside(&rig);
    rig_wait(&rig, 59000000);
    cr_assert_null(rig_asked(&rig, "AssociateData"));
    rig_wait(&rig, 1000000);
    cr_assert_not_null(rig_asked(&rig, "AssociateData"));
    rig_free(&rig);
}

Test(tserver_defaults, while_another_core_may_lead_an_agent_whose_desktop_went_there_stays)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    desk_say(&desk, "{\"Message\":\"RequestAgentLogin\",\"ReferenceID\":2,\"ThisDN\":\"7001\",\"AgentID\":\"marie\"}");
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7001\"}");
    rig_event(&rig, "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    while (rig_result(&rig, "SetAgentState")) continue;
    set_aside(&rig, true);
    desk_close(&desk);
    rig_wait(&rig, 600000000);
    cr_assert_null(rig_asked(&rig, "SetAgentState"), "who leads has her");
    set_aside(&rig, false);
    cr_assert_not_null(rig_asked(&rig, "SetAgentState"), "nobody had");
    rig_free(&rig);
}
