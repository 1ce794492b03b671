/* runtime/debugger/boxes.c - Finds the box of a place in the source, and the edges between two boxes.
 *
 * The diagram of a strategy is that of gcxc graph (compiler/view). A play reports its places one after another:
 *
 *     boxes_at()       the smallest box whose text has the place
 *     boxes_enter()    the first box: the edge from the beginning of its frame counts
 *     boxes_go()       from box to box: the edge between them counts, or a short way past small boxes
 *     boxes_end()      from here on the picture shows the counts
 *
 * The compilation owns the graph and its texts, so it is kept as long as the boxes. */
#include "runtime/debugger/boxes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/source.h"
#include "compiler/cli/picture.h"
#include "compiler/compilation.h"
#include "compiler/syntax/program.h"
#include "compiler/view/graph.h"
#include "runtime/debugger/variant.h"
#include "base/memory.h"

enum { PASSED_MAX = 3 };

struct boxes {
    struct compilation *compilation;
    const struct source_set *sources;
    struct graph *graph;
};

/* Compiles the sources and makes the diagram; NULL: the sources do not compile any more. */
struct boxes *boxes_new(const struct sources *sources, const char *strategy)
{
    const struct compile_options how = {.site = sources->site, .natives = sources->natives, .check_only = true};
    struct compilation *compilation = compiler_compile(sources->paths, sources->count, &how);
    struct boxes *boxes = NULL;
    if (compilation_errors(compilation) == 0) {
        struct program *program = compilation_program(compilation);
        boxes = memory_grown(NULL, 1, sizeof *boxes);
        *boxes = (struct boxes){compilation, program->sources, graph_make(program, strategy)};
    } else {
        compilation_free(compilation);
    }
    return boxes;
}

void boxes_free(struct boxes *boxes)
{
    if (!boxes) return;
    compilation_free(boxes->compilation);
    free(boxes);
}

/* ---- places ---- */

/* Is the first of two places in a source before the other one, or equal to it? */
static bool boxes_in_order(uint32_t line, uint32_t column, uint32_t other_line, uint32_t other_column)
{
    return line < other_line || (line == other_line && column <= other_column);
}

static bool boxes_shows(const struct boxes *b, struct source_span span, const char *file, size_t file_length,
                        uint32_t line, uint32_t column)
{
    if (span.end <= span.begin) return false;
    struct position begin = source_set_position(b->sources, span.begin);
    struct position last = source_set_position(b->sources, span.end - 1);
    if (!begin.source || strlen(begin.source->path) != file_length) return false;
    return memcmp(begin.source->path, file, file_length) == 0 &&
           boxes_in_order(begin.line, begin.column, line, column) &&
           boxes_in_order(line, column, last.line, last.column);
}

uint32_t boxes_at(const struct boxes *b, const char *file, size_t file_length, uint32_t line, uint32_t column)
{
    uint32_t best = BOXES_NONE, least = UINT32_MAX;
    for (uint32_t i = 0; i < b->graph->box_count; i++) {
        struct source_span span = b->graph->boxes[i].span;
        if (span.end - span.begin >= least || !boxes_shows(b, span, file, file_length, line, column)) continue;
        best = i;
        least = span.end - span.begin;
    }
    return best;
}

const char *boxes_text(const struct boxes *b, uint32_t box)
{
    return b->graph->boxes[box].text;
}

struct boxes_place boxes_place_of(const struct boxes *b, uint32_t box)
{
    struct source_span span = b->graph->boxes[box].span;
    struct position begin = source_set_position(b->sources, span.begin);
    struct position last = span.end > span.begin ? source_set_position(b->sources, span.end - 1) : begin;
    return (struct boxes_place){begin.source ? begin.source->path : "", begin.line, begin.column, last.line};
}

/* ---- ways ---- */

/* Returns the edge between two boxes: of several edges one of the wanted kind, else the first. */
static struct graph_edge *edge_between(const struct graph *graph, uint32_t from, uint32_t to, bool failed)
{
    struct graph_edge *found = NULL;
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        struct graph_edge *edge = &graph->edges[i];
        if (edge->from != from || edge->to != to) continue;
        if (!found || (edge->kind == EDGE_FAILURE) == failed) found = edge;
    }
    return found;
}

/* Marks the edges between two boxes as taken, if necessary through other boxes of the same frame. Returns the label
 * of the first edge; NULL: no path was found. */
static const char *take_way(struct graph *graph, uint32_t from, uint32_t to, bool failed, unsigned passed)
{
    assert(passed <= PASSED_MAX); /* paths through more boxes are not searched */
    assert(from < graph->box_count && to < graph->box_count);
    struct graph_edge *direct = edge_between(graph, from, to, failed);
    if (direct) {
        direct->taken = true;
        return direct->label;
    }
    for (uint32_t i = 0; i < graph->edge_count && passed < PASSED_MAX; i++) {
        struct graph_edge *edge = &graph->edges[i];
        if (edge->from != from || edge->to == from || graph->boxes[edge->to].frame != graph->boxes[from].frame ||
            (edge->kind == EDGE_FAILURE) != failed || !take_way(graph, edge->to, to, false, passed + 1))
            continue;
        edge->taken = true;
        graph->boxes[edge->to].runs++;
        return edge->label;
    }
    return NULL;
}

/* Marks the edges between two boxes as taken; returns the first edge's label, or NULL if no path is known: the play
 * may have jumped out of the frame. */
const char *boxes_go(struct boxes *b, uint32_t from, uint32_t to, bool failed)
{
    const char *label = take_way(b->graph, from, to, failed, 0);
    if (label) b->graph->boxes[to].runs++;
    return label;
}

void boxes_enter(struct boxes *b, uint32_t box)
{
    struct graph *graph = b->graph;
    assert(box < graph->box_count);
    graph->boxes[box].runs++;
    for (uint32_t i = 0; i < graph->box_count; i++)
        if (graph->boxes[i].kind == BOX_BEGIN && graph->boxes[i].frame == graph->boxes[box].frame &&
            take_way(graph, i, box, false, 0))
            graph->boxes[i].runs++;
}

void boxes_end(struct boxes *b, uint32_t here)
{
    assert(here == BOXES_NONE || here < b->graph->box_count);
    for (uint32_t i = 0; i < b->graph->box_count; i++) b->graph->boxes[i].counted = true;
    if (here != BOXES_NONE) b->graph->boxes[here].here = true;
}

char *boxes_draw(const struct boxes *b, enum boxes_form form, size_t *length, int *why)
{
    char *text = NULL;
    *why = 0;
    if (form == BOXES_SVG) return picture_svg(b->graph, length, why);
    FILE *out = memory_stream(&text, length);
    if (form == BOXES_DOT)
        graph_dot(b->graph, out);
    else
        graph_mermaid(b->graph, out);
    fclose(out);
    return text;
}
