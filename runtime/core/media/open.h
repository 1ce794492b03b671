/* runtime/core/media/open.h - Media without calls: which agents have a submitted interaction, and to which bin it
 * goes back.
 *
 * An interaction is in a bin (submitted.h), or agents have it, each with an active claim. The agent who has had it
 * longest owns it, unless it was transferred. */
#pragma once

#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

/* Sets the interaction's subject and body; an empty text leaves the old one unchanged. False: there is no room. */
bool open_revise(struct core *, struct interaction *, struct span subject, struct span body);
/* Tells the desks and the home that the agent of the claim has joined (`there`) or left. The home is told only about
 * sessions. */
void open_joins(struct core *, struct interaction *, uint32_t claim, bool there);
/* Makes the agent, who has an active claim, the owner of the interaction. */
void open_given(struct core *, struct interaction *, uint32_t agent);
/* Returns the directory's row of the queue where the interaction is, or from which it was taken; if the directory
 * has no such queue, a row with default times. */
struct queue open_queue(const struct core *, const struct interaction *);
/* A person offers the interaction to an agent: the strategy of its queue must not begin meanwhile. */
void open_offered(struct core *, struct interaction *);
/* Starts anew the time within which the interaction's agents must send a request about it. */
void open_handled(struct core *, struct interaction *);
/* Takes the interaction, or the offer of it, from the agent, and tells the agent. */
void open_dismiss(struct core *, struct interaction *, uint32_t claim, enum cause);
/* Does the same as open_dismiss for all agents of the interaction except the given one, who keeps it. */
void open_dismiss_others(struct core *, struct interaction *, uint32_t agent, enum cause);
/* Does the same as open_dismiss for all agents of the interaction; the agent `but` is not told. */
void open_dismiss_all(struct core *, struct interaction *, uint32_t but, enum cause);
/* Ends the session of the interaction: no agent has it any more, and it waits until its link reports the end of the
 * session. */
void open_close(struct core *, struct interaction *);
/* An agent has left the interaction: makes another of its agents the owner, or puts it back into its bin. */
void open_left(struct core *, struct interaction *, enum cause);
/* Puts the interaction into that queue, or into the workbin of `whose`; a queue's strategy begins when the event is
 * over. */
void open_placed(struct core *, struct interaction *, uint32_t name, uint32_t whose);
/* Makes the queue's strategy begin when the event is over, or when the parking in its workbin is over. */
void open_begin_soon(struct core *, struct interaction *);
/* Takes an EventDone: another domain has taken an interaction that was passed on to it, or has refused it. */
void open_on_passed(struct core *, const struct message *);

/* Tells the link which of its interactions this core has: a journal that was put back may lack some that the link
 * knows. */
void open_tell_living(struct core *, unsigned link);
