/* runtime/core/media/voice.h - Voice: the events of switches about calls, and the operations of the medium
 * (base/media.h); other media whose legs are calls use them, too. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

void voice_on_route_request(struct core *, const struct message *);
void voice_on_route_used(struct core *, const struct message *);
void voice_on_party(struct core *, const struct message *);
void voice_on_party_changed(struct core *, const struct message *);
void voice_on_progress(struct core *, const struct message *);
/* Takes an EventAgentState: a telephone where an agent logs in or out may have a call already. */
void voice_place_on_agent_state(struct core *, const struct message *);

/* May the call be given to the strategy of another routing point? It may while its strategy waits at a routing point,
 * and asks no agent. `name`: the point, or a queue that has one; `binding`: its strategy. */
enum code voice_may_move(struct core *, const struct interaction *, uint32_t name, struct binding *);
void voice_move(struct core *, struct interaction *, struct binding); /* after voice_may_move() has returned code_ok */

void voice_arrive(struct core *, const struct message *);
void voice_observed(struct core *, const struct message *);
uint32_t voice_offer(struct core *, struct interaction *, uint32_t dn, uint32_t claim, uint32_t ref,
                     uint64_t timeout_us);
void voice_default_route(struct core *, struct interaction *, unsigned code, struct span why);
void voice_leg_ended(struct core *, struct interaction *, unsigned cause);

/* Merges a consultation, which has ended, and the main call, under the main call's ConnID and with its data. The
 * main interaction stays, except if a strategy works on the consultation only: then the consultation stays, with all
 * parties of the main call, and keeps its place in the queue. */
void voice_merge(struct core *, struct interaction *main, struct interaction *consult);
/* Makes `main` and `other` one interaction: the call of `other` is the call of `main` after it was sent to the other
 * switch. */
void voice_crossed(struct core *, struct interaction *main, struct interaction *other);
/* Returns the call that an event of the call's own link names. NULL: the call belongs to another link or is unknown;
 * then the link is asked about it. */
struct interaction *voice_call_of(struct core *, const struct message *);
/* Sets a system text of the call's block (block.h); an empty one changes nothing. */
void voice_set_system(struct core *, struct interaction *, unsigned number, struct span text);
/* Notes that the agent is on the call; the agent's claim becomes active, or is made if there is none. `asked`: the
 * agent was just asked about the call, and the caller must call invite_passed. False: the agent has more claims than
 * can be counted. */
bool voice_talks(struct core *, struct interaction *, uint32_t agent, bool *asked);
/* Tells the link what the core knows of the call: the link may have lost the data, or may know the call under
 * another call's ConnID. */
void voice_restore(struct core *, struct interaction *);
/* Does the same as voice_restore for a call that has come from another switch. Desks that were already told that the
 * call rings also get its data. */
void voice_bring(struct core *, struct interaction *);
/* Returns media_voice: the agent speaks with the person, so the interaction takes the capacity of a call.
 */
enum media voice_capacity(const struct interaction *);
