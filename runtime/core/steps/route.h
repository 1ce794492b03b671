/* runtime/core/steps/route.h - For the files of the route step: its claim, and its failure (route_claim.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct interaction;
struct line;

enum { ROUTE_USED_US = 5000000 }; /* time that the switch has to carry out a route */

/* Returns the claim on the agent to whom the call is being routed and who has not answered yet: an agent who has
 * answered belongs to an earlier route, and may be about to leave. CLAIM_NONE: there is none. */
uint32_t route_claimed(const struct core *, const struct interaction *);
/* Ends the claims on the agents to whom, and on the places where the call is being routed, if there are any; `served`
 * as in session_release. */
void route_abandon_claim(struct core *, struct interaction *, bool served);
/* Finds the agent's line to which the interaction is routed: for a call, a line at its own switch, or at a switch to
 * which there is an access; for other media, the line where the agent serves the medium. NULL: there is none. */
const struct line *route_line(const struct core *, const struct interaction *, uint32_t agent);
/* Forgets the effect that the strategy's own step awaits: it was answered, or is no longer needed. */
void route_settle(struct core *, struct interaction *);
/* The step fails while the call is at the routing point: ends the claim. */
void route_fails(struct core *, struct interaction *, unsigned code);
