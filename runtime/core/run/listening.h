/* runtime/core/run/listening.h - Supervisors who listen to the calls of agents, each at a telephone of their own.
 *
 *     listening_ask()        a supervisor asks: the link of the call is told to call the telephone, or to let it go
 *     listening_on_party()   the link reports: the telephone rings, it hears the call, it has left
 *     listening_observed()   a resync names the telephones that still listen
 *
 * A supervisor who listens is no party of the call and no agent: no claim, no capacity and no state of an agent knows
 * of it. The part owns one row per telephone that listens, from the first report of the link until the last one, or
 * until the interaction ends. The link is the master: a listener whom it does not name in a resync is gone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { LISTENERS_MAX = 1000 };

struct listener_word {
    uint8_t length;
    uint8_t bytes[NAME_BYTES_MAX];
};

struct listener {
    uint64_t ixn;
    uint64_t since_us;               /* logical time of the first report */
    uint8_t how;                     /* enum party_op: listen, whisper, join or take_over */
    uint8_t state;                   /* enum party_change: Established, Held, or how far the telephone is called */
    struct listener_word dn, of, by; /* the telephone, the agent's DN, and the supervisor's name */
};

struct listeners {
    struct listener *all;
    uint32_t count, capacity;
};

/* A supervisor's request: listens to the agent at the telephone `dn`, changes how, or, with party_op_remove, listens no
 * longer; then an empty `dn` means each telephone of this supervisor at the agent's calls. */
struct listen_ask {
    struct span agent, dn;
    enum party_op how;
};

/* Can the switch of the call do what a supervisor asks for, as its adapter has announced? */
bool listening_can(const struct core *, const struct interaction *, enum party_op how);
/* Asks the link, whose answer replies to the request. Returns the id of the agent's call; 0: the request is refused,
 * and the reply was sent. */
uint64_t listening_ask(struct core *, const struct message *request, const struct listen_ask *);
/* The same rules for a client at the switch, which does the rest itself: may it? `ask` names the agent by the
 * telephone, and `agent` receives who that is, or AGENT_NONE. The core knows of the listener by the link's report.
 * Returns why not, a sentence; NULL: nothing is against it. */
const char *listening_against(const struct core *, const struct message *request, const struct interaction *,
                              const struct listen_ask *, uint32_t *agent);
/* Takes the report about a telephone that listens; one that holds the call listens on. */
void listening_on_party(struct core *, struct interaction *, const struct message *);
/* Removes the interaction's listeners whose telephones are not among the parties of a resync. */
void listening_observed(struct core *, const struct interaction *, struct span parties);
/* Returns the next row of the interaction from `*at` on, and moves `*at` behind it; NULL: there is none. */
const struct listener *listening_next(const struct listeners *, uint64_t ixn, uint32_t *at);
/* The bytes of a word; valid as long as its row. */
struct span listening_word(const struct listener_word *);
