/* runtime/daemon/watch/trace.h - Spans of interactions, as JSON of OTLP: one per interaction, and within it
 * treatments, queries, selections and routings with their beginnings and ends.
 *
 * Owns a batch of copies of the core's records. Ids are made from the interaction's own, so that a trace is the same
 * whenever it is asked for. Callers' numbers and data are left out. The core's thread only copies (trace_batch_add,
 * trace_batch_collect); the caller's thread makes the JSON. */
#pragma once

#include <jansson.h>

#include "runtime/core/read/read.h"

enum { TRACE_BATCH = 200 };

struct trace_batch;

struct trace_batch *trace_batch_new(void);
void trace_batch_free(struct trace_batch *);

/* To be called in this order: add some interactions, living or ended, at most TRACE_BATCH; then collect their
 * records. */
void trace_batch_add(struct trace_batch *, const struct interaction_row *);
void trace_batch_collect(struct trace_batch *, const struct core *);
unsigned trace_batch_count(const struct trace_batch *);

/* Makes an ExportTraceServiceRequest of the batch. */
json_t *trace_batch_json(const struct trace_batch *);
