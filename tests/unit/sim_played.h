/* tests/unit/sim_played.h - Plays all tests of an image, one after another; each has a core of its own. */
#pragma once

#include "runtime/sim/sim.h"

struct sim_totals {
    uint32_t played, passed, failed;
};

/* False as sim_tests_open. */
static inline bool sim_play_tests(const uint8_t *bytes, size_t length, const struct sim_options *options,
                                  const struct sim_report *report, struct sim_totals *totals, struct error *error)
{
    *totals = (struct sim_totals){0};
    struct sim_tests *tests = sim_tests_open(bytes, length, NULL, error);
    if (!tests) return false;
    for (uint32_t i = 0; i < sim_tests_count(tests); i++) {
        bool passed = sim_play(tests, i, options, report);
        totals->played++;
        totals->passed += passed;
        totals->failed += !passed;
    }
    sim_tests_close(tests);
    return true;
}
