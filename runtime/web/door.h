/* runtime/web/door.h - The server for browsers: HTTP with or without TLS, and WebSocket connections, with limits on
 * their number.
 *
 *     accept -> crowd (head.h: is the request one?) -> evhttp -> calls.request -> answered, and the next one
 *                                                                     \-> door_upgrade: ticket
 *                                                                           \-> websocket: heard ... gone
 *
 * A WebSocket connection is named by its ticket, which is never reused: a text for a connection that has ended is
 * ignored. Requests are evhttp's. The server owns its listening socket, connections and counts per address; it belongs
 * to the thread of its event base. The server's owner calls door_tick() each second, which pings silent connections and
 * closes dead ones. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/address.h"

struct door;
struct event_base;
struct evhttp_request;
struct gcx_link;
struct gcx_services;
struct tls;

struct door_options {
    size_t message_max, body_max; /* most bytes of a WebSocket message; of a request's body */
    size_t unknown_max;           /* most bytes of a request's body from a sender who is not `known` */
    uint64_t bodies_max;          /* most bytes of all incomplete bodies; 0: no limit */
    const char *known_by;         /* name of the header whose value known() judges */
    uint64_t connections, per_address, messages_per_minute;
    bool proxy;      /* true: take the browser's address from the last in X-Forwarded-For */
    struct tls *tls; /* freed with the server; NULL: no TLS */
};

struct door_calls {
    void *self;
    /* Handles a request of any method and path: answers it, now or later, or makes a WebSocket connection of it. */
    void (*request)(void *self, struct evhttp_request *);
    /* A WebSocket message has arrived, text in UTF-8; borrowed. */
    void (*heard)(void *self, uint64_t ticket, const char *text, size_t length);
    void (*gone)(void *self, uint64_t ticket);
    /* Does the value of the header `known_by` show a known sender? NULL: nobody can be known, and `body_max` is the
     * limit for all. */
    bool (*known)(void *self, const char *value);
    /* The peer has answered the ping with this number (door_mark()): everything sent before the ping has arrived.
     * The peer may send any number, also one that was never used. NULL: no such pings are sent. */
    void (*has)(void *self, uint64_t ticket, uint32_t number);
};

struct door *door_new(struct event_base *, const struct door_options *, const struct door_calls *);
void door_free(struct door *); /* NULL is allowed; `gone` is not called for the connections */
/* Listens at the address; `*port` gets the port in use. False with errno. */
bool door_listen(struct door *, const struct address *, unsigned *port);
/* Called each second; after door_tells(), it also makes changed certificate files take effect for the next
 * connections. */
void door_tick(struct door *);
/* From now on each request answered with 400 or more is reported to the link (rows of http in refusals.def). */
void door_tells(struct door *, struct gcx_link *, const struct gcx_services *);

/* Gets the address from which a request comes. */
void door_address(const struct door *, struct evhttp_request *, char text[ADDRESS_TEXT]);
/* Returns a header's value; "" if there is none. */
const char *door_header(struct evhttp_request *, const char *name);

/* Makes a WebSocket connection of the request, which no longer exists then, and returns the connection's ticket. 0:
 * the request asks for no WebSocket, has no Origin, or there are too many connections; it was answered. The caller
 * has checked before that the Origin is allowed. */
uint64_t door_upgrade(struct door *, struct evhttp_request *);
void door_say(struct door *, uint64_t ticket, const char *text);
/* Sends a ping with the number, which is not 0: a connection may have died without a close, and what is sent on it
 * then is lost. */
void door_mark(struct door *, uint64_t ticket, uint32_t number);
void door_end(struct door *, uint64_t ticket, unsigned code, const char *reason);
/* Counts an action begun by a connection, or asked for by a request. False: the same address has done so `most`
 * times in this minute already. */
bool door_may_begin(struct door *, uint64_t ticket, uint64_t most);
bool door_may_ask(struct door *, struct evhttp_request *, uint64_t most);
