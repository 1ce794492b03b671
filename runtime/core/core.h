/* runtime/core/core.h - The deterministic machine: events in, effects out.
 *
 * A core owns a partition: its interactions (each one block), virtual queues, agents and claims, timers, directory and
 * decision records. It is pure: no clock, socket, file, thread or global state. All that it knows came in a batch, and
 * the same batches give the same effects and digests, always. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"

struct core;

struct core *core_new(const struct core_options *);
void core_free(struct core *);

/* Applies one batch. Events that are malformed or repeated change nothing. An assertion fails where the batch is not
 * the next one: the caller has checked it. */
void core_apply(struct core *, const struct batch *, const struct effect_sink *);

/* Hash of all effects in their order, and of the logical contents of all blocks and of what decides beside them
 * (forks, exclusions, settings, signals, counters), after the last batch. */
uint64_t core_digest(const struct core *);
/* Logical time of the next timer, or UINT64_MAX: by then a batch is due, perhaps an empty one. Now where one is due
 * that the last batch has left. */
uint64_t core_next_timer(const struct core *);
uint64_t core_time(const struct core *);
uint64_t core_last_seq(const struct core *, unsigned source); /* 0 where it never posted */
uint64_t core_last_conn(const struct core *, unsigned source);

#endif
