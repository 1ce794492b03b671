/* runtime/daemon/admin.h - The admin socket: how people and tools ask a running gcxvm.
 *
 * A Unix stream socket (configuration: `admin`). Who connects is known by SO_PEERCRED: root and the daemon's own user
 * are let in, anybody else is answered {"ok":false,"error":"..."} and the connection is closed. Requests and replies
 * are JSON objects, one a line of at most 64 KiB (replies may be longer), UTF-8. Every request has exactly one reply,
 * in the order asked; `id` (any JSON value, optional) is repeated in it. A line that is no JSON object is answered
 * without an id; one that is too long is answered and the connection closed.
 *
 *   > {"id":1,"command":"status"}
 *   < {"id":1,"ok":true,"version":"0.1.0",...}
 *   > {"id":2,"command":"trace","ixn":"1-00000000002a"}
 *   < {"id":2,"ok":false,"code":"unknown","error":"no interaction 1-00000000002a"}
 *
 * Codes: invalid (request), unknown (command, interaction), denied, failed (load: the reason is in `error`, with file
 * and line or table and row), busy, stopping.
 *
 * Interactions are written as partition-counter, `1-00000000002a` (hexadecimal, counter of 12 digits); ConnIDs as 16
 * hexadecimal digits. Where a request takes `ixn` it also takes `conn` instead. Names ending in _us are microseconds:
 * since the epoch for moments, of length for durations. What is not there is null.
 *
 * version       > version
 *               < version (of the program), protocol, vocabulary, semantics (numbers)
 * status        < version, pid, uptime_us, epoch, time_us, wall_us, digest ("16 hex digits"); counters since the
 *                 journal began: batches, events, effects, routed, abandoned, defaulted, ended; now: interactions,
 *                 waiting, claims, agents, agents_logged_in, agents_ready, block_bytes; ready (true once directory and
 *                 strategies are in force), http (address of /metrics, or null);
 *                 links: [{name, link, state: "down"|"up" (the adapter), service: "down"|"resync"|"up"|"grace" (the
 *                 switch behind it, too), pid, restarts, since_us}];
 *                 sources: [{name, type, database, queries, errors, waiting}];
 *                 strategies: [{at (DN), strategy, image ("64 hex digits"), file}];
 *                 directory: {file, version, rows}
 * agents        < agents: [{name, dn, place, state ("ready", names of enums.def), since_us, claims, ixn, skills:
 *                 {"French": 9}}]
 * queues        < queues: [{name, waiting, entered, distributed, abandoned, cleared, longest_wait_us, wait_us (sum of
 *                 the distributed)}]
 * interactions  > all (default true: false leaves out the ended), limit (default 1000: the newest), strategy
 *               < interactions: [row], more (true: the limit left some out)
 *                 row: ixn, conn, media, ani, dnis, strategy, state, step, owner_kind, owner, outcome, priority,
 *                 arrived_us, changed_us, block_bytes
 * trace         > ixn or conn
 *               < interaction: row, history: [{at_us, what}], decisions: [{at_us, vq, chosen, line, candidates,
 *                 not_ready, not_matching, claimed}]
 * data          > ixn or conn
 *               < interaction: row, data: {key: value} of attributes and user data, as they are or were at the end.
 *                 Values: integer, string, true/false, null, object (a nested list), {"us": n} (a time). A key that
 *                 stands twice is shown with its first value; secrets as "***".
 * load          Reads strategies and directory again, as SIGHUP does; answered when they are in force and durable.
 *               > -
 *               < strategies (as in status), directory: {file, version, rows}
 */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include "vm/error.h"

struct admin;
struct daemon;
struct event_base;

enum { ADMIN_LINE_MAX = 64 * 1024, ADMIN_CLIENTS_MAX = 64 };

/* Listens at `path` (mode 0600; a socket left behind is replaced, one that answers is not). NULL with the reason. */
struct admin *admin_new(struct daemon *, struct event_base *, const char *path, struct error *);
void admin_free(struct admin *);

void admin_durable(struct admin *); /* daemon.durable_seq has moved on: loads may be answered */

#endif
