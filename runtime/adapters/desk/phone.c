/* runtime/adapters/desk/phone.c - The telephone of an agent at the desk: each agent who logs in at a telephone has a
 * connection of their own to the T-Server, as a client of it (gcx-tserver(5)) with the agent's own rights.
 *
 * A lost connection is made again only while the agent's page is connected: otherwise the T-Server would believe
 * that the agent is present. The T-Server then reports the present state. The password that the agent logged in with
 * is kept until the T-Server has given a token for it.
 *
 * An agent who is at no telephone yet has a connection for as long as it takes to get the token (phone_fetch).
 *
 * The order of messages on a connection:
 *
 *     connect_it()                   the address is looked up, the connection made
 *     EventAuthenticationRequired    phone_authenticate(): the T-Server's token of the session, or the password
 *     EventAuthenticated             a new token is kept, and the password forgotten
 *     EventLinkConnected             (a T-Server without users begins here)
 *     phone_log_in()                 `ready`: the DN is registered, the agent logged in
 *     EventRegistered                all calls at the DN as they are now
 *
 * phone_told.c handles the events, phone_calls.c the calls, phone_asks.c the browser's requests. A request of the
 * browser gets a number of the desk's (`refs`), under which `asked` keeps the browser's id until an event has that
 * number. When the connection is lost, each open request is answered `away`, calls are forgotten, and after AGAIN_S
 * the connection is made again. */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/resolver.h"
#include "runtime/adapters/desk/phone.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { PHONE_LINE_MAX = 1 << 20, AGAIN_S = 2 };

/* ---- the connection ---- */

/* Handles a lost connection. An agent who has logged out of the telephone is not logged in again by the next
 * connection. */
static void phone_lost(struct phone *phone)
{
    if (phone->fetches) {
        phone_fetched(phone, false);
        return;
    }
    bool out = phone->stream && phone->ready && strcmp(phone->state, "logged_out") == 0 && phone->login_ref == 0;
    json_object_update(phone->lost, phone->calls);
    phone_close(phone, "The T-Server is away; the log-in is tried again.", "The T-Server went away meanwhile.");
    if (!out) phone->wait_s = AGAIN_S;
    tserver_look_soon(phone->agent->desk->tserver);
    phone_tell_state(phone, out ? "logged_out" : "away", "");
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
    phone->stream = tserver_stream(desk, address);
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

/* Closes a connection after its last request was sent to the T-Server: until then it is in desk->leaving. */
static void leaving_ends(struct bufferevent *stream, void *self)
{
    g_hash_table_remove(((struct desk *)self)->leaving, stream);
}

static void leaving_breaks(struct bufferevent *stream, short what, void *self)
{
    (void)what;
    leaving_ends(stream, self);
}

void phone_leaves(struct desk_agent *agent)
{
    struct phone *phone = agent->phone;
    struct desk *desk = agent->desk;
    if (!phone || !phone->ready || !phone->stream || strcmp(phone->state, "logged_out") == 0) return;
    phone_ask_switch(phone, "RequestAgentLogout", phone_at_dn(phone), 0);
    bufferevent_disable(phone->stream, EV_READ);
    bufferevent_setcb(phone->stream, NULL, leaving_ends, leaving_breaks, desk);
    g_hash_table_add(desk->leaving, phone->stream);
    phone->stream = NULL;
}

void desk_leaving_free(gpointer stream)
{
    bufferevent_free(stream);
}

void phone_tick(struct desk_agent *agent)
{
    struct phone *phone = agent->phone;
    assert(!phone || phone->agent == agent);
    if (phone && phone->fetches && phone->fetched) {
        phone_free(phone);
        phone = agent->phone = NULL;
    }
    if (phone) phone_calls_tick(phone);
    if (phone && phone->wait_s > 0 && agent->ticket != 0 && --phone->wait_s == 0) connect_it(phone);
}

/* ---- logging in ---- */

static struct phone *phone_new(struct desk_agent *agent)
{
    struct phone *phone = memory_zeroed(1, sizeof *phone);
    phone->agent = agent;
    phone->asked = json_object();
    phone->calls = json_object();
    phone->lost = json_object();
    phone->own = json_object();
    phone->parted = json_object();
    phone->mutes = json_object();
    phone->resolver = resolver_new(agent->desk->services->base(agent->desk->link), on_address, phone);
    return phone;
}

/* Logs in at the agent's `dn`. An agent who was logged in by the process before has the telephone again as soon as
 * the T-Server confirms it. */
static void log_in_there(struct desk_agent *agent, json_int_t id)
{
    agent->phone = phone_new(agent);
    text_set(agent->phone->dn, sizeof agent->phone->dn, agent->dn);
    text_set(agent->phone->queue, sizeof agent->phone->queue, agent->queue);
    text_set(agent->phone->state, sizeof agent->phone->state, id != 0 ? "logged_out" : "away");
    agent->phone->login = id;
    connect_it(agent->phone);
}

/* Gets the session a token while the password is there: with it the agent can go to a telephone after the desk was
 * killed, or hours later. A T-Server that knows other passwords is asked once an hour, since it counts those that are
 * wrong. */
static void phone_fetch(struct desk_agent *agent)
{
    if (!agent->session->password || *agent->session->voice) return;
    if (agent->desk->fetches_from_us > desk_now_us(agent->desk)) return;
    agent->phone = phone_new(agent);
    agent->phone->fetches = true;
    text_set(agent->phone->state, sizeof agent->phone->state, "logged_out");
    connect_it(agent->phone);
}

void phone_resume(struct desk_agent *agent)
{
    assert(agent->session);
    session_voice_from_others(agent->desk, agent->session);
    if (agent->phone || !*agent->desk->setting.tserver) return;
    if (*agent->dn)
        log_in_there(agent, 0);
    else
        phone_fetch(agent);
}

/* Begins a log-in that replaces the one before: open requests on the old connection are answered. */
const char *phone_begin(struct desk_agent *agent, const json_t *message, json_int_t id)
{
    const char *place = phone_text_of(message, "place");
    if (!*phone_text_of(message, "dn")) return "dn: where the telephone is";
    if (*place && !agent_may_sit(agent, place)) return "place: you are logged in elsewhere; log out of all media first";
    if (agent->phone)
        phone_give_up(agent->phone, "Another log-in came meanwhile.", "The telephone is logged in anew meanwhile.");
    phone_free(agent->phone);
    text_set(agent->dn, sizeof agent->dn, phone_text_of(message, "dn"));
    text_set(agent->queue, sizeof agent->queue, phone_text_of(message, "queue"));
    *agent->voice = 0;
    if (*place) text_set(agent->place, sizeof agent->place, place);
    remember_agent(agent);
    log_in_there(agent, id);
    return NULL;
}
