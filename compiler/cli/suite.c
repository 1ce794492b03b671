/* compiler/cli/suite.c - Finding, compiling and playing tests. */
#include "compiler/cli/suite.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/grown.h"
#include "compiler/cli/sites.h"

/* ---- files ---- */

static void add_cases(struct suite *suite, uint32_t file, const char *filter)
{
    const struct sim_tests *tests = suite->files[file].tests;
    for (uint32_t i = 0; i < sim_tests_count(tests); i++) {
        if (!sim_name_fits(sim_tests_at(tests, i).name, filter)) continue;
        suite->cases = grown(suite->cases, suite->case_count, sizeof *suite->cases);
        suite->cases[suite->case_count++] = (struct suite_case){file, i};
    }
}

static void add_file(struct suite *suite, const struct options *options, const char *path)
{
    struct compile_options how = {.site = options->site, .natives = libraries_natives(&suite->libraries)};
    struct error error = {0};
    size_t length;
    suite->files = grown(suite->files, suite->file_count, sizeof *suite->files);
    struct suite_file *file = &suite->files[suite->file_count];
    *file = (struct suite_file){.path = strdup(path), .compilation = compile(&path, 1, &how)};
    if (!file->path) abort();
    const uint8_t *image = compilation_image(file->compilation, &length);
    for (uint32_t i = 0; i < suite->file_count; i++) /* of a site or module that they share */
        compilation_leave_out(file->compilation, suite->files[i].compilation);
    file->broken = compilation_print(file->compilation, stderr) > 0 || !image;
    /* Of coverage also strategies without tests are told. */
    if (!file->broken && (suite->covered || compilation_tests(file->compilation) > 0)) {
        file->tests = sim_tests_open(image, length, &suite->libraries.binding, &error);
        file->broken = !file->tests;
        if (file->broken) fprintf(stderr, "gcxc: %s: %s\n", path, error.text);
    }
    suite->broken = suite->broken || file->broken;
    suite->file_count++;
    if (file->tests) add_cases(suite, suite->file_count - 1, options->filter);
}

struct adding {
    struct suite *suite;
    const struct options *options;
};

static void add_path(void *self, const char *path, bool below)
{
    struct adding *adding = self;
    (void)below;
    add_file(adding->suite, adding->options, path);
}

void suite_open(struct suite *suite, const struct options *options)
{
    *suite = (struct suite){.covered = options->coverage || options->html || options->lcov || options->exits ||
                                       options->mutate};
    libraries_open(&suite->libraries, options->native);
    struct adding adding = {suite, options};
    for (size_t i = 0; i < options->path_count; i++)
        if (!sources_each(options->paths[i], add_path, &adding)) suite->broken = true;
}

void suite_close(struct suite *suite)
{
    for (uint32_t i = 0; i < suite->file_count; i++) {
        sim_tests_close(suite->files[i].tests);
        compilation_free(suite->files[i].compilation);
        free(suite->files[i].path);
    }
    free(suite->files);
    free(suite->cases);
    libraries_close(&suite->libraries);
}

struct sim_test suite_test(const struct suite *suite, uint32_t number)
{
    assert(number < suite->case_count);
    const struct suite_case *one = &suite->cases[number];
    return sim_tests_at(suite->files[one->file].tests, one->index);
}

/* ---- playing ---- */

enum { PART = 24 }; /* bytes of an expectation that tell it from others of its line */

struct head { /* of what is said: then the text, the timeline, each with a NUL, and more */
    uint64_t virtual_us, took_us, text, timeline;
    uint32_t failures, interactions;
};

struct play {
    const struct compilation *compilation;
    FILE *text, *timeline;
    struct head head;
};

/* Of what was expected, as it is written in the source: by that its place in a long line is found. */
static const char *beginning(const char *text, char part[PART + 1])
{
    static const char word[] = "expected ";
    const char *what = strncmp(text, word, sizeof word - 1) == 0 ? text + sizeof word - 1 : "";
    size_t length = strnlen(what, PART);
    memcpy(part, what, length);
    part[length] = '\0';
    part[strcspn(part, ";")] = '\0';
    return part;
}

static void on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    struct play *play = self;
    char part[PART + 1];
    if (line == 0) {
        fprintf(play->text, "  %s\n", text);
        return;
    }
    fprintf(play->text, "  %s:%" PRIu32 ": %s\n", file, line, text);
    compilation_quote(play->compilation, play->text, file, line, beginning(text, part));
}

static void on_result(void *self, const struct sim_result *result)
{
    struct play *play = self;
    play->head.failures = result->failures;
    play->head.interactions = result->interactions;
    play->head.virtual_us = result->virtual_us;
    if (result->timeline) fputs(result->timeline, play->timeline);
}

void suite_play(const struct suite *suite, uint32_t number, const struct sim_options *options, struct pool_bytes *said,
                void (*more)(void *self, struct pool_bytes *), void *self)
{
    const struct suite_case *one = &suite->cases[number];
    const struct suite_file *file = &suite->files[one->file];
    char *text, *timeline;
    size_t text_length, timeline_length;
    struct play play = {
        file->compilation, open_memstream(&text, &text_length), open_memstream(&timeline, &timeline_length), {0}};
    if (!play.text || !play.timeline) abort();
    struct sim_report report = {&play, on_failure, on_result};
    uint64_t began_us = pool_clock_us();
    sim_play(file->tests, one->index, options, &report);
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
    if (more) more(self, said);
}

void suite_hear(enum pool_end end, const uint8_t *bytes, size_t length, struct suite_outcome *outcome)
{
    struct head head;
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
