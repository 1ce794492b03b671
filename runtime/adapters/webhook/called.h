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
    unsigned waiting;   /* messages; one more while it is read */
    bool again;         /* one of them is to be brought again */
    bool wrong;         /* it can never be taken: 400 */
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

/* It is the network's, and the core is there; else it is answered. */
bool called_may_be_read(const struct called_by *, struct evhttp_request *);

/* `http` NULL: nobody waits for an answer. */
void called_begin(struct webhook_called *, struct evhttp_request *http, void (*over)(struct webhook_called *));
/* Calls `take` for each post of a body, which is that of the request where `body` is NULL. False: it is no JSON. */
bool called_read(struct webhook_called *, const struct called_by *, const char *body, size_t length,
                 void (*take)(void *called, const struct post *));
/* One of its messages is kept, or not. The last one answers it, and over() frees it. */
void called_less(struct webhook_called *, bool kept);
/* It is not answered any more. */
void called_forget(struct webhook_called *);
