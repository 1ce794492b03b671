/* runtime/core/queues/vq_keep.c - How virtual queues are written to snapshots and read.
 *
 * Ranks follow from the visits: a set of visits gives one shape of the treaps, and the heaps of the waiters give the
 * same order whatever their shape. So vqs_rank builds treaps and heaps anew when the interactions are read. Rows of
 * `looks` have no order either; each is written with its visit. */
#include "runtime/core/queues/vq_keep.h"

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/prefer_best.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"

void vq_pace_keep(struct pace *pace, struct keeper *keeper)
{
    pace->left_us = keep_u64(keeper, pace->left_us);
    pace->spacing_us = keep_u64(keeper, pace->spacing_us);
    pace->spacings = keep_u8(keeper, pace->spacings);
    pace->waited = keep_bool(keeper, pace->waited);
}

/* Writes or reads a row of `looks`. An older snapshot has no `entered_us`; the visit then began when its age began. */
static void keep_look(struct vqs *vqs, struct keeper *keeper, uint32_t visit)
{
    struct visit_due look = keep_reading(keeper) ? (struct visit_due){.visit = visit} : visit_look(vqs, visit);
    look.condition_us = keep_u64(keeper, look.condition_us);
    look.due_us = keep_u64(keeper, look.due_us);
    look.entered_us = keep_has(keeper, 2) ? keep_u64(keeper, look.entered_us) : 0;
    look.further = keep_index(keeper, look.further, vqs->visit_count, VISIT_NONE);
    if (!keep_reading(keeper)) return;
    struct visits_due *looks = &vqs->looks;
    looks->all = memory_grow(looks->all, &looks->capacity, looks->count + 1, sizeof *looks->all);
    looks->all[looks->count++] = look;
    lookup_restore(&looks->by_visit, keeper, looks->count - 1);
}

/* Writes or reads a visit. How many visits wait in a queue is not written. When reading, the visits are counted
 * again. */
static void keep_visit(struct vqs *vqs, struct keeper *keeper, uint32_t number)
{
    struct visit *visit = &vqs->visits[number];
    visit->state = keep_bits(keeper, visit->state, 2) & 3u;
    if (visit->state == VISIT_FREE) {
        visit->left = keep_index(keeper, visit->left, vqs->visit_count, VISIT_NONE);
        return;
    }
    bool further = visit->state == VISIT_FURTHER;
    visit->priority = keep_i64(keeper, visit->priority);
    visit->age_us = keep_u64(keeper, visit->age_us); /* in version 1 the age began with the visit */
    visit->slot = keep_u32(keeper, visit->slot);
    visit->want = keep_index(keeper, visit->want, further ? vqs->visit_count : vqs->wants.count, SELECTOR_NONE);
    visit->vq = (uint16_t)keep_index(keeper, visit->vq, vqs->count, VQS_MAX);
    visit->fiber = keep_u8(keeper, visit->fiber);
    visit->ends = keep_bool(keeper, visit->ends);
    visit->look = keep_bool(keeper, visit->look);
    if (visit->look) keep_look(vqs, keeper, number);
    if (visit->vq == VQS_MAX) keep_fail(keeper, "somebody waits in no queue");
    if (!keep_reading(keeper) || !keep_good(keeper)) return;
    vqs->further_count += further;
    vqs->all[visit->vq].waiting++;
}

static void keep_visits(struct vqs *vqs, struct keeper *keeper)
{
    vqs->visits =
        keep_rows(keeper, vqs->visits, &vqs->visit_count, &vqs->visit_capacity, UINT32_MAX, sizeof *vqs->visits);
    vqs->free = keep_index(keeper, vqs->free, vqs->visit_count, VISIT_NONE);
    for (uint32_t at = 0; at < vqs->visit_count && keep_good(keeper); at++) keep_visit(vqs, keeper, at);
}

/* Writes or reads a heap of ages; visits that have left stay in the heap until they reach its top. */
static void keep_ages(struct vqs *vqs, struct keeper *keeper, struct ages *ages)
{
    ages->all = keep_rows(keeper, ages->all, &ages->count, &ages->capacity, UINT32_MAX, sizeof *ages->all);
    for (uint32_t at = 0; at < ages->count; at++) {
        ages->all[at].age_us = keep_u64(keeper, ages->all[at].age_us);
        ages->all[at].visit = keep_index(keeper, ages->all[at].visit, vqs->visit_count, VISIT_NONE);
        if (ages->all[at].visit == VISIT_NONE) keep_fail(keeper, "an age belongs to no visit");
    }
}

static void keep_vq(struct vqs *vqs, struct keeper *keeper, uint32_t number)
{
    struct vq *vq = &vqs->all[number];
    vq->name = name_keep(vqs->names, keeper, vq->name);
    vq->wants = keep_index(keeper, vq->wants, vqs->wants.count, SELECTOR_NONE);
    vq->turn = keep_u32(keeper, vq->turn);
    vq_pace_keep(&vq->pace, keeper);
    if (keep_reading(keeper)) vq->further = VISIT_NONE;
    lookup_restore(&vqs->by_name, keeper, number);
}

static void keep_credits(struct vqs *vqs, struct keeper *keeper)
{
    vqs->credits =
        keep_rows(keeper, vqs->credits, &vqs->credit_count, &vqs->credit_capacity, UINT32_MAX, sizeof *vqs->credits);
    for (uint32_t at = 0; at < vqs->credit_count && keep_good(keeper); at++) {
        struct credit *credit = &vqs->credits[at];
        credit->key = keep_u64(keeper, credit->key);
        credit->owed = keep_i64(keeper, credit->owed);
        credit->program = program_keep(vqs->strategies, keeper, credit->program);
        if (credit->program == PROGRAM_NONE) keep_fail(keeper, "a share belongs to no program");
        lookup_restore(&vqs->credit_by_key, keeper, at);
    }
}

/* Writes or reads the queues. The order matters when reading: visits refer to selectors and queues by number, and
 * the limits of these numbers are known only when the earlier tables are read. */
void vqs_keep(void *self, struct keeper *keeper)
{
    struct vqs *vqs = self;
    selectors_keep(vqs, keeper, &vqs->wants);
    vqs->all = keep_rows(keeper, vqs->all, &vqs->count, &vqs->capacity, VQS_MAX, sizeof *vqs->all);
    for (uint32_t at = 0; at < vqs->count && keep_good(keeper); at++) keep_vq(vqs, keeper, at);
    keep_visits(vqs, keeper);
    vqs->aged = keep_bool(keeper, vqs->aged);
    for (uint32_t at = 0; vqs->aged && at < vqs->count; at++) keep_ages(vqs, keeper, &vqs->all[at].ages);
    keep_credits(vqs, keeper);
    vqs->content = keep_u64(keeper, vqs->content);
}

/* True: each selector is in the list of its queue, or free. */
static bool selectors_sound(const struct vqs *vqs)
{
    const struct selectors *wants = &vqs->wants;
    struct marks marks = marks_of(wants->count);
    bool sound = true;
    for (uint32_t vq = 0; vq < vqs->count; vq++)
        for (uint32_t at = vqs->all[vq].wants, before = SELECTOR_NONE; sound && at != SELECTOR_NONE;
             before = at, at = wants->all[at].next)
            if (!(sound = marks_mark(&marks, at) && wants->all[at].number != 0 && wants->all[at].vq == vq &&
                          wants->all[at].previous == before))
                break;
    POOL_MARK_FREE(wants, next, number, 0, &marks, sound);
    return marks_end(&marks, wants->count) && sound;
}

/* True: the first visit has a selector of its queue that exists, or none; the further ones belong to the first one. */
static bool visit_sound(const struct vqs *vqs, const struct visit *visit, uint32_t first)
{
    if (visit != &vqs->visits[first]) return visit->state == VISIT_FURTHER && visit->want == first;
    if (visit->state == VISIT_FURTHER) return false;
    if (visit->want == SELECTOR_NONE) return true;
    return visit->state == VISIT_WAITING && vqs->wants.all[visit->want].number != 0 &&
           vqs->wants.all[visit->want].vq == visit->vq;
}

/* True: each visit belongs to an interaction, or is free. */
static bool visits_sound(const struct vqs *vqs)
{
    struct marks marks = marks_of(vqs->visit_count);
    bool sound = true;
    for (uint32_t slot = 1; slot < vqs->interactions->count; slot++) {
        const struct interaction *ix = interaction_at(vqs->interactions, slot);
        uint32_t next;
        for (uint32_t at = ix->state == IX_FREE ? VISIT_NONE : ix->visit; sound && at != VISIT_NONE; at = next) {
            sound = marks_mark(&marks, at) && vqs->visits[at].state != VISIT_FREE && vqs->visits[at].slot == slot &&
                    visit_sound(vqs, &vqs->visits[at], ix->visit);
            next = sound ? vq_further(vqs, at) : VISIT_NONE;
        }
    }
    for (uint32_t at = vqs->free; sound && at != VISIT_NONE; at = vqs->visits[at].left)
        if (!(sound = marks_mark(&marks, at) && vqs->visits[at].state == VISIT_FREE)) break;
    return marks_end(&marks, vqs->visit_count) && sound;
}

/* True: the queues that were read are sound; called when all parts are read. References are checked first, because
 * vqs_rank() follows them. */
bool vqs_sound(void *self)
{
    struct vqs *vqs = self;
    if (!selectors_sound(vqs) || !visits_sound(vqs)) return false;
    for (uint32_t at = 0; at < vqs->wants.count; at++) {
        const struct selector *want = &vqs->wants.all[at];
        if (want->number != 0 && want->program == PROGRAM_NONE) return false;
    }
    prefer_refile(vqs);
    vqs_rank(vqs);
    return true;
}
