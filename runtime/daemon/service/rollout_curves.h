/* runtime/daemon/service/rollout_curves.h - The guards' figures of rollouts over time, for people to look at: a page
 * that is opened late, or after gcxvm has started again, has them from the rollout's beginning.
 *
 *     {"7": {"every_us": 5000000, "over": false,
 *            "points": [[wall clock in us, [count, value, count, value] of each guard ...] ...]}}
 *
 * The candidate's count and value come first, then the control's. A value is the hits, or a time in us. A curve has at
 * most CURVE_POINTS points: when it is full, every second one goes, and those to come are twice as far apart.
 *
 * Owns its rows, and the file, which may be lost: nothing is decided by it. On the loop's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/read/rollouts.h"

enum {
    CURVE_POINTS = 120,
    CURVES_KEPT = 64, /* as many as the core has rollouts, so that each open one keeps its curve */
    CURVE_EVERY_US = 5000000
};

/* What the guards of a rollout say at a moment. */
struct curve_look {
    uint32_t id;
    unsigned guards;
    bool open;
    uint64_t count[CORE_ROLLOUT_GUARDS][2], value[CORE_ROLLOUT_GUARDS][2];
};

struct rollout_curves;

/* Reads the file; what is no file of curves counts as none. NULL: nothing is kept on disk. */
struct rollout_curves *rollout_curves_new(const char *path);
void rollout_curves_free(struct rollout_curves *); /* NULL is allowed */
/* Is a point of the rollout due? False also where it is over, and its last point is there. */
bool rollout_curves_due(const struct rollout_curves *, uint32_t id, bool open, int64_t now_us);
void rollout_curves_add(struct rollout_curves *, const struct curve_look *, int64_t now_us);
/* Writes the file, if a point was added since the last time. */
void rollout_curves_save(struct rollout_curves *);
/* Borrowed; NULL: there is none. */
json_t *rollout_curves_of(const struct rollout_curves *, uint32_t id);

/* Copies what the guards of the row say. */
void curve_look_at(struct curve_look *, const struct core_rollout *);
