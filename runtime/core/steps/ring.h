/* runtime/core/steps/ring.h - Several telephones ring together for one call: the clause `ring` of a selection.
 *
 *     select    claims the target (RINGS_FIRST) and further agents (RINGS_ALONG)
 *     route     one RequestRouteCall names all their telephones; all claims are ROUTED
 *     answered  the first to answer has the call; the other claims end, and no missed call is counted
 *     no answer, the caller hangs up, the link is lost: all claims end
 *
 * Invariant: a telephone rings only for an agent whose claim is for this call, and the switch alone joins the caller
 * with one of them. Claims that were not routed end with their time, with the next selection, or with the failure of
 * the route. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct interaction;
struct writer;

/* How many telephones the fiber's selection lets ring for this interaction; 1: one at a time. */
unsigned ring_most(const struct core *, const struct interaction *, uint8_t fiber);
/* True: the fiber's selection wants several telephones to ring, and the call's link cannot do that. */
bool ring_in_vain(const struct core *, const struct interaction *, uint8_t fiber);
/* Marks the claim that the selection has just made for the agent; `rings`: enum claim_rings. */
void ring_marks(struct core *, struct interaction *, uint8_t fiber, uint32_t agent, unsigned rings);
/* Ends the claims of agents who were to ring along, and to whom the call was not sent. */
void ring_forgets(struct core *, struct interaction *);

/* The call is sent to the claim's agent. ring_lowers lowers `until_us` (RequestRouteCall_until) to the earliest time
 * until which one of the agents who ring along may be given the call; ring_puts writes the telephones of these agents.
 * There are two functions because the fields of a request are written in the order of their numbers. */
void ring_lowers(const struct core *, const struct interaction *, uint32_t claim, uint64_t *until_us);
void ring_puts(struct core *, struct interaction *, uint32_t claim);
/* Called when the call is on its way to the target: marks the claims of all agents who ring along as routed, too. */
void ring_sent(struct core *, struct interaction *, uint32_t claim);

/* True: the call is still on its way to more than one agent. */
bool ring_is_of_several(const struct core *, const struct interaction *);
/* True: the call is on its way to several agents, and the telephone of this agent has not rung yet: the switch may say
 * that it cannot ring. AGENT_NONE: false. */
bool ring_awaits(const struct core *, const struct interaction *, uint32_t agent);
/* Called when one of several telephones stops ringing, for the cause that the switch reports: ends its claim. */
void ring_drops(struct core *, struct interaction *, uint32_t claim, unsigned cause);
/* The agent has the call (AGENT_NONE: somebody else): ends the claims of the others, for whom this is no missed
 * call. */
void ring_won(struct core *, struct interaction *, uint32_t agent);
/* Called when the call is at its routing point again: the telephones where it rang are no longer its parties. */
void ring_parties_leave(struct core *, struct interaction *);
/* True: the call is on its way to the agent, perhaps to others, too. */
bool ring_is_routed(const struct core *, const struct interaction *, uint32_t agent);
/* Called when none of several agents has answered: notes this for the claim, and leaves its agent out for a while. */
void ring_missed(struct core *, struct interaction *, uint32_t claim);
