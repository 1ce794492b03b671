/* runtime/daemon/admin/admin.h - The admin socket: how people and tools ask a running gcxvm.
 *
 * A Unix stream socket (configuration: `admin`). Who connects is known by SO_PEERCRED and SO_PEERGROUPS: root and the
 * daemon's own user may everything, others what the configuration gives them a role for (roles.h); anybody else is
 * answered {"ok":false,"error":"..."} and the connection is closed. Requests and replies are JSON objects, one a line
 * of at most 64 KiB (replies may be longer), UTF-8. Every request has exactly one reply, in the order asked; `id` (any
 * JSON value, optional) is repeated in it. A line that is no JSON object is answered without an id; one that is too
 * long is answered and the connection closed. Requests of many clients are taken by turns; a client that does not read
 * its answers is asked nothing more, and let go after 30 seconds; so is one that asks nothing for `admin_idle_s`. Of
 * the ADMIN_CLIENTS_MAX places a user (root, too) has `admin_share`: who has taken them all locks out nobody else.
 *
 *   > {"id":1,"command":"status"}
 *   < {"id":1,"ok":true,"version":"0.1.0",...}
 *   > {"id":2,"command":"trace","ixn":"1-00000000002a"}
 *   < {"id":2,"ok":false,"code":"unknown","error":"no interaction 1-00000000002a"}
 *
 * Codes: invalid (request), unknown (command, interaction, agent), denied (not by this role), failed (the reason is in
 * `error`, with file and line or table and row), busy; and those of enum code that the core refuses an act with.
 *
 * Interactions are written as partition-counter, `1-00000000002a` (decimal, and 12 hexadecimal digits); ConnIDs as 16
 * hexadecimal digits. Where a request takes `ixn` it also takes `conn` instead. Names ending in _us are microseconds:
 * since the epoch for moments, of length for durations. What is not there is null.
 *
 * Lists are pages of at most 250 rows (why: 50 agents); `next` is null after the last, else what to send as `from`.
 *
 * What each command takes stands in commands.def: the members of its request have the names of its arguments and
 * options. What it answers, in gcxctl(1), which shows it with --json.
 *
 * Acts take `why`, a text. They are logged with who asked, journaled as events with actor and reason, and answered when
 * they are durable. */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include "runtime/vocabulary/kv.h"
#include "vm/error.h"

struct admin;
struct daemon;
struct event_base;

enum { ADMIN_LINE_MAX = 64 * 1024, ADMIN_CLIENTS_MAX = 64 };

/* Listens at `path` (mode 0600, 0666 where the configuration lets others in; a socket left behind is replaced, one that
 * answers is not). NULL with the reason. */
struct admin *admin_new(struct daemon *, struct event_base *, const char *path, struct error *);
void admin_free(struct admin *);

void admin_durable(struct admin *); /* daemon.durable_seq has moved on: acts may be answered */
/* A load has come to its end: `why` it failed, or NULL. */
void admin_loaded(struct admin *, uint64_t load, const struct error *why);
void admin_replied(struct admin *, struct span frame); /* the core's Reply to an act */

#endif
