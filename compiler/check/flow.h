/* compiler/check/flow.h - The flow graph of one body (a strategy's, a handler's, a function's), and what is proven over
 * it.
 *
 *       begin
 *         |
 *      (select) --else--> (play) --> end: an error, where the body must not end
 *         |
 *      (route)            a leaf: the interaction has its destination
 *
 * check.c makes a point for every statement, step and condition while it types them, and edges between them; then
 *   (a) flow_path_to() gives the shortest way to the end of the body, which must not be reachable,
 *   (b) flow_stuck() finds a reachable point from which nothing ends the interaction without failing,
 *   (c) flow_spins() says whether a loop can go round without waiting.
 * Jumps lead forward and outward, so only loops make cycles, and a loop's head is made before all points in the
 * loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "compiler/base/source.h"

enum flow_kind {
    FLOW_PLAIN,
    FLOW_WAIT,    /* time passes here */
    FLOW_LOOP,    /* the head of a loop without a count */
    FLOW_ENDS,    /* the interaction ends here as its author wanted: route, stop */
    FLOW_RETURNS, /* the function or subroutine returns to its caller */
    FLOW_FAILS,   /* the author's own failure: a `fail` */
    FLOW_BODY_END,
    FLOW_FAILED,  /* a failure that no `else` catches */
    FLOW_FAILING, /* a step or call failed after time had passed in it */
};

struct flow_point {
    enum flow_kind kind;
    struct source_span where;
    uint32_t last; /* for a FLOW_LOOP: the last point within the loop */
};

/* A step of a path: the point that was left, and for what reason ("the condition is false", "it fails"); NULL:
 * without a condition. `because`: the place within the called function from which the failure came, or NULL. */
struct flow_step {
    struct source_span where;
    const char *how;
    const struct flow_step *because;
};

struct flow;

#define FLOW_NONE UINT32_MAX

struct flow *flow_new(void);
void flow_free(struct flow *);

uint32_t flow_point(struct flow *, enum flow_kind, struct source_span where);
/* `how` and `because` must stay valid as long as the graph. An edge from or to FLOW_NONE is not made. */
void flow_edge(struct flow *, uint32_t from, uint32_t to, const char *how, bool failure);
void flow_edge_because(struct flow *, uint32_t from, uint32_t to, const char *how, const struct flow_step *because,
                       bool failure);

/* Finds the shortest path from the first point to `to` and stores its steps, except those to the next point without
 * a reason. Returns how many such steps there are (at most `limit` are stored, the first ones), or -1 where `to`
 * cannot be reached. */
int flow_path_to(const struct flow *, uint32_t to, struct flow_step *steps, int limit);

/* Returns the first point of one of these kinds (a set, 1 << kind) on the shortest path from the first point;
 * FLOW_NONE: there is none. `at_once`: only along paths without a FLOW_WAIT. *from: the point before it on that
 * path. */
uint32_t flow_nearest(const struct flow *, uint32_t kinds, bool at_once, uint32_t *from);

/* Returns the first reachable point from which every path fails uncaught or never ends; FLOW_NONE: there is none. */
uint32_t flow_stuck(const struct flow *);

/* Ends the loop with this head: the last point made so far becomes the last one within it. */
void flow_loop_ends(struct flow *, uint32_t loop);
/* Calls `visit` for each reachable loop that can repeat without a wait, in the order in which the loops were made. */
void flow_spins(const struct flow *, void (*visit)(uint32_t loop, void *context), void *context);
/* Is there a path from this point back to itself without a wait? `last`: the last point that the path may use. */
bool flow_comes_round(const struct flow *, uint32_t point, uint32_t last);

struct flow_point flow_point_at(const struct flow *, uint32_t point);
