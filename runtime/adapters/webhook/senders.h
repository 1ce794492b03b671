/* runtime/adapters/webhook/senders.h - The threads that send requests to a network's API: each has one request at a
 * time, and no two have one for the same customer, so that a customer's messages stay in order. The senders also check
 * whether the API is up.
 *
 * A thread waits for the network's answer as long as the setting `timeout` says. That thread is not the post office's,
 * which keeps messages meanwhile.
 *
 * A request belongs to the senders from senders_give() until answered(), which frees it or gives it to them again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/webhook/send.h"

enum { SENDERS = 8 };

struct event_base;
struct senders;

struct senders_setup {
    struct gcx_link *link;
    const struct gcx_services *services;
    const char *neighbour; /* the API's name in the status of gcxvm */
    const char *base, *ca; /* address of the API, and the authority of its certificate; not owned */
    uint64_t timeout_s;
    unsigned count; /* at most SENDERS */
    void *self;
    void (*answered)(void *self, struct webhook_outgoing *);
};

/* NULL with the reason. */
struct senders *senders_new(struct event_base *, const struct senders_setup *, char *why, size_t why_size);
/* Running requests are given up, and freed with their askers. NULL is allowed. */
void senders_free(struct senders *);
unsigned senders_idle(const struct senders *); /* the number of senders without a request */
bool senders_busy(const struct senders *, const char *customer);
void senders_give(struct senders *, struct webhook_outgoing *); /* hands the request to an idle sender */
