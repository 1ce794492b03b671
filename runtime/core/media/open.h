/* runtime/core/media/open.h - Media without calls: who has an interaction that was submitted, and where it goes back
 * to.
 *
 * An interaction is in a bin (submitted.h), or agents have it, each with an active claim. The one of them who has it
 * longest owns it, unless it was transferred. */
#pragma once

#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

/* It has this subject and body from now on; an empty one is as before. False: there is no room for it. */
bool open_revise(struct core *, struct interaction *, struct span subject, struct span body);
/* Tells the desks and the home that the claim's agent is there from now on, or is not; of what has no session the home
 * is told nothing. */
void open_joins(struct core *, struct interaction *, uint32_t claim, bool there);
/* The agent owns it, with a claim that is active. */
void open_given(struct core *, struct interaction *, uint32_t agent);
/* The queue where it stands, or from which it was taken; where it is none of the directory's, one with the usual times.
 */
struct queue open_queue(const struct core *, const struct interaction *);
/* A person offers it to an agent: its queue's strategy does not begin meanwhile. */
void open_offered(struct core *, struct interaction *);
/* The time in which its agents must ask for something begins anew. */
void open_handled(struct core *, struct interaction *);
/* The agent no longer has it, or is no longer asked, and is told. */
void open_dismiss(struct core *, struct interaction *, uint32_t claim, enum cause);
/* Likewise all agents but that one, who keeps it. */
void open_dismiss_others(struct core *, struct interaction *, uint32_t agent, enum cause);
/* Likewise all agents; the agent `but` knows it already. */
void open_dismiss_all(struct core *, struct interaction *, uint32_t but, enum cause);
/* Its session ends: nobody has it, until its link tells that it has ended. */
void open_close(struct core *, struct interaction *);
/* An agent has left: another one owns it, or it goes back. */
void open_left(struct core *, struct interaction *, enum cause);
/* It is in that queue, or in the workbin of `whose`; the queue's strategy begins when the event is over. */
void open_placed(struct core *, struct interaction *, uint32_t name, uint32_t whose);
/* The queue's strategy begins when the event is over, or when the time in its workbin is. */
void open_begin_soon(struct core *, struct interaction *);
/* EventDone: another domain has taken what was passed on to it, or has not. */
void open_on_passed(struct core *, const struct message *);

/* Tells the link which of what it keeps live here: what it has may be newer than a journal that was put back. */
void open_tell_living(struct core *, unsigned link);
