/* runtime/daemon/daemon_state.h - What daemon.c, daemon_hear.c and daemon_load.c share; nobody else includes it. */
#ifndef DAEMON_DAEMON_STATE_H
#define DAEMON_DAEMON_STATE_H

#include "runtime/daemon/daemon.h"

/* daemon.c */
void daemon_say(struct daemon *, enum log_level, const char *text);
/* daemon_hear.c */
/* From the core's thread. */
void daemon_on_effect(void *self, unsigned link, struct span frame);
void daemon_on_committed(void *self, unsigned source, uint64_t seq);
void daemon_on_room(void *self);
bool daemon_on_crowded(void *self);
/* Nothing more may be acknowledged: links drop with the process, and adapters route by default. */
void daemon_on_failed(void *self, const char *why);
/* On a worker's thread, or the core's. */
void daemon_on_answer(void *self, struct span frame);
/* One of the outbox, on the loop's thread. */
void daemon_on_item(void *self, const struct outbox_item *);
/* daemon_load.c */
void load_tell_ready(struct daemon *, const char *status);
/* What was loaded is in force, as far as the core would have it. */
void load_check(struct daemon *);
/* False where there is nothing to serve with. */
bool load_first(struct daemon *, struct error *);
/* The one under way has ended. */
void load_ended(struct daemon *);
void load_over(struct daemon *, const struct error *why);
void load_forget(struct loading *);

#endif
