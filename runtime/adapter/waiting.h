/* runtime/adapter/waiting.h - Effects that wait for an adapter's credit, in order, limited in count and bytes.
 *
 * Of notices about one object only the newest is kept: a later Restore of a call, a later Notify of an object
 * replaces the earlier one; several changes of user data become one with the pairs of all. The notice that is kept
 * has the place of the newest in the order. All other effects are kept one by one. The list owns copies of the
 * frames. */
#pragma once

#include "runtime/vocabulary/message.h"

enum { WAITING_BYTES_MAX = 64 * 1024 * 1024, WAITING_COUNT_MAX = 262144, WAITING_BUCKETS = 1024 };

struct waiter;

struct waiting { /* zero: empty */
    struct waiter *first, *last;
    struct waiter *buckets[WAITING_BUCKETS]; /* the notices that a newer one may replace, by object */
    size_t count, bytes;
    uint64_t merged; /* how many notices were ever replaced by newer ones */
};

void waiting_free(struct waiting *);
/* Adds an effect; false: there are too many, because the adapter does not take its effects. */
bool waiting_add(struct waiting *, struct span frame);
bool waiting_first(const struct waiting *, struct span *frame); /* false: none */
void waiting_drop_first(struct waiting *);
