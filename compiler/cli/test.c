/* compiler/cli/test.c - gcxc test: compiling files and playing their tests under the virtual clock. */
#include <inttypes.h>
#include <stdio.h>

#include "compiler/cli/command.h"
#include "compiler/cli/results.h"
#include "compiler/cli/suite.h"

struct testing {
    const struct options *options;
    struct suite suite;
    struct results results;
};

static void run(void *self, uint32_t number, struct pool_bytes *said)
{
    struct testing *testing = self;
    struct sim_options how = {.seed = testing->options->seed, .verbose = testing->options->verbose};
    suite_play(&testing->suite, number, &how, said, NULL, NULL);
}

static void done(void *self, uint32_t number, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct testing *testing = self;
    struct suite_outcome outcome;
    suite_hear(end, bytes, length, &outcome);
    results_case(&testing->results, number, &outcome);
}

static bool goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    struct testing *testing = self;
    progress_show(&testing->results.progress, finished, testing->suite.case_count, "tests", spent_us);
    return true;
}

static void list(const struct suite *suite)
{
    for (uint32_t i = 0; i < suite->case_count; i++) {
        struct sim_test test = suite_test(suite, i);
        printf("%s:%" PRIu32 ": %s\n", test.file, test.line, test.name);
    }
}

static bool play(struct testing *testing)
{
    const struct options *options = testing->options;
    struct pool_work work = {.self = testing,
                             .count = testing->suite.case_count,
                             .jobs = pool_jobs(options->jobs),
                             .run = run,
                             .done = done,
                             .goes_on = goes_on};
    results_begin(&testing->results, &testing->suite, results_format_named(options->format), options->verbose);
    pool_run(&work);
    results_end(&testing->results);
    return testing->results.failed == 0;
}

enum exit_code command_test(const struct options *options)
{
    struct testing testing = {.options = options};
    suite_open(&testing.suite, options);
    bool good = !testing.suite.broken;
    if (testing.suite.case_count == 0 && good) {
        fputs("gcxc: there are no tests to play\n", stderr);
        good = false;
    } else if (options->list) {
        list(&testing.suite);
    } else {
        good = play(&testing) && good;
    }
    suite_close(&testing.suite);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
