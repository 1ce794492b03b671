/* runtime/core/run/signal.h - Signals: what somebody outside tells a strategy that may wait for it.
 *
 * One that is waited for ends the wait; else the strategy's handler takes it; else it is kept, the newest of each name,
 * until the interaction waits for it or ends. The table owns what is kept. What strategies wait for makes no name: it
 * is a signal that does, and only so many may. */
#ifndef CORE_SIGNAL_H
#define CORE_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum {
    SIGNAL_NONE = UINT32_MAX,
    SIGNALS_EACH = 8,
    SIGNALS_KEPT = 100000,
    PAYLOAD_MAX = 4096,
    SIGNAL_NAMES_MAX = 4096, /* that nobody had said before: a name is kept for good (gcxvm(8)) */
};

struct kept_signal {
    uint64_t ixn, hash; /* hash: what it adds to the sum */
    uint32_t name, next, length;
    uint8_t *payload;
};

struct signals {
    struct kept_signal *all;
    uint32_t count, capacity, free, kept, names;
    uint64_t content; /* additive, of what is kept */
    struct lookup by_ixn;
};

void signal_on(struct core *, const struct message *);
void signal_forget(struct core *, struct interaction *); /* at its end */
bool signals_check(const struct core *);

#endif
