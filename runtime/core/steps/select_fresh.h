/* runtime/core/steps/select_fresh.h - The fresh visits: those that must look for a target before the event is over.
 *
 * A visit becomes fresh when it joins a queue before the core has looked at a newly ready agent, and when one of its
 * lines has opened. A fresh visit does not choose at once, since a visit of better rank may want the same agent: when
 * the event settles, fresh visits are served by rank. The list is in `struct selection` (select.h). */
#pragma once

struct core;
struct interaction;

/* Puts the interaction, which waits in a queue, on the list, unless it is on the list already. */
void select_fresh_add(struct core *, const struct interaction *);
/* Takes the fresh visit of best rank from the list; interactions that no longer wait are dropped. NULL: there is
 * none. */
struct interaction *select_fresh_next(struct core *);
