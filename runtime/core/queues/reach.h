/* runtime/core/queues/reach.h - Which agents a call can be given to: those with a telephone at its own switch, and at
 * those switches to which the directory knows an access. */
#pragma once

#include <stdint.h>

struct accesses;
struct agents;
struct line;

/* The agent's line for calls of that link: one at the link itself, else one at another switch to which there is an
 * access; of several, one that is in service. NULL: the agent cannot be reached from there. */
const struct line *reach_line(const struct agents *, const struct accesses *, uint32_t agent, unsigned link);
