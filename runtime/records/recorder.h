/* runtime/records/recorder.h - The recorder: it makes rows of the records of a core's facts.
 *
 * A recorder listens to a core that replays a journal. It keeps what has begun and is not over yet, and gives out a row
 * when it is over. The same batches give the same rows, in the same order. */
#pragma once

#include "runtime/records/table.h"

struct core;
struct recorder;

/* Listens to the core from now on; the core outlives the recorder. An interaction that began before and is not over is
 * known from its next event. `row` gets the rows in their order, during core_apply and recorder_settle. */
struct recorder *recorder_new(struct core *, void (*row)(void *self, enum table_name, const struct record_value *),
                              void *self);
void recorder_free(struct recorder *);
/* To be called after each batch. If a new quarter of the hour has begun with it, writes how long the agents have been
 * in their states until now. */
void recorder_settle(struct recorder *);
