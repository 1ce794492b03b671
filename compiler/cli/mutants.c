/* compiler/cli/mutants.c - Makes and plays each mutant in a process of its own, which ends with the change.
 *
 * A mutant is the program with one small change: a comparison reversed, a number changed, a branch left out
 * (mutate.c). If a test fails with the mutant, the tests have noticed the change; a mutant without a failing test
 * shows code whose result nobody checks.
 *
 *     coverage of all tests --> which tests run which lines
 *     mutant of a line      --> plays only these, until one fails
 *
 * A file may belong to several programs. It is still one change, with a variant per program, and is noticed where a
 * test of any variant fails. */
#include "compiler/cli/coverage.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/cli/mutants_told.h"
#include "compiler/cli/results.h"
#include "base/memory.h"
#include "base/shown.h"

enum { MUTANT_LIMIT_US = 20000000, WITHIN_S = 600, NO_ROW = -1 };

/* A change of a source; every image that contains the source has a variant of it. */
struct change {
    struct mutant mutant;
    uint32_t source; /* coverage_file.id */
    uint32_t first;  /* the first of the change's variants in images; NO_ROW: none */
    uint32_t last;
    enum mutant_verdict verdict;
};

struct variant {
    uint32_t program, number; /* the number of the program in the suite, and of the mutant in the program */
    uint32_t next;
};

struct mutants {
    const struct coverage *coverage;
    const struct options *options;
    FILE *out;
    struct compilation **held; /* for each program of the suite: its checked compilation, without an image */
    struct change *changes;
    struct variant *variants;
    uint32_t change_count, variant_count;
    uint32_t *tasks, task_count; /* changes of lines that some test runs */
    uint32_t reading, number;    /* the program of the suite, and its mutant, that is being reported */
    uint32_t noticed, survived;
    struct progress progress;
};

enum verdict { NOTICED = 'n', SURVIVED = 's', NO_PROGRAM = 'p' };

/* ---- collecting ---- */

static bool is_same_mutant(const struct change *change, const struct mutant *mutant, uint32_t source)
{
    return change->mutant.line == mutant->line && change->mutant.column == mutant->column && change->source == source &&
           strcmp(change->mutant.what, mutant->what) == 0;
}

/* Returns the change to which this mutant of the current image belongs. */
static struct change *mutants_change_of(struct mutants *m, const struct mutant *mutant, uint32_t source)
{
    for (uint32_t i = 0; i < m->change_count; i++)
        if (is_same_mutant(&m->changes[i], mutant, source)) return &m->changes[i];
    m->changes = memory_more(m->changes, m->change_count, sizeof *m->changes);
    struct change *change = &m->changes[m->change_count++];
    *change = (struct change){*mutant, source, (uint32_t)NO_ROW, (uint32_t)NO_ROW, MUTANT_UNTRIED};
    return change;
}

static void on_mutant(void *self, const struct mutant *mutant)
{
    struct mutants *m = self;
    uint32_t number = m->number++, source = coverage_source(m->coverage, mutant->path);
    if (source == (uint32_t)NO_ROW) return;
    struct change *change = mutants_change_of(m, mutant, source);
    m->variants = memory_more(m->variants, m->variant_count, sizeof *m->variants);
    m->variants[m->variant_count] = (struct variant){m->reading, number, (uint32_t)NO_ROW};
    if (change->first == (uint32_t)NO_ROW)
        change->first = m->variant_count;
    else
        m->variants[change->last].next = m->variant_count;
    change->last = m->variant_count++;
}

/* Does the test, of that program, run the changed line? */
static bool mutants_runs(const struct mutants *m, const struct coverage_hit *hit, const struct change *change,
                         uint32_t program)
{
    return hit->source == change->source && hit->line >= change->mutant.begin && hit->line <= change->mutant.line &&
           m->coverage->suite->cases[hit->test].program == program;
}

static bool run_by_some(const struct mutants *m, const struct change *change)
{
    for (uint32_t v = change->first; v != (uint32_t)NO_ROW; v = m->variants[v].next)
        for (uint32_t i = 0; i < m->coverage->hit_count; i++)
            if (mutants_runs(m, &m->coverage->hits[i], change, m->variants[v].program)) return true;
    return false;
}

static int mutants_by_place(const void *left, const void *right)
{
    const struct change *a = left, *b = right;
    int path = strcmp(a->mutant.path, b->mutant.path);
    if (path) return path;
    if (a->mutant.line != b->mutant.line) return a->mutant.line < b->mutant.line ? -1 : 1;
    if (a->mutant.column != b->mutant.column) return a->mutant.column < b->mutant.column ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static void mutants_collect(struct mutants *m)
{
    const struct suite *suite = m->coverage->suite;
    m->held = memory_zeroed(suite->program_count + 1u, sizeof(struct compilation *));
    for (uint32_t i = 0; i < suite->program_count; i++) {
        const struct site_files *files = suite->programs[i].files;
        struct compile_options how = {.site = m->options->site,
                                      .natives = libraries_natives(&suite->libraries),
                                      .checked_only = true,
                                      .testing = true};
        if (!suite->programs[i].tests || sim_tests_count(suite->programs[i].tests) == 0) continue;
        m->held[i] = compiler_compile((const char *const *)files->paths, files->count, &how);
        m->reading = i;
        m->number = 0;
        compilation_mutants(m->held[i], on_mutant, m);
    }
    if (m->changes) qsort(m->changes, m->change_count, sizeof *m->changes, mutants_by_place);
    m->tasks = memory_zeroed(m->change_count + 1u, sizeof *m->tasks);
    for (uint32_t i = 0; i < m->change_count; i++)
        if (run_by_some(m, &m->changes[i]))
            m->tasks[m->task_count++] = i;
        else
            m->changes[i].verdict = MUTANT_NO_TEST;
}

/* ---- playing ---- */

static void mutants_ignore_failure(void *self, const char *file, uint32_t line, const char *text)
{
    (void)self, (void)file, (void)line, (void)text;
}

static void ignore_result(void *self, const struct sim_result *result)
{
    (void)self, (void)result;
}

/* Plays every test that runs the line, until one fails. */
static enum verdict mutants_play(const struct mutants *m, const struct change *change, const struct variant *variant)
{
    struct sim_options how = {.seed = m->options->seed, .brief = true};
    struct sim_report report = {NULL, mutants_ignore_failure, ignore_result};
    struct error error = {0};
    size_t length;
    const uint8_t *image = compilation_mutate(m->held[variant->program], variant->number, &length);
    struct sim_tests *tests =
        image ? sim_tests_open(image, length, &m->coverage->suite->libraries.binding, &error) : NULL;
    bool passed = true;
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; tests && passed && i < m->coverage->hit_count; i++) {
        const struct coverage_hit *hit = &m->coverage->hits[i];
        if (hit->test == before || !mutants_runs(m, hit, change, variant->program)) continue;
        before = hit->test;
        passed = sim_play(tests, m->coverage->suite->cases[hit->test].index, &how, &report);
    }
    enum verdict verdict = !tests ? NO_PROGRAM : passed ? SURVIVED : NOTICED;
    sim_tests_close(tests);
    return verdict;
}

static void mutants_run(void *self, uint32_t task, struct pool_bytes *said)
{
    const struct mutants *m = self;
    assert(task < m->task_count);
    const struct change *change = &m->changes[m->tasks[task]];
    uint8_t verdict = NO_PROGRAM;
    /* a mutant that is no valid program may fail an assertion of the compiler */
    int nothing = open("/dev/null", O_WRONLY);
    if (nothing >= 0) dup2(nothing, STDERR_FILENO);
    for (uint32_t v = change->first; v != (uint32_t)NO_ROW && verdict != NOTICED; v = m->variants[v].next) {
        enum verdict one = mutants_play(m, change, &m->variants[v]);
        if (one != NO_PROGRAM) verdict = (uint8_t)one;
    }
    pool_put(said, &verdict, 1);
}

/* A mutant that loops for ever counts as noticed, too: a test would have shown it by not ending. */
static void mutants_done(void *self, uint32_t task, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct mutants *m = self;
    assert(task < m->task_count);
    struct change *change = &m->changes[m->tasks[task]];
    uint8_t verdict = end == POOL_LATE ? NOTICED : end == POOL_DONE && length == 1 ? bytes[0] : NO_PROGRAM;
    change->verdict = verdict == NOTICED ? MUTANT_NOTICED : verdict == SURVIVED ? MUTANT_SURVIVED : MUTANT_NO_PROGRAM;
    m->noticed += verdict == NOTICED;
    if (verdict != SURVIVED) return;
    progress_clear(&m->progress);
    m->survived++;
    shown_print(m->out, "%s:%" PRIu32 ":%" PRIu32 ": %s\n", change->mutant.path, change->mutant.line,
                change->mutant.column, change->mutant.what);
    const struct compilation *held = m->held[m->variants[change->first].program];
    compilation_quote(held, m->out, change->mutant.path, change->mutant.line, "");
}

static bool mutants_goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    struct mutants *m = self;
    uint64_t within_s = m->options->within ? m->options->within : WITHIN_S;
    progress_show(&m->progress, finished, m->task_count, "mutants", spent_us);
    return spent_us / 1000000 < within_s;
}

static void tell_sum(const struct mutants *m, uint32_t played)
{
    uint32_t idle = m->change_count - m->task_count;
    fprintf(m->out, "%" PRIu32 " mutants noticed, %" PRIu32 " not noticed", m->noticed, m->survived);
    if (idle > 0) fprintf(m->out, ", %" PRIu32 " where no test runs", idle);
    if (played < m->task_count) fprintf(m->out, ", %" PRIu32 " not tried in the time", m->task_count - played);
    fputc('\n', m->out);
}

/* Tells for each strategy and function how many of its mutants the tests notice. */
static void tell_scores(const struct mutants *m)
{
    bool *told = memory_zeroed(m->change_count + 1u, sizeof *told);
    for (uint32_t i = 0; i < m->change_count; i++) {
        uint32_t count[MUTANT_NO_PROGRAM + 1] = {0};
        if (told[i]) continue;
        for (uint32_t j = i; j < m->change_count; j++) {
            if (told[j] || m->changes[j].source != m->changes[i].source ||
                strcmp(m->changes[j].mutant.in, m->changes[i].mutant.in) != 0)
                continue;
            told[j] = true;
            count[m->changes[j].verdict]++;
        }
        uint32_t tried = count[MUTANT_NOTICED] + count[MUTANT_SURVIVED];
        if (tried + count[MUTANT_NO_TEST] == 0) continue;
        shown_print(m->out, "  %s: %" PRIu32 " of %" PRIu32 " noticed", m->changes[i].mutant.in, count[MUTANT_NOTICED],
                    tried);
        if (count[MUTANT_NO_TEST] > 0) fprintf(m->out, ", %" PRIu32 " where no test runs", count[MUTANT_NO_TEST]);
        fputc('\n', m->out);
    }
    free(told);
}

/* Returns the line of the change, without the blanks around it, malloc'ed. */
static char *mutants_line(const struct mutants *m, const struct change *change)
{
    char *text = NULL, *at, *end;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    compilation_quote(m->held[m->variants[change->first].program], out, change->mutant.path, change->mutant.line, "");
    if (fclose(out) != 0) abort();
    at = strstr(text, "| ");
    at = at ? at + 2 : text;
    at += strspn(at, " \t");
    end = at + strcspn(at, "\n");
    while (end > at && (end[-1] == ' ' || end[-1] == '\t')) end--;
    memmove(text, at, (size_t)(end - at));
    text[end - at] = '\0';
    return text;
}

/* Says which mutants the baseline does not have; false: there are some. */
static bool tell_new(const struct mutants *m, const struct mutant_row *rows)
{
    uint32_t new = 0, untried = 0;
    for (uint32_t i = 0; i < m->change_count; i++) {
        untried += rows[i].verdict == MUTANT_UNTRIED;
        if (!mutant_row_lives(&rows[i]) || rows[i].known) continue;
        if (new ++ == 0) fputs("new since the baseline\n", m->out);
        shown_print(m->out, "%s:%" PRIu32 ":%" PRIu32 ": %s%s\n", rows[i].file, rows[i].line, rows[i].column,
                    rows[i].what, rows[i].verdict == MUTANT_NO_TEST ? " (no test runs there)" : "");
    }
    if (new == 0) fprintf(m->out, "no new one since the baseline%s\n", untried ? " among those that were tried" : "");
    return new == 0;
}

/* Compares the mutants with the baseline and writes their file; false: something failed, or a mutant is new. */
static bool mutants_report(const struct mutants *m)
{
    if (!m->options->mutants && !m->options->known) return true;
    struct mutant_row *rows = memory_zeroed(m->change_count + 1u, sizeof *rows);
    for (uint32_t i = 0; i < m->change_count; i++) {
        const struct change *change = &m->changes[i];
        rows[i] = (struct mutant_row){.file = change->mutant.path,
                                      .in = change->mutant.in,
                                      .what = change->mutant.what,
                                      .text = mutants_line(m, change),
                                      .line = change->mutant.line,
                                      .column = change->mutant.column,
                                      .verdict = change->verdict};
    }
    bool good = !m->options->known || (mutants_know(rows, m->change_count, m->options->known) && tell_new(m, rows));
    if (m->options->mutants) good = mutants_write(rows, m->change_count, m->options->mutants) && good;
    for (uint32_t i = 0; i < m->change_count; i++) free(rows[i].text);
    free(rows);
    return good;
}

bool mutants_tell(const struct coverage *coverage, const struct options *options, FILE *out)
{
    struct mutants m = {.coverage = coverage, .options = options, .out = out};
    mutants_collect(&m);
    struct pool_work work = {.self = &m,
                             .count = m.task_count,
                             .jobs = pool_jobs(options->jobs),
                             .alone = true,
                             .limit_us = MUTANT_LIMIT_US,
                             .run = mutants_run,
                             .done = mutants_done,
                             .goes_on = mutants_goes_on};
    if (m.task_count > 0) fprintf(out, "mutants that no test notices\n");
    uint32_t played = pool_run(&work);
    progress_clear(&m.progress);
    tell_sum(&m, played);
    tell_scores(&m);
    bool good = mutants_report(&m);
    for (uint32_t i = 0; i < coverage->suite->program_count; i++) compilation_free(m.held[i]);
    free(m.held);
    free(m.changes);
    free(m.variants);
    free(m.tasks);
    return good;
}
