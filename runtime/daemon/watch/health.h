/* runtime/daemon/watch/health.h - Health, for programs that watch over processes: does gcxvm live, and may calls be
 * sent to it?
 *
 * Owns nothing: it looks at the daemon. On the loop's thread; waits for the core at most ENGINE_PATIENCE_US. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/told.h"

struct daemon;
struct evbuffer;

/* Do core and journal give signs of life? If not, appends the reasons to `why`, a line each; NULL: nobody wants
 * them. */
bool health_live(const struct daemon *, struct evbuffer *why);
/* May calls be sent to it? The journal is replayed, directory and strategies are in force, every adapter's link is up
 * and its switch has told its state; and gcxvm neither drains nor ends. */
bool health_ready(struct daemon *, struct evbuffer *why);

/* Something that is needed and away: a neighbour of an adapter, a data source, an endpoint, or a campaign that has
 * stopped by itself. Calls still come; what needs it waits or fails. */
struct degraded {
    const char *adapter; /* NULL: gcxvm needs it itself */
    const char *kind;    /* where `adapter` is NULL: source, endpoint or campaign */
    char name[64];
    char why[TOLD_WHY];
    uint64_t for_us; /* how long it has been away; 0: not known */
};
enum { DEGRADED_MAX = 64 };
struct degraded_list {
    struct degraded rows[DEGRADED_MAX];
    size_t count, all;     /* `all` counts those that have no row, too */
    struct degraded spare; /* room for one that has no row */
};
/* Names are valid until the loop turns. */
void health_degraded(const struct daemon *, struct degraded_list *);
/* Appends a line each, behind `degraded: `. */
void health_degraded_say(const struct daemon *, struct evbuffer *);

/* A certificate that gcxvm or an adapter shows, or was shown. */
struct certificate {
    const char *adapter; /* `gcxvm`: its own, and those of endpoints */
    const char *name;
    int64_t ends_s; /* since 1970; at most the end of the year 9999 */
};
/* Calls `take` with each certificate. Names are valid during the call. */
void health_certificates(const struct daemon *, void (*take)(void *self, const struct certificate *), void *self);
