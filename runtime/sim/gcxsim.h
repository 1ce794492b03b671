/* runtime/sim/gcxsim.h - Shared by the modes of gcxsim: the options, and the exit codes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/arrivals.h"
#include "runtime/sim/rig.h"
#include "runtime/sim/tests.h"

enum { EXIT_GOOD = 0, EXIT_PROBLEM = 1, EXIT_USAGE = 2, OPTION_LISTS_MAX = 64 };

struct sim_args {
    struct rig_options rig;
    const char *image; /* path of an image that gcxc build has made */
    const char *test;  /* name of the only test to play; NULL: all tests */
    /* for switch, call, load: read for its DNs; --play edits the file; provision writes it */
    const char *directory;
    const char *database, *schema; /* files that provision writes; `schema`: SQL with which the database begins */
    const char *agents[OPTION_LISTS_MAX], *digits[OPTION_LISTS_MAX];
    unsigned agent_files, digit_lists;
    const char *from, *to;
    uint32_t calls;
    double rate;
    struct arrivals
        arrivals; /* with a count: calls come at these rates, by chance; else each so long after the one before */
    uint64_t answers_us, handles_us, pause_us, patience_us, shift_us;
    uint64_t seed;
    uint32_t people; /* provision: number of agents to add to those of the test */
    const char *skills;
    bool json, any_date, quiet;
};

int mode_switch(struct sim_args *);
int mode_play(struct sim_args *);
int mode_list(struct sim_args *);
int mode_call(struct sim_args *);
int mode_load(struct sim_args *);
int mode_provision(struct sim_args *);

/* cast.c: makes a scenario without a test: agents from files, calls from the options. NULL with the reason. */
struct cast;
struct cast *cast_new(const struct sim_args *, struct error *);
void cast_free(struct cast *);
const struct scenario_test *cast_test(const struct cast *);
struct plan *cast_plan(const struct cast *);
void cast_equip(const struct cast *, struct rig *);
