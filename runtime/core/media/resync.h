/* runtime/core/media/resync.h - Links come up and go down, and the core learns again which calls and agents they
 * have: LinkUp, resync, observed calls.
 *
 * When a link comes up, the core does not rely on anything that it knows of the link's calls and agents. Each report
 * confirms that one call or agent exists; a call or login that no report has confirmed before ResyncEnd has ended
 * meanwhile. Effects that are still awaited are sent again under the same ids: an adapter that has done an effect
 * already answers and does not do it twice. An audit asks for the agents only, while the link stays up. */
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
/* Makes links that keep submitted interactions or calling lists compare their state with that of the core. */
void resync_reconcile(struct core *);
