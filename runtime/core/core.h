/* runtime/core/core.h - The deterministic machine: events in, effects out.
 *
 * A core owns a partition: its interactions (each has one block), virtual queues, agents and claims, timers,
 * directory and decision records. A core is deterministic: it uses no clock, socket, file, thread or global state.
 * Everything that it knows comes from batches. The same batches always give the same effects and digests.
 *
 *     batch:  time moves on --> what crashed a core before (quarantine) --> due timers, in order --> events, in order
 *                                                                             |                       |
 *                                    each: parts change --> strategies run --> effects to the sink --> parts settle
 *
 * When the parts have settled (part.h), no ready agent matches an open line of an interaction that waits. An event
 * that was taken before, as the sequence numbers of its source show, is skipped. The caller stores the batches
 * (journal/); the core stores none. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"

struct core;

/* Makes a new core at logical time 0. The options are copied; what their pointers point to stays borrowed as long as
 * the core exists. */
struct core *core_new(const struct core_options *);
void core_free(struct core *); /* frees all that the core owns; NULL is allowed */

/* Applies one batch. Applies a batch; malformed or repeated events change nothing. The caller has checked that the
 * batch is the next one; otherwise an assertion fails. */
void core_apply(struct core *, const struct batch *, const struct effect_sink *);

/* Returns the hash, after the last batch, of all effects in their order, of the contents of all blocks, and of the
 * other state on which decisions depend (forks, exclusions, settings, signals, counters). */
uint64_t core_digest(const struct core *);
/* Returns the logical time of the next timer, in microseconds, or UINT64_MAX. The caller must apply a batch by then,
 * even one without events. The result is the present time if the last batch has left a due timer. */
uint64_t core_next_timer(const struct core *);
uint64_t core_time(const struct core *); /* returns the logical time of the last batch, in microseconds */
/* Returns the sequence number of the source's last event; 0: the source has posted none. Older events of the source
 * are repetitions. */
uint64_t core_last_seq(const struct core *, unsigned source);
/* True: the timer or event that the mark names is, or was, in quarantine (run/quarantine.h). */
bool core_quarantines(const struct core *, const struct core_mark *);
/* Returns the ConnID that the source gave last; 0: none. The source continues with the next one after a restart. */
uint64_t core_last_conn(const struct core *, unsigned source);
