/* runtime/core/statistics/definition.h - Definitions: which rows of images are known, which facts and levels change
 * each of them, and over which window it is counted. */
#pragma once

#include "runtime/core/statistics/statistic.h"

/* Learns the definitions of the programs that were added since the last call. */
void definitions_learn(struct statistics *);
/* Does the same as definitions_learn for a core that was read from a snapshot, whose figures already cover the first
 * `programs` programs. */
void definitions_restore(struct statistics *, uint32_t programs);
/* Returns the window over which the object's figure is counted. */
struct window_rule definition_rule(const struct statistics *, struct definition *, uint32_t object);
/* Does the definition count the agents who could serve a virtual queue? */
bool definition_serves(const struct definition *);
/* Returns the enum agent_level that the measure counts; -1: it counts none. */
int definition_level(uint16_t measure);
