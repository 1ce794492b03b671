/* runtime/sim/desk.c - Sends requests with their references, and repeats what is needed after a lost connection.
 *
 * A desktop knows the wanted state and the actual one: `wanted` and `is` differ until the T-Server has confirmed.
 * After a lost connection it registers again and asks for whatever still differs, so no request has to be
 * remembered. The user may answer a call of which the desktop has not been told yet: it is answered when it rings.
 *
 *     wanted   ready       not_ready       each of these is asked for until the T-Server has told of it
 *     is       logged_in   ready           unknown: not connected, or another's login stands there
 *
 * The desktop never gives up: after a closed connection it tries again every RETRY_MS, with the token of the last
 * login if there is one, since the T-Server may have been restarted and all desktops come back at once. */
#include "runtime/sim/desk.h"

#include <assert.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/sim/lines.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"

enum { CALLS_MAX = 16, RETRY_MS = 200, DESK_NAME_BYTES = 65, TOKEN_BYTES = 256 };

struct desk_call {
    uint64_t call;
    char conn[24];
};

struct desk {
    struct event_base *base;
    struct desk_user user;
    struct lines *lines; /* NULL: not connected */
    struct event *retry;
    char agent[DESK_NAME_BYTES], dn[DESK_NAME_BYTES];
    bool registered;
    enum agent_state wanted, is; /* unknown: nothing */
    uint64_t answering;          /* the call to be answered when it rings at this desktop */
    uint64_t releasing;          /* the call whose release was requested, until it is gone; 0: none */
    uint64_t ticket, answered;   /* ticket of the invitation being answered, 0: none; ticket of the last invitation
                                  * answered */
    json_int_t ticket_reference; /* reference of the answer to the last invitation */
    bool accepts;
    struct event *insist; /* on that answer */
    struct desk_call calls[CALLS_MAX];
    unsigned call_count;
    json_int_t reference;
    char token[TOKEN_BYTES];    /* token of the last login, "": none */
    json_int_t token_reference; /* reference of the request with the token; 0: the login used the password */
};

static void connect_now(evutil_socket_t fd, short what, void *self);

static void desk_later(struct desk *d)
{
    const struct timeval pause = {.tv_usec = RETRY_MS * 1000};
    evtimer_add(d->retry, &pause);
}

static void desk_request(struct desk *d, const char *name, const char *key, const char *value)
{
    assert(d->lines);
    json_t *object = json_pack("{s:s, s:I, s:s}", "Message", name, "ReferenceID", ++d->reference, "ThisDN", d->dn);
    if (key) json_object_set_new(object, key, json_string(value));
    lines_send(d->lines, object);
}

static void ask_for_state(struct desk *d)
{
    if (!d->lines || !d->registered || d->wanted == agent_state_unknown || d->wanted == d->is) return;
    bool in = d->is != agent_state_unknown && d->is != agent_state_logged_out;
    if (!in && d->wanted != agent_state_logged_out) {
        desk_request(d, "RequestAgentLogin", "AgentID", d->agent);
        return; /* the agent's state is requested when the login is confirmed */
    }
    switch (d->wanted) {
    case agent_state_ready:
        desk_request(d, "RequestAgentReady", NULL, NULL);
        break;
    case agent_state_not_ready:
        desk_request(d, "RequestAgentNotReady", NULL, NULL);
        break;
    case agent_state_after_call_work:
        desk_request(d, "RequestAgentNotReady", "AgentWorkMode", "AfterCallWork");
        break;
    case agent_state_logged_out:
        desk_request(d, "RequestAgentLogout", NULL, NULL);
        break;
    default:
        break;
    }
}

static struct desk_call *desk_call_of(struct desk *d, uint64_t call)
{
    for (unsigned i = 0; i < d->call_count; i++)
        if (d->calls[i].call == call) return &d->calls[i];
    return NULL;
}

/* Notes a ringing call; if the list is full the oldest call is dropped: a desktop of a test rarely has several. */
static void desk_rings(struct desk *d, json_t *event)
{
    assert(d->call_count <= CALLS_MAX);
    const char *id = json_string_value(json_object_get(event, "CallID"));
    const char *conn = json_string_value(json_object_get(event, "ConnID"));
    if (!id || !conn || strlen(conn) >= sizeof d->calls[0].conn) return;
    uint64_t call = strtoull(id, NULL, 10);
    struct desk_call *known = desk_call_of(d, call);
    if (!known && d->call_count == CALLS_MAX) {
        memmove(d->calls, d->calls + 1, (CALLS_MAX - 1) * sizeof d->calls[0]);
        d->call_count--;
    }
    known = known ? known : &d->calls[d->call_count++];
    known->call = call;
    (void)snprintf(known->conn, sizeof known->conn, "%s", conn);
    if (d->answering == call) desk_answer(d, call);
}

/* A call got another ConnID: a consultation that rings or talks here has become the main call. */
static void desk_call_changes(struct desk *d, json_t *event)
{
    const char *previous = json_string_value(json_object_get(event, "PreviousConnID"));
    const char *conn = json_string_value(json_object_get(event, "ConnID"));
    const char *id = json_string_value(json_object_get(event, "CallID"));
    uint64_t call = !id ? 0 : strtoull(id, NULL, 10);
    for (unsigned i = 0; previous && conn && call != 0 && i < d->call_count; i++) {
        struct desk_call *known = &d->calls[i];
        if (strcmp(known->conn, previous) == 0 && strlen(conn) < sizeof known->conn) {
            d->answering = d->answering == known->call ? call : d->answering;
            d->releasing = d->releasing == known->call ? call : d->releasing;
            known->call = call;
            (void)snprintf(known->conn, sizeof known->conn, "%s", conn);
        }
    }
}

static void desk_forget_call(struct desk *d, json_t *event)
{
    const char *conn = json_string_value(json_object_get(event, "ConnID"));
    for (unsigned i = 0; conn && i < d->call_count; i++) {
        if (strcmp(d->calls[i].conn, conn) == 0) {
            d->releasing = d->releasing == d->calls[i].call ? 0 : d->releasing;
            d->calls[i] = d->calls[--d->call_count];
            return;
        }
    }
}

/* Sends the answer to an invitation, and remembers its reference, because an error message names only that. */
static void answer_ticket(struct desk *d)
{
    char ticket[20];
    /* without a connection the answer is sent later, when the T-Server is there again */
    if (d->ticket == 0 || !d->lines || !d->registered) return;
    (void)snprintf(ticket, sizeof ticket, "%016" PRIx64, d->ticket);
    desk_request(d, d->accepts ? "RequestAccept" : "RequestReject", "TicketID", ticket);
    d->ticket_reference = d->reference;
}

static void insist_now(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    answer_ticket(self);
}

uint64_t desk_ticket(json_t *event)
{
    uint64_t ticket;
    return ident_read_conn(json_string_value(json_object_get(event, "TicketID")), &ticket) ? ticket : 0;
}

/* Handles the reply to an answered invitation: it is settled, or the core is unreachable and the answer is sent
 * again. */
static void about_ticket(struct desk *d, const char *name, json_t *event)
{
    const char *code = json_string_value(json_object_get(event, "ErrorCode"));
    const struct timeval pause = {.tv_usec = RETRY_MS * 1000};
    uint64_t ticket = desk_ticket(event);
    bool refused = code && json_integer_value(json_object_get(event, "ReferenceID")) == d->ticket_reference;
    if (strcmp(name, "EventInvite") == 0 && ticket != 0 && ticket == d->answered) {
        d->ticket = ticket; /* the T-Server asks again: the answer was lost with the T-Server or the core */
        answer_ticket(d);
        return;
    }
    if (d->ticket == 0 || (!refused && ticket != d->ticket) || strcmp(name, "EventInvite") == 0) return;
    if (code && strcmp(code, "unavailable") == 0)
        evtimer_add(d->insist, &pause);
    else
        d->ticket = 0;
}

/* Returns the agent's state that an event reports; unknown: none. */
static enum agent_state desk_state_of(const char *name, json_t *event)
{
    const char *mode = json_string_value(json_object_get(event, "AgentWorkMode"));
    if (strcmp(name, "EventAgentLogin") == 0) return agent_state_logged_in;
    if (strcmp(name, "EventAgentLogout") == 0) return agent_state_logged_out;
    if (strcmp(name, "EventAgentReady") == 0) return agent_state_ready;
    if (strcmp(name, "EventAgentNotReady") == 0)
        return mode && strcmp(mode, "AfterCallWork") == 0 ? agent_state_after_call_work : agent_state_not_ready;
    return agent_state_unknown;
}

/* After registering: first the calls, then the state, then the requests made while the desktop was not connected. */
static void desk_registered(struct desk *d, json_t *event)
{
    const char *agent = json_string_value(json_object_get(event, "AgentID"));
    size_t index;
    json_t *call;
    d->registered = true;
    /* Calls that came while the desktop was not connected. */
    json_array_foreach(json_object_get(event, "Calls"), index, call)
    {
        desk_rings(d, call);
    }
    /* If another agent is logged in here, our own login comes first. */
    d->is = agent && strcmp(agent, d->agent) == 0 ? agent_state_unknown : agent_state_logged_out;
    ask_for_state(d);
    /* The agent answered while the T-Server was unreachable. */
    if (d->answering != 0 && desk_call_of(d, d->answering)) desk_answer(d, d->answering);
    if (d->releasing != 0) desk_release(d, d->releasing);
    answer_ticket(d);
}

/* Logs in, with the token if there is one: the T-Server checks a token faster than a password. */
static void desk_log_in(struct desk *d)
{
    bool again = d->token[0] != '\0';
    const char *secret = again ? d->token : d->user.password;
    if (!secret) return;
    lines_send(d->lines, json_pack("{s:s, s:I, s:s, s:s}", "Message", "RequestAuthenticate", "ReferenceID",
                                   ++d->reference, "User", d->agent, again ? "Token" : "Password", secret));
    d->token_reference = again ? d->reference : 0;
}

static void keep_token(struct desk *d, json_t *event)
{
    const char *token = json_string_value(json_object_get(event, "Token"));
    if (token && strlen(token) < sizeof d->token) (void)snprintf(d->token, sizeof d->token, "%s", token);
    d->token_reference = 0;
}

/* Handles a message; the user gets every message last, when the desktop's own state is up to date. */
static void desk_on_object(void *self, struct lines *lines, json_t *event)
{
    struct desk *d = self;
    const char *name = json_string_value(json_object_get(event, "Message"));
    (void)lines;
    if (!name) return;
    enum agent_state state = desk_state_of(name, event);
    if (strcmp(name, "EventAuthenticationRequired") == 0) {
        desk_log_in(d);
    } else if (strcmp(name, "EventAuthenticated") == 0) {
        keep_token(d, event);
    } else if (strcmp(name, "EventError") == 0 && d->token_reference != 0 &&
               json_integer_value(json_object_get(event, "ReferenceID")) == d->token_reference) {
        d->token[0] = '\0'; /* the token is no longer valid */
        desk_log_in(d);
    } else if (strcmp(name, "EventLinkConnected") == 0) {
        d->registered = false;
        d->is = agent_state_unknown;
        desk_request(d, "RequestRegisterAddress", NULL, NULL);
    } else if (strcmp(name, "EventRegistered") == 0) {
        desk_registered(d, event);
    } else if (strcmp(name, "EventRinging") == 0) {
        desk_rings(d, event);
    } else if (strcmp(name, "EventPartyChanged") == 0) {
        desk_call_changes(d, event);
    } else if (strcmp(name, "EventReleased") == 0 || strcmp(name, "EventAbandoned") == 0 ||
               strcmp(name, "EventDiverted") == 0) {
        desk_forget_call(d, event);
    } else if (state != agent_state_unknown) {
        bool login = state == agent_state_logged_in;
        d->is = login && d->is == d->wanted ? d->is : state;
        if (login) ask_for_state(d);
    }
    about_ticket(d, name, event);
    d->user.event(d->user.self, d, name, event);
}

static void desk_on_closed(void *self, struct lines *lines, const char *why)
{
    struct desk *d = self;
    (void)why;
    sim_lines_free(lines);
    d->lines = NULL;
    d->registered = false;
    d->is = agent_state_unknown;
    desk_later(d);
}

static void connect_now(evutil_socket_t fd, short what, void *self)
{
    struct desk *d = self;
    char host[64];
    uint16_t port;
    (void)fd;
    (void)what;
    if (d->user.where(d->user.self, host, sizeof host, &port)) {
        d->lines = lines_connect(d->base, host, port, d->user.tls,
                                 &(struct lines_user){d, desk_on_object, NULL, NULL, desk_on_closed});
    }
    if (!d->lines) desk_later(d);
}

struct desk *desk_new(struct event_base *base, const char *agent, const char *dn, const struct desk_user *user)
{
    struct desk *d = memory_zeroed(1, sizeof *d);
    d->base = base;
    d->user = *user;
    (void)snprintf(d->agent, sizeof d->agent, "%s", agent);
    (void)snprintf(d->dn, sizeof d->dn, "%s", dn);
    d->retry = evtimer_new(base, connect_now, d);
    d->insist = evtimer_new(base, insist_now, d);
    assert(d->retry && d->insist);
    connect_now(-1, 0, d);
    return d;
}

void desk_free(struct desk *d)
{
    if (d) {
        sim_lines_free(d->lines);
        event_free(d->retry);
        event_free(d->insist);
        tls_free(d->user.tls);
        free(d);
    }
}

const char *desk_agent(const struct desk *d)
{
    return d->agent;
}

/* Has the T-Server confirmed the wanted state? Simulated worlds wait for the confirmation before they continue. */
bool desk_settled(const struct desk *d)
{
    return d->registered && (d->is == d->wanted || d->wanted == agent_state_unknown);
}

void desk_set_state(struct desk *d, enum agent_state state)
{
    d->wanted = state;
    ask_for_state(d);
}

/* Answers a call; one not known here yet is answered when it rings, or when the desktop has registered again. */
void desk_answer(struct desk *d, uint64_t call)
{
    struct desk_call *known = desk_call_of(d, call);
    d->answering = !known || !d->registered ? call : 0;
    if (known && d->registered) desk_request(d, "RequestAnswerCall", "ConnID", known->conn);
}

void desk_release(struct desk *d, uint64_t call)
{
    struct desk_call *known = desk_call_of(d, call);
    d->releasing = call;
    if (known && d->registered) desk_request(d, "RequestReleaseCall", "ConnID", known->conn);
}

void desk_invitation(struct desk *d, uint64_t ticket, bool accepts)
{
    d->ticket = d->answered = ticket;
    d->accepts = accepts;
    answer_ticket(d);
}
