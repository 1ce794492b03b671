/* runtime/daemon/service/rollout_watch.h - What the daemon does beside the core's rollouts: it tells the core when a
 * freeze is, writes into the log what becomes of rollouts, and keeps a version that has reached all arrivals active.
 *
 * Owns its timer. On the loop's thread. */
#pragma once

#include <stdbool.h>

struct daemon;
struct rollout_watch;

struct rollout_watch *rollout_watch_new(struct daemon *);
void rollout_watch_free(struct rollout_watch *); /* NULL is allowed */
