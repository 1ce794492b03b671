/* runtime/adapters/webhook/called.h - An HTTP request that a network makes here: whether it really comes from the
 * network, and how it is answered.
 *
 * The request is verified before anything else of it is read, and answered once each of its messages is kept: 200, or
 * 400 if `wrong`; if a message is not kept, 503, and the network sends the request again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/webhook/given.h"
#include "runtime/adapters/webhook/network.h"
#include "runtime/web/reply.h"

struct evhttp_request;

struct webhook_called { /* the first member of the caller's own struct */
    struct asker asker; /* the request is NULL: the network has closed it, or the posts come from a poll */
    unsigned waiting;   /* number of messages that are not kept yet, and one more while the request is read */
    bool again;         /* the network must send one of the messages again */
    bool wrong;         /* the request can never be accepted, and is answered 400 */
    struct posts_count count;
    void (*over)(struct webhook_called *);
};

/* The network from which requests come. */
struct called_by {
    struct gcx_link *link;
    const struct gcx_services *services;
    const struct network *network;
    const struct network_given *given;
};

/* Does the request really come from the network, and is the core up? False: the request has been answered. */
bool called_may_be_read(const struct called_by *, struct evhttp_request *);

/* Begins a request; over() is called when its last message is kept or refused. `http` NULL: nobody waits for an
 * answer. */
void called_begin(struct webhook_called *, struct evhttp_request *http, void (*over)(struct webhook_called *));
/* Calls `take` for each post of a body; `body` NULL: that of the request. False: the body is not valid. */
bool called_read(struct webhook_called *, const struct called_by *, const char *body, size_t length,
                 void (*take)(void *called, const struct post *));
/* Notes that one of the request's messages was kept, or not. After the last of its messages the request is answered,
 * and over() may free it. */
void called_less(struct webhook_called *, bool kept);
/* Ends the request without an answer. */
void called_forget(struct webhook_called *);
