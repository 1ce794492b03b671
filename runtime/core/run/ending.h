/* runtime/core/run/ending.h - The end of an interaction. */
#pragma once

struct core;
struct interaction;

/* Credits the claims of an interaction that ends, forgets its effects and gives up its place in a queue. For
 * strategy_end_interaction (strategy.h), which calls it when the consultations about the interaction go on by
 * themselves. */
void ending_give_up(struct core *, struct interaction *);
