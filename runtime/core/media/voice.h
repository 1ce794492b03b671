/* runtime/core/media/voice.h - Voice: the events of switches about calls, and the operations of the medium
 * (base/media.h), which other media whose legs are calls share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

void voice_on_route_request(struct core *, const struct message *);
void voice_on_route_used(struct core *, const struct message *);
void voice_on_party(struct core *, const struct message *);
void voice_on_party_changed(struct core *, const struct message *);
void voice_on_progress(struct core *, const struct message *);

void voice_arrive(struct core *, const struct message *);
void voice_observed(struct core *, const struct message *);
uint32_t voice_offer(struct core *, struct interaction *, uint32_t dn, uint32_t claim, uint32_t ref,
                     uint64_t timeout_us);
void voice_default_route(struct core *, struct interaction *, unsigned code, struct span why);
void voice_leg_ended(struct core *, struct interaction *, unsigned cause);

/* Merges a consultation, which has ended, and the main call, under the main call's ConnID and with its data. The main
 * interaction lives on, except if a strategy works on the consultation only: then the consultation does, with all
 * parties of the main call, and keeps its place in the queue. */
void voice_merge(struct core *, struct interaction *main, struct interaction *consult);
/* The call of `other` is that of `main`, which has been sent to another switch: the two are one from now on. */
void voice_crossed(struct core *, struct interaction *main, struct interaction *other);
/* The call that its own link speaks of. NULL: another link's, or unknown; then it is asked for. */
struct interaction *voice_call_of(struct core *, const struct message *);
/* Sets a system text of the call's block (block.h); an empty one changes nothing. */
void voice_set_system(struct core *, struct interaction *, unsigned number, struct span text);
/* The agent is on the call: it has the claim for it that was made, or gets one. `asked`: the agent was being asked
 * about it, and the caller calls invite_passed. False: the agent has more claims than can be counted. */
bool voice_talks(struct core *, struct interaction *, uint32_t agent, bool *asked);
/* Tells the link what the core knows of the call: the link may have lost the call, or have known it under another
 * call's ConnID. */
void voice_restore(struct core *, struct interaction *);
/* The same for a call that has come from another switch: where it rings already, whoever has been told of it hears of
 * its data besides. */
void voice_bring(struct core *, struct interaction *);
/* The agent speaks with the person, so an interaction takes what a call takes. */
enum media voice_capacity(const struct interaction *);
