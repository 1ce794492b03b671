/* runtime/daemon/watch/pulse.h - Does the daemon still turn? Asked of the core's and the journal's thread, told to
 * others.
 *
 * Both threads are asked again and again to go round once. Only while both do, and the loop that asks does too, the
 * service manager hears WATCHDOG=1; so a thread that hangs, in a strategy or on a disk, has gcxvm restarted. */
#ifndef DAEMON_PULSE_H
#define DAEMON_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/base/notify.h"
#include "runtime/daemon/engine/engine.h"

struct pulse;
struct event_base;

enum { PULSE_LOST_US = 10000000 }; /* without a round for so long it hangs */

struct pulse *pulse_new(struct event_base *, struct engine *, const struct notify_socket *, const struct log *);
void pulse_free(struct pulse *);

/* Since when neither was seen to have stopped. */
uint64_t pulse_silent_us(const struct pulse *);

#endif
