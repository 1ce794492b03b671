/* runtime/daemon/engine/eventlog.h - Writes events, effects and faults of conditions as lines of the log.
 *
 * Owns copies of the events that were posted and not applied yet: an event is logged after it was applied, because
 * only then is its interaction known. The caller holds the lock for posting, except for effects, which the core's
 * thread logs without it. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/daemon/base/log.h"

struct eventlog;

struct eventlog *eventlog_new(const struct log *);
void eventlog_free(struct eventlog *);

void eventlog_name(struct eventlog *, unsigned link, const char *name); /* the name of a link in the log */
void eventlog_posted(struct eventlog *, struct span frame);             /* notes that an event was put into the ring */
/* Logs the events that the core has taken from the ring: all posted events except the last ones, whose number still
 * in the ring is given. */
void eventlog_applied(struct eventlog *, const struct core *, size_t in_ring);
/* Counts the answers of classifiers with a category that no strategy declares; the first of each name is logged. */
uint64_t eventlog_unknown_categories(const struct eventlog *);
/* Logs the faults that conditions and strategies had since the last such line, at most once a minute of the core's
 * time: how many, and where the last one was. Also logs, in the same form: calls that began to wait while only agents
 * at other links matched, interactions in queues for other media, and texts from outside that strategies refuse
 * (log.refused). The first call logs nothing: the process before has logged the faults that the core has replayed. */
void eventlog_faults(struct eventlog *, const struct core *);
/* Logs one line each time that a campaign stops by itself. */
void eventlog_campaigns(struct eventlog *, const struct core *);
/* Logs each reason that agents have given and that the directory does not have, once. */
void eventlog_reasons(struct eventlog *, const struct core *);
/* Logs each correction of an agent's state since the last call; the first call logs nothing: the process before has
 * logged earlier ones. */
void eventlog_corrections(struct eventlog *, const struct core *);
void eventlog_effect(const struct eventlog *, const struct core *, struct span frame);
