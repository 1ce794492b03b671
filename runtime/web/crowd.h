/* runtime/web/crowd.h - Limits for HTTP connections before their requests are complete: how many in all and from one
 * address, how much an unknown sender may send, and how much all together. If there is a connection too many, one of an
 * unknown sender is closed: the one that has sent no request for longest and waits for no answer; so silent strangers
 * keep nobody out. Without a way to recognise senders, all are unknown. If there is no connection of an unknown sender
 * to close, the new connection is closed. A request whose head two programs might read differently (head.h) never
 * reaches evhttp.
 *
 * evhttp does not show its connections: it asks for a stream before it accepts one, and does not report the end. So
 * we look at each stream in the next turn of the loop, and check the sockets if there are too many. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct crowd;
struct event_base;

struct crowd_options {
    uint64_t most, per_address; /* most connections in all, and from one address; per_address 0: no own limit */
    size_t unknown_max;         /* bytes of an unknown sender's request, with its head */
    size_t head_max;            /* bytes of a head */
    uint64_t held_max;          /* bytes of all incomplete requests; 0: no limit */
    void *self;
    const char *known_by; /* name of the header by whose value a sender is recognised */
    /* Does this value of the header show that we know the sender? A connection of a known sender counts as known
     * until it ends. NULL: no sender is ever known. */
    bool (*known)(void *self, const char *value);
};

struct crowd *crowd_new(struct event_base *, const struct crowd_options *);
void crowd_free(struct crowd *); /* NULL is allowed; called after evhttp was freed */
/* Adds a stream that evhttp is about to use, and that has no socket yet. */
void crowd_joins(struct crowd *, struct bufferevent *);
/* Returns the reason, a sentence, why the stream's request must be refused: evhttp was given a harmless one instead,
 * which is to be answered by 400, and the connection closed. NULL: evhttp has the request as it came. */
const char *crowd_wrong(const struct crowd *, const struct bufferevent *stream);
/* Notes that the stream's request is complete: until it is answered, the connection is not closed to make room. */
void crowd_asks(struct crowd *, struct bufferevent *);
/* Notes that the request was handled, and looks at bytes of the next request that have arrived already. */
void crowd_served(struct crowd *, struct bufferevent *);
/* Removes a stream that no longer carries HTTP. */
void crowd_leaves(struct crowd *, struct bufferevent *);
