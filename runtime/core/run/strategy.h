/* runtime/core/run/strategy.h - Strategies at work: the VM's slices, one after another, until the interaction waits or
 * ends.
 *
 * Owns the programs (images with their names as the core's). Everything about a strategy
 * that waits is in the block; its timers and effects hang on the interaction. */
#ifndef CORE_STRATEGY_H
#define CORE_STRATEGY_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;


void strategy_start(struct core *, struct interaction *, struct binding);
void strategy_step_done(struct core *, struct interaction *, uint8_t fiber, uint64_t word);
void strategy_step_failed(struct core *, struct interaction *, uint8_t fiber, unsigned code);
/* Of the parallel at which it stands: what is not through yet fails, each with its own else. */
void strategy_children_fail(struct core *, struct interaction *, unsigned code);
/* What the strategy does on a signal: everything pending is cancelled, the handler runs. */
void strategy_signal(struct core *, struct interaction *, uint16_t function, uint64_t payload);
/* The customer has gone: everything pending is cancelled, on abandoned runs. */
void strategy_abandoned(struct core *, struct interaction *);
/* It no longer has the interaction: silently dropped. `outcome`: enum ended_how. */
void strategy_drop(struct core *, struct interaction *, unsigned outcome);
/* It failed: on error, else the default destination. */
void strategy_failed(struct core *, struct interaction *, unsigned code);
void strategy_default(struct core *, struct interaction *, unsigned code);
void strategy_on_timer(struct core *, struct interaction *, unsigned kind, unsigned part);

#endif
