/* runtime/core/media/resync.h - Links come up and go down, and the core learns again which calls and agents are there:
 * LinkUp, resync, observed calls.
 *
 * All that the core knows of the link's calls and agents is uncertain when the link comes up. Each report confirms one
 * call or agent; a call or login that is not confirmed by ResyncEnd has ended meanwhile. Effects that are still awaited
 * go out again under their keys: an adapter that has done an effect already answers and does not do it twice. An audit
 * asks for the agents alone, while the link stays up. */
#pragma once

#include "runtime/vocabulary/message.h"

struct core;

void resync_on_link_up(struct core *, const struct message *);
void resync_on_begin(struct core *, const struct message *);
void resync_on_end(struct core *, const struct message *);
void resync_on_link_down(struct core *, const struct message *);
void resync_on_recovered(struct core *, const struct message *);
void resync_on_peer(struct core *, const struct message *);
void resync_on_observed(struct core *, const struct message *);

/* Asks the link for all its calls and agents. */
void resync_ask(struct core *, unsigned source);
/* Makes links that keep submitted interactions or calling lists compare them with those that the core has. */
void resync_reconcile(struct core *);
