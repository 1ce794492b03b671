/* runtime/daemon/service/rollout_watch.h - What the daemon does beside the core's rollouts: it tells the core when a
 * freeze is, writes into the log what becomes of rollouts, and keeps a version that has reached all arrivals active.
 *
 * Owns its timer. On the loop's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct rollout_watch;

struct rollout_watch *rollout_watch_new(struct daemon *);
void rollout_watch_free(struct rollout_watch *); /* NULL is allowed */
/* What the guards of the rollout have said over time (rollout_curves.h). Borrowed; NULL: nothing is known. */
json_t *rollout_watch_curve(const struct rollout_watch *, uint32_t id);
