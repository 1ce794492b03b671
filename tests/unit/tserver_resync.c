/* tests/unit/tserver_resync.c - A T-Server that starts again loses nothing; a lost switch link neither. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/tserver_rig.h"

TestSuite(tserver_resync, .timeout = 20);

static const char *const WAITING = "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"correlator\":\"00100000000000ab\","
                                   "\"callingDevice\":\"0145\",\"calledDevice\":\"1800\",\"callType\":\"inbound\","
                                   "\"connections\":[{\"device\":\"1800\",\"state\":\"queued\"}],"
                                   "\"route\":{\"device\":\"1800\",\"routeID\":\"r17\"},\"treatment\":3}";
static const char *const TALKING = "{\"event\":\"SnapshotCall\",\"callID\":\"18\",\"correlator\":\"00100000000000ac\","
                                   "\"callingDevice\":\"0146\",\"calledDevice\":\"1800\",\"callType\":\"inbound\","
                                   "\"connections\":[{\"device\":\"7001\",\"state\":\"connected\"}]}";

static bool observed(struct tserver_rig *rig, uint64_t conn, struct message *found)
{
    for (size_t at = 0; at < rig->posted.length;) {
        struct message message;
        size_t size = message_frame_size(rig->posted.bytes + at, rig->posted.length - at);
        message_read(&message, rig->posted.bytes + at, size, NULL);
        if (message.kind == KIND_Observed && message_u(&message, ENVELOPE_conn) == conn) {
            *found = message;
            return true;
        }
        at += size;
    }
    return false;
}

static void resync(struct tserver_rig *rig, uint64_t ref)
{
    rig_effect(rig, KIND_Resync, ref, 0);
    rig_perform(rig);
}

Test(tserver_resync, calls_found_at_the_switch_have_the_conn_id_they_had)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_init(&rig);
    resync(&rig, 2);
    cr_assert_str_eq(rig_posted(&rig), "", "the switch is not there yet: it waits");
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotAgent\",\"agent\":\"marie\",\"device\":\"7001\",\"state\":\"ready\"}");
    rig_event(&rig, WAITING);
    rig_event(&rig, TALKING);
    rig_result(&rig, "Snapshot");
    cr_assert_null(rig_asked(&rig, "AssociateData"), "they have their correlator");
    cr_assert_str_eq(rig_posted(&rig),
                     "EventLinkConnected ResyncBegin Observed Observed Observed Observed Observed Observed "
                     "Observed Observed Observed ResyncEnd");
    cr_assert(rig_find(&rig, "ResyncEnd", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 2);
    cr_assert(observed(&rig, 0x00100000000000ab, &message));
    cr_assert(message_u(&message, Observed_at_routing_point));
    cr_assert(span_is(message_text(&message, Observed_dn), "1800"));
    cr_assert_eq(message_u(&message, Observed_last_ref), 3);
    cr_assert(observed(&rig, 0x00100000000000ac, &message));
    cr_assert_not(message_u(&message, Observed_at_routing_point));
    struct span parties = message_text(&message, Observed_parties), record;
    uint32_t at = 0;
    cr_assert(message_next_text(parties, &at, &record));
    message = (struct message){.row = row_of_record(TYPE_LIST_PARTY)};
    message_record(&message, row_of_record(TYPE_LIST_PARTY), record);
    cr_assert(span_is(message_text(&message, Party_dn), "7001"));
    cr_assert(span_is(message_text(&message, Party_agent), "marie"));
    cr_assert_eq(message_u(&message, Party_change), party_change_Established);
    rig_free(&rig);
}

Test(tserver_resync, an_audit_is_told_of_the_agents_alone)
{
    struct tserver_rig rig = {0};
    rig_init(&rig);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotAgent\",\"agent\":\"marie\",\"device\":\"7001\",\"state\":\"ready\"}");
    rig_event(&rig, TALKING);
    rig_result(&rig, "Snapshot");
    (void)rig_posted(&rig);
    rig_forget(&rig);
    writer_u(rig_effect(&rig, KIND_Resync, 3, 0), Resync_what, object_agent);
    rig_perform(&rig);
    cr_assert_str_eq(rig_posted(&rig), "Observed ResyncEnd");
    rig_free(&rig);
}

Test(tserver_resync, a_call_goes_on_after_the_restart)
{
    struct tserver_rig rig = {0};
    struct message message;
    struct kv data;
    rig_init(&rig);
    rig_connect(&rig);
    rig_event(&rig, WAITING);
    rig_result(&rig, "Snapshot");
    struct writer *writer = rig_effect(&rig, KIND_Restore, 0, 0x00100000000000ab);
    kv_init(&data);
    kv_put_text(&data, "account", span_of("4711"));
    writer_u(writer, Restore_revision, 4);
    writer_kv(writer, Restore_data, &data);
    writer_u(writer, Restore_instructed, 1);
    rig_perform(&rig);
    kv_free(&data);
    rig_wait(&rig, 20000000);
    cr_assert_null(rig_asked(&rig, "RouteSelect"), "the core had instructed it");
    rig_event(&rig, "{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"treatment\":3,\"cause\":\"ok\"}");
    cr_assert(rig_find(&rig, "EventTreatmentEnd", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 3);
    cr_assert_eq(message_u(&message, ENVELOPE_conn), 0x00100000000000ab);
    cr_assert_eq(message_u(&message, ENVELOPE_ixn), 9, "by Restore");
    writer = rig_effect(&rig, KIND_RequestRouteCall, 4, 0x00100000000000ab);
    writer_text(writer, RequestRouteCall_dest, "7001");
    rig_perform(&rig);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "RouteSelect"), "routeID"), "r17");
    rig_free(&rig);
}

Test(tserver_resync, a_call_that_came_while_the_core_was_away_is_observed)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_core(&rig, false);
    rig_ring(&rig, "17");
    cr_assert_str_eq(rig_posted(&rig), "");
    rig_core(&rig, true);
    resync(&rig, 3);
    cr_assert(observed(&rig, rig_conn(&rig, "17"), &message));
    cr_assert(message_u(&message, Observed_at_routing_point));
    cr_assert_not(message_u(&message, Observed_instructed));
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"abandoned\"}");
    cr_assert_str_eq(rig_posted(&rig), "EventAbandoned EventCallDeleted", "from then on the core hears of it");
    rig_free(&rig);
}

static const char *const AT_7001[] = {"{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7001\"}",
                                      "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\"}"};

static struct tserver_rig *marie_at_two_dns(struct tserver_rig *rig)
{
    rig_open(rig);
    rig_event(rig, AT_7001[0]);
    rig_event(rig, AT_7001[1]);
    rig_event(rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7002\"}");
    rig_forget(rig);
    return rig;
}

static bool told_of(struct tserver_rig *rig, const char *name, const char *dn)
{
    struct message message;
    return rig_find(rig, name, &message) && span_is(message_text(&message, EventAgentState_dn), dn);
}

Test(tserver_resync, an_agent_of_two_dns_has_a_session_at_each)
{
    struct tserver_rig rig = {0};
    struct message message;
    (void)marie_at_two_dns(&rig);
    writer_u(rig_effect(&rig, KIND_Resync, 3, 0), Resync_what, object_agent);
    rig_perform(&rig);
    cr_expect_str_eq(rig_posted(&rig), "Observed Observed ResyncEnd");
    cr_assert(rig_find(&rig, "Observed", &message));
    cr_expect(span_is(message_text(&message, Observed_dn), "7002"), "where something changed last comes last");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"AgentLoggedOff\",\"agent\":\"marie\",\"device\":\"7002\"}");
    cr_expect_str_eq(rig_posted(&rig), "EventAgentLogout EventAgentReady");
    cr_expect(told_of(&rig, "EventAgentReady", "7001"), "she is again as she is at the other");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"AgentLoggedOff\",\"agent\":\"marie\",\"device\":\"7001\"}");
    cr_expect_str_eq(rig_posted(&rig), "EventAgentLogout");
    cr_expect(told_of(&rig, "EventAgentLogout", "7001"));
    rig_free(&rig);
}

Test(tserver_resync, who_is_logged_out_is_logged_out_of_every_dn)
{
    struct tserver_rig rig = {0};
    (void)marie_at_two_dns(&rig);
    struct writer *writer = rig_effect(&rig, KIND_SetAgentState, 3, 0);
    writer_text(writer, SetAgentState_agent, "marie");
    writer_text(writer, SetAgentState_dn, "7001");
    writer_u(writer, SetAgentState_state, agent_state_logged_out);
    rig_perform(&rig);
    cr_expect_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "device"), "7001");
    cr_assert(rig_result(&rig, "SetAgentState"));
    cr_expect_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "device"), "7002");
    cr_assert(rig_result(&rig, "SetAgentState"));
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"AgentLoggedOff\",\"agent\":\"marie\",\"device\":\"7002\"}");
    cr_expect_str_eq(rig_posted(&rig), "EventAgentLogout", "nothing of the other, which she leaves, too");
    rig_free(&rig);
}

Test(tserver_resync, a_dn_has_one_agent_and_a_late_logout_is_of_the_one_before)
{
    struct tserver_rig rig = {0};
    (void)marie_at_two_dns(&rig);
    unsigned warnings = rig.warnings;
    rig_event(&rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"olga\",\"device\":\"7002\"}");
    cr_expect_eq(rig.warnings, warnings + 1);
    cr_expect_not_null(strstr(rig.warned, "agent=marie"), "%s", rig.warned);
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"AgentLoggedOff\",\"agent\":\"marie\",\"device\":\"7002\"}");
    cr_expect_str_eq(rig_posted(&rig), "");
    rig_event(&rig, "{\"event\":\"AgentReady\",\"agent\":\"olga\",\"device\":\"7002\"}");
    cr_expect(told_of(&rig, "EventAgentReady", "7002"));
    writer_u(rig_effect(&rig, KIND_Resync, 3, 0), Resync_what, object_agent);
    rig_forget(&rig);
    rig_perform(&rig);
    cr_expect_str_eq(rig_posted(&rig), "Observed Observed ResyncEnd", "marie at 7001, olga at 7002");
    rig_free(&rig);
}

/* Of calls observed since rig_forget(): the ConnIDs in the order in which they were told, and how long they waited. */
static unsigned told_calls(struct tserver_rig *rig, uint64_t *conns, int64_t *waited_us, unsigned most)
{
    unsigned count = 0;
    for (size_t at = 0; at < rig->posted.length && count < most;) {
        struct message message;
        size_t size = message_frame_size(rig->posted.bytes + at, rig->posted.length - at);
        message_read(&message, rig->posted.bytes + at, size, NULL);
        at += size;
        if (message.kind != KIND_Observed || message_u(&message, Observed_what) != object_call) continue;
        conns[count] = message_u(&message, ENVELOPE_conn);
        waited_us[count++] = message_i(&message, ENVELOPE_at) - message_i(&message, Observed_since);
    }
    return count;
}

Test(tserver_resync, calls_that_came_while_the_core_was_away_are_told_oldest_first_with_their_waits)
{
    struct tserver_rig rig = {0};
    uint64_t conns[4];
    int64_t waited_us[4];
    rig_open(&rig);
    rig_core(&rig, false);
    rig_ring(&rig, "17");
    rig_wait(&rig, 1000000);
    rig_ring(&rig, "18");
    rig_wait(&rig, 500000);
    rig_core(&rig, true);
    resync(&rig, 3);
    cr_assert_eq(told_calls(&rig, conns, waited_us, 4), 2u);
    cr_expect(conns[0] == rig_conn(&rig, "17") && conns[1] == rig_conn(&rig, "18"));
    cr_expect_eq(waited_us[0], 1500000);
    cr_expect_eq(waited_us[1], 500000);
    rig_free(&rig);
}

Test(tserver_resync, the_switch_may_say_how_long_a_call_of_its_snapshot_has_waited)
{
    struct tserver_rig rig = {0};
    uint64_t conns[4];
    int64_t waited_us[4];
    rig_init(&rig);
    resync(&rig, 2);
    rig_connect(&rig);
    rig_event(&rig, WAITING);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"18\",\"correlator\":\"00100000000000ac\","
                    "\"connections\":[{\"device\":\"1800\",\"state\":\"queued\"}],\"waited_us\":2500000,"
                    "\"route\":{\"device\":\"1800\",\"routeID\":\"r18\"}}");
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"19\",\"connections\":[],\"waited_us\":-1}");
    rig_result(&rig, "Snapshot");
    cr_assert_eq(told_calls(&rig, conns, waited_us, 4), 3u);
    cr_expect_eq(conns[0], 0x00100000000000ab);
    cr_expect_eq(waited_us[0], 0);
    cr_expect_eq(waited_us[1], 2500000);
    cr_expect_eq(waited_us[2], 0);
    rig_free(&rig);
}

Test(tserver_resync, what_ended_while_the_switch_link_was_down_is_told)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    rig_ring(&rig, "17");
    rig_ring(&rig, "18");
    rig_forget(&rig);
    rig_lose(&rig);
    cr_assert_str_eq(rig_posted(&rig), "EventLinkDisconnected");
    cr_assert_eq(desk_count(&desk, "EventLinkDisconnected"), 1);
    desk_say(&desk, "{\"Message\":\"RequestAgentReady\",\"ReferenceID\":2,\"ThisDN\":\"7001\"}");
    json_t *error = desk_heard(&desk, "EventError");
    cr_assert_str_eq(desk_text(error, "ErrorCode"), "link_down");
    json_decref(error);
    rig_forget(&rig);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"18\",\"correlator\":\"0010000000000002\","
                    "\"connections\":[{\"device\":\"7001\",\"state\":\"alerting\"}]}");
    rig_result(&rig, "Snapshot");
    cr_assert_not_null(strstr(rig_posted(&rig), "EventRinging"), "%s", rig_posted(&rig));
    cr_assert_not_null(strstr(rig_posted(&rig), "EventRouteUsed"));
    cr_assert_not_null(strstr(rig_posted(&rig), "EventCallDeleted"));
    cr_assert_eq(rig_conn(&rig, "17"), 0);
    cr_assert_eq(desk_count(&desk, "EventLinkConnected"), 2, "once as a greeting");
    cr_assert_eq(desk_count(&desk, "EventRinging"), 1);
    desk_close(&desk);
    rig_free(&rig);
}

/* Two calls at agents; what is said of the second in the next snapshot cannot be read. True: that one has not ended,
 * and its agent has not left it; `others`: nor has the first, of which nothing was said. */
static bool goes_on(const char *line, bool *others)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_ring(&rig, "18");
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"18\",\"device\":\"7001\"}");
    rig_lose(&rig);
    rig_connect(&rig);
    rig_forget(&rig);
    rig_event(&rig, line);
    rig_result(&rig, "Snapshot");
    *others = rig_conn(&rig, "17") != 0;
    struct message message;
    bool is = rig_conn(&rig, "18") != 0 && !rig_find(&rig, "EventReleased", &message);
    rig_free(&rig);
    return is;
}

Test(tserver_resync, a_call_whose_line_cannot_be_read_has_not_ended)
{
    static const struct {
        const char *line;
        bool others; /* it may have been of any call */
    } lines[] = {
        {"{\"event\":\"SnapshotCall\",\"callID\":\"18\",\"connections\":[{\"device\":", false},
        {"{\"event\":4,\"callID\":\"18\"}", false},
        {"{\"event\":\"SnapshotCall\",\"callID\":\"1", true},
        {"{\"event\":\"SnapshotCall\",\"userData\":{\"callID\":\"17\"},\"callID\":\"18\",", true},
        {"{\"event\":\"SnapshotCall\",\"callID\":18}", true},
        {"{\"event\":\"SnapshotCall\"}", true},
        {"GET / HTTP/1.1", true},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        bool others;
        cr_expect(goes_on(lines[i].line, &others), "%s", lines[i].line);
        cr_expect_eq(others, lines[i].others, "%s", lines[i].line);
    }
    bool others;
    cr_expect_not(goes_on("{\"event\":\"SnapshotDevice\",\"device\":\"7001\"}", &others), "nothing was said of it");
    cr_expect_not(others);
}

Test(tserver_resync, a_conn_id_that_the_link_swallowed_is_told_again)
{
    struct tserver_rig rig = {0};
    char expected[17];
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_ring(&rig, "18");
    rig_lose(&rig);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"17\","
                    "\"connections\":[{\"device\":\"7001\",\"state\":\"alerting\"}]}");
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"18\",\"correlator\":\"0010000000000002\","
                    "\"connections\":[{\"device\":\"7002\",\"state\":\"alerting\"}]}");
    const json_t *asked = rig_asked(&rig, "AssociateData");
    cr_assert_not_null(asked);
    cr_assert_str_eq(json_string_value(json_object_get(asked, "callID")), "17");
    snprintf(expected, sizeof expected, "%016llx", (unsigned long long)rig_conn(&rig, "17"));
    cr_assert_str_eq(json_string_value(json_object_get(asked, "correlator")), expected);
    rig_result(&rig, "AssociateData");
    cr_assert_null(rig_asked(&rig, "AssociateData"), "the other has its own");
    rig_result(&rig, "Snapshot");
    rig_free(&rig);
}

/* A call routed to 7001 as effect 4, whose answer the lost link swallows. */
static void lose_route(struct tserver_rig *rig)
{
    rig_open(rig);
    rig_ring(rig, "17");
    struct writer *writer = rig_effect(rig, KIND_RequestRouteCall, 4, rig_conn(rig, "17"));
    writer_text(writer, RequestRouteCall_dest, "7001");
    rig_perform(rig);
    rig_forget(rig);
    rig_lose(rig);
    cr_assert_str_eq(rig_posted(rig), "EventLinkDisconnected");
    rig_forget(rig);
}

Test(tserver_resync, a_route_that_the_link_swallowed_is_asked_for_again)
{
    struct tserver_rig rig = {0};
    struct message message;
    lose_route(&rig);
    rig_wait(&rig, 6000000);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"connections\":[],"
                    "\"route\":{\"device\":\"1800\",\"routeID\":\"r17\"}}");
    rig_result(&rig, "Snapshot");
    cr_assert_str_eq(desk_text(rig_asked(&rig, "RouteSelect"), "destination"), "7001");
    cr_assert(rig_error(&rig, "RouteSelect", "busy"));
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 4);
    rig_free(&rig);
}

Test(tserver_resync, a_route_that_was_used_meanwhile_is_answered)
{
    struct tserver_rig rig = {0};
    struct message message;
    lose_route(&rig);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"17\","
                    "\"connections\":[{\"device\":\"7001\",\"state\":\"alerting\"}]}");
    rig_result(&rig, "Snapshot");
    cr_assert_null(rig_asked(&rig, "RouteSelect"));
    cr_assert(rig_find(&rig, "EventRouteUsed", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 4);
    cr_assert(rig_find(&rig, "EventRinging", &message));
    rig_free(&rig);
}

Test(tserver_resync, a_route_is_given_up_when_the_link_does_not_come_back)
{
    struct tserver_rig rig = {0};
    struct message message;
    lose_route(&rig);
    rig_wait(&rig, 15000000);
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 4);
    cr_assert_eq(message_u(&message, EventDone_outcome), outcome_timeout);
    rig_free(&rig);
}

Test(tserver_resync, a_treatment_whose_end_was_missed_has_ended)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_ring(&rig, "17");
    struct writer *writer = rig_effect(&rig, KIND_RequestApplyTreatment, 1, rig_conn(&rig, "17"));
    writer_u(writer, RequestApplyTreatment_type, treatment_Music);
    rig_perform(&rig);
    rig_result(&rig, "ApplyTreatment");
    rig_event(&rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    for (int missed = 0; missed < 2; missed++) {
        rig_forget(&rig);
        rig_lose(&rig);
        rig_connect(&rig);
        char line[256];
        snprintf(line, sizeof line,
                 "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"connections\":[],"
                 "\"route\":{\"device\":\"1800\",\"routeID\":\"r17\"}%s}",
                 missed ? "" : ",\"treatment\":1");
        rig_event(&rig, line);
        rig_result(&rig, "Snapshot");
        cr_assert_eq(rig_find(&rig, "EventTreatmentEnd", &message), missed);
    }
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 1);
    cr_assert_eq(message_u(&message, EventTreatment_cause), cause_lost);
    rig_free(&rig);
}

/* The caller of call 17 is asked something by effect 1, and the switch link is lost. */
static void lose_treatment(struct tserver_rig *rig, bool started)
{
    rig_open(rig);
    rig_ring(rig, "17");
    struct writer *writer = rig_effect(rig, KIND_RequestApplyTreatment, 1, rig_conn(rig, "17"));
    writer_u(writer, RequestApplyTreatment_type, treatment_PlayAnnouncementAndDigits);
    rig_perform(rig);
    if (started) {
        rig_result(rig, "ApplyTreatment");
        rig_event(rig, "{\"event\":\"TreatmentStarted\",\"callID\":\"17\",\"treatment\":1}");
    }
    rig_forget(rig);
    rig_lose(rig);
}

/* It is there again, and tells of call 17 this besides. */
static void find_again(struct tserver_rig *rig, const char *more)
{
    char line[512];
    rig_connect(rig);
    snprintf(line, sizeof line,
             "{\"event\":\"SnapshotCall\",\"callID\":\"17\",\"connections\":[],"
             "\"route\":{\"device\":\"1800\",\"routeID\":\"r17\"}%s}",
             more);
    rig_event(rig, line);
    rig_result(rig, "Snapshot");
}

Test(tserver_resync, what_was_keyed_while_the_switch_link_was_down_is_told)
{
    struct tserver_rig rig = {0};
    struct message message;
    lose_treatment(&rig, true);
    find_again(&rig, ",\"treatmentEnded\":{\"treatment\":1,\"digits\":\"4711\",\"cause\":\"ok\"}");
    cr_assert(rig_find(&rig, "EventTreatmentEnd", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 1);
    cr_assert_eq(message_u(&message, EventTreatment_cause), cause_ok);
    cr_assert(span_is(message_text(&message, EventTreatment_digits), "4711"));
    rig_forget(&rig);
    rig_lose(&rig);
    find_again(&rig, ",\"treatmentEnded\":{\"treatment\":1,\"digits\":\"4711\",\"cause\":\"ok\"}");
    cr_assert_not(rig_find(&rig, "EventTreatmentEnd", &message), "once is enough");
    rig_free(&rig);
}

Test(tserver_resync, what_ended_while_no_t_server_was_there_is_told_after_the_call)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_init(&rig);
    resync(&rig, 2);
    find_again(&rig, ",\"correlator\":\"00100000000000ab\",\"treatmentEnded\":{\"treatment\":3,\"digits\":\"4711\","
                     "\"cause\":\"ok\",\"secret\":true}");
    cr_assert_not_null(strstr(rig_posted(&rig), "Observed EventTreatmentEnd ResyncEnd"), "%s", rig_posted(&rig));
    cr_assert(observed(&rig, 0x00100000000000ab, &message));
    cr_assert_eq(message_u(&message, Observed_last_ref), 3, "it is not to be asked for again");
    cr_assert(rig_find(&rig, "EventTreatmentEnd", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 3);
    cr_assert_eq(message_u(&message, ENVELOPE_conn), 0x00100000000000ab);
    cr_assert_eq(message_text(&message, EventTreatment_digits).length, 0, "they are secret");
    rig_forget(&rig);
    resync(&rig, 4);
    cr_assert_null(strstr(rig_posted(&rig), "EventTreatmentEnd"), "once is enough");
    rig_free(&rig);
}

Test(tserver_resync, a_treatment_that_the_link_swallowed_is_begun_when_the_core_asks_again)
{
    struct tserver_rig rig = {0};
    struct message message;
    lose_treatment(&rig, false);
    find_again(&rig, "");
    cr_assert_not(rig_find(&rig, "EventTreatmentEnd", &message));
    resync(&rig, 2);
    cr_assert(observed(&rig, rig_conn(&rig, "17"), &message));
    cr_assert_eq(message_u(&message, Observed_last_ref), 0);
    struct writer *writer = rig_effect(&rig, KIND_RequestApplyTreatment, 1, rig_conn(&rig, "17"));
    writer_u(writer, RequestApplyTreatment_type, treatment_PlayAnnouncementAndDigits);
    rig_perform(&rig);
    cr_assert_not_null(rig_asked(&rig, "ApplyTreatment"));
    rig_free(&rig);
}

Test(tserver_resync, a_treatment_that_meets_the_news_of_a_lost_link_waits_for_the_resync)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_ring(&rig, "17");
    rig_lose(&rig);
    for (unsigned tries = 0; tries < 2; tries++) {
        rig_forget(&rig);
        struct writer *writer = rig_effect(&rig, KIND_RequestApplyTreatment, 1, rig_conn(&rig, "17"));
        writer_u(writer, RequestApplyTreatment_type, treatment_PlayAnnouncementAndDigits);
        rig_perform(&rig);
        cr_assert_not(rig_find(&rig, "EventError", &message), "the step has not failed");
        if (tries == 0) find_again(&rig, "");
    }
    cr_assert_not_null(rig_asked(&rig, "ApplyTreatment"));
    rig_free(&rig);
}

/* The agents observed, and whether a desktop is there, as the resync says it. */
static bool agent_observed(struct tserver_rig *rig, struct message *found)
{
    rig_forget(rig);
    resync(rig, 2);
    for (size_t at = 0; at < rig->posted.length;) {
        size_t size = message_frame_size(rig->posted.bytes + at, rig->posted.length - at);
        message_read(found, rig->posted.bytes + at, size, NULL);
        if (found->kind == KIND_Observed && message_u(found, Observed_what) == object_agent) return true;
        at += size;
    }
    return false;
}

Test(tserver_resync, the_core_is_told_whose_desktop_is_there_and_how_long_to_wait_for_the_others)
{
    struct tserver_rig rig = {0};
    struct message message;
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    rig_event(&rig, "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    cr_assert(agent_observed(&rig, &message));
    cr_assert_not(message_u(&message, Observed_up));
    cr_assert_eq(message_i(&message, Observed_desktop_grace), 60000000);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    desk_say(&desk, "{\"Message\":\"RequestAgentLogin\",\"ReferenceID\":2,\"ThisDN\":\"7001\",\"AgentID\":\"marie\"}");
    cr_assert(agent_observed(&rig, &message));
    cr_assert(message_u(&message, Observed_up));
    cr_assert_eq(message_i(&message, Observed_desktop_grace), 0);
    desk_close(&desk);
    rig_wait(&rig, 20000000);
    cr_assert(agent_observed(&rig, &message));
    cr_assert_not(message_u(&message, Observed_up));
    cr_assert_eq(message_i(&message, Observed_desktop_grace), 40000000, "what is left");
    rig_free(&rig);
}

Test(tserver_resync, the_core_hears_of_a_login_before_its_desktop)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    desk_say(&desk, "{\"Message\":\"RequestAgentLogin\",\"ReferenceID\":2,\"ThisDN\":\"7001\",\"AgentID\":\"marie\"}");
    rig_result(&rig, "SetAgentState");
    rig_forget(&rig);
    rig_event(&rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7001\"}");
    cr_assert_str_eq(rig_posted(&rig), "EventAgentLogin EventClient");
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_resync, a_query_is_answered_by_what_is_there)
{
    struct tserver_rig rig = {0};
    struct message message;
    rig_open(&rig);
    rig_ring(&rig, "17");
    struct writer *writer = rig_effect(&rig, KIND_QueryAddress, 5, rig_conn(&rig, "17"));
    writer_u(writer, QueryAddress_what, object_call);
    rig_perform(&rig);
    cr_assert(rig_find(&rig, "Observed", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 5);
    writer = rig_effect(&rig, KIND_QueryAddress, 6, 0x00100000000000ff);
    writer_u(writer, QueryAddress_what, object_call);
    rig_perform(&rig);
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, EventDone_code), code_unknown_conn_id);
    rig_free(&rig);
}

Test(tserver_resync, a_switch_that_does_not_answer_is_given_up)
{
    struct tserver_rig rig = {0};
    rig_open(&rig);
    for (int i = 0; i < 250 && rig.dropped == 0; i++) {
        rig.now_us += 100000;
        tserver_tick(&rig.tserver);
    }
    cr_assert_eq(rig.dropped, 1);
    rig_free(&rig);
}

Test(tserver_resync, a_peer_that_is_no_switch_is_given_up)
{
    static const char *const lines[] = {"GET / HTTP/1.1", "{\"hello\":1}", "[1]", "\xff\xfe"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct tserver_rig rig = {0};
        rig_init(&rig);
        tserver_connected(&rig.tserver);
        rig_event(&rig, lines[i]);
        cr_assert_eq(rig.dropped, 1, "%s", lines[i]);
        rig_free(&rig);
    }
}

Test(tserver_resync, nonsense_in_events_harms_nothing)
{
    static const char *const lines[] = {
        "{\"event\":\"Delivered\"}",
        "{\"event\":\"Delivered\",\"callID\":7,\"device\":\"7001\"}",
        "{\"event\":\"Delivered\",\"callID\":\"\",\"device\":\"7001\"}",
        "{\"event\":\"Delivered\",\"callID\":\"x\"}",
        "{\"event\":\"Established\",\"callID\":\"x\",\"device\":{}}",
        "{\"event\":\"Held\",\"callID\":\"none\",\"device\":\"7001\"}",
        "{\"event\":\"RouteUsed\",\"callID\":\"x\",\"routeID\":\"none\"}",
        "{\"event\":\"TreatmentEnded\",\"callID\":\"x\",\"treatment\":-4,\"digits\":[]}",
        "{\"event\":\"AgentReady\",\"agent\":\"marie\"}",
        "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\",\"reasons\":[1]}",
        "{\"event\":\"CallCleared\",\"callID\":\"none\"}",
        "{\"event\":\"SnapshotCall\",\"callID\":\"y\",\"connections\":[{},7,{\"device\":\"a\",\"state\":\"b\"}],"
        "\"route\":7}",
        "{\"event\":\"Unheard\",\"callID\":\"x\"}",
        "{\"result\":99999}",
        "{\"error\":99999,\"code\":5}",
        "{\"event\":\"Delivered\",\"callID\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"device\":"
        "\"7001\"}",
    };
    struct tserver_rig rig = {0};
    rig_open(&rig);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) rig_event(&rig, lines[i]);
    cr_assert_eq(rig.dropped, 0);
    rig_ring(&rig, "17");
    cr_assert_neq(rig_conn(&rig, "17"), 0);
    rig_free(&rig);
}
