/* runtime/core/run/strategy.h - Runs strategies: the slices of the VM, one after another, until the interaction
 * waits or ends.
 *
 *     event or timer --> step is done or has failed --> slice of the fiber --+-- waits at a step: step.h
 *                                                            ^               +-- ends: round, child, handler, strategy
 *                                                            '-- the next action --'
 *
 * A fiber is one thread of the strategy: fiber 0 is the strategy itself, and a busy block and each child of race or
 * parallel have fibers of their own. One action ends at most one fiber and names the next one to run, so there is no
 * recursion, however deeply a strategy nests. The state of a waiting strategy is in its block; its timers and
 * effects are in the interaction. The programs are in program.h. */
#pragma once

#include <stdint.h>

#include "vm/exec.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

void strategy_start(struct core *, struct interaction *, struct binding);
/* A debugger lets the interaction continue: its fibers that were stopped before an instruction run again. */
void strategy_go_on(struct core *, struct interaction *);
void strategy_step_done(struct core *, struct interaction *, uint8_t fiber, uint64_t word);
void strategy_step_failed(struct core *, struct interaction *, uint8_t fiber, unsigned code);
/* The interaction is at a parallel: the children that have not ended fail, each with its own else. */
void strategy_children_fail(struct core *, struct interaction *, unsigned code);
/* The strategy handles a signal: cancels all pending steps and runs the handler. */
void strategy_signal(struct core *, struct interaction *, uint16_t function, uint64_t payload);
/* The customer has left: cancels all pending steps and runs `on abandoned`. */
void strategy_abandoned(struct core *, struct interaction *);
/* The strategy has failed: `on error` runs, otherwise the call goes to the default destination. */
void strategy_failed(struct core *, struct interaction *, unsigned code);
void strategy_default(struct core *, struct interaction *, unsigned code);
/* The call is at its routing point again: the follow-up strategy begins. */
void strategy_follows(struct core *, struct interaction *);
/* Takes an event of the consultation (consult.h): its handler runs now, or when the interaction waits. */
void strategy_consult_event(struct core *, struct interaction *, enum image_event);
/* The main interaction has ended: its consultations go on alone, and their strategies get the event. */
void strategy_main_over(struct core *, struct interaction *main);
/* Ends the interaction: its consultations go on alone, and all parts forget it. Calling it again changes nothing. */
void strategy_end_interaction(struct core *, struct interaction *);
