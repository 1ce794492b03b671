/* compiler/cli/profile.c - gcxc profile: plays tests or days of calls, and tells which lines of the sources take
 * instructions, fuel, memory and time.
 *
 * The virtual machine counts (vm/profile.h), the same one as in production and under a virtual clock, so the same files
 * give the same figures on any machine. Time is that which interactions wait at a line. A process of the pool plays a
 * test or a day and sends its rows; here they are added up by line, and by stack of calls for flame graphs. */
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
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/shown.h"

enum { LINES_TOLD = 20, LINE_TEXT = 60 };

struct profile_line { /* of a source, or a function of which the image does not say the lines */
    struct text file, function;
    uint32_t line, place;
    uint64_t counts[PROFILE_COUNTS];
};

struct profiling {
    const struct options *options;
    struct suite suite;
    struct progress progress;
    struct profile *profile;
    uint32_t failed;
    unsigned by; /* the count that orders lines and weighs stacks */
};

/* ---- lines ---- */

static int text_compare(struct text a, struct text b)
{
    int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int by_profiled_line(const void *left, const void *right)
{
    const struct profile_line *a = left, *b = right;
    int file = text_compare(a->file, b->file), function = a->line == 0 ? text_compare(a->function, b->function) : 0;
    if (file != 0) return file;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return function ? function : (a->place > b->place) - (a->place < b->place);
}

static bool same_profiled_line(const struct profile_line *a, const struct profile_line *b)
{
    return a->line == b->line && text_compare(a->file, b->file) == 0 &&
           (a->line > 0 || text_compare(a->function, b->function) == 0);
}

static void profile_line_add(struct profile_line *to, const struct profile_line *from)
{
    for (unsigned c = 0; c < PROFILE_COUNTS; c++) to->counts[c] += from->counts[c];
}

/* A line runs as often as the place of it that ran most; of all else it has the sum. The rows of a place come from
 * different calls, so they are added up first. */
static uint32_t merge_profile_lines(struct profile_line *lines, uint32_t count)
{
    uint32_t kept = 0;
    if (count > 0) qsort(lines, count, sizeof *lines, by_profiled_line);
    for (uint32_t i = 0; i < count;) {
        struct profile_line place = lines[i];
        for (i++; i < count && lines[i].place == place.place && same_profiled_line(&lines[i], &place); i++)
            profile_line_add(&place, &lines[i]);
        struct profile_line *last = kept > 0 ? &lines[kept - 1] : NULL;
        if (!last || !same_profiled_line(last, &place)) {
            lines[kept++] = place;
            continue;
        }
        uint64_t runs = last->counts[PROFILE_runs];
        profile_line_add(last, &place);
        if (place.counts[PROFILE_runs] > runs) runs = place.counts[PROFILE_runs];
        last->counts[PROFILE_runs] = runs;
    }
    return kept;
}

static struct profile_line *make_profile_lines(const struct profile *profile, uint32_t *count)
{
    struct profile_line *lines = NULL;
    struct profile_row row;
    for (*count = 0; profile_row_read(profile, *count, &row); ++*count) {
        lines = memory_more(lines, *count, sizeof *lines);
        struct profile_line *line = &lines[*count];
        *line = (struct profile_line){row.at.file, row.function, row.at.line, row.place, {0}};
        if (!line->file.bytes) line->file = (struct text){"", 0};
        memcpy(line->counts, row.counts, sizeof line->counts);
    }
    *count = merge_profile_lines(lines, *count);
    return lines;
}

/* ---- text ---- */

static unsigned profile_by; /* qsort has no place for it */

static int by_profile_count(const void *left, const void *right)
{
    const struct profile_line *a = left, *b = right;
    if (a->counts[profile_by] != b->counts[profile_by]) return a->counts[profile_by] < b->counts[profile_by] ? 1 : -1;
    return by_profiled_line(a, b);
}

/* "312.0 ms", "2.1 h": three digits are enough. */
static const char *profile_time(char text[32], uint64_t us)
{
    if (us < 1000000)
        snprintf(text, 32, "%.1f ms", (double)us / 1e3);
    else if (us < UINT64_C(600000000))
        snprintf(text, 32, "%.1f s", (double)us / 1e6);
    else
        snprintf(text, 32, "%.1f h", (double)us / 3.6e9);
    return text;
}

/* The line as it stands in the source, without what indents it. */
static void put_profiled_source(FILE *out, struct compilation *compilation, const struct profile_line *line)
{
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

static void put_profile_line(const struct profile_line *line, struct compilation *compilation, uint64_t all,
                             unsigned by, FILE *out)
{
    char waited[32];
    double share = all == 0 ? 0 : 100.0 * (double)line->counts[by] / (double)all;
    fprintf(out, "%5.1f %% %12" PRIu64 " %8" PRIu64 " %10" PRIu64 " %10" PRIu64 " %7" PRIu64 " %7" PRIu64 " %9s  ",
            share, line->counts[PROFILE_instructions], line->counts[PROFILE_runs], line->counts[PROFILE_fuel],
            line->counts[PROFILE_bytes], line->counts[PROFILE_waits], line->counts[PROFILE_over],
            profile_time(waited, line->counts[PROFILE_waited]));
    if (line->line > 0)
        shown_print(out, "%.*s:%" PRIu32, (int)line->file.length, line->file.bytes, line->line);
    else
        shown_print(out, "%.*s", (int)line->function.length, line->function.bytes);
    put_profiled_source(out, compilation, line);
    fputc('\n', out);
}

static void profile_text(const struct profiling *p, struct compilation *compilation, struct profile_line *lines,
                         uint32_t count)
{
    uint64_t all = 0;
    uint32_t most = p->options->most > 0 && p->options->most < UINT32_MAX ? (uint32_t)p->options->most : LINES_TOLD;
    for (uint32_t i = 0; i < count; i++) all += lines[i].counts[p->by];
    profile_by = p->by;
    if (count > 0) qsort(lines, count, sizeof *lines, by_profile_count);
    printf("%7s %12s %8s %10s %10s %7s %7s %9s  line, by %s\n", "share", "instructions", "runs", "fuel", "bytes",
           "waits", "over", "waited", profile_word(p->by));
    for (uint32_t i = 0; i < count && i < most; i++) put_profile_line(&lines[i], compilation, all, p->by, stdout);
    if (count > most) printf("and %" PRIu32 " lines more; --lines N tells more of them\n", count - most);
    if (profile_left_out(p->profile) > 0)
        printf("%" PRIu64 " instructions and waits are not among them: there are too many ways of calls\n",
               profile_left_out(p->profile));
}

/* ---- stacks ---- */

/* "enterprise (enterprise.gcx:45)": what a flame graph shows as one frame; ';' stands between two. */
static void put_profile_frame(FILE *out, const struct profile_row *row)
{
    char text[4400];
    if (row->at.line > 0)
        snprintf(text, sizeof text, "%.*s (%.*s:%" PRIu32 ")", (int)row->function.length, row->function.bytes,
                 (int)row->at.file.length, row->at.file.bytes, row->at.line);
    else
        snprintf(text, sizeof text, "%.*s", (int)row->function.length, row->function.bytes);
    for (char *at = text; *at; at++)
        if (*at == ';' || (unsigned char)*at < ' ') *at = '_';
    fputs(text, out);
}

static void put_profile_stack(FILE *out, const struct profile *profile, uint32_t index)
{
    struct profile_row row;
    bool there = profile_row_read(profile, index, &row);
    assert(there && (row.caller == PROFILE_NONE || row.caller < index));
    if (row.caller != PROFILE_NONE) {
        put_profile_stack(out, profile, row.caller);
        fputc(';', out);
    }
    put_profile_frame(out, &row);
}

struct profile_stack {
    char *text;
    uint64_t count;
};

static int by_stack(const void *left, const void *right)
{
    const struct profile_stack *a = left, *b = right;
    return strcmp(a->text, b->text);
}

/* Stacks come in the order of their text, whoever played what first; places of one line are one frame. */
static bool write_folded(const struct profiling *p)
{
    struct profile_stack *stacks = NULL;
    size_t length;
    uint32_t count = 0;
    struct profile_row row;
    for (uint32_t i = 0; profile_row_read(p->profile, i, &row); i++) {
        if (row.counts[p->by] == 0) continue;
        stacks = memory_more(stacks, count, sizeof *stacks);
        FILE *out = memory_stream(&stacks[count].text, &length);
        put_profile_stack(out, p->profile, i);
        fclose(out);
        stacks[count++].count = row.counts[p->by];
    }
    if (count > 0) qsort(stacks, count, sizeof *stacks, by_stack);
    char *text;
    FILE *out = memory_stream(&text, &length);
    for (uint32_t i = 0; i < count; i++) {
        bool same = i + 1 < count && strcmp(stacks[i].text, stacks[i + 1].text) == 0;
        if (same)
            stacks[i + 1].count += stacks[i].count;
        else
            fprintf(out, "%s %" PRIu64 "\n", stacks[i].text, stacks[i].count);
    }
    fclose(out);
    for (uint32_t i = 0; i < count; i++) free(stacks[i].text);
    free(stacks);
    bool good = file_write(p->options->folded, (const uint8_t *)text, length);
    free(text);
    return good;
}

/* ---- on the graph ---- */

/* A picture's format by the end of its name; NULL: it is none of a picture. */
static const char *profile_format(const char *path)
{
    static const char *const formats[][2] = {{".svg", "svg"}, {".dot", "dot"}, {".mmd", "mermaid"}};
    const char *end = strrchr(path, '.');
    for (size_t i = 0; end && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(end, formats[i][0]) == 0) return formats[i][1];
    return NULL;
}

/* The counts take the way of coverage's: as a tracefile of lcov, by which a graph is coloured. */
static bool draw_profile(const struct profiling *p, struct compilation *compilation, const struct profile_line *lines,
                         uint32_t count)
{
    struct graph *graph = graph_make(compilation_program(compilation), NULL);
    char *text, unit[32];
    size_t length;
    snprintf(unit, sizeof unit, " %s", p->by == PROFILE_waited ? "s waited" : profile_word(p->by));
    graph->unit = unit;
    FILE *out = memory_stream(&text, &length);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || text_compare(lines[i].file, lines[i - 1].file) != 0)
            fprintf(out, "SF:%.*s\n", (int)lines[i].file.length, lines[i].file.bytes);
        uint64_t count_of = p->by == PROFILE_waited ? lines[i].counts[p->by] / 1000000 : lines[i].counts[p->by];
        fprintf(out, "DA:%" PRIu32 ",%" PRIu64 "\n", lines[i].line, count_of);
    }
    fclose(out);
    FILE *heat = length > 0 ? fmemopen(text, length, "r") : NULL;
    if (heat) view_heat_of(graph, compilation_program(compilation), heat);
    if (heat) fclose(heat);
    free(text);
    return view_write_picture(graph, profile_format(p->options->picture), p->options->picture);
}

/* Everything that is asked for, of one program. */
static bool tell_profile(struct profiling *p, struct compilation *compilation)
{
    uint32_t count;
    struct profile_line *lines = make_profile_lines(p->profile, &count);
    bool good = !p->options->picture || draw_profile(p, compilation, lines, count);
    good = (!p->options->folded || write_folded(p)) && good;
    profile_text(p, compilation, lines, count);
    free(lines);
    return good;
}

/* ---- days of calls ---- */

static bool tell_simulated(void *self, struct compilation *compilation, uint64_t calls)
{
    printf("%" PRIu64 " interactions of simulated days\n", calls);
    return tell_profile(self, compilation);
}

/* ---- tests ---- */

static void profile_put(void *self, const void *bytes, size_t length)
{
    pool_put(self, bytes, length);
}

static void profile_say(void *self, struct pool_bytes *said)
{
    profile_write(self, profile_put, said);
}

static void profile_run(void *self, uint32_t number, struct pool_bytes *said)
{
    struct profiling *p = self;
    struct profile *profile = profile_new();
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

enum exit_code command_profile(const struct options *options)
{
    bool days = options->arrivals.count > 0 || options->records || options->campaign.count > 0, good;
    if (options->picture && !profile_format(options->picture)) {
        shown_print(stderr, "gcxc: --graph %s: its name ends in .svg, .dot or .mmd\n", options->picture);
        return EXIT_USAGE;
    }
    struct profiling p = {.options = options, .profile = profile_new()};
    while (strcmp(profile_word(p.by), options->by) != 0) p.by++;
    if (days) {
        struct simulate_profiled profiled = {p.profile, tell_simulated, &p};
        good = simulate_profile(options, &profiled) == EXIT_GOOD;
    } else {
        suite_open(&p.suite, options);
        good = profile_tests(&p);
        suite_close(&p.suite);
    }
    profile_free(p.profile);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
