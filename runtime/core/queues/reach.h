/* runtime/core/queues/reach.h - Which agents can be given a call: those with a telephone at its own switch, or at a
 * switch to which the directory has an access. */
#pragma once

#include <stdint.h>

struct accesses;
struct agents;
struct line;

/* Returns the agent's line for calls of the given link: one at the link itself, else one at another switch to which
 * there is an access; of several, one that is in service. NULL: the agent cannot be reached from that link. */
const struct line *reach_line(const struct agents *, const struct accesses *, uint32_t agent, unsigned link);
