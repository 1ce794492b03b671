/* runtime/core/queues/visit.c - Visits: how a visit is found by its number, and the order in which visits are
 * served.
 *
 * The order is: priority, then the time by which the visit should be served, then the interaction's id. Two
 * different interactions are never equal, so each treap has one shape and every replay serves in the same order. */
#include <assert.h>

#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"

struct visit *visit_at(const struct vqs *vqs, uint32_t visit)
{
    assert(visit < vqs->visit_count && vqs->visits[visit].state != VISIT_FREE);
    return &vqs->visits[visit];
}

uint32_t visit_want(const struct vqs *vqs, const struct visit *visit)
{
    return visit->state == VISIT_FURTHER ? visit_at(vqs, visit->want)->want : visit->want;
}

uint64_t visit_goal_us(const struct vqs *vqs, const struct visit *visit)
{
    uint32_t want = visit_want(vqs, visit);
    return want == SELECTOR_NONE ? visit->age_us : visit->age_us + selector_at(&vqs->wants, want)->goal_us;
}

bool visit_before(const struct vqs *vqs, const struct visit *a, const struct visit *b)
{
    if (a->priority != b->priority) return a->priority > b->priority;
    uint64_t a_us = visit_goal_us(vqs, a), b_us = visit_goal_us(vqs, b);
    if (a_us != b_us) return a_us < b_us;
    return vqs->id(vqs->owner, a->slot) < vqs->id(vqs->owner, b->slot);
}
