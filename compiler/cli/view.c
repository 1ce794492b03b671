/* compiler/cli/view.c - For the commands that describe a program: opening it, pictures by Graphviz, counts of
 * coverage.
 *
 *     tracefile (lcov)       SF:/build/a.gcx   DA:12,7      line 12 of a.gcx ran 7 times
 *     boxes of the graph     | from line 12, column 5 to line 14 |
 *     heat_box()             the box gets the 7: the count of the first of its lines that has one
 *
 * Each box of a graph gets the count of a line; a box that begins after another one on the same line uses the lines
 * below, since that line's count belongs to the first box. The rows of a source are collected, sorted, and given to
 * the boxes of that source when the next source begins. */
#include "compiler/cli/view.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/file.h"
#include "compiler/cli/picture.h"
#include "compiler/cli/sites.h"
#include "base/memory.h"
#include "base/shown.h"

struct compilation *view_open(const char *const *files, size_t count, const char *site)
{
    struct compile_options how = {.site = site, .check_only = true};
    struct sites sites = sites_open(files, count, site);
    const struct site_files *all = sites_one(&sites);
    struct compilation *compilation = all ? compiler_compile((const char *const *)all->paths, all->count, &how) : NULL;
    sites_close(&sites);
    if (!compilation || compilation_print(compilation, stderr) == 0) return compilation;
    compilation_free(compilation);
    return NULL;
}

/* ---- Graphviz ---- */

/* Tells why there is no picture. */
static void view_undrawn(const struct graph *graph, int why)
{
    if (why == E2BIG)
        shown_print(stderr,
                    "gcxc: a picture of %" PRIu32 " boxes takes Graphviz too long; draw one strategy, or ask for "
                    "--format dot or mermaid\n",
                    graph->box_count);
    else if (why == ENOENT)
        fputs(
            "gcxc: pictures are drawn by Graphviz, and its program dot is not here; install it (Debian: graphviz), or "
            "ask for --format dot or mermaid\n",
            stderr);
    else
        shown_print(stderr, "gcxc: Graphviz's dot has drawn nothing%s%s\n", why && why != EIO ? ": " : "",
                    why && why != EIO ? strerror(why) : "");
}

/* Draws a graph as SVG; NULL, with a message, where there is no picture. `*large`: the graph was too large, which a
 * caller may accept. */
char *view_svg(const struct graph *graph, size_t *length, bool *large)
{
    int why;
    char *text = picture_svg(graph, length, &why);
    *large = why == E2BIG;
    if (!text) view_undrawn(graph, why);
    return text;
}

char *view_frames_svg(const struct graph *graph, size_t *length)
{
    int why;
    char *text = picture_frames_svg(graph, length, &why);
    if (!text) view_undrawn(graph, why);
    return text;
}

char *view_picture(const struct graph *graph, const char *format, size_t *length)
{
    bool large;
    if (strcmp(format, "svg") == 0) return view_svg(graph, length, &large);
    char *text = NULL;
    FILE *out = memory_stream(&text, length);
    if (strcmp(format, "dot") == 0)
        graph_dot(graph, out);
    else
        graph_mermaid(graph, out);
    if (fclose(out) != 0) abort();
    return text;
}

const char *view_format(const char *path)
{
    static const char *const formats[][2] = {{".svg", "svg"}, {".dot", "dot"}, {".mmd", "mermaid"}, {".html", "html"}};
    const char *end = strrchr(path, '.');
    for (size_t i = 0; end && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(end, formats[i][0]) == 0) return formats[i][1];
    return NULL;
}

/* Writes a picture; a file is replaced only if it begins like a picture of this format. */
bool view_write_picture(const struct graph *graph, const char *format, const char *path)
{
    static const char *const begins[][2] = {{"svg", "<?xml"}, {"dot", "digraph"}, {"mermaid", "flowchart"}};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strcmp(format, begins[i][0]) == 0 && !file_may_replace(path, begins[i][1], "diagram")) return false;
    size_t length = 0;
    char *text = view_picture(graph, format, &length);
    bool good = text && file_write(path, (const uint8_t *)text, length);
    free(text);
    return good;
}

/* ---- coverage ---- */

struct heat_box { /* a box that shows something of a source */
    const struct source *source;
    uint32_t index, first, last, column; /* first, last: the lines of the box */
    uint32_t line;                       /* the line whose count the box has; 0: none yet */
    bool here;                           /* the box belongs to the source whose rows are being read */
    bool beside;                         /* another box begins before it on its first line and gets that line's count */
};

struct heat_row {
    uint32_t line, order;
    uint64_t runs;
};

struct heat {
    struct graph *graph;
    struct heat_box *boxes; /* by their place */
    struct heat_row *rows;  /* the counted lines of the source that is being read */
    uint32_t box_count, row_count;
};

static int numbers_ascending(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int view_by_place(const void *left, const void *right)
{
    const struct heat_box *a = left, *b = right;
    int source = numbers_ascending(a->source->base, b->source->base), first = numbers_ascending(a->first, b->first);
    int column = numbers_ascending(a->column, b->column);
    return source ? source : first ? first : column ? column : numbers_ascending(a->index, b->index);
}

static void find_boxes(struct heat *heat, const struct source_set *sources)
{
    const struct graph *graph = heat->graph;
    heat->boxes = memory_zeroed(graph->box_count + 1u, sizeof *heat->boxes);
    for (uint32_t i = 0; i < graph->box_count; i++) {
        struct source_span span = graph->boxes[i].span;
        struct position begin = source_set_position(sources, span.begin);
        if (!begin.source || span.end <= span.begin) continue;
        heat->boxes[heat->box_count++] = (struct heat_box){.source = begin.source,
                                                           .index = i,
                                                           .first = begin.line,
                                                           .last = source_set_position(sources, span.end - 1).line,
                                                           .column = begin.column};
    }
    qsort(heat->boxes, heat->box_count, sizeof *heat->boxes, view_by_place);
    for (uint32_t i = 1; i < heat->box_count; i++) {
        struct heat_box *box = &heat->boxes[i], *before = box - 1;
        bool same_line = before->source == box->source && before->first == box->first;
        box->beside = same_line && (before->beside || before->column < box->column);
    }
}

/* Does the path `told` of the tracefile mean this file? A path of another machine is compared by its end. */
static bool view_same_file(const char *told, const char *path)
{
    char a[PATH_MAX], b[PATH_MAX];
    if (!realpath(path, b)) return false;
    if (realpath(told, a)) return strcmp(a, b) == 0;
    size_t whole = strlen(told), end = strlen(path);
    return whole > end && told[whole - end - 1] == '/' && strcmp(told + whole - end, path) == 0;
}

static int view_by_line(const void *left, const void *right)
{
    const struct heat_row *a = left, *b = right;
    int line = numbers_ascending(a->line, b->line);
    /* of two rows for a line the one read later comes first */
    return line ? line : numbers_ascending(b->order, a->order);
}

/* Gives a box the count of the first of its lines that has a count. */
static void heat_box(struct heat *heat, struct heat_box *box)
{
    uint32_t least = box->first + box->beside, low = 0, high = heat->row_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (heat->rows[middle].line < least)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == heat->row_count || heat->rows[low].line > box->last) return;
    if (box->line && box->line < heat->rows[low].line) return;
    box->line = heat->rows[low].line;
    heat->graph->boxes[box->index].counted = true;
    heat->graph->boxes[box->index].runs = heat->rows[low].runs;
}

/* Ends a source: its rows are given to the boxes; the next rows belong to the file `told`. */
static void heat_source(struct heat *heat, const char *told)
{
    const struct source *known = NULL;
    bool same = false;
    if (heat->rows) qsort(heat->rows, heat->row_count, sizeof *heat->rows, view_by_line);
    for (uint32_t i = 0; i < heat->box_count; i++) {
        struct heat_box *box = &heat->boxes[i];
        if (box->here) heat_box(heat, box);
        if (box->source != known) same = view_same_file(told, box->source->path);
        known = box->source;
        box->here = same;
    }
    heat->row_count = 0;
}

/* Adds a row; a line may have several, as from several runs: after sorting the last one read comes first, and that
 * one counts. */
static void heat_row(struct heat *heat, uint32_t line, uint64_t runs)
{
    heat->rows = memory_more(heat->rows, heat->row_count, sizeof *heat->rows);
    heat->rows[heat->row_count] = (struct heat_row){line, heat->row_count, runs};
    heat->row_count++;
}

/* Reads the counts of a tracefile of lcov, of any run, so its paths may differ from those here: a file is the same
 * where the ends of both paths agree. */
bool view_heat_of(struct graph *graph, const struct program *program, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    uint64_t runs;
    uint32_t at;
    bool any = false;
    struct heat heat = {.graph = graph};
    find_boxes(&heat, program->sources);
    while ((length = getline(&line, &room, file)) >= 0) {
        if (length > 0 && line[length - 1] == '\n') line[length - 1] = '\0';
        if (strncmp(line, "SF:", 3) == 0) {
            heat_source(&heat, line + 3);
            any = true;
        } else if (sscanf(line, "DA:%" SCNu32 ",%" SCNu64, &at, &runs) == 2) {
            heat_row(&heat, at, runs);
        }
    }
    heat_source(&heat, "");
    free(line);
    free(heat.boxes);
    free(heat.rows);
    return any;
}

bool view_heat(struct graph *graph, const struct program *program, const char *path)
{
    struct stat status;
    const char *why;
    FILE *file = source_open(path, &status, &why);
    if (!file) return shown_refuse("gcxc: cannot read %s: %s\n", path, why);
    bool any = view_heat_of(graph, program, file);
    if (!any) shown_print(stderr, "gcxc: %s is no tracefile of lcov's; gcxc test --lcov FILE writes one\n", path);
    fclose(file);
    return any;
}
