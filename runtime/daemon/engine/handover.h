/* runtime/daemon/engine/handover.h - Passes items from other threads to the loop's thread, in order: effects,
 * commits, room in the ring, the end of a load.
 *
 * Owns two buffers, of which one is filled while the other is emptied, and an eventfd, which wakes the loop. Any
 * thread adds items; the loop's thread takes all that are there. Above HANDOVER_MAX bytes the handover is full:
 * nothing is lost, but the core makes no further batch until the loop has taken the items. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { HANDOVER_MAX = 64 * 1024 * 1024 }; /* bytes */

enum handover_kind {
    HANDOVER_EFFECT,
    HANDOVER_COMMITTED,
    HANDOVER_RESUME,
    HANDOVER_LOOK,
    HANDOVER_FAILED,
    HANDOVER_REPLY,
    HANDOVER_LOADED,
    HANDOVER_DIRECTORY
};

struct handover_item {
    enum handover_kind kind;
    unsigned source; /* the effect's link, or the source whose events are committed */
    uint64_t seq;
    struct span frame;
};

struct handover;

struct handover *handover_new(void);
void handover_free(struct handover *);
int handover_fd(const struct handover *); /* descriptor that is readable when there are items */

void handover_put(struct handover *, const struct handover_item *); /* copies; any thread */
bool handover_full(struct handover *);
/* Hands over all items; `take` must not call handover_take. True if the handover had been full. */
bool handover_take(struct handover *, void (*take)(void *self, const struct handover_item *), void *self);
