/* runtime/core/run/activation.h - Activations: how a strategy takes over an interaction, switches to another
 * strategy, and ends its work. This file does not run the code of strategies; strategy.c does. */
#pragma once

#include "runtime/core/site/directory.h"

struct core;
struct interaction;

/* Lets the strategy in `binding` take over the interaction: a new block declares its keys, and its lifetime begins.
 * Returns code_ok, or why the strategy cannot begin: there is no room, or its arguments do not fit. */
unsigned activation_begin(struct core *, struct interaction *, struct binding);
/* Switches from the running strategy to another one of its program. The new strategy keeps the data and the priority
 * and has a lifetime of its own. The new strategy gets the arguments that arguments_keep has stored. Returns as
 * activation_begin. */
unsigned activation_switch(struct core *, struct interaction *, uint16_t strategy);
/* Gives up the pending steps, the place in a queue and the claims. A claim of an agent who talks to the customer
 * stays. */
void activation_let_go(struct core *, struct interaction *);
/* Sends the call to the default destinations of its routing point. Without a leg, or without a usable link, the
 * activation ends as failed with `code`. `why` is a sentence for people; it may be empty. */
void activation_default(struct core *, struct interaction *, unsigned code, struct span why);
/* The interaction leaves its strategy: ends the activation without running a handler. `outcome`: enum ended_how. */
void activation_drop(struct core *, struct interaction *, unsigned outcome);
/* Nobody has replied to what the strategy has routed (reply.h): it works on the interaction again, and has its whole
 * lifetime. The caller then fails the step at which the strategy stands. */
void activation_goes_on(struct core *, struct interaction *);
/* The activation is over. Ends the activation; the block stays with its data. */
void activation_over(struct core *, struct interaction *);
