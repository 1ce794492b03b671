/* runtime/daemon/engine/queries.h - Counts of the queries of strategies, per data source: how many ended in which
 * way, and how long they took.
 *
 * Owns the counts and the running queries. The owner reports each query when it is sent to its source, and its
 * answer; from any thread, as there is a lock. */
#pragma once

#include <stddef.h>

#include "runtime/daemon/base/histogram.h"
#include "runtime/vocabulary/message.h"

struct queries;

enum { QUERY_EXITS = 70 }; /* number of exits: ok, timeout, cancelled, then one per value of enum code */

/* Sources are numbered as in the configuration. */
struct queries *queries_new(size_t sources);
void queries_free(struct queries *);

void queries_asked(struct queries *, size_t source, const struct message *query);
void queries_answered(struct queries *, const struct message *done);
/* Notes that a query's step no longer waits: its time is over, or another event has ended it. */
void queries_cancelled(struct queries *, uint64_t ixn, uint64_t ref);

const struct histogram *queries_seconds(const struct queries *, size_t source);
uint64_t queries_count(const struct queries *, size_t source, unsigned exit);
/* True: /metrics has a row for this exit, even if no query has ended so yet. */
bool queries_exit_is_shown(const struct queries *, size_t source, unsigned exit);
/* The name of an exit: "ok", "timeout", "cancelled", "unavailable", ... */
const char *queries_exit(unsigned exit);
