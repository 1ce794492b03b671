/* runtime/core/run/tries.h - A step that is tried more than once: how often, with what pause, and within what time in all.
 *
 * `timeout` is that of the whole: the tries, and the pauses between them, share it. When it is over is kept with what
 * the fiber waits for. */
#ifndef CORE_TRIES_H
#define CORE_TRIES_H

#include <stdint.h>

#include "runtime/core/run/step.h"

/* The fiber comes to its step. */
void tries_begin(struct core *, struct interaction *, uint8_t fiber);
/* So long its step may still take; -1: it has no timeout. */
int64_t tries_left(struct core *, struct interaction *, uint8_t fiber);
/* What a try has come to, after those that may follow: at once, or after the pause. */
struct step_outcome tries_follow(struct core *, struct interaction *, uint8_t fiber, struct step_outcome);
/* The pause is over. */
struct step_outcome tries_next(struct core *, struct interaction *, uint8_t fiber);
/* The fiber has left its step. */
void tries_end(struct core *, struct interaction *, uint8_t fiber);

#endif
