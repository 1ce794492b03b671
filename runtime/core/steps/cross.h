/* runtime/core/steps/cross.h - A route from one switch to another: asked for, awaited, arrived, sent on to the
 * agent, or tried with the next route type.
 *
 *     RequestRouteCall --> EventRouteUsed           at the switch that has the call
 *        EventCallCreated --> EventRouteRequest --> RequestRouteCall --> EventRouteUsed --> EventRinging
 *                                                   at the other one, by route type `point`
 *        EventCallCreated --> EventRinging          likewise, by `direct`
 *
 * The step stays the same during the whole hand-over (route.c), as do the interaction and the claim on the agent.
 * Events of the two links come in any order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;
struct line;
struct party;

/* Begins the hand-over to the agent's line at another switch, or finds the one that was begun. Returns the name of
 * the number to dial; 0: no route type is left, or no external routing point is free. */
uint32_t cross_begin(struct core *, struct interaction *, const struct line *);
/* Returns how long the call may take to arrive at the other switch; 0: it is not on its way there. */
uint64_t cross_awaited_us(const struct core *, const struct interaction *);
/* The call did not arrive at the other switch, for this reason (enum code). `here`: the call is at its routing
 * point, so the next route type is tried. False: the call was not on its way. */
bool cross_failed(struct core *, struct interaction *, unsigned code, bool here);
/* Called when the route step no longer waits for the call at the other switch. */
void cross_cancel(struct core *, const struct interaction *);

/* Takes a link's first report of a call, as created or as observed. Returns the interaction to which the call
 * belongs, and whose leg it is from now on; NULL: the call is not awaited. `stray`: the call came to a number where
 * another call is, or was, awaited. */
struct interaction *cross_arrive(struct core *, const struct message *, bool *stray);
struct interaction *cross_observed(struct core *, const struct message *, bool *stray);
/* A call at one link, created or observed, brings the ConnID of another link's call, whose switch has sent it without a
 * request of the core, as in a transfer or a consultation. Notes that ConnID. Returns the other call's interaction if
 * its switch has already reported that it sent the call on, so that the two calls are one interaction; else NULL. */
struct interaction *cross_claims(struct core *, const struct message *, uint64_t brought, struct span dnis);
/* The interaction's switch reports a party at the given number. Finds the interaction of the call that has come to
 * another switch with that number; NULL: there is none. */
struct interaction *cross_shown(struct core *, const struct interaction *, struct span number);
/* Finds the consultation about the interaction that went to another switch with the given number; NULL: there is
 * none. */
struct interaction *cross_asked(struct core *, const struct interaction *, struct span number);
/* The call is at the given DN. True: the DN is the external routing point to which the call was sent, and the call
 * is sent on. */
bool cross_at_point(struct core *, struct interaction *, struct span dn);
/* The leg that the call has left is at a routing point again. True: the call has not arrived at its agent and goes on
 * with this leg. */
bool cross_back(struct core *, uint64_t conn);
/* Is the agent's part of the call at the given link, wherever the interaction's leg is? */
bool cross_is_at(const struct core *, const struct party *, unsigned link);
/* The call's leg at the other switch has ended. True: an agent is still on the leg that the call has left, as in a
 * conference, and the call goes on there. */
bool cross_stays(struct core *, struct interaction *);
/* Finds the leg by which the call can be pulled back. False: there is none except the call's own leg. */
bool cross_pulls(const struct core *, const struct interaction *, unsigned *link, uint64_t *conn, uint32_t *dn);
