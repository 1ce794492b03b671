/* compiler/cli/coverage_page.c - Writes the coverage as lcov's tracefile, and as one page of HTML.
 *
 *     SF:/srv/site/main.gcx     the file
 *     BRDA:12,0,1,3             line 12, its branch 0, the way 1 was taken 3 times; `-`: the branch was never reached
 *     DA:12,5                   line 12 was run 5 times
 *     end_of_record
 *
 * The rows of a file are sorted by line. So the page is written in one pass over the source: the rows of a line
 * begin where those of the previous line ended. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/coverage.h"
#include "base/inside.h"
#include "base/memory.h"

/* ---- lcov (geninfo(1) has the format) ---- */

/* Writes branches for lcov: each way of a branch, and each exit of a step, is one. */
static void lcov_branches(const struct coverage_file *file, FILE *out)
{
    uint32_t block = 0;
    for (uint32_t i = 0, arm = 0; i < file->branch_count; i++) {
        const struct coverage_branch *branch = &file->branches[i], *last = i ? branch - 1 : NULL;
        bool same = last && last->arm && branch->arm && last->line == branch->line && last->column == branch->column;
        arm = same ? arm + 1 : 0;
        block += i > 0 && !same;
        for (unsigned way = 0; way < coverage_ways(branch); way++) {
            fprintf(out, "BRDA:%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", branch->line, block, arm + way);
            if (branch->count[0] == 0 && branch->count[1] == 0)
                fprintf(out, "-\n"); /* never got there */
            else
                fprintf(out, "%" PRIu32 "\n", branch->count[way]);
        }
    }
    block += file->branch_count > 0;
    for (uint32_t i = 0, at = 0; i < file->exit_count; i++) {
        const struct coverage_exit *exit = &file->exits[i], *last = i ? exit - 1 : NULL;
        bool same = last && last->line == exit->line && last->column == exit->column && last->index == exit->index;
        at = same ? at + 1 : 0;
        block += !same;
        fprintf(out, "BRDA:%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\n", exit->line, block, at, exit->count);
    }
}

/* The sums that lcov shows are written too: how many branches and lines there are (BRF, LF) and how many were run
 * (BRH, LH). */
void coverage_lcov(const struct coverage *coverage, FILE *out)
{
    for (uint32_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        struct coverage_sum sum = coverage_sum(file);
        fprintf(out, "TN:\nSF:%s\n", file->real);
        lcov_branches(file, out);
        fprintf(out, "BRF:%" PRIu32 "\nBRH:%" PRIu32 "\n", sum.ways + sum.exits, sum.ways_run + sum.exits_run);
        for (uint32_t line = 0; line < file->line_count; line++)
            fprintf(out, "DA:%" PRIu32 ",%" PRIu32 "\n", file->lines[line].line, file->lines[line].count);
        fprintf(out, "LF:%" PRIu32 "\nLH:%" PRIu32 "\nend_of_record\n", sum.lines, sum.lines_run);
    }
}

/* ---- HTML ---- */

static const char HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>Coverage of strategies</title>\n<style>\n"
    "body { font: 15px/1.4 sans-serif; max-width: 80em; margin: 1.5em auto; padding: 0 1em; color: #222; "
    "background: #fff; }\n"
    "table { border-collapse: collapse; } th, td { padding: .1em .6em; text-align: left; vertical-align: top; }\n"
    "td.n { text-align: right; color: #595959; width: 1%; white-space: nowrap; }\n"
    "table.src { width: 100%; } td.s { white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 monospace; "
    "tab-size: 4; }\n"
    "p.w { margin: 0 0 .2em 2em; white-space: normal; color: #8a1f1f; font: 13px/1.4 sans-serif; }\n"
    ".sum td, .sum th { border-bottom: 1px solid #ddd; }\n"
    "tr.run td.s, b.run { background: #e3f4e3; } tr.part td.s, b.part { background: #fdf3cf; }\n"
    "tr.not td.s, b.not { background: #f9dcdc; } b { font-weight: normal; padding: .1em .4em; }\n"
    "</style></head><body>\n<h1>Coverage of strategies</h1>\n"
    "<p><b class=\"run\">Green</b> was run, <b class=\"part\">yellow</b> in part: a way at a branch was not taken, or "
    "an exit of a step not met, which stands below the line. <b class=\"not\">Red</b> was never run.</p>\n";

/* Writes text as HTML: ASCII signs are replaced where needed, UTF-8 is written as it is. */
static void put_html(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '<' || text[i] == '&' || text[i] == '>' || text[i] == '"')
            fprintf(out, "&#%d;", text[i]);
        else
            putc(text[i], out);
}

/* The percentage is computed in 64 bits, since `run * 100` may be more than 32 bits hold. */
static void html_share(FILE *out, uint32_t run, uint32_t all)
{
    fprintf(out, "<td>%" PRIu32 " of %" PRIu32, run, all);
    if (all > 0) fprintf(out, ", %" PRIu32 " %%", (uint32_t)((uint64_t)run * 100 / all));
    fprintf(out, "</td>");
}

struct page_place { /* the position in a file's rows: the first ones not before the current line */
    const struct coverage_file *file;
    uint32_t line, branch, exit;
};

/* Returns the row of a line, or NULL; the lines must be given in ascending order. */
static const struct coverage_line *coverage_page_line(struct page_place *at, uint32_t number)
{
    const struct coverage_file *file = at->file;
    while (at->line < file->line_count && file->lines[at->line].line < number) at->line++;
    while (at->branch < file->branch_count && file->branches[at->branch].line < number) at->branch++;
    while (at->exit < file->exit_count && file->exits[at->exit].line < number) at->exit++;
    return at->line < file->line_count && file->lines[at->line].line == number ? &file->lines[at->line] : NULL;
}

/* Writes what no test reached at a line, one thing per line. */
static void put_missing(FILE *out, const struct page_place *at, uint32_t line)
{
    const struct coverage_file *file = at->file;
    for (uint32_t i = at->branch; i < file->branch_count && file->branches[i].line == line; i++) {
        const struct coverage_branch *branch = &file->branches[i];
        if (!coverage_one_way(branch)) continue;
        fprintf(out, "the branch at column %" PRIu32 " ", branch->column);
        coverage_put_way(out, file, branch);
        fputc('\n', out);
    }
    for (uint32_t i = at->exit; i < file->exit_count && file->exits[i].line == line;)
        i = coverage_put_exits(out, file, i, false);
}

/* Writes a source line as HTML; below it comes what no test reached there. That part is first written to memory,
 * because the line's colour depends on it. */
static void html_line(FILE *out, struct page_place *at, uint32_t number, const char *text, size_t length)
{
    const struct coverage_line *row = coverage_page_line(at, number);
    char *missing = NULL, count[16] = "";
    size_t missing_length;
    FILE *words = memory_stream(&missing, &missing_length);
    if (row && row->count > 0) put_missing(words, at, number);
    fclose(words);
    if (row) snprintf(count, sizeof count, "%" PRIu32, row->count);
    const char *class = !row ? "" : row->count == 0 ? "not" : missing_length > 0 ? "part" : "run";
    fprintf(out, "<tr class=\"%s\"><td class=\"n\">%" PRIu32 "</td><td class=\"n\">%s</td><td class=\"s\">", class,
            number, count);
    put_html(out, text, length);
    for (const char *line = missing; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        fputs("<p class=\"w\">", out);
        put_html(out, line, strcspn(line, "\n"));
        fputs("</p>", out);
    }
    fprintf(out, "</td></tr>\n");
    free(missing);
}

/* Writes a source, which is read again from its file. If the file has changed since, lines and counts do not match. */
static void html_source(FILE *out, const struct coverage_file *file)
{
    FILE *source = inside_open(file->real, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    struct page_place at = {.file = file};
    if (!source) {
        fprintf(out, "<p>The source cannot be read.</p>\n");
        return;
    }
    fprintf(out, "<table class=\"src\"><tr><th>line</th><th>runs</th><th></th></tr>\n");
    for (uint32_t number = 1; (length = getline(&line, &room, source)) >= 0; number++) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
        html_line(out, &at, number, line, (size_t)length);
    }
    fprintf(out, "</table>\n");
    free(line);
    fclose(source);
}

void coverage_html(const struct coverage *coverage, FILE *out)
{
    fprintf(out,
            "%s<table class=\"sum\"><tr><th>source</th><th>lines</th><th>ways at branches</th>"
            "<th>exits of steps</th></tr>\n",
            HEAD);
    for (uint32_t i = 0; i < coverage->file_count; i++) {
        struct coverage_sum sum = coverage_sum(&coverage->files[i]);
        fprintf(out, "<tr><td><a href=\"#f%" PRIu32 "\">", i);
        put_html(out, coverage->files[i].path, strlen(coverage->files[i].path));
        fprintf(out, "</a></td>");
        html_share(out, sum.lines_run, sum.lines);
        html_share(out, sum.ways_run, sum.ways);
        html_share(out, sum.exits_run, sum.exits);
        fprintf(out, "</tr>\n");
    }
    fprintf(out, "</table>\n");
    for (uint32_t i = 0; i < coverage->file_count; i++) {
        fprintf(out, "<h2 id=\"f%" PRIu32 "\">", i);
        put_html(out, coverage->files[i].path, strlen(coverage->files[i].path));
        fprintf(out, "</h2>\n");
        html_source(out, &coverage->files[i]);
    }
    fprintf(out, "</body></html>\n");
}
