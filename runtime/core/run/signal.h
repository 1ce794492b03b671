/* runtime/core/run/signal.h - Signals: messages from outside to a strategy, which may wait for them.
 *
 * A signal ends the wait for it. If nothing waits for it, the strategy's handler takes it. If there is no handler,
 * the core keeps the newest signal of each name until the interaction waits for it or ends. The table owns the kept
 * signals. Only a signal that arrives makes a name, and only a limited number may; a strategy that waits for a
 * signal makes none. */
#pragma once

#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;

enum {
    SIGNAL_NONE = UINT32_MAX,
    SIGNALS_EACH = 8,
    SIGNALS_KEPT = 100000,
    PAYLOAD_MAX = 4096,
};

struct kept_signal {
    uint64_t ixn, hash; /* hash: what the row adds to `content` */
    uint32_t name, next, length;
    uint8_t *payload;
};

struct signals {
    struct kept_signal *all;
    uint32_t count, capacity, free, kept;
    uint64_t content; /* sum of the hashes of the kept signals */
    struct lookup by_ixn;
};

void signal_on(struct core *, const struct message *);
