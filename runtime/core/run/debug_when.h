/* runtime/core/run/debug_when.h - The condition of a debugger that waits for an interaction: an expression of the
 * language, as the compiler has compiled it.
 *
 * The image has the strategy CONDITION_STRATEGY, which stops if the expression is true. Each condition has a machine
 * and a block of its own, so the core is not touched: the condition sees the interaction's attributes and its data that
 * are not secret, settings as the program has them, agents, and the position and wait that a new interaction would have
 * in a virtual queue. A condition that asks anything else must be refused, since it would get no answer. A condition
 * that waits, fails or uses up its fuel does not hold. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/kv.h"

struct debug_when;
struct core;
struct interaction;
struct strategies;

/* Reads an image's bytes, which are copied. NULL: the bytes are no image of this version with that strategy, or the
 * image calls a native that no program of the site has. */
struct debug_when *debug_when_new(const struct strategies *, struct span image);
/* Returns a sentence if the condition asks a question that cannot be answered; NULL: it does not. */
const char *debug_when_lacks(const struct debug_when *);
void debug_when_free(struct debug_when *);
struct span debug_when_image(const struct debug_when *);
uint64_t debug_when_hash(const struct debug_when *);

/* True: the condition holds; `data`: what interaction_data() has written of the interaction. */
bool debug_when_holds(const struct debug_when *, const struct core *, const struct interaction *, struct span data);
