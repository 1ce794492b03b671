/* runtime/core/run/ending.h - What happens when an interaction ends. */
#pragma once

struct core;
struct interaction;

/* Ends the claims of an interaction that ends, forgets its effects and removes it from its queue.
 * strategy_end_interaction (strategy.h) calls this when consultations about the interaction have been made
 * independent. */
void ending_give_up(struct core *, struct interaction *);
