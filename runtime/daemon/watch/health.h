/* runtime/daemon/watch/health.h - Health, for programs that watch over processes: does gcxvm live, and may calls be
 * sent to it?
 *
 * Owns nothing: it looks at the daemon. On the loop's thread; waits for the core at most ENGINE_PATIENCE_US. */
#ifndef DAEMON_HEALTH_H
#define DAEMON_HEALTH_H

#include <stdbool.h>

struct daemon;
struct evbuffer;

/* Core and journal turn. Why not is appended to `why`, a line each; NULL: nobody wants to know. */
bool health_live(const struct daemon *, struct evbuffer *why);
/* The journal is replayed, directory and strategies are in force, every adapter's link is up and its switch has said
 * what is there; and nobody drains or ends. */
bool health_ready(struct daemon *, struct evbuffer *why);

#endif
