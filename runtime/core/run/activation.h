/* runtime/core/run/activation.h - How a strategy comes to an interaction, gives way to another one, and is over. Runs nothing:
 * that is strategy.c's. */
#ifndef CORE_LIFE_H
#define CORE_LIFE_H

#include <stdbool.h>

#include "runtime/core/site/directory.h"

struct core;
struct interaction;

/* The interaction is the strategy's: its block declares what the strategy does, its life begins. code_ok, or why it
 * cannot begin: there is no room, or it is not given what it takes. */
unsigned activation_begin(struct core *, struct interaction *, struct binding);
/* The running one has given over to another one of its program, which has the data, the priority and a life of its own.
 * Likewise. */
unsigned activation_switch(struct core *, struct interaction *, uint16_t strategy);
/* What it waits for, its place in a queue and its claims go; those who talk keep theirs. */
void activation_let_go(struct core *, struct interaction *);
/* Nobody else knows what to do: the routing point's default destinations, or the end where there is no leg. */
void activation_default(struct core *, struct interaction *, unsigned code, struct span why);
/* It is over: the block stays, with the data. */
void activation_over(struct core *, struct interaction *);

#endif
