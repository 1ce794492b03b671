/* compiler/check/flow.c - The flow graph: edges in the order of making, searches breadth first.
 *
 *     repeat 3 {                        (1) --it was often enough--> (4)
 *         ivr.say("hello");             (2) a wait   --it fails, or takes too long--> a failure that nothing catches
 *         if ani == "" { break; }       (3) --the condition holds--> (4)
 *     }                                 (3) --> (1), the only edge that leads back
 *
 * Points have numbers in the order in which the checker makes them, which is the order of the text. So the points of
 * a loop are those from its head to `last`, and a search for a path around the loop never leaves them. An edge has
 * words that explain to the author a path through it. */
#include "compiler/check/flow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/array.h"
#include "base/memory.h"

struct edge {
    uint32_t from, to;
    const char *how;
    const struct flow_step *because;
    bool failure;
};

struct flow {
    struct flow_point *points;
    struct edge *edges;
    uint32_t count, room, edge_count, edge_room;
};

struct flow *flow_new(void)
{
    struct flow *flow = memory_zeroed(1, sizeof *flow);
    return flow;
}

void flow_free(struct flow *flow)
{
    if (!flow) return;
    free(flow->points);
    free(flow->edges);
    free(flow);
}

uint32_t flow_point(struct flow *flow, enum flow_kind kind, struct source_span where)
{
    ARRAY_GROW(flow->points, flow->count, flow->room);
    flow->points[flow->count] = (struct flow_point){.kind = kind, .where = where, .last = UINT32_MAX};
    return flow->count++;
}

void flow_edge(struct flow *flow, uint32_t from, uint32_t to, const char *how, bool failure)
{
    flow_edge_because(flow, from, to, how, NULL, failure);
}

void flow_edge_because(struct flow *flow, uint32_t from, uint32_t to, const char *how, const struct flow_step *because,
                       bool failure)
{
    if (from == FLOW_NONE || to == FLOW_NONE) return;
    assert(from < flow->count && to < flow->count);
    ARRAY_GROW(flow->edges, flow->edge_count, flow->edge_room);
    flow->edges[flow->edge_count++] =
        (struct edge){.from = from, .to = to, .how = how, .because = because, .failure = failure};
}

struct flow_point flow_point_at(const struct flow *flow, uint32_t point)
{
    assert(point < flow->count);
    return flow->points[point];
}

/* The edges that leave (or enter) each point, as ranges of `order`; both arrays are the caller's to free. */
struct index {
    uint32_t *first; /* count + 1 */
    uint32_t *order; /* indices of edges */
};

/* Sorts the edges by the point at one of their ends, by counting: the time is linear in the points and edges. */
static struct index index_edges(const struct flow *flow, bool backward)
{
    struct index index = {calloc(flow->count + 2, sizeof *index.first),
                          calloc(flow->edge_count + 1, sizeof *index.order)};
    if (!index.first || !index.order) abort();
    for (uint32_t i = 0; i < flow->edge_count; i++)
        index.first[(backward ? flow->edges[i].to : flow->edges[i].from) + 1]++;
    for (uint32_t i = 0; i < flow->count; i++) index.first[i + 1] += index.first[i];
    uint32_t *next = memory_zeroed(flow->count + 1, sizeof *next);
    for (uint32_t i = 0; i < flow->edge_count; i++) {
        uint32_t point = backward ? flow->edges[i].to : flow->edges[i].from;
        index.order[index.first[point] + next[point]++] = i;
    }
    free(next);
    return index;
}

static void flow_index_free(struct index index)
{
    free(index.first);
    free(index.order);
}

static bool flow_point_waits(const struct flow_point *point)
{
    return point->kind == FLOW_WAIT || point->kind == FLOW_FAILING;
}

/* Returns, for every point, the edge by which it is first reached from the first point: edge_count for the first
 * point itself, UINT32_MAX where it is not reached. The caller frees the array. `at_once`: only along paths without
 * a wait. */
static uint32_t *flow_reach(const struct flow *flow, bool at_once)
{
    uint32_t *by = memory_grown(NULL, flow->count + 1, sizeof *by);
    uint32_t *queue = memory_grown(NULL, flow->count + 1, sizeof *queue);
    memset(by, 0xff, (flow->count + 1) * sizeof *by);
    struct index out = index_edges(flow, false);
    uint32_t head = 0, tail = 0;
    if (flow->count) {
        by[0] = flow->edge_count;
        queue[tail++] = 0;
    }
    while (head < tail) {
        uint32_t point = queue[head++];
        for (uint32_t i = out.first[point]; i < out.first[point + 1]; i++) {
            uint32_t to = flow->edges[out.order[i]].to;
            if (by[to] != UINT32_MAX || (at_once && flow_point_waits(&flow->points[to]))) continue;
            by[to] = out.order[i];
            queue[tail++] = to;
        }
    }
    flow_index_free(out);
    free(queue);
    return by;
}

int flow_path_to(const struct flow *flow, uint32_t to, struct flow_step *steps, int limit)
{
    assert(to < flow->count);
    uint32_t *by = flow_reach(flow, false);
    if (by[to] == UINT32_MAX) {
        free(by);
        return -1;
    }
    int count = 0;
    for (uint32_t point = to; by[point] < flow->edge_count; point = flow->edges[by[point]].from)
        if (flow->edges[by[point]].how) count++;
    int at = count;
    for (uint32_t point = to; by[point] < flow->edge_count; point = flow->edges[by[point]].from) {
        const struct edge *edge = &flow->edges[by[point]];
        if (!edge->how) continue;
        at--;
        if (at < limit) steps[at] = (struct flow_step){flow->points[edge->from].where, edge->how, edge->because};
    }
    free(by);
    return count;
}

uint32_t flow_nearest(const struct flow *flow, uint32_t kinds, bool at_once, uint32_t *from)
{
    uint32_t *by = flow_reach(flow, at_once), nearest = FLOW_NONE, least = UINT32_MAX;
    *from = FLOW_NONE;
    for (uint32_t i = 0; i < flow->count; i++) {
        uint32_t length = 0;
        if (!(kinds & 1u << flow->points[i].kind) || by[i] == UINT32_MAX) continue;
        for (uint32_t point = i; by[point] < flow->edge_count; point = flow->edges[by[point]].from) length++;
        if (length >= least) continue;
        least = length;
        nearest = i;
        *from = by[i] < flow->edge_count ? flow->edges[by[i]].from : i;
    }
    free(by);
    return nearest;
}

static bool is_end(enum flow_kind kind)
{
    return kind == FLOW_ENDS || kind == FLOW_RETURNS || kind == FLOW_FAILS || kind == FLOW_BODY_END;
}

uint32_t flow_stuck(const struct flow *flow)
{
    bool *ends = memory_zeroed(flow->count + 1, sizeof *ends);
    uint32_t *queue = memory_grown(NULL, flow->count + 1, sizeof *queue);
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < flow->count; i++)
        if (is_end(flow->points[i].kind)) {
            ends[i] = true;
            queue[tail++] = i;
        }
    struct index in = index_edges(flow, true);
    while (head < tail) {
        uint32_t point = queue[head++];
        for (uint32_t i = in.first[point]; i < in.first[point + 1]; i++) {
            const struct edge *edge = &flow->edges[in.order[i]];
            if (edge->failure || ends[edge->from]) continue;
            ends[edge->from] = true;
            queue[tail++] = edge->from;
        }
    }
    flow_index_free(in);
    free(queue);
    uint32_t *by = flow_reach(flow, false);
    uint32_t stuck = FLOW_NONE; /* points of failure are skipped: a point before them was found already */
    for (uint32_t i = 0; i < flow->count; i++) {
        enum flow_kind kind = flow->points[i].kind;
        if (ends[i] || by[i] == UINT32_MAX || kind == FLOW_FAILED || kind == FLOW_FAILING) continue;
        if (stuck == FLOW_NONE) stuck = i;
        if (kind == FLOW_LOOP) { /* the paths are caught in this loop, so it is the best point to report */
            stuck = i;
            break;
        }
    }
    free(by);
    free(ends);
    return stuck;
}

void flow_loop_ends(struct flow *flow, uint32_t loop)
{
    if (loop != FLOW_NONE) flow->points[loop].last = flow->count - 1;
}

/* A search for paths around loops, one loop after the other, with arrays that are made once. */
struct rounds {
    const struct flow *flow;
    struct index out;
    uint32_t *seen; /* for each point the last loop whose search met it (its number + 1) */
    uint32_t *stack;
};

static struct rounds rounds_new(const struct flow *flow)
{
    struct rounds rounds = {.flow = flow, .out = index_edges(flow, false)};
    rounds.seen = memory_zeroed(flow->count + 1, sizeof *rounds.seen);
    rounds.stack = memory_grown(NULL, flow->count + 1, sizeof *rounds.stack);
    return rounds;
}

static void rounds_free(struct rounds rounds)
{
    flow_index_free(rounds.out);
    free(rounds.seen);
    free(rounds.stack);
}

/* Is there a path from the loop's head back to it without a wait? Depth first, among the points of the loop only. */
static bool comes_round(const struct rounds *rounds, uint32_t loop, uint32_t last)
{
    const struct flow *flow = rounds->flow;
    uint32_t depth = 0;
    rounds->stack[depth++] = loop;
    rounds->seen[loop] = loop + 1;
    while (depth) {
        uint32_t point = rounds->stack[--depth];
        for (uint32_t i = rounds->out.first[point]; i < rounds->out.first[point + 1]; i++) {
            uint32_t to = flow->edges[rounds->out.order[i]].to;
            if (to == loop) return true;
            if (to < loop || to > last || rounds->seen[to] == loop + 1 || flow_point_waits(&flow->points[to])) continue;
            rounds->seen[to] = loop + 1;
            rounds->stack[depth++] = to;
        }
    }
    return false;
}

void flow_spins(const struct flow *flow, void (*visit)(uint32_t loop, void *context), void *context)
{
    struct rounds rounds = rounds_new(flow);
    uint32_t *by = flow_reach(flow, false);
    for (uint32_t i = 0; i < flow->count; i++)
        if (flow->points[i].kind == FLOW_LOOP && by[i] != UINT32_MAX && comes_round(&rounds, i, flow->points[i].last))
            visit(i, context);
    free(by);
    rounds_free(rounds);
}

bool flow_comes_round(const struct flow *flow, uint32_t point, uint32_t last)
{
    struct rounds rounds = rounds_new(flow);
    bool round = comes_round(&rounds, point, last);
    rounds_free(rounds);
    return round;
}
