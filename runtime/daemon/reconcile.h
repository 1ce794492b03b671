/* runtime/daemon/reconcile.h - The differences between the contact store or the calling lists and the core, both ways:
 * gcxvm --reconcile, for gcxctl reconcile.
 *
 * The core's state is that of the journal, whether or not a gcxvm is working on it. Nothing is changed here: the
 * adapters submit the interactions that the core does not know. */
#pragma once

#include <stdbool.h>

struct conf;

/* Prints each orphan in a line, or that there is none. `waits`: adapters have been asked to submit what the core
 * lacks, so only the orphans that are left after some seconds are printed. False: the comparison failed, and the
 * reason is printed. */
bool reconcile_list(const struct conf *, bool waits);
