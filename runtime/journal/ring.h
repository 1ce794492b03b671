/* runtime/journal/ring.h - The input ring: frames in the order in which they came, from any thread.
 *
 * The only sequencer of a partition. Bounded in bytes and events: who finds it full keeps the event. */
#pragma once

#include "runtime/vocabulary/message.h"

struct ring;

struct ring *ring_new(size_t bytes, size_t events);
void ring_free(struct ring *);
bool ring_push(struct ring *, struct span frame);
/* Moves frames from its front to the end of `out` while they are at most `events` and `bytes`; returns how many. Each
 * is reckoned with `extra` bytes more than it has. */
size_t ring_take(struct ring *, struct writer *out, size_t events, size_t bytes, size_t extra);
bool ring_empty(struct ring *);
void ring_holds(struct ring *, size_t *events, size_t *bytes);
