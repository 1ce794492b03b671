/* compiler/view/graph_differ.c - One diagram of two versions: what both have, what is gone and what is new.
 *
 *     old   A -> B -> C          both   A -> B (gone) -> C
 *     new   A -> D -> C                 A -> D (new)  -> C
 *
 * Frames are the same by their kinds and titles, boxes by their texts in the order of both, edges by their ends and
 * labels. A box whose text has changed is gone, and another one is new. A strategy or subroutine without any change is
 * left out, unless nothing has changed at all. */
#include <stdlib.h>
#include <string.h>

#include "compiler/base/source.h"
#include "compiler/view/graph.h"
#include "base/memory.h"

enum { PAIRS_MOST = 16 * 1024 * 1024 }; /* beyond so many pairs of boxes what lies between equal ends is not compared */

struct graph_sides {
    struct arena *arena;
    const struct graph *old, *new;
    struct graph *both;
    uint32_t *old_frame, *new_frame; /* their numbers in `both` */
    uint32_t *old_box, *new_box;
};

static bool graph_frame_same(const struct graph_frame *a, const struct graph_frame *b)
{
    return a->kind == b->kind && strcmp(a->title, b->title) == 0;
}

static uint32_t frame_add(struct graph_sides *s, const struct graph_frame *frame, uint32_t outer,
                          enum graph_change change)
{
    struct graph_frame *row = &s->both->frames[s->both->frame_count];
    *row = *frame;
    row->outer = outer;
    row->change = change;
    return s->both->frame_count++;
}

/* A frame is numbered after the one around it, so the outer one has its number already. */
static void merge_frames(struct graph_sides *s)
{
    for (uint32_t i = 0; i < s->new->frame_count; i++) {
        uint32_t outer = s->new->frames[i].outer;
        s->new_frame[i] =
            frame_add(s, &s->new->frames[i], outer == FRAME_NONE ? FRAME_NONE : s->new_frame[outer], GRAPH_NEW);
    }
    for (uint32_t i = 0; i < s->old->frame_count; i++) {
        const struct graph_frame *frame = &s->old->frames[i];
        uint32_t outer = frame->outer == FRAME_NONE ? FRAME_NONE : s->old_frame[frame->outer], n = 0;
        while (n < s->new->frame_count &&
               !(s->both->frames[n].outer == outer && s->both->frames[n].change == GRAPH_NEW &&
                 graph_frame_same(frame, &s->both->frames[n])))
            n++;
        if (n < s->new->frame_count)
            s->both->frames[n].change = GRAPH_KEPT;
        else
            n = frame_add(s, frame, outer, GRAPH_GONE);
        s->old_frame[i] = n;
    }
}

static bool graph_box_same(const struct graph_sides *s, uint32_t old, uint32_t new)
{
    const struct graph_box *a = &s->old->boxes[old], *b = &s->new->boxes[new];
    uint32_t frame = a->frame == FRAME_NONE ? FRAME_NONE : s->old_frame[a->frame];
    uint32_t there = b->frame == FRAME_NONE ? FRAME_NONE : s->new_frame[b->frame];
    return a->kind == b->kind && frame == there && strcmp(a->text, b->text) == 0;
}

static void graph_merge_box(struct graph_sides *s, uint32_t old, uint32_t new, enum graph_change change)
{
    struct graph_box *box = &s->both->boxes[s->both->box_count];
    *box = change == GRAPH_GONE ? s->old->boxes[old] : s->new->boxes[new];
    if (box->frame != FRAME_NONE)
        box->frame = change == GRAPH_GONE ? s->old_frame[box->frame] : s->new_frame[box->frame];
    box->change = change;
    if (change != GRAPH_NEW) s->old_box[old] = s->both->box_count;
    if (change != GRAPH_GONE) s->new_box[new] = s->both->box_count;
    s->both->box_count++;
}

/* Merges boxes from `old` and `new` on, up to the ends: as many as possible are the same, by the lengths of the
 * longest common sequences of what follows. */
static void merge_middle(struct graph_sides *s, uint32_t old, uint32_t new, uint32_t old_end, uint32_t new_end)
{
    size_t rows = old_end - old + 1u, columns = new_end - new + 1u;
    uint32_t *length = NULL, from_old = old, from_new = new;
    if (rows * columns <= PAIRS_MOST) {
        length = memory_zeroed(rows * columns, sizeof *length);
        for (size_t i = rows - 1; i-- > 0;)
            for (size_t j = columns - 1; j-- > 0;) {
                uint32_t down = length[(i + 1) * columns + j], right = length[i * columns + j + 1];
                length[i * columns + j] = graph_box_same(s, old + (uint32_t)i, new + (uint32_t)j)
                                              ? length[(i + 1) * columns + j + 1] + 1
                                          : down >= right ? down
                                                          : right;
            }
    }
    while (old < old_end || new < new_end) {
        size_t at = (old - from_old) * columns + (new - from_new);
        bool both = length && old < old_end && new < new_end;
        if (both && graph_box_same(s, old, new)) {
            graph_merge_box(s, old++, new ++, GRAPH_KEPT);
        } else if (old < old_end && (new == new_end || !both || length[at + columns] >= length[at + 1])) {
            graph_merge_box(s, old, 0, GRAPH_GONE);
            old++;
        } else {
            graph_merge_box(s, 0, new, GRAPH_NEW);
            new ++;
        }
    }
    free(length);
}

static void merge_boxes(struct graph_sides *s)
{
    uint32_t first = 0, old_end = s->old->box_count, new_end = s->new->box_count;
    while (first < old_end && first < new_end && graph_box_same(s, first, first)) {
        graph_merge_box(s, first, first, GRAPH_KEPT);
        first++;
    }
    while (old_end > first && new_end > first && graph_box_same(s, old_end - 1, new_end - 1)) {
        old_end--;
        new_end--;
    }
    merge_middle(s, first, first, old_end, new_end);
    while (old_end < s->old->box_count) graph_merge_box(s, old_end++, new_end++, GRAPH_KEPT);
}

static void merge_edges(struct graph_sides *s)
{
    struct graph *both = s->both;
    uint32_t *first = memory_zeroed(both->box_count + 1u, sizeof *first); /* by box: its first edge + 1 */
    uint32_t *next = memory_zeroed(s->new->edge_count + 1u, sizeof *next);
    for (uint32_t i = 0; i < s->new->edge_count; i++) {
        struct graph_edge *edge = &both->edges[both->edge_count++];
        *edge = s->new->edges[i];
        edge->from = s->new_box[edge->from];
        edge->to = s->new_box[edge->to];
        edge->change = GRAPH_NEW;
        next[i] = first[edge->from];
        first[edge->from] = i + 1;
    }
    for (uint32_t i = 0; i < s->old->edge_count; i++) {
        struct graph_edge edge = s->old->edges[i];
        edge.from = s->old_box[edge.from];
        edge.to = s->old_box[edge.to];
        uint32_t at = first[edge.from];
        while (at > 0 && !(both->edges[at - 1].change == GRAPH_NEW && both->edges[at - 1].to == edge.to &&
                           both->edges[at - 1].kind == edge.kind && strcmp(both->edges[at - 1].label, edge.label) == 0))
            at = next[at - 1];
        edge.change = GRAPH_GONE;
        if (at > 0)
            both->edges[at - 1].change = GRAPH_KEPT;
        else
            both->edges[both->edge_count++] = edge;
    }
    free(first);
    free(next);
}

/* ---- leaving out ---- */

static uint32_t graph_root(const struct graph *graph, uint32_t frame)
{
    while (frame != FRAME_NONE && graph->frames[frame].outer != FRAME_NONE) frame = graph->frames[frame].outer;
    return frame;
}

/* Marks the frames, in no other, in which something has changed; false: there is none. */
static bool changed_frames(const struct graph *graph, bool *changed)
{
    bool any = false;
    for (uint32_t i = 0; i < graph->box_count; i++) {
        uint32_t root = graph_root(graph, graph->boxes[i].frame);
        if (graph->boxes[i].change == GRAPH_KEPT || root == FRAME_NONE) continue;
        changed[root] = any = true;
    }
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        uint32_t root = graph_root(graph, graph->boxes[graph->edges[i].from].frame);
        if (graph->edges[i].change == GRAPH_KEPT || root == FRAME_NONE) continue;
        changed[root] = any = true;
    }
    return any;
}

/* Leaves out the strategies and subroutines that have not changed. */
static void graph_leave_out(struct graph *graph)
{
    bool *changed = memory_zeroed(graph->frame_count + 1u, sizeof *changed);
    uint32_t *frame = memory_zeroed(graph->frame_count + 1u, sizeof *frame);
    uint32_t *box = memory_zeroed(graph->box_count + 1u, sizeof *box), frames = 0, boxes = 0, edges = 0;
    bool any = changed_frames(graph, changed);
    for (uint32_t i = 0; any && i < graph->frame_count; i++) {
        if (!changed[graph_root(graph, i)]) continue;
        struct graph_frame kept = graph->frames[i];
        if (kept.outer != FRAME_NONE) kept.outer = frame[kept.outer];
        frame[i] = frames;
        graph->frames[frames++] = kept;
    }
    for (uint32_t i = 0; any && i < graph->box_count; i++) {
        uint32_t of = graph->boxes[i].frame;
        box[i] = GRAPH_LEFT_OUT;
        if (of != FRAME_NONE && !changed[graph_root(graph, of)]) continue;
        box[i] = boxes;
        graph->boxes[boxes] = graph->boxes[i];
        if (of != FRAME_NONE) graph->boxes[boxes].frame = frame[of];
        boxes++;
    }
    for (uint32_t i = 0; any && i < graph->edge_count; i++) {
        struct graph_edge edge = graph->edges[i];
        if (box[edge.from] == GRAPH_LEFT_OUT || box[edge.to] == GRAPH_LEFT_OUT) continue;
        edge.from = box[edge.from];
        edge.to = box[edge.to];
        graph->edges[edges++] = edge;
    }
    if (any) {
        graph->frame_count = frames;
        graph->box_count = boxes;
        graph->edge_count = edges;
    }
    free(changed);
    free(frame);
    free(box);
}

struct graph *graph_differ(struct arena *arena, const struct graph *old, const struct graph *new)
{
    struct graph_sides s = {.arena = arena, .old = old, .new = new, .both = ARENA_NEW(arena, struct graph)};
    size_t frames = old->frame_count + new->frame_count + 1u, boxes = old->box_count + new->box_count + 1u;
    size_t edges = old->edge_count + new->edge_count + 1u;
    s.both->compared = true;
    s.both->frames = arena_grow(arena, NULL, 0, frames * sizeof *s.both->frames);
    s.both->boxes = arena_grow(arena, NULL, 0, boxes * sizeof *s.both->boxes);
    s.both->edges = arena_grow(arena, NULL, 0, edges * sizeof *s.both->edges);
    s.old_frame = memory_zeroed(frames, sizeof *s.old_frame);
    s.new_frame = memory_zeroed(frames, sizeof *s.new_frame);
    s.old_box = memory_zeroed(boxes, sizeof *s.old_box);
    s.new_box = memory_zeroed(boxes, sizeof *s.new_box);
    merge_frames(&s);
    merge_boxes(&s);
    merge_edges(&s);
    graph_leave_out(s.both);
    free(s.old_frame);
    free(s.new_frame);
    free(s.old_box);
    free(s.new_box);
    return s.both;
}
