/* runtime/core/vq.h - Virtual queues: who waits for a target, by rank, and what became of those who did.
 *
 * A visit is one interaction's stay in one virtual queue. It is ranked by priority (higher first), then arrival in the
 * queue, then interaction. Entered = distributed + abandoned + cleared + waiting, always; one who is selected still
 * counts as waiting, and keeps rank and age where the claim fails. The table owns queues and visits. */
#ifndef CORE_VQ_H
#define CORE_VQ_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/table.h"

enum { VISIT_NONE = UINT32_MAX, VQS_MAX = 65535 };

enum visit_state { VISIT_FREE, VISIT_WAITING, VISIT_SELECTED };
enum visit_end { VISIT_DISTRIBUTED, VISIT_ABANDONED, VISIT_CLEARED };

struct visit {
    uint64_t ixn;
    int64_t priority;
    uint64_t entered_us;
    uint32_t left, right; /* a treap: ranks in order, priorities of the heap mixed from the interaction */
    uint32_t size;
    uint16_t vq;
    uint8_t state, fiber;
};

struct vq {
    uint32_t name, root;
    uint64_t entered, distributed, abandoned, cleared, waiting;
    uint64_t wait_us;        /* of those distributed, in sum */
    uint64_t distributed_us; /* when the last one was */
    uint64_t spacing_us;     /* between two distributions, smoothed */
};

struct vqs {
    struct vq *all;
    uint32_t count, capacity;
    struct lookup by_name;
    struct visit *visits;
    uint32_t visit_count, visit_capacity, free;
};

void vqs_init(struct vqs *);
void vqs_free(struct vqs *);
uint32_t vq_open(struct vqs *, uint32_t name); /* finds or makes; VQS_MAX when there are too many */

uint32_t vq_enter(struct vqs *, uint32_t vq, uint64_t ixn, int64_t priority, uint64_t now_us);
/* Chosen: out of the ranks, still waiting. And back, with rank and age, where the claim failed. */
void vq_select(struct vqs *, uint32_t visit);
void vq_return(struct vqs *, uint32_t visit);
void vq_rerank(struct vqs *, uint32_t visit, int64_t priority);
void vq_leave(struct vqs *, uint32_t visit, enum visit_end, uint64_t now_us);

struct visit *visit_at(const struct vqs *, uint32_t visit);
bool visit_before(const struct visit *, const struct visit *);
/* Those waiting, by rank. VISIT_NONE after the last. */
uint32_t vq_first(const struct vqs *, uint32_t vq);
uint32_t vq_after(const struct vqs *, uint32_t visit);
uint32_t vq_position(const struct vqs *, uint32_t visit); /* from 1 */
/* At the present pace; UINT64_MAX where nothing is known. */
uint64_t vq_expected_us(const struct vqs *, uint32_t vq, uint32_t position);

bool vqs_check(const struct vqs *);

#endif
