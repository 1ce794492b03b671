/* runtime/core/steps/route.h - For the other files of the route step: the claim that it has, and its failure. */
#ifndef CORE_ROUTE_H
#define CORE_ROUTE_H

#include <stdint.h>

struct core;
struct interaction;

/* The claim on the agent to whom the call is being routed, and who has not answered yet: an agent who has answered
 * belongs to an earlier route, and may be about to leave. CLAIM_NONE: there is none. */
uint32_t route_claimed(const struct core *, const struct interaction *);
/* The step fails, and the call stands at the routing point: ends the claim. */
void route_fails(struct core *, struct interaction *, unsigned code);

#endif
