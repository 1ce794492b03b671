/* runtime/host/simulated.h - A host for tests: virtual clock, random bytes from a seed, and appends that last as
 * long as the options say and end as the function `append` says.
 *
 * Single-threaded. The owner asks for the next time at which something is due, sets the clock to it, and runs the
 * partition's turns. Nothing happens without a call. */
#pragma once

#include "runtime/host/host.h"

struct simulated_options {
    uint64_t seed;
    int64_t wall_us;          /* the wall clock when the monotonic clock is 0 */
    uint64_t start_us;        /* the monotonic clock at the start */
    const char *boot;         /* not copied; NULL: the host does not know its boot */
    uint64_t append_delay_us; /* how long an append takes; 0: it ends at the next simulated_advance() */
    void *self;
    /* Acts as the disk or database; NULL: every append succeeds. */
    enum append_result (*append)(void *self, uint64_t number, struct span batch);
    /* An append has ended; called within simulated_advance(). */
    void (*appended)(void *self, enum append_result);
    void (*release)(void *self, unsigned link, struct span frame); /* may be NULL */
    void (*committed)(void *self, unsigned source, uint64_t seq);  /* may be NULL */
};

struct simulated;

struct simulated *simulated_new(const struct simulated_options *);
void simulated_free(struct simulated *);
const struct host *simulated_host(const struct simulated *);

uint64_t simulated_now(const struct simulated *);
/* Returns when the next thing is due: the append's end or the wake-up; UINT64_MAX: nothing is due. May be past. */
uint64_t simulated_due(const struct simulated *);
/* Sets the clock (never back), and ends the append if it is due. */
void simulated_advance(struct simulated *, uint64_t now_us);
/* Makes the wall clock jump, as an operator or a time server does. */
void simulated_wall_jump(struct simulated *, int64_t by_us);
/* Gives the append that runs to `append` now; its result is reported when it is due. */
void simulated_reach(struct simulated *);
/* Must be called within `append`: there is no result now, and `append` is called again at that time. What `append`
 * returns this time is ignored. */
void simulated_again(struct simulated *, uint64_t at_us);
/* Does an append run? */
bool simulated_appends(const struct simulated *);
/* Makes the next append take so many microseconds longer. */
void simulated_slow(struct simulated *, uint64_t by_us);
