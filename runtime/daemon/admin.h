/* runtime/daemon/admin.h - The admin socket: how people and tools ask a running gcxvm.
 *
 * A Unix stream socket (configuration: `admin`). Who connects is known by SO_PEERCRED and SO_PEERGROUPS: root and the
 * daemon's own user may everything, others what the configuration gives them a role for (roles.h); anybody else is
 * answered {"ok":false,"error":"..."} and the connection is closed. Requests and replies are JSON objects, one a line
 * of at most 64 KiB (replies may be longer), UTF-8. Every request has exactly one reply, in the order asked; `id` (any
 * JSON value, optional) is repeated in it. A line that is no JSON object is answered without an id; one that is too
 * long is answered and the connection closed. Requests of many clients are taken by turns; a client that does not read
 * its answers is asked nothing more, and let go after 30 seconds.
 *
 *   > {"id":1,"command":"status"}
 *   < {"id":1,"ok":true,"version":"0.1.0",...}
 *   > {"id":2,"command":"trace","ixn":"1-00000000002a"}
 *   < {"id":2,"ok":false,"code":"unknown","error":"no interaction 1-00000000002a"}
 *
 * Codes: invalid (request), unknown (command, interaction, agent), denied (not by this role), failed (the reason is in
 * `error`, with file and line or table and row), busy; and those of enum code that the core refuses an act with. What
 * may be asked stands in commands.def.
 *
 * Interactions are written as partition-counter, `1-00000000002a` (hexadecimal, counter of 12 digits); ConnIDs as 16
 * hexadecimal digits. Where a request takes `ixn` it also takes `conn` instead. Names ending in _us are microseconds:
 * since the epoch for moments, of length for durations. What is not there is null.
 *
 * Lists are pages of at most 250 rows (why: 50 agents); `next` is null after the last, else what to send as `from`.
 *
 * version       < version (of the program), protocol, vocabulary, semantics (numbers)
 * status        < version, pid, uptime_us, epoch, role (of who asks), time_us, wall_us, digest ("16 hex digits");
 *                 counters since the journal began: batches, events, effects, routed, abandoned, defaulted, ended; now:
 *                 interactions, waiting, claims, agents, agents_logged_in, agents_ready, block_bytes, agent_states:
 *                 {"ready": n, ...}; ready (true once directory and strategies are in force), http (address of
 *                 /metrics, or null), intake, links and sources as below; strategies: [{at (DN), strategy, image ("64
 *                 hex digits"), file (null: by hand)}]; directory: {file, version, rows, error (why the last load
 *                 failed, or null)};
 *                 sync, decision: {bounds_us: [16 numbers], counts: [17, the last of what took longer], sum_us}: what
 *                 appends to the journal took since the start, and what events until their effects left
 * links         < links: [{name, link, state: "down"|"up" (the adapter), service: "down"|"resync"|"up"|"grace" (the
 *                 switch behind it, too), pid, restarts, since_us}]
 * sources       < sources: [{name, type, database, queries, errors, waiting, waiting_bytes; of a server also in_flight,
 *                 connections, connected, lost, cancelled, opened, circuit: "closed"|"open", trouble}]
 * routing-points < routing_points: [{dn, strategy, image, percent, before, image_before (what has the other share),
 *                 defaults, answer_timeout_us, router_grace_us}]
 * strategies    < images: [{image, strategies: [name], bytes, interactions, routing_points (how many)}]
 * agents        > name, state, limit, from
 *               < agents: [{name, dn, place, state ("ready", names of enums.def), not_chosen (why nobody could choose
 *                 them now, null: they could), since_us, claims, ixn, skills: {"French": 9}; of one: groups, known}],
 *                 next
 * queues        > name, limit, from
 *               < queues: [{name, waiting, entered, distributed, abandoned, cleared, longest_wait_us, wait_us (sum of
 *                 the distributed)}], next
 * interactions  > queue, state, media, strategy, live, limit, from
 *               < interactions: [row], next. The living by arrival, then the ended, the last first; one that ends
 *                 between two pages may come twice.
 *                 row: ixn, conn, media, ani, dnis, strategy, state, step, vq, owner_kind, owner, outcome, priority,
 *                 arrived_us, changed_us, block_bytes
 * interaction   > ixn or conn
 *               < interaction: row, at: {step, function, file, line, column}, busy: likewise of a busy block, waiting:
 *                 {vq, position (null: somebody is chosen), among, priority, since_us, waited_us, until_us,
 *                 expected_us}, data (null for the role monitor); null where it is, or waits, nowhere
 * trace         > ixn or conn, from, format ("otlp": < interaction: row, otlp: an ExportTraceServiceRequest)
 *               < interaction: row, history: [{at_us, what}], more, next (for what comes later, too), decisions:
 *                 [{at_us, waited_us, vq, chosen, line, candidates, not_ready, not_matching, claimed}] (the newest 200)
 * why           > ixn or conn, agent, limit, from
 *               < interaction, at, waiting, decisions as above, logged_in, ready (how many agents), lines: [{number,
 *                 file, line, open, opens_us, kind: "condition"|"group"|"agent"|"queue"|"nobody", target}], agents
 *                 (who are logged in): [{name, state, not_chosen, ixn, matches, lines: [{number, matches, either,
 *                 lacks: [{skill or group, has, needs (at least; below `has`: at most; null: no level of it alone would
 *                 do)}]}]}], next
 * data          > ixn or conn
 *               < interaction: row, data: {key: value} of attributes and user data, as they are or were at the end.
 *                 Values: integer, string, true/false, null, object (a nested list), {"us": n} (a time). A key that
 *                 stands twice is shown with its first value; secrets as "***".
 *
 * Acts are logged with who asked, journaled as events with actor and reason, and answered when they are durable. Each
 * takes `why`, a text.
 * reload        Reads strategies and directory again, as SIGHUP does.
 *               < strategies, directory as in status
 * load          > files (paths as the daemon sees them); none: as reload
 *               < images: [{file, image, strategies}]
 * activate      > point, image (digits of a hash, with ":STRATEGY" or without; or a strategy)
 *               < at, strategy, image, by_hand (true: kept over reloads and restarts)
 * drain         > cancel
 * end           > ixn or conn
 * log           > room ("all": of those that have none of their own), level
 * log-out, release-claim  > agent
 */
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

void admin_durable(struct admin *);                    /* daemon.durable_seq has moved on: acts may be answered */
void admin_replied(struct admin *, struct span frame); /* the core's Reply to an act */

#endif
