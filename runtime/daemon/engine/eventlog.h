/* runtime/daemon/engine/eventlog.h - Events and effects as lines of the log.
 *
 * An event is logged when it was applied: only then is it known whose it is. Whoever calls has the lock of the posters,
 * but for effects. */
#ifndef DAEMON_EVENTLOG_H
#define DAEMON_EVENTLOG_H

#include "runtime/core/core.h"
#include "runtime/daemon/base/log.h"

struct eventlog;

struct eventlog *eventlog_new(const struct log *);
void eventlog_free(struct eventlog *);

void eventlog_name(struct eventlog *, unsigned link, const char *name); /* what the log calls a link */
void eventlog_posted(struct eventlog *, struct span frame);             /* it is in the ring */
/* Of all that was posted, the ring still holds so many events: the others have been at the core, whatever it did with
 * them. */
void eventlog_applied(struct eventlog *, const struct core *, size_t in_ring);
void eventlog_effect(const struct eventlog *, const struct core *, struct span frame);

#endif
