/* runtime/core/run/tries.h - Tries: a step may be tried several times, with a number of tries, a pause between them,
 * and one timeout for all.
 *
 * `timeout` is the time limit for all tries and pauses together. The end of the timeout is kept with the other times of
 * the fiber's part (fiber.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/run/step.h"

/* Notes that a step of the interaction has failed. A loop around a step that fails at once burdens the journal and
 * all other interactions: after sixteen failures in a row the next steps are delayed, each longer than the one
 * before, up to nearly a second. The delay goes down again as time passes. */
void tries_failed(struct core *, struct interaction *, unsigned code);
/* Notes that the interaction switches to another strategy. False: the interaction may not switch. Each switch adds four
 * seconds to a sum that runs down as time passes; beyond 200 s a switch is refused, so strategies that only switch to
 * each other come to an end. */
bool tries_switch(struct core *, struct interaction *);
/* The fiber comes to its step: the first try begins, or is delayed. */
struct step_outcome tries_first(struct core *, struct interaction *, uint8_t fiber);
/* Returns how long the fiber's step may still take, in microseconds; -1: it has no timeout. */
int64_t tries_left(struct core *, struct interaction *, uint8_t fiber);
/* Continues with the outcome of a try. If the try failed and another one may follow, it begins at once, or the step
 * waits for the pause. */
struct step_outcome tries_follow(struct core *, struct interaction *, uint8_t fiber, struct step_outcome);
/* The pause is over: begins the next try. */
struct step_outcome tries_next(struct core *, struct interaction *, uint8_t fiber);
/* Called when the fiber has left its step: forgets the tries. */
void tries_end(struct core *, struct interaction *, uint8_t fiber);
