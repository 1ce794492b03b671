/* runtime/daemon/engine/eventlog.h - Events, effects and faults of conditions as lines of the log.
 *
 * Owns copies of the events that were posted and not applied yet: a line is written when its event was applied,
 * because only then is its interaction known. The caller holds the lock of the posters, except for effects, which
 * the core's thread logs without it. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/daemon/base/log.h"

struct eventlog;

struct eventlog *eventlog_new(const struct log *);
void eventlog_free(struct eventlog *);

void eventlog_name(struct eventlog *, unsigned link, const char *name); /* what the log calls a link */
void eventlog_posted(struct eventlog *, struct span frame);             /* an event was put into the ring */
/* The ring still holds this many of the events that were posted: the others have been at the core, whatever it did with
 * them. */
void eventlog_applied(struct eventlog *, const struct core *, size_t in_ring);
/* How many answers of classifiers had a category that no strategy declares; the first of each name is logged. */
uint64_t eventlog_unknown_categories(const struct eventlog *);
/* Tells of the faults that conditions and strategies had since the last such line, at most once a minute of the core's
 * time: how many, and where the last was. Likewise of calls that began to wait while only agents at other links
 * matched, of interactions in queues for other media, and of texts that strategies refuse (log.refused). The first call
 * tells nothing: what the core has replayed was told by the process before. */
void eventlog_faults(struct eventlog *, const struct core *);
/* Logs one line each time that a campaign stops by itself. */
void eventlog_campaigns(struct eventlog *, const struct core *);
/* Logs each reason once that agents have given and the directory does not have. */
void eventlog_reasons(struct eventlog *, const struct core *);
/* Tells of each correction of an agent's state since the last call; the first call tells nothing, likewise. */
void eventlog_corrections(struct eventlog *, const struct core *);
void eventlog_effect(const struct eventlog *, const struct core *, struct span frame);
