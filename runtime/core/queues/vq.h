/* runtime/core/queues/vq.h - Virtual queues: who waits for a target, by rank, and what became of those who did.
 *
 * A visit is one interaction's stay in one virtual queue. It is ranked by priority (higher first), then arrival in the
 * queue, then interaction. Entered = distributed + abandoned + cleared + waiting, always; one who is selected still
 * counts as waiting, and keeps rank and age where the claim fails. The table owns queues and visits. */
#ifndef CORE_VQ_H
#define CORE_VQ_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/queues/selector.h"

enum { VQS_MAX = 65535 };

enum visit_state { VISIT_FREE, VISIT_WAITING, VISIT_SELECTED };
enum visit_end { VISIT_DISTRIBUTED, VISIT_ABANDONED, VISIT_CLEARED };

struct visit {
    uint64_t ixn;
    int64_t priority;
    uint64_t entered_us;
    uint64_t look_us; /* when the condition that ends it is looked at again; */
    uint64_t due_us;  /* when somebody is looked for again by time alone: another line opens, or it is over */
    uint32_t left, right; /* a treap: ranks in order, the heap's priorities mixed from the interaction */
    uint32_t size;
    uint32_t want; /* SELECTOR_NONE: it has no rank now */
    uint16_t vq;
    uint8_t state, fiber;
    bool ends; /* it has such a condition */
};

struct vq {
    uint32_t name;
    uint32_t wants; /* what those who wait in it want: a list */
    uint32_t turn;  /* of the agent chosen last by turns: its number + 1 */
    uint64_t entered, distributed, abandoned, cleared, waiting;
    uint64_t wait_us;        /* of those distributed, in sum */
    uint64_t distributed_us; /* when the last one was */
    uint64_t spacing_us;     /* between two distributions, smoothed */
};

/* Waits of those distributed are counted by length, so many up to each of these seconds; the last: longer. */
enum { VQ_WAITS = 12 };
static const uint16_t vq_wait_bounds_s[VQ_WAITS] = {1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1800};

struct vqs {
    uint64_t content; /* additive hash of what decides: places, turns, and how fast queues move */
    uint64_t waits[VQ_WAITS + 1]; /* of all virtual queues */
    struct vq *all;
    uint32_t count, capacity;
    struct lookup by_name;
    struct visit *visits;
    uint32_t visit_count, visit_capacity, free;
    struct selectors wants;
};

void vqs_init(struct vqs *);
void vqs_free(struct vqs *);
uint32_t vq_open(struct vqs *, uint32_t name); /* finds or makes; VQS_MAX when there are too many */
uint32_t vq_find(const struct vqs *, uint32_t name); /* VQS_MAX: there was no room for it */
void vq_turn(struct vqs *, uint32_t vq, uint32_t turn); /* of the agent chosen last by turns: its number + 1 */

/* A new visit, without a rank until it joins those who want the same. `since_us`: now, or when the place that it takes up
 * began. */
uint32_t vq_enter(struct vqs *, uint32_t vq, uint64_t ixn, int64_t priority, uint64_t since_us);
uint32_t vq_want(struct vqs *, uint32_t vq, uint16_t link, uint16_t program, const struct vm_line *, uint32_t count);
void vq_join(struct vqs *, uint32_t visit, uint32_t want);
/* Chosen: out of the ranks, still waiting. Joins again, with priority and age, where the claim failed. */
void vq_select(struct vqs *, uint32_t visit);
void vq_rerank(struct vqs *, uint32_t visit, int64_t priority);
void vq_leave(struct vqs *, uint32_t visit, enum visit_end, uint64_t now_us);

struct visit *visit_at(const struct vqs *, uint32_t visit);
bool visit_before(const struct visit *, const struct visit *);
/* Those who want the same, by rank. VISIT_NONE after the last. */
uint32_t vq_first(const struct vqs *, uint32_t want);
uint32_t vq_after(const struct vqs *, uint32_t visit);
uint32_t vq_position(const struct vqs *, uint32_t visit); /* from 1 */
/* Of one that came now. */
uint32_t vq_position_of_new(const struct vqs *, uint32_t vq, uint64_t ixn, int64_t priority, uint64_t now_us);
/* At the present pace; UINT64_MAX where nothing is known. */
uint64_t vq_expected_us(const struct vqs *, uint32_t vq, uint32_t position);

bool vqs_check(const struct vqs *);

#endif
