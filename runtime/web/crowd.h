/* runtime/web/crowd.h - HTTP connections before their requests are whole: how many there are, altogether and of one
 * address, and how much those may send that nobody is known by, and all together. For a connection too many the
 * stranger makes room that has sent no request for longest and waits for no answer, so that strangers who are silent
 * keep nobody out. If nobody can be known, all are strangers. If no stranger can make room, the new connection is
 * closed. A request whose head two readers may read differently (head.h) never reaches evhttp.
 *
 * evhttp keeps its connections to itself: it asks for a stream for each before it is accepted, and says nothing of
 * their end. So we look at each stream in the next turn of the loop, and at the sockets where there are too many. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct crowd;
struct event_base;

struct crowd_options {
    uint64_t most, per_address; /* connections in all, and of one address; per_address 0: as many as `most` */
    size_t unknown_max;         /* bytes of a stranger's request, with its head */
    size_t head_max;            /* bytes of a head */
    uint64_t held_max;          /* bytes of all requests that are not whole yet; 0: no bound */
    void *self;
    const char *known_by; /* name of the header by whose value a guest is known */
    /* Does this value of the header show that we know the guest? A guest who is known stays so until the connection
     * ends. NULL: no guest is ever known. */
    bool (*known)(void *self, const char *value);
};

struct crowd *crowd_new(struct event_base *, const struct crowd_options *);
void crowd_free(struct crowd *); /* NULL is allowed; after evhttp */
/* Adds a stream that evhttp is about to use: its socket is not there yet. */
void crowd_joins(struct crowd *, struct bufferevent *);
/* Why the request that evhttp has read from it is refused, a sentence: it stands for another one, and is to be answered
 * by 400 and closed. NULL: it is as it came. */
const char *crowd_wrong(const struct crowd *, const struct bufferevent *stream);
/* Notes that the stream's request is whole and will be answered: until then it makes room for nobody. */
void crowd_asks(struct crowd *, struct bufferevent *);
/* Notes that the request was handed over, and looks at bytes of the next request that have come already. */
void crowd_served(struct crowd *, struct bufferevent *);
/* Removes a stream that is no HTTP any more. */
void crowd_leaves(struct crowd *, struct bufferevent *);
