/* runtime/adapters/webhook/called.h - A request that a network makes to us: whether it is the network's own, and what
 * it is answered.
 *
 * It is verified before anything of it is read, and answered once each of its messages is kept: 200, or what the owner
 * says in `wrong`; where one is not, 503, and the network brings the request again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/webhook/given.h"
#include "runtime/adapters/webhook/network.h"
#include "runtime/web/reply.h"

struct evhttp_request;

struct webhook_called { /* begins the caller's own struct */
    struct asker asker; /* its request NULL: the network has gone, or waits for no answer */
    unsigned waiting;   /* messages that are not kept yet, and one more while the request is read */
    bool again;         /* the network is to bring one of the messages again */
    bool wrong;         /* the request can never be taken, and is answered 400 */
    struct posts_count count;
    void (*over)(struct webhook_called *);
};

/* The network whose requests they are. */
struct called_by {
    struct gcx_link *link;
    const struct gcx_services *services;
    const struct network *network;
    const struct network_given *given;
};

/* Is the request the network's own, and is the core there? False: it has been answered. */
bool called_may_be_read(const struct called_by *, struct evhttp_request *);

/* Begins a request; over() is called when its last message is kept or refused. `http` NULL: nobody waits for an
 * answer. */
void called_begin(struct webhook_called *, struct evhttp_request *http, void (*over)(struct webhook_called *));
/* Calls `take` for each post of a body; `body` NULL: the body of the request. False: the body is no JSON. */
bool called_read(struct webhook_called *, const struct called_by *, const char *body, size_t length,
                 void (*take)(void *called, const struct post *));
/* Notes that one of the request's messages was kept, or not. After the last one, the request is answered, and over()
 * frees it. */
void called_less(struct webhook_called *, bool kept);
/* Ends the request without an answer. */
void called_forget(struct webhook_called *);
