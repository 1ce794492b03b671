/* runtime/daemon/admin/admin.h - The admin socket, by which people and tools send requests to a running gcxvm, and
 * change what it does.
 *
 * Owns the listener and its clients. Everything runs on the loop's thread.
 *
 * A Unix stream socket (configuration: `admin`). A client's role follows from SO_PEERCRED and SO_PEERGROUPS: root and
 * the daemon's own user may do everything, others have the role that the configuration gives them (roles.h); a client
 * without a role is answered {"ok":false,"error":"..."}, and its connection is closed. Requests and replies are JSON
 * objects in UTF-8, one per line of at most 64 KiB (replies may be longer). Every request has exactly one reply, in the
 * order asked; `id` (any JSON value, optional) is repeated in it. A line that is no JSON object is answered without an
 * id; a line that is too long is answered, and the connection closed.
 *
 * No client is served at the cost of others. Requests of many clients are taken by turns. From a client that does
 * not read its answers no more requests are taken, and after 30 seconds it is closed; so is a client that sends no
 * request for `admin_idle_s`. There are ADMIN_CLIENTS_MAX places. One user, even root, has at most `admin_share` of
 * the places for clients, so that it cannot lock out others; if no place is left, an idle client is closed for a new
 * one, so that idle clients lock nobody out.
 *
 *   > {"id":1,"command":"status"}
 *   < {"id":1,"ok":true,"version":"0.1.0",...}
 *   > {"id":2,"command":"trace","ixn":"1-00000000002a"}
 *   < {"id":2,"ok":false,"code":"unknown","error":"no interaction 1-00000000002a"}
 *
 * Codes: invalid (request), unknown (command, interaction, agent), denied (not by this role), failed (the reason is in
 * `error`, with file and line or table and row), busy; and those of enum code, with which the core refuses an act.
 *
 * Interactions are written as partition-counter, `1-00000000002a` (decimal, and 12 hexadecimal digits); ConnIDs as 16
 * hexadecimal digits. If a request takes `ixn` it also takes `conn` instead. Names ending in _us are microseconds:
 * moments since the epoch, or lengths of durations. An absent value is null.
 *
 * Lists are pages of at most 250 rows (why: 50 agents); `next` is null after the last page, else the value to send as
 * `from`.
 *
 * commands.def has what each command takes: the members of its request have the names of its arguments and options.
 * gcxctl(1) describes the members of the answers; --json shows them.
 *
 * Acts take `why`, a text, and, from an admin, `person`, the person for whom the act is asked: the actor is then
 * "paul by gcx(997)". Acts are logged with the name of the asker, journaled as events with actor and reason, and
 * answered when they are durable. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

struct admin;
struct daemon;
struct event_base;

enum { ADMIN_LINE_MAX = 64 * 1024, ADMIN_CLIENTS_MAX = 64 };

/* Listens at `path` (mode 0600, or 0666 if the configuration gives roles to others); a socket file left behind is
 * replaced, but not one that answers. NULL with the reason. */
struct admin *admin_new(struct daemon *, struct event_base *, const char *path, struct error *);
void admin_free(struct admin *);

void admin_durable(struct admin *); /* answers acts that are durable now, since daemon.durable_seq has grown */
/* Answers the acts that wait for the end of the load with the number `load`. `why`: the reason if the load failed,
 * or NULL. */
void admin_loaded(struct admin *, uint64_t load, const struct error *why);
/* Answers the acts that wait for the end of the snapshot with the number `cut`. `why`: the reason if the snapshot
 * failed, or NULL. */
void admin_cut(struct admin *, uint64_t cut, const struct error *why);
/* Answers the acts that hand over the lead. `why`: the reason if the lead was kept; NULL: it is given up. */
void admin_handed(struct admin *, const struct error *why);
/* A version that gcxtwin plays beside the running one, as its last request told of it. */
enum { ADMIN_SHADOW_TEXT = 128 };
struct admin_shadow {
    char point[ADMIN_SHADOW_TEXT], image[ADMIN_SHADOW_TEXT];
    char person[ADMIN_SHADOW_TEXT]; /* who has begun it */
    char told[ADMIN_SHADOW_TEXT];   /* its counts, as a sentence for people */
    uint64_t since_us;              /* monotonic */
};
/* Copies the shadow of this index; false after the last one. */
bool admin_shadow_at(const struct admin *, size_t index, struct admin_shadow *);
void admin_replied(struct admin *, struct span frame); /* answers the act to which the core's Reply belongs */
