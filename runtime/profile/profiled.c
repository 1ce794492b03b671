/* runtime/profile/profiled.c - Turns the rows of a profile into lines of source and stacks of calls.
 *
 *     row (vm/profile.h):  caller's row, place, counts
 *     lines                rows of one line added up, whatever called them             profile_lines_make()
 *     stacks               "a (x.gcx:3);b (x.gcx:9) 120", as flame graphs read them     profile_tell_stacks()
 *     lcov                 DA:line,count                                                profile_tell_lcov()
 *
 * The order of the output depends only on names and counts, so two profiles of the same calls are equal as text. */
#include "runtime/profile/profiled.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/shown.h"

enum { LINES_TOLD = 20 };

static const char *const profile_words[] = {
#define PROFILED(name, doc) #name,
#include "vm/profiled.def"
};

const char *profile_word(unsigned count)
{
    return count < PROFILE_COUNTS ? profile_words[count] : NULL;
}

bool profile_counted(const char *word, unsigned *count)
{
    for (*count = 0; *count < PROFILE_COUNTS; ++*count)
        if (strcmp(profile_words[*count], word) == 0) return true;
    return false;
}

/* ---- lines ---- */

static int text_compare(struct text a, struct text b)
{
    int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Compares two rows by file and line; rows without a line (an image without debug data) by their function. */
static int by_profiled_line(const void *left, const void *right)
{
    const struct profile_line *a = left, *b = right;
    int file = text_compare(a->file, b->file), function = a->line == 0 ? text_compare(a->function, b->function) : 0;
    if (file != 0) return file;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    if (a->image != b->image) return a->image < b->image ? -1 : 1;
    return function ? function : (a->place > b->place) - (a->place < b->place);
}

static bool same_profiled_line(const struct profile_line *a, const struct profile_line *b)
{
    return a->line == b->line && a->image == b->image && text_compare(a->file, b->file) == 0 &&
           (a->line > 0 || text_compare(a->function, b->function) == 0);
}

static void profile_line_add(struct profile_line *to, const struct profile_line *from)
{
    for (unsigned c = 0; c < PROFILE_COUNTS; c++) to->counts[c] += from->counts[c];
}

/* Merges rows of the same line. A line has run as often as that of its places that has run most; its other counts
 * are sums. The rows of one place come from different calls, so they are added up first. */
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

struct profile_line *profile_lines_make(const struct profile_row *rows, uint32_t row_count, uint32_t *count)
{
    struct profile_line *lines = memory_zeroed(row_count + 1u, sizeof *lines);
    for (uint32_t i = 0; i < row_count; i++) {
        struct profile_line *line = &lines[i];
        *line = (struct profile_line){rows[i].at.file, rows[i].function, rows[i].at.line,
                                      rows[i].place,   rows[i].image,    {0}};
        if (!line->file.bytes) line->file = (struct text){"", 0};
        memcpy(line->counts, rows[i].counts, sizeof line->counts);
    }
    *count = merge_profile_lines(lines, row_count);
    return lines;
}

/* ---- text ---- */

static unsigned profile_by; /* global, because qsort passes no argument for it */

static int by_profile_count(const void *left, const void *right)
{
    const struct profile_line *a = left, *b = right;
    if (a->counts[profile_by] != b->counts[profile_by]) return a->counts[profile_by] < b->counts[profile_by] ? 1 : -1;
    return by_profiled_line(a, b);
}

/* Writes a time with one digit after the point: "312.0 ms", "2.1 h". */
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

static void put_profile_line(const struct profile_telling *telling, const struct profile_line *line, uint64_t all,
                             FILE *out)
{
    char waited[32];
    double share = all == 0 ? 0 : 100.0 * (double)line->counts[telling->by] / (double)all;
    fprintf(out, "%5.1f %% %12" PRIu64 " %8" PRIu64 " %10" PRIu64 " %10" PRIu64 " %7" PRIu64 " %7" PRIu64 " %9s  ",
            share, line->counts[PROFILE_instructions], line->counts[PROFILE_runs], line->counts[PROFILE_fuel],
            line->counts[PROFILE_bytes], line->counts[PROFILE_waits], line->counts[PROFILE_over],
            profile_time(waited, line->counts[PROFILE_waited]));
    if (line->line > 0)
        shown_print(out, "%.*s:%" PRIu32, (int)line->file.length, line->file.bytes, line->line);
    else
        shown_print(out, "%.*s", (int)line->function.length, line->function.bytes);
    if (telling->more) telling->more(telling->self, out, line);
    fputc('\n', out);
}

void profile_tell_lines(const struct profile_telling *telling, struct profile_line *lines, uint32_t count, FILE *out)
{
    uint64_t all = 0;
    uint32_t most = telling->most > 0 && telling->most < UINT32_MAX ? (uint32_t)telling->most : LINES_TOLD;
    for (uint32_t i = 0; i < count; i++) all += lines[i].counts[telling->by];
    profile_by = telling->by;
    if (count > 0) qsort(lines, count, sizeof *lines, by_profile_count);
    fprintf(out, "%7s %12s %8s %10s %10s %7s %7s %9s  line, by %s\n", "share", "instructions", "runs", "fuel", "bytes",
            "waits", "over", "waited", profile_words[telling->by]);
    for (uint32_t i = 0; i < count && i < most; i++) put_profile_line(telling, &lines[i], all, out);
    if (count > most) fprintf(out, "and %" PRIu32 " lines more; --lines N tells more of them\n", count - most);
    if (telling->left_out > 0)
        fprintf(out, "%" PRIu64 " instructions and waits are not among them: there are too many ways of calls\n",
                telling->left_out);
}

/* ---- stacks ---- */

/* Writes one frame of a flame graph: "enterprise (enterprise.gcx:45)"; ';' separates frames. */
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

static void put_profile_stack(FILE *out, const struct profile_row *rows, uint32_t index)
{
    uint32_t caller = rows[index].caller;
    assert(caller == PROFILE_NONE || caller < index);
    if (caller != PROFILE_NONE) {
        put_profile_stack(out, rows, caller);
        fputc(';', out);
    }
    put_profile_frame(out, &rows[index]);
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

/* Writes the stacks of calls, sorted by their text, so that the order does not depend on which call came first;
 * places of one line are one frame. */
void profile_tell_stacks(const struct profile_row *rows, uint32_t row_count, unsigned by, FILE *out)
{
    struct profile_stack *stacks = memory_zeroed(row_count + 1u, sizeof *stacks);
    size_t length;
    uint32_t count = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        if (rows[i].counts[by] == 0) continue;
        FILE *text = memory_stream(&stacks[count].text, &length);
        put_profile_stack(text, rows, i);
        fclose(text);
        stacks[count++].count = rows[i].counts[by];
    }
    if (count > 0) qsort(stacks, count, sizeof *stacks, by_stack);
    for (uint32_t i = 0; i < count; i++) {
        bool same = i + 1 < count && strcmp(stacks[i].text, stacks[i + 1].text) == 0;
        if (same)
            stacks[i + 1].count += stacks[i].count;
        else
            fprintf(out, "%s %" PRIu64 "\n", stacks[i].text, stacks[i].count);
    }
    for (uint32_t i = 0; i < count; i++) free(stacks[i].text);
    free(stacks);
}

static bool same_profiled_file(const struct profile_line *a, const struct profile_line *b)
{
    return a->file.length == b->file.length && memcmp(a->file.bytes, b->file.bytes, a->file.length) == 0;
}

/* Writes a tracefile for lcov; times are in whole seconds, because lcov's counts have no fraction. */
void profile_tell_lcov(const struct profile_line *lines, uint32_t count, unsigned by, FILE *out)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || !same_profiled_file(&lines[i], &lines[i - 1]))
            fprintf(out, "SF:%.*s\n", (int)lines[i].file.length, lines[i].file.bytes);
        uint64_t count_of = by == PROFILE_waited ? lines[i].counts[by] / 1000000 : lines[i].counts[by];
        fprintf(out, "DA:%" PRIu32 ",%" PRIu64 "\n", lines[i].line, count_of);
    }
}
