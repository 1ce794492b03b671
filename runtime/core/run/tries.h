/* runtime/core/run/tries.h - Tries: a step that is tried more than once, with a number of tries, a pause between them,
 * and one timeout in all.
 *
 * `timeout` is the time for all tries and pauses together. Its end stands with the other waits of the fiber's part
 * (fiber.h). */
#pragma once

#include <stdint.h>

#include "runtime/core/run/step.h"

/* Notes that a step of the interaction has failed. A loop around a step that fails as soon as it has begun costs the
 * journal and all others much: after sixteen in a row the next steps are put off, each longer than the one before, up
 * to nearly a second. Time that goes by makes up for them. */
void tries_failed(struct core *, struct interaction *, unsigned code);
/* The fiber begins its step: its first try begins, or is put off. */
struct step_outcome tries_first(struct core *, struct interaction *, uint8_t fiber);
/* How long the fiber's step may still take, in microseconds; -1: it has no timeout. */
int64_t tries_left(struct core *, struct interaction *, uint8_t fiber);
/* The outcome of a try. If it failed and another try may follow, the next one begins at once, or the step waits for the
 * pause. */
struct step_outcome tries_follow(struct core *, struct interaction *, uint8_t fiber, struct step_outcome);
/* The pause is over: begins the next try. */
struct step_outcome tries_next(struct core *, struct interaction *, uint8_t fiber);
/* The fiber has left its step. */
void tries_end(struct core *, struct interaction *, uint8_t fiber);
