/* runtime/core/media/voice.h - Voice: the events of switches about calls, and the operations of the medium
 * (base/media.h), which other media whose legs are calls share. */
#ifndef CORE_VOICE_H
#define CORE_VOICE_H

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
/* The agent speaks with the person, so an interaction takes what a call takes. */
enum media voice_capacity(const struct interaction *);

#endif
