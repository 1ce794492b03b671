/* runtime/daemon/links/links.h - The adapters' links: a Unix socket, a TLS port if one is configured, and the core's
 * end of the protocol for each connection.
 *
 * Owns the listeners, the connections and the numbers of names (file `links` in the state folder). An adapter is let
 * in by its peer credentials (root, or the daemon's own user), or, if remote, by its certificate (remote.h), and by
 * its name, which must be that of a configured adapter without a link.
 *
 * Invariants: a name keeps its number while it is configured, because ConnIDs and the numbers of events contain it;
 * a number is durable before its first event; at most one connection per name is up. Everything runs on the loop's
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapter/protocol.h"
#include "runtime/daemon/base/log.h"
#include "runtime/daemon/engine/engine.h"
#include "runtime/daemon/links/intake.h"
#include "runtime/daemon/site/conf.h"
#include "base/error.h"

struct daemon_links;
struct event_base;

struct links_options {
    struct event_base *base;
    struct engine *engine;
    const struct log *log;
    const struct conf *conf; /* borrowed */
    /* Called when a link came up or went down. */
    void (*changed)(void *self, const char *adapter, bool up);
    void (*stop)(void *self, const char *why); /* nothing more can be made durable: the process must end */
    void *self;
};

struct link_row {
    const char *name;
    unsigned link;
    bool up;
    uint64_t since_us;         /* wall clock */
    unsigned breaches;         /* of the protocol, lately */
    struct link_counts counts; /* counts of the present connection, or of the last one */
    /* neighbours and figures, also of the last connection; valid until the loop's next turn */
    const struct told *told;
};

struct daemon_links *links_new(const struct links_options *, struct error *); /* listens */
void links_free(struct daemon_links *); /* frees the links; connections that are left end at once */

/* Takes items that the core's thread has put into the handover. */
void links_effect(struct daemon_links *, unsigned link, struct span frame);
void links_committed(struct daemon_links *, unsigned link, uint64_t seq);
void links_room(struct daemon_links *); /* the ring has room again: offers again the events that were held back */

/* True: adapters may still bring events of the past, that is, from before now. An adapter either has written bytes that
 * are not read yet, for which there is room; or it has just lost its connection, or had one with the previous process,
 * and will connect again and send the events it has kept. */
bool links_unread(const struct daemon_links *);

/* Sends Bye to all and lets no connection in any more. */
void links_close(struct daemon_links *);

bool links_read(const struct daemon_links *, size_t index, struct link_row *);
/* An adapter that the configuration no longer has, while the core still has its interactions or claims. */
struct removed_row {
    const char *name;
    uint32_t interactions, claims; /* of agents */
};
bool links_removed_read(const struct daemon_links *, size_t index, struct removed_row *);
const struct intake *links_intake(const struct daemon_links *);

/* The number of the core's journal that adapters are told. */
uint64_t links_journal(const struct core *);
