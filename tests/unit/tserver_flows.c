/* tests/unit/tserver_flows.c - V1 and V2 as traces, and their turns: no answer, bad destination, caller gone. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_host.h"
#include "tests/unit/tserver_rig.h"

TestSuite(tserver_flows, .timeout = 20);

#define assert_posted(rig, expected)                                                                                   \
    do {                                                                                                               \
        cr_assert_str_eq(rig_posted(rig), expected);                                                                   \
        rig_forget(rig);                                                                                               \
    } while (0)

static void assert_text(struct tserver_rig *rig, const char *name, unsigned field, const char *expected)
{
    struct message message;
    cr_assert(rig_find(rig, name, &message), "%s was not posted: %s", name, rig_posted(rig));
    struct span text = message_text(&message, field);
    cr_assert(span_is(text, expected), "%s: `%.*s`, not `%s`", name, (int)text.length, (const char *)text.bytes,
              expected);
}

static uint64_t number(struct tserver_rig *rig, const char *name, unsigned field)
{
    struct message message;
    cr_assert(rig_find(rig, name, &message), "%s was not posted: %s", name, rig_posted(rig));
    return message_u(&message, field);
}

static void route(struct tserver_rig *rig, uint64_t ref, uint64_t conn, const char *to)
{
    struct writer *writer = rig_effect(rig, KIND_RequestRouteCall, ref, conn);
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "account", span_of("4711"));
    kv_put_text(&data, "language", span_of("French"));
    writer_text(writer, RequestRouteCall_dn, "1800");
    writer_text(writer, RequestRouteCall_dest, to);
    writer_u(writer, RequestRouteCall_revision, 5);
    writer_kv(writer, RequestRouteCall_data, &data);
    rig_perform(rig);
    kv_free(&data);
}

static void treat(struct tserver_rig *rig, uint64_t ref, uint64_t conn)
{
    struct writer *writer = rig_effect(rig, KIND_RequestApplyTreatment, ref, conn);
    struct kv params;
    kv_init(&params);
    kv_put_text(&params, "prompt", span_of("account_number"));
    kv_put_int(&params, "max", 12);
    writer_u(writer, RequestApplyTreatment_type, treatment_PlayAnnouncementAndDigits);
    writer_kv(writer, RequestApplyTreatment_params, &params);
    writer_u(writer, RequestApplyTreatment_secret, ref >= 100); /* in these tests */
    rig_perform(rig);
    kv_free(&params);
}

static void control(struct tserver_rig *rig, uint64_t ref, uint64_t conn, enum call_op op, const char *dn)
{
    struct writer *writer = rig_effect(rig, KIND_RequestCallControl, ref, conn);
    writer_u(writer, RequestCallControl_op, op);
    writer_text(writer, RequestCallControl_dn, dn);
    rig_perform(rig);
}

static void log_in(struct tserver_rig *rig, struct rig_desk *desk)
{
    desk_open(rig, desk);
    desk_say(desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    desk_say(desk, "{\"Message\":\"RequestAgentLogin\",\"ReferenceID\":2,\"ThisDN\":\"7001\",\"AgentID\":\"marie\"}");
    cr_assert(rig_result(rig, "SetAgentState"));
    rig_event(rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7001\"}");
    desk_say(desk, "{\"Message\":\"RequestAgentReady\",\"ReferenceID\":3,\"ThisDN\":\"7001\"}");
    cr_assert(rig_result(rig, "SetAgentState"));
    rig_event(rig, "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    rig_forget(rig);
}

static void assert_answered(struct rig_desk *desk, const char *message, json_int_t reference)
{
    json_t *line = desk_heard(desk, message);
    cr_assert_not_null(line, "%s was not heard", message);
    cr_assert_eq(desk_reference(line), reference);
    json_decref(line);
}

Test(tserver_flows, v1_from_the_switch_to_the_desktop)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    log_in(&rig, &desk);

    /* 1-3: the call enters, gets its ConnID, and the core is asked. */
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                    "\"callingDevice\":\"+33145550101\",\"calledDevice\":\"1800\",\"callType\":\"inbound\"}");
    uint64_t conn = rig_conn(&rig, "17");
    cr_assert_eq(conn, UINT64_C(0x0010000000000001));
    cr_assert_str_eq(desk_text(rig_asked(&rig, "AssociateData"), "correlator"), "0010000000000001");
    rig_result(&rig, "AssociateData");
    assert_text(&rig, "EventCallCreated", EventCallCreated_ani, "+33145550101");
    cr_assert_eq(number(&rig, "EventCallCreated", EventCallCreated_call_type), call_type_inbound);
    assert_text(&rig, "EventRouteRequest", EventRouteRequest_dn, "1800");
    assert_posted(&rig, "EventCallCreated EventRouteRequest");

    /* 4-5: the IVR asks, the caller keys. */
    treat(&rig, 1, conn);
    json_t *asked = rig_asked(&rig, "ApplyTreatment");
    cr_assert_str_eq(desk_text(asked, "type"), "PlayAnnouncementAndDigits");
    cr_assert_str_eq(desk_text(json_object_get(asked, "params"), "prompt"), "account_number");
    cr_assert(rig_result(&rig, "ApplyTreatment"));
    rig_event(&rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    rig_event(&rig,
              "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":1,\"digits\":\"4711\",\"cause\":\"ok\"}");
    assert_text(&rig, "EventTreatmentEnd", EventTreatment_digits, "4711");
    cr_assert_eq(number(&rig, "EventTreatmentEnd", ENVELOPE_ref), 1);
    cr_assert_eq(number(&rig, "EventTreatmentEnd", ENVELOPE_ixn), 9);
    assert_posted(&rig, "EventTreatmentApplied EventTreatmentEnd");

    /* 10-11: the core routes, the switch obeys. */
    route(&rig, 4, conn, "7001");
    asked = rig_asked(&rig, "RouteSelect");
    cr_assert_str_eq(desk_text(asked, "routeID"), "r17");
    cr_assert_str_eq(desk_text(asked, "destination"), "7001");
    cr_assert(rig_result(&rig, "RouteSelect"));
    assert_posted(&rig, "");
    rig_event(&rig, "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                    "\"destination\":\"7001\",\"how\":\"instructed\"}");
    assert_text(&rig, "EventRouteUsed", EventRouteUsed_to, "7001");
    cr_assert_eq(number(&rig, "EventRouteUsed", ENVELOPE_ref), 4);
    cr_assert_eq(number(&rig, "EventRouteUsed", EventRouteUsed_how), route_how_instructed);

    /* 12: it rings, with its data. */
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"}");
    assert_text(&rig, "EventRinging", EventParty_agent, "marie");
    json_t *ringing = desk_heard(&desk, "EventRinging");
    cr_assert_not_null(ringing);
    cr_assert_str_eq(desk_text(ringing, "ConnID"), "0010000000000001");
    cr_assert_str_eq(desk_text(ringing, "ANI"), "+33145550101");
    cr_assert_str_eq(desk_text(ringing, "AgentID"), "marie");
    cr_assert_str_eq(desk_text(json_object_get(ringing, "UserData"), "account"), "4711");
    cr_assert_eq(desk_reference(ringing), 0);
    json_decref(ringing);

    desk_say(&desk, "{\"Message\":\"RequestAnswerCall\",\"ReferenceID\":4,\"ThisDN\":\"7001\","
                    "\"ConnID\":\"0010000000000001\"}");
    cr_assert(rig_result(&rig, "AnswerCall"));
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    assert_answered(&desk, "EventEstablished", 4);
    rig_event(&rig,
              "{\"event\":\"ConnectionCleared\",\"callID\":\"17\",\"device\":\"7001\",\"cause\":\"remote_release\"}");
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"ok\"}");
    assert_posted(&rig, "EventRouteUsed EventRinging EventEstablished EventReleased EventCallDeleted");
    cr_assert_eq(desk_count(&desk, "EventReleased"), 1);
    cr_assert_eq(rig_conn(&rig, "17"), 0);
    desk_close(&desk);
    rig_free(&rig);
}

/* A call of V1 at step 12: it rings at 7001, routed by effect 4. */
static uint64_t ring_at_desk(struct tserver_rig *rig)
{
    rig_ring(rig, "17");
    uint64_t conn = rig_conn(rig, "17");
    route(rig, 4, conn, "7001");
    cr_assert(rig_result(rig, "RouteSelect"));
    rig_event(rig, "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                   "\"destination\":\"7001\",\"how\":\"instructed\"}");
    rig_event(rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"}");
    rig_forget(rig);
    return conn;
}

Test(tserver_flows, v1_no_answer_is_pulled_back_and_the_agent_set_not_ready)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    log_in(&rig, &desk);
    uint64_t conn = ring_at_desk(&rig);
    control(&rig, 5, conn, call_op_pull_back, "7001");
    json_t *asked = rig_asked(&rig, "DeflectCall");
    cr_assert_str_eq(desk_text(asked, "device"), "7001");
    cr_assert_str_eq(desk_text(asked, "destination"), "1800");
    cr_assert(rig_result(&rig, "DeflectCall"));
    rig_event(&rig, "{\"event\":\"Diverted\",\"callID\":\"17\",\"device\":\"7001\",\"destination\":\"1800\"}");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r18\"}");
    cr_assert_eq(number(&rig, "EventRouteRequest", ENVELOPE_ref), 5);
    assert_posted(&rig, "EventDiverted EventRouteRequest");

    struct writer *writer = rig_effect(&rig, KIND_SetAgentState, 6, conn);
    writer_text(writer, SetAgentState_agent, "marie");
    writer_u(writer, SetAgentState_state, agent_state_not_ready);
    rig_perform(&rig);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "not_ready");
    cr_assert(rig_result(&rig, "SetAgentState"));
    rig_event(&rig, "{\"event\":\"AgentNotReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    cr_assert_eq(number(&rig, "EventAgentNotReady", ENVELOPE_ref), 6);
    cr_assert_eq(desk_count(&desk, "EventAgentNotReady"), 1);
    cr_assert_eq(desk_count(&desk, "EventDiverted"), 1);
    desk_close(&desk);
    rig_free(&rig);
}

/* Says the request about the call 17 at 7001. */
static void asks_of_17(struct tserver_rig *rig, struct rig_desk *desk, const char *message, unsigned reference)
{
    char line[300];
    snprintf(line, sizeof line,
             "{\"Message\":\"%s\",\"ReferenceID\":%u,\"ThisDN\":\"7001\",\"ConnID\":\"%016llx\",\"OtherDN\":\"7002\"}",
             message, reference, (unsigned long long)rig_conn(rig, "17"));
    desk_say(desk, line);
}

/* The next event of that name about the call is about its consultation in this state; NULL: it has none. */
static void assert_consults(struct rig_desk *desk, const char *message, const char *state, bool aside)
{
    json_t *line = desk_heard(desk, message);
    const json_t *consultation = json_object_get(line, "Consultation");
    cr_assert(line, "no %s", message);
    cr_assert_eq(consultation != NULL, state != NULL, "%s", message);
    if (state) cr_assert_str_eq(desk_text(consultation, "State"), state);
    if (state) cr_assert_eq(json_is_true(json_object_get(consultation, "Aside")), aside, "%s", message);
    json_decref(line);
}

Test(tserver_flows, a_call_and_the_question_about_it_are_swapped_and_the_desktop_hears_how)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk = {0};
    rig_open(&rig);
    log_in(&rig, &desk);
    ring_at_desk(&rig);
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    asks_of_17(&rig, &desk, "RequestInitiateTransfer", 10);
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7001\"}");
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"18\",\"device\":\"7002\",\"callingDevice\":\"7001\","
                    "\"calledDevice\":\"7002\",\"callType\":\"consult\",\"mainCallID\":\"17\"}");
    assert_consults(&desk, "EventConsultation", "Dialing", false);
    assert_consults(&desk, "EventConsultation", "Ringing", false);
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"18\",\"device\":\"7002\"}");
    assert_consults(&desk, "EventConsultation", "Established", false);
    asks_of_17(&rig, &desk, "RequestAlternateCall", 11);
    cr_assert(rig_result(&rig, "AlternateCall"));
    rig_event(&rig, "{\"event\":\"Retrieved\",\"callID\":\"17\",\"device\":\"7001\"}");
    assert_consults(&desk, "EventRetrieved", "Established", true);
    asks_of_17(&rig, &desk, "RequestAlternateCall", 12);
    json_decref(desk_heard(&desk, "EventHeld")); /* of the consultation's begin */
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7001\"}");
    assert_consults(&desk, "EventHeld", "Established", false);
    rig_event(&rig, "{\"event\":\"Retrieved\",\"callID\":\"17\",\"device\":\"7001\"}");
    asks_of_17(&rig, &desk, "RequestReconnectCall", 13);
    cr_assert(rig_result(&rig, "ReconnectCall"));
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"18\",\"cause\":\"ok\"}");
    json_t *over = desk_heard(&desk, "EventConsultation");
    cr_assert_str_eq(desk_text(json_object_get(over, "Consultation"), "State"), "Released");
    cr_assert_eq(desk_reference(over), 13, "the end of the question answers who has set it aside");
    json_decref(over);
    cr_assert_eq(desk_count(&desk, "EventError"), 0);
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_flows, a_pull_back_that_comes_too_late_is_an_error)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    uint64_t conn = ring_at_desk(&rig);
    control(&rig, 5, conn, call_op_pull_back, "7001");
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    cr_assert(rig_error(&rig, "DeflectCall", "invalid_state"));
    cr_assert_eq(number(&rig, "EventError", EventDone_code), code_invalid_state);
    assert_posted(&rig, "EventEstablished EventError");
    control(&rig, 6, conn, call_op_pull_back, "7001");
    cr_assert_null(rig_asked(&rig, "DeflectCall"), "it talks: the switch is not even asked");
    cr_assert_eq(number(&rig, "EventError", ENVELOPE_ref), 6);
    rig_free(&rig);
}

Test(tserver_flows, an_operator_ends_a_call_that_talks_and_a_strategy_that_comes_too_late_does_not)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    uint64_t conn = ring_at_desk(&rig);
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    control(&rig, 5, conn, call_op_disconnect, "1800");
    cr_assert_null(rig_asked(&rig, "ClearCall"), "it stands at 1800 no more");
    cr_assert_eq(number(&rig, "EventError", ENVELOPE_ref), 5);
    control(&rig, 6, conn, call_op_disconnect, "");
    cr_assert(rig_result(&rig, "ClearCall"));
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"ok\"}");
    cr_assert_eq(number(&rig, "EventCallDeleted", ENVELOPE_ref), 6);
    rig_free(&rig);
}

Test(tserver_flows, v1_a_bad_destination_is_an_error_and_the_call_stays)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    uint64_t conn = rig_conn(&rig, "17");
    route(&rig, 4, conn, "7999");
    rig_forget(&rig);
    cr_assert(rig_error(&rig, "RouteSelect", "invalid_destination"));
    cr_assert_eq(number(&rig, "EventError", EventDone_code), code_invalid_destination);
    cr_assert_eq(number(&rig, "EventError", ENVELOPE_ref), 4);
    route(&rig, 5, conn, "7001");
    cr_assert(rig_result(&rig, "RouteSelect"), "the same visit serves the next");
    rig_free(&rig);
}

Test(tserver_flows, a_repeated_effect_is_answered_not_done_again)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    uint64_t conn = rig_conn(&rig, "17");
    route(&rig, 4, conn, "7001");
    route(&rig, 4, conn, "7001");
    cr_assert(rig_result(&rig, "RouteSelect"));
    cr_assert_null(rig_asked(&rig, "RouteSelect"), "asked once");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                    "\"destination\":\"7001\",\"how\":\"instructed\"}");
    assert_posted(&rig, "EventRouteUsed");
    route(&rig, 4, conn, "7001");
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    cr_assert_eq(number(&rig, "EventRouteUsed", ENVELOPE_ref), 4);
    rig_free(&rig);
}

/* A new state folder: refs and interactions of the new core have the numbers of others of before. */
Test(tserver_flows, a_core_of_another_journal_is_owed_nothing_of_the_one_before)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig.journal = 1;
    rig_core(&rig, true);
    rig_ring(&rig, "17");
    uint64_t conn = rig_conn(&rig, "17");
    treat(&rig, 4, conn);
    cr_assert(rig_result(&rig, "ApplyTreatment"));
    route(&rig, 5, conn, "7001");
    rig_core(&rig, false);
    rig.journal = 2;
    rig_core(&rig, true);
    rig_forget(&rig);
    rig_effect(&rig, KIND_Resync, 1, 0);
    rig_perform(&rig);
    cr_assert_eq(number(&rig, "Observed", Observed_last_ref), 5, "its refs go on above");
    cr_assert_eq(number(&rig, "Observed", ENVELOPE_ixn), 0);
    cr_assert_eq(number(&rig, "Observed", Observed_instructed), 0);
    cr_assert(rig_result(&rig, "RouteSelect"));
    rig_event(&rig, "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                    "\"destination\":\"7001\",\"how\":\"instructed\"}");
    cr_assert_eq(number(&rig, "EventRouteUsed", ENVELOPE_ref), 0, "this core has not asked for it");
    cr_assert_eq(number(&rig, "EventRouteUsed", ENVELOPE_ixn), 0);
    rig_free(&rig);
}

Test(tserver_flows, v1_a_caller_who_hangs_up_has_abandoned)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    uint64_t conn = rig_conn(&rig, "17");
    treat(&rig, 1, conn);
    rig_result(&rig, "ApplyTreatment");
    rig_event(&rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":1,\"cause\":\"interrupted\"}");
    rig_event(&rig, "{\"event\":\"ConnectionCleared\",\"callID\":\"17\",\"device\":\"1800\",\"cause\":\"abandoned\"}");
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"abandoned\"}");
    assert_posted(&rig, "EventTreatmentEnd EventAbandoned EventCallDeleted");
    route(&rig, 2, conn, "7001");
    cr_assert_eq(number(&rig, "EventError", EventDone_code), code_unknown_conn_id);
    rig_free(&rig);
}

Test(tserver_flows, a_call_that_ends_ends_what_was_asked_of_it)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    route(&rig, 4, rig_conn(&rig, "17"), "7001");
    rig_result(&rig, "RouteSelect");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"abandoned\"}");
    cr_assert_eq(number(&rig, "EventError", EventDone_code), code_gone);
    assert_posted(&rig, "EventAbandoned EventError EventCallDeleted");
    rig_wait(&rig, 6000000);
    assert_posted(&rig, "");
    rig_free(&rig);
}

Test(tserver_flows, a_treatment_that_is_refused_or_never_starts_is_not_applied)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    uint64_t conn = rig_conn(&rig, "17");
    rig_forget(&rig);
    treat(&rig, 1, conn);
    rig_error(&rig, "ApplyTreatment", "not_applied");
    assert_posted(&rig, "EventTreatmentNotApplied");
    treat(&rig, 2, conn);
    rig_wait(&rig, 5100000);
    cr_assert_eq(number(&rig, "EventTreatmentNotApplied", ENVELOPE_ref), 2);
    cr_assert_eq(number(&rig, "EventTreatmentNotApplied", EventTreatment_cause), cause_timeout);
    assert_posted(&rig, "EventTreatmentNotApplied");
    rig_free(&rig);
}

Test(tserver_flows, secret_digits_are_secret)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    struct message message;
    struct kv_value value;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"1800\"}");
    rig_ring(&rig, "17");
    treat(&rig, 100, rig_conn(&rig, "17"));
    cr_assert(json_is_true(json_object_get(rig_asked(&rig, "ApplyTreatment"), "secret")));
    rig_result(&rig, "ApplyTreatment");
    rig_event(
        &rig,
        "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":100,\"digits\":\"1234\",\"cause\":\"ok\"}");
    cr_assert(rig_find(&rig, "EventTreatmentEnd", &message));
    cr_assert_eq(message_text(&message, EventTreatment_digits).length, 0);
    cr_assert(kv_get(message_text(&message, EventTreatment_result), "digits", &value));
    cr_assert(value.secret && span_is(value.span, "1234"));
    json_t *line = desk_heard(&desk, "EventTreatmentEnd");
    cr_assert_null(json_object_get(line, "CollectedDigits"));
    json_decref(line);
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_flows, changed_data_reaches_every_party_and_is_in_later_events)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    struct kv changed;
    rig_open(&rig);
    log_in(&rig, &desk);
    uint64_t conn = ring_at_desk(&rig);
    struct writer *writer = rig_effect(&rig, KIND_EventAttachedDataChanged, 7, conn);
    kv_init(&changed);
    kv_put_text(&changed, "language", span_of("English"));
    kv_list_begin(&changed, span_of("customer"));
    kv_put_text(&changed, "name", span_of("Dupont"));
    kv_list_end(&changed);
    writer_u(writer, EventAttachedDataChanged_revision, 6);
    writer_kv(writer, EventAttachedDataChanged_changed, &changed);
    rig_perform(&rig);
    kv_free(&changed);
    json_t *line = desk_heard(&desk, "EventAttachedDataChanged");
    const json_t *data = json_object_get(line, "UserData");
    cr_assert_str_eq(desk_text(data, "language"), "English");
    cr_assert_str_eq(desk_text(data, "account"), "4711");
    cr_assert_str_eq(desk_text(json_object_get(data, "customer"), "name"), "Dupont");
    json_decref(line);
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    line = desk_heard(&desk, "EventEstablished");
    cr_assert_str_eq(desk_text(json_object_get(line, "UserData"), "language"), "English");
    json_decref(line);
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_flows, v2_an_ivr_port_attaches_and_a_queue_distributes)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk, ivr;
    struct message message;
    rig_open(&rig);
    log_in(&rig, &desk);
    desk_open(&rig, &ivr);
    desk_say(&ivr, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"6001\"}");

    /* 1-2 */
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"21\",\"device\":\"6001\",\"callingDevice\":\"0145\","
                    "\"calledDevice\":\"1801\",\"callType\":\"inbound\"}");
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"21\",\"device\":\"6001\"}");
    cr_assert_eq(number(&rig, "EventEstablished", EventParty_role), party_role_device);
    assert_posted(&rig, "EventCallCreated EventRinging EventEstablished");
    uint64_t conn = rig_conn(&rig, "21");

    /* 3 */
    desk_say(&ivr, "{\"Message\":\"RequestAttachUserData\",\"ReferenceID\":2,\"ThisDN\":\"6001\","
                   "\"ConnID\":\"0010000000000001\",\"UserData\":{\"account\":\"4711\"}}");
    cr_assert(rig_find(&rig, "RequestAttachUserData", &message), "%s", rig_posted(&rig));
    cr_assert_eq(message_u(&message, RequestUserData_op), data_op_Attach);
    cr_assert(span_is(message_text(&message, ENVELOPE_actor), "6001"));
    uint64_t client = message_u(&message, ENVELOPE_client);
    cr_assert_eq(message_u(&message, ENVELOPE_req), 2);
    struct writer *writer = rig_effect(&rig, KIND_Reply, 1, conn);
    struct kv pairs;
    writer_clear(writer);
    writer_begin(writer, KIND_Reply);
    writer_u(writer, ENVELOPE_ixn, 9);
    writer_u(writer, ENVELOPE_client, client);
    writer_u(writer, ENVELOPE_req, 2);
    writer_u(writer, Reply_outcome, outcome_ok);
    rig_perform(&rig);
    cr_assert_eq(desk_count(&ivr, "EventAttachedDataChanged"), 0, "not before it has changed");
    writer = rig_effect(&rig, KIND_EventAttachedDataChanged, 2, conn);
    kv_init(&pairs);
    kv_put_text(&pairs, "account", span_of("4711"));
    writer_u(writer, EventAttachedDataChanged_revision, 1);
    writer_kv(writer, EventAttachedDataChanged_changed, &pairs);
    rig_perform(&rig);
    kv_free(&pairs);
    assert_answered(&ivr, "EventAttachedDataChanged", 2);
    rig_wait(&rig, 11000000);
    cr_assert_eq(desk_count(&ivr, "EventError") + desk_count(&ivr, "EventAttachedDataChanged"), 0, "answered once");
    rig_forget(&rig);

    /* 4-5 */
    desk_say(&ivr, "{\"Message\":\"RequestSingleStepTransfer\",\"ReferenceID\":3,\"ThisDN\":\"6001\","
                   "\"ConnID\":\"0010000000000001\",\"OtherDN\":\"5000\"}");
    cr_assert(rig_result(&rig, "SingleStepTransferCall"));
    rig_event(&rig, "{\"event\":\"Queued\",\"callID\":\"21\",\"device\":\"5000\"}");
    rig_event(&rig,
              "{\"event\":\"ConnectionCleared\",\"callID\":\"21\",\"device\":\"6001\",\"cause\":\"transferred\"}");
    assert_answered(&ivr, "EventReleased", 3);
    rig_event(&rig, "{\"event\":\"Diverted\",\"callID\":\"21\",\"device\":\"5000\",\"destination\":\"7001\"}");

    /* 6-7 */
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"21\",\"device\":\"7001\",\"queue\":\"5000\"}");
    assert_text(&rig, "EventRinging", EventParty_queue, "5000");
    assert_posted(&rig, "EventQueued EventReleased EventDiverted EventRinging");
    json_t *line = desk_heard(&desk, "EventRinging");
    cr_assert_str_eq(desk_text(line, "ThisQueue"), "5000");
    cr_assert_str_eq(desk_text(line, "DNIS"), "1801");
    cr_assert_str_eq(desk_text(json_object_get(line, "UserData"), "account"), "4711");
    json_decref(line);
    desk_close(&desk);
    desk_close(&ivr);
    rig_free(&rig);
}

/* All at the call see it; the switch says what cannot be. */
Test(tserver_flows, who_talks_has_the_recording_paused_and_all_are_told)
{
    static const char *const asked[][3] = {{"RequestStartRecording", "StartRecording", "on"},
                                           {"RequestPauseRecording", "PauseRecording", "paused"},
                                           {"RequestResumeRecording", "ResumeRecording", "on"},
                                           {"RequestStopRecording", "StopRecording", "off"}};
    struct tserver_rig rig = {0};
    struct rig_desk desk, looks;
    char line[256];
    rig_open(&rig);
    log_in(&rig, &desk);
    desk_open(&rig, &looks);
    desk_say(&looks, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    const char *const pause = "{\"Message\":\"RequestPauseRecording\",\"ReferenceID\":9,\"ThisDN\":\"7001\","
                              "\"ConnID\":\"0010000000000001\"}";
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"21\",\"device\":\"7001\",\"callingDevice\":\"0145\","
                    "\"calledDevice\":\"7001\",\"callType\":\"inbound\"}");
    desk_say(&desk, pause);
    assert_answered(&desk, "EventError", 9); /* it rings */
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"21\",\"device\":\"7001\"}");
    desk_say(&desk, pause);
    cr_assert(rig_error(&rig, "PauseRecording", "invalid_state"));
    assert_answered(&desk, "EventError", 9);
    for (unsigned i = 0; i < 4; i++) {
        snprintf(line, sizeof line,
                 "{\"Message\":\"%s\",\"ReferenceID\":%u,\"ThisDN\":\"7001\",\"ConnID\":\"0010000000000001\"}",
                 asked[i][0], 10 + i);
        desk_say(&desk, line);
        cr_assert(rig_result(&rig, asked[i][1]), "%s", asked[i][1]);
        assert_answered(&desk, "EventRecording", 10 + i);
        json_t *told = desk_heard(&looks, "EventRecording");
        cr_assert_str_eq(desk_text(told, "Recording"), asked[i][2]);
        cr_assert_eq(desk_reference(told), 0);
        json_decref(told);
    }
    desk_close(&desk);
    desk_close(&looks);
    rig_free(&rig);
}

/* The call is the IVR's until it is sent on, or the IVR goes; what it is told and asks never names an effect. */
Test(tserver_flows, an_ivr_has_the_calls_of_a_routing_point_while_it_is_there)
{
    struct tserver_rig rig = {0};
    struct rig_desk ivr, stranger;
    rig_open(&rig);
    desk_open(&rig, &ivr);
    desk_open(&rig, &stranger);
    desk_say(&ivr, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\",\"AddressType\":"
                   "\"IVRPort\"}");
    assert_answered(&ivr, "EventError", 1);
    desk_say(&ivr, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":2,\"ThisDN\":\"1800\",\"AddressType\":"
                   "\"IVRPort\"}");
    assert_answered(&ivr, "EventRegistered", 2);
    desk_say(&stranger, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"1800\"}");

    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r1\"}");
    cr_assert_eq(number(&rig, "EventEstablished", EventParty_role), party_role_device);
    assert_posted(&rig, "EventCallCreated EventEstablished");
    uint64_t conn = rig_conn(&rig, "17");

    /* A treatment is answered by its beginning; one that the switch cannot play, by an error. */
    const char *play = "{\"Message\":\"RequestApplyTreatment\",\"ReferenceID\":%d,\"ThisDN\":\"1800\",\"ConnID\":"
                       "\"0010000000000001\",\"TreatmentType\":\"%s\",\"Parameters\":{\"prompt\":\"welcome\"}}";
    char line[512];
    snprintf(line, sizeof line, play, 3, "Nonsense");
    desk_say(&ivr, line);
    assert_answered(&ivr, "EventError", 3);
    snprintf(line, sizeof line, play, 4, "PlayAnnouncement");
    desk_say(&ivr, line);
    cr_assert(rig_error(&rig, "ApplyTreatment", "not_applied"));
    assert_answered(&ivr, "EventError", 4);
    snprintf(line, sizeof line, play, 5, "PlayAnnouncement");
    desk_say(&ivr, line);
    json_int_t of = json_integer_value(json_object_get(rig_asked(&rig, "ApplyTreatment"), "treatment"));
    cr_assert(rig_result(&rig, "ApplyTreatment"));
    snprintf(line, sizeof line, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":%lld}", (long long)of);
    rig_event(&rig, line);
    assert_answered(&ivr, "EventTreatmentApplied", 5);
    rig_wait(&rig, 60000000);
    assert_posted(&rig, ""); /* it plays: that is no silence, and the core has no part in it */
    route(&rig, 7, conn, "7001");
    assert_posted(&rig, "EventError");

    /* A queue that does not take the call leaves it at the port. */
    desk_say(&ivr, "{\"Message\":\"RequestSingleStepTransfer\",\"ReferenceID\":6,\"ThisDN\":\"1800\","
                   "\"ConnID\":\"0010000000000001\",\"OtherDN\":\"9999\"}");
    cr_assert(rig_error(&rig, "RouteSelect", "invalid_destination"));
    assert_answered(&ivr, "EventError", 6);
    assert_posted(&rig, "");

    /* It goes: the treatment ends, and the routing point has the call. Nobody else at the DN takes its place. */
    desk_close(&ivr);
    rig_wait(&rig, 200000);
    cr_assert(rig_asked(&rig, "StopTreatment"));
    assert_posted(&rig, "EventReleased EventRouteRequest");
    snprintf(line, sizeof line,
             "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":%lld,\"cause\":"
             "\"interrupted\"}",
             (long long)of);
    rig_event(&rig, line);
    assert_posted(&rig, "");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"18\",\"device\":\"1800\",\"routeID\":\"r2\"}");
    assert_posted(&rig, "EventCallCreated EventRouteRequest");
    desk_close(&stranger);
    rig_free(&rig);
}

Test(tserver_flows, an_effect_that_the_switch_forgets_ends_by_its_deadline)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    route(&rig, 4, rig_conn(&rig, "17"), "7001");
    rig_forget(&rig);
    rig_wait(&rig, 5100000);
    struct message message;
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, EventDone_outcome), outcome_timeout);
    assert_posted(&rig, "EventError");
    cr_assert(rig_result(&rig, "RouteSelect"), "a late result changes nothing");
    assert_posted(&rig, "");
    rig_free(&rig);
}

Test(tserver_flows, an_effect_that_this_adapter_does_not_know_is_unsupported)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    struct writer *writer = rig_effect(&rig, KIND_SendMessage, 3, 0);
    writer_text(writer, SendMessage_msg_id, "0145");
    rig_perform(&rig);
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, EventDone_outcome), outcome_unsupported);
    rig_free(&rig);
}

Test(tserver_flows, events_of_a_call_wait_for_credit_in_their_order_and_relief_of_others_does_not)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_ring(&rig, "18");
    rig_forget(&rig);
    rig.no_credit = true;
    treat(&rig, 1, rig_conn(&rig, "17"));
    rig_result(&rig, "ApplyTreatment");
    rig_event(&rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    rig_event(&rig, "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                    "\"destination\":\"5000\",\"how\":\"other\"}");
    assert_posted(&rig, "");
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"18\",\"cause\":\"abandoned\"}");
    assert_posted(&rig, "EventAbandoned EventCallDeleted");
    rig_forget(&rig);
    rig.no_credit = false;
    cti_credit(&rig.tserver.cti);
    assert_posted(&rig, "EventTreatmentApplied EventRouteUsed");
    rig_free(&rig);
}

Test(tserver_flows, the_end_of_a_call_waits_for_nothing)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_forget(&rig);
    rig.no_credit = true;
    treat(&rig, 1, rig_conn(&rig, "17"));
    rig_result(&rig, "ApplyTreatment");
    rig_event(&rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"abandoned\"}");
    assert_posted(&rig, "EventCallDeleted");
    rig_forget(&rig);
    rig.no_credit = false;
    cti_credit(&rig.tserver.cti);
    assert_posted(&rig, "");
    rig_free(&rig);
}

Test(tserver_flows, when_too_much_waits_for_credit_all_is_told_anew)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_forget(&rig);
    rig.no_credit = true;
    for (unsigned i = 0; i <= 65536; i++)
        rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    assert_posted(&rig, "");
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7001\"}");
    rig.no_credit = false;
    cti_credit(&rig.tserver.cti);
    cr_assert_null(strstr(rig_posted(&rig), "EventEstablished"));
    cr_assert(rig_find(&rig, "ResyncBegin", &message));
    cr_assert(rig_find(&rig, "Observed", &message));
    cr_assert(rig_find(&rig, "ResyncEnd", &message));
    rig_event(&rig, "{\"event\":\"Retrieved\",\"callID\":\"17\",\"device\":\"7001\"}");
    cr_assert(rig_find(&rig, "EventRetrieved", &message), "and then it goes on");
    rig_free(&rig);
}

Test(tserver_flows, the_answer_to_a_repeat_waits_for_credit_too)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    treat(&rig, 1, rig_conn(&rig, "17"));
    rig_result(&rig, "ApplyTreatment");
    rig_event(&rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    rig_forget(&rig);
    rig.no_credit = true;
    treat(&rig, 1, rig_conn(&rig, "17"));
    assert_posted(&rig, "");
    rig.no_credit = false;
    cti_credit(&rig.tserver.cti);
    assert_posted(&rig, "EventTreatmentApplied");
    rig_free(&rig);
}

Test(tserver_flows, a_refusal_with_a_long_reason_reaches_the_core)
{
    struct tserver_rig rig = {0};
    struct message message;
    char line[6000], text[5001];
    rig_open(&rig);
    rig_ring(&rig, "17");
    route(&rig, 4, rig_conn(&rig, "17"), "7009");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    json_int_t id = json_integer_value(json_object_get(rig_asked(&rig, "RouteSelect"), "invokeId"));
    snprintf(line, sizeof line, "{\"error\":%lld,\"code\":\"invalid_destination\",\"text\":\"%s\"}", (long long)id,
             text);
    rig_event(&rig, line);
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 4);
    cr_assert_eq(message_u(&message, EventDone_code), code_invalid_destination);
    rig_free(&rig);
}

/* A routed call at Marie's, whose T-Server gives after-call work; `wish`: what the call's data say of it, or -1. */
static void wrapping_up_for(struct tserver_rig *rig, struct rig_desk *desk, int64_t wish)
{
    struct kv data;
    *rig = (struct tserver_rig){.settings = {{"wrap_up", "2.5"}}};
    rig_open(rig);
    log_in(rig, desk);
    rig_ring(rig, "17");
    struct writer *writer = rig_effect(rig, KIND_RequestRouteCall, 1, rig_conn(rig, "17"));
    kv_init(&data);
    if (wish != -1) kv_put_int(&data, "wrap_up_time", wish);
    writer_text(writer, RequestRouteCall_dn, "1800");
    writer_text(writer, RequestRouteCall_dest, "7001");
    writer_u(writer, RequestRouteCall_revision, 3);
    writer_kv(writer, RequestRouteCall_data, &data);
    rig_perform(rig);
    kv_free(&data);
    rig_result(rig, "RouteSelect");
    rig_event(rig, "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                   "\"destination\":\"7001\",\"how\":\"instructed\"}");
    rig_event(rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"}");
    rig_event(rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    rig_forget(rig);
}

static void wrapping_up(struct tserver_rig *rig, struct rig_desk *desk)
{
    wrapping_up_for(rig, desk, -1);
}

#define CALLER_GONE                                                                                                    \
    "{\"event\":\"ConnectionCleared\",\"callID\":\"17\",\"device\":\"7001\",\"cause\":\"remote_release\"}"

Test(tserver_flows, after_call_work_is_told_before_the_release_and_ends_by_itself)
{
    struct tserver_rig rig;
    struct rig_desk desk;
    wrapping_up(&rig, &desk);
    rig_event(&rig, CALLER_GONE);
    cr_assert_eq(number(&rig, "EventAgentAfterCallWork", EventAgentState_state), agent_state_after_call_work);
    assert_posted(&rig, "EventAgentAfterCallWork EventReleased");
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "after_call_work");
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentWorkingAfterCall\",\"agent\":\"marie\",\"device\":\"7001\"}");
    assert_posted(&rig, ""); /* it was told already */
    cr_assert_eq(desk_count(&desk, "EventAgentNotReady"), 1u);
    rig_wait(&rig, 2400000);
    cr_assert_null(rig_asked(&rig, "SetAgentState"));
    rig_wait(&rig, 200000);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "ready");
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    cr_assert_eq(number(&rig, "EventAgentReady", EventAgentState_state), agent_state_ready);
    rig_wait(&rig, 10000000);
    cr_assert_null(rig_asked(&rig, "SetAgentState"));
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_flows, a_call_says_how_long_its_after_call_work_lasts)
{
    static const struct {
        int64_t wish, us; /* us: 0: none */
    } calls[] = {{4000000, 4000000}, {0, 0}, {86400000000, 86400000000}, {86400000001, 2500000}, {-2, 2500000}};
    for (size_t at = 0; at < sizeof calls / sizeof *calls; at++) {
        struct tserver_rig rig;
        struct rig_desk desk;
        wrapping_up_for(&rig, &desk, calls[at].wish);
        rig_event(&rig, CALLER_GONE);
        assert_posted(&rig, calls[at].us ? "EventAgentAfterCallWork EventReleased" : "EventReleased");
        if (calls[at].us) {
            rig_result(&rig, "SetAgentState");
            rig_event(&rig, "{\"event\":\"AgentWorkingAfterCall\",\"agent\":\"marie\",\"device\":\"7001\"}");
            rig_wait(&rig, calls[at].us - 100000);
            cr_assert_null(rig_asked(&rig, "SetAgentState"));
            rig_wait(&rig, 200000);
            cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "ready");
        }
        desk_close(&desk);
        rig_free(&rig);
    }
}

Test(tserver_flows, after_call_work_that_the_agent_asks_for_lasts)
{
    struct tserver_rig rig;
    struct rig_desk desk;
    wrapping_up(&rig, &desk);
    rig_event(&rig, CALLER_GONE);
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentWorkingAfterCall\",\"agent\":\"marie\",\"device\":\"7001\"}");
    desk_say(&desk, "{\"Message\":\"RequestAgentNotReady\",\"ReferenceID\":8,\"ThisDN\":\"7001\","
                    "\"AgentWorkMode\":\"AfterCallWork\"}");
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentWorkingAfterCall\",\"agent\":\"marie\",\"device\":\"7001\"}");
    rig_wait(&rig, 10000000);
    cr_assert_null(rig_asked(&rig, "SetAgentState"));
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_flows, only_who_was_ready_and_was_routed_a_call_wraps_up)
{
    struct tserver_rig rig = {.settings = {{"wrap_up", "2.5"}}};
    struct rig_desk desk;
    rig_open(&rig);
    log_in(&rig, &desk);
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    rig_forget(&rig);
    rig_event(&rig, CALLER_GONE); /* of a call that came to her directly */
    assert_posted(&rig, "EventReleased");
    desk_close(&desk);
    rig_free(&rig);
    wrapping_up(&rig, &desk);
    rig_event(&rig, "{\"event\":\"AgentNotReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    rig_forget(&rig);
    rig_event(&rig, CALLER_GONE);
    assert_posted(&rig, "EventReleased");
    desk_close(&desk);
    rig_free(&rig);
}

/* The telephone that has made the call of this event, as the core is told. */
static void made_by(const char *event, const char *dn)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    log_in(&rig, &desk);
    rig_event(&rig, event);
    assert_text(&rig, "EventCallCreated", EventCallCreated_origin_dn, dn);
    desk_close(&desk);
    rig_free(&rig);
}

#define AT_POINT "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","

Test(tserver_flows, an_internal_call_is_from_the_telephone_that_dials_and_the_switch_must_have_it)
{
    made_by("{\"event\":\"Originated\",\"callID\":\"17\",\"device\":\"7001\",\"callType\":\"internal\"}", "7001");
    made_by(AT_POINT "\"callingDevice\":\"7001\",\"callType\":\"internal\"}", "7001");
    made_by(AT_POINT "\"callingDevice\":\"7999\",\"callType\":\"internal\"}", "");
    made_by(AT_POINT "\"callingDevice\":\"1800\",\"callType\":\"internal\"}", "");
    made_by(AT_POINT "\"callType\":\"internal\"}", "");
    made_by("{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\",\"callType\":\"internal\"}", "");
    made_by(AT_POINT "\"callingDevice\":\"7001\",\"callType\":\"inbound\"}", "1800");
}

Test(tserver_flows, after_call_work_begun_before_a_restart_ends_too)
{
    struct tserver_rig rig = {.settings = {{"wrap_up", "2.5"}}};
    rig_init(&rig);
    rig_connect(&rig);
    rig_result(&rig, "SystemRegister");
    rig_event(&rig, "{\"event\":\"SnapshotDevice\",\"device\":\"7001\",\"type\":\"extension\",\"inService\":true}");
    rig_event(&rig, "{\"event\":\"SnapshotAgent\",\"agent\":\"marie\",\"device\":\"7001\","
                    "\"state\":\"after_call_work\",\"reasons\":{\"wrap_up\":true}}");
    rig_result(&rig, "Snapshot");
    rig_wait(&rig, 2600000);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "ready");
    rig_free(&rig);
}

Test(tserver_flows, what_a_call_brings_along_is_passed_over_as_a_whole_where_it_is_no_user_data)
{
    static const char *const wrong[] = {
        "[1]", "\"text\"", "{\"good\":1,\"list\":[1]}", "{\"good\":1,\"bytes\":{\"$binary\":\"!\"}}",
        ("{\"good\":1,\"deep\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\""
         ":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}}")};
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        struct tserver_rig rig = {0};
        struct message message;
        char line[512];
        rig_open(&rig);
        snprintf(
            line, sizeof line,
            "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\",\"userData\":%s}",
            wrong[at]);
        rig_event(&rig, line);
        cr_assert(rig_find(&rig, "EventCallCreated", &message));
        cr_assert_eq(message_text(&message, EventCallCreated_data).length, 0, "%s", wrong[at]);
        rig_free(&rig);
    }
}
