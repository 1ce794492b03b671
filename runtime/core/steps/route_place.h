/* runtime/core/steps/route_place.h - A route to a place where nobody is logged in, or to a group of places: `route
 * porter answer 15s`, `route night_phones answer 15s ring 3`.
 *
 * A route to a place or group waits for the answer as a route to an agent does, if the strategy says `answer`. Each
 * place is claimed while it rings and while somebody talks there (site/place_claim.h). Of a group the places with
 * nobody logged in and without another call are rung, in the order of their names; places that have rung for this
 * interaction in vain come after the others. A DN of no place, and a number outside, have the call as soon as the
 * switch has sent it there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/run/step.h"

struct core;
struct interaction;

/* Claims what the route rings, and sets `dn` to the first telephone; for a destination other than a group `dn` is set
 * already. `ref` as in step_ops. The step waits also if nothing needs a claim. */
struct step_outcome route_place_claim(struct core *, struct interaction *, uint16_t type, uint64_t word, uint32_t ref,
                                      uint32_t *dn);
/* True: the call rings at a place, whose answer is awaited. */
bool route_place_awaits(const struct core *, const struct interaction *);
/* True: the call rings at two places or more. */
bool route_place_is_of_several(const struct core *, const struct interaction *);
/* Writes the further telephones that ring into the route request. */
void route_place_puts(struct core *, const struct interaction *);
/* The call has not come to an answer: places that rang come last when this interaction is routed to their group. */
void route_place_in_vain(struct core *, struct interaction *);
/* Somebody has answered at the telephone, 0: elsewhere: the other places are free, and agents who have logged in there
 * meanwhile. */
void route_place_answered(struct core *, struct interaction *, uint32_t dn);
/* Called when the call rings at no place any more: frees them, and agents who have logged in there meanwhile. */
void route_place_abandon(struct core *, struct interaction *);
/* Called when a telephone has left the call, or cannot ring; `dn`: the hash of its DN's text. */
void route_place_left(struct core *, struct interaction *, uint64_t dn, unsigned cause);
