/* runtime/core/steps/telephone.h - The steps by which agents log in and out, pause and are ready at the telephone that
 * they dial from. This file owns nothing: struct extra (interaction.h) has the telephone that has made a call. */
#pragma once

#include <stdint.h>

struct core;
struct interaction;
struct message;

/* Takes an EventCallCreated: notes which telephone has made the call. Only a call whose link says that it is internal
 * has such a telephone, never one that comes from outside. */
void telephone_calls(struct core *, struct interaction *, const struct message *);
/* Called when the call was transferred or has got more parties: its telephone is forgotten, since it is not certain any
 * more who is at the other end. */
void telephone_unsure(struct core *, struct interaction *);
/* Called when a party has left the call; `dn` is the hash of the party's DN. */
void telephone_left(struct core *, struct interaction *, uint64_t dn);
/* Takes an EventAgentState: it may be the answer to a log-in for which a step waits. */
void telephone_on_state(struct core *, const struct message *);
/* The call has ended: an agent who has asked for it becomes ready. */
void telephone_call_over(struct core *, struct interaction *);
