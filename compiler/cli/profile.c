/* compiler/cli/profile.c - gcxc profile: plays tests or days of calls, and prints which lines of the sources use
 * instructions, fuel, memory and time.
 *
 * The virtual machine counts (vm/profile.h); it is the machine of production with a virtual clock, so the same files
 * give the same figures on any computer. The time of a line is the time that interactions wait there. A process of
 * the pool plays a test or a day and sends its rows; this file adds them up by line, and by call stack for flame
 * graphs. */
#include "vm/profile.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/source.h"
#include "compiler/cli/file.h"
#include "compiler/cli/results.h"
#include "compiler/cli/simulate.h"
#include "compiler/cli/suite.h"
#include "compiler/cli/view.h"
#include "compiler/syntax/program.h"
#include "runtime/profile/profiled.h"
#include "base/memory.h"
#include "base/shown.h"

enum { LINE_TEXT = 60 };

struct profiling {
    const struct options *options;
    struct suite suite;
    struct progress progress;
    struct profile *profile;
    uint32_t failed;
    unsigned by; /* the kind of count by which lines are sorted and stacks weighed */
};

/* Returns all rows of a profile, malloc'ed. */
static struct profile_row *profile_rows_read(const struct profile *profile, uint32_t *count)
{
    struct profile_row *rows = NULL, row;
    for (*count = 0; profile_row_read(profile, *count, &row); ++*count) {
        rows = memory_more(rows, *count, sizeof *rows);
        rows[*count] = row;
    }
    return rows;
}

/* Writes the source line without its indentation. */
static void put_profiled_source(void *self, FILE *out, const struct profile_line *line)
{
    struct compilation *compilation = self;
    char path[4096];
    size_t length = 0;
    if (line->line == 0 || line->file.length >= sizeof path) return;
    memcpy(path, line->file.bytes, line->file.length);
    path[line->file.length] = '\0';
    const struct source *source = source_set_find(compilation_program(compilation)->sources, path);
    if (!source || line->line > source->line_count) return;
    const char *text = source_line(source, line->line, &length);
    while (length > 0 && (*text == ' ' || *text == '\t')) text++, length--;
    shown_print(out, "  %.*s%s", (int)(length < LINE_TEXT ? length : LINE_TEXT), text, length > LINE_TEXT ? "..." : "");
}

static bool write_folded(const struct profiling *p, const struct profile_row *rows, uint32_t row_count)
{
    char *text;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    profile_tell_stacks(rows, row_count, p->by, out);
    fclose(out);
    bool good = file_write(p->options->folded, (const uint8_t *)text, length);
    free(text);
    return good;
}

/* ---- counts on a graph ---- */

/* Writes the counts as a tracefile of lcov; a graph is then coloured by it as by coverage. */
static bool draw_profile(const struct profiling *p, struct compilation *compilation, const struct profile_line *lines,
                         uint32_t count)
{
    struct graph *graph = graph_make(compilation_program(compilation), NULL);
    char *text, unit[32];
    size_t length;
    snprintf(unit, sizeof unit, " %s", p->by == PROFILE_waited ? "s waited" : profile_word(p->by));
    graph->unit = unit;
    FILE *out = memory_stream(&text, &length);
    profile_tell_lcov(lines, count, p->by, out);
    fclose(out);
    FILE *heat = length > 0 ? fmemopen(text, length, "r") : NULL;
    if (heat) view_heat_of(graph, compilation_program(compilation), heat);
    if (heat) fclose(heat);
    free(text);
    return view_write_picture(graph, view_format(p->options->picture), p->options->picture);
}

/* Writes all outputs that were asked for, of one program. */
static bool tell_profile(struct profiling *p, struct compilation *compilation)
{
    uint32_t row_count, count;
    struct profile_row *rows = profile_rows_read(p->profile, &row_count);
    struct profile_line *lines = profile_lines_make(rows, row_count, &count);
    struct profile_telling telling = {.by = p->by,
                                      .most = p->options->most,
                                      .left_out = profile_left_out(p->profile),
                                      .more = put_profiled_source,
                                      .self = compilation};
    bool good = !p->options->picture || draw_profile(p, compilation, lines, count);
    good = (!p->options->folded || write_folded(p, rows, row_count)) && good;
    profile_tell_lines(&telling, lines, count, stdout);
    free(lines);
    free(rows);
    return good;
}

/* ---- days of calls ---- */

static bool tell_simulated(void *self, struct compilation *compilation, uint64_t calls)
{
    printf("%" PRIu64 " interactions of simulated days\n", calls);
    return tell_profile(self, compilation);
}

/* ---- tests ---- */

static void profile_say(void *self, struct pool_bytes *said)
{
    profile_write(self, pool_put, said);
}

static void profile_run(void *self, uint32_t number, struct pool_bytes *said)
{
    struct profiling *p = self;
    struct profile *profile = profile_new(false);
    struct sim_options how = {.seed = p->options->first_seed, .brief = true, .profile = profile};
    suite_play(&p->suite, number, &how, said, profile_say, profile);
    profile_free(profile);
}

static void profile_done(void *self, uint32_t number, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct profiling *p = self;
    struct suite_outcome outcome;
    suite_hear(end, bytes, length, &outcome);
    const struct sim_tests *tests = p->suite.programs[p->suite.cases[number].program].tests;
    p->failed += !outcome.passed;
    if (outcome.more_length > 0) profile_add(p->profile, sim_tests_image(tests), outcome.more, outcome.more_length);
}

static bool profile_goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    struct profiling *p = self;
    progress_show(&p->progress, finished, p->suite.case_count, "tests", spent_us);
    return true;
}

static bool profile_tests(struct profiling *p)
{
    struct pool_work work = {.self = p,
                             .count = p->suite.case_count,
                             .jobs = pool_jobs(p->options->jobs),
                             .run = profile_run,
                             .done = profile_done,
                             .goes_on = profile_goes_on};
    if (p->suite.broken) return false;
    if (p->suite.program_count != 1)
        return shown_refuse("gcxc: profile is of one site; name files of one, or a folder of it\n");
    if (p->suite.case_count == 0)
        return shown_refuse("gcxc: there are no tests to play; with --arrivals or --records days of calls are\n");
    pool_run(&work);
    progress_clear(&p->progress);
    printf("%" PRIu32 " tests", p->suite.case_count);
    if (p->failed > 0) printf(", of which %" PRIu32 " failed: gcxc test tells why", p->failed);
    fputc('\n', stdout);
    return tell_profile(p, p->suite.programs[0].compilation);
}

enum exit_code cli_profile(const struct options *options)
{
    bool days = options->arrivals.count > 0 || options->records || options->campaign.count > 0, good;
    const char *end = options->folded ? strrchr(options->folded, '.') : NULL;
    if (end && strcmp(end, ".gcx") == 0) { /* the output's name was forgotten: a source would be overwritten */
        shown_print(stderr, "gcxc: --folded %s: expected the name of a file for the stacks\n", options->folded);
        return EXIT_USAGE;
    }
    const char *format = options->picture ? view_format(options->picture) : "svg";
    if (!format || strcmp(format, "html") == 0) {
        shown_print(stderr, "gcxc: --graph %s: its name ends in .svg, .dot or .mmd\n", options->picture);
        return EXIT_USAGE;
    }
    struct profiling p = {.options = options, .profile = profile_new(false)};
    bool known = profile_counted(options->by, &p.by);
    assert(known);
    if (days) {
        struct simulate_profiled profiled = {p.profile, tell_simulated, &p};
        good = simulate_profile(options, &profiled) == EXIT_GOOD;
    } else {
        suite_open(&p.suite, options, true);
        good = profile_tests(&p);
        suite_close(&p.suite);
    }
    profile_free(p.profile);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
