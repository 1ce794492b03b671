/* runtime/daemon/watch/health.h - Health, for programs that watch processes: whether gcxvm is alive, and whether
 * calls may be sent to it.
 *
 * Owns nothing: it reads the daemon's state. Runs on the loop's thread; waits for the core at most
 * ENGINE_PATIENCE_US. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/told.h"

struct daemon;
struct evbuffer;

/* True: core and journal give signs of life. If not, appends the reasons to `why`, a line each; NULL: the reasons
 * are not needed. */
bool health_live(const struct daemon *, struct evbuffer *why);
/* True: calls may be sent to this gcxvm. The journal is replayed, directory and strategies are in force, every
 * adapter's link is up and its switch has reported its state; and gcxvm is neither draining nor ending. */
bool health_ready(struct daemon *, struct evbuffer *why);

/* Something that is needed and away: a neighbour of an adapter, a data source, an endpoint, or a campaign that was
 * halted by itself. Calls still come; work that needs the missing part waits or fails. */
struct degraded {
    const char *adapter; /* the adapter that needs what is away; NULL: gcxvm itself */
    const char *kind;    /* if `adapter` is NULL: the kind, source, endpoint or campaign */
    char name[64];
    char why[TOLD_WHY];
    uint64_t for_us; /* how long the thing has been away; 0: not known */
};
enum { DEGRADED_MAX = 64 };
struct degraded_list {
    struct degraded rows[DEGRADED_MAX];
    size_t count, all;     /* `all` also counts what is away and has no row here */
    struct degraded spare; /* a row that is filled beyond the limit, and ignored */
};
/* The names are valid until the loop's next turn. */
void health_degraded(const struct daemon *, struct degraded_list *);
/* Appends a line, which begins with `degraded: `, for each thing that is needed and away. */
void health_degraded_say(const struct daemon *, struct evbuffer *);

/* A certificate that gcxvm or an adapter shows to others, or that a peer has shown. */
struct certificate {
    const char *adapter; /* adapter's name; `gcxvm`: its own certificates, and those of endpoints */
    const char *name;
    int64_t ends_s; /* seconds since 1970; at most the end of the year 9999 */
};
/* Calls `take` for each certificate. The names are valid during the call. */
void health_certificates(const struct daemon *, void (*take)(void *self, const struct certificate *), void *self);
