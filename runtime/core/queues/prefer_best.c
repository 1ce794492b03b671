/* runtime/core/queues/prefer_best.c - A search in the order of ranks through the heaps of the classes that an agent
 * takes.
 *
 *     class "sales"                  rank 1 for the agent      frontier: the roots of all these heaps, and then what
 *     class "service from 60 s"      rank 2                    is below those that were refused; the best by the
 *     class "service from 0 s"       not taken now             site's order is looked at first
 *
 * Within a heap the rank of the queue is the same for all, so the heap's order by visits is the site's order, too. */
#include "runtime/core/queues/prefer_best.h"

#include "runtime/core/base/memory.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/queues/waiters.h"

/* Returns the agent's rank of the queue in whose heap the place is. */
static uint8_t place_rank(const struct vqs *vqs, uint32_t prefers, uint32_t place)
{
    uint32_t class = waiters_class(vqs->waiters.rows[vqs->waiters.places[place].row].key);
    return prefer_rank(vqs->prefer, prefers, class - 1);
}

/* True: the first visit of the selector at place `a` comes before that of the selector at place `b` in the site's
 * order. */
static bool reached_before(const struct vqs *vqs, uint32_t prefers, uint32_t a, uint32_t b)
{
    const struct waiters_place *places = vqs->waiters.places;
    return prefer_before(vqs, visit_at(vqs, selector_at(&vqs->wants, places[a].want)->first),
                         place_rank(vqs, prefers, a), visit_at(vqs, selector_at(&vqs->wants, places[b].want)->first),
                         place_rank(vqs, prefers, b));
}

static void reached_add(struct vqs *vqs, uint32_t prefers, uint32_t place)
{
    struct waiters *waiters = &vqs->waiters;
    waiters->frontier = memory_grow(waiters->frontier, &waiters->frontier_capacity, waiters->frontier_count + 1,
                                    sizeof *waiters->frontier);
    uint32_t at = waiters->frontier_count++, *heap = waiters->frontier;
    for (; at > 0 && reached_before(vqs, prefers, place, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = place;
}

/* Takes the best place out of the frontier, and adds the places below it in its heap. */
static uint32_t reached_next(struct vqs *vqs, uint32_t prefers)
{
    struct waiters *waiters = &vqs->waiters;
    uint32_t *heap = waiters->frontier, best = heap[0], last = heap[--waiters->frontier_count], at = 0;
    for (uint32_t child; (child = 2 * at + 1) < waiters->frontier_count; at = child) {
        if (child + 1 < waiters->frontier_count && reached_before(vqs, prefers, heap[child + 1], heap[child])) child++;
        if (!reached_before(vqs, prefers, heap[child], last)) break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    const struct waiters_place *stands = &waiters->places[best];
    const struct waiters_heap *from = &waiters->rows[stands->row].levels[stands->level];
    for (uint32_t child = 2 * stands->at + 1, end = child + 2; child < end && child < from->count; child++)
        reached_add(vqs, prefers, from->all[child]);
    return best;
}

static void reach_class(struct vqs *vqs, uint32_t prefers, uint16_t type, uint32_t name, uint32_t level, uint32_t class)
{
    uint32_t slot;
    if (!lookup_find(&vqs->waiters.by_key, waiters_key(type, name, class), &slot)) return;
    for (uint32_t at = 0; at < vqs->waiters.rows[slot].level_count && at <= level; at++)
        if (vqs->waiters.rows[slot].levels[at].count != 0)
            reached_add(vqs, prefers, vqs->waiters.rows[slot].levels[at].all[0]);
}

/* Adds the roots of the heaps of a class that the agent may look into. */
static void reach_all(struct vqs *vqs, uint32_t agent, uint32_t class)
{
    const struct agent *who = agent_at(vqs->agents, agent);
    for (uint32_t at = 0; at < who->skill_count; at++)
        reach_class(vqs, who->prefers, TYPE_SKILL, who->skills[at].name, who->skills[at].level, class);
    for (uint32_t at = 0; at < who->group_count; at++)
        reach_class(vqs, who->prefers, TYPE_GROUP, who->groups[at].name, 1, class);
    reach_class(vqs, who->prefers, TYPE_AGENT, agent, 1, class);
    reach_class(vqs, who->prefers, TYPE_PLACE, who->place, 1, class);
    reach_class(vqs, who->prefers, TYPE_VOID, 0, 0, class);
}

/* Finds the best visit for the agent in the heaps. If a selection has lines of several queues, a place of its selector
 * may be in the class of another queue than that of the line which matches. A place in the class of another queue is
 * passed over: the selector has a place in the right class, too. */
static uint32_t best_preferred(struct vqs *vqs, uint32_t agent)
{
    const struct agent *who = agent_at(vqs->agents, agent);
    const struct preferences *prefer = vqs->prefer;
    vqs->waiters.frontier_count = 0;
    for (uint32_t class = 0; class < prefer->class_count; class ++)
        if (prefer->classes[class].posted != 0 && prefer_rank(prefer, who->prefers, class) != 0)
            reach_all(vqs, agent, class + 1);
    while (vqs->waiters.frontier_count != 0) {
        uint32_t place = reached_next(vqs, who->prefers);
        const struct selector *want = selector_at(&vqs->wants, vqs->waiters.places[place].want);
        if ((who->listed && !match_open(vqs, want, agent)) || link_held(vqs->links, want->link)) continue;
        if (match_rank(vqs, want, agent) == place_rank(vqs, who->prefers, place)) return want->first;
    }
    return VISIT_NONE;
}

/* An agent for whom all queues have the same rank looks into the heaps of all selectors, as at a site without
 * preferences. */
uint32_t prefer_best(struct vqs *vqs, uint32_t agent)
{
    if (!vqs->preferred || vqs->prefer->indifferent[agent_at(vqs->agents, agent)->prefers])
        return waiters_best(vqs, agent);
    return vqs->waiters.posted == 0 ? VISIT_NONE : best_preferred(vqs, agent);
}

void prefer_refile(struct vqs *vqs)
{
    if (vqs->prefer->count == 0 && !vqs->preferred) { /* there are no rows now, and were none before */
        prefer_unused(vqs->prefer);
        return;
    }
    waiters_unpost_all(vqs);
    prefer_build(vqs->prefer);
    for (uint32_t want = 0; want < vqs->wants.count; want++)
        if (vqs->wants.all[want].number != 0) match_classes(vqs, &vqs->wants.all[want]);
    waiters_post_all(vqs);
}
