/* runtime/daemon/watch/trace.h - What happened to interactions as spans: one for each, and in it treatments, queries,
 * selections and routings with their beginnings and ends; as OTLP has them in JSON.
 *
 * Ids are made of the interaction's: the same trace whenever it is asked for. Callers' numbers and data are left out.
 * Collected on the core's thread, which only copies; the rest is whoever asked's. */
#ifndef DAEMON_TRACE_H
#define DAEMON_TRACE_H

#include <jansson.h>

#include "runtime/core/read/read.h"

enum { TRACE_BATCH = 200 };

struct trace_batch;

struct trace_batch *trace_batch_new(void);
void trace_batch_free(struct trace_batch *);

/* In this order: some interactions, living or ended, at most TRACE_BATCH; then what happened to them. */
void trace_batch_add(struct trace_batch *, const struct interaction_row *);
void trace_batch_collect(struct trace_batch *, const struct core *);
unsigned trace_batch_count(const struct trace_batch *);

/* An ExportTraceServiceRequest. */
json_t *trace_batch_json(const struct trace_batch *);

#endif
