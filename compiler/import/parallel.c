/* compiler/import/parallel.c - Puts paths that run in parallel in the source one after the other.
 *
 *     begin --> path 1 --> end              begin --> path 1 --> path 2 --> end
 *           --> path 2 --> end
 *           --> sounds --> end              select ... busy { sounds }
 *
 * A path that only computes could have run before the other paths in the source, too: the meaning is the same. Paths
 * that wait do so one after the other, which is reported. The path that routes comes last. Sounds that play during a
 * selection become its busy treatments; those during a route are left out, for the route ends them at once. Paths
 * stay as they are where they have blocks in common, where one has no end, or where two route; then only one of them
 * is written (blocks.c). */
#include <assert.h>
#include <string.h>

#include "compiler/import/flow.h"

enum { PARALLELS = 100 /* of one flow */, PATHS = 8 };

struct path {
    uint32_t start;
    bool joins, waits, routes, sounds; /* sounds: the path waits only for sounds that it plays */
    uint32_t target;                   /* the path's first selection without treatments; FLOW_NOWHERE: none */
};

struct parallel {
    struct arena *arena;
    struct flow *flow;
    uint32_t *queue;
    bool *seen;
    uint8_t *owner; /* for each block: 1 + the path to which it belongs; 0: none */
    bool *taken;    /* for each block: it is the end of a parallel that was already handled */
    bool unheard;   /* sounds of a path were left out */
    uint32_t begin, end;
    struct path paths[PATHS];
    unsigned count;
};

static bool path_computes(enum flow_kind kind)
{
    switch (kind) {
    case FLOW_assign:
    case FLOW_script:
    case FLOW_log:
    case FLOW_branch:
    case FLOW_looping:
    case FLOW_user_data:
    case FLOW_interaction_data:
    case FLOW_begin_parallel:
    case FLOW_end_parallel:
        return true;
    default:
        return false;
    }
}

static bool path_plays(enum flow_kind kind)
{
    return kind == FLOW_sound || kind == FLOW_prompt || kind == FLOW_application;
}

/* Adds the blocks that follow a block, except the end of the parallel; true: the end follows, too. */
static bool path_goes_on(struct parallel *p, const struct flow_block *block, uint32_t *last)
{
    bool joins = false;
    for (uint32_t i = 0; i < block->exit_count; i++) {
        uint32_t to = block->exits[i].to;
        if (block->exits[i].failure || to == FLOW_NOWHERE) continue;
        joins = joins || to == p->end;
        if (to == p->end || p->seen[to]) continue;
        p->seen[to] = true;
        p->queue[(*last)++] = to;
    }
    return joins;
}

/* Returns the nearest end that belongs to no other parallel; FLOW_NOWHERE: none. */
static uint32_t parallel_end(struct parallel *p)
{
    uint32_t first = 0, last = 0;
    memset(p->seen, 0, p->flow->block_count * sizeof *p->seen);
    p->end = FLOW_NOWHERE;
    p->queue[last++] = p->begin;
    p->seen[p->begin] = true;
    while (first < last) {
        uint32_t number = p->queue[first++];
        if (p->flow->blocks[number].kind == FLOW_end_parallel && !p->taken[number]) return number;
        path_goes_on(p, &p->flow->blocks[number], &last);
    }
    return FLOW_NOWHERE;
}

static void path_has(struct path *path, const struct flow_block *block, uint32_t number)
{
    if (block->disabled || path_computes(block->kind)) return;
    if (!path->waits) path->sounds = true;
    path->waits = true;
    path->sounds = path->sounds && path_plays(block->kind);
    path->routes = path->routes || (flow_kind_ends(block->kind) && block->kind != FLOW_subroutine);
    bool free = block->kind == FLOW_target && flow_exit_to(block, "Busy Treatments") == FLOW_NOWHERE;
    if (free && path->target == FLOW_NOWHERE) path->target = number;
}

/* Goes through the blocks of a path; false: a block of it is in another path, too, or leads back to the beginning. */
static bool path_walk(struct parallel *p, uint32_t start)
{
    struct path *path = &p->paths[p->count++];
    uint32_t first = 0, last = 0;
    *path = (struct path){.start = start, .target = FLOW_NOWHERE};
    memset(p->seen, 0, p->flow->block_count * sizeof *p->seen);
    p->queue[last++] = start;
    p->seen[start] = true;
    while (first < last) {
        uint32_t number = p->queue[first++];
        if (number == p->begin || p->owner[number] != 0) return false;
        p->owner[number] = (uint8_t)p->count;
        path_has(path, &p->flow->blocks[number], number);
        path->joins = path_goes_on(p, &p->flow->blocks[number], &last) || path->joins;
    }
    return true;
}

/* Gives the block an array of exits of its own, to be changed; the source's exits are still the ones that are drawn. */
static struct flow_exit *exits_change(struct parallel *p, struct flow_block *block, uint32_t more)
{
    struct flow_exit *exits = ARENA_ARRAY(p->arena, struct flow_exit, block->exit_count + more + 1);
    if (block->exit_count > 0) memcpy(exits, block->exits, block->exit_count * sizeof *exits);
    if (!block->drawn) block->drawn = block->exits, block->drawn_count = block->exit_count;
    return block->exits = exits;
}

/* Redirects each exit of the path's blocks from the block `there` to another block. */
static void path_leads(struct parallel *p, unsigned path, uint32_t there, uint32_t to)
{
    for (uint32_t number = 0; number < p->flow->block_count; number++) {
        struct flow_block *block = &p->flow->blocks[number];
        if (p->owner[number] != path + 1) continue;
        struct flow_exit *exits = exits_change(p, block, 0);
        for (uint32_t i = 0; i < block->exit_count; i++)
            if (exits[i].to == there) exits[i].to = to;
    }
}

/* Makes the path, whose sounds end or repeat, the busy treatments of that selection. */
static void path_beside(struct parallel *p, unsigned path, uint32_t target)
{
    struct flow_block *block = &p->flow->blocks[target];
    path_leads(p, path, p->paths[path].start, target);
    path_leads(p, path, p->end, target);
    exits_change(p, block, 1)[block->exit_count] = (struct flow_exit){"Busy Treatments", false, p->paths[path].start};
    block->exit_count++;
}

/* Orders the paths: first those that compute, then those that wait, then the one that routes. False: the paths
 * cannot be put one after the other. */
static bool paths_in_order(struct parallel *p, unsigned order[], unsigned *ordered, unsigned *waiting)
{
    unsigned routing = PATHS, sounding = PATHS;
    for (unsigned at = 0; at < p->count; at++) {
        if (p->paths[at].routes && routing != PATHS) return false;
        if (p->paths[at].routes) routing = at;
    }
    uint32_t target = routing != PATHS ? p->paths[routing].target : FLOW_NOWHERE;
    for (unsigned at = 0; at < p->count && target != FLOW_NOWHERE && sounding == PATHS; at++)
        if (p->paths[at].sounds) sounding = at;
    for (int waits = 0; waits < 2; waits++)
        for (unsigned at = 0; at < p->count; at++) {
            const struct path *path = &p->paths[at];
            if (at == routing || at == sounding || path->waits != (waits != 0)) continue;
            if (routing != PATHS && target == FLOW_NOWHERE && path->sounds) {
                p->unheard = true;
                continue;
            }
            if (!path->joins) return false;
            *waiting += path->waits;
            order[(*ordered)++] = at;
        }
    if (routing != PATHS) order[(*ordered)++] = routing, (*waiting)++;
    if (sounding != PATHS) path_beside(p, sounding, target);
    return true;
}

static void parallel_arrange(struct parallel *p)
{
    struct flow_block *begin = &p->flow->blocks[p->begin];
    unsigned order[PATHS], ordered = 0, waiting = 0;
    uint32_t end = parallel_end(p);
    if (end != FLOW_NOWHERE) p->taken[end] = true;
    p->end = end;
    p->count = 0;
    p->unheard = false;
    memset(p->owner, 0, p->flow->block_count * sizeof *p->owner);
    for (uint32_t i = 0; i < begin->exit_count; i++) {
        const struct flow_exit *exit = &begin->exits[i];
        if (exit->failure || exit->to == FLOW_NOWHERE || exit->to == end) continue;
        if (p->count == PATHS || !path_walk(p, exit->to)) return;
    }
    if (end == FLOW_NOWHERE || p->count == 0 || !paths_in_order(p, order, &ordered, &waiting)) return;
    assert(ordered <= p->count);
    for (unsigned at = 0; at + 1 < ordered; at++) path_leads(p, order[at], end, p->paths[order[at + 1]].start);
    struct flow_exit *exits = exits_change(p, begin, 0);
    exits[0] = (struct flow_exit){"", false, ordered > 0 ? p->paths[order[0]].start : end};
    begin->exit_count = 1;
    begin->arranged = p->unheard ? "the sounds beside the route are left out, for the route ended them"
                      : waiting > 1
                          ? "its paths ran side by side, and run one after the other: steps that may be cut off "
                            "can stand in parallel { }"
                          : "";
}

void parallel_arrange_all(struct arena *arena, struct flow *flow)
{
    uint32_t begins[PARALLELS], count = 0, first = 0, last = 0;
    if (flow->entry == FLOW_NOWHERE) return;
    struct parallel p = {.arena = arena, .flow = flow};
    p.queue = ARENA_ARRAY(arena, uint32_t, flow->block_count + 1);
    p.seen = ARENA_ARRAY(arena, bool, flow->block_count + 1);
    p.taken = ARENA_ARRAY(arena, bool, flow->block_count + 1);
    p.owner = ARENA_ARRAY(arena, uint8_t, flow->block_count + 1);
    p.end = FLOW_NOWHERE;
    p.queue[last++] = flow->entry;
    p.seen[flow->entry] = true;
    while (first < last) {
        uint32_t number = p.queue[first++];
        const struct flow_block *block = &flow->blocks[number];
        if (block->kind == FLOW_begin_parallel && !block->disabled && count < PARALLELS) begins[count++] = number;
        path_goes_on(&p, block, &last);
    }
    while (count > 0) { /* the inner parallels first: they are farther from the entry */
        p.begin = begins[--count];
        parallel_arrange(&p);
    }
}
