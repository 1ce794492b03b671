/* runtime/scenario/limits.h - The limits of a test's size. The compiler reports them to the test's author, with the
 * line and a cure; the reader refuses an image made elsewhere that exceeds them. */
#pragma once

#include <stdint.h>

enum {
    SCENARIO_BYTES_MAX = 16 * 1024 * 1024, /* bytes of all tests of an image together */
    SCENARIO_TESTS_MAX = 10000,
    SCENARIO_ITEMS_MAX = 100000,     /* items of one test, including those of its arrivals */
    SCENARIO_ARRIVALS_MAX = 1000000, /* arrivals of one test, including repetitions */
    SCENARIO_LIST_MAX = 1000,        /* an agent's groups, a step's outcomes, the events of an expectation */
    SCENARIO_DEPTH_MAX = 32,         /* levels of an expression */
    SCENARIO_FILE_MAX = 4096,        /* bytes of a file's name */
    SCENARIO_TITLE_MAX = 1000,       /* bytes of a test's name */
    SCENARIO_NAME_MAX = 64,          /* bytes of a name, as on the wire */
    SCENARIO_ADDRESS_MAX = 256,      /* bytes of a number or address of a person */
    SCENARIO_OFFERS_MAX = 1000000,   /* offers that an agent leaves ringing or declines */
    SCENARIO_TIMES_MAX = 1000000000, /* how many times an event is expected */
};

/* A length of time: a hundred years. */
#define SCENARIO_US_MAX (INT64_C(100) * 366 * 86400 * 1000000)

/* The keys that a caller can press. */
#define SCENARIO_DIGITS "0123456789*#ABCD"
