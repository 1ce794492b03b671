/* runtime/journal/ring.h - The input ring: frames in the order in which they came, from any thread.
 *
 * The only sequencer of a partition. Bounded in bytes and events: who finds it full keeps the event. */
#pragma once

#include "runtime/vocabulary/message.h"

struct ring;

struct ring *ring_new(size_t bytes, size_t events);
void ring_free(struct ring *);
/* `at_us`: when the event happened, by a clock of the caller's; 0: nobody knows. */
bool ring_push(struct ring *, struct span frame, uint64_t at_us);
/* Moves frames from its front to the end of `out` while they are at most `events` and `bytes`, and have happened by
 * `until_us`; returns how many. Each is reckoned with `extra` bytes more than it has. `times`: room for as many as
 * `events`, gets when each has happened. */
struct ring_bounds {
    size_t events, bytes, extra;
    uint64_t until_us;
};
size_t ring_take(struct ring *, struct writer *out, const struct ring_bounds *, uint64_t *times);
/* Puts the frames into the order in which they have happened. Those of one source keep theirs; `source`: its number, 0
 * where it need not. */
void ring_sort(struct ring *, unsigned (*source)(struct span frame));
bool ring_empty(struct ring *);
/* When its first event has happened; 0: it is empty, or nobody knows. */
uint64_t ring_moment(struct ring *);
void ring_holds(struct ring *, size_t *events, size_t *bytes);
