/* runtime/core/vq.c - Virtual queues: a treap a queue, with sizes, so that a position is a walk down. */
#include "runtime/core/vq.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/memory.h"

static uint64_t vq_key(const void *owner, uint32_t slot)
{
    const struct vqs *vqs = owner;
    return vqs->all[slot].name;
}

void vqs_init(struct vqs *vqs)
{
    *vqs = (struct vqs){.free = VISIT_NONE};
    lookup_init(&vqs->by_name, vqs, vq_key);
}

void vqs_free(struct vqs *vqs)
{
    free(vqs->all);
    free(vqs->visits);
    lookup_free(&vqs->by_name);
}

uint32_t vq_open(struct vqs *vqs, uint32_t name)
{
    uint32_t vq;
    if (lookup_find(&vqs->by_name, name, &vq)) return vq;
    if (name == 0 || vqs->count >= VQS_MAX) return VQS_MAX;
    vqs->all = memory_grow(vqs->all, &vqs->capacity, vqs->count + 1, sizeof *vqs->all);
    vqs->all[vqs->count] = (struct vq){.name = name, .root = VISIT_NONE};
    lookup_add(&vqs->by_name, vqs->count);
    return vqs->count++;
}

struct visit *visit_at(const struct vqs *vqs, uint32_t visit)
{
    assert(visit < vqs->visit_count && vqs->visits[visit].state != VISIT_FREE);
    return &vqs->visits[visit];
}

bool visit_before(const struct visit *a, const struct visit *b)
{
    if (a->priority != b->priority) return a->priority > b->priority;
    if (a->entered_us != b->entered_us) return a->entered_us < b->entered_us;
    return a->ixn < b->ixn;
}

static uint32_t size_of(const struct vqs *vqs, uint32_t at)
{
    return at == VISIT_NONE ? 0 : vqs->visits[at].size;
}

static void resize(const struct vqs *vqs, uint32_t at)
{
    struct visit *visit = &vqs->visits[at];
    visit->size = 1 + size_of(vqs, visit->left) + size_of(vqs, visit->right);
}

static uint32_t merge(const struct vqs *vqs, uint32_t left, uint32_t right)
{
    if (left == VISIT_NONE || right == VISIT_NONE) return left == VISIT_NONE ? right : left;
    if (mix64(vqs->visits[left].ixn) > mix64(vqs->visits[right].ixn)) {
        vqs->visits[left].right = merge(vqs, vqs->visits[left].right, right);
        resize(vqs, left);
        return left;
    }
    vqs->visits[right].left = merge(vqs, left, vqs->visits[right].left);
    resize(vqs, right);
    return right;
}

/* Those before `rank` go to `left`, the others to `right`. */
static void split(const struct vqs *vqs, uint32_t at, const struct visit *rank, uint32_t *left, uint32_t *right)
{
    if (at == VISIT_NONE) {
        *left = *right = VISIT_NONE;
        return;
    }
    if (visit_before(&vqs->visits[at], rank)) {
        split(vqs, vqs->visits[at].right, rank, &vqs->visits[at].right, right);
        *left = at;
    } else {
        split(vqs, vqs->visits[at].left, rank, left, &vqs->visits[at].left);
        *right = at;
    }
    resize(vqs, at);
}

static void rank_in(struct vqs *vqs, uint32_t visit)
{
    struct visit *who = &vqs->visits[visit];
    uint32_t *root = &vqs->all[who->vq].root, left, right;
    who->left = who->right = VISIT_NONE;
    who->size = 1;
    split(vqs, *root, who, &left, &right);
    *root = merge(vqs, merge(vqs, left, visit), right);
}

static void rank_out(struct vqs *vqs, uint32_t visit)
{
    const struct visit *who = &vqs->visits[visit];
    uint32_t *at = &vqs->all[who->vq].root;
    while (*at != visit) {
        assert(*at != VISIT_NONE);
        vqs->visits[*at].size--;
        at = visit_before(who, &vqs->visits[*at]) ? &vqs->visits[*at].left : &vqs->visits[*at].right;
    }
    *at = merge(vqs, who->left, who->right);
}

uint32_t vq_enter(struct vqs *vqs, uint32_t vq, uint64_t ixn, int64_t priority, uint64_t now_us)
{
    uint32_t visit = vqs->free;
    if (visit != VISIT_NONE) {
        vqs->free = vqs->visits[visit].left;
    } else {
        visit = vqs->visit_count++;
        vqs->visits = memory_grow(vqs->visits, &vqs->visit_capacity, vqs->visit_count, sizeof *vqs->visits);
    }
    vqs->visits[visit] = (struct visit){
        .ixn = ixn,
        .priority = priority,
        .entered_us = now_us,
        .vq = (uint16_t)vq,
        .state = VISIT_WAITING,
    };
    vqs->all[vq].entered++;
    vqs->all[vq].waiting++;
    rank_in(vqs, visit);
    return visit;
}

void vq_select(struct vqs *vqs, uint32_t visit)
{
    struct visit *who = visit_at(vqs, visit);
    assert(who->state == VISIT_WAITING);
    rank_out(vqs, visit);
    who->state = VISIT_SELECTED;
}

void vq_return(struct vqs *vqs, uint32_t visit)
{
    struct visit *who = visit_at(vqs, visit);
    if (who->state == VISIT_WAITING) return;
    who->state = VISIT_WAITING;
    rank_in(vqs, visit);
}

void vq_rerank(struct vqs *vqs, uint32_t visit, int64_t priority)
{
    struct visit *who = visit_at(vqs, visit);
    if (who->priority == priority) return;
    if (who->state == VISIT_WAITING) rank_out(vqs, visit);
    who->priority = priority;
    if (who->state == VISIT_WAITING) rank_in(vqs, visit);
}

static void count_distributed(struct vq *vq, const struct visit *visit, uint64_t now_us)
{
    enum { SMOOTHING = 8 };
    vq->distributed++;
    vq->wait_us += now_us - visit->entered_us;
    if (vq->distributed_us != 0) {
        uint64_t spacing = now_us - vq->distributed_us;
        vq->spacing_us = vq->spacing_us == 0 ? spacing : (vq->spacing_us * (SMOOTHING - 1) + spacing) / SMOOTHING;
    }
    vq->distributed_us = now_us;
}

void vq_leave(struct vqs *vqs, uint32_t visit, enum visit_end end, uint64_t now_us)
{
    struct visit *who = visit_at(vqs, visit);
    struct vq *vq = &vqs->all[who->vq];
    if (who->state == VISIT_WAITING) rank_out(vqs, visit);
    vq->waiting--;
    if (end == VISIT_DISTRIBUTED)
        count_distributed(vq, who, now_us);
    else if (end == VISIT_ABANDONED)
        vq->abandoned++;
    else
        vq->cleared++;
    *who = (struct visit){.state = VISIT_FREE, .left = vqs->free};
    vqs->free = visit;
}

uint32_t vq_first(const struct vqs *vqs, uint32_t vq)
{
    uint32_t at = vqs->all[vq].root;
    while (at != VISIT_NONE && vqs->visits[at].left != VISIT_NONE) at = vqs->visits[at].left;
    return at;
}

uint32_t vq_after(const struct vqs *vqs, uint32_t visit)
{
    const struct visit *who = visit_at(vqs, visit);
    uint32_t found = VISIT_NONE;
    for (uint32_t at = vqs->all[who->vq].root; at != VISIT_NONE;) {
        if (visit_before(who, &vqs->visits[at])) {
            found = at;
            at = vqs->visits[at].left;
        } else {
            at = vqs->visits[at].right;
        }
    }
    return found;
}

uint32_t vq_position(const struct vqs *vqs, uint32_t visit)
{
    const struct visit *who = visit_at(vqs, visit);
    uint32_t before = 0;
    for (uint32_t at = vqs->all[who->vq].root; at != VISIT_NONE;) {
        if (visit_before(&vqs->visits[at], who)) {
            before += 1 + size_of(vqs, vqs->visits[at].left);
            at = vqs->visits[at].right;
        } else {
            at = vqs->visits[at].left;
        }
    }
    return before + 1;
}

uint64_t vq_expected_us(const struct vqs *vqs, uint32_t vq, uint32_t position)
{
    uint64_t spacing = vqs->all[vq].spacing_us;
    if (spacing == 0) return UINT64_MAX;
    return spacing > (uint64_t)INT64_MAX / position ? INT64_MAX : spacing * position;
}

static bool ranks_check(const struct vqs *vqs, uint32_t vq, uint32_t *waiting)
{
    *waiting = 0;
    for (uint32_t at = vq_first(vqs, vq); at != VISIT_NONE; at = vq_after(vqs, at)) {
        if (vqs->visits[at].state != VISIT_WAITING || vqs->visits[at].vq != vq) return false;
        if (vq_position(vqs, at) != ++*waiting) return false;
    }
    return *waiting == size_of(vqs, vqs->all[vq].root);
}

bool vqs_check(const struct vqs *vqs)
{
    for (uint32_t at = 0; at < vqs->count; at++) {
        const struct vq *vq = &vqs->all[at];
        uint32_t waiting, selected = 0;
        if (!ranks_check(vqs, at, &waiting)) return false;
        for (uint32_t visit = 0; visit < vqs->visit_count; visit++)
            selected += vqs->visits[visit].state == VISIT_SELECTED && vqs->visits[visit].vq == at;
        if (vq->waiting != waiting + selected ||
            vq->entered != vq->distributed + vq->abandoned + vq->cleared + vq->waiting)
            return false;
    }
    return true;
}
