/* compiler/import/shape.c - Strongly connected parts (Tarjan 1972) give the order and the loops; within a loop,
 * without the ways to its heads, the same is done again.
 *
 *     graph:   A -> B -> C -> B,  C -> D           parts: {A} {B C} {D}
 *     shape:   A;  loop (head B) { B;  C };  D     the way from C to B is the next round
 *
 *     shape_make() -> shape_find_ends()    from which blocks an end can be reached
 *                  -> shape_region()       one shape; calls itself for the body of each loop
 *                     -> shape_search()    the parts, by a stack of its own: a long flow does not overflow the C
 * stack */
#include "compiler/import/shape.h"

#include <assert.h>

struct shaping {
    struct arena *arena;
    const struct shape_graph *graph;
    uint32_t *region; /* by block: the number of the shape to which it belongs at the moment */
    bool *head;       /* by block: a loop around it begins there, so that a way to it is the next round */
    bool *can_end;
    struct shape_place *places;
    uint32_t regions, loops;
    /* of one search: */
    uint32_t *order, *low, *stack, *path, *way, clock;
    bool *stacked;
    /* of one shape, whose own blocks alone are looked at: */
    bool *entered;     /* a way leads there from outside of its part */
    uint32_t *part_of; /* by block: the strongly connected part that has it */
};

static bool shape_leads(const struct shaping *s, uint32_t from, uint32_t to)
{
    return s->region[to] == s->region[from] && !s->head[to];
}

/* Finds the blocks that have a way to an end: from the ends backwards, until nothing changes any more. `from` lists,
 * per block, those with a way to it; first[b] is where the list of block b begins. */
static void shape_find_ends(struct shaping *s)
{
    const struct shape_graph *graph = s->graph;
    uint32_t edges = 0, *first = ARENA_ARRAY(s->arena, uint32_t, graph->count + 2), depth = 0;
    for (uint32_t i = 0; i < graph->count; i++)
        for (uint32_t j = 0; j < graph->way_counts[i]; j++) first[graph->ways[i][j] + 2]++, edges++;
    for (uint32_t i = 2; i < graph->count + 2; i++) first[i] += first[i - 1];
    uint32_t *from = ARENA_ARRAY(s->arena, uint32_t, edges + 1);
    for (uint32_t i = 0; i < graph->count; i++)
        for (uint32_t j = 0; j < graph->way_counts[i]; j++) from[first[graph->ways[i][j] + 1]++] = i;
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->ends[i]) s->can_end[i] = true, s->stack[depth++] = i;
    while (depth > 0) {
        uint32_t block = s->stack[--depth];
        for (uint32_t i = first[block]; i < first[block + 1]; i++)
            if (!s->can_end[from[i]]) s->can_end[from[i]] = true, s->stack[depth++] = from[i];
    }
}

struct parts { /* strongly connected, the last one first */
    uint32_t *blocks, *begins;
    uint32_t count, used;
};

/* `order` is the number at which a block was met, `low` the lowest number that it leads back to. A block whose
 * two are equal is the first of its part, and the part lies above it on `stack`. */
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
        if (s->way[block] > 0) { /* the first way is taken last: what it leads to stands next behind the block */
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

/* A block with a way to itself is a loop of one. */
static bool shape_turns(const struct shaping *s, uint32_t block)
{
    for (uint32_t i = 0; i < s->graph->way_counts[block]; i++)
        if (s->graph->ways[block][i] == block && !s->head[block]) return true;
    return false;
}

static struct shape *shape_region(struct shaping *, const uint32_t *blocks, uint32_t count, const uint32_t *roots,
                                  uint32_t root_count, unsigned depth);

/* Blocks of the cycle at which it is entered from outside or, where the nesting is deep, all to which ways lead back.
 */
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

/* Everything is in the arena. `*places` says for each block in which shape it stands, and where. */
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
