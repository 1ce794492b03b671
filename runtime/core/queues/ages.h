/* runtime/core/queues/ages.h - Ages: the visits of a virtual queue in a heap, the visit with the oldest age on top.
 *
 * The heaps exist from the first time that somebody asks who waits longest. A visit that leaves stays in the heap
 * until it reaches the top, or until more than half of the entries have left. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vqs;

struct age {
    uint64_t age_us;
    uint32_t visit;
};

struct ages {
    struct age *all;
    uint32_t count, capacity;
};

void ages_free(struct ages *);
void ages_add(struct vqs *, uint32_t visit); /* adds a visit that has entered its queue */
/* Returns when the oldest age in the queue began; UINT64_MAX: nobody waits. */
uint64_t ages_oldest_us(struct vqs *, uint32_t vq);
bool ages_check(const struct vqs *, uint32_t vq); /* True: all visits of the queue are in its heap. Slow. */
