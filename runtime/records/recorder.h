/* runtime/records/recorder.h - The recorder: makes rows of records from a core's facts.
 *
 * A recorder listens to a core that replays a journal. A recorder keeps everything that has begun and is not over yet,
 * and writes a row when that is over. The same batches always give the same rows, in the same order. */
#pragma once

#include "runtime/records/table.h"

struct core;
struct recorder;

/* Makes a recorder that listens to the core from now on; the core must exist longer than the recorder. An
 * interaction that began before and is not over becomes known with its next event. `row` is called for each row in
 * order, during core_apply and recorder_settle. */
struct recorder *recorder_new(struct core *, void (*row)(void *self, enum table_name, const struct record_value *),
                              void *self);
void recorder_free(struct recorder *);
/* From now on rows of events.def are made, too. */
void recorder_tell_events(struct recorder *);
/* Must be called after each batch. If a new quarter of an hour has begun with that batch, writes how long the agents
 * have been in their states until now. */
void recorder_settle(struct recorder *);
