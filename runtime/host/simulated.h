/* runtime/host/simulated.h - A host that is a story: virtual clock, seeded entropy, appends that take as long as they
 * are told to and end as `append` says.
 *
 * Single-threaded. The owner asks for the next moment at which something is due, moves the clock there, and takes the
 * partition's turns. Nothing happens of its own. */
#pragma once

#include "runtime/host/host.h"

struct simulated_options {
    uint64_t seed;
    int64_t wall_us;          /* wall clock at monotonic 0 */
    uint64_t start_us;        /* monotonic clock at the start */
    const char *boot;         /* borrowed; NULL: the host does not know */
    uint64_t append_delay_us; /* how long an append takes; 0: it ends at the next simulated_advance() */
    void *self;
    /* Plays the disk or database; NULL: every append is good. */
    enum append_result (*append)(void *self, uint64_t number, struct span batch);
    /* The append under way has ended; within simulated_advance(). */
    void (*appended)(void *self, enum append_result);
    void (*release)(void *self, unsigned link, struct span frame); /* may be NULL */
    void (*committed)(void *self, unsigned source, uint64_t seq);  /* may be NULL */
};

struct simulated;

struct simulated *simulated_new(const struct simulated_options *);
void simulated_free(struct simulated *);
const struct host *simulated_host(const struct simulated *);

uint64_t simulated_now(const struct simulated *);
/* Returns when something is due: the append's end or the wake-up asked for; UINT64_MAX: nothing is. May be past. */
uint64_t simulated_due(const struct simulated *);
/* Moves the clock (never back) and ends the append where it is due. */
void simulated_advance(struct simulated *, uint64_t now_us);
/* Makes the wall clock jump, as an operator or a time server does. */
void simulated_wall_jump(struct simulated *, int64_t by_us);
/* Gives the append under way to `append` now; its answer comes when it was due. */
void simulated_reach(struct simulated *);
/* Called from within `append`: there is no answer now, and `append` is called again at that time. What it returns now
 * does not count. */
void simulated_again(struct simulated *, uint64_t at_us);
/* Is an append under way? */
bool simulated_appends(const struct simulated *);
/* Makes the next append take so much longer. */
void simulated_slow(struct simulated *, uint64_t by_us);
