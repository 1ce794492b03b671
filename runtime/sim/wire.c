/* runtime/sim/wire.c - Receives services, sends results and events. A service's answer comes before the events it
 * causes.
 *
 * Only one peer is registered at a time, and only it gets the switch's events. A second peer that registers replaces
 * the first, as for a T-Server restarted before the loss of its old connection was noticed. A peer that names a
 * leader's term is refused if a higher term was named before: its leader was deposed. */
#include "runtime/sim/wire.h"

#include <assert.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/sim/lines.h"
#include "runtime/sim/service.h"
#include "base/memory.h"

struct peer {
    struct wire *wire;
    struct lines *lines;
    struct peer *next;
};

struct wire {
    struct event_base *base;
    struct tls *tls; /* NULL: plain text */
    struct sim_switch *sw;
    struct wire_user user;
    struct event *accepting;
    int listener;
    uint16_t port;
    struct peer *peers;
    struct peer *registered;
    json_int_t term; /* the highest term of a leader that a peer has named; 0: none */
};

static void peer_drop(struct peer *peer)
{
    struct wire *w = peer->wire;
    struct peer **at = &w->peers;
    while (*at != peer) {
        assert(*at); /* each peer is in the list until it is dropped */
        at = &(*at)->next;
    }
    *at = peer->next;
    if (w->registered == peer) {
        w->registered = NULL;
        switch_served(w->sw, false, w->user.now_us(w->user.self));
        w->user.registered(w->user.self, false);
    }
    sim_lines_free(peer->lines);
    free(peer);
}

static void peer_on_closed(void *self, struct lines *lines, const char *why)
{
    (void)lines;
    (void)why;
    peer_drop(self);
}

/* Replaces the registered peer; the old one is dropped only after that, so that the user is not told that nobody
 * serves the switch. */
static void peer_take_place(struct peer *peer)
{
    struct wire *w = peer->wire;
    struct peer *before = w->registered;
    w->registered = peer;
    if (before && before != peer) peer_drop(before);
    switch_served(w->sw, true, w->user.now_us(w->user.self));
    w->user.registered(w->user.self, true);
}

static json_t *peer_failure(json_t *invoke, enum code code, const char *text)
{
    json_t *answer = json_object();
    json_object_set(answer, "error", invoke);
    json_object_set_new(answer, "code", json_string(service_code(code)));
    json_object_set_new(answer, "text", json_string(text));
    return answer;
}

/* Sends a snapshot: its rows, then the result with their counts. */
static enum code wire_snapshot(struct peer *peer, json_t *request, json_t *result)
{
    struct wire *w = peer->wire;
    const char *wanted = json_string_value(json_object_get(request, "callID"));
    struct switch_device_row row;
    const struct switch_call *call;
    uint32_t cursor = 0, devices = 0, agents = 0, calls = 0;
    if (wanted && !switch_call(w->sw, strtoull(wanted, NULL, 10))) return code_unknown_conn_id;
    while (!wanted && switch_next_device(w->sw, &cursor, &row)) {
        if (row.type != dn_type_other) {
            lines_send(peer->lines, service_device(&row));
            devices++;
        }
    }
    cursor = 0;
    while (!wanted && switch_next_device(w->sw, &cursor, &row)) {
        if (row.agent[0] != '\0') {
            lines_send(peer->lines, service_agent(&row));
            agents++;
        }
    }
    cursor = 0;
    while ((call = switch_next_call(w->sw, &cursor))) {
        if (!wanted || strtoull(wanted, NULL, 10) == call->id) {
            lines_send(peer->lines, service_call(call, w->user.data(w->user.self, call->id)));
            calls++;
        }
    }
    json_object_set_new(result, "devices", json_integer(devices));
    json_object_set_new(result, "agents", json_integer(agents));
    json_object_set_new(result, "calls", json_integer(calls));
    return code_ok;
}

static enum code peer_opens(struct wire *w, const json_t *request)
{
    json_int_t term = json_integer_value(json_object_get(request, "term"));
    if (json_integer_value(json_object_get(request, "protocol")) != 1) return code_unsupported;
    if (term != 0 && term < w->term) return code_invalid_state;
    if (term > w->term) w->term = term;
    return code_ok;
}

static void peer_on_object(void *self, struct lines *lines, json_t *request)
{
    struct peer *peer = self;
    struct wire *w = peer->wire;
    json_t *invoke = json_object_get(request, "invokeId");
    const char *name = json_string_value(json_object_get(request, "service"));
    if (!json_is_integer(invoke) || !name) {
        lines_send(lines, peer_failure(json_is_integer(invoke) ? invoke : json_null(), code_invalid_attribute,
                                       "a service has a name and a number invokeId"));
        return;
    }
    json_t *result = json_object();
    json_object_set(result, "result", invoke);
    struct service_outcome outcome = {.result = result};
    bool opening = strcmp(name, "SystemRegister") == 0;
    if (opening) {
        outcome.code = peer_opens(w, request);
        json_object_set_new(result, "switch", json_string("gcxsim"));
        json_object_set_new(result, "protocol", json_integer(1));
        json_object_set_new(result, "predictive", json_true());
    } else if (peer != w->registered) {
        outcome.code = code_invalid_state;
    } else if (strcmp(name, "Snapshot") == 0) {
        outcome.code = wire_snapshot(peer, request, result);
    } else if (strcmp(name, "SystemStatus") != 0) {
        service_perform(w->sw, name, request, w->user.now_us(w->user.self), &outcome);
    }
    if (outcome.code == 0) outcome.code = code_ok;
    w->user.service(w->user.self, name, &outcome);
    if (outcome.code == code_ok)
        lines_send(lines, json_incref(result));
    else
        lines_send(lines, peer_failure(invoke, outcome.code, enum_name_code(outcome.code)));
    json_decref(result);
    if (opening && outcome.code == code_ok) peer_take_place(peer);
    w->user.served(w->user.self);
}

static void on_nonsense(void *self, struct lines *lines, const char *why)
{
    (void)self;
    lines_send(lines, peer_failure(json_null(), code_invalid_attribute, why));
}

static void peer_on_accept(evutil_socket_t listener, short what, void *self)
{
    struct wire *w = self;
    (void)what;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) return;
    (void)evutil_make_socket_nonblocking(fd);
    (void)evutil_make_socket_closeonexec(fd);
    struct peer *peer = memory_zeroed(1, sizeof *peer);
    *peer = (struct peer){.wire = w, .next = w->peers};
    w->peers = peer;
    peer->lines =
        lines_take(w->base, fd, w->tls, &(struct lines_user){peer, peer_on_object, on_nonsense, NULL, peer_on_closed});
}

/* Listens; if the address leaves the port open the kernel chooses it, and wire_port() returns it. */
struct wire *wire_new(struct event_base *base, struct sim_switch *sw, const char *address, struct tls *tls,
                      const struct wire_user *user, struct error *error)
{
    uint16_t port;
    int listener = lines_listen(address, &port, error);
    if (listener < 0) return NULL;
    struct wire *w = memory_zeroed(1, sizeof *w);
    *w = (struct wire){.base = base, .tls = tls, .sw = sw, .user = *user, .listener = listener, .port = port};
    w->accepting = event_new(base, listener, EV_READ | EV_PERSIST, peer_on_accept, w);
    assert(w->accepting);
    event_add(w->accepting, NULL);
    switch_served(sw, false, user->now_us(user->self));
    return w;
}

/* Frees the peers without calling the user, who is ending, too. */
void sim_wire_free(struct wire *w)
{
    if (!w) return;
    while (w->peers) {
        struct peer *peer = w->peers;
        w->peers = peer->next;
        sim_lines_free(peer->lines);
        free(peer);
    }
    event_free(w->accepting);
    close(w->listener);
    free(w);
}

uint16_t wire_port(const struct wire *w)
{
    return w->port;
}

bool wire_registered(const struct wire *w)
{
    return w->registered != NULL;
}

/* Sends a report as an event; without a registered peer it is lost: a later peer asks for a snapshot. */
void wire_event(struct wire *w, const struct switch_report *report)
{
    if (w->registered) {
        json_t *data = report->call == 0 ? NULL : w->user.data(w->user.self, report->call);
        lines_send(w->registered->lines, service_event(report, switch_call(w->sw, report->call), data));
    }
}
