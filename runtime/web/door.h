/* runtime/web/door.h - The door for browsers: HTTP, with TLS or without, WebSocket connections, and how many may come.
 *
 *     accept -> crowd (head.h: is the request one?) -> evhttp -> calls.request -> answered, and the next one
 *                                                                     \-> door_upgrade: ticket
 *                                                                           \-> websocket: heard ... gone
 *
 * A WebSocket connection is named by its ticket, which is never used again: a text for one that has gone is passed
 * over. Requests are evhttp's. The door owns listener, connections and counts per address; it belongs to the thread of
 * its event base. Its owner calls door_tick() each second, by which silent connections are pinged and closed. */
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
    size_t message_max, body_max; /* bytes of a WebSocket message, of a request's body */
    size_t unknown_max;           /* bytes of a request's body from somebody who is not `known` */
    uint64_t bodies_max;          /* bytes of all bodies that are not whole yet; 0: no bound */
    const char *known_by;         /* name of the header whose value known() judges */
    uint64_t connections, per_address, messages_per_minute;
    bool proxy;      /* the last address in X-Forwarded-For is the browser's */
    struct tls *tls; /* freed with the door; NULL: none */
};

struct door_calls {
    void *self;
    /* A request of any method and path: it is answered, now or later, or becomes a WebSocket connection. */
    void (*request)(void *self, struct evhttp_request *);
    /* A WebSocket message, which is text in UTF-8; borrowed. */
    void (*heard)(void *self, uint64_t ticket, const char *text, size_t length);
    void (*gone)(void *self, uint64_t ticket);
    /* Is somebody known by the value of `known_by`? NULL: nobody can be, and `body_max` is everybody's. */
    bool (*known)(void *self, const char *value);
    /* The other end has answered the sign that names this number (door_mark()): all that was said before it has
     * arrived. Any number may come, also one that was never given. NULL: nobody asks for signs. */
    void (*has)(void *self, uint64_t ticket, uint32_t number);
};

struct door *door_new(struct event_base *, const struct door_options *, const struct door_calls *);
void door_free(struct door *); /* NULL is allowed; `gone` is not called any more */
/* Listens at the address; `*port`: the port that it has. False with errno. */
bool door_listen(struct door *, const struct address *, unsigned *port);
/* Each second; certificates that have changed hold for the next connections, where door_tells() was called. */
void door_tick(struct door *);
/* Each request that is answered with 400 or more is told from now on (refusals.def, room http). */
void door_tells(struct door *, struct gcx_link *, const struct gcx_services *);

/* The address from which a request comes. */
void door_address(const struct door *, struct evhttp_request *, char text[ADDRESS_TEXT]);
/* A header's value; "" where there is none. */
const char *door_header(struct evhttp_request *, const char *name);

/* Makes a WebSocket connection of the request, which exists no more then, and returns its ticket. 0: the request asks
 * for none, names no Origin, or there are too many; it was answered. The caller has asked before whether that Origin
 * may come. */
uint64_t door_upgrade(struct door *, struct evhttp_request *);
void door_say(struct door *, uint64_t ticket, const char *text);
/* Asks the other end for a sign of life that names the number, which is not 0: a connection may have died without a
 * close, and what is said there then is lost. */
void door_mark(struct door *, uint64_t ticket, uint32_t number);
void door_end(struct door *, uint64_t ticket, unsigned code, const char *reason);
/* Counts something that a connection begins, or that is asked for by a request. False: its address has done so `most`
 * times in this minute. */
bool door_may_begin(struct door *, uint64_t ticket, uint64_t most);
bool door_may_ask(struct door *, struct evhttp_request *, uint64_t most);
