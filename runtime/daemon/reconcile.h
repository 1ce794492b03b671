/* runtime/daemon/reconcile.h - The differences between the contact store or the calling lists and the core, both ways:
 * gcxvm --reconcile, for gcxctl reconcile.
 *
 * The core's state is that of the journal, beside a gcxvm that works on it or without one. Nothing is changed here: the
 * adapters submit what the core does not know. */
#pragma once

#include <stdbool.h>

struct conf;

/* Says each orphan in a line on standard output, or that there is none. `waits`: adapters have been asked to submit
 * what the core lacks; what is left after some seconds is told. False: why it cannot be told. */
bool reconcile_list(const struct conf *, bool waits);
