/* runtime/daemon/service/load.h - Loads of directory and strategies: at the start, and on request while the loop
 * serves.
 *
 * Owns `daemon.loading`, `daemon.reload` and the result of the last load. Invariants: at most one load is running;
 * one that is requested meanwhile follows it, because the files may have changed since they were read; what was in
 * force stays in force when a load fails. Everything runs on the loop's thread. */
#pragma once

#include "runtime/daemon/service/daemon.h"

/* Reads strategies and directory and puts them in force, on a thread of its own, and after the load that is running.
 * `*load` is the load's number, with which daemon_tells.loaded reports its end; it is durable when durable_seq
 * reaches reload.seq, and reload.refused then says whether the core accepted all of it. False with the reason: no
 * load was begun. */
bool daemon_load(struct daemon *, const struct activation_asker *, uint64_t *load, struct error *);
/* Imports another directory by hand, or finds out what it would change, unless a load is running. */
bool daemon_import(struct daemon *, const struct activation_asker *, const struct reload_from *, uint64_t *load,
                   struct error *);
/* Begins a load, as the directory's database has notified of a change; nothing is put in force if nothing differs. */
void daemon_directory_told(struct daemon *);
/* The parts of the daemon that reload.h's functions need, borrowed from it. */
struct reload_world daemon_world(const struct daemon *);

/* Does the first load, before anything is served. False with the reason: with neither the files nor the journal can
 * anything be served. If only the files are wrong, gcxvm serves with what the journal has. */
bool load_first(struct daemon *, struct error *);
/* Called when the loop begins: ends the first load if it has posted nothing, as everything was in force already. */
void load_begun(struct daemon *);
/* Called when durable_seq has grown: tells the service manager once the running load is durable. */
void load_check(struct daemon *);
/* The thread of the running load has done its part (HANDOVER_LOADED): puts what it has read in force. */
void load_ended(struct daemon *);
/* Logs and reports the result of the last load: `why` is the reason if it failed, or NULL. */
void load_over(struct daemon *, const struct error *why);
/* Tells the service manager that gcxvm serves, with a sentence about its state. */
void load_tell_ready(struct daemon *, const char *status);
/* Drops the load that was requested meanwhile, and frees its texts. */
void load_forget(struct loading *);
