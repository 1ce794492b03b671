/* compiler/cli/test.c - gcxc test: compiles files and plays their tests under the virtual clock.
 *
 * The command only joins other files: suite.c finds and plays, pool.c distributes tests over processes, results.c
 * writes the results in one of three forms, coverage.c counts the lines that ran. The exit status is 1 where a test
 * failed or the program had errors. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/cli/command.h"
#include "compiler/cli/coverage.h"
#include "compiler/cli/file.h"
#include "compiler/cli/mutants_told.h"
#include "compiler/cli/results.h"
#include "compiler/cli/site_conf.h"
#include "compiler/cli/suite.h"
#include "base/memory.h"
#include "base/shown.h"

struct testing {
    const struct options *options;
    struct suite suite;
    struct site_conf conf; /* of --site-conf */
    struct results results;
    struct coverage coverage;
};

static void put_cover(void *self, struct pool_bytes *said)
{
    cover_write(self, pool_put, said);
}

static void test_run(void *self, uint32_t number, struct pool_bytes *said)
{
    struct testing *testing = self;
    struct sim_options how = {.seed = testing->options->seed, .verbose = testing->options->verbose};
    if (testing->options->site_conf) how.site = &testing->conf.site;
    if (!testing->suite.covered) {
        suite_play(&testing->suite, number, &how, said, NULL, NULL);
        return;
    }
    how.cover = sim_tests_cover(testing->suite.programs[testing->suite.cases[number].program].tests);
    suite_play(&testing->suite, number, &how, said, put_cover, how.cover);
    cover_free(how.cover);
}

static void test_done(void *self, uint32_t number, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct testing *testing = self;
    struct suite_outcome outcome;
    suite_hear(end, bytes, length, &outcome);
    results_case(&testing->results, number, &outcome);
    if (outcome.more_length > 0) coverage_add(&testing->coverage, number, outcome.more, outcome.more_length);
}

static bool test_goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    struct testing *testing = self;
    progress_show(&testing->results.progress, finished, testing->suite.case_count, "tests", spent_us);
    return true;
}

static void test_list_suite(const struct suite *suite)
{
    for (uint32_t i = 0; i < suite->case_count; i++) {
        struct sim_test test = suite_test(suite, i);
        shown_print(stdout, "%s:%" PRIu32 ": %s\n", test.file, test.line, test.name);
    }
}

/* Writes a file of coverage as a whole, or not at all. */
static bool write_coverage_file(const struct coverage *coverage, const char *path, const char *begins, const char *what,
                                void (*make)(const struct coverage *, FILE *))
{
    char *text;
    size_t length;
    if (!path) return true;
    FILE *out = memory_stream(&text, &length);
    make(coverage, out);
    fclose(out);
    bool good = file_may_replace(path, begins, what) && file_write(path, (const uint8_t *)text, length);
    free(text);
    return good;
}

/* Prints and writes the coverage; the text goes to standard output if that has the results for people. */
static bool tell_coverage(struct testing *testing)
{
    const struct options *options = testing->options;
    struct coverage *coverage = &testing->coverage;
    coverage_end(coverage);
    FILE *out = testing->results.format == RESULTS_TEXT ? stdout : stderr;
    if (options->coverage) coverage_text(coverage, out);
    if (options->coverage && !options->site_conf) coverage_media(coverage, out);
    bool good = !options->exits || exits_tell(coverage, options, out);
    if (options->mutate && testing->results.failed == 0)
        good = mutants_tell(coverage, options, out) && good;
    else if (options->mutate)
        fputs("no change is tried while a test fails\n", out);
    good = write_coverage_file(coverage, options->html, "<!DOCTYPE html>", "page", coverage_html) && good;
    good = write_coverage_file(coverage, options->ways, "{\n \"gcxc_ways\": 1", "file of ways", coverage_json) && good;
    return write_coverage_file(coverage, options->lcov, "TN:", "tracefile of lcov", coverage_lcov) && good;
}

static bool test_play(struct testing *testing)
{
    const struct options *options = testing->options;
    struct pool_work work = {.self = testing,
                             .count = testing->suite.case_count,
                             .jobs = pool_jobs(options->jobs),
                             .run = test_run,
                             .done = test_done,
                             .goes_on = test_goes_on};
    results_begin(&testing->results, &testing->suite, results_format_named(options->format), options->verbose);
    if (testing->suite.covered) coverage_begin(&testing->coverage, &testing->suite, options->mutate);
    pool_run(&work);
    results_end(&testing->results);
    bool good = !testing->suite.covered || testing->suite.case_count == 0 || tell_coverage(testing);
    if (testing->suite.covered) coverage_free(&testing->coverage);
    return good && testing->results.failed == 0;
}

enum exit_code cli_test(const struct options *options)
{
    struct testing testing = {.options = options};
    if ((options->mutants || options->known) && !options->mutate) {
        fputs("gcxc: --mutants and --mutants-known go with --mutate, which makes the mutants\n", stderr);
        return EXIT_USAGE;
    }
    if (options->mutants && !mutants_may_write(options->mutants)) return EXIT_PROBLEMS;
    if (options->site_conf && !site_conf_open(&testing.conf, options->site_conf)) return EXIT_PROBLEMS;
    suite_open(&testing.suite, options, false);
    bool good = !testing.suite.broken;
    if (testing.suite.case_count == 0 && good) {
        fputs("gcxc: there are no tests to play\n", stderr);
        good = false;
    } else if (options->list) {
        test_list_suite(&testing.suite);
    } else {
        good = test_play(&testing) && good;
    }
    suite_close(&testing.suite);
    site_conf_close(&testing.conf);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
