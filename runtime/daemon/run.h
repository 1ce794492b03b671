/* runtime/daemon/run.h - One run of gcxvm, from its start to its end.
 *
 * A run makes everything in struct daemon, in the order in which one part needs another, and frees it in the opposite
 * order. Invariant: nothing that was acknowledged is lost, whatever ends it. */
#pragma once

#include "runtime/daemon/service/daemon.h"

/* Runs until the process is asked to end or cannot go on. Configuration and log are borrowed. */
enum daemon_exit daemon_run(const struct conf *, const struct log *, const struct daemon_how *);
