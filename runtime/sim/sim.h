/* runtime/sim/sim.h - Playing the tests of an image under a virtual clock: what `gcxc test` calls.
 *
 * The very core that production uses is driven by a world of callers, agents and a switch in memory; an hour of
 * waiting takes microseconds. gcxsim plays the same scenarios over the wire. Owns nothing after the call. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/error.h"

struct sim_options {
    const char *filter; /* only tests whose name contains it; NULL: all */
    uint64_t seed;      /* of tests that name none */
    bool verbose;       /* the timeline also of tests that pass */
};

/* What became of one test. Everything is borrowed during the call. */
struct sim_result {
    const char *name, *file;
    uint32_t line;
    uint32_t failures;
    uint64_t virtual_us; /* how long it took by the virtual clock */
    uint32_t interactions;
    const char *timeline; /* what happened, a line an event; NULL where it passed and nobody asked */
};

struct sim_report {
    void *self;
    /* An expectation that does not hold, or a world that went wrong: `line` of `file` (0: of the whole test). */
    void (*failure)(void *self, const char *file, uint32_t line, const char *text);
    void (*result)(void *self, const struct sim_result *);
};

struct sim_totals {
    uint32_t played, passed, failed;
};

/* Plays the tests in the order in which they were written. False where the image cannot be loaded or its scenario
 * section not be read; `totals` says how many passed. */
bool sim_play_tests(const uint8_t *image, size_t length, const struct sim_options *, const struct sim_report *,
                    struct sim_totals *, struct error *);

#endif
