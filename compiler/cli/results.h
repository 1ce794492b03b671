/* compiler/cli/results.h - Writes the results of tests, as text for people, TAP 13, or JUnit's XML, to stdout. */
#pragma once

#include "compiler/cli/progress.h"
#include "compiler/cli/suite.h"

enum results_format { RESULTS_TEXT, RESULTS_TAP, RESULTS_JUNIT };

enum results_format results_format_named(const char *name); /* as commands.def lists them */

struct results {
    enum results_format format;
    const struct suite *suite;
    bool verbose; /* long timelines are printed as a whole */
    uint32_t passed, failed;
    uint64_t took_us; /* the sum of the time of all plays */
    struct progress progress;
    /* for JUnit: a group for each file, kept until all counts are known, which come first in the output. */
    struct results_group **groups;
    uint32_t group_count;
};

void results_begin(struct results *, const struct suite *, enum results_format, bool verbose);
/* Gets a test's result, in the order of the tests. */
void results_case(struct results *, uint32_t number, const struct suite_outcome *);
void results_end(struct results *);
