/* runtime/core/links/link.h - Links to adapters: up, down, and resync, in which the adapter reports again which
 * calls and agents it has.
 *
 *              LinkUp            ResyncEnd            lost, or its switch is
 *     DOWN --------------> RESYNC --------> UP ----------------------> GRACE
 *       ^                    ^                                          |  |
 *       |                    '------------------- back again -----------'  |
 *       '------------------------- grace is over --------------------------'
 *
 * A link in grace or resync is held: its waiting interactions keep their places, their timers do not fire, and
 * selection does not take its agents. The table owns the links; a link's number is its source of events, and stays
 * the same when the adapter disconnects. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/message.h"

enum { ASKED_MAX = 1024 };
enum link_state { LINK_DOWN, LINK_RESYNC, LINK_UP, LINK_GRACE };

struct link {
    uint32_t name, timer;
    uint32_t caps;
    struct media_set serves; /* media that the link's agents serve even without a DN for them: see link_announces() */
    uint8_t state;
    bool connected; /* the adapter is there */
    bool peer_down; /* true: the adapter has lost its switch */
    bool begun;     /* true: the resync has begun: the adapter reports its calls and agents */
    bool audited;   /* true: the core has asked for an audit that has not ended */
    uint64_t instance;
    uint64_t grace_us, resync_us; /* microseconds, as the host set them when the link came up last */
    uint64_t audit_us;            /* time between two audits, in microseconds; 0: there are no audits */
};

struct links {
    const struct names *names;
    struct timers *timers;
    struct link all[LINKS_MAX];
    uint64_t asked[ASKED_MAX]; /* a ring of the last ConnIDs about which QueryAddress asked */
    uint32_t asked_count;
};

struct link *link_at(struct links *, unsigned source);  /* returns NULL if `source` is not a link's source */
bool link_held(const struct links *, unsigned source);  /* in grace or resync */
bool link_there(const struct links *, unsigned source); /* True: the link is connected now, up or in resync */
/* True: effects may be sent to the link now, or when it is up again */
bool link_usable(const struct links *, unsigned source);
/* True: the link is not down, and its adapter has announced the capability. */
bool link_can(const struct links *, unsigned source, enum cap);

/* True: the adapter had the capability when the link was up last. */
bool link_could(const struct links *, unsigned source, enum cap);

/* Returns a link that has the capability: `first` if it has, else the first such link; 0: none. */
unsigned link_that_can(const struct links *, unsigned first, enum cap);
/* Notes the capabilities and media that the adapter announces. Agents who are logged in at a DN of the link serve
 * all these media; at a link of desktops, only those for which they have logged in. If the adapter announces no
 * media, agents serve all media. */
void link_announces(struct link *, struct span caps, struct span media);
/* returns all media if `source` is no link's source */
struct media_set link_serves(const struct links *, unsigned source);

/* True: a link of desktops without a switch; the core decides the states of its agents. */
bool link_is_desk(const struct links *, unsigned source);

/* A ConnID belongs to the link that gave it, and its upper bits name this link. No link may report a new call under
 * another link's ConnID. */
static inline bool link_gave(unsigned source, uint64_t conn)
{
    return conn >> 48 == source;
}
