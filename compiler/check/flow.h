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
 * Jumps lead forward and outward, so only loops close cycles, and a loop's head is made before all that is in it. */
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
    FLOW_FAILS,   /* a failure that the author wrote: fail */
    FLOW_BODY_END,
    FLOW_FAILED,  /* a failure without an `else` */
    FLOW_FAILING, /* a step or call failed after time had passed in it */
};

struct flow_point {
    enum flow_kind kind;
    struct source_span where;
    uint32_t last; /* for a FLOW_LOOP: the last point within the loop */
};

/* One step of a path: the point that was left, and by what ("the condition is false", "it fails"); NULL: as it stands.
 * `because`: where in what is called there it came from, or NULL. */
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
/* `how` and `because` must live as long as the graph. An edge from or to FLOW_NONE is not made. */
void flow_edge(struct flow *, uint32_t from, uint32_t to, const char *how, bool failure);
void flow_edge_because(struct flow *, uint32_t from, uint32_t to, const char *how, const struct flow_step *because,
                       bool failure);

/* The shortest path from the first point to `to`: the steps that were not merely the next one. Returns how many of
 * them there are (at most `limit` are stored, the first ones), or -1 where `to` cannot be reached. */
int flow_path_to(const struct flow *, uint32_t to, struct flow_step *steps, int limit);

/* The first point of one of these kinds (a set, 1 << kind) on the shortest way from the first point; FLOW_NONE: there
 * is none. `at_once`: of the ways that pass no FLOW_WAIT. *from: from where one comes to it. */
uint32_t flow_nearest(const struct flow *, uint32_t kinds, bool at_once, uint32_t *from);

/* The first reachable point from which every path ends in an uncaught failure or never; or FLOW_NONE. */
uint32_t flow_stuck(const struct flow *);

/* Ends the loop with this head: the last point made so far becomes the last one within it. */
void flow_loop_ends(struct flow *, uint32_t loop);
/* Calls `visit` for each reachable loop that can come round without a wait, in the order of making. */
void flow_spins(const struct flow *, void (*visit)(uint32_t loop, void *context), void *context);
/* Is there a path from this point back to itself without a wait? `last`: the last point that such a path may use. */
bool flow_comes_round(const struct flow *, uint32_t point, uint32_t last);

struct flow_point flow_point_at(const struct flow *, uint32_t point);
