/* runtime/daemon/service/profiling.h - A profile of the strategies of a running gcxvm, for a bounded time.
 *
 * Owns the profile that runs or ran last, and the timer that ends it even if whoever asked for it has gone. All runs
 * on the loop's thread. The core begins and ends counting between two batches (vm/profile.h), and makes the same
 * decisions with a profile as without one. */
#pragma once

#include "runtime/daemon/service/daemon.h"

struct profile;
struct profiling;

enum { PROFILING_SECONDS = 10, PROFILING_SECONDS_MAX = 600 };

/* Begins one in the place of the one before; 0 seconds: ends the one that runs, if one does. False with the reason: one
 * runs, it is to take too long, or there is none. */
bool profiling_ask(struct daemon *, uint64_t seconds, struct error *);
void profiling_free(struct profiling *); /* one that runs is ended; before the engine is freed */

struct profiling_row {
    uint64_t number;               /* counts up with each that is begun; 0: none was */
    uint64_t left_us;              /* so long it goes on */
    const struct profile *profile; /* what it has counted; NULL while it goes on */
};
void profiling_read(const struct daemon *, struct profiling_row *);
