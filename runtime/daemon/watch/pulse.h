/* runtime/daemon/watch/pulse.h - The pulse: asks core and journal once a second for a sign of life, and feeds the
 * service manager's watchdog with it.
 *
 * Owns its timer. The watchdog is fed only while both threads turn, so that a gcxvm that hangs is restarted. On the
 * loop's thread. */
#pragma once

#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/base/notify.h"
#include "runtime/daemon/engine/engine.h"

struct pulse;
struct event_base;

enum { PULSE_LOST_US = 10000000 }; /* without a round for so long it hangs */

struct pulse *pulse_new(struct event_base *, struct engine *, const struct notify_socket *, const struct log *);
void pulse_free(struct pulse *);

/* How long ago were core and journal last seen to turn? */
uint64_t pulse_silent_us(const struct pulse *);
