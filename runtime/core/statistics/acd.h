/* runtime/core/statistics/acd.h - ACD queues: the interactions in the queues of the switch, those of each queue in
 * the order of arrival, and how fast the queues move.
 *
 * The core counts these interactions as soon as a program reads a measure of a queue. A queue is identified by the
 * name of its DN. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/queues/pace.h"

enum { ACD_NONE = UINT32_MAX };

struct acd_wait {
    uint32_t queue; /* row of struct acd_queues + 1; 0: the interaction is in no queue */
    uint32_t previous, next;
    uint64_t since_us;
};

struct acd_queue {
    uint32_t name, count;
    uint32_t first, last; /* the interaction that has been in the queue longest, and the newest one */
    struct pace pace;
};

struct acd_queues {
    struct acd_wait *all; /* by the interaction's slot */
    uint32_t capacity;
    struct acd_queue *queues;
    uint32_t queue_count, queue_capacity;
    struct lookup by_name;
};

void acd_queues_init(struct acd_queues *);
void acd_queues_free(struct acd_queues *);
/* Notes that the interaction has been in the queue since `since_us`. No interaction may have come to the queue
 * later, except when counting begins. */
void acd_enter(struct acd_queues *, uint32_t slot, uint32_t queue, uint64_t since_us);
/* The interaction leaves its queue, for an agent or because its customer leaves (`moved`), or otherwise. */
void acd_leave(struct acd_queues *, uint32_t slot, bool moved, uint64_t now_us);
/* Returns the name of the queue where the interaction is, and since when; 0: it is in none. */
uint32_t acd_queue_of(const struct acd_queues *, uint32_t slot, uint64_t *since_us);
/* returns NULL if no interaction has ever been in the queue */
const struct acd_queue *acd_queue(const struct acd_queues *, uint32_t name);
uint64_t acd_oldest_us(const struct acd_queues *,
                       /* returns since when the longest waiting one is there; UINT64_MAX: the queue is empty */
                       const struct acd_queue *);
bool acd_queues_check(const struct acd_queues *); /* true: each queue's list has exactly its interactions */
