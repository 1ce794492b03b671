/* compiler/cli/exits.c - Plays one test per exit: the first test that reaches the step, where the step is made to
 * fail.
 *
 * For each exit of each step the coverage knows the first test that reached the step. The test is played again, and
 * where the step would begin, the exit is forced (sim): the test may fail then, but the strategy's code for the exit
 * has run. Each play is a task of the pool, so one that crashes or hangs is reported as such. */
#include "compiler/cli/coverage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/results.h"
#include "base/memory.h"
#include "base/shown.h"

enum { LIMIT_US = 20000000 };

struct forced {
    const struct coverage_file *file;
    const struct coverage_exit *exit;
};

struct exits {
    const struct coverage *coverage;
    const struct options *options;
    FILE *out;
    struct forced *all;
    uint32_t count, covered, endless;
    struct progress progress;
    const struct forced *told; /* the last one */
};

static void exits_ignore_failure(void *self, const char *file, uint32_t line, const char *text)
{
    (void)self, (void)file, (void)line, (void)text;
}

static void keep_end(void *self, const struct sim_result *result)
{
    char **became = self;
    *became = strdup(result->became);
    if (!*became) abort();
}

struct forcing { /* one exit to be forced, within a process of the pool */
    const struct exits *exits;
    const struct coverage_exit *exit;
    const struct sim_tests *tests;
    uint32_t index; /* the test's index */
};

/* Plays the test with the exit forced at that wait point; returns what was covered, and in `became`, malloc'ed, what
 * happened to the caller who met the exit. */
static struct cover *exits_play(const struct forcing *forcing, uint32_t wait, char **became)
{
    struct cover *cover = sim_tests_cover(forcing->tests);
    cover_force(cover, wait, forcing->exit->code);
    struct sim_options how = {.seed = forcing->exits->options->seed, .brief = true, .cover = cover};
    struct sim_report report = {became, exits_ignore_failure, keep_end};
    *became = NULL;
    sim_play(forcing->tests, forcing->index, &how, &report);
    return cover;
}

/* Writes the result for the pool's pipe; the text includes its NUL, so the reader needs no length. */
static void exits_say_cover(struct pool_bytes *said, const struct cover *cover, const char *became)
{
    struct image_place at;
    char line[80];
    if (!cover_came(cover) && cover_took(cover, &at))
        snprintf(line, sizeof line, "not run: the wait at line %" PRIu32 " took the signal: ", at.line);
    else
        snprintf(line, sizeof line, cover_came(cover) ? "forced: " : "forced, but it did not come to that: ");
    pool_put(said, line, strlen(line));
    became = became && *became ? became : "nothing became of it";
    pool_put(said, became, strlen(became) + 1);
}

/* Plays one exit. At one wait point the exit may not reach its handler, because the wait takes the
 * signal or the call has ended: then another wait point of the same test is tried. */
static void exits_run(void *self, uint32_t number, struct pool_bytes *said)
{
    const struct exits *exits = self;
    const struct coverage_exit *exit = exits->all[number].exit;
    const struct suite *suite = exits->coverage->suite;
    if (exit->test == (uint32_t)NO_TEST) return;
    const struct suite_case *one = &suite->cases[exit->test];
    struct forcing forcing = {exits, exit, suite->programs[one->program].tests, one->index};
    char *became, *other_became;
    struct cover *cover = exits_play(&forcing, exit->wait, &became);
    bool came = cover_came(cover);
    for (uint32_t wait = 0; exit->code < 0 && !came && wait < cover_waits(cover); wait++) {
        if (wait == exit->wait || !cover_met(cover, wait)) continue;
        struct cover *other = exits_play(&forcing, wait, &other_became);
        came = cover_came(other);
        if (came) exits_say_cover(said, other, other_became);
        cover_free(other);
        free(other_became);
    }
    if (!came || cover_came(cover)) exits_say_cover(said, cover, became);
    cover_free(cover);
    free(became);
}

static bool same_step(const struct forced *a, const struct forced *b)
{
    return a && a->file == b->file && a->exit->line == b->exit->line && a->exit->column == b->exit->column &&
           a->exit->index == b->exit->index && strcmp(a->exit->step, b->exit->step) == 0;
}

/* Prints the result of an exit; results come in the order of the exits. The name of the step is printed once, before
 * its first exit. */
static void exits_done(void *self, uint32_t number, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct exits *exits = self;
    const struct forced *forced = &exits->all[number];
    const struct coverage_exit *exit = forced->exit;
    progress_clear(&exits->progress);
    if (!same_step(exits->told, forced))
        shown_print(exits->out, "%s:%" PRIu32 ":%" PRIu32 ": %s\n", forced->file->path, exit->line, exit->column,
                    exit->step);
    exits->told = forced;
    shown_print(exits->out, "    %-20s", exit->name);
    if (exit->code <= COVER_SIGNAL && exit->wait == (uint32_t)COVER_NO_WAIT)
        shown_print(exits->out, "not forced: only a test can say what the signal brings\n");
    else if (exit->wait == (uint32_t)COVER_NO_WAIT)
        shown_print(exits->out, "no step leads there: each has an else\n");
    else if (exit->test == (uint32_t)NO_TEST)
        shown_print(exits->out, "no test gets to the step\n");
    else if (end != POOL_DONE)
        shown_print(exits->out, "%s\n", end == POOL_LATE ? "forced: it does not end" : "forced: it ended gcxc");
    else
        shown_print(exits->out, "%s\n", length > 1 ? (const char *)bytes : "forced: nothing became of it");
    exits->endless += end != POOL_DONE;
}

static bool exits_goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    struct exits *exits = self;
    progress_show(&exits->progress, finished, exits->count, "exits", spent_us);
    return true;
}

static void exits_collect(struct exits *exits)
{
    const struct coverage *coverage = exits->coverage;
    uint32_t room = 0;
    for (uint32_t i = 0; i < coverage->file_count; i++) room += coverage->files[i].exit_count;
    exits->all = memory_zeroed(room + 1u, sizeof *exits->all);
    for (uint32_t i = 0; i < coverage->file_count; i++)
        for (uint32_t e = 0; e < coverage->files[i].exit_count; e++) {
            const struct coverage_exit *exit = &coverage->files[i].exits[e];
            if (exit->code == VM_GO_ON) continue; /* this exit is the step's success, not a failure */
            if (exit->count > 0)
                exits->covered++;
            else
                exits->all[exits->count++] = (struct forced){&coverage->files[i], exit};
        }
}

bool exits_tell(const struct coverage *coverage, const struct options *options, FILE *out)
{
    struct exits exits = {.coverage = coverage, .options = options, .out = out};
    exits_collect(&exits);
    struct pool_work work = {.self = &exits,
                             .count = exits.count,
                             .jobs = pool_jobs(options->jobs),
                             .limit_us = LIMIT_US,
                             .run = exits_run,
                             .done = exits_done,
                             .goes_on = exits_goes_on};
    if (exits.count > 0)
        fprintf(out, "exits that no test covers, and what becomes of the first caller who meets them\n");
    pool_run(&work);
    progress_clear(&exits.progress);
    fprintf(out, "%" PRIu32 " failure exits and handlers are covered, %" PRIu32 " are not\n", exits.covered,
            exits.count);
    free(exits.all);
    return exits.endless == 0;
}
