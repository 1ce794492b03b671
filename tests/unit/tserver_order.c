/* tests/unit/tserver_order.c - What a switch says twice, late, in another order, or of a call that has ended. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/tserver_rig.h"

TestSuite(tserver_order, .timeout = 20);

#define assert_posted(rig, expected)                                                                                   \
    do {                                                                                                               \
        cr_assert_str_eq(rig_posted(rig), expected);                                                                   \
        rig_forget(rig);                                                                                               \
    } while (0)

static const char used[] = "{\"event\":\"RouteUsed\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r1\","
                           "\"destination\":\"7001\",\"how\":\"instructed\"}";
static const char rings[] = "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"}";
static const char talks[] = "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}";
static const char left[] = "{\"event\":\"ConnectionCleared\",\"callID\":\"17\",\"device\":\"7001\",\"cause\":\"ok\"}";
static const char gone[] = "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"ok\"}";

static void at_point(struct tserver_rig *rig, const char *visit)
{
    char line[300];
    (void)snprintf(line, sizeof line,
                   "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"%s\","
                   "\"callingDevice\":\"+33145550101\",\"calledDevice\":\"1800\",\"callType\":\"inbound\"}",
                   visit);
    rig_event(rig, line);
}

static uint64_t begin(struct tserver_rig *rig)
{
    rig_open(rig);
    at_point(rig, "r1");
    assert_posted(rig, "EventCallCreated EventRouteRequest");
    return rig_conn(rig, "17");
}

Test(tserver_order, a_stay_that_is_told_of_twice_is_one)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    at_point(&rig, "r1");
    assert_posted(&rig, "");
    rig_free(&rig);
}

Test(tserver_order, a_stay_that_is_over_does_not_begin_again)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    rig_event(&rig, used);
    rig_event(&rig, rings);
    assert_posted(&rig, "EventRouteUsed EventRinging");
    at_point(&rig, "r1"); /* late: it rings at an agent's */
    assert_posted(&rig, "");
    at_point(&rig, "r2"); /* it was brought back */
    assert_posted(&rig, "EventRouteRequest");
    rig_free(&rig);
}

Test(tserver_order, a_default_goes_on_when_the_stay_is_told_of_again)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig.no_credit = true; /* no room in the core: the first default destination */
    at_point(&rig, "r1");
    cr_assert(rig_result(&rig, "RouteSelect"));
    at_point(&rig, "r1");
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    rig_free(&rig);
}

Test(tserver_order, what_is_answered_does_not_ring_again)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    rig_event(&rig, used);
    rig_event(&rig, talks); /* before it rang, as it were */
    rig_event(&rig, rings);
    assert_posted(&rig, "EventRouteUsed EventEstablished");
    rig_free(&rig);
}

Test(tserver_order, an_end_that_comes_before_that_of_its_parties_ends_them_all_once)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    rig_event(&rig, used);
    rig_event(&rig, talks);
    rig_forget(&rig);
    rig_event(&rig, gone);
    assert_posted(&rig, "EventReleased EventCallDeleted");
    rig_event(&rig, left);
    rig_event(&rig, gone);
    assert_posted(&rig, "");
    rig_free(&rig);
}

Test(tserver_order, what_is_said_of_an_ended_call_does_not_make_it_anew)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    rig_event(&rig, used);
    rig_event(&rig, gone);
    rig_forget(&rig);
    at_point(&rig, "r1");
    rig_event(&rig, rings);
    rig_event(&rig, talks);
    assert_posted(&rig, "");
    cr_assert_eq(rig_conn(&rig, "17"), 0);
    rig_wait(&rig, 2000000); /* from then on a switch may use the name for another */
    at_point(&rig, "r1");
    assert_posted(&rig, "EventCallCreated EventRouteRequest");
    rig_free(&rig);
}

Test(tserver_order, the_end_of_a_treatment_before_the_newest_is_told_as_what_it_is)
{
    struct tserver_rig rig = {0};
    struct message message;
    uint64_t conn = begin(&rig);
    for (uint64_t ref = 1; ref <= 2; ref++) {
        struct writer *writer = rig_effect(&rig, KIND_RequestApplyTreatment, ref, conn);
        writer_u(writer, RequestApplyTreatment_type, treatment_PlayAnnouncementAndDigits);
        rig_perform(&rig);
        cr_assert(rig_result(&rig, "ApplyTreatment"));
    }
    rig_forget(&rig);
    rig_event(&rig,
              "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":1,\"digits\":\"9\",\"cause\":\"ok\"}");
    cr_assert(rig_find(&rig, "EventTreatmentEnd", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 1);
    rig_forget(&rig);
    rig_event(&rig,
              "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":2,\"digits\":\"4\",\"cause\":\"ok\"}");
    cr_assert(rig_find(&rig, "EventTreatmentEnd", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 2);
    rig_free(&rig);
}

/* The end of a treatment, with what the switch says was recorded. */
static void recorded(struct tserver_rig *rig, const char *recording, struct message *message)
{
    char line[1024];
    snprintf(line, sizeof line, "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":1,\"recording\":%s,%s}",
             recording, "\"cause\":\"ok\"");
    rig_forget(rig);
    rig_event(rig, line);
    cr_assert(rig_find(rig, "EventTreatmentEnd", message), "%s", recording);
}

Test(tserver_order, a_recording_is_told_where_it_is_a_reference)
{
    struct tserver_rig rig = {0};
    struct message message, blob;
    char longest[ADDR_MAX_BYTES + 1], line[ADDR_MAX_BYTES + 64];
    memset(longest, 'k', ADDR_MAX_BYTES);
    longest[ADDR_MAX_BYTES] = 0;
    (void)begin(&rig);
    recorded(&rig,
             "{\"store\":\"voices\",\"key\":\"é\",\"length\":8000,\"mediaType\":\"audio/basic\",\"sha256\":"
             "\"59DA208dccae34cb59da208dccae34cb59da208dccae34cb59da208dccae34cb\"}",
             &message);
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), message_text(&message, EventTreatment_recording));
    cr_assert(span_is(message_text(&blob, Blob_store), "voices") && span_is(message_text(&blob, Blob_key), "é"));
    cr_assert_eq(message_u(&blob, Blob_length), 8000);
    cr_assert_eq(message_text(&blob, Blob_sha256).bytes[31], 0xcb);
    snprintf(line, sizeof line, "{\"key\":\"%s\",\"length\":1}", longest);
    recorded(&rig, line, &message);
    cr_assert(message_has(&message, EventTreatment_recording));
    snprintf(line, sizeof line, "{\"key\":\"%sk\",\"length\":1}", longest);
    const char *const wrong[] = {line,
                                 "7",
                                 "{}",
                                 "{\"key\":\"\",\"length\":1}",
                                 "{\"key\":1,\"length\":1}",
                                 "{\"key\":\"1\",\"length\":-1}",
                                 "{\"key\":\"1\",\"length\":\"1\"}",
                                 "{\"key\":\"1\",\"length\":1,\"sha256\":\"59da\"}",
                                 "{\"key\":\"1\",\"length\":1,\"sha256\":\"no hash\"}",
                                 "{\"key\":\"1\",\"length\":1,\"store\":[]}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        recorded(&rig, wrong[i], &message);
        cr_assert_not(message_has(&message, EventTreatment_recording), "%s", wrong[i]);
    }
    rig_free(&rig);
}

/* A switch that starts again counts from one again. */
Test(tserver_order, a_call_of_the_same_name_after_a_restart_of_the_switch_is_another)
{
    struct tserver_rig rig = {0};
    uint64_t conn = begin(&rig);
    rig_lose(&rig);
    rig_connect(&rig);
    rig_result(&rig, "SystemRegister");
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"callingDevice\":\"+33145550199\","
                    "\"route\":{\"device\":\"1800\",\"routeID\":\"r1\"},\"connections\":[]}");
    rig_result(&rig, "Snapshot");
    cr_assert_neq(rig_conn(&rig, "17"), conn);
    struct message message;
    cr_assert(rig_find(&rig, "EventCallDeleted", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_conn), conn);
    rig_free(&rig);
}
