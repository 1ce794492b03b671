/* tests/unit/tserver_dial.c - Calls that the core has dialled, and those that it no longer wants. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "tests/unit/tserver_rig.h"

TestSuite(tserver_dial, .timeout = 30);

/* The effect of that kind, of interaction 9. */
static void ask(struct tserver_rig *rig, unsigned kind, uint64_t ref)
{
    struct writer *writer = rig_effect(rig, kind, ref, 0);
    writer_text(writer, RequestMakeCall_number, "5551234");
    writer_text(writer, RequestMakeCall_origin, "1800");
    writer_text(writer, RequestMakeCall_caller_id, "5550000");
    writer_i(writer, RequestMakeCall_ring, 20000000);
    rig_perform(rig);
}

/* The switch answers that service, and tells of this call. */
static void begins(struct tserver_rig *rig, const char *service, const char *call_id)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"event\":\"Originated\",\"callID\":\"%s\",\"device\":\"1800\",\"correlator\":\"%s\"}", call_id,
             desk_text(rig_asked(rig, service), "correlator"));
    cr_assert(rig_result(rig, service));
    rig_event(rig, line);
}

/* Of interaction 9, under this number; the switch tells of it as this call. */
static void dial(struct tserver_rig *rig, uint64_t ref, const char *call_id)
{
    ask(rig, KIND_RequestMakeCall, ref);
    begins(rig, "MakeCall", call_id);
}

static void cancel(struct tserver_rig *rig, uint64_t ixn, uint64_t conn, uint64_t of)
{
    struct writer *writer = rig_effect(rig, KIND_Cancel, 0, conn);
    writer_clear(writer);
    writer_begin(writer, KIND_Cancel);
    if (ixn != 0) writer_u(writer, ENVELOPE_ixn, ixn);
    if (conn != 0) writer_conn(writer, ENVELOPE_conn, conn);
    writer_u(writer, Cancel_of, of);
    rig_perform(rig);
}

Test(tserver_dial, a_call_that_is_no_longer_wanted_is_cleared)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    dial(&rig, 7, "17");
    cancel(&rig, 9, 0, 8);
    cr_assert_null(rig_asked(&rig, "ClearCall"), "that was another effect");
    cancel(&rig, 9, 0, 7);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "ClearCall"), "callID"), "17");
    rig_free(&rig);
}

/* The link comes back after five seconds; the call stands at its routing point, and the switch says that of its wait.
 * So long ago somebody has answered, as the core hears it. */
static int64_t answered_meanwhile(const char *waited, bool core)
{
    struct tserver_rig rig = {0};
    struct message message;
    char line[256];
    rig_open(&rig);
    dial(&rig, 7, "17");
    rig_wait(&rig, 1000000);
    rig_lose(&rig);
    rig_core(&rig, core);
    rig_wait(&rig, 5000000);
    rig_connect(&rig);
    snprintf(line, sizeof line,
             "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"correlator\":\"%016llx\",\"connections\":"
             "[{\"device\":\"1800\",\"state\":\"queued\"}]%s,\"route\":{\"device\":\"1800\",\"routeID\":\"r17\"}}",
             (unsigned long long)rig_conn(&rig, "17"), waited);
    rig_event(&rig, line);
    cr_assert(rig_result(&rig, "Snapshot"));
    cr_assert(!core || rig_find(&rig, "EventRouteRequest", &message));
    int64_t ago_us = core ? message_i(&message, EventRouteRequest_answered) : rig.tserver.cti.calls.first->since_us;
    if (!core) ago_us = rig.tserver.cti.now_us - ago_us;
    rig_free(&rig);
    return ago_us;
}

/* Nobody could tell of the answer: it is as old as the switch says, else as it may be, since the person may have been
 * abandoned. It is not older than the call. */
Test(tserver_dial, who_answers_while_the_link_is_down_has_waited_since)
{
    cr_expect_eq(answered_meanwhile(",\"waited_us\":3000000", true), 3000000);
    cr_expect_eq(answered_meanwhile("", true), 5000000);
    cr_expect_eq(answered_meanwhile(",\"waited_us\":0", true), 0);
    cr_expect_eq(answered_meanwhile(",\"waited_us\":90000000", true), 6000000);
    cr_expect_eq(answered_meanwhile(",\"waited_us\":null", true), 5000000, "that says nothing");
    cr_expect_eq(answered_meanwhile(",\"waited_us\":\"0\"", true), 5000000);
    cr_expect_eq(answered_meanwhile(",\"waited_us\":0.5", true), 5000000);
    cr_expect_eq(answered_meanwhile(",\"waited_us\":3000000", false), 3000000, "the resync has it");
    cr_expect_eq(answered_meanwhile("", false), 5000000);
}

/* How the call stands as the link comes back after five seconds, one second after it was dialled: who is where. */
struct given_case {
    const char *called;      /* number, as the switch says */
    const char *connections; /* as the link comes back */
    const char *to;          /* where the switch has sent them; NULL: nobody has answered, as far as anybody knows */
    const char *event;       /* that tells the core of it */
    const char *monitor;     /* DN of a supervisor who monitors the call */
};

static void given_meanwhile(const struct given_case *played)
{
    struct tserver_rig rig = {0};
    struct message message;
    char line[512];
    rig_open(&rig);
    rig_event(&rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7001\"}");
    ask(&rig, KIND_RequestMakeCall, 7);
    snprintf(line, sizeof line,
             "{\"event\":\"Originated\",\"callID\":\"17\",\"device\":\"1800\",\"correlator\":\"%s\"%s}",
             desk_text(rig_asked(&rig, "MakeCall"), "correlator"), played->called);
    cr_assert(rig_result(&rig, "MakeCall"));
    rig_event(&rig, line);
    if (played->monitor)
        cti_monitors(&rig.tserver.cti, rig.tserver.cti.calls.first, played->monitor, "5551234", ASK_LISTEN);
    rig_wait(&rig, 1000000);
    rig_lose(&rig);
    rig_wait(&rig, 5000000);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotDevice\",\"device\":\"T1\",\"type\":\"trunk\",\"inService\":true}");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotAgent\",\"agent\":\"marie\",\"device\":\"7001\",\"state\":\"not_ready\"}");
    snprintf(line, sizeof line,
             "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"correlator\":\"%016llx\",\"connections\":[%s],"
             "\"waited_us\":6000000}",
             (unsigned long long)rig_conn(&rig, "17"), played->connections);
    rig_event(&rig, line);
    cr_assert(rig_result(&rig, "Snapshot"));
    cr_expect_eq(rig_find(&rig, "EventRouteRequest", &message), played->to != NULL, "%s", played->connections);
    if (played->to) cr_expect_eq(message_i(&message, EventRouteRequest_answered), 5000000);
    cr_expect_eq(rig_find(&rig, "EventRouteUsed", &message), played->to != NULL, "%s", played->connections);
    if (played->to) {
        cr_expect(span_is(message_text(&message, EventRouteUsed_to), played->to));
        cr_expect_eq(message_u(&message, EventRouteUsed_how), route_how_other);
        cr_assert(rig_find(&rig, played->event, &message), "%s", rig_posted(&rig));
        cr_expect(span_is(message_text(&message, EventParty_dn), played->to));
    }
    cr_expect_eq(rig.tserver.cti.met, played->to != NULL);
    cr_expect_eq(rig.tserver.cti.met_late, played->to != NULL);
    rig_free(&rig);
}

/* Or the switch has sent them on by itself: the core hears of their stay, and how late they may have been. A telephone
 * that was dialled is nobody who has them, though an agent is logged in there. */
Test(tserver_dial, who_answers_while_the_link_is_down_and_is_sent_on_has_waited_since)
{
#define CALLED(number)    ",\"calledDevice\":\"" number "\""
#define AT(device, state) "{\"device\":\"" device "\",\"state\":\"" state "\"}"
    static const struct given_case all[] = {
        {"", AT("7001", "connected"), "7001", "EventEstablished", NULL},
        {CALLED("5551234"), AT("7001", "connected"), "7001", "EventEstablished", NULL},
        {CALLED("5551234"), AT("5551234", "connected") "," AT("7001", "connected"), "7001", "EventEstablished", NULL},
        {CALLED("5551234"), AT("7001", "alerting"), "7001", "EventRinging", NULL},
        {CALLED("5551234"), AT("7001", "hold"), "7001", "EventHeld", NULL},
        {CALLED("5551234"), AT("5001", "queued"), "5001", "EventQueued", NULL},
        {CALLED("5551234"), AT("7002", "connected"), "7002", "EventEstablished", NULL},
        {CALLED("5551234"), AT("7002", "alerting"), "7002", "EventRinging", NULL},
        {"", AT("7001", "alerting"), NULL, NULL, NULL},
        {CALLED("7001"), AT("7001", "alerting"), NULL, NULL, NULL},
        {CALLED("7001"), AT("7001", "connected"), NULL, NULL, NULL},
        {CALLED("7001"), AT("7001", "connected") "," AT("7002", "alerting"), "7002", "EventRinging", NULL},
        {CALLED("5551234"), AT("1800", "initiated") "," AT("5551234", "alerting"), NULL, NULL, NULL},
        {CALLED("5551234"), AT("1800", "initiated") "," AT("7001", "alerting"), NULL, NULL, NULL},
        {CALLED("5551234"), AT("5559999", "alerting"), NULL, NULL, NULL},
        {CALLED("5551234"), AT("7001", "failed"), NULL, NULL, NULL},
        {CALLED("5551234"), AT("T1", "alerting"), NULL, NULL, NULL},
        {CALLED("5551234"), AT("T1", "connected"), NULL, NULL, NULL},
        {CALLED("5551234"), AT("7002", "connected"), NULL, NULL, "7002"},
    };
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) given_meanwhile(&all[i]);
}

/* The core does not want a call of which it is told, and it has ended meanwhile: its effect's number is another's,
 * too. */
Test(tserver_dial, a_number_alone_is_nobodys)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    dial(&rig, 7, "17");
    cancel(&rig, 0, rig_conn(&rig, "17") + 1, 7);
    cr_assert_null(rig_asked(&rig, "ClearCall"));
    cancel(&rig, 0, rig_conn(&rig, "17"), 7);
    cr_assert_not_null(rig_asked(&rig, "ClearCall"));
    rig_free(&rig);
}

/* It is answered and treated: then the core no longer gives up to have it dialled, whatever number it says. */
Test(tserver_dial, a_call_that_the_core_has_is_not_cleared_by_a_number)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    dial(&rig, 7, "17");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r1\"}");
    struct writer *writer = rig_effect(&rig, KIND_RequestApplyTreatment, 8, rig_conn(&rig, "17"));
    writer_u(writer, RequestApplyTreatment_type, treatment_Music);
    rig_perform(&rig);
    cr_assert_not_null(rig_asked(&rig, "ApplyTreatment"));
    cancel(&rig, 9, rig_conn(&rig, "17"), 7);
    cr_assert_null(rig_asked(&rig, "ClearCall"));
    rig_free(&rig);
}

Test(tserver_dial, the_switch_that_detects_tells_what_a_predictive_call_came_to)
{
    static const enum cause heard[] = {cause_machine, cause_fax, cause_silence, cause_busy, cause_no_circuit};
    struct tserver_rig rig = {.predictive = true};
    struct message message;
    char call_id[8], line[128];
    rig_open(&rig);
    for (unsigned i = 0; i < sizeof heard / sizeof *heard; i++) {
        snprintf(call_id, sizeof call_id, "%u", 17 + i);
        ask(&rig, KIND_RequestMakePredictiveCall, 7 + i);
        const json_t *asked = rig_asked(&rig, "MakePredictiveCall");
        cr_assert_str_eq(desk_text(asked, "device"), "1800");
        cr_assert_str_eq(desk_text(asked, "destination"), "5551234");
        cr_assert_str_eq(desk_text(asked, "callingDevice"), "5550000");
        cr_assert_eq(json_integer_value(json_object_get(asked, "ring_us")), 20000000);
        begins(&rig, "MakePredictiveCall", call_id);
        cr_assert(rig_find(&rig, "EventCallCreated", &message));
        cr_assert_eq(message_u(&message, ENVELOPE_ref), 7 + i);
        snprintf(line, sizeof line, "{\"event\":\"CallCleared\",\"callID\":\"%s\",\"cause\":\"%s\"}", call_id,
                 enum_name_cause(heard[i]));
        rig_event(&rig, line);
        cr_assert(rig_find(&rig, "EventCallProgress", &message));
        cr_assert_eq(message_u(&message, EventCallProgress_result), (uint64_t)heard[i]);
        cr_assert_eq(message_u(&message, EventCallProgress_by), progress_by_switch);
        cr_assert(rig_find(&rig, "EventCallDeleted", &message));
        rig_forget(&rig);
    }
    rig_free(&rig);
}

Test(tserver_dial, a_predictive_call_that_a_person_has_answered_stands_at_the_routing_point)
{
    struct tserver_rig rig = {.predictive = true};
    struct message message;
    rig_open(&rig);
    ask(&rig, KIND_RequestMakePredictiveCall, 7);
    begins(&rig, "MakePredictiveCall", "17");
    rig_event(&rig, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r1\"}");
    cr_assert(rig_find(&rig, "EventCallProgress", &message));
    cr_assert_eq(message_u(&message, EventCallProgress_result), cause_ok);
    cr_assert(rig_find(&rig, "EventRouteRequest", &message));
    rig_free(&rig);
}

Test(tserver_dial, a_switch_that_detects_nothing_is_asked_to_make_the_call)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    ask(&rig, KIND_RequestMakePredictiveCall, 7);
    cr_assert_null(rig_asked(&rig, "MakePredictiveCall"));
    begins(&rig, "MakeCall", "17");
    cancel(&rig, 9, 0, 7);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "ClearCall"), "callID"), "17");
    rig_free(&rig);
}

/* The switch has been asked, and may have dialled: its answer is lost with the link. */
Test(tserver_dial, what_became_of_a_dial_is_unknown_when_the_link_is_lost_before_the_answer)
{
    static const unsigned kinds[] = {KIND_RequestMakeCall, KIND_RequestMakePredictiveCall};
    for (unsigned i = 0; i < 2; i++) {
        struct tserver_rig rig = {.predictive = true};
        struct message message;
        rig_open(&rig);
        ask(&rig, kinds[i], 7);
        rig_lose(&rig);
        cr_assert(rig_find(&rig, "EventError", &message));
        cr_assert_eq(message_u(&message, EventDone_code), code_outcome_unknown);
        rig_free(&rig);
    }
}

/* In preview the agent's own telephone dials: who answers is talked with there, and nothing is routed. */
Test(tserver_dial, a_call_from_a_telephone_is_answered_where_it_was_dialled)
{
    struct tserver_rig rig = {0};
    struct message message;
    char line[256];
    rig_open(&rig);
    struct writer *writer = rig_effect(&rig, KIND_RequestMakeCall, 7, 0);
    writer_text(writer, RequestMakeCall_number, "5551234");
    writer_text(writer, RequestMakeCall_origin, "7001");
    writer_i(writer, RequestMakeCall_ring, 20000000);
    rig_perform(&rig);
    const json_t *asked = rig_asked(&rig, "MakeCall");
    cr_assert_str_eq(desk_text(asked, "device"), "7001");
    snprintf(line, sizeof line,
             "{\"event\":\"Originated\",\"callID\":\"17\",\"device\":\"7001\",\"correlator\":\"%s\"}",
             desk_text(asked, "correlator"));
    cr_assert(rig_result(&rig, "MakeCall"));
    rig_event(&rig, line);
    cr_assert(rig_find(&rig, "EventCallCreated", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 7u);
    cr_assert_not(rig_find(&rig, "EventCallProgress", &message));
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    cr_assert(rig_find(&rig, "EventCallProgress", &message));
    cr_assert_eq(message_u(&message, EventCallProgress_result), (uint64_t)cause_ok);
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"busy\"}");
    cr_assert_not(rig_find(&rig, "EventCallProgress", &message), "its result was told");
    rig_free(&rig);
}
