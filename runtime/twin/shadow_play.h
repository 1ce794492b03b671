/* runtime/twin/shadow_play.h - Follows the journal of a running gcxvm, and plays its arrivals at one routing point
 * through another version, too.
 *
 *     gcxvm ---- batch ----> journal ---- read only ----> present core ----.
 *                                                                          compared (rival.h) ---> tally
 *                                                     core of the candidate '
 *
 * The journal is only read, without a lock: gcxvm does not notice. The play runs in a process of its own, a child of
 * gcxtwin, whose memory and time for one batch are bounded: a candidate that grows or never ends takes down this
 * process alone. What is counted stands in memory that both processes share. */
#pragma once

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "runtime/twin/tally.h"

enum shadow_phase { SHADOW_BEGINS, SHADOW_FOLLOWS };

/* Shared by the process that plays and the one that tells. */
struct shadow_shared {
    struct rival_tally tally;
    atomic_int phase;            /* enum shadow_phase */
    atomic_uint_fast64_t behind; /* batches of the journal that were seen and are not compared yet */
    uint64_t began_us;           /* monotonic: since when arrivals are compared */
    char present[TALLY_TEXT];    /* what runs at the routing point */
    char failure[512];           /* why it ended early; empty: it did not */
};

struct natives;

struct shadow_terms { /* all borrowed */
    const char *state, *point, *image;
    uint64_t for_us; /* how long arrivals are compared; 0: until `stop` */
    struct natives *natives;
    const volatile sig_atomic_t *stop; /* how many signals have asked for the end: after the first one, what the journal
                                        * has is still compared; after the second one it is not */
    struct shadow_shared *shared;
};

/* Sets the bounds of this process, and plays until the time is over or it is stopped. False: it could not begin, or go
 * on, for the reason in the shared `failure`. */
bool shadow_play(const struct shadow_terms *);
