/* runtime/daemon/engine/outbox.h - From the other threads to the loop's: effects, commits, calls to resume, that a
 * directory has been read; in order.
 *
 * One side puts, the other is woken through a file descriptor and takes all that is there. Above OUTBOX_MAX it is full:
 * nothing is lost, but the core makes no further batch until it has been taken. */
#ifndef DAEMON_OUTBOX_H
#define DAEMON_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { OUTBOX_MAX = 64 * 1024 * 1024 }; /* bytes */

enum outbox_kind { OUTBOX_EFFECT, OUTBOX_COMMITTED, OUTBOX_RESUME, OUTBOX_FAILED, OUTBOX_REPLY, OUTBOX_LOADED };

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
