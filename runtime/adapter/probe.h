/* runtime/adapter/probe.h - Looks now and then whether a neighbour is there, on a thread of its own, and tells it
 * (gcx_services.neighbour): so who looks after a site hears of it before somebody needs it. */
#ifndef ADAPTER_PROBE_H
#define ADAPTER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/gcx_adapter.h"

struct probe;

struct probe_calls {
    void *self;
    /* In the thread; may block. False with the reason. */
    bool (*there)(void *self, char *why, size_t why_size);
    /* In the loop: it was away and is there again. NULL: nobody waits for that. */
    void (*back)(void *self);
};

/* `name` is copied. NULL: there is no thread left. */
struct probe *probe_new(struct gcx_link *, const struct gcx_services *, const char *name, const struct probe_calls *);
void probe_free(struct probe *); /* NULL is allowed; waits for the look under way */
/* Looks now, as something that needed the neighbour has failed. */
void probe_now(struct probe *);

/* For `there`: does somebody listen at "host:port"? */
bool probe_connects(const char *address, char *why, size_t why_size);

#endif
