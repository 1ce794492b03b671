/* runtime/core/steps/cross.h - A route that crosses from one switch to another: asked for, awaited, arrived, sent on to
 * the agent, or tried by the next route type.
 *
 *     RequestRouteCall --> EventRouteUsed           at the switch that has the call
 *        EventCallCreated --> EventRouteRequest --> RequestRouteCall --> EventRouteUsed --> EventRinging
 *                                                   at the other one, by route type `point`
 *        EventCallCreated --> EventRinging          likewise, by `direct`
 *
 * The step is the same one throughout (route.c), as are the interaction and the claim on the agent. Events of the two
 * links come in any order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;
struct line;
struct party;

/* Begins the hand-over to the agent's line at another switch, or finds the one that has begun. Returns what is to be
 * dialled, a name; 0: no route type is left, or no external routing point is free. */
uint32_t cross_begin(struct core *, struct interaction *, const struct line *);
/* How long the call may take to arrive at the other switch; 0: it is not on its way there. */
uint64_t cross_awaited_us(const struct core *, const struct interaction *);
/* The call did not come to the other switch, for this reason (enum code). `here`: it stands at the routing point, so
 * the next route type is tried. False: the call was not on its way. */
bool cross_failed(struct core *, struct interaction *, unsigned code, bool here);
/* The route step no longer waits for the call at the other switch. */
void cross_cancel(struct core *, const struct interaction *);

/* A link tells of a call that it has not told of before, as created or as observed. The interaction whose call it is,
 * which has its leg there from now on; NULL: it is none that is awaited. `stray`: it came where one is, or was. */
struct interaction *cross_arrive(struct core *, const struct message *, bool *stray);
struct interaction *cross_observed(struct core *, const struct message *, bool *stray);
/* A call at one link, created or observed, brings the ConnID of another link's call, whose switch has sent it there
 * without being asked, as by a transfer or a consultation. It is noted; returns the other interaction where its switch
 * has told of that already, so that the two are one. */
struct interaction *cross_claims(struct core *, const struct message *, uint64_t brought, struct span dnis);
/* The interaction's switch tells of a party at that number. The interaction of the call that has come to another switch
 * by it; NULL: none has. */
struct interaction *cross_shown(struct core *, const struct interaction *, struct span number);
/* The consultation about the interaction that went to another switch by that number; NULL: none did. */
struct interaction *cross_asked(struct core *, const struct interaction *, struct span number);
/* The call stands at that DN. True: it is the external routing point to which it was sent, and is sent on. */
bool cross_at_point(struct core *, struct interaction *, struct span dn);
/* The leg that the call has left is at a routing point again. True: so is the call. */
bool cross_back(struct core *, uint64_t conn);
/* The agent's part in the call is at that link, whatever leg is the interaction's. */
bool cross_is_at(const struct core *, const struct party *, unsigned link);
/* The call's leg at the other switch has ended, and an agent is on the one that it has left, as in a conference. True:
 * the call goes on there. */
bool cross_stays(struct core *, struct interaction *);
/* The leg by which the call can be pulled back, where that is not its own: false. */
bool cross_pulls(const struct core *, const struct interaction *, unsigned *link, uint64_t *conn, uint32_t *dn);
