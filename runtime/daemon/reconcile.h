/* runtime/daemon/reconcile.h - The differences between the contact store or the calling lists and the core, both ways:
 * gcxvm --reconcile, for gcxctl reconcile.
 *
 * The core's state is that of the journal, beside a gcxvm that works on it or without one. Nothing is changed here: the
 * adapters submit what the core does not know. */
#pragma once

#include <stdbool.h>

struct conf;

/* Prints each orphan in a line, or that there is none. `waits`: adapters have been asked to submit what the core lacks,
 * so only what is left after some seconds is printed. False: it cannot be found out, and the reason is printed. */
bool reconcile_list(const struct conf *, bool waits);
