/* runtime/sim/explain.h - Explains in the timeline why a selection chose this agent and no other, in the words of
 * `gcxctl why`; which steps of a strategy failed, where and how; and which call loops without a pause. */
#pragma once

#include "runtime/core/read/read.h"
#include "runtime/sim/trace.h"
#include "vm/exec.h"

/* Called while the core decides (core_options.deciding). `vq`: the virtual queue whose line chose the agent. */
void explain_decision(struct core *, uint64_t ixn, struct span chosen, struct span vq, struct trace *, uint64_t now_us,
                      uint32_t arrival);

/* Reports the steps that fail: the messages alone do not show this, as a row may not be what the strategy asked for.
 * The teller watches the VM, so it cannot be used together with a cover. The teller borrows image, trace and clock. */
struct simulated;
struct teller {
    struct vm_watch watch; /* for core_watch() */
    const struct image *image;
    struct trace *trace;
    const struct simulated *clock;
};
void teller_init(struct teller *, const struct image *, struct trace *, const struct simulated *);

/* Writes a sentence about a call that goes round in no time: which strategy, at which line if that is known, and when.
 * It is the call whose timer is due, else the one that changed last. `now_us`: the core's clock. */
void explain_round(const struct core *, uint64_t now_us, char *text, size_t size);
