/* runtime/core/statistics/held.h - Held: which interactions the queues of the switch hold, those of each queue in the
 * order in which they came, and how fast the queues move.
 *
 * They are counted from when a program reads a measure of a queue. A queue is known by the name of its DN. */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/queues/pace.h"

enum { HELD_NONE = UINT32_MAX };

struct held {
    uint32_t queue; /* row of struct helds + 1; 0: the interaction is in no queue */
    uint32_t previous, next;
    uint64_t since_us;
};

struct held_queue {
    uint32_t name, count;
    uint32_t first, last; /* the one who has been there longest, and the newest */
    struct pace pace;
};

struct helds {
    struct held *all; /* by the interaction's slot */
    uint32_t capacity;
    struct held_queue *queues;
    uint32_t queue_count, queue_capacity;
    struct lookup by_name;
};

void helds_init(struct helds *);
void helds_free(struct helds *);
/* The interaction has been in the queue since then; nobody who is there came later, but for the ones that are put in
 * when counting begins. */
void held_enter(struct helds *, uint32_t slot, uint32_t queue, uint64_t since_us);
/* The interaction leaves its queue, for an agent or because its customer leaves (`moved`), or otherwise. */
void held_leave(struct helds *, uint32_t slot, bool moved, uint64_t now_us);
/* The name of the queue where the interaction is, and since when; 0: it is in none. */
uint32_t held_in(const struct helds *, uint32_t slot, uint64_t *since_us);
const struct held_queue *held_queue(const struct helds *, uint32_t name); /* NULL: nobody has been there */
uint64_t held_oldest_us(const struct helds *, const struct held_queue *); /* UINT64_MAX: nobody is there */
bool helds_check(const struct helds *);                                   /* True: the lists hold those who are there */

#endif
