/* runtime/adapter/probe.h - Looks now and then whether a neighbour is there, on a thread of its own, and tells it
 * (gcx_services.neighbour): so who looks after a site hears of it before somebody needs it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/gcx_adapter.h"

struct probe;

struct probe_calls {
    void *self;
    /* In the thread; may block. It does what is needed of the neighbour: a write, a handshake, a log-in, a question.
     * `thorough`: something has failed that needed the neighbour, or the look before. False with the reason. */
    bool (*there)(void *self, bool thorough, char *why, size_t why_size);
    /* In the loop: it was away and is there again. NULL: nobody waits for that. */
    void (*back)(void *self);
    /* In the loop, after a look: when the certificate ends that the neighbour has shown, in seconds since 1970; 0: it
     * has shown none. NULL: it never shows one. */
    int64_t (*expires_s)(void *self);
    /* Between two looks, in seconds; a third of it while it is away. 0: three seconds. */
    unsigned pause_s;
};

/* `name` is copied. NULL: there is no thread left. */
struct probe *probe_new(struct gcx_link *, const struct gcx_services *, const char *name, const struct probe_calls *);
void probe_free(struct probe *); /* NULL is allowed; waits for the look under way */
/* Looks now. */
void probe_now(struct probe *);
/* Something that needed the neighbour has failed: it is away until a thorough look has found it. */
void probe_failed(struct probe *, const char *why);
/* It was reached and has not done what was asked: it is away until probe_answered(), as a look asks for less. */
void probe_refused(struct probe *, const char *why);
/* It has done what was asked. */
void probe_answered(struct probe *);

/* For `there`: does somebody listen at "host:port"? */
bool probe_connects(const char *address, char *why, size_t why_size);
