/* runtime/core/statistics/asked.h - The figures that selections ask for about agents, and when selection looks at those
 * agents again. */
#pragma once

#include "runtime/core/statistics/statistic.h"

/* The figure that a line asks about the object. `watched`: the object is an agent, and selection looks at it again when
 * the figure changes. */
int64_t asked_figure(void *, uint16_t program, uint32_t row, uint64_t object, bool watched);
/* The row of the agent's questions; borrowed until another agent's is asked for. */
struct asked_agent *asked_agent_of(struct statistics *, uint32_t agent);
