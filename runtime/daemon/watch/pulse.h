/* runtime/daemon/watch/pulse.h - The pulse: asks core and journal once a second for a sign of life, and then feeds
 * the service manager's watchdog.
 *
 * Owns its timer. The watchdog is fed only while both threads are running, so that a gcxvm that hangs is restarted.
 * On the loop's thread. */
#pragma once

#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/base/notify.h"
#include "runtime/daemon/engine/engine.h"

struct pulse;
struct event_base;

enum { PULSE_LOST_US = 10000000 }; /* time without an answer after which gcxvm counts as hanging */

struct pulse *pulse_new(struct event_base *, struct engine *, const struct notify_socket *, const struct log *);
void pulse_free(struct pulse *);

/* How long ago core and journal were last known to be running. */
uint64_t pulse_silent_us(const struct pulse *);
