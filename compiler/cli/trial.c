/* compiler/cli/trial.c - Plays the tests of files with two versions of their texts, for the language server's rename.
 *
 * Each file is a task of the pool: compiled and played in a process of its own, so that a test that never ends stops
 * no editor. A file whose texts do not compile, or which has no tests, has nothing to play. */
#include "compiler/cli/trial.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "compiler/cli/pool.h"
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

/* Returns the tests of the file with those texts; NULL: there are none. */
static struct sim_tests *trial_open(const char *path, const struct source_overlay *texts, struct compilation **held)
{
    struct compile_options how = {.overlay = texts, .testing = true};
    struct error error = {0};
    size_t length;
    *held = compiler_compile(&path, 1, &how);
    const uint8_t *image = compilation_tests(*held) > 0 ? compilation_image(*held, &length) : NULL;
    return image ? sim_tests_open(image, length, NULL, &error) : NULL;
}

static void trial_copy(char *to, uint32_t room, const char *from)
{
    uint32_t length = utf8_cut(from, strlen(from), room - 1);
    memcpy(to, from, length);
    to[length] = '\0';
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
        struct sim_test test = sim_tests_at(before, i);
        result->end = TRIAL_OTHER;
        result->line = test.line;
        trial_copy(result->test, sizeof result->test, test.name);
        trial_copy(result->file, sizeof result->file, test.file);
        return;
    }
}

static void trial_run(void *self, uint32_t task, struct pool_bytes *said)
{
    const struct trial *trial = self;
    struct compilation *was, *is;
    struct trial_result result = {.end = TRIAL_SAME};
    struct sim_tests *before = trial_open(trial->paths[task], trial->before, &was);
    if (before) {
        struct sim_tests *after = trial_open(trial->paths[task], trial->after, &is);
        if (after) trial_compare(before, after, &result);
        sim_tests_close(after);
        compilation_free(is);
    }
    sim_tests_close(before);
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
