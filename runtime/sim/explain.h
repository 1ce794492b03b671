/* runtime/sim/explain.h - Explains in the timeline why a selection took this agent and no other.
 *
 * In the words of `gcxctl why`; asked while the core decides (core_options.deciding). */
#pragma once

#include "runtime/core/read/read.h"
#include "runtime/sim/trace.h"

/* `vq`: the virtual queue whose line chose. */
void explain_decision(struct core *, uint64_t ixn, struct span chosen, struct span vq, struct trace *, uint64_t now_us,
                      uint32_t arrival);
