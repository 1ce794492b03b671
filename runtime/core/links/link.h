/* runtime/core/links/link.h - Links to adapters: up, down, and finding out again what is there.
 *
 * down > resync > up > grace > resync or down: where the adapter goes, and where it stays but its switch goes. While a
 * link is in grace or resync it is held: its waiting interactions keep their places, their timers do not fire, its
 * agents are not chosen. */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { ASKED_MAX = 1024 };
enum link_state { LINK_DOWN, LINK_RESYNC, LINK_UP, LINK_GRACE };

enum cap { /* what an adapter can, by its Hello */
           CAP_CALLS = 1 << 0,
           CAP_SESSIONS = 1 << 1,
           CAP_TREATMENTS = 1 << 2,
           CAP_PULL_BACK = 1 << 3,
           CAP_SET_AGENT = 1 << 4,
           CAP_DESKTOPS = 1 << 5,
           CAP_AGENT_MASTER = 1 << 6,
           CAP_RECORDING = 1 << 7,
           CAP_DIAL = 1 << 8,
           CAP_PREVIEW = 1 << 9,
};

struct link {
    uint32_t name, timer;
    uint32_t caps;
    uint8_t state;
    bool connected; /* the adapter is there */
    bool peer_down; /* its switch is not there */
    bool begun;     /* this resync has: it tells what is there */
    uint64_t instance;
    uint64_t grace_us, resync_us; /* as the host said when it came up last */
};

struct links {
    struct link all[LINKS_MAX];
    uint64_t asked[ASKED_MAX]; /* ConnIDs that QueryAddress is out for, a ring */
    uint32_t asked_count;
};

struct link *link_at(struct core *, unsigned source); /* NULL: not a link's source */
bool link_held(const struct core *, unsigned source); /* in grace or resync */
bool link_usable(const struct core *, unsigned source); /* effects may go there, or will when it is up again */
bool link_can(const struct core *, unsigned source, enum cap);

/* A ConnID is of the link that gave it, and names it: no link may speak of a new call by another's. */
static inline bool link_gave(unsigned source, uint64_t conn)
{
    return conn >> 48 == source;
}




#endif
