/* runtime/adapters/desk/phone.c - The telephone beside the desk: each agent who logs in at one has a connection of
 * their own to the T-Server's clients' wire (gcx-tserver(5)), with their own rights there.
 *
 * The connection is made again while the agent is at the desk; the T-Server then says how everything is. The password
 * that the agent logged in with is kept until the T-Server has given a token for it.
 *
 * The order on a connection:
 *
 *     connect_it()               the address is looked up, the connection made
 *     EventAuthenticationRequired    phone_authenticate(): the T-Server's token of the session, or the password
 *     EventAuthenticated         a new token is kept, and the password forgotten
 *     EventLinkConnected         (a T-Server without users begins here)
 *     phone_log_in()             `ready`: the DN is registered, the agent logged in
 *     EventRegistered            all calls at the DN as they are now
 *
 * A request of the browser is known by a number of ours (`refs`), under which `asked` has the browser's id, until an
 * event bears it. When the connection is lost, each of them is answered `away`, calls are forgotten, and after
 * AGAIN_S the connection is made anew. */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/resolver.h"
#include "runtime/adapters/desk/asks.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"

enum { PHONE_LINE_MAX = 1 << 20, UNSENT_MAX = 1 << 20, AGAIN_S = 2, CALLS_MAX = 50 };

struct phone {
    struct agent *agent;
    struct resolver *resolver;
    struct bufferevent *stream; /* NULL: none */
    bool ready;                 /* it may be asked */
    unsigned wait_s;            /* until the next attempt; 0: one is under way */
    char dn[NAME_SIZE], queue[NAME_SIZE], state[NAME_SIZE];
    char reason[NAME_SIZE]; /* of that state; "": none was said */
    json_int_t login;       /* the browser's request to log in; 0: it is answered */
    json_int_t refs;
    json_t *asked;     /* the browser's ids, by reference */
    json_t *calls;     /* the message `call` of each, by ConnID */
    json_t *consults;  /* calls about which somebody is asked: the request's number, by ConnID */
    json_t *question;  /* the message `question`, while the agent is asked; NULL */
    uint64_t until_us; /* the end of its time */
};

/* ---- to the browser ---- */

static void phone_say_state(struct phone *phone)
{
    json_t *told = json_pack("{s:s, s:s, s:s}", "type", "phone", "state", phone->state, "dn", phone->dn);
    if (*phone->reason) json_object_set_new(told, "reason", json_string(phone->reason));
    agent_tell(phone->agent, told);
}

static void phone_tell_state(struct phone *phone, const char *state, const char *reason)
{
    text_set(phone->state, sizeof phone->state, state);
    text_set(phone->reason, sizeof phone->reason, reason);
    phone_say_state(phone);
}

static void phone_reply(struct phone *phone, json_int_t id, const char *code, const char *text)
{
    if (id != 0) said_reply(phone->agent, phone->agent->ticket, id, code, text, NULL);
}

static void tell_question(const struct phone *phone)
{
    uint64_t now = now_us(phone->agent->desk), left_us = phone->until_us > now ? phone->until_us - now : 0;
    json_object_set_new(phone->question, "left", json_integer((json_int_t)(left_us / 1000)));
    agent_tell(phone->agent, json_copy(phone->question));
}

void phone_tell(struct agent *agent)
{
    const char *conn;
    json_t *call;
    if (!agent->phone) return;
    phone_say_state(agent->phone);
    json_object_foreach(agent->phone->calls, conn, call) agent_tell(agent, json_incref(call));
    if (agent->phone->question) tell_question(agent->phone);
}

bool phone_has_call(const struct agent *agent, const char *conn)
{
    return agent->phone && json_object_get(agent->phone->calls, conn);
}

/* ---- to the T-Server ---- */

static void send_line(struct phone *phone, json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    struct evbuffer *out = phone->stream ? bufferevent_get_output(phone->stream) : NULL;
    if (text && out && evbuffer_get_length(out) < UNSENT_MAX) evbuffer_add_printf(out, "%s\n", text);
    if (text) sodium_memzero(text, strlen(text)); /* it may have a password */
    free(text);
    json_decref(line);
}

/* `more` is taken; the answer goes to the browser's request `id`, 0: to nobody. */
static void phone_ask_switch(struct phone *phone, const char *message, json_t *more, json_int_t id)
{
    char key[24];
    json_int_t ref = ++phone->refs;
    snprintf(key, sizeof key, "%lld", (long long)ref);
    if (id != 0) json_object_set_new(phone->asked, key, json_integer(id));
    json_object_set_new(more, "Message", json_string(message));
    json_object_set_new(more, "ReferenceID", json_integer(ref));
    send_line(phone, more);
}

static json_t *at_dn(const struct phone *phone)
{
    return json_pack("{s:s}", "ThisDN", phone->dn);
}

static void phone_authenticate(struct phone *phone)
{
    struct session *session = phone->agent->session;
    if (!session || (!*session->voice && !session->password)) {
        phone_reply(phone, phone->login, "login", "The T-Server wants a log-in: log out and in again.");
        phone->login = 0;
        return;
    }
    bool token = *session->voice;
    phone_ask_switch(phone, "RequestAuthenticate",
                     json_pack("{s:s, s:s}", "User", session->name, token ? "Token" : "Password",
                               token ? session->voice : session->password),
                     0);
}

static void authenticated(struct phone *phone, const json_t *event)
{
    struct session *session = phone->agent->session;
    const char *token = json_string_value(json_object_get(event, "Token"));
    if (!session || !token) return;
    text_set(session->voice, sizeof session->voice, token);
    session_forget_password(session);
    remember_session(session, phone->agent->desk);
}

static void phone_log_in(struct phone *phone)
{
    if (phone->ready) return;
    phone->ready = true;
    phone_ask_switch(phone, "RequestRegisterAddress", at_dn(phone), 0);
    json_t *more = at_dn(phone);
    json_object_set_new(more, "AgentID", json_string(phone->agent->name));
    if (*phone->queue) json_object_set_new(more, "ThisQueue", json_string(phone->queue));
    phone_ask_switch(phone, "RequestAgentLogin", more, phone->login);
    phone->login = 0;
}

/* ---- from the T-Server ---- */

static const char *phone_text_of(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));
    return text ? text : "";
}

static json_t *call_json(const json_t *event, const char *state)
{
    const char *dialled = phone_text_of(event, "OtherDN"), *caller = phone_text_of(event, "ANI");
    bool out = strcmp(phone_text_of(event, "CallType"), "Inbound") != 0 && *dialled;
    json_t *call = json_pack("{s:s, s:s, s:s, s:s}", "type", "call", "conn", phone_text_of(event, "ConnID"), "state",
                             state, "number", out || !*caller ? dialled : caller);
    const json_t *data = json_object_get(event, "UserData");
    if (*phone_text_of(event, "CallType"))
        json_object_set_new(call, "call_type", json_string(phone_text_of(event, "CallType")));
    if (json_is_object(data)) json_object_set(call, "data", (json_t *)data);
    if (*phone_text_of(event, "MonitorMode"))
        json_object_set_new(call, "monitoring", json_string(phone_text_of(event, "MonitorMode")));
    if (*phone_text_of(event, "Recording"))
        json_object_set_new(call, "recording", json_string(phone_text_of(event, "Recording")));
    if (json_is_true(json_object_get(event, "Muted"))) json_object_set_new(call, "muted", json_true());
    return call;
}

static bool phone_is_answered(const json_t *call)
{
    const char *state = phone_text_of(call, "state");
    return strcmp(state, "talking") == 0 || strcmp(state, "held") == 0;
}

/* A call with a number outside that begins or ends to be talked is in the contact's history. */
static void phone_note(struct phone *phone, const json_t *before, const json_t *call)
{
    bool was = before && phone_is_answered(before), is = phone_is_answered(call);
    const json_t *whose = was ? before : call;
    const char *type = phone_text_of(whose, "call_type");
    bool outbound = strcmp(type, "Outbound") == 0;
    if (*phone_text_of(whose, "monitoring")) return; /* it is another agent's */
    if (was == is || (!outbound && strcmp(type, "Inbound") != 0) || !*phone_text_of(whose, "number")) return;
    struct desk *desk = phone->agent->desk;
    struct job *job =
        desk_job_new(desk, json_pack("{s:s, s:s, s:b, s:b}", "conn", phone_text_of(whose, "conn"), "number",
                                     phone_text_of(whose, "number"), "outbound", outbound, "over", was));
    text_set(job->agent, sizeof job->agent, phone->agent->name);
    job->work = keep_call;
    desk_job_give(desk, job);
}

/* A call begins, changes or ends. More than CALLS_MAX at one telephone are not shown. */
static void call_is(struct phone *phone, const json_t *event, const char *state)
{
    const char *conn = phone_text_of(event, "ConnID");
    const json_t *before = json_object_get(phone->calls, conn);
    if (!*conn || (!before && json_object_size(phone->calls) >= CALLS_MAX)) return;
    json_t *call = call_json(event, state ? state : before ? phone_text_of(before, "state") : "talking");
    bool held = strcmp(phone_text_of(call, "state"), "held") == 0;
    if (before && !held && strcmp(phone_text_of(before, "state"), "held") == 0) json_object_del(phone->consults, conn);
    if (held && json_object_get(phone->consults, conn)) json_object_set_new(call, "consulting", json_true());
    phone_note(phone, before, call);
    if (strcmp(phone_text_of(call, "state"), "released") == 0) {
        json_object_del(phone->consults, conn);
        json_object_del(phone->calls, conn); /* `conn` is the event's */
    } else
        json_object_set(phone->calls, conn, call);
    agent_tell(phone->agent, call);
}

static const char *word_of_state(const json_t *event)
{
    return strcmp(phone_text_of(event, "AgentWorkMode"), "AfterCallWork") == 0 ? "after_call_work" : "not_ready";
}

static void phone_registered(struct phone *phone, const json_t *event)
{
    const json_t *calls = json_object_get(event, "Calls");
    json_object_clear(phone->calls);
    for (size_t i = 0; i < json_array_size(calls); i++) {
        const json_t *call = json_array_get(calls, i);
        char *state = g_ascii_strdown(phone_text_of(call, "State"), -1);
        bool talks = strcmp(state, "ringing") != 0 && strcmp(state, "held") != 0 && strcmp(state, "dialing") != 0;
        call_is(phone, call, talks ? "talking" : state);
        g_free(state);
    }
}

/* A consultation and its main call have become one: the old number's call is over for the page. */
static void phone_joined(struct phone *phone, const json_t *event)
{
    const json_t *call = json_object_get(phone->calls, phone_text_of(event, "PreviousConnID"));
    if (call) {
        json_t *over = json_copy((json_t *)call);
        json_object_set_new(over, "state", json_string("released"));
        phone_note(phone, call, over);
        agent_tell(phone->agent, over);
        json_object_del(phone->calls, phone_text_of(event, "PreviousConnID"));
    }
    call_is(phone, event, NULL);
}

/* The agent is asked about a call before it comes, or about a record before it is dialled. */
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
    phone->until_us =
        now_us(phone->agent->desk) + (uint64_t)json_integer_value(json_object_get(event, "Countdown")) * UINT64_C(1000);
    tell_question(phone);
}

/* One that was accepted is over again when nothing comes of it. */
static void question_over(struct phone *phone, const char *ticket, const char *why)
{
    if (phone->question && strcmp(phone_text_of(phone->question, "ticket"), ticket) == 0) {
        json_decref(phone->question);
        phone->question = NULL;
    }
    agent_tell(phone->agent, json_pack("{s:s, s:s, s:s}", "type", "question", "ticket", ticket, "over", why));
}

static const struct {
    const char *event, *over; /* over: NULL: the reason of the event */
} questions[] = {{"EventAccepted", "accepted"}, {"EventRejected", "rejected"}, {"EventRevoked", NULL}};

static const struct {
    const char *event, *call, *state; /* of the call, of the agent */
} told[] = {
    {"EventRinging", "ringing", NULL},     {"EventDialing", "dialing", NULL},
    {"EventEstablished", "talking", NULL}, {"EventHeld", "held", NULL},
    {"EventRetrieved", "talking", NULL},   {"EventReleased", "released", NULL},
    {"EventAbandoned", "released", NULL},  {"EventAgentLogin", NULL, ""},
    {"EventAgentReady", NULL, "ready"},    {"EventAgentLogout", NULL, "logged_out"},
    {"EventAgentNotReady", NULL, ""},      {"EventMuteOn", "talking", NULL},
    {"EventMuteOff", "talking", NULL},
};

/* The router keeps records for those whose desktops know of them, and tells those that wait. */
static void ask_records(struct phone *phone)
{
    json_t *more = at_dn(phone);
    json_object_set_new(more, "UserData", json_pack("{s:s}", "GSW_AGENT_REQ_TYPE", "CampaignStatusRequest"));
    phone_ask_switch(phone, "RequestDistributeUserEvent", more, 0);
}

/* An agent who has logged out of it is not logged in again by the next process. */
static void forget_dn(struct agent *agent)
{
    *agent->dn = 0;
    remember_agent(agent);
}

/* One event may mean several things: a call changes, a question is over, the agent's state is another one. */
static void phone_happened(struct phone *phone, const char *name, const json_t *event)
{
    if (strcmp(name, "EventRegistered") == 0) phone_registered(phone, event);
    if (strcmp(name, "EventAttachedDataChanged") == 0) call_is(phone, event, NULL);
    if (strcmp(name, "EventRecording") == 0) call_is(phone, event, NULL);
    if (strcmp(name, "EventPartyChanged") == 0) phone_joined(phone, event);
    if (strcmp(name, "EventMonitoring") == 0)
        call_is(phone, event, json_object_get(phone->calls, phone_text_of(event, "ConnID")) ? NULL : "dialing");
    if (strcmp(name, "EventAgentLogin") == 0) ask_records(phone);
    if (strcmp(name, "EventUserEvent") == 0 && !json_object_get(event, "ReferenceID")) record_told(phone->agent, event);
    if (strcmp(name, "EventInvite") == 0) phone_asked(phone, event);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (strcmp(questions[i].event, name) == 0)
            question_over(phone, phone_text_of(event, "TicketID"),
                          questions[i].over ? questions[i].over : phone_text_of(event, "Reason"));
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (strcmp(told[i].event, name) != 0) continue;
        if (told[i].call) call_is(phone, event, told[i].call);
        if (told[i].state)
            phone_tell_state(phone, *told[i].state ? told[i].state : word_of_state(event),
                             phone_text_of(json_object_get(event, "Reasons"), "reason"));
        if (strcmp(name, "EventAgentLogout") == 0) forget_dn(phone->agent);
    }
}

/* The consultation was refused; one that stood before is there still. */
static void phone_consults_not(struct phone *phone, const json_t *error)
{
    const char *conn = phone_text_of(error, "ConnID");
    json_int_t asked = json_integer_value(json_object_get(phone->consults, conn));
    if (asked != 0 && asked == json_integer_value(json_object_get(error, "ReferenceID")))
        json_object_del(phone->consults, conn);
}

/* The event bears the number of a request: its browser is answered, by the event's kind. */
static void phone_answered(struct phone *phone, const char *name, const json_t *event)
{
    char key[24];
    snprintf(key, sizeof key, "%lld", (long long)json_integer_value(json_object_get(event, "ReferenceID")));
    json_int_t id = json_integer_value(json_object_get(phone->asked, key));
    bool good = strcmp(name, "EventError") != 0;
    json_t *shown = id != 0 && strcmp(name, "EventUserEvent") == 0 ? record_shown(event) : NULL;
    json_object_del(phone->asked, key);
    if (!good) phone_consults_not(phone, event);
    if (shown) {
        said_reply(phone->agent, phone->agent->ticket, id, NULL, NULL, json_pack("{s:o}", "record", shown));
        return;
    }
    if (!good && !phone->ready) { /* it does not know who we are */
        id = phone->login;
        phone->login = 0;
        if (phone->agent->session) *phone->agent->session->voice = 0;
    }
    phone_reply(phone, id, good ? NULL : phone_text_of(event, "ErrorCode"), phone_text_of(event, "ErrorMessage"));
}

static void phone_take(struct phone *phone, const json_t *event)
{
    const char *name = phone_text_of(event, "Message");
    if (strcmp(name, "EventAuthenticationRequired") == 0)
        phone_authenticate(phone);
    else if (strcmp(name, "EventAuthenticated") == 0) {
        authenticated(phone, event);
        phone_log_in(phone);
    } else if (strcmp(name, "EventLinkConnected") == 0)
        phone_log_in(phone);
    else {
        phone_answered(phone, name, event);
        phone_happened(phone, name, event);
    }
}

/* ---- the connection ---- */

/* Each message of the browser has one answer: those that the T-Server will not answer get it here. */
static void phone_give_up(struct phone *phone, const char *login, const char *others)
{
    const char *key;
    json_t *id;
    phone_reply(phone, phone->login, "away", login);
    phone->login = 0;
    json_object_foreach(phone->asked, key, id) phone_reply(phone, json_integer_value(id), "away", others);
    json_object_clear(phone->asked);
}

static void phone_lost(struct phone *phone)
{
    if (phone->stream) bufferevent_free(phone->stream);
    phone->stream = NULL;
    phone->ready = false;
    phone->wait_s = AGAIN_S;
    phone_give_up(phone, "The T-Server is away; the log-in is tried again.", "The T-Server went away meanwhile.");
    json_object_clear(phone->calls);
    json_object_clear(phone->consults);
    json_decref(phone->question); /* it is asked again where it still stands */
    phone->question = NULL;
    phone_tell_state(phone, "away", "");
}

static void phone_on_read(struct bufferevent *stream, void *self)
{
    struct phone *phone = self;
    struct evbuffer *in = bufferevent_get_input(stream);
    size_t length;
    char *line;
    while (phone->stream == stream && (line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF))) {
        json_error_t wrong;
        json_t *event = json_loadb(line, length, 0, &wrong);
        if (json_is_object(event)) phone_take(phone, event);
        json_decref(event);
        sodium_memzero(line, length);
        free(line);
    }
    if (phone->stream == stream && evbuffer_get_length(in) > PHONE_LINE_MAX) phone_lost(phone);
}

static void phone_on_event(struct bufferevent *stream, short what, void *self)
{
    (void)stream;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) phone_lost(self);
}

static void on_address(void *self, const struct address *address, const char *why)
{
    struct phone *phone = self;
    assert(!phone->stream); /* connect_it() has begun this */
    struct desk *desk = phone->agent->desk;
    if (!address) {
        desk->services->log(desk->link, GCX_LOG_WARNING, 0, 0, "tserver: %s: %s", desk->setting.tserver, why);
        phone_lost(phone);
        return;
    }
    struct event_base *base = desk->services->base(desk->link);
    phone->stream = desk->voice ? tls_connect(desk->voice, base)
                                : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    bufferevent_setcb(phone->stream, phone_on_read, NULL, phone_on_event, phone);
    bufferevent_enable(phone->stream, EV_READ | EV_WRITE);
    if (bufferevent_socket_connect(phone->stream, (const struct sockaddr *)&address->socket, address->length) != 0)
        phone_lost(phone);
}

static void connect_it(struct phone *phone)
{
    assert(!phone->stream);
    phone->wait_s = 0;
    resolver_begin(phone->resolver, phone->agent->desk->setting.tserver);
}

void phone_free(struct phone *phone)
{
    if (!phone) return;
    if (phone->stream) bufferevent_free(phone->stream);
    resolver_free(phone->resolver);
    json_decref(phone->asked);
    json_decref(phone->calls);
    json_decref(phone->consults);
    json_decref(phone->question);
    free(phone);
}

void phone_tick(struct agent *agent)
{
    struct phone *phone = agent->phone;
    assert(!phone || phone->agent == agent);
    if (phone && phone->wait_s > 0 && --phone->wait_s == 0) connect_it(phone);
}

/* ---- what the browser asks ---- */

static struct phone *phone_new(struct agent *agent)
{
    struct phone *phone = memory_zeroed(1, sizeof *phone);
    phone->agent = agent;
    phone->asked = json_object();
    phone->calls = json_object();
    phone->consults = json_object();
    phone->resolver = resolver_new(agent->desk->services->base(agent->desk->link), on_address, phone);
    return phone;
}

/* Logs in at the agent's `dn`. */
static void log_in_there(struct agent *agent, json_int_t id)
{
    agent->phone = phone_new(agent);
    text_set(agent->phone->dn, sizeof agent->phone->dn, agent->dn);
    text_set(agent->phone->queue, sizeof agent->phone->queue, agent->queue);
    text_set(agent->phone->state, sizeof agent->phone->state, "logged_out");
    agent->phone->login = id;
    connect_it(agent->phone);
}

void phone_resume(struct agent *agent)
{
    assert(agent->session);
    if (!agent->phone && *agent->dn && *agent->session->voice && *agent->desk->setting.tserver) log_in_there(agent, 0);
}

/* Another log-in than before: all that was asked of the old connection is answered. */
static const char *phone_begin(struct agent *agent, const json_t *message, json_int_t id)
{
    const char *place = phone_text_of(message, "place");
    if (!*phone_text_of(message, "dn")) return "dn: where the telephone is";
    if (*place && !agent_may_sit(agent, place)) return "place: you are logged in elsewhere; log out of all media first";
    if (agent->phone)
        phone_give_up(agent->phone, "Another log-in came meanwhile.", "The telephone is logged in anew meanwhile.");
    phone_free(agent->phone);
    text_set(agent->dn, sizeof agent->dn, phone_text_of(message, "dn"));
    text_set(agent->queue, sizeof agent->queue, phone_text_of(message, "queue"));
    if (*place) text_set(agent->place, sizeof agent->place, place);
    remember_agent(agent);
    log_in_there(agent, id);
    return NULL;
}

/* The members of a browser's request: `conn`, `to`, `ticket` and `wrapup`. */
enum { CALL = 1, TO = 2, TICKET = 4, WRAPUP = 8 };

/* `mode`: AgentWorkMode of a change of state, MonitorMode where one is `to`. */
static const struct {
    const char *op, *message, *mode;
    unsigned needs;
} ops[] = {
    {"logout", "RequestAgentLogout", NULL, 0},
    {"ready", "RequestAgentReady", NULL, 0},
    {"not_ready", "RequestAgentNotReady", "AuxWork", 0},
    {"after_call_work", "RequestAgentNotReady", "AfterCallWork", 0},
    {"answer", "RequestAnswerCall", NULL, CALL},
    {"hold", "RequestHoldCall", NULL, CALL},
    {"retrieve", "RequestRetrieveCall", NULL, CALL},
    {"mute", "RequestSetMuteOn", NULL, CALL},
    {"unmute", "RequestSetMuteOff", NULL, CALL},
    {"release", "RequestReleaseCall", NULL, CALL},
    {"dial", "RequestMakeCall", NULL, TO},
    {"transfer", "RequestSingleStepTransfer", NULL, CALL | TO},
    {"consult", "RequestInitiateTransfer", NULL, CALL | TO},
    {"complete", "RequestCompleteTransfer", NULL, CALL},
    {"conference", "RequestCompleteConference", NULL, CALL},
    {"reconnect", "RequestReconnectCall", NULL, CALL},
    {"listen", "RequestMonitorCall", "Listen", TO},
    {"coach", "RequestMonitorCall", "Coach", TO},
    {"barge_in", "RequestMonitorCall", "BargeIn", TO},
    {"record_start", "RequestStartRecording", NULL, CALL},
    {"record_pause", "RequestPauseRecording", NULL, CALL},
    {"record_resume", "RequestResumeRecording", NULL, CALL},
    {"record_stop", "RequestStopRecording", NULL, CALL},
    {"wrapup", "RequestUpdateUserData", NULL, CALL | WRAPUP},
    {"accept", "RequestAccept", NULL, TICKET},
    {"decline", "RequestReject", NULL, TICKET},
};

/* The browser's word becomes a request of the wire; members that it needs must be there. */
static const char *phone_operate(struct phone *phone, const json_t *message, json_int_t id)
{
    assert(phone->ready);
    const char *op = phone_text_of(message, "op"), *conn = phone_text_of(message, "conn"),
               *to = phone_text_of(message, "to"), *ticket = phone_text_of(message, "ticket"),
               *wrapup = phone_text_of(message, "wrapup");
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (strcmp(ops[i].op, op) != 0) continue;
        if ((ops[i].needs & CALL) && !*conn) return "conn: which call";
        if ((ops[i].needs & TO) && !*to) return "to: a number";
        if ((ops[i].needs & TICKET) && !*ticket) return "ticket: of the question";
        if ((ops[i].needs & WRAPUP) && !*wrapup) return "wrapup: which code";
        json_t *more = at_dn(phone);
        if (ops[i].needs & WRAPUP) json_object_set_new(more, "UserData", json_pack("{s:s}", "wrapup", wrapup));
        if (ops[i].needs & CALL) json_object_set_new(more, "ConnID", json_string(conn));
        if (ops[i].needs & TO) json_object_set_new(more, "OtherDN", json_string(to));
        if (ops[i].needs & TICKET) json_object_set_new(more, "TicketID", json_string(ticket));
        const char *member = ops[i].needs & TO ? "MonitorMode" : "AgentWorkMode";
        if (ops[i].mode) json_object_set_new(more, member, json_string(ops[i].mode));
        if (ops[i].mode && *phone_text_of(message, "reason"))
            json_object_set_new(more, "Reasons", json_pack("{s:s}", "reason", phone_text_of(message, "reason")));
        phone_ask_switch(phone, ops[i].message, more, id);
        if (strcmp(op, "consult") == 0 && json_object_get(phone->calls, conn) &&
            !json_object_get(phone->consults, conn))
            json_object_set_new(phone->consults, conn, json_integer(phone->refs));
        return NULL;
    }
    return "op: the T-Server's wire has none";
}

void phone_attach(struct agent *agent, const char *conn, json_t *data)
{
    if (!agent->phone || !agent->phone->ready) {
        json_decref(data);
        return;
    }
    json_t *more = at_dn(agent->phone);
    json_object_set_new(more, "ConnID", json_string(conn));
    json_object_set_new(more, "UserData", data);
    phone_ask_switch(agent->phone, "RequestUpdateUserData", more, 0);
}

/* The call goes to who has what the agent asked: its user data names them, for the strategy of the routing point. */
static const char *phone_to_worker(struct phone *phone, const json_t *message, json_int_t id)
{
    const char *op = phone_text_of(message, "op"), *conn = phone_text_of(message, "conn");
    json_t *data = asks_data(phone->agent, phone_text_of(message, "ixn")), *filled = json_copy((json_t *)message);
    const char *wrong = NULL;
    if (!*phone_text_of(filled, "to"))
        json_object_set_new(filled, "to", json_string(phone->agent->desk->setting.asks_to));
    if (!data)
        wrong = "ixn: nobody has it whom you have asked";
    else if (strcmp(op, "transfer") != 0 && strcmp(op, "consult") != 0)
        wrong = "ixn: it goes with transfer and consult only";
    else if (!*phone_text_of(filled, "to"))
        wrong = "to: a number; the desk's setting `asks_to` names none";
    if (!wrong) phone_attach(phone->agent, conn, json_incref(data));
    if (!wrong) wrong = phone_operate(phone, filled, id);
    json_decref(data), json_decref(filled);
    return wrong;
}

const char *phone_user_event(struct agent *agent, json_t *data, json_int_t id)
{
    if (!agent->phone || !agent->phone->ready) {
        json_decref(data);
        return "The telephone is not logged in, or the T-Server is away.";
    }
    json_t *more = at_dn(agent->phone);
    json_object_set_new(more, "UserData", data);
    phone_ask_switch(agent->phone, "RequestDistributeUserEvent", more, id);
    return NULL;
}

const char *phone_ask(struct agent *agent, const json_t *message, json_int_t id)
{
    if (!*agent->desk->setting.tserver) return "There is no telephone at this desk: `tserver` is not set.";
    if (strcmp(phone_text_of(message, "op"), "login") == 0) return phone_begin(agent, message, id);
    if (!agent->phone || !agent->phone->ready) return "The telephone is not logged in, or the T-Server is away.";
    if (*phone_text_of(message, "ixn")) return phone_to_worker(agent->phone, message, id);
    return phone_operate(agent->phone, message, id);
}
