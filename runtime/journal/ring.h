/* runtime/journal/ring.h - The input ring: frames in the order in which they came, from any thread.
 *
 * The only sequencer of a partition. Bounded in bytes and events: whoever finds it full keeps the event. */
#pragma once

#include "runtime/vocabulary/message.h"

struct ring;

struct ring *ring_new(size_t bytes, size_t events);
void ring_free(struct ring *);
/* Puts a frame at the end; false where the ring is full. `at_us`: when the event happened, by a clock of the caller's;
 * 0: nobody knows. */
bool ring_push(struct ring *, struct span frame, uint64_t at_us);
/* Moves frames from its front to the end of `out`, at most `events` frames and `bytes` bytes, none that happened after
 * `until_us`; returns how many. Each frame counts with `extra` bytes more than it has. `times` gets when each has
 * happened: it has room for `events` times. */
struct ring_bounds {
    size_t events, bytes, extra;
    uint64_t until_us;
};
size_t ring_take(struct ring *, struct writer *out, const struct ring_bounds *, uint64_t *times);
/* Puts the frames into the order in which they have happened. Frames of one source keep their order among themselves;
 * `source` returns the source's number, 0 where the order does not matter. */
void ring_sort(struct ring *, unsigned (*source)(struct span frame));
bool ring_empty(struct ring *);
/* Returns when its first event has happened; 0: the ring is empty, or nobody knows. */
uint64_t ring_moment(struct ring *);
void ring_holds(struct ring *, size_t *events, size_t *bytes);
