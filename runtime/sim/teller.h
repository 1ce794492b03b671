/* runtime/sim/teller.h - Tells in the timeline which steps of a strategy failed, where and how. The messages beside it
 * do not tell all of that: a row may not be what the strategy asked for.
 *
 * It watches the VM (vm/exec.h), where no cover does. Borrows image, trace and clock. */
#pragma once

#include "runtime/sim/trace.h"
#include "vm/exec.h"

struct simulated;

struct teller {
    struct vm_watch watch; /* for core_watch() */
    const struct image *image;
    struct trace *trace;
    const struct simulated *clock;
};

void teller_init(struct teller *, const struct image *, struct trace *, const struct simulated *);
