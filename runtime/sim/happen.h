/* runtime/sim/happen.h - Turns a switch's reports into the events of tests: routed, offered, abandoned, defaulted.
 *
 * A call is routed when its target has it: an agent by answering, a queue at once; the time is that of the
 * instruction. Borrows plan, world and trace; owns what is not yet decided. */
#pragma once

#include "runtime/sim/plan.h"
#include "runtime/sim/switch.h"
#include "runtime/sim/trace.h"
#include "runtime/sim/world.h"

struct happenings;

struct happenings *happenings_new(const struct plan *, const struct world *, struct trace *);
void happenings_free(struct happenings *);
/* Every report, after the world has heard it. */
void happenings_hear(struct happenings *, const struct switch_report *);
