/* compiler/view/graph_plan.c - Decides which lines are drawn, and where a long frame is divided into columns.
 *
 *     b3 --busy--> b90     b90 has many such lines: none of them is drawn, b3 says "busy: to route queue desk"
 *     b40 -> b41           all that leads past this place leads to b41, and no inner frame is around both:
 *                          here a column may end; b40 says "to the next column"
 */
#include "compiler/view/graph_plan.h"

#include <stdlib.h>

#include "base/memory.h"

/* LINES_MOST: how many lines to one box are drawn; COLUMN_LEAST: each column but the last has at least so many boxes. A
 * box is about three times as wide as high: columns of the root of twice the number of boxes give a page and no strip.
 */
enum { LINES_MOST = 4, COLUMN_LEAST = 14 };

uint32_t graph_top_frame(const struct graph *graph, uint32_t box)
{
    uint32_t frame = graph->boxes[box].frame;
    while (frame != FRAME_NONE && graph->frames[frame].outer != FRAME_NONE) frame = graph->frames[frame].outer;
    return frame;
}

/* Names the places to which more than LINES_MOST lines lead. A line from the box before is short and stays; so does a
 * line back to a loop's head, because it shows the loop. */
static void plan_name(const struct graph *graph, struct graph_plan *plan)
{
    uint32_t *far = memory_zeroed(graph->box_count + 1u, sizeof *far);
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        if (edge->kind != EDGE_BESIDE && edge->from + 1 < edge->to) far[edge->to]++;
    }
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        if (edge->kind == EDGE_BESIDE || edge->from + 1 >= edge->to || far[edge->to] <= LINES_MOST) continue;
        plan->named[i] = true;
        plan->from[edge->to]++;
    }
    free(far);
}

/* For each box: may no column begin with it? Lines and inner frames lie over it. */
static bool *plan_covered(const struct graph *graph, const struct graph_plan *plan)
{
    bool *covered = memory_zeroed(graph->box_count + 1u, sizeof *covered);
    uint32_t *reach = memory_zeroed(graph->box_count + 1u, sizeof *reach); /* how far lines from a box lead */
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        uint32_t low = edge->from < edge->to ? edge->from : edge->to, high = edge->from ^ edge->to ^ low;
        if (plan->named[i]) continue;
        if (edge->from < edge->to && edge->kind == EDGE_ON) high--; /* a column may begin with the edge's target */
        if (reach[low] < high) reach[low] = high;
    }
    for (uint32_t i = 0, far = 0; i < graph->box_count; i++) {
        covered[i] = far >= i && i > 0;
        if (reach[i] > far) far = reach[i];
        uint32_t frame = graph->boxes[i].frame;
        if (frame != graph_top_frame(graph, i)) covered[i] = true;
    }
    free(reach);
    return covered;
}

static uint32_t column_length(uint32_t boxes)
{
    uint32_t length = COLUMN_LEAST;
    while (length * length < 2 * boxes) length++;
    return length;
}

static void plan_columns(const struct graph *graph, struct graph_plan *plan)
{
    bool *covered = plan_covered(graph, plan);
    uint32_t length = column_length(graph->box_count), first = 0, column = 0, top = FRAME_NONE;
    for (uint32_t i = 0; i < graph->box_count; i++) {
        uint32_t now = graph_top_frame(graph, i);
        if (i > 0 && now != top) {
            first = i;
            column++;
        } else if (i - first >= length && !covered[i]) {
            first = i;
            column++;
        }
        top = now;
        plan->column[i] = column;
    }
    free(covered);
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        bool over = edge->kind != EDGE_BESIDE && plan->column[edge->from] != plan->column[edge->to] &&
                    graph_top_frame(graph, edge->from) == graph_top_frame(graph, edge->to);
        if (!over || plan->named[i]) continue;
        plan->named[i] = true;
        plan->from[edge->to]++;
    }
}

static void plan_edges(const struct graph *graph, struct graph_plan *plan)
{
    for (uint32_t i = 0; i < graph->box_count; i++) plan->first_edge[i] = GRAPH_NO_EDGE;
    for (uint32_t i = graph->edge_count; i-- > 0;) {
        plan->next_edge[i] = plan->first_edge[graph->edges[i].from];
        plan->first_edge[graph->edges[i].from] = i;
    }
}

void graph_plan_make(const struct graph *graph, struct graph_plan *plan)
{
    size_t boxes = graph->box_count + 1u, edges = graph->edge_count + 1u;
    *plan = (struct graph_plan){.named = memory_zeroed(edges, sizeof *plan->named),
                                .column = memory_zeroed(boxes, sizeof *plan->column),
                                .from = memory_zeroed(boxes, sizeof *plan->from),
                                .drawn_to = memory_zeroed(boxes, sizeof *plan->drawn_to),
                                .first_edge = memory_zeroed(boxes, sizeof *plan->first_edge),
                                .next_edge = memory_zeroed(edges, sizeof *plan->next_edge)};
    plan_edges(graph, plan);
    plan_name(graph, plan);
    plan_columns(graph, plan);
    for (uint32_t i = 0; i < graph->edge_count; i++)
        if (!plan->named[i]) plan->drawn_to[graph->edges[i].to]++;
}

void graph_plan_free(struct graph_plan *plan)
{
    free(plan->named);
    free(plan->column);
    free(plan->from);
    free(plan->drawn_to);
    free(plan->first_edge);
    free(plan->next_edge);
}
