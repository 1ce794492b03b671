/* runtime/daemon/service/profiling.h - A profile of the strategies of a running gcxvm, for a bounded time.
 *
 * Owns the profile that runs or ran last, and the timer that ends it even if the asker has gone. Everything runs on
 * the loop's thread. The core begins and ends counting between two batches (vm/profile.h), and makes the same
 * decisions with a profile as without one. */
#pragma once

#include "runtime/daemon/service/daemon.h"

struct profile;
struct profiling;

enum { PROFILING_SECONDS = 10, PROFILING_SECONDS_MAX = 600 };

/* Begins a profile, which replaces the one before; 0 seconds: ends the running one. False with the reason: one is
 * running, the time is too long, or there is none to end. */
bool profiling_ask(struct daemon *, uint64_t seconds, struct error *);
void profiling_free(struct profiling *); /* ends a running profile; called before engine_free() */

struct profiling_row {
    uint64_t number;               /* number of the last profile, counted from 1; 0: there was none */
    uint64_t left_us;              /* microseconds that the profile still goes on */
    const struct profile *profile; /* the counts of the profile; NULL while it goes on */
};
void profiling_read(const struct daemon *, struct profiling_row *);
