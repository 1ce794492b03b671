/* runtime/core/queues/ages.c - The ages of waiting interactions: a heap per virtual queue, the oldest at the root.
 *
 * The entry of a visit that leaves stays in the heap: searching for it would cost more than skipping it later. An
 * entry that is out of date is dropped when it reaches the root, or by a sweep when most entries are out of date. So
 * finding the oldest costs little, and the memory stays within a small multiple of the number of waiting visits. */
#include "runtime/core/queues/ages.h"

#include <stdlib.h>

#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/queues/vq.h"

enum { GONE_MIN = 64 }; /* a heap is swept only if it has more entries than twice the waiting visits plus this number */

void ages_free(struct ages *ages)
{
    free(ages->all);
}

/* True: the entry belongs to a waiting visit. A visit's row is used again after the visit has left; an entry with
 * another time or queue than the row is out of date. An interaction that comes back with its age may get its earlier
 * row: then two entries are equal, and a sweep keeps one. */
static bool ages_waits(const struct vqs *vqs, uint32_t vq, const struct age *age)
{
    const struct visit *visit = &vqs->visits[age->visit];
    return visit->state != VISIT_FREE && visit->vq == vq && visit->age_us == age->age_us;
}

static void ages_rise(struct ages *ages, uint32_t at)
{
    struct age age = ages->all[at];
    for (; at > 0 && age.age_us < ages->all[(at - 1) / 2].age_us; at = (at - 1) / 2)
        ages->all[at] = ages->all[(at - 1) / 2];
    ages->all[at] = age;
}

static void ages_sink(struct ages *ages, uint32_t at)
{
    struct age age = ages->all[at];
    for (uint32_t below = 2 * at + 1; below < ages->count; at = below, below = 2 * at + 1) {
        below += below + 1 < ages->count && ages->all[below + 1].age_us < ages->all[below].age_us;
        if (age.age_us <= ages->all[below].age_us) break;
        ages->all[at] = ages->all[below];
    }
    ages->all[at] = age;
}

/* Sweeps a heap: keeps the entries of visits that still wait, each visit once, and builds the heap again from the
 * middle downwards, in time linear in its size. */
static void ages_sweep(const struct vqs *vqs, uint32_t vq, struct ages *ages)
{
    uint32_t count = 0;
    struct marks marks = marks_of(vqs->visit_count);
    for (uint32_t at = 0; at < ages->count; at++)
        if (ages_waits(vqs, vq, &ages->all[at]) && marks_mark(&marks, ages->all[at].visit))
            ages->all[count++] = ages->all[at];
    marks_free(&marks);
    ages->count = count;
    for (uint32_t at = count / 2; at > 0; at--) ages_sink(ages, at - 1);
}

void ages_add(struct vqs *vqs, uint32_t number)
{
    const struct visit *visit = &vqs->visits[number];
    struct vq *vq = &vqs->all[visit->vq];
    struct ages *ages = &vq->ages;
    if (ages->count > 2 * vq->waiting + GONE_MIN) ages_sweep(vqs, visit->vq, ages);
    ages->all = memory_grow(ages->all, &ages->capacity, ages->count + 1, sizeof *ages->all);
    ages->all[ages->count++] = (struct age){.age_us = visit->age_us, .visit = number};
    ages_rise(ages, ages->count - 1);
}

/* Returns when the oldest age began. Entries that are out of date are dropped from the root for good, so each costs
 * only once. */
uint64_t ages_oldest_us(struct vqs *vqs, uint32_t vq)
{
    struct ages *ages = &vqs->all[vq].ages;
    while (ages->count != 0 && !ages_waits(vqs, vq, ages->all)) {
        ages->all[0] = ages->all[--ages->count];
        if (ages->count != 0) ages_sink(ages, 0);
    }
    return ages->count == 0 ? UINT64_MAX : ages->all[0].age_us;
}

/* True: the heap and a loop over all visits give the same oldest age. */
bool ages_check(const struct vqs *vqs, uint32_t vq)
{
    const struct ages *ages = &vqs->all[vq].ages;
    uint64_t oldest_us = UINT64_MAX, kept_us = UINT64_MAX;
    for (uint32_t at = 0; at < ages->count; at++) {
        const struct age *age = &ages->all[at];
        if (at > 0 && age->age_us < ages->all[(at - 1) / 2].age_us) return false;
        if (ages_waits(vqs, vq, age) && age->age_us < kept_us) kept_us = age->age_us;
    }
    for (uint32_t at = 0; at < vqs->visit_count; at++) {
        const struct visit *visit = &vqs->visits[at];
        if (visit->state != VISIT_FREE && visit->vq == vq && visit->age_us < oldest_us) oldest_us = visit->age_us;
    }
    return oldest_us == kept_us;
}
