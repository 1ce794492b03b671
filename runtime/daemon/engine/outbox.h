/* runtime/daemon/engine/outbox.h - The way from other threads to the loop's: effects, commits, room in the ring, the
 * end of a load; in order.
 *
 * Owns two buffers, of which one is filled while the other is emptied, and an eventfd, which wakes the loop. Any
 * thread puts; the loop's thread takes all that is there. Above OUTBOX_MAX bytes the outbox is full: nothing is
 * lost, but the core makes no further batch until the loop has taken what is there. */
#ifndef DAEMON_OUTBOX_H
#define DAEMON_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { OUTBOX_MAX = 64 * 1024 * 1024 }; /* bytes */

enum outbox_kind {
    OUTBOX_EFFECT,
    OUTBOX_COMMITTED,
    OUTBOX_RESUME,
    OUTBOX_FAILED,
    OUTBOX_REPLY,
    OUTBOX_LOADED,
    OUTBOX_DIRECTORY
};

struct outbox_item {
    enum outbox_kind kind;
    unsigned source; /* link of the effect, poster of what is committed */
    uint64_t seq;
    struct span frame;
};

struct outbox;

struct outbox *outbox_new(void);
void outbox_free(struct outbox *);
int outbox_fd(const struct outbox *); /* readable when there is something */

void outbox_put(struct outbox *, const struct outbox_item *); /* copies; any thread */
bool outbox_full(struct outbox *);
/* Hands over all that is there; `take` may not call outbox_take. True where it had been full. */
bool outbox_take(struct outbox *, void (*take)(void *self, const struct outbox_item *), void *self);

#endif
