/* runtime/daemon/service/load.h - Loads of directory and strategies: at the start, and beside the loop on request.
 *
 * Owns: `daemon.loading`, `daemon.reload` and what is known of the last load's success. Invariants: at most one load is
 * under way; one that is asked for meanwhile follows it, because the files may have changed since they were read; what
 * was in force stays in force when a load fails. All on the loop's thread. */
#pragma once

#include "runtime/daemon/service/daemon.h"

/* Reads strategies and directory, and brings them into force: beside the loop, and after the load that is under way.
 * `*load` is its number, which daemon_tells.loaded names at its end; it is durable when durable_seq reaches reload.seq,
 * and reload.refused says then whether the core accepted all. False with the reason: it was not begun. */
bool daemon_load(struct daemon *, const struct activation_asker *, uint64_t *load, struct error *);
/* Imports another directory by hand, or looks what it would change, unless a load is under way. */
bool daemon_import(struct daemon *, const struct activation_asker *, const struct reload_from *, uint64_t *load,
                   struct error *);
/* Begins a load, as the directory's database has told of a change; nothing comes into force where nothing differs. */
void daemon_directory_told(struct daemon *);
/* The world that reload.h's functions need, borrowed from the daemon. */
struct reload_world daemon_world(const struct daemon *);

/* The first load, before anything is served. False with the reason: neither the files nor the journal have anything to
 * serve with. When only the files are wrong, gcxvm serves with what the journal has. */
bool load_first(struct daemon *, struct error *);
/* Called when the loop begins: ends the first load where it has posted nothing, as all of it was in force. */
void load_begun(struct daemon *);
/* durable_seq has moved on: tells the service manager once the load under way is durable. */
void load_check(struct daemon *);
/* The thread of the load under way has done its part (HANDOVER_LOADED): brings what it read into force. */
void load_ended(struct daemon *);
/* Logs and tells how the last load came out: `why` it failed, or NULL. */
void load_over(struct daemon *, const struct error *why);
/* gcxvm serves: tells the service manager so, with a sentence of its state. */
void load_tell_ready(struct daemon *, const char *status);
/* Forgets the load that was asked for meanwhile, and frees its texts. */
void load_forget(struct loading *);
