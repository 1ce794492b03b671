/* compiler/view/drawing.c - Adds boxes, edges and frames to a graph.
 *
 * Statements that take no time and follow each other share a box (mergeable), as a box for every assignment would
 * hide the flow. */
#include "compiler/view/drawing.h"

#include <assert.h>

#include "compiler/view/phrase.h"

enum { SMALL_LINES_MAX = 6, SMALL_TEXT_MAX = 160 };

static void *graph_room(struct drawing *d, void *rows, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room) return rows;
    uint32_t more = *room ? 2 * *room : 32;
    rows = arena_grow(d->arena, rows, *room * size, more * size);
    *room = more;
    return rows;
}

void drawing_add_edge(struct drawing *d, uint32_t from, uint32_t to, enum edge_kind kind, const char *label)
{
    struct graph *graph = d->graph;
    assert(from < graph->box_count && to < graph->box_count);
    graph->edges = graph_room(d, graph->edges, graph->edge_count, &d->edge_room, sizeof *graph->edges);
    graph->edges[graph->edge_count++] = (struct graph_edge){.from = from, .to = to, .kind = kind, .label = label};
}

struct end *end_new(struct drawing *d, uint32_t box, enum edge_kind kind, const char *label)
{
    struct end *end = ARENA_NEW(d->arena, struct end);
    *end = (struct end){box, kind, label, NULL};
    return end;
}

struct end *ends_join(struct end *a, struct end *b)
{
    struct end *last = a;
    if (!a) return b;
    while (last->next) last = last->next;
    last->next = b;
    return a;
}

/* Draws an edge from each open end to the box. */
void ends_lead_to(struct drawing *d, struct end *ends, uint32_t box)
{
    for (; ends; ends = ends->next) drawing_add_edge(d, ends->box, box, ends->kind, ends->label);
}

uint32_t drawing_add_box(struct drawing *d, enum box_kind kind, const char *text, struct source_span span)
{
    struct graph *graph = d->graph;
    graph->boxes = graph_room(d, graph->boxes, graph->box_count, &d->box_room, sizeof *graph->boxes);
    uint32_t box = graph->box_count++;
    graph->boxes[box] = (struct graph_box){.kind = kind, .text = text, .span = span, .frame = d->frame};
    ends_lead_to(d, d->here, box);
    bool ends = kind == BOX_END || kind == BOX_RETURN || kind == BOX_FAIL;
    d->here = ends ? NULL : end_new(d, box, EDGE_ON, "");
    d->mergeable = FRAME_NONE;
    return box;
}

uint32_t drawing_enter_frame(struct drawing *d, enum frame_kind kind, const char *title)
{
    struct graph *graph = d->graph;
    uint32_t outer = d->frame;
    graph->frames = graph_room(d, graph->frames, graph->frame_count, &d->frame_room, sizeof *graph->frames);
    graph->frames[graph->frame_count] = (struct graph_frame){.kind = kind, .title = title, .outer = outer};
    d->frame = graph->frame_count++;
    d->mergeable = FRAME_NONE;
    return outer;
}

const char *drawing_words(struct drawing *d, struct source_span span)
{
    return view_phrase(d->arena, d->program->sources, span);
}

const char *drawing_cut(struct drawing *d, const char *text, size_t most)
{
    size_t characters = 0;
    for (const char *at = text; *at; at++) {
        if (((unsigned char)*at & 0xc0) == 0x80 || characters++ < most) continue;
        return arena_printf(d->arena, "%.*s...", (int)(at - text), text);
    }
    return text;
}

/* Draws a statement that takes no time: several in a row are lines of one box. */
void drawing_add_small(struct drawing *d, const struct node *node)
{
    const char *text = drawing_cut(d, drawing_words(d, node->span), SMALL_TEXT_MAX);
    const struct end *here = d->here;
    if (d->mergeable != FRAME_NONE && here && !here->next && here->box == d->mergeable && here->kind == EDGE_ON) {
        struct graph_box *box = &d->graph->boxes[d->mergeable];
        size_t lines = 1;
        for (const char *at = box->text; *at; at++) lines += *at == '\n';
        if (lines < SMALL_LINES_MAX) {
            box->text = arena_printf(d->arena, "%s\n%s", box->text, text);
            return;
        }
    }
    d->mergeable = drawing_add_box(d, BOX_DO, text, node->span);
}
