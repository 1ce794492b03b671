/* runtime/daemon/hear.h - The functions by which the parts of the daemon pass news to it: from the core's thread and
 * the sources' workers into the handover, and from the handover on the loop's thread.
 *
 * `self` is always the struct daemon. Frames are borrowed for the call. */
#pragma once

#include "runtime/daemon/service/daemon.h"

/* On the core's thread (engine_options): an effect of the core, for a link or for this process itself. */
void daemon_on_effect(void *self, unsigned link, struct span frame);
/* On the core's thread: the source's events up to `seq` are durable. */
void daemon_on_committed(void *self, unsigned source, uint64_t seq);
/* On the core's thread: the ring has room again. */
void daemon_on_room(void *self);
/* On the core's thread: true if the handover is full, so that the core has to wait. */
bool daemon_on_crowded(void *self);
void daemon_on_look(void *self);
/* On any thread: the journal cannot be written. No further event can be acknowledged: the links end with the
 * process, and adapters route by default. */
void daemon_on_failed(void *self, const char *why);
/* On a worker's thread or the core's: the answer of a source or endpoint. */
void daemon_on_answer(void *self, struct span frame);
/* On the loop's thread: handles one item that another thread has put into the handover. */
void daemon_on_item(void *self, const struct handover_item *);
