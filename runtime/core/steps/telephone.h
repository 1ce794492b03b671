/* runtime/core/steps/telephone.h - The steps by which agents log in and out, pause and are ready at the telephone that
 * they dial from. It owns nothing: which telephone has made a call stands in struct extra (interaction.h). */
#pragma once

#include <stdint.h>

struct core;
struct interaction;
struct message;

/* Notes which telephone has made the call that EventCallCreated tells of. Only a call whose link says that it is
 * internal has such a telephone, never one that comes from outside. */
void telephone_calls(struct core *, struct interaction *, const struct message *);
/* From now on nobody can be sure who is at the other end of the call: it was transferred, or has more parties. */
void telephone_unsure(struct core *, struct interaction *);
/* Called when a party has left the call; `dn` is the hash of the party's DN. */
void telephone_left(struct core *, struct interaction *, uint64_t dn);
/* Takes an EventAgentState: it may be the answer to a log-in for which a step waits. */
void telephone_on_state(struct core *, const struct message *);
/* The call has ended: an agent who has asked for it becomes ready. */
void telephone_call_over(struct core *, struct interaction *);
