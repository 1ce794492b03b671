/* compiler/cli/trial.c - Plays the tests of files with two versions of their texts, for the language server's rename.
 *
 * Each file is a task of the pool: compiled and played in a process of its own, so that a test that never ends stops
 * no editor. A file whose texts do not compile, or which has neither tests nor a site with rules, has nothing to play.
 */
#include "compiler/cli/trial.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "compiler/cli/pool.h"
#include "compiler/cli/rule_examples.h"
#include "compiler/compilation.h"
#include "runtime/sim/sim.h"

enum { TRIAL_FILE_US = 10000000, TRIAL_ALL_US = 20000000 };

struct trial {
    const struct source_overlay *before, *after;
    const char *const *paths;
    struct trial_result result;
};

static void trial_ignore_failure(void *self, const char *file, uint32_t line, const char *text)
{
    (void)self, (void)file, (void)line, (void)text;
}

static void trial_ignore_result(void *self, const struct sim_result *result)
{
    (void)self, (void)result;
}

static struct compilation *trial_compiled(const char *path, const struct source_overlay *texts)
{
    struct compile_options how = {.overlay = texts, .testing = true};
    return compiler_compile(&path, 1, &how);
}

/* Returns the tests of the program; NULL: there are none. */
static struct sim_tests *trial_open(struct compilation *program)
{
    struct error error = {0};
    size_t length;
    const uint8_t *image = compilation_tests(program) > 0 ? compilation_image(program, &length) : NULL;
    return image ? sim_tests_open(image, length, NULL, &error) : NULL;
}

static void trial_copy(char *to, uint32_t room, const char *from)
{
    uint32_t length = utf8_cut(from, strlen(from), room - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

static void trial_other(struct trial_result *result, struct sim_test test)
{
    result->end = TRIAL_OTHER;
    result->line = test.line;
    trial_copy(result->test, sizeof result->test, test.name);
    trial_copy(result->file, sizeof result->file, test.file);
}

/* Compares test by test: a renamed name may stand in a test's name, so they are paired by their order. */
static void trial_compare(struct sim_tests *before, struct sim_tests *after, struct trial_result *result)
{
    static const struct sim_options how = {.brief = true};
    static const struct sim_report report = {NULL, trial_ignore_failure, trial_ignore_result};
    uint32_t count = sim_tests_count(before), now = sim_tests_count(after);
    for (uint32_t i = 0; i < count; i++) {
        bool same = now == count && sim_play(before, i, &how, &report) == sim_play(after, i, &how, &report);
        if (same) continue;
        trial_other(result, sim_tests_at(before, i));
        return;
    }
}

/* Compares the examples of the rules that the site in this file declares: a name in their texts is renamed by nobody.
 */
static void trial_compare_examples(struct compilation *before, struct compilation *after, const char *path,
                                   struct trial_result *result)
{
    char *file = memory_format("%s", path), *told;
    size_t length;
    struct rule_examples *were = rule_examples_open(before, &file, 1), *are = rule_examples_open(after, &file, 1);
    FILE *out = memory_stream(&told, &length);
    uint32_t count = rule_examples_count(were), now = rule_examples_count(are);
    for (uint32_t i = 0; i < count && result->end == TRIAL_SAME; i++)
        if (now != count || rule_examples_play(were, i, out) != rule_examples_play(are, i, out))
            trial_other(result, rule_examples_at(were, i));
    fclose(out);
    free(told);
    rule_examples_close(were);
    rule_examples_close(are);
    free(file);
}

static void trial_run(void *self, uint32_t task, struct pool_bytes *said)
{
    const struct trial *trial = self;
    const char *path = trial->paths[task];
    struct trial_result result = {.end = TRIAL_SAME};
    struct compilation *was = trial_compiled(path, trial->before), *is = trial_compiled(path, trial->after);
    struct sim_tests *before = trial_open(was), *after = before ? trial_open(is) : NULL;
    if (after) trial_compare(before, after, &result);
    if (result.end == TRIAL_SAME) trial_compare_examples(was, is, path, &result);
    sim_tests_close(after);
    sim_tests_close(before);
    compilation_free(is);
    compilation_free(was);
    pool_put(said, &result, sizeof result);
}

static void trial_done(void *self, uint32_t task, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct trial *trial = self;
    struct trial_result result = {.end = TRIAL_LATE};
    (void)task;
    if (end == POOL_DONE) {
        assert(length == sizeof result);
        memcpy(&result, bytes, length);
    }
    if (trial->result.end != TRIAL_OTHER && result.end != TRIAL_SAME) trial->result = result;
}

static bool trial_goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    const struct trial *trial = self;
    (void)finished;
    return trial->result.end == TRIAL_SAME && spent_us < TRIAL_ALL_US;
}

struct trial_result trial_tests(const struct source_overlay *before, const struct source_overlay *after,
                                const char *const *paths, size_t count)
{
    struct trial trial = {.before = before, .after = after, .paths = paths};
    struct pool_work work = {.self = &trial,
                             .count = (uint32_t)count,
                             .jobs = pool_jobs(0),
                             .alone = true,
                             .limit_us = TRIAL_FILE_US,
                             .run = trial_run,
                             .done = trial_done,
                             .goes_on = trial_goes_on};
    uint32_t played = pool_run(&work);
    if (played < count && trial.result.end == TRIAL_SAME) trial.result.end = TRIAL_LATE;
    return trial.result;
}
