/* runtime/core/statistics/definition.h - Definitions: which rows of images are known, what feeds each of them, and over
 * which window it is counted. */
#pragma once

#include "runtime/core/statistics/statistic.h"

/* Learns the definitions of programs that came since it looked last. */
void definitions_learn(struct statistics *);
/* The same for a core that was read from a snapshot: it has the figures of so many programs' statistics already. */
void definitions_restore(struct statistics *, uint32_t programs);
/* The window of the object's figure. */
struct window_rule definition_rule(const struct statistics *, struct definition *, uint32_t object);
/* Is it of the agents who could serve a virtual queue? */
bool definition_serves(const struct definition *);
/* The enum agent_level of which the measure is made; -1: of none. */
int definition_level(uint16_t measure);
