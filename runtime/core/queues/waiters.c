/* runtime/core/queues/waiters.c - Waiters: heaps whose members know their position; a search in the order of ranks
 * goes down from the roots of the heaps.
 *
 *     heap of "French 3"          frontier (a heap of places still to look at)
 *            A                    begins with the roots of all heaps that the agent may look into;
 *           / \                   the best is taken out and its two children are put in.
 *          B   C                  A refused: B and C are looked at next, and not all of the heap.
 *
 * A place is one selector in one heap. `at` of a place is updated with every move inside the heap, so a selector can
 * be moved or taken out without a search. */
#include "runtime/core/queues/waiters.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"

enum { PLACE_NONE = UINT32_MAX };

static uint64_t waiters_row_key(const void *owner, uint32_t slot)
{
    const struct waiters *waiters = owner;
    return waiters->rows[slot].key;
}

void waiters_init(struct waiters *waiters)
{
    *waiters = (struct waiters){.free = PLACE_NONE};
    lookup_init(&waiters->by_key, waiters, waiters_row_key);
}

void waiters_free(struct waiters *waiters)
{
    for (uint32_t row = 0; row < waiters->row_count; row++) {
        for (uint32_t level = 0; level < waiters->rows[row].level_count; level++)
            free(waiters->rows[row].levels[level].all);
        free(waiters->rows[row].levels);
    }
    free(waiters->rows);
    free(waiters->places);
    free(waiters->frontier);
    lookup_free(&waiters->by_key);
}

/* True: the first visit of the selector at place `a` has a better rank than that of the selector at place `b`. */
static bool waiters_before(const struct vqs *vqs, uint32_t a, uint32_t b)
{
    const struct waiters_place *places = vqs->waiters.places;
    return visit_before(vqs, visit_at(vqs, selector_at(&vqs->wants, places[a].want)->first),
                        visit_at(vqs, selector_at(&vqs->wants, places[b].want)->first));
}

/* Writes a member into a heap whose members know their positions, or into the frontier, whose members do not. */
static void heap_put(const struct vqs *vqs, uint32_t *heap, uint32_t at, uint32_t place)
{
    heap[at] = place;
    if (heap != vqs->waiters.frontier) vqs->waiters.places[place].at = at;
}

/* Moves a member up: those above move down, and the member is written once, at its final position. */
static void heap_rise(const struct vqs *vqs, uint32_t *heap, uint32_t at)
{
    uint32_t place = heap[at];
    for (; at > 0 && waiters_before(vqs, place, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap_put(vqs, heap, at, heap[(at - 1) / 2]);
    heap_put(vqs, heap, at, place);
}

static void heap_sink(const struct vqs *vqs, uint32_t *heap, uint32_t count, uint32_t at)
{
    uint32_t place = heap[at];
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && waiters_before(vqs, heap[child + 1], heap[child])) child++;
        if (!waiters_before(vqs, heap[child], place)) break;
        heap_put(vqs, heap, at, heap[child]);
    }
    heap_put(vqs, heap, at, place);
}

static struct waiters_heap *heap_of(const struct waiters *waiters, uint32_t place)
{
    const struct waiters_place *stands = &waiters->places[place];
    return &waiters->rows[stands->row].levels[stands->level];
}

/* Returns the row of a demand; levels between 0 and the wanted one get empty heaps, since `levels` is an array by
 * level. */
static uint32_t waiters_row_of(struct waiters *waiters, uint64_t key, uint32_t level)
{
    uint32_t slot;
    if (!lookup_find(&waiters->by_key, key, &slot)) {
        slot = waiters->row_count++;
        waiters->rows = memory_grow(waiters->rows, &waiters->row_capacity, waiters->row_count, sizeof *waiters->rows);
        waiters->rows[slot] = (struct waiters_row){.key = key};
        lookup_add(&waiters->by_key, slot);
    }
    struct waiters_row *row = &waiters->rows[slot];
    if (level >= row->level_count) {
        row->levels = memory_grown(row->levels, (size_t)level + 1, sizeof *row->levels);
        while (row->level_count <= level) row->levels[row->level_count++] = (struct waiters_heap){0};
    }
    return slot;
}

static uint32_t place_new(struct waiters *waiters)
{
    uint32_t place = waiters->free;
    waiters->posted++;
    if (place != PLACE_NONE) {
        waiters->free = waiters->places[place].next;
        return place;
    }
    place = waiters->place_count++;
    waiters->places =
        memory_grow(waiters->places, &waiters->place_capacity, waiters->place_count, sizeof *waiters->places);
    return place;
}

/* True: the selector is in that heap already, for another clause. If a selector were in the heap twice, the heap would
 * be out of order as soon as its rank changes. */
static bool stands_in(const struct waiters *waiters, const struct selector *selector, uint32_t row, uint32_t level)
{
    uint32_t place = selector->places;
    while (place != PLACE_NONE && (waiters->places[place].row != row || waiters->places[place].level != level))
        place = waiters->places[place].next;
    return place != PLACE_NONE;
}

/* Puts the selector into the heap of the clause and of the class, unless it is there already. Only the first term of
 * a clause is used here. The other terms are checked by match_line() later. */
static void clause_post(struct vqs *vqs, uint32_t want, const struct demand_clause *clause, uint32_t class)
{
    struct waiters *waiters = &vqs->waiters;
    struct selector *selector = selector_at(&vqs->wants, want);
    const struct demand_term *term = &clause->terms[0];
    uint64_t key = clause->count == 0 ? waiters_key(TYPE_VOID, 0, class) : waiters_key(term->type, term->name, class);
    uint32_t level = clause->count == 0 ? 0 : term->least, row = waiters_row_of(waiters, key, level);
    if (stands_in(waiters, selector, row, level)) return;
    uint32_t place = place_new(waiters);
    waiters->places[place] = (struct waiters_place){.want = want, .row = row, .level = level, .next = selector->places};
    selector->places = place;
    struct waiters_heap *heap = heap_of(waiters, place);
    heap->all = memory_grow(heap->all, &heap->capacity, heap->count + 1, sizeof *heap->all);
    heap->all[heap->count] = place;
    heap_rise(vqs, heap->all, heap->count++);
    if (class != 0) vqs->prefer->classes[class - 1].posted++;
}

/* Puts the selector into the heaps. The selector must have its first visit before: the heaps are ordered by that
 * visit's rank. */
static void waiters_post(struct vqs *vqs, uint32_t want)
{
    const struct selector *selector = selector_at(&vqs->wants, want);
    for (uint32_t at = 0; at < selector->clause_count; at++) {
        clause_post(vqs, want, &selector->clauses[at], 0);
        if (vqs->preferred) clause_post(vqs, want, &selector->clauses[at], selector->clauses[at].class + 1u);
    }
}

/* Takes the selector out of its heaps; the last member of each heap fills the gap. The member that fills the gap may be
 * better or worse than the members around it, so it first rises and then sinks. */
static void waiters_unpost(struct vqs *vqs, uint32_t want)
{
    struct waiters *waiters = &vqs->waiters;
    uint32_t *head = &selector_at(&vqs->wants, want)->places;
    while (*head != PLACE_NONE) {
        uint32_t place = *head, at = waiters->places[place].at;
        struct waiters_heap *heap = heap_of(waiters, place);
        assert(heap->count > 0 && heap->all[at] == place);
        uint32_t last = heap->all[--heap->count];
        if (last != place) {
            heap_put(vqs, heap->all, at, last);
            heap_rise(vqs, heap->all, at);
            heap_sink(vqs, heap->all, heap->count, waiters->places[last].at);
        }
        uint32_t class = waiters_class(waiters->rows[waiters->places[place].row].key);
        if (class != 0) vqs->prefer->classes[class - 1].posted--;
        *head = waiters->places[place].next;
        waiters->places[place].next = waiters->free;
        waiters->free = place;
        waiters->posted--;
    }
}

/* Sets the selector's first visit. The order matters: a selector that loses its last visit is taken out while
 * `first` still gives its rank, and a new one is put in after `first` is set. */
void waiters_first(struct vqs *vqs, uint32_t want, uint32_t first)
{
    struct selector *selector = selector_at(&vqs->wants, want);
    if (first == VISIT_NONE) waiters_unpost(vqs, want);
    bool posted = selector->first != VISIT_NONE;
    selector->first = first;
    if (first == VISIT_NONE) return;
    if (!posted) waiters_post(vqs, want);
    for (uint32_t place = selector->places; posted && place != PLACE_NONE; place = vqs->waiters.places[place].next) {
        struct waiters_heap *heap = heap_of(&vqs->waiters, place);
        heap_rise(vqs, heap->all, vqs->waiters.places[place].at);
        heap_sink(vqs, heap->all, heap->count, vqs->waiters.places[place].at);
    }
}

void waiters_unpost_all(struct vqs *vqs)
{
    for (uint32_t want = 0; want < vqs->wants.count; want++)
        if (vqs->wants.all[want].number != 0) waiters_unpost(vqs, want);
}

void waiters_post_all(struct vqs *vqs)
{
    for (uint32_t want = 0; want < vqs->wants.count; want++)
        if (vqs->wants.all[want].number != 0 && vqs->wants.all[want].first != VISIT_NONE) waiters_post(vqs, want);
}

static void waiters_reach(struct vqs *vqs, uint32_t place)
{
    struct waiters *waiters = &vqs->waiters;
    waiters->frontier = memory_grow(waiters->frontier, &waiters->frontier_capacity, waiters->frontier_count + 1,
                                    sizeof *waiters->frontier);
    waiters->frontier[waiters->frontier_count] = place;
    heap_rise(vqs, waiters->frontier, waiters->frontier_count++);
}

/* Adds to the search the heaps of selectors that demand at most the given level. */
static void reach_levels(struct vqs *vqs, uint16_t type, uint32_t name, uint32_t level)
{
    uint32_t slot;
    if (!lookup_find(&vqs->waiters.by_key, waiters_key(type, name, 0), &slot)) return;
    const struct waiters_row *row = &vqs->waiters.rows[slot];
    for (uint32_t at = 0; at < row->level_count && at <= level; at++)
        if (row->levels[at].count != 0) waiters_reach(vqs, row->levels[at].all[0]);
}

/* Returns the next place in the order of rank, and adds the places below it in its heap to the search. */
static uint32_t next_reached(struct vqs *vqs)
{
    struct waiters *waiters = &vqs->waiters;
    uint32_t best = waiters->frontier[0], from = 2 * waiters->places[best].at + 1;
    const struct waiters_heap *heap = heap_of(waiters, best);
    waiters->frontier[0] = waiters->frontier[--waiters->frontier_count];
    if (waiters->frontier_count != 0) heap_sink(vqs, waiters->frontier, waiters->frontier_count, 0);
    for (uint32_t child = from; child < from + 2 && child < heap->count; child++) waiters_reach(vqs, heap->all[child]);
    return best;
}

/* Returns the best visit for the agent. A demand for level 3 is met by an agent with level 5, so the heaps of levels
 * 0 to 5 are searched. The first match in the order of ranks is the result. A selector may be found in two heaps and
 * is then checked twice, with the same result. */
uint32_t waiters_best(struct vqs *vqs, uint32_t agent)
{
    const struct agent *who = agent_at(vqs->agents, agent);
    vqs->waiters.frontier_count = 0;
    if (vqs->waiters.posted == 0) return VISIT_NONE;
    for (uint32_t at = 0; at < who->skill_count; at++)
        reach_levels(vqs, TYPE_SKILL, who->skills[at].name, who->skills[at].level);
    for (uint32_t at = 0; at < who->group_count; at++) reach_levels(vqs, TYPE_GROUP, who->groups[at].name, 1);
    reach_levels(vqs, TYPE_AGENT, agent, 1);
    reach_levels(vqs, TYPE_PLACE, who->place, 1);
    reach_levels(vqs, TYPE_VOID, 0, 0);
    while (vqs->waiters.frontier_count != 0) {
        uint32_t place = next_reached(vqs);
        const struct selector *want = selector_at(&vqs->wants, vqs->waiters.places[place].want);
        if (who->listed && !match_open(vqs, want, agent)) continue;
        if (!link_held(vqs->links, want->link) && match_line(vqs, want, agent) >= 0) return want->first;
    }
    return VISIT_NONE;
}

/* True: each place of the selector is in the heap where it belongs; counts the places. */
static bool selector_holds(const struct vqs *vqs, uint32_t want, uint32_t *posted)
{
    const struct selector *selector = selector_at(&vqs->wants, want);
    uint32_t count = 0;
    for (uint32_t place = selector->places; place != PLACE_NONE; place = vqs->waiters.places[place].next, count++) {
        const struct waiters_place *stands = &vqs->waiters.places[place];
        const struct waiters_heap *heap = heap_of(&vqs->waiters, place);
        if (stands->want != want || stands->at >= heap->count || heap->all[stands->at] != place) return false;
        if (stands->at > 0 && waiters_before(vqs, place, heap->all[(stands->at - 1) / 2])) return false;
    }
    *posted += count;
    if (selector->first == VISIT_NONE || selector->clause_count == 0) return count == 0;
    return count > 0 && count <= selector->clause_count * (vqs->preferred ? 2u : 1u);
}

bool waiters_check(const struct vqs *vqs)
{
    uint32_t posted = 0, stand = 0;
    for (uint32_t want = 0; want < vqs->wants.count; want++)
        if (vqs->wants.all[want].number != 0 && !selector_holds(vqs, want, &posted)) return false;
    for (uint32_t row = 0; row < vqs->waiters.row_count; row++)
        for (uint32_t level = 0; level < vqs->waiters.rows[row].level_count; level++)
            stand += vqs->waiters.rows[row].levels[level].count;
    return posted == vqs->waiters.posted && stand == posted;
}
