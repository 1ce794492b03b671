/* runtime/daemon/links/guard.h - Shows an adapter's process and its gcxvm whether the other one lives, by file
 * locks.
 *
 * Owns the lock that this process took, until the process ends: the kernel releases it then, however the process
 * ended, and tells who holds it. The adapter holds `NAME.lock`, with a mark of its arguments written into it; gcxvm
 * holds `lock`. */
#ifndef DAEMON_GUARD_H
#define DAEMON_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vm/error.h"

/* For gcxvm: the process that holds the adapter's lock, or 0. `same`: it was started with these arguments. */
pid_t guard_holder(const char *path, char *const *arguments, bool *same);

/* For the adapter: takes its lock until the process ends. False where another holds it. */
bool guard_take(const char *path, char *const *arguments, struct error *);
/* Ends this process by SIGTERM when nobody has held `core` for so many seconds; 0: as soon as the parent dies. It ends,
 * too, when a gcxvm lives and `lock`, which this process has taken, is not at its path any more, since the state folder
 * was put back or moved: that gcxvm cannot find this process to take it back, and would refuse it for ever. NULL: it
 * has taken none. */
void guard_watch(const char *core, const char *lock, uint64_t seconds);

#endif
