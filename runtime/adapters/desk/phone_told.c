/* runtime/adapters/desk/phone_told.c - Handles the T-Server's events about an agent's telephone, by their rows of
 * told.def, and tells the page. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/cti/events.h"
#include "runtime/adapters/desk/phone.h"
#include "runtime/vocabulary/bytes.h"

/* The table has one row for each event. */
enum {
#define CALL(event, state)     WIRE_ROW_##event = 1,
#define PHONE(event, function) WIRE_ROW_##event = 1,
#define PASSED(event)          WIRE_ROW_##event = 1,
#include "runtime/adapters/desk/told.def"
};
#define EVENT(name) _Static_assert(WIRE_ROW_##name, "told.def has a row for each event");
#include "runtime/adapters/cti/events.def"

/* ---- the message `phone` ---- */

static bool phone_is_inside(const struct phone *phone)
{
    return strcmp(phone->state, "away") != 0 && strcmp(phone->state, "logged_out") != 0;
}

/* Returns why this telephone gets no calls: "switch" or "telephone"; "": it gets calls. */
static const char *phone_service(const struct phone *phone)
{
    return !phone_is_inside(phone) ? "" : phone->switch_out ? "switch" : phone->dn_out ? "telephone" : "";
}

static json_t *question_json(const struct phone *phone)
{
    uint64_t now = desk_now_us(phone->agent->desk), left_us = phone->until_us > now ? phone->until_us - now : 0;
    json_object_set_new(phone->question, "left", json_integer((json_int_t)(left_us / 1000)));
    return json_copy(phone->question);
}

const char *phone_no_take_over(const struct phone *phone)
{
    return phone->no_take_over ? agent_told("at this switch nobody takes over a call") : NULL;
}

json_t *phone_shown(const struct desk_agent *agent)
{
    const struct phone *phone = agent->phone;
    json_t *calls = json_array(), *call;
    const char *conn;
    json_t *told =
        json_pack("{s:s, s:s, s:o}", "type", "phone", "state", phone ? phone->state : "logged_out", "calls", calls);
    if (!phone || phone->fetches) return told;
    json_object_set_new(told, "dn", json_string(phone->dn));
    if (*phone->reason) json_object_set_new(told, "reason", json_string(phone->reason));
    if (phone->since_ms > 0) json_object_set_new(told, "since", json_integer(phone->since_ms));
    if (*phone_service(phone)) json_object_set_new(told, "out_of_service", json_string(phone_service(phone)));
    json_object_foreach(phone->calls, conn, call) json_array_append(calls, call);
    if (phone->question) json_object_set_new(told, "question", question_json(phone));
    if (phone->no_take_over) json_object_set_new(told, "no_take_over", json_string(phone_no_take_over(phone)));
    return told;
}

/* ---- states ---- */

/* Sends the message `phone` again, but not while a log-in is open: a page that has the telephone inside would end
 * the log-in on reading that the agent is logged out. */
static void phone_say_again(struct phone *phone)
{
    if (phone_is_inside(phone)) agent_tell(phone->agent, phone_shown(phone->agent));
}

void phone_tell_state(struct phone *phone, const char *state, const char *reason)
{
    struct desk_agent *agent = phone->agent;
    if (strcmp(phone->state, state) != 0)
        phone->since_ms = (json_int_t)(agent->desk->services->wall_us(agent->desk->link) / MS);
    text_set(phone->state, sizeof phone->state, state);
    text_set(phone->reason, sizeof phone->reason, reason);
    if (phone_is_inside(phone) && strcmp(agent->voice, state) != 0) {
        text_set(agent->voice, sizeof agent->voice, state);
        remember_agent(agent);
    }
    agent_tell(agent, phone_shown(agent));
}

static const char *phone_reason_of(const json_t *event)
{
    return phone_text_of(json_object_get(event, "Reasons"), "reason");
}

static const char *word_of_state(const json_t *event)
{
    return strcmp(phone_text_of(event, "AgentWorkMode"), "AfterCallWork") == 0 ? "after_call_work" : "not_ready";
}

static void phone_agent_ready(struct phone *phone, const json_t *event)
{
    phone_tell_state(phone, "ready", phone_reason_of(event));
}

/* The T-Server makes an agent not ready when it loses the desk's connection: the state before that is requested
 * again. A switch may keep no reasons, so a state without a reason is taken for this one. */
static void phone_ready_again(struct phone *phone, const json_t *event)
{
    const char *was = phone->agent->voice;
    bool ready = strcmp(was, "ready") == 0;
    if ((!ready && strcmp(was, "after_call_work") != 0) || *phone_reason_of(event)) return;
    json_t *more = phone_at_dn(phone);
    if (!ready) json_object_set_new(more, "AgentWorkMode", json_string("AfterCallWork"));
    phone_ask_switch(phone, ready ? "RequestAgentReady" : "RequestAgentNotReady", more, 0);
}

static void phone_agent_not_ready(struct phone *phone, const json_t *event)
{
    if (json_is_true(json_object_get(json_object_get(event, "Reasons"), "desktop_lost")))
        phone_ready_again(phone, event);
    phone_tell_state(phone, word_of_state(event), phone_reason_of(event));
}

/* Asks for records of calling lists: the router keeps them for agents whose desktops can show them, and sends those
 * that wait. */
static void phone_ask_records(struct phone *phone)
{
    json_t *more = phone_at_dn(phone);
    json_object_set_new(more, "UserData", json_pack("{s:s}", "GSW_AGENT_REQ_TYPE", "CampaignStatusRequest"));
    phone_ask_switch(phone, "RequestDistributeUserEvent", more, 0);
}

void phone_page_is_back(struct desk_agent *agent)
{
    struct phone *phone = agent->phone;
    if (phone && phone->ready && phone_is_inside(phone)) phone_ask_records(phone);
}

/* The agent is logged in. An agent who was logged in before has the state that the registration reported, ready or
 * not. */
static void phone_agent_login(struct phone *phone, const json_t *event)
{
    bool is = strcmp(phone->there, "ready") == 0 || strcmp(phone->there, "after_call_work") == 0;
    phone_ask_records(phone);
    phone->login_ref = 0;
    if (strcmp(phone->there, "not_ready") == 0) phone_ready_again(phone, event);
    phone_tell_state(phone, is ? phone->there : word_of_state(event), phone_reason_of(event));
}

/* The agent is logged out. The next process does not log in again an agent who has logged out. */
static void phone_agent_logout(struct phone *phone, const json_t *event)
{
    *phone->agent->dn = *phone->agent->voice = 0;
    remember_agent(phone->agent);
    phone_tell_state(phone, "logged_out", phone_reason_of(event));
}

/* ---- the telephone's DN ---- */

static bool switch_cannot(const json_t *event, const char *request)
{
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(event, "Cannot"), i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), request) == 0) return true;
    }
    return false;
}

static void phone_registered(struct phone *phone, const json_t *event)
{
    bool hers = strcmp(phone_text_of(event, "AgentID"), phone->agent->name) == 0;
    text_set(phone->there, sizeof phone->there, hers ? phone_text_of(event, "AgentState") : "");
    phone->dn_out = strcmp(phone_text_of(event, "DNState"), "out") == 0;
    phone->no_take_over = switch_cannot(event, "RequestTakeOverCall");
    phone_calls_are(phone, json_object_get(event, "Calls"));
    phone_calls_lost(phone);
    phone_say_again(phone);
}

/* The T-Server sends no more events about this telephone, so nobody counts as logged in there. */
static void phone_unregistered(struct phone *phone, const json_t *event)
{
    if (json_object_get(event, "ReferenceID"))
        return; /* an event with the number of a request was requested by this desk */
    agent_notice(phone->agent, phone_text_of(event, "ErrorCode"),
                 "The T-Server has taken this telephone away from you: your rights there have changed.");
    phone_ends(phone);
    phone_agent_logout(phone, event);
}

static void phone_in_service(struct phone *phone, const json_t *event)
{
    (void)event;
    phone->dn_out = false;
    phone_say_again(phone);
}

static void phone_out_of_service(struct phone *phone, const json_t *event)
{
    (void)event;
    phone->dn_out = true;
    phone_say_again(phone);
}

static void phone_switch_up(struct phone *phone, const json_t *event)
{
    (void)event;
    phone->switch_out = false;
    if (phone->ready)
        phone_say_again(phone);
    else
        phone_log_in(phone);
}

static void phone_switch_down(struct phone *phone, const json_t *event)
{
    (void)event;
    phone->switch_out = true;
    phone_say_again(phone);
}

/* ---- the agent's log-in at the T-Server ---- */

/* The T-Server wants a log-in, and there is neither a token nor a password: a desk that was restarted has only what
 * its file of sessions has. */
static void phone_not_let_in(struct phone *phone, const json_t *event)
{
    bool waits = phone->login != 0;
    if (phone->fetches) {
        phone_fetched(phone, false);
        return;
    }
    phone_reply(phone, phone->login, "login", "The T-Server wants a log-in: log out and in again.");
    phone->login = 0;
    if (waits) return;
    agent_notice(phone->agent, "login",
                 "You are at your telephone no more: log out of the desk and in again, then log in there.");
    phone_ends(phone);
    phone_agent_logout(phone, event);
}

static void phone_authenticate(struct phone *phone, const json_t *event)
{
    struct desk_session *session = phone->agent->session;
    (void)event;
    if (!session || (!*session->voice && !session->password)) {
        phone_not_let_in(phone, event);
        return;
    }
    bool token = *session->voice;
    phone_ask_switch(phone, "RequestAuthenticate",
                     json_pack("{s:s, s:s}", "User", session->name, token ? "Token" : "Password",
                               token ? session->voice : session->password),
                     0);
}

static void phone_authenticated(struct phone *phone, const json_t *event)
{
    struct desk_session *session = phone->agent->session;
    const char *token = phone_text_of(event, "Token");
    if (session && *token) session_has_voice(phone->agent->desk, session, token);
    phone_log_in(phone);
}

/* ---- questions, records ---- */

/* The agent is asked whether they take a call before it comes, or a record before it is dialled. */
static void phone_asked(struct phone *phone, const json_t *event)
{
    json_t *shown = record_shown(event);
    const json_t *data = json_object_get(event, "UserData");
    if (!shown) {
        shown = json_pack("{s:s}", "number", phone_text_of(event, "ANI"));
        if (json_is_object(data)) json_object_set(shown, "data", (json_t *)data);
    }
    json_object_set_new(shown, "type", json_string("question"));
    json_object_set_new(shown, "ticket", json_string(phone_text_of(event, "TicketID")));
    json_decref(phone->question);
    phone->question = shown;
    phone->until_us = desk_now_us(phone->agent->desk) +
                      (uint64_t)json_integer_value(json_object_get(event, "Countdown")) * UINT64_C(1000);
    agent_tell(phone->agent, question_json(phone));
}

/* Ends a question about a call or record; an accepted question ends too, if no call comes of it. */
static void question_over(struct phone *phone, const json_t *event, const char *why)
{
    const char *ticket = phone_text_of(event, "TicketID");
    if (phone->question && strcmp(phone_text_of(phone->question, "ticket"), ticket) == 0) {
        json_decref(phone->question);
        phone->question = NULL;
    }
    agent_tell(phone->agent, json_pack("{s:s, s:s, s:s}", "type", "question", "ticket", ticket, "over", why));
}

static void phone_question_accepted(struct phone *phone, const json_t *event)
{
    question_over(phone, event, "accepted");
}

static void phone_question_rejected(struct phone *phone, const json_t *event)
{
    question_over(phone, event, "rejected");
}

static void phone_question_revoked(struct phone *phone, const json_t *event)
{
    question_over(phone, event, phone_text_of(event, "Reason"));
}

/* A record was sent; the answer to a request is handled by phone_answered(). */
static void phone_record_told(struct phone *phone, const json_t *event)
{
    if (!json_object_get(event, "ReferenceID")) record_told(phone->agent, event);
}

/* ---- each event ---- */

static const struct {
    enum client_event event;
    const char *call; /* the state of the call after the event; NULL: the event is about no call */
    void (*told)(struct phone *, const json_t *event);
} phone_rows[] = {
#define CALL(event, state)     {CLIENT_##event, state, NULL},
#define PHONE(event, function) {CLIENT_##event, NULL, function},
#include "runtime/adapters/desk/told.def"
};

/* The log-in was refused, and the agent stays logged out at the telephone. */
static void login_is_refused(struct phone *phone, const json_t *error, bool waits)
{
    phone->login_ref = 0;
    if (!waits && phone->agent->ticket != 0)
        agent_notice(phone->agent, phone_text_of(error, "ErrorCode"),
                     "You could not be logged in at your telephone again: log in there yourself.");
    phone_tell_state(phone, "logged_out", "");
}

/* The event has the number of a request: its browser is answered, by the event's kind. */
static void phone_answered(struct phone *phone, const char *name, const json_t *event)
{
    char key[24];
    json_int_t ref = json_integer_value(json_object_get(event, "ReferenceID"));
    snprintf(key, sizeof key, "%lld", (long long)ref);
    json_int_t id = json_integer_value(json_object_get(phone->asked, key));
    bool good = strcmp(name, cti_event_name(CLIENT_EventError)) != 0;
    if (phone->fetches && !good) {
        phone_fetched(phone, strcmp(phone_text_of(event, "ErrorCode"), "refused") == 0);
        return;
    }
    json_t *shown = id != 0 && strcmp(name, cti_event_name(CLIENT_EventUserEvent)) == 0 ? record_shown(event) : NULL;
    json_object_del(phone->asked, key);
    if (shown) {
        agent_reply(phone->agent, phone->agent->ticket, id, NULL, NULL, json_pack("{s:o}", "record", shown));
        return;
    }
    if (good)
        json_object_del(phone->mutes, key);
    else
        (void)phone_call_refused(phone, event);
    if (!good && !phone->ready) { /* requests were not allowed yet: the refusal is for the log-in */
        id = phone->login;
        phone->login = 0;
        if (phone->agent->session) *phone->agent->session->voice = 0;
    }
    if (!good && (!phone->ready || (ref != 0 && ref == phone->login_ref))) login_is_refused(phone, event, id != 0);
    phone_reply(phone, id, good ? NULL : phone_text_of(event, "ErrorCode"),
                agent_told(phone_text_of(event, "ErrorMessage")));
}

void phone_take(struct phone *phone, const json_t *event)
{
    const char *name = phone_text_of(event, "Message");
    phone_answered(phone, name, event);
    for (size_t i = 0; i < sizeof phone_rows / sizeof *phone_rows; i++) {
        if (strcmp(cti_event_name(phone_rows[i].event), name) != 0) continue;
        if (phone_rows[i].call) phone_call_is(phone, event, phone_rows[i].call);
        if (phone_rows[i].told) phone_rows[i].told(phone, event);
    }
}
