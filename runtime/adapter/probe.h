/* runtime/adapter/probe.h - Checks now and then whether a neighbour is reachable, on a thread of its own, and
 * reports it (gcx_services.neighbour): so the operator learns of a failure before somebody needs the neighbour. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/gcx_adapter.h"

struct probe;

struct probe_calls {
    void *self;
    /* Called in the thread; may block. Does what the plugin needs of the neighbour: a write, a handshake, a login, a
     * query. `thorough`: a request that needed the neighbour, or the check before, has failed. False with the
     * reason. */
    bool (*there)(void *self, bool thorough, char *why, size_t why_size);
    /* Called in the loop: the neighbour was away and is back. NULL: the owner does not need to know. */
    void (*back)(void *self);
    /* Called in the loop, after a check: returns when the neighbour's certificate ends, in seconds since 1970; 0:
     * the neighbour has shown none. NULL: the neighbour never shows a certificate. */
    int64_t (*expires_s)(void *self);
    /* Seconds between two checks; a third of it while the neighbour is away. 0: three seconds. */
    unsigned pause_s;
};

/* `name` is copied. NULL: no thread can be started. */
struct probe *probe_new(struct gcx_link *, const struct gcx_services *, const char *name, const struct probe_calls *);
void probe_free(struct probe *); /* frees the probe after its running check; NULL is allowed */
/* Looks now. */
void probe_now(struct probe *);
/* Notes that a request that needed the neighbour has failed: the neighbour is away until a thorough check succeeds. */
void probe_failed(struct probe *, const char *why);
/* Notes that the neighbour was reached but has not done a request: it is away until probe_answered(), as a check
 * asks less of it. */
void probe_refused(struct probe *, const char *why);
/* Notes that the neighbour has done a request. */
void probe_answered(struct probe *);
bool probe_is_away(const struct probe *); /* NULL is allowed: false */

/* For `there`: true if somebody listens at "host:port". */
bool probe_connects(const char *address, char *why, size_t why_size);
