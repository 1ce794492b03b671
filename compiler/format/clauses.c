/* compiler/format/clauses.c - Puts the clauses of each step into their order. Each place of a clause gets the text
 * of the clause that belongs there; the text between the places stays. */
#include "compiler/format/clauses.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CLAUSES_MAX = 32 };

struct piece { /* the text of `from` moves to the place `to` */
    struct source_span to, from;
};

struct order {
    struct arena *arena;
    struct piece *pieces;
    size_t count, room;
};

static void clauses_add_move(struct order *order, struct source_span to, struct source_span from)
{
    if (order->count == order->room) {
        size_t room = order->room * 2 + 16;
        order->pieces =
            arena_grow(order->arena, order->pieces, order->room * sizeof *order->pieces, room * sizeof *order->pieces);
        order->room = room;
    }
    order->pieces[order->count++] = (struct piece){to, from};
}

static bool clause_before(const struct node *one, const struct node *other, bool by_place)
{
    assert(one->kind == NODE_CLAUSE && other->kind == NODE_CLAUSE);
    if (!by_place && one->clause.which != other->clause.which) return one->clause.which < other->clause.which;
    return one->span.begin < other->span.begin;
}

/* Sorts the clauses of a step by their place in the text, or by enum clause. */
static void sort_clauses(const struct nodes *clauses, const struct node **sorted, bool by_place)
{
    size_t count = 0;
    EACH_NODE (clause, *clauses) {
        assert(count < CLAUSES_MAX);
        size_t at = count++;
        for (; at > 0 && clause_before(clause, sorted[at - 1], by_place); at--) sorted[at] = sorted[at - 1];
        sorted[at] = clause;
    }
}

/* Adds a piece for each clause of a step whose clauses are out of order; returns false where they are in order. */
static bool order_clauses(struct order *order, const struct nodes *clauses)
{
    const struct node *places[CLAUSES_MAX], *sorted[CLAUSES_MAX];
    bool moved = false;
    if (clauses->count > CLAUSES_MAX) return false;
    sort_clauses(clauses, places, true);
    sort_clauses(clauses, sorted, false);
    for (size_t i = 0; i < clauses->count; i++) moved = moved || places[i] != sorted[i];
    for (size_t i = 0; i < clauses->count && moved; i++) clauses_add_move(order, places[i]->span, sorted[i]->span);
    return moved;
}

static void clauses_visit(struct node *node, void *context)
{
    struct order *order = context;
    if (node->kind == NODE_STEP && order_clauses(order, &node->step.clauses))
        return; /* steps within these clauses are ordered by a later call */
    node_children(node, clauses_visit, context);
    node_apart(node, clauses_visit, context);
}

static int clauses_by_place(const void *a, const void *b)
{
    const struct piece *one = a, *other = b;
    return one->to.begin < other->to.begin ? -1 : one->to.begin > other->to.begin;
}

char *format_clauses(struct arena *arena, const struct node *file, const struct source *source, size_t *length)
{
    struct order order = {.arena = arena};
    clauses_visit((struct node *)(uintptr_t)file, &order);
    if (order.count == 0) return NULL;
    qsort(order.pieces, order.count, sizeof *order.pieces, clauses_by_place);
    char *text = arena_alloc(arena, source->length + 1), *to = text;
    uint32_t at = source->base;
    for (size_t i = 0; i < order.count; i++) {
        const struct piece *piece = &order.pieces[i];
        assert(at <= piece->to.begin);
        memcpy(to, source->text + (at - source->base), piece->to.begin - at);
        to += piece->to.begin - at;
        memcpy(to, source->text + (piece->from.begin - source->base), piece->from.end - piece->from.begin);
        to += piece->from.end - piece->from.begin;
        at = piece->to.end;
    }
    memcpy(to, source->text + (at - source->base), source->base + source->length - at);
    to += source->base + source->length - at;
    *length = (size_t)(to - text);
    return text;
}
