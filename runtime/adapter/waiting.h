/* runtime/adapter/waiting.h - Effects that wait for an adapter's credit, in their order, bounded in count and bytes.
 *
 * For notices about an object only the newest is kept: a later Restore of a call, a later Notify of an object stands
 * for the earlier one; changes of user data become one that says all of them. Each of these then stands where the last
 * of them stands. All other effects are kept one by one. Owns copies of the frames. */
#pragma once

#include "runtime/vocabulary/message.h"

enum { WAITING_BYTES_MAX = 64 * 1024 * 1024, WAITING_COUNT_MAX = 262144, WAITING_BUCKETS = 1024 };

struct waiter;

struct waiting { /* zero: empty */
    struct waiter *first, *last;
    struct waiter *buckets[WAITING_BUCKETS]; /* of those that a newer one may replace, by object */
    size_t count, bytes;
    uint64_t merged; /* notices that a newer one stood for, ever */
};

void waiting_free(struct waiting *);
/* False where there are too many: the adapter does not take what is for it. */
bool waiting_add(struct waiting *, struct span frame);
bool waiting_first(const struct waiting *, struct span *frame); /* false: none */
void waiting_drop_first(struct waiting *);
