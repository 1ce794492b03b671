/* compiler/import/shape.c - Finds the order and the loops of a flow as its strongly connected parts (Tarjan 1972);
 * within a loop, without the edges to its heads, the same is done again.
 *
 *     graph:   A -> B -> C -> B,  C -> D           parts: {A} {B C} {D}
 *     shape:   A;  loop (head B) { B;  C };  D     the way from C to B is the next round
 *
 *     shape_make() -> shape_find_ends()    from which blocks an end can be reached
 *                  -> shape_region()       one shape; calls itself for the body of each loop
 *                     -> shape_search()    the parts, by a stack of its own, so that a long flow cannot overflow
 *                                          the C stack
 */
#include "compiler/import/shape.h"

#include <assert.h>

struct shaping {
    struct arena *arena;
    const struct shape_graph *graph;
    uint32_t *region; /* for each block: the number of the shape to which it currently belongs */
    bool *head;       /* for each block: it is the head of a loop, so an edge to it is the next round */
    bool *can_end;
    struct shape_place *places;
    uint32_t regions, loops;
    /* of one search: */
    uint32_t *order, *low, *stack, *path, *way, clock;
    bool *stacked;
    /* arrays of a search that visits the blocks of one shape only: */
    bool *entered;     /* for each block: an edge leads to it from outside of its part */
    uint32_t *part_of; /* for each block: the number of its strongly connected part */
};

static bool shape_leads(const struct shaping *s, uint32_t from, uint32_t to)
{
    return s->region[to] == s->region[from] && !s->head[to];
}

/* Finds the blocks from which an end can be reached: backwards from the ends, until nothing changes. `from` lists,
 * for each block, the blocks with an edge to it; the list of block b begins at first[b]. */
static void shape_find_ends(struct shaping *s)
{
    const struct shape_graph *graph = s->graph;
    uint32_t edges = 0, *first = ARENA_ARRAY(s->arena, uint32_t, graph->count + 2), depth = 0;
    for (uint32_t i = 0; i < graph->count; i++)
        for (uint32_t j = 0; j < graph->way_counts[i]; j++) first[graph->ways[i][j] + 2]++, edges++;
    for (uint32_t i = 2; i < graph->count + 2; i++) first[i] += first[i - 1];
    uint32_t *from = ARENA_ARRAY(s->arena, uint32_t, edges + 1);
    for (uint32_t i = 0; i < graph->count; i++)
        for (uint32_t j = 0; j < graph->way_counts[i]; j++)
            from[first[graph->ways[i][j] + 1]++] = graph->failures[i][j] ? UINT32_MAX : i;
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->ends[i]) s->can_end[i] = true, s->stack[depth++] = i;
    while (depth > 0) {
        uint32_t block = s->stack[--depth];
        for (uint32_t i = first[block]; i < first[block + 1]; i++)
            if (from[i] != UINT32_MAX && !s->can_end[from[i]]) s->can_end[from[i]] = true, s->stack[depth++] = from[i];
    }
}

struct parts { /* the strongly connected parts, the last one first */
    uint32_t *blocks, *begins;
    uint32_t count, used;
};

/* Tarjan's search: `order` is the number at which a block was reached, `low` the lowest number to which it leads
 * back. A block with both numbers equal is the first of its part, and the part is above it on `stack`. */
static void shape_search(struct shaping *s, uint32_t root, struct parts *parts)
{
    uint32_t depth = 0, stacked = 0;
    if (s->order[root]) return;
    s->path[depth++] = root;
    s->order[root] = s->low[root] = ++s->clock;
    s->way[root] = s->graph->way_counts[root];
    s->stack[stacked++] = root, s->stacked[root] = true;
    while (depth > 0) {
        uint32_t block = s->path[depth - 1];
        if (s->way[block] > 0) { /* the first edge is taken last: its target then comes next after the block */
            uint32_t to = s->graph->ways[block][--s->way[block]];
            if (!shape_leads(s, block, to)) continue;
            if (!s->order[to]) {
                s->order[to] = s->low[to] = ++s->clock;
                s->way[to] = s->graph->way_counts[to];
                s->stack[stacked++] = to, s->stacked[to] = true;
                s->path[depth++] = to;
            } else if (s->stacked[to] && s->order[to] < s->low[block]) {
                s->low[block] = s->order[to];
            }
            continue;
        }
        depth--;
        if (depth > 0 && s->low[block] < s->low[s->path[depth - 1]]) s->low[s->path[depth - 1]] = s->low[block];
        if (s->low[block] != s->order[block]) continue;
        parts->begins[parts->count++] = parts->used;
        uint32_t member;
        do {
            member = s->stack[--stacked];
            s->stacked[member] = false;
            parts->blocks[parts->used++] = member;
        } while (member != block);
    }
    assert(stacked == 0);
}

/* A block with an edge to itself is a loop of one block. */
static bool shape_turns(const struct shaping *s, uint32_t block)
{
    for (uint32_t i = 0; i < s->graph->way_counts[block]; i++)
        if (s->graph->ways[block][i] == block && !s->head[block]) return true;
    return false;
}

static struct shape *shape_region(struct shaping *, const uint32_t *blocks, uint32_t count, const uint32_t *roots,
                                  uint32_t root_count, unsigned depth);

/* Finds the heads of a loop: blocks at which it is entered from outside or, where loops nest too deep, all blocks to
 * which edges lead back. */
static void shape_heads(struct shaping *s, struct shape *loop, const uint32_t *blocks, uint32_t count, unsigned depth)
{
    loop->heads = ARENA_ARRAY(s->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++)
        if (s->entered[blocks[i]] || depth >= SHAPE_DEPTH) loop->heads[loop->head_count++] = blocks[i];
    if (loop->head_count == 0) loop->heads[loop->head_count++] = blocks[count - 1];
}

static struct shape *shape_region(struct shaping *s, const uint32_t *blocks, uint32_t count, const uint32_t *roots,
                                  uint32_t root_count, unsigned depth)
{
    struct shape *shape = ARENA_NEW(s->arena, struct shape);
    struct parts parts = {.blocks = ARENA_ARRAY(s->arena, uint32_t, count + 1),
                          .begins = ARENA_ARRAY(s->arena, uint32_t, count + 2)};
    for (uint32_t i = 0; i < count; i++) s->order[blocks[i]] = 0;
    s->clock = 0;
    for (uint32_t i = root_count; i > 0; i--) shape_search(s, roots[i - 1], &parts);
    parts.begins[parts.count] = parts.used;
    shape->items = ARENA_ARRAY(s->arena, struct shape_item, parts.count + 1);
    for (uint32_t i = 0; i < count; i++) s->entered[blocks[i]] = false;
    for (uint32_t i = 0; i < parts.count; i++)
        for (uint32_t j = parts.begins[i]; j < parts.begins[i + 1]; j++) s->part_of[parts.blocks[j]] = i;
    for (uint32_t i = 0; i < root_count; i++) s->entered[roots[i]] = true;
    for (uint32_t i = 0; i < parts.used; i++) {
        uint32_t block = parts.blocks[i];
        for (uint32_t j = 0; j < s->graph->way_counts[block]; j++) {
            uint32_t to = s->graph->ways[block][j];
            if (shape_leads(s, block, to) && s->part_of[to] != s->part_of[block]) s->entered[to] = true;
        }
    }
    for (uint32_t i = parts.count; i > 0; i--) {
        const uint32_t *members = &parts.blocks[parts.begins[i - 1]];
        uint32_t member_count = parts.begins[i] - parts.begins[i - 1];
        struct shape_item *item = &shape->items[shape->count];
        if (member_count == 1 && !shape_turns(s, members[0])) {
            item->block = members[0];
            s->places[item->block] = (struct shape_place){shape, shape->count++};
            continue;
        }
        struct shape head = {0};
        shape_heads(s, &head, members, member_count, depth);
        uint32_t number = ++s->loops, region = ++s->regions;
        for (uint32_t j = 0; j < member_count; j++) s->region[members[j]] = region;
        for (uint32_t j = 0; j < head.head_count; j++) s->head[head.heads[j]] = true;
        struct shape *body = shape_region(s, members, member_count, head.heads, head.head_count, depth + 1);
        body->heads = head.heads, body->head_count = head.head_count;
        body->number = number;
        body->outer = shape, body->place = shape->count;
        body->endless = !s->can_end[members[0]];
        item->loop = body;
        shape->count++;
    }
    return shape;
}

/* All results are in the arena. `*places` has for each block the shape that contains it, and the index there. */
struct shape *shape_make(struct arena *arena, const struct shape_graph *graph, struct shape_place **places,
                         uint32_t *loops)
{
    uint32_t room = graph->count + 1;
    struct shaping s = {.arena = arena, .graph = graph};
    s.region = ARENA_ARRAY(arena, uint32_t, room);
    s.head = ARENA_ARRAY(arena, bool, room);
    s.can_end = ARENA_ARRAY(arena, bool, room);
    s.places = ARENA_ARRAY(arena, struct shape_place, room);
    s.order = ARENA_ARRAY(arena, uint32_t, room);
    s.low = ARENA_ARRAY(arena, uint32_t, room);
    s.stack = ARENA_ARRAY(arena, uint32_t, room);
    s.path = ARENA_ARRAY(arena, uint32_t, room);
    s.way = ARENA_ARRAY(arena, uint32_t, room);
    s.stacked = ARENA_ARRAY(arena, bool, room);
    s.entered = ARENA_ARRAY(arena, bool, room);
    s.part_of = ARENA_ARRAY(arena, uint32_t, room);
    shape_find_ends(&s);
    uint32_t *all = ARENA_ARRAY(arena, uint32_t, room);
    for (uint32_t i = 0; i < graph->count; i++) all[i] = i;
    struct shape *whole = shape_region(&s, all, graph->count, &graph->root, 1, 0);
    *places = s.places;
    *loops = s.loops;
    return whole;
}
