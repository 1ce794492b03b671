/* tests/unit/tserver_invite.c - Desktops that are asked before a call comes: told once, answered once, and over in any
 * case. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/tserver_rig.h"

TestSuite(tserver_invite, .timeout = 30);

#define TICKET "0001000000000005"
#define SECOND INT64_C(1000000)
enum { CLAIM = 5 };

static void open_rig(struct tserver_rig *rig)
{
    rig_open(rig);
    rig_event(rig, "{\"event\":\"AgentLoggedOn\",\"device\":\"7001\",\"agent\":\"marie\"}");
    rig_event(rig, "{\"event\":\"AgentReady\",\"device\":\"7001\",\"agent\":\"marie\"}");
    rig_ring(rig, "17");
    rig_forget(rig);
}

static void invite(struct tserver_rig *rig, uint64_t ref, const char *agent, int64_t countdown_us)
{
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "account", span_of("4711"));
    struct writer *writer = rig_effect(rig, KIND_Invite, ref, rig_conn(rig, "17"));
    writer_u(writer, Invite_claim, UINT64_C(1) << 48 | CLAIM);
    writer_text(writer, Invite_agent, agent);
    writer_u(writer, Invite_mode, invite_mode_preview);
    writer_i(writer, Invite_countdown, countdown_us);
    writer_kv(writer, Invite_data, &data);
    rig_perform(rig);
    kv_free(&data);
}

static void withdraw(struct tserver_rig *rig, enum cause cause)
{
    struct writer *writer = rig_effect(rig, KIND_Withdraw, 0, rig_conn(rig, "17"));
    writer_u(writer, Withdraw_claim, UINT64_C(1) << 48 | CLAIM);
    writer_u(writer, Withdraw_reason, cause);
    rig_perform(rig);
}

/* The core's answer to the desktop's last request. */
static void reply(struct tserver_rig *rig, const char *request, enum code code)
{
    struct message message;
    cr_assert(rig_find(rig, request, &message), "%s was not posted", request);
    uint64_t client = message_u(&message, ENVELOPE_client), req = message_u(&message, ENVELOPE_req);
    struct writer *writer = rig_effect(rig, KIND_Reply, 0, 0);
    writer_clear(writer);
    writer_begin(writer, KIND_Reply);
    writer_u(writer, ENVELOPE_client, client);
    writer_u(writer, ENVELOPE_req, req);
    writer_u(writer, Reply_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, Reply_code, code);
    rig_perform(rig);
}

static void registers(struct rig_desk *desk)
{
    desk_say(desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    json_decref(desk_heard(desk, "EventRegistered"));
}

static void answers(struct rig_desk *desk, const char *request)
{
    char line[200];
    (void)snprintf(line, sizeof line,
                   "{\"Message\":\"%s\",\"ReferenceID\":7,\"ThisDN\":\"7001\",\"TicketID\":\"" TICKET "\"}", request);
    desk_say(desk, line);
}

static void has_heard(struct rig_desk *desk, const char *message)
{
    json_t *line = desk_heard(desk, message);
    cr_assert_not_null(line, "%s was not heard", message);
    cr_assert_str_eq(desk_text(line, "TicketID"), TICKET);
    json_decref(line);
}

Test(tserver_invite, it_is_told_answered_and_everybody_there_hears_of_it)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk, other;
    struct message message;
    open_rig(&rig);
    desk_open(&rig, &desk);
    desk_open(&rig, &other);
    registers(&desk);
    registers(&other);
    invite(&rig, 3, "marie", 10 * SECOND);
    json_t *line = desk_heard(&desk, "EventInvite");
    cr_assert_str_eq(desk_text(line, "AgentID"), "marie");
    cr_assert_str_eq(desk_text(line, "CallID"), "17");
    cr_assert_eq(json_integer_value(json_object_get(line, "Countdown")), 10000);
    json_decref(line);
    invite(&rig, 3, "marie", 9 * SECOND); /* said again */
    cr_assert_eq(desk_count(&desk, "EventInvite"), 0);
    answers(&desk, "RequestAccept");
    cr_assert(rig_find(&rig, "RequestAccept", &message));
    cr_assert_eq(message_u(&message, RequestAccept_claim), UINT64_C(1) << 48 | CLAIM);
    reply(&rig, "RequestAccept", code_ok);
    has_heard(&desk, "EventAccepted");
    has_heard(&other, "EventAccepted");
    withdraw(&rig, cause_dropped); /* nothing comes of it */
    has_heard(&other, "EventRevoked");
    desk_close(&desk);
    desk_close(&other);
    rig_free(&rig);
}

Test(tserver_invite, who_is_too_late_is_told_so)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    open_rig(&rig);
    desk_open(&rig, &desk);
    registers(&desk);
    invite(&rig, 3, "marie", 10 * SECOND);
    answers(&desk, "RequestAccept");
    reply(&rig, "RequestAccept", code_taken);
    has_heard(&desk, "EventRevoked");
    json_t *line = desk_heard(&desk, "EventError");
    cr_assert_str_eq(desk_text(line, "ErrorCode"), "taken");
    json_decref(line);
    rig_forget(&rig);
    answers(&desk, "RequestReject");
    cr_assert_str_eq(rig_posted(&rig), "", "it is over");
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_invite, who_registers_meanwhile_is_told_and_where_nobody_does_it_is_refused)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    struct message message;
    open_rig(&rig);
    invite(&rig, 3, "marie", 10 * SECOND);
    rig_wait(&rig, 2 * SECOND);
    desk_open(&rig, &desk);
    registers(&desk);
    has_heard(&desk, "EventInvite");
    rig_wait(&rig, 5 * SECOND);
    cr_assert_not(rig_find(&rig, "EventError", &message));
    desk_close(&desk);
    withdraw(&rig, cause_abandoned);
    rig_forget(&rig);
    invite(&rig, 4, "marie", 10 * SECOND);
    rig_wait(&rig, 6 * SECOND);
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, ENVELOPE_ref), 4);
    cr_assert_eq(message_u(&message, EventDone_outcome), outcome_error);
    rig_free(&rig);
}

Test(tserver_invite, who_is_not_logged_in_is_not_asked)
{
    struct tserver_rig rig = {0};
    struct message message;
    open_rig(&rig);
    invite(&rig, 3, "paul", 10 * SECOND);
    cr_assert(rig_find(&rig, "EventError", &message));
    cr_assert_eq(message_u(&message, EventDone_code), code_not_logged_in);
    rig_free(&rig);
}

Test(tserver_invite, while_the_core_is_away_it_stands_until_its_time_is_over)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    open_rig(&rig);
    desk_open(&rig, &desk);
    registers(&desk);
    invite(&rig, 3, "marie", 10 * SECOND);
    has_heard(&desk, "EventInvite");
    rig_core(&rig, false);
    answers(&desk, "RequestAccept");
    json_t *line = desk_heard(&desk, "EventError");
    cr_assert_str_eq(desk_text(line, "ErrorCode"), "unavailable");
    json_decref(line);
    rig_wait(&rig, 9 * SECOND);
    cr_assert_eq(desk_count(&desk, "EventRevoked"), 0);
    rig_core(&rig, true);
    invite(&rig, 3, "marie", 5 * SECOND); /* it goes on */
    rig_wait(&rig, 5 * SECOND);
    cr_assert_eq(desk_count(&desk, "EventRevoked"), 0);
    cr_assert_eq(desk_count(&desk, "EventInvite"), 0);
    rig_core(&rig, false);
    rig_wait(&rig, 5 * SECOND);
    has_heard(&desk, "EventRevoked");
    desk_close(&desk);
    rig_free(&rig);
}

Test(tserver_invite, what_is_no_ticket_is_refused)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk;
    open_rig(&rig);
    desk_open(&rig, &desk);
    registers(&desk);
    desk_say(&desk, "{\"Message\":\"RequestAccept\",\"ReferenceID\":7,\"ThisDN\":\"7001\"}");
    json_t *line = desk_heard(&desk, "EventError");
    cr_assert_str_eq(desk_text(line, "ErrorCode"), "invalid_attribute");
    json_decref(line);
    answers(&desk, "RequestAccept");
    line = desk_heard(&desk, "EventError");
    cr_assert_str_eq(desk_text(line, "ErrorCode"), "taken");
    json_decref(line);
    invite(&rig, 3, "marie", 10 * SECOND);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":8,\"ThisDN\":\"7002\"}");
    desk_say(&desk,
             "{\"Message\":\"RequestAccept\",\"ReferenceID\":9,\"ThisDN\":\"7002\",\"TicketID\":\"" TICKET "\"}");
    line = desk_heard(&desk, "EventError");
    cr_assert_str_eq(desk_text(line, "ErrorCode"), "taken", "another place is not asked");
    json_decref(line);
    desk_close(&desk);
    rig_free(&rig);
}
