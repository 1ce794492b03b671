/* runtime/journal/ring.h - The input ring: frames from any thread, in the order in which they came.
 *
 * Only the ring determines the order of a partition's events. The ring is limited in bytes and events: a caller that
 * finds it full keeps its event. */
#pragma once

#include "runtime/vocabulary/message.h"

struct ring;

struct ring *ring_new(size_t bytes, size_t events);
void ring_free(struct ring *);
/* Appends a frame; false: the ring is full. `at_us`: when the event happened, by a clock of the caller's choice; 0:
 * unknown. */
bool ring_push(struct ring *, struct span frame, uint64_t at_us);
/* Moves frames from the front of the ring to the end of `out`, at most `events` frames and `bytes` bytes, and none
 * that happened after `until_us`; returns how many. Each frame counts as `extra` bytes longer than it is. `times`
 * receives when each event happened: it has space for `events` times. */
struct ring_bounds {
    size_t events, bytes, extra;
    uint64_t until_us;
};
size_t ring_take(struct ring *, struct writer *out, const struct ring_bounds *, uint64_t *times);
/* Sorts the frames by the time when they happened. Frames of one source keep their order; `source` returns a frame's
 * source number, 0 if its order does not matter. */
void ring_sort(struct ring *, unsigned (*source)(struct span frame));
bool ring_empty(struct ring *);
/* Returns when the first event in the ring happened; 0: the ring is empty, or the time is unknown. */
uint64_t ring_moment(struct ring *);
void ring_holds(struct ring *, size_t *events, size_t *bytes);
