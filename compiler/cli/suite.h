/* compiler/cli/suite.h - The tests of some files, compiled and ready to be played, and the result of each test.
 *
 * The files of one site are one program, as `gcxc check` and `gcxc build` make it. A suite owns the compilations and
 * the images of its programs. A process of the pool plays a test and sends the result to the command's process. */
#pragma once

#include "compiler/cli/command.h"
#include "compiler/cli/libraries.h"
#include "compiler/cli/pool.h"
#include "compiler/cli/sites.h"
#include "compiler/compilation.h"
#include "runtime/sim/sim.h"

struct suite_program {
    const struct site_files *files;
    struct compilation *compilation;
    struct sim_tests *tests;        /* the tests of the program; NULL: it has none, or is broken */
    struct rule_examples *examples; /* the examples of the rules that the site declares; NULL: there are none */
    bool broken;                    /* the program cannot be read, compiled or played; the reason is on stderr */
};

struct suite_case {
    uint32_t program, index; /* index: the number of the test, or of the example, in its program */
    bool of_rule;            /* the case is an example of a rule that the site declares */
};

struct suite {
    struct libraries libraries; /* the libraries of natives */
    struct sites sites;
    struct suite_program *programs; /* one per site, in the order of `sites` */
    struct suite_case *cases;       /* the chosen tests, in the order of programs and of their files */
    uint32_t program_count, case_count;
    bool broken;   /* a program is broken, or a folder has no file */
    bool covered;  /* coverage is asked for */
    bool of_lines; /* the examples of rules are left out */
};

/* Compiles the files (for a folder, all .gcx files below it) and chooses the tests whose names fit the filter.
 * `of_lines`: leaves out the examples of rules, which run no line of a strategy. */
void suite_open(struct suite *, const struct options *, bool of_lines);
void suite_close(struct suite *);
struct sim_test suite_test(const struct suite *, uint32_t number);

/* The result of a test. The texts of a result point into the bytes from the pool. */
struct suite_outcome {
    bool passed;
    uint32_t failures, interactions;
    uint64_t virtual_us, took_us;
    const char *text;     /* the expectations that failed, with their source lines */
    const char *timeline; /* "": not told */
    const uint8_t *more;  /* the bytes of the coverage counts, or NULL */
    size_t more_length;
};

/* Plays a test and writes its result to `said`; then `more`, where not NULL, adds the counts of coverage. */
void suite_play(const struct suite *, uint32_t number, const struct sim_options *, struct pool_bytes *said,
                void (*more)(void *self, struct pool_bytes *), void *self);
/* Reads a result that suite_play() wrote; for a play whose process crashed or was killed, the outcome is a failure
 * that says so. */
void suite_hear(enum pool_end, const uint8_t *bytes, size_t length, struct suite_outcome *);
