/* runtime/core/interactions/workbin.h - The owner of a workbin decides who may take from it: an agent's workbin is
 * open to that agent, a group's to the agents of the group, and that of WORKBIN_OF_ALL to all agents.
 *
 * A workbin's owner is identified by name. If an agent and a group have the same name, the workbin belongs to the
 * agent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

#define WORKBIN_OF_ALL "*" /* the owner of a workbin that is open to all agents */

/* Returns the owner that the text names: an agent, a group with at least one agent, or WORKBIN_OF_ALL. 0: there is no
 * such owner. */
uint32_t workbin_owner(struct interactions *, struct span whose);
bool workbin_open_to(const struct interactions *, uint32_t whose, uint32_t agent);
/* True: the interaction waits in a workbin that is not open to the agent. */
bool workbin_closes(const struct interactions *, const struct interaction *, uint32_t agent);
