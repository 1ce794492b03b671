/* compiler/view/drawing.h - For the files that make a graph. The files, each calling only those below it:
 *     graph.c       statements, bodies, strategies
 *     graph_step.c  steps, whose parts are statements: it draws them by `statement`
 *     drawing.c     boxes, edges, frames
 */
#pragma once

#include "compiler/view/graph.h"

struct end { /* an open end: an edge from a box to whatever box is drawn next */
    uint32_t box;
    enum edge_kind kind;
    const char *label;
    struct end *next;
};

struct aim { /* the target of jumps: a label, or the end of a loop */
    const struct node *node;
    struct end *ends;
    uint32_t head; /* the box at the head of a loop, to which `continue` leads */
    struct aim *outer;
};

struct drawing_called { /* a subroutine; it is drawn once, after its callers */
    const struct node *node;
    struct drawing_called *next;
};

struct drawing {
    struct program *program;
    struct arena *arena;
    struct graph *graph;
    void (*statement)(struct drawing *, const struct node *); /* draws one statement */
    uint32_t frame;
    uint32_t box_room, edge_room, frame_room;
    struct end *here; /* all open ends that lead to the next box */
    struct aim *loops;
    struct aim *labels; /* all labels of the strategy, whether drawn already or not */
    struct drawing_called *called, *last_called;
    struct end **failures;   /* the open ends of failures that nothing catches; NULL: not shown */
    const struct node *busy; /* the site's default busy block, or NULL */
    /* the site has `default reply` or `default absence`, which applies to the strategy that is drawn */
    bool replied, absent;
    uint32_t mergeable; /* the box to which another short statement may be added, or FRAME_NONE */
};

/* drawing.c */
uint32_t drawing_add_box(struct drawing *, enum box_kind, const char *text,
                         struct source_span); /* adds a box to which all open ends in `here` lead */
void drawing_add_edge(struct drawing *, uint32_t from, uint32_t to, enum edge_kind, const char *label);
struct end *end_new(struct drawing *, uint32_t box, enum edge_kind, const char *label);
struct end *ends_join(struct end *, struct end *);
void ends_lead_to(struct drawing *, struct end *, uint32_t box); /* draws an edge from each open end to the box */
/* Enters a new frame; returns the frame around it. */
uint32_t drawing_enter_frame(struct drawing *, enum frame_kind, const char *title);
void drawing_add_small(struct drawing *, const struct node *); /* adds a statement that takes no time */
const char *drawing_words(struct drawing *, struct source_span);
const char *drawing_cut(struct drawing *, const char *text,
                        size_t most); /* returns at most `most` characters of a text; a cut text ends in "..." */

/* graph_step.c: draws "let x = " and its right side, which may be a step. */
void drawing_add_right_side(struct drawing *, const struct node *statement, const struct node *value);
/* Returns the step's name in steps.def; NULL: the head is no step of the language. */
const char *graph_step_name(struct arena *, const struct node *head);
/* Notes a subroutine that has to be drawn, too. */
void drawing_add_callee(struct drawing *, const struct node *subroutine);
