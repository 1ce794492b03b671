/* compiler/cli/suite.c - Finds, compiles and plays tests.
 *
 * A suite is all tests of all programs that the command names, in the order of the files. A program is compiled once
 * with its tests in the image; each test is a case with a number, which results, coverage and the pool use. A case
 * is played in a worker process: its result and messages come back as bytes, and suite_hear() reads them in the
 * caller's process. */
#include "compiler/cli/suite.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/progress.h"
#include "compiler/cli/rule_examples.h"
#include "base/memory.h"
#include "base/shown.h"

/* ---- programs ---- */

static void add_cases(struct suite *suite, uint32_t program, const char *filter)
{
    const struct sim_tests *tests = suite->programs[program].tests;
    for (uint32_t i = 0; i < sim_tests_count(tests); i++) {
        if (!sim_name_fits(sim_tests_at(tests, i).name, filter)) continue;
        suite->cases = memory_more(suite->cases, suite->case_count, sizeof *suite->cases);
        suite->cases[suite->case_count++] = (struct suite_case){program, i, false};
    }
}

static void add_examples(struct suite *suite, uint32_t program, const char *filter)
{
    const struct rule_examples *examples = suite->programs[program].examples;
    for (uint32_t i = 0; i < rule_examples_count(examples); i++) {
        if (!sim_name_fits(rule_examples_at(examples, i).name, filter)) continue;
        suite->cases = memory_more(suite->cases, suite->case_count, sizeof *suite->cases);
        suite->cases[suite->case_count++] = (struct suite_case){program, i, true};
    }
}

static void add_program(struct suite *suite, const struct options *options, const struct site_files *files)
{
    struct compile_options how = {
        .site = options->site, .natives = libraries_natives(&suite->libraries), .testing = true};
    struct error error = {0};
    size_t length;
    struct suite_program *program = &suite->programs[suite->program_count];
    program->files = files;
    program->compilation = compiler_compile((const char *const *)files->paths, files->count, &how);
    const uint8_t *image = compilation_image(program->compilation, &length);
    /* so that an error in a file of several programs is printed once */
    for (uint32_t i = 0; i < suite->program_count; i++)
        compilation_leave_out(program->compilation, suite->programs[i].compilation);
    program->broken = compilation_print(program->compilation, stderr) > 0 || !image;
    /* Coverage counts strategies without tests as well. */
    if (!program->broken && (suite->covered || compilation_tests(program->compilation) > 0)) {
        program->tests = sim_tests_open(image, length, &suite->libraries.binding, &error);
        program->broken = !program->tests;
        if (program->broken) shown_print(stderr, "gcxc: %s: %s\n", files->paths[0], error.text);
    }
    suite->broken = suite->broken || program->broken;
    suite->program_count++;
    if (program->tests) add_cases(suite, suite->program_count - 1, options->filter);
    if (program->broken || suite->of_lines) return;
    program->examples = rule_examples_open(program->compilation, files->paths, files->count);
    if (program->examples) add_examples(suite, suite->program_count - 1, options->filter);
}

void suite_open(struct suite *suite, const struct options *options, bool of_lines)
{
    *suite = (struct suite){.covered = options->coverage || options->html || options->lcov || options->ways ||
                                       options->exits || options->mutate,
                            .of_lines = of_lines};
    libraries_open(&suite->libraries, options->native);
    suite->sites = sites_named(options);
    suite->broken = !suite->sites.good;
    suite->programs = memory_zeroed(suite->sites.count + 1, sizeof *suite->programs);
    for (size_t i = 0; i < suite->sites.count; i++) {
        progress_lasts("compiling", i + 1, suite->sites.count);
        add_program(suite, options, &suite->sites.all[i]);
        progress_rests();
    }
}

void suite_close(struct suite *suite)
{
    for (uint32_t i = 0; i < suite->program_count; i++) {
        sim_tests_close(suite->programs[i].tests);
        rule_examples_close(suite->programs[i].examples);
        compilation_free(suite->programs[i].compilation);
    }
    free(suite->programs);
    free(suite->cases);
    sites_close(&suite->sites);
    libraries_close(&suite->libraries);
}

struct sim_test suite_test(const struct suite *suite, uint32_t number)
{
    assert(number < suite->case_count);
    const struct suite_case *one = &suite->cases[number];
    if (one->of_rule) return rule_examples_at(suite->programs[one->program].examples, one->index);
    return sim_tests_at(suite->programs[one->program].tests, one->index);
}

/* ---- playing ---- */

enum { PART = 24 }; /* the bytes of an expectation that distinguish it from others on its line */

struct play_head { /* the head of a message from the pool; text, timeline (each with a NUL) and more follow */
    uint64_t virtual_us, took_us, text, timeline;
    uint32_t failures, interactions;
};

struct played_test {
    const struct compilation *compilation;
    FILE *text, *timeline;
    struct play_head head;
};

/* Copies the beginning of an expectation as it is in the source: by it the place in a long line is found. */
static const char *suite_beginning(const char *text, char part[PART + 1])
{
    static const char word[] = "expected ";
    const char *what = strncmp(text, word, sizeof word - 1) == 0 ? text + sizeof word - 1 : "";
    size_t length = strnlen(what, PART);
    memcpy(part, what, length);
    part[length] = '\0';
    part[strcspn(part, ";")] = '\0';
    return part;
}

static void suite_on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    struct played_test *play = self;
    char part[PART + 1];
    if (line == 0) {
        fprintf(play->text, "  %s\n", text);
        return;
    }
    fprintf(play->text, "  %s:%" PRIu32 ": %s\n", file, line, text);
    compilation_quote(play->compilation, play->text, file, line, suite_beginning(text, part));
}

static void suite_on_result(void *self, const struct sim_result *result)
{
    struct played_test *play = self;
    play->head.failures = result->failures;
    play->head.interactions = result->interactions;
    play->head.virtual_us = result->virtual_us;
    if (result->timeline) fputs(result->timeline, play->timeline);
}

void suite_play(const struct suite *suite, uint32_t number, const struct sim_options *options, struct pool_bytes *said,
                void (*more)(void *self, struct pool_bytes *), void *self)
{
    const struct suite_case *one = &suite->cases[number];
    const struct suite_program *program = &suite->programs[one->program];
    char *text, *timeline;
    size_t text_length, timeline_length;
    struct played_test play = {
        program->compilation, open_memstream(&text, &text_length), open_memstream(&timeline, &timeline_length), {0}};
    if (!play.text || !play.timeline) abort();
    struct sim_report report = {&play, suite_on_failure, suite_on_result};
    uint64_t began_us = pool_clock_us();
    if (one->of_rule)
        play.head.failures = !rule_examples_play(program->examples, one->index, play.text);
    else
        sim_play(program->tests, one->index, options, &report);
    fclose(play.text);
    fclose(play.timeline);
    play.head.took_us = pool_clock_us() - began_us;
    play.head.text = text_length;
    play.head.timeline = timeline_length;
    pool_put(said, &play.head, sizeof play.head);
    pool_put(said, text, text_length + 1);
    pool_put(said, timeline, timeline_length + 1);
    free(text);
    free(timeline);
    if (more && !one->of_rule) more(self, said);
}

void suite_hear(enum pool_end end, const uint8_t *bytes, size_t length, struct suite_outcome *outcome)
{
    struct play_head head;
    *outcome = (struct suite_outcome){.text = "", .timeline = "", .failures = 1};
    if (end != POOL_DONE) {
        outcome->text =
            end == POOL_LATE ? "  it does not end\n" : "  it ended gcxc: that is a fault of gcxc, not of the test\n";
        return;
    }
    assert(length >= sizeof head);
    memcpy(&head, bytes, sizeof head);
    const uint8_t *text = bytes + sizeof head, *timeline = text + head.text + 1, *more = timeline + head.timeline + 1;
    *outcome = (struct suite_outcome){.passed = head.failures == 0,
                                      .failures = head.failures,
                                      .interactions = head.interactions,
                                      .virtual_us = head.virtual_us,
                                      .took_us = head.took_us,
                                      .text = (const char *)text,
                                      .timeline = (const char *)timeline,
                                      .more = more,
                                      .more_length = length - (size_t)(more - bytes)};
}
