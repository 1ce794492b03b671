/* tests/unit/cti_wire.c - The clients' wire: every request is answered once, and bad input harms only its sender. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/lines.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/tserver_rig.h"
#include "tests/unit/drawn.h"

TestSuite(cti_wire, .timeout = 20);

/* The next line with that reference must be this message; nothing else has it. */
static void assert_answer(struct rig_desk *desk, json_int_t reference, const char *message, const char *code)
{
    json_t *line, *found = NULL;
    size_t i;
    unsigned count = 0;
    json_array_foreach(desk->lines, i, line)
    {
        if (desk_reference(line) == reference) {
            found = line;
            count++;
        }
    }
    cr_assert_eq(count, 1, "reference %lld was answered %u times", (long long)reference, count);
    cr_assert_str_eq(desk_text(found, "Message"), message, "%s", desk_text(found, "ErrorMessage"));
    cr_assert_str_eq(desk_text(found, "ErrorCode"), code);
}

static void assert_error(struct rig_desk *desk, const char *line, const char *code)
{
    desk_say(desk, line);
    json_t *error = desk_heard(desk, "EventError");
    cr_assert_not_null(error, "no EventError for %.60s", line);
    cr_assert_str_eq(desk_text(error, "ErrorCode"), code, "%.60s: %s", line, desk_text(error, "ErrorMessage"));
    cr_assert_str_neq(desk_text(error, "ErrorMessage"), "");
    cr_assert_null(desk_heard(desk, "EventError"));
    json_decref(error);
}

/* Still served as if nothing had happened. */
static void assert_served(struct rig_desk *desk)
{
    desk_say(desk, "{\"Message\":\"RequestQueryAddress\",\"ReferenceID\":900,\"ThisDN\":\"7002\"}");
    json_t *line = desk_heard(desk, "EventAddressInfo");
    cr_assert_not_null(line);
    cr_assert_str_eq(desk_text(line, "DNType"), "extension");
    json_decref(line);
}

static void log_in(struct tserver_rig *rig, struct rig_desk *desk)
{
    desk_say(desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    desk_say(desk, "{\"Message\":\"RequestAgentLogin\",\"ReferenceID\":2,\"ThisDN\":\"7001\",\"AgentID\":\"marie\"}");
    cr_assert(rig_result(rig, "SetAgentState"));
    rig_event(rig, "{\"event\":\"AgentLoggedOn\",\"agent\":\"marie\",\"device\":\"7001\"}");
    desk_say(desk, "{\"Message\":\"RequestAgentReady\",\"ReferenceID\":3,\"ThisDN\":\"7001\"}");
    cr_assert(rig_result(rig, "SetAgentState"));
    rig_event(rig, "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
}

/* A call that talks at 7001, with the ConnID 0010000000000001. */
static void talk(struct tserver_rig *rig)
{
    rig_event(rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\",\"callingDevice\":\"0145\","
                   "\"calledDevice\":\"7001\",\"callType\":\"internal\"}");
    rig_event(rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
}

Test(cti_wire, a_client_is_greeted)
{
    struct tserver_rig rig = {0};
    struct rig_desk before, after;
    rig_init(&rig);
    desk_open(&rig, &before);
    cr_assert_eq(desk_count(&before, "EventLinkDisconnected"), 1);
    rig_connect(&rig);
    rig_result(&rig, "Snapshot");
    cr_assert_eq(desk_count(&before, "EventLinkConnected"), 1);
    desk_open(&rig, &after);
    cr_assert_eq(desk_count(&after, "EventLinkConnected"), 1);
    desk_close(&before);
    desk_close(&after);
    rig_free(&rig);
}

static void reasons_are(struct tserver_rig *rig, const char *name, const char *display)
{
    struct kv reasons;
    kv_init(&reasons);
    kv_put_text(&reasons, name, span_of(display));
    struct writer *writer = rig_effect(rig, KIND_Notify, 0, 0);
    writer_u(writer, Notify_change, notify_ReasonsChanged);
    writer_kv(writer, Notify_value, &reasons);
    rig_perform(rig);
    kv_free(&reasons);
}

Test(cti_wire, clients_are_told_which_reasons_there_are)
{
    struct tserver_rig rig = {0};
    struct rig_desk before, after;
    rig_init(&rig);
    desk_open(&rig, &before);
    cr_assert_eq(desk_count(&before, "EventReasons"), 0);
    reasons_are(&rig, "lunch", "Lunch break");
    reasons_are(&rig, "lunch", "Lunch break"); /* as the core tells them when the link is up again */
    cr_assert_eq(desk_count(&before, "EventReasons"), 1);
    desk_open(&rig, &after);
    json_t *told = desk_heard(&after, "EventReasons");
    cr_assert_str_eq(desk_text(json_object_get(told, "Reasons"), "lunch"), "Lunch break");
    json_decref(told);
    desk_close(&before);
    desk_close(&after);
    rig_free(&rig);
}

Test(cti_wire, what_is_no_request_is_an_error_to_its_sender)
{
    static const struct {
        const char *line, *code;
    } bad[] = {
        {"nonsense", "invalid_attribute"},
        {"{\"Message\":\"RequestQueryAddress\",", "invalid_attribute"},
        {"[]", "invalid_attribute"},
        {"7", "invalid_attribute"},
        {"\xff\xfe\xfd", "invalid_attribute"},
        {"{\"a\":\"\xc3\x28\"}", "invalid_attribute"},
        {"{\"Message\":\"RequestQueryAddress\",\"ThisDN\":\"7001\"}", "invalid_attribute"},
        {"{\"Message\":\"RequestQueryAddress\",\"ThisDN\":\"7001\",\"ReferenceID\":0}", "invalid_attribute"},
        {"{\"Message\":\"RequestQueryAddress\",\"ThisDN\":\"7001\",\"ReferenceID\":-1}", "invalid_attribute"},
        {"{\"Message\":\"RequestQueryAddress\",\"ThisDN\":\"7001\",\"ReferenceID\":\"1\"}", "invalid_attribute"},
        {"{\"Message\":\"RequestDance\",\"ThisDN\":\"7001\",\"ReferenceID\":1}", "unsupported"},
        {"{\"Message\":7,\"ThisDN\":\"7001\",\"ReferenceID\":1}", "unsupported"},
        {"{\"ThisDN\":\"7001\",\"ReferenceID\":1}", "unsupported"},
        {"{\"Message\":\"RequestQueryAddress\",\"ReferenceID\":1}", "invalid_dn"},
        {"{\"Message\":\"RequestQueryAddress\",\"ThisDN\":\"9\",\"ReferenceID\":1}", "invalid_dn"},
        {"{\"Message\":\"RequestRegisterAddress\",\"ThisDN\":\"9\",\"ReferenceID\":1}", "invalid_dn"},
        {"{\"Message\":\"RequestAgentReady\",\"ThisDN\":\"7002\",\"ReferenceID\":1}", "invalid_dn"},
    };
    struct tserver_rig rig = {0};
    struct rig_desk desk, other;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_open(&rig, &other);
    json_array_clear(other.lines);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_error(&desk, bad[i].line, bad[i].code);
    rig_wait(&rig, 1000000);
    assert_served(&desk);
    cr_assert_eq(json_array_size(other.lines), 0, "nobody else heard of it");
    assert_served(&other);
    desk_close(&desk);
    desk_close(&other);
    rig_free(&rig);
}

Test(cti_wire, what_cannot_be_read_is_not_repeated)
{
    static const char *const lines[] = {
        "{\"Message\":\"RequestAuthenticate\",\"ReferenceID\":1,\"User\":\"marie\",\"Password\":\"hunter2",
        "{\"Message\":\"RequestAuthenticate\",\"ReferenceID\":1,\"Password\" \"hunter2\"}",
    };
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        desk_say(&desk, lines[i]);
        json_t *error = desk_heard(&desk, "EventError");
        cr_assert_not_null(error);
        cr_expect_null(strstr(desk_text(error, "ErrorMessage"), "hunter"), "%s", desk_text(error, "ErrorMessage"));
        cr_expect_not_null(strstr(desk_text(error, "ErrorMessage"), "at byte "));
        cr_expect_null(strstr(rig.warned, "hunter"), "%s", rig.warned);
        json_decref(error);
    }
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, what_an_agent_may_not_do_is_an_error)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk, other;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_open(&rig, &other);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":9,\"ThisDN\":\"7001\"}");
    assert_error(&desk, "{\"Message\":\"RequestAgentReady\",\"ThisDN\":\"7001\",\"ReferenceID\":10}", "not_logged_in");
    assert_error(&desk, "{\"Message\":\"RequestAgentLogin\",\"ThisDN\":\"7001\",\"ReferenceID\":11}",
                 "invalid_attribute");
    log_in(&rig, &desk);
    assert_error(&desk,
                 "{\"Message\":\"RequestAgentLogin\",\"ThisDN\":\"7001\",\"AgentID\":\"paul\",\"ReferenceID\":12}",
                 "already_logged_in");
    desk_say(&other, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7002\"}");
    assert_error(&other,
                 "{\"Message\":\"RequestAgentLogin\",\"ThisDN\":\"7002\",\"AgentID\":\"marie\",\"ReferenceID\":2}",
                 "already_logged_in");
    assert_error(&desk,
                 "{\"Message\":\"RequestAgentNotReady\",\"ThisDN\":\"7001\",\"AgentWorkMode\":\"Nap\","
                 "\"ReferenceID\":13}",
                 "invalid_attribute");
    assert_error(&desk, "{\"Message\":\"RequestAgentNotReady\",\"ThisDN\":\"7001\",\"Reasons\":[7],\"ReferenceID\":14}",
                 "invalid_attribute");
    desk_close(&desk);
    desk_close(&other);
    rig_free(&rig);
}

Test(cti_wire, a_conn_id_must_be_of_a_call_at_this_dn)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7002\"}");
    talk(&rig);
    static const char *const conns[] = {"\"0010000000000001\"", "\"00100000000000ff\"", "\"17\"", "17", "null", "\"\""};
    for (size_t i = 0; i < sizeof conns / sizeof *conns; i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "{\"Message\":\"RequestAnswerCall\",\"ThisDN\":\"7002\",\"ConnID\":%s,"
                 "\"ReferenceID\":2}",
                 conns[i]);
        assert_error(&desk, line, "unknown_conn_id");
    }
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, a_call_in_another_state_refuses)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    talk(&rig);
    assert_error(&desk,
                 "{\"Message\":\"RequestAnswerCall\",\"ThisDN\":\"7001\",\"ConnID\":\"0010000000000001\","
                 "\"ReferenceID\":5}",
                 "invalid_state");
    assert_error(&desk,
                 "{\"Message\":\"RequestRetrieveCall\",\"ThisDN\":\"7001\",\"ConnID\":\"0010000000000001\","
                 "\"ReferenceID\":6}",
                 "invalid_state");
    desk_close(&desk);
    rig_free(&rig);
}

/* Returns who else is in the call, as the oldest EventPartyChanged says it at 7001; NULL: there is none. */
static const char *parties_told(struct rig_desk *desk)
{
    static char text[200];
    json_t *event = desk_heard(desk, "EventPartyChanged"), *one;
    size_t i;
    *text = 0;
    if (!event) return NULL;
    cr_expect_str_eq(desk_text(event, "ThisDN"), "7001");
    json_array_foreach(json_object_get(event, "Parties"), i, one) snprintf(
        text + strlen(text), sizeof text - strlen(text), "%s %s; ", desk_text(one, "DN"), desk_text(one, "State"));
    json_decref(event);
    return text;
}

Test(cti_wire, whoever_is_in_a_call_is_told_who_else_is)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\",\"callingDevice\":\"0145\","
                    "\"calledDevice\":\"1800\",\"callType\":\"inbound\"}");
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7001\"}");
    cr_expect_null(parties_told(&desk), "they are two");
    rig_event(&rig, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7002\"}");
    cr_expect_null(parties_told(&desk), "it rings");
    rig_event(&rig, "{\"event\":\"Established\",\"callID\":\"17\",\"device\":\"7002\"}");
    cr_expect_str_eq(parties_told(&desk), "0145 Established; 7002 Established; ");
    desk_close(&desk);
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7002\"}");
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":9,\"ThisDN\":\"7001\"}");
    rig_event(&rig, "{\"event\":\"Retrieved\",\"callID\":\"17\",\"device\":\"7002\"}");
    cr_expect_str_eq(parties_told(&desk), "0145 Established; 7002 Established; ", "as before the client was away");
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7002\"}");
    cr_expect_str_eq(parties_told(&desk), "0145 Established; 7002 Held; ");
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7002\"}");
    cr_expect_null(parties_told(&desk), "nothing has changed");
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7001\"}");
    cr_expect_null(parties_told(&desk), "it is told by EventHeld");
    rig_event(&rig, "{\"event\":\"ConnectionCleared\",\"callID\":\"17\",\"device\":\"7002\"}");
    cr_expect_str_eq(parties_told(&desk), "", "they are two again");
    cr_expect_null(parties_told(&desk));
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, keys_are_few_and_the_switch_must_send_them)
{
    static const struct {
        const char *digits, *code;
    } all[] = {{"", "invalid_attribute"},
               {"12345678901234567", "invalid_attribute"},
               {"4x", "invalid_attribute"},
               {"1234567890*#ABCD", "unsupported"}};
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    talk(&rig);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char line[200];
        snprintf(line, sizeof line,
                 "{\"Message\":\"RequestSendDTMF\",\"ThisDN\":\"7001\",\"ConnID\":\"0010000000000001\","
                 "\"DTMFDigits\":\"%s\",\"ReferenceID\":%zu}",
                 all[i].digits, 5 + i);
        assert_error(&desk, line, all[i].code);
    }
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, each_request_is_answered_once_by_its_event)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk, other;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_open(&rig, &other);
    desk_say(&other, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    log_in(&rig, &desk);
    assert_answer(&desk, 1, "EventRegistered", "");
    const json_t *cannot = NULL;
    for (size_t i = 0; !cannot && i < json_array_size(desk.lines); i++)
        cannot = json_object_get(json_array_get(desk.lines, i), "Cannot");
    cr_assert_str_eq(json_string_value(json_array_get(cannot, 0)), "RequestTakeOverCall");
    assert_answer(&desk, 2, "EventAgentLogin", "");
    assert_answer(&desk, 3, "EventAgentReady", "");
    talk(&rig);
    static const struct {
        const char *request, *service, *line, *event;
    } steps[] = {
        {"RequestHoldCall", "HoldCall", "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7001\"}", "EventHeld"},
        {"RequestRetrieveCall", "RetrieveCall", "{\"event\":\"Retrieved\",\"callID\":\"17\",\"device\":\"7001\"}",
         "EventRetrieved"},
        {"RequestReleaseCall", "ClearConnection",
         "{\"event\":\"ConnectionCleared\",\"callID\":\"17\",\"device\":\"7001\",\"cause\":\"ok\"}", "EventReleased"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "{\"Message\":\"%s\",\"ReferenceID\":%zu,\"ThisDN\":\"7001\","
                 "\"ConnID\":\"0010000000000001\"}",
                 steps[i].request, 10 + i);
        desk_say(&desk, line);
        cr_assert(rig_result(&rig, steps[i].service), "%s", steps[i].service);
        rig_event(&rig, steps[i].line);
        assert_answer(&desk, (json_int_t)(10 + i), steps[i].event, "");
        cr_assert_eq(desk_count(&other, steps[i].event), 1, "all registered hear of it");
    }
    desk_say(&desk, "{\"Message\":\"RequestAgentNotReady\",\"ReferenceID\":20,\"ThisDN\":\"7001\","
                    "\"AgentWorkMode\":\"AfterCallWork\"}");
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "after_call_work");
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentWorkingAfterCall\",\"agent\":\"marie\",\"device\":\"7001\"}");
    assert_answer(&desk, 20, "EventAgentNotReady", "");
    desk_say(&desk, "{\"Message\":\"RequestMakeCall\",\"ReferenceID\":21,\"ThisDN\":\"7001\",\"OtherDN\":\"7002\"}");
    rig_result(&rig, "MakeCall");
    rig_event(&rig, "{\"event\":\"Originated\",\"callID\":\"18\",\"device\":\"7001\",\"callingDevice\":\"7001\","
                    "\"calledDevice\":\"7002\",\"callType\":\"internal\"}");
    assert_answer(&desk, 21, "EventDialing", "");
    json_t *dialing = desk_heard(&desk, "EventDialing");
    cr_assert_str_eq(desk_text(dialing, "OtherDN"), "7002");
    json_decref(dialing);
    desk_say(&desk, "{\"Message\":\"RequestAgentLogout\",\"ReferenceID\":22,\"ThisDN\":\"7001\"}");
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentLoggedOff\",\"agent\":\"marie\",\"device\":\"7001\"}");
    assert_answer(&desk, 22, "EventAgentLogout", "");
    desk_say(&desk, "{\"Message\":\"RequestUnregisterAddress\",\"ReferenceID\":23,\"ThisDN\":\"7001\"}");
    assert_answer(&desk, 23, "EventUnregistered", "");
    rig_wait(&rig, 20000000);
    cr_assert_eq(desk_count(&desk, "EventError"), 0);
    desk_close(&desk);
    desk_close(&other);
    rig_free(&rig);
}

/* A switch that judges hand-overs remembers that they were in vain, so that its telephone may be put down. Any other is
 * asked only for what fits the state: a T-Server, for a transfer of who talks and for what ends a hold. */
Test(cti_wire, the_switch_judges_who_hands_a_call_on_where_it_can)
{
    static const char *const words[][2] = {{"SingleStepTransfer", "SingleStepTransferCall"},
                                           {"CompleteTransfer", "TransferCall"},
                                           {"CompleteConference", "ConferenceCall"}};
    for (unsigned i = 0; i < 12; i++) {
        struct tserver_rig rig = {0};
        struct rig_desk desk;
        char request[200];
        bool held = i / 3 % 2 == 1, judges = i >= 6, fits = held == (i % 3 != 0);
        rig_open(&rig);
        struct cti_switch ops = *rig.tserver.cti.ops;
        ops.judges_hand_overs = judges;
        if (judges) rig.tserver.cti.ops = &ops;
        desk_open(&rig, &desk);
        log_in(&rig, &desk);
        talk(&rig);
        if (held) rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7001\"}");
        snprintf(request, sizeof request,
                 "{\"Message\":\"Request%s\",\"ReferenceID\":10,\"ThisDN\":\"7001\","
                 "\"ConnID\":\"0010000000000001\",\"OtherDN\":\"7002\"}",
                 words[i % 3][0]);
        desk_say(&desk, request);
        bool asked = rig_asked(&rig, words[i % 3][1]) != NULL;
        cr_expect_eq(asked, judges || fits, "%u: %s", i, request);
        if (asked) cr_expect(rig_error(&rig, words[i % 3][1], "invalid_state"), "%s", request);
        assert_answer(&desk, 10, "EventError", "invalid_state");
        desk_close(&desk);
        rig_free(&rig);
    }
}

Test(cti_wire, each_request_is_answered_once_by_an_error)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    talk(&rig);
    desk_say(&desk, "{\"Message\":\"RequestHoldCall\",\"ReferenceID\":10,\"ThisDN\":\"7001\","
                    "\"ConnID\":\"0010000000000001\"}");
    rig_error(&rig, "HoldCall", "invalid_state");
    assert_answer(&desk, 10, "EventError", "invalid_state");
    desk_say(&desk, "{\"Message\":\"RequestHoldCall\",\"ReferenceID\":11,\"ThisDN\":\"7001\","
                    "\"ConnID\":\"0010000000000001\"}");
    rig_wait(&rig, 6000000);
    assert_answer(&desk, 11, "EventError", "timeout");
    rig_event(&rig, "{\"event\":\"Held\",\"callID\":\"17\",\"device\":\"7001\"}");
    desk_say(&desk, "{\"Message\":\"RequestRetrieveCall\",\"ReferenceID\":12,\"ThisDN\":\"7001\","
                    "\"ConnID\":\"0010000000000001\"}");
    rig_event(&rig, "{\"event\":\"CallCleared\",\"callID\":\"17\",\"cause\":\"remote_release\"}");
    assert_answer(&desk, 12, "EventError", "gone");
    cr_assert_eq(desk_count(&desk, "EventReleased"), 1);
    rig_wait(&rig, 20000000);
    assert_answer(&desk, 11, "EventError", "timeout");
    assert_answer(&desk, 12, "EventError", "gone");
    desk_close(&desk);
    rig_free(&rig);
}

static const char *const ATTACH = "{\"Message\":\"RequestAttachUserData\",\"ReferenceID\":%d,\"ThisDN\":\"7001\","
                                  "\"ConnID\":\"0010000000000001\",\"UserData\":%s}";

static void attach(struct rig_desk *desk, int reference, const char *data)
{
    size_t size = strlen(ATTACH) + strlen(data) + 16;
    char *line = malloc(size);
    cr_assert_not_null(line);
    snprintf(line, size, ATTACH, reference, data);
    desk_say(desk, line);
    free(line);
}

static void reply(struct tserver_rig *rig, enum outcome outcome, enum code code)
{
    struct message message;
    cr_assert(rig_find(rig, "RequestAttachUserData", &message), "%s", rig_posted(rig));
    uint64_t client = message_u(&message, ENVELOPE_client), reference = message_u(&message, ENVELOPE_req);
    struct writer *writer = rig_effect(rig, KIND_Reply, 1, 0);
    writer_u(writer, ENVELOPE_client, client);
    writer_u(writer, ENVELOPE_req, reference);
    writer_u(writer, Reply_outcome, outcome);
    writer_u(writer, Reply_code, code);
    rig_perform(rig);
}

Test(cti_wire, data_is_changed_by_the_core_or_not_at_all)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    talk(&rig);
    attach(&desk, 10, "{\"a\":1}");
    reply(&rig, outcome_error, code_too_large);
    assert_answer(&desk, 10, "EventError", "too_large");
    attach(&desk, 11, "{\"a\":1}");
    reply(&rig, outcome_ok, code_ok);
    rig_wait(&rig, 200000);
    assert_answer(&desk, 11, "EventAttachedDataChanged", "");
    attach(&desk, 12, "{\"a\":1}");
    rig_wait(&rig, 11000000);
    assert_answer(&desk, 12, "EventError", "timeout");
    reply(&rig, outcome_ok, code_ok);
    rig_wait(&rig, 200000);
    assert_answer(&desk, 12, "EventError", "timeout");
    attach(&desk, 13, "{\"a\":1}");
    rig_core(&rig, false);
    assert_answer(&desk, 13, "EventError", "unavailable");
    attach(&desk, 14, "{\"a\":1}");
    assert_answer(&desk, 14, "EventError", "unavailable");
    attach(&desk, 15, "[1]");
    assert_answer(&desk, 15, "EventError", "invalid_attribute");
    desk_close(&desk);
    rig_free(&rig);
}

/* The core answers what marie has said of a record. */
static void record_reply(struct tserver_rig *rig, struct message *asked, enum code code, const char *number)
{
    struct kv value;
    kv_init(&value);
    cr_assert(rig_find(rig, "RequestRecord", asked), "%s", rig_posted(rig));
    struct writer *writer = rig_effect(rig, KIND_Reply, 0, 0);
    writer_u(writer, ENVELOPE_client, message_u(asked, ENVELOPE_client));
    writer_u(writer, ENVELOPE_req, message_u(asked, ENVELOPE_req));
    writer_u(writer, Reply_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, Reply_code, code);
    if (number) {
        bool one = message_u(asked, RequestRecord_op) == record_op_get;
        if (!one) kv_list_begin(&value, span_of("record"));
        kv_put_int(&value, "record", 8);
        kv_put_text(&value, "number", span_of(number));
        kv_put_text(&value, "result", span_of("busy"));
        kv_put_text(&value, "state", span_of("updated"));
        if (!one) kv_list_end(&value);
        writer_kv(writer, Reply_value, &value);
    }
    rig_perform(rig);
    kv_free(&value);
}

static void says_of_record(struct rig_desk *desk, int reference, const char *type, const char *more)
{
    char line[600];
    snprintf(line, sizeof line,
             "{\"Message\":\"RequestDistributeUserEvent\",\"ReferenceID\":%d,\"ThisDN\":\"7001\",\"UserData\":{"
             "\"GSW_AGENT_REQ_TYPE\":\"%s\",\"GSW_CAMPAIGN_NAME\":\"winter\",\"GSW_RECORD_HANDLE\":7%s}}",
             reference, type, more);
    desk_say(desk, line);
}

static void user_event_is(struct rig_desk *desk, json_int_t reference, const char *name, json_int_t record)
{
    json_t *event = desk_heard(desk, "EventUserEvent");
    cr_assert_not_null(event, "no %s", name);
    const json_t *data = json_object_get(event, "UserData");
    cr_assert_str_eq(desk_text(data, "GSW_USER_EVENT"), name);
    cr_assert_eq(json_integer_value(json_object_get(data, "GSW_RECORD_HANDLE")), record);
    if (record == 8) cr_assert_str_eq(desk_text(data, "GSW_RECORD_STATUS"), "updated");
    cr_assert_eq(desk_reference(event), reference);
    json_decref(event);
}

Test(cti_wire, what_an_agent_says_of_a_record_is_answered_by_the_core)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    struct message asked;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    says_of_record(&desk, 10, "UpdateCallCompletionStats", ",\"GSW_CALL_RESULT\":53,\"colour\":\"red\",\"size\":4");
    record_reply(&rig, &asked, code_ok, NULL);
    cr_assert_eq(message_u(&asked, RequestRecord_op), record_op_update);
    cr_assert_eq(message_u(&asked, RequestRecord_result), cause_wrong_number);
    cr_assert(span_is(message_text(&asked, ENVELOPE_actor), "marie"));
    user_event_is(&desk, 10, "UpdateCallCompletionStatsAcknowledge", 7);
    says_of_record(&desk, 11, "RecordReschedule",
                   ",\"GSW_DATE_TIME\":\"01/02/1970 00:01\",\"GSW_CALLBACK_TYPE\":\"Personal\"");
    record_reply(&rig, &asked, code_past, NULL);
    cr_assert_eq(message_i(&asked, RequestRecord_due), INT64_C(86460000000));
    cr_assert_eq(message_u(&asked, RequestRecord_callback), callback_type_personal);
    assert_answer(&desk, 11, "EventError", "past");
    says_of_record(&desk, 12, "ChainedRecordRequest", "");
    record_reply(&rig, &asked, code_ok, "0146");
    user_event_is(&desk, 0, "ChainedRecord", 8);
    user_event_is(&desk, 12, "ChainedRecordsDataEnd", 7);
    desk_say(&desk, "{\"Message\":\"RequestDistributeUserEvent\",\"ReferenceID\":14,\"ThisDN\":\"7001\",\"UserData\":{"
                    "\"GSW_AGENT_REQ_TYPE\":\"CampaignStatusRequest\"}}");
    record_reply(&rig, &asked, code_ok, "0146");
    cr_assert_eq(message_u(&asked, RequestRecord_op), record_op_status);
    user_event_is(&desk, 0, "UnprocessedRecord", 8);
    user_event_is(&desk, 14, "CampaignStatusAcknowledge", 0);
    says_of_record(&desk, 15, "PreviewRecordRequest", "");
    record_reply(&rig, &asked, code_ok, "0146");
    user_event_is(&desk, 15, "PreviewRecord", 8);
    says_of_record(&desk, 16, "PreviewRecordRequest", "");
    record_reply(&rig, &asked, code_ok, NULL);
    user_event_is(&desk, 16, "PreviewRecordEmpty", 0);
    says_of_record(&desk, 13, "RequestRecordCancel", ",\"GSW_CHAIN_ATTR\":1");
    record_reply(&rig, &asked, code_ok, NULL);
    cr_assert_eq(message_u(&asked, RequestRecord_op), record_op_cancel_chain);
    user_event_is(&desk, 13, "RecordCancelAcknowledge", 7);
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, what_is_said_badly_of_a_record_is_refused)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    static const char *const bad[][2] = {
        {"Nothing", ""},
        {"RecordProcessed", ",\"GSW_CALL_RESULT\":99"},
        {"RecordProcessed", ",\"GSW_CALL_RESULT\":\"nonsense\""},
        {"RecordProcessed", ",\"colour\":[1]"},
        {"RecordReschedule", ""},
        {"RecordReschedule", ",\"GSW_DATE_TIME\":\"02/30/2026 10:00\""},
        {"RecordReschedule", ",\"GSW_DATE_TIME\":\"2026-02-03 10:00\""},
    };
    for (unsigned at = 0; at < sizeof bad / sizeof *bad; at++) {
        says_of_record(&desk, 20 + (int)at, bad[at][0], bad[at][1]);
        assert_answer(&desk, 20 + (json_int_t)at, "EventError", "invalid_attribute");
    }
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, too_much_data_is_refused)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    static char data[40000];
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    talk(&rig);
    rig_forget(&rig);
    memset(data, 'x', sizeof data);
    memcpy(data, "{\"k\":\"", 6);
    memcpy(data + sizeof data - 3, "\"}", 3);
    attach(&desk, 10, data);
    assert_answer(&desk, 10, "EventError", "too_large");
    cr_assert_str_eq(rig_posted(&rig), "");
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, a_line_that_is_too_long_closes_its_connection_only)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk, other;
    char *bytes = malloc(10 * LINE_BYTES_MAX);
    cr_assert_not_null(bytes);
    memset(bytes, ' ', 10 * LINE_BYTES_MAX);
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_open(&rig, &other);
    client_feed(desk.client, bytes, 10 * LINE_BYTES_MAX);
    cr_assert(desk.closed);
    json_t *error = desk_heard(&desk, "EventError");
    cr_assert_str_eq(desk_text(error, "ErrorCode"), "too_large");
    json_decref(error);
    assert_served(&other);
    desk_close(&desk);
    desk_close(&other);
    rig_free(&rig);
    free(bytes);
}

Test(cti_wire, half_a_line_and_then_nothing_is_nothing)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk, other;
    rig_open(&rig);
    desk_open(&rig, &desk);
    desk_open(&rig, &other);
    const char *half = "{\"Message\":\"RequestRegisterAddress\",\"Refe";
    client_feed(desk.client, half, strlen(half));
    cr_assert_eq(json_array_size(desk.lines), 1, "its greeting");
    desk_close(&desk);
    assert_served(&other);
    desk_close(&other);
    rig_free(&rig);
}

Test(cti_wire, more_than_twenty_requests_a_second_are_refused)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    for (int i = 0; i < 30; i++)
        desk_say(&desk, "{\"Message\":\"RequestQueryAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    cr_assert_eq(desk_count(&desk, "EventAddressInfo"), 20);
    cr_assert_eq(desk_count(&desk, "EventError"), 10);
    rig_wait(&rig, 1000000);
    assert_served(&desk);
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, a_client_that_does_not_read_is_closed_and_the_others_hear_all)
{
    struct tserver_rig rig = {0};
    struct rig_desk desks[3];
    rig_open(&rig);
    for (int i = 0; i < 3; i++) {
        desk_open(&rig, &desks[i]);
        desk_say(&desks[i], "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    }
    desks[1].deaf = true;
    talk(&rig);
    cr_assert(desks[1].closed);
    cr_assert_eq(desk_count(&desks[0], "EventEstablished"), 1);
    cr_assert_eq(desk_count(&desks[2], "EventEstablished"), 1);
    for (int i = 0; i < 3; i++) desk_close(&desks[i]);
    rig_free(&rig);
}

Test(cti_wire, a_lost_desktop_makes_its_agent_not_ready_then_logged_out_and_calls_stay)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    talk(&rig);
    rig_forget(&rig);
    desk_close(&desk);
    cr_assert_not_null(strstr(rig_posted(&rig), "EventClient"), "%s", rig_posted(&rig));
    const json_t *asked = rig_asked(&rig, "SetAgentState");
    cr_assert_str_eq(desk_text(asked, "state"), "not_ready");
    cr_assert(json_is_true(json_object_get(json_object_get(asked, "reasons"), "desktop_lost")));
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentNotReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    rig_wait(&rig, 59900000);
    cr_assert_null(rig_asked(&rig, "SetAgentState"));
    rig_wait(&rig, 200000);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "logged_out");
    cr_assert_neq(rig_conn(&rig, "17"), 0);
    rig_error(&rig, "SetAgentState", "busy");
    rig_wait(&rig, 60200000);
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "logged_out", "until it is");
    rig_free(&rig);
}

Test(cti_wire, an_agent_whose_log_out_was_refused_is_made_not_ready_when_the_desktop_is_lost)
{
    static const char log_out[] = "{\"Message\":\"RequestAgentLogout\",\"ReferenceID\":5,\"ThisDN\":\"7001\"%s}";
    for (unsigned gone_first = 0; gone_first < 2; gone_first++) {
        struct tserver_rig rig = {0};
        struct rig_desk desk;
        char line[128];
        rig_open(&rig);
        desk_open(&rig, &desk);
        log_in(&rig, &desk);
        snprintf(line, sizeof line, log_out, ",\"Reasons\":[7]"); /* the switch is not even asked */
        desk_say(&desk, line);
        cr_assert_null(rig_asked(&rig, "SetAgentState"));
        if (gone_first) {
            snprintf(line, sizeof line, log_out, "");
            desk_say(&desk, line);
            desk_close(&desk);
            rig_error(&rig, "SetAgentState", "busy");
        } else {
            desk_close(&desk);
        }
        const json_t *asked = rig_asked(&rig, "SetAgentState");
        cr_assert_str_eq(desk_text(asked, "state"), "not_ready", "%u", gone_first);
        rig_free(&rig);
    }
}

Test(cti_wire, an_agent_whose_desktop_is_lost_while_the_switch_is_away_takes_no_calls_either)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    rig_event(&rig, "{\"event\":\"AgentReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    rig_lose(&rig);
    desk_close(&desk);
    cr_assert_null(rig_asked(&rig, "SetAgentState"));
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotAgent\",\"agent\":\"marie\",\"device\":\"7001\",\"state\":\"ready\"}");
    rig_result(&rig, "Snapshot");
    cr_assert_str_eq(desk_text(rig_asked(&rig, "SetAgentState"), "state"), "not_ready");
    rig_free(&rig);
}

Test(cti_wire, a_desktop_that_comes_back_saves_the_login)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    rig_open(&rig);
    desk_open(&rig, &desk);
    log_in(&rig, &desk);
    desk_close(&desk);
    rig_result(&rig, "SetAgentState");
    rig_event(&rig, "{\"event\":\"AgentNotReady\",\"agent\":\"marie\",\"device\":\"7001\"}");
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    desk_say(&desk, "{\"Message\":\"RequestAgentLogin\",\"ReferenceID\":2,\"ThisDN\":\"7001\",\"AgentID\":\"marie\"}");
    assert_answer(&desk, 2, "EventAgentLogin", "");
    rig_wait(&rig, 120000000);
    cr_assert_null(rig_asked(&rig, "SetAgentState"));
    desk_close(&desk);
    rig_free(&rig);
}

Test(cti_wire, random_lines_harm_nothing)
{
    static const char letters[] = "{}[]\":,0179truefalsnMessageRequestThisDNConnIDUserData\\\x01\xff ";
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    uint64_t seed = 42 + drawn_from();
    rig_open(&rig);
    talk(&rig);
    desk_open(&rig, &desk);
    for (int i = 0; i < 3000; i++) {
        char line[64];
        size_t length = 0;
        for (size_t end = seed % 60; length < end; length++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            line[length] = letters[(seed >> 33) % (sizeof letters - 1)];
        }
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        line[length] = 0;
        desk_say(&desk, line);
        if (i % 20 == 19) rig_wait(&rig, 1000000); /* as many as it may say */
    }
    assert_served(&desk);
    desk_close(&desk);
    rig_free(&rig);
}
