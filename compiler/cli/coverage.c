/* compiler/cli/coverage.c - Maps the counters of images to the lines of sources, and prints the missing ones as text.
 *
 * Counters belong to words of code (cover.h), sources have lines: each image has a table of places that joins the
 * two.
 *
 *     coverage_add()    per test: its counters are added to those of its program
 *     coverage_end()    per program: cover_read() calls on_place(), on_branch(), on_exit_of() -> rows of a file
 *                       settle_lines(): within one image a line counts as often as its best place
 *                       sort_file(): the counts of several images add up
 *
 * So a line is reported as never run only where none of its code ran in any image. Branches and exits are reported
 * next to the lines. */
#include "compiler/cli/coverage.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/syntax/library.h"
#include "runtime/sim/site_media.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"
#include "base/shown.h"
#include "vm/image.h"
#include "vm/reads.h"

/* ---- collecting ---- */

/* Prepares the tables: `met` and `consulted` have, per wait point, the number of the first test that reached it + 1;
 * 0: no test did. */
void coverage_begin(struct coverage *coverage, const struct suite *suite, bool keeps_hits)
{
    *coverage = (struct coverage){.suite = suite, .keeps_hits = keeps_hits};
    coverage->covers = memory_zeroed(suite->program_count + 1u, sizeof(struct cover *));
    coverage->met = memory_zeroed(suite->program_count + 1u, sizeof(uint32_t *));
    coverage->consulted = memory_zeroed(suite->program_count + 1u, sizeof(uint32_t *));
    for (uint32_t i = 0; i < suite->program_count; i++) {
        if (!suite->programs[i].tests) continue;
        coverage->covers[i] = sim_tests_cover(suite->programs[i].tests);
        coverage->met[i] = memory_zeroed(cover_waits(coverage->covers[i]) + 1u, sizeof(uint32_t));
        coverage->consulted[i] = memory_zeroed(cover_waits(coverage->covers[i]) + 1u, sizeof(uint32_t));
    }
}

/* Returns the entry of a file; files are compared by their real paths, since two images may name one file
 * differently. */
static struct coverage_file *coverage_file_of(struct coverage *coverage, struct text path)
{
    struct coverage_file *file = coverage->reading; /* mostly the same file as in the call before */
    if (file && strlen(file->path) == path.length && memcmp(file->path, path.bytes, path.length) == 0) return file;
    char *copy = strndup(path.bytes, path.length);
    char *real = copy ? realpath(copy, NULL) : NULL;
    if (!real) real = strdup(copy);
    if (!copy || !real) abort();
    for (uint32_t i = 0; i < coverage->file_count; i++)
        if (strcmp(coverage->files[i].real, real) == 0) {
            free(copy);
            free(real);
            return coverage->reading = &coverage->files[i];
        }
    coverage->files = memory_more(coverage->files, coverage->file_count, sizeof *coverage->files);
    file = &coverage->files[coverage->file_count++];
    *file = (struct coverage_file){.path = copy, .real = real, .id = coverage->file_count - 1};
    return coverage->reading = file;
}

/* Is the file an author's? Files of the standard library are left out, since the library has tests of its own. */
static bool is_authors(struct text path)
{
    return !library_owns(path.bytes, path.length);
}

static void on_hit(void *self, const struct cover_place *place)
{
    struct coverage *coverage = self;
    if (place->count == 0 || !is_authors(place->at.file)) return;
    struct coverage_hit hit = {coverage_file_of(coverage, place->at.file)->id, place->at.line, coverage->test};
    coverage->hits = memory_more(coverage->hits, coverage->hit_count, sizeof *coverage->hits);
    coverage->hits[coverage->hit_count++] = hit;
}

/* Notes that the test reached the wait point; a test with a consultation is noted separately, since only such a test
 * can reach the exits of a consultation. */
static void coverage_meets_wait(struct coverage *coverage, uint32_t number, uint32_t wait)
{
    const struct suite_case *one = &coverage->suite->cases[number];
    bool consults = sim_tests_at(coverage->suite->programs[one->program].tests, one->index).consults;
    uint32_t *met = &coverage->met[one->program][wait], *consulted = &coverage->consulted[one->program][wait];
    if (*met == 0) *met = number + 1;
    if (consults && *consulted == 0) *consulted = number + 1;
}

/* Adds the counters of one test to the counters of its program. The first test that reached a wait point is noted,
 * because `--exits` plays that test again to reach the point. */
void coverage_add(struct coverage *coverage, uint32_t number, const uint8_t *bytes, size_t length)
{
    assert(number < coverage->suite->case_count);
    uint32_t program = coverage->suite->cases[number].program;
    struct cover *one = sim_tests_cover(coverage->suite->programs[program].tests);
    cover_add(coverage->covers[program], bytes, length);
    if (cover_add(one, bytes, length))
        for (uint32_t wait = 0; wait < cover_waits(one); wait++)
            if (cover_met(one, wait)) coverage_meets_wait(coverage, number, wait);
    coverage->test = number;
    if (coverage->keeps_hits) cover_read(one, &(struct cover_reader){coverage, on_hit, NULL, NULL});
    cover_free(one);
}

uint32_t coverage_source(const struct coverage *coverage, const char *path)
{
    char *real = realpath(path, NULL);
    uint32_t id = UINT32_MAX;
    for (uint32_t i = 0; i < coverage->file_count && id == UINT32_MAX; i++)
        if (strcmp(coverage->files[i].real, real ? real : path) == 0) id = coverage->files[i].id;
    free(real);
    return id;
}

static void on_place(void *self, const struct cover_place *place)
{
    if (!is_authors(place->at.file)) return;
    struct coverage_file *file = coverage_file_of(self, place->at.file);
    file->lines = memory_more(file->lines, file->line_count, sizeof *file->lines);
    file->lines[file->line_count++] = (struct coverage_line){place->at.line, place->count, place->aside};
}

static void on_branch(void *self, const struct cover_branch *branch)
{
    if (!is_authors(branch->at.file)) return;
    struct coverage_file *file = coverage_file_of(self, branch->at.file);
    file->branches = memory_more(file->branches, file->branch_count, sizeof *file->branches);
    file->branches[file->branch_count++] = (struct coverage_branch){branch->at.line,
                                                                    branch->at.column,
                                                                    branch->index,
                                                                    {branch->count[0], branch->count[1]},
                                                                    {branch->next[0].line, branch->next[1].line},
                                                                    {branch->next[0].column, branch->next[1].column},
                                                                    branch->none,
                                                                    branch->arm};
}

static void on_exit_of(void *self, const struct cover_exit *exit)
{
    if (!is_authors(exit->at.file)) return;
    const struct coverage *coverage = self;
    struct coverage_file *file = coverage_file_of(self, exit->at.file);
    bool consults = exit->code == COVER_TRANSFERRED || exit->code == COVER_MAIN_RELEASED;
    uint32_t *const *met = consults ? coverage->consulted : coverage->met;
    bool somewhere = exit->wait != (uint32_t)COVER_NO_WAIT;
    file->exits = memory_more(file->exits, file->exit_count, sizeof *file->exits);
    file->exits[file->exit_count++] = (struct coverage_exit){
        exit->at.line, exit->at.column, exit->index,
        exit->code,    exit->step,      exit->name,
        exit->count,   exit->wait,      somewhere ? met[coverage->image][exit->wait] - 1 : (uint32_t)NO_TEST};
}

static int number_order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int coverage_by_line(const void *left, const void *right)
{
    const struct coverage_line *a = left, *b = right;
    return number_order(a->line, b->line);
}

/* Compares two branches; branches at one place are told apart by their targets, since each image numbers them
 * differently. */
static int by_branch(const void *left, const void *right)
{
    const struct coverage_branch *a = left, *b = right;
    int line = number_order(a->line, b->line), column = number_order(a->column, b->column);
    if (line || column) return line ? line : column;
    if (!a->arm || !b->arm) return a->arm != b->arm ? a->arm - b->arm : number_order(a->index, b->index);
    int next = number_order(a->next[0], b->next[0]);
    return next ? next : number_order(a->next_column[0], b->next_column[0]);
}

static int by_exit(const void *left, const void *right)
{
    const struct coverage_exit *a = left, *b = right;
    int line = number_order(a->line, b->line), column = number_order(a->column, b->column),
        index = number_order(a->index, b->index);
    return line ? line : column ? column : index ? index : (a->code > b->code) - (a->code < b->code);
}

/* Adds two counts; at the largest number the sum stays there instead of starting again at 0. */
static uint32_t sum_of(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* Merges the rows of each line from `first` on: the line's count is the largest one, or with `together` the sum.
 * Rows for the conditions on candidates and the work of a wait (`aside`) do not count where the line has other rows. */
static void sort_lines(struct coverage_file *file, uint32_t first, bool together)
{
    assert(first <= file->line_count);
    uint32_t kept = first;
    if (file->line_count > first)
        qsort(file->lines + first, file->line_count - first, sizeof *file->lines, coverage_by_line);
    for (uint32_t i = first; i < file->line_count; i++) {
        struct coverage_line *row = &file->lines[i], *last = kept > first ? &file->lines[kept - 1] : NULL;
        if (!last || coverage_by_line(last, row) != 0)
            file->lines[kept++] = *row;
        else if (together)
            last->count = sum_of(last->count, row->count);
        else if (last->aside > row->aside || (last->aside == row->aside && row->count > last->count))
            *last = *row;
    }
    file->line_count = kept;
}

/* Merges the lines of the image that was just read. A line can have several places; the largest count is the line's. */
static void settle_lines(struct coverage *coverage)
{
    for (uint32_t i = 0; i < coverage->file_count; i++) {
        struct coverage_file *file = &coverage->files[i];
        sort_lines(file, file->settled, false);
        file->settled = file->line_count;
    }
}

static void sort_file(struct coverage_file *file)
{
    uint32_t kept = 0;
    sort_lines(file, 0, true);
    if (file->branches) qsort(file->branches, file->branch_count, sizeof *file->branches, by_branch);
    for (uint32_t i = 0; i < file->branch_count; i++) { /* the counts of several images are added */
        struct coverage_branch *row = &file->branches[i], *last = kept ? &file->branches[kept - 1] : NULL;
        if (!last || by_branch(last, row) != 0) {
            file->branches[kept++] = *row;
            continue;
        }
        for (unsigned way = 0; way < 2; way++) last->count[way] = sum_of(last->count[way], row->count[way]);
    }
    file->branch_count = kept;
    kept = 0;
    if (file->exits) qsort(file->exits, file->exit_count, sizeof *file->exits, by_exit);
    for (uint32_t i = 0; i < file->exit_count; i++) {
        struct coverage_exit *row = &file->exits[i], *last = kept ? &file->exits[kept - 1] : NULL;
        if (!last || by_exit(last, row) != 0) {
            file->exits[kept++] = *row;
            continue;
        }
        last->count = sum_of(last->count, row->count);
        if (last->test == (uint32_t)NO_TEST) last->wait = row->wait, last->test = row->test;
    }
    file->exit_count = kept;
}

static int by_path(const void *left, const void *right)
{
    const struct coverage_file *a = left, *b = right;
    return strcmp(a->path, b->path);
}

void coverage_end(struct coverage *coverage)
{
    struct cover_reader reader = {coverage, on_place, on_branch, on_exit_of};
    for (uint32_t i = 0; i < coverage->suite->program_count; i++)
        if (coverage->covers[i]) {
            coverage->image = i;
            cover_read(coverage->covers[i], &reader);
            settle_lines(coverage);
        }
    for (uint32_t i = 0; i < coverage->file_count; i++) sort_file(&coverage->files[i]);
    if (coverage->files) qsort(coverage->files, coverage->file_count, sizeof *coverage->files, by_path);
    coverage->reading = NULL;
}

void coverage_free(struct coverage *coverage)
{
    for (uint32_t i = 0; coverage->covers && i < coverage->suite->program_count; i++) cover_free(coverage->covers[i]);
    for (uint32_t i = 0; coverage->met && i < coverage->suite->program_count; i++)
        free(coverage->met[i]), free(coverage->consulted[i]);
    free(coverage->covers);
    free(coverage->met);
    free(coverage->consulted);
    for (uint32_t i = 0; i < coverage->file_count; i++) {
        struct coverage_file *file = &coverage->files[i];
        free(file->path);
        free(file->real);
        free(file->lines);
        free(file->branches);
        free(file->exits);
    }
    free(coverage->files);
    free(coverage->hits);
}

/* ---- in sum ---- */

struct coverage_sum coverage_sum(const struct coverage_file *file)
{
    struct coverage_sum sum = {.lines = file->line_count, .exits = file->exit_count};
    for (uint32_t i = 0; i < file->line_count; i++) sum.lines_run += file->lines[i].count > 0;
    for (uint32_t i = 0; i < file->branch_count; i++)
        for (unsigned way = 0; way < coverage_ways(&file->branches[i]); way++)
            sum.ways++, sum.ways_run += file->branches[i].count[way] > 0;
    for (uint32_t i = 0; i < file->exit_count; i++) sum.exits_run += file->exits[i].count > 0;
    return sum;
}

/* The percentage is rounded down, so that 100 % means all. */
static void put_share(FILE *out, uint32_t run, uint32_t all)
{
    char share[24] = "-";
    if (all > 0) snprintf(share, sizeof share, "%" PRIu32 " %%", (uint32_t)((uint64_t)run * 100 / all));
    fprintf(out, "  %5" PRIu32 " of %-5" PRIu32 "%5s", run, all, share);
}

static void put_sum(FILE *out, const char *name, const struct coverage_sum *sum)
{
    shown_print(out, "%-42s", name);
    put_share(out, sum->lines_run, sum->lines);
    put_share(out, sum->ways_run, sum->ways);
    put_share(out, sum->exits_run, sum->exits);
    fputc('\n', out);
}

/* Prints the lines that never ran, as 31, 44-46: neighbours among the lines with code become one range. */
static void put_covered_lines(FILE *out, const struct coverage_file *file)
{
    const char *between = "    never run: line ";
    for (uint32_t i = 0; i < file->line_count; i++) {
        uint32_t end = i;
        if (file->lines[i].count > 0) continue;
        while (end + 1 < file->line_count && file->lines[end + 1].count == 0) end++;
        fprintf(out, "%s%" PRIu32, between, file->lines[i].line);
        if (end > i) fprintf(out, "-%" PRIu32, file->lines[end].line);
        between = ", ";
        i = end;
    }
    if (*between == ',') fputc('\n', out);
}

/* Returns the number of ways of a branch that count: an arm of a table has one, the arm itself; a test has two. */
unsigned coverage_ways(const struct coverage_branch *branch)
{
    return branch->arm ? 1 : 2;
}

bool coverage_one_way(const struct coverage_branch *branch)
{
    if (branch->arm) return branch->count[0] == 0 && branch->count[1] > 0;
    return (branch->count[0] == 0) != (branch->count[1] == 0);
}

/* Prints a missing way of a branch on `none`, and the arm or block that only this way reaches. */
static void put_none(FILE *out, const struct coverage_file *file, const struct coverage_branch *branch, int missing)
{
    assert(missing == 0 || missing == 1);
    const char *how = branch->none == missing ? "is never none" : "is always none";
    uint32_t line = branch->next[missing], column = branch->next_column[missing];
    bool alone = line == branch->line && column != branch->column;
    for (uint32_t i = 0; i < file->line_count && file->lines[i].line <= line; i++)
        alone = alone || (file->lines[i].line == line && file->lines[i].count == 0);
    if (alone)
        fprintf(out, "never leads to line %" PRIu32 ":%" PRIu32 ", as it %s", line, column, how);
    else
        fputs(how, out);
}

/* Prints which way is missing in the shortest true form: a line, a column, or only that one way was taken. */
void coverage_put_way(FILE *out, const struct coverage_file *file, const struct coverage_branch *branch)
{
    int missing = branch->count[0] == 0 ? 0 : 1;
    if (branch->arm && branch->next[0] == 0)
        fputs("always does something", out);
    else if (branch->arm)
        fprintf(out, "never leads to line %" PRIu32 ":%" PRIu32, branch->next[0], branch->next_column[0]);
    else if (branch->none != COVER_OF_VALUES)
        put_none(out, file, branch, missing);
    else if (branch->next[missing] != branch->line)
        fprintf(out, "never leads to line %" PRIu32, branch->next[missing]);
    else if (branch->next[!missing] != branch->line)
        fprintf(out, "always leads to line %" PRIu32, branch->next[!missing]);
    else if (branch->next_column[missing] != branch->column)
        fprintf(out, "never leads to line %" PRIu32 ":%" PRIu32, branch->line, branch->next_column[missing]);
    else if (branch->next_column[!missing] != branch->column)
        fprintf(out, "always leads to line %" PRIu32 ":%" PRIu32, branch->line, branch->next_column[!missing]);
    else
        fprintf(out, "is decided one way only");
}

static void put_branches(FILE *out, const struct coverage_file *file)
{
    for (uint32_t i = 0; i < file->branch_count; i++) {
        const struct coverage_branch *branch = &file->branches[i];
        if (!coverage_one_way(branch)) continue;
        fprintf(out, "    line %" PRIu32 ":%" PRIu32 " ", branch->line, branch->column);
        coverage_put_way(out, file, branch);
        fputc('\n', out);
    }
}

/* Prints one line with all missing exits of a step; the exits of a step are next to each other in the table. Returns
 * the index at which the exits of the next step begin. */
uint32_t coverage_put_exits(FILE *out, const struct coverage_file *file, uint32_t at, bool numbered)
{
    const struct coverage_exit *first = &file->exits[at];
    const char *between = NULL;
    uint32_t end = at;
    for (; end < file->exit_count; end++) {
        const struct coverage_exit *exit = &file->exits[end];
        if (exit->line != first->line || exit->column != first->column || exit->index != first->index) break;
        if (exit->count > 0) continue;
        if (!between && numbered) fprintf(out, "    line %" PRIu32 ":%" PRIu32 ": ", first->line, first->column);
        if (!between) shown_write(out, first->step);
        if (!between && !numbered) fprintf(out, " at column %" PRIu32, first->column);
        if (!between) fputs(" never ends with", out);
        shown_print(out, "%s %s", between ? between : "", *exit->name ? exit->name : "success");
        between = ",";
    }
    if (between) fputc('\n', out);
    return end;
}

static void put_exits(FILE *out, const struct coverage_file *file)
{
    for (uint32_t i = 0; i < file->exit_count;) i = coverage_put_exits(out, file, i, true);
}

void coverage_text(const struct coverage *coverage, FILE *out)
{
    struct coverage_sum all = {0};
    fprintf(out, "%-42s%21s%21s%21s\n", "coverage of", "lines", "ways at branches", "exits of steps");
    for (uint32_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        struct coverage_sum sum = coverage_sum(file);
        put_sum(out, file->path, &sum);
        put_covered_lines(out, file);
        put_branches(out, file);
        put_exits(out, file);
        all = (struct coverage_sum){all.lines + sum.lines, all.lines_run + sum.lines_run,
                                    all.ways + sum.ways,   all.ways_run + sum.ways_run,
                                    all.exits + sum.exits, all.exits_run + sum.exits_run};
    }
    if (coverage->file_count != 1) put_sum(out, "all", &all);
}

/* True: agents get the medium without a setting: a desk offers certain media by default, and calls come through the
 * switch. */
static bool is_offered_unsaid(enum media medium)
{
    char name[40];
    (void)snprintf(name, sizeof name, "%s,", enum_name_media(medium));
    return !media_at_desks(medium) || strstr(MEDIA_AT_DESKS ",", name) != NULL;
}

/* Prints the media for which the strategies choose agents, but which a desk offers only if its setting names them. */
static void put_desk_media(const struct image *image, FILE *out)
{
    struct media_set seen = {{0}};
    const char *before = "agents of tests have each medium: at a site its `adapter desk` has to offer ";
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *strategy = image_strategy(image, i);
        if (strategy->media == MEDIUM_ALL || !image_strategy_chooses(image, i)) continue;
        EACH_MEDIUM(medium, image_media(image, i))
        {
            struct span said = media_said(image, (enum media)medium);
            if (has_medium(seen, medium) || is_offered_unsaid((enum media)medium)) continue;
            seen = media_set_with(seen, medium, true);
            shown_print(out, "%s%.*s", before, (int)said.length, (const char *)said.bytes);
            before = ", ";
        }
    }
    if (*before == ',') fputs(" (--site-conf FILE holds tests to that)\n", out);
}

void coverage_media(const struct coverage *coverage, FILE *out)
{
    for (uint32_t i = 0; i < coverage->suite->program_count; i++)
        if (coverage->suite->programs[i].tests)
            put_desk_media(sim_tests_image(coverage->suite->programs[i].tests), out);
}
