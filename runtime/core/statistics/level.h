/* runtime/core/statistics/level.h - Levels: the states of agents, as they were last counted. */
#pragma once

#include "runtime/core/statistics/statistic.h"

/* Begins the count of agents' states. */
void levels_count(struct statistics *);
/* level_now returns the agent's states now. levels_counted returns the agent's states as last counted. */
struct agent_now level_now(const struct statistics *, uint32_t agent);
struct agent_now levels_counted(const struct statistics *, uint32_t agent);
struct counted *level_counted(struct statistics *, uint32_t agent); /* borrowed until the next call of this function */
bool level_is_at(const struct statistics *, uint32_t agent, unsigned medium, unsigned level); /* as last counted */
/* Returns how many agents of the object are in the definition's state, as last counted. */
int64_t levels_add_up(const struct statistics *, const struct definition *, uint32_t object);
