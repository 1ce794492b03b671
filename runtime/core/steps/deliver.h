/* runtime/core/steps/deliver.h - Routing what was submitted: to an agent, who is asked, or into a queue. */
#pragma once

#include "runtime/core/run/step.h"

/* The route step begins, for an interaction that was submitted; `ref` as in step_ops. */
struct step_outcome deliver_begin(struct core *, struct interaction *, uint32_t ref);
/* The agent has accepted the offer. */
void deliver_accepted(struct core *, struct interaction *, uint32_t claim);
