/* runtime/core/statistics/level.h - Levels: in which states agents are, as last counted. */
#pragma once

#include "runtime/core/statistics/statistic.h"

/* Begins to count the agents' states. */
void levels_count(struct statistics *);
/* level_now: the agent's states now. levels_counted: the agent's states as last counted. */
struct agent_now level_now(const struct statistics *, uint32_t agent);
struct agent_now levels_counted(const struct statistics *, uint32_t agent);
struct counted *level_counted(struct statistics *, uint32_t agent); /* borrowed until the next call */
bool level_is_at(const struct statistics *, uint32_t agent, unsigned medium, unsigned level); /* as last counted */
/* How many agents of the object are in the definition's state, as last counted. */
int64_t levels_add_up(const struct statistics *, const struct definition *, uint32_t object);
