/* compiler/view/graph_plan.h - How a graph is laid out so that it can be read however large it is.
 *
 * A box to which many lead, such as the desk of every `else`, would be the end of many lines side by side: these lines
 * are not drawn, and the boxes where they begin name the place instead. A long frame is drawn in columns, which are
 * divided where only one box is led to. A small graph is drawn with all its lines in one column. */
#pragma once

#include "compiler/view/graph.h"

struct graph_plan {
    bool *named;                      /* for each edge: it is not drawn, its box names the place */
    uint32_t *column;                 /* for each box: the number of its column, ascending with the boxes */
    uint32_t *from;                   /* for each box: how many boxes lead to it without a line */
    uint32_t *drawn_to;               /* for each box: how many lines that are drawn lead to it */
    uint32_t *first_edge, *next_edge; /* the edges that begin at a box, in their order; GRAPH_NO_EDGE: none */
};

enum { GRAPH_NO_EDGE = UINT32_MAX };

void graph_plan_make(const struct graph *, struct graph_plan *);
void graph_plan_free(struct graph_plan *);

/* Returns the frame around all others in which the box is; FRAME_NONE: it is in none. */
uint32_t graph_top_frame(const struct graph *, uint32_t box);
