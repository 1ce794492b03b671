/* runtime/core/run/debug_when.h - The condition of a debugger that waits for an interaction: an expression of the
 * language, as the compiler has compiled it.
 *
 * It is an image of its own with the strategy CONDITION_STRATEGY, which stops where the expression is true. Each one
 * has a machine and a block of its own, so nothing of the core is touched: it sees the interaction's attributes and
 * data, none that is secret, settings as they are written, agents, and the place and wait that one would have who came
 * to a virtual queue. No other question of it is answered: such a condition is to be refused. One that waits, fails
 * or uses its fuel up does not hold. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/kv.h"

struct debug_when;
struct core;
struct interaction;
struct strategies;

/* Reads an image's bytes, which are copied. NULL: they are no image of this version with that strategy, or it calls a
 * native that no program of the site has. */
struct debug_when *debug_when_new(const struct strategies *, struct span image);
/* A sentence where it asks for what nobody answers; NULL: it does not. */
const char *debug_when_lacks(const struct debug_when *);
void debug_when_free(struct debug_when *);
struct span debug_when_image(const struct debug_when *);
uint64_t debug_when_hash(const struct debug_when *);

/* `data`: what interaction_data() says of it. */
bool debug_when_holds(const struct debug_when *, const struct core *, const struct interaction *, struct span data);
