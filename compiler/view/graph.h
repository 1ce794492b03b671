/* compiler/view/graph.h - The flow of strategies as a diagram: boxes, edges between them, frames around them.
 *
 * A strategy is a frame with a box per step, in the order of the text. The strategy's frame contains a frame for the
 * busy block of each wait and one for each handler; called subroutines are separate frames. Texts are lines that end in
 * '\n', except for the last one. Everything is in the program's arena. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler/syntax/program.h"

enum box_kind {
    BOX_BEGIN,  /* a frame begins */
    BOX_STEP,   /* takes time */
    BOX_DO,     /* takes no time */
    BOX_CALL,   /* calls a subroutine */
    BOX_CHOICE, /* one way of several */
    BOX_FORK,   /* all paths at once, and the box where they join again */
    BOX_END,    /* the interaction ends here as intended: route, stop */
    BOX_RETURN, /* a subroutine, a handler or a round of a busy block ends */
    BOX_FAIL,   /* the strategy fails */
};
enum edge_kind { EDGE_ON, EDGE_FAILURE, EDGE_BESIDE };
enum frame_kind { FRAME_STRATEGY, FRAME_SUBROUTINE, FRAME_HANDLER, FRAME_BUSY, FRAME_MANDATORY };

enum { FRAME_NONE = UINT32_MAX, GRAPH_LEFT_OUT = UINT32_MAX };

/* In a diagram of two versions: both have it, or only one. */
enum graph_change { GRAPH_ONE_VERSION, GRAPH_KEPT, GRAPH_GONE, GRAPH_NEW };

struct graph_box {
    enum box_kind kind;
    const char *text;
    struct source_span span; /* the span of the source that the box shows */
    uint32_t frame;
    bool counted;
    bool here;     /* in a play: the interaction is at this box now */
    uint64_t runs; /* how often tests or a play ran the box, where `counted` */
    enum graph_change change;
};

struct graph_edge {
    uint32_t from, to;
    enum edge_kind kind;
    const char *label; /* "": none */
    bool taken;        /* in a play: the interaction took this edge */
    enum graph_change change;
};

struct graph_frame {
    enum frame_kind kind;
    const char *title;
    uint32_t outer; /* FRAME_NONE: none */
    enum graph_change change;
};

struct graph {
    struct graph_box *boxes;
    struct graph_edge *edges;
    struct graph_frame *frames;
    uint32_t box_count, edge_count, frame_count;
    const char *unit; /* the unit of the boxes' `runs`; NULL: runs are counted */
    bool compared;    /* it is of two versions: graph_differ() */
};

/* Draws the named strategy; with NULL all strategies of the named files, or the subroutines where these have no
 * strategies. The graph may have no boxes. The program must have been checked without errors. */
struct graph *graph_make(struct program *, const char *strategy);

/* Makes one graph of two versions, in the arena. Its texts are those of both graphs, which must live as long. */
struct graph *graph_differ(struct arena *, const struct graph *old, const struct graph *new);

/* Write the graph for Graphviz and for Mermaid. The number of runs decides the colour of a box. */
void graph_dot(const struct graph *, FILE *);
/* Writes each frame that is in no other (a strategy, a subroutine) as a graph of its own, in their order. */
void graph_dot_frames(const struct graph *, FILE *);
void graph_mermaid(const struct graph *, FILE *);
