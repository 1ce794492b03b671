/* runtime/adapters/cti/asks.h - Asks: requests to the switch or the core that have no answer yet, with the one who
 * made them.
 *
 *     client's request, core's effect --> ask --+-- the fact that it expects: answered, the fact names the asker
 *                                               +-- the switch refuses
 *                                               +-- its call ends, or its client goes
 *                                               '-- its deadline
 *
 * A client's request and an effect of the core are answered by the fact that shows the result, or by an error. An
 * ask names that fact; of all asks that match a fact the oldest takes it. So each request is answered exactly once.
 * The table owns the asks; each is in three chains: of all, of its call, of its number. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/call.h"

enum expect {
    EXPECT_ROUTE_USED,
    EXPECT_ROUTE_REQUEST, /* the route request of a call that was pulled back */
    EXPECT_ESTABLISHED,
    EXPECT_HELD,
    EXPECT_RETRIEVED,
    EXPECT_RELEASED,
    EXPECT_DIALING,
    EXPECT_DIALLED, /* a dialled call, under the ConnID that it was given */
    EXPECT_CALL_GONE,
    EXPECT_LEFT,     /* the end of the consultation that a desktop has set aside */
    EXPECT_RESULT,   /* the service's own answer */
    EXPECT_AGENT,    /* the fact that the agent has the requested state */
    EXPECT_REPLY,    /* the core's reply */
    EXPECT_DATA,     /* the change of user data by the core, which has agreed to it */
    EXPECT_ACCEPTED, /* the core's reply when an invited agent has accepted */
    EXPECT_REJECTED,
    EXPECT_TREATMENT, /* the begin of a treatment that an IVR has requested */
    EXPECT_MONITORS,
    EXPECT_MUTED, /* the service's own answer */
    EXPECT_UNMUTED,
    EXPECT_SENT,   /* the service's own answer */
    EXPECT_RECORD, /* the core's reply to an agent's statement about an outbound record */
    EXPECT_MAY,    /* the core's reply whether a supervisor may listen; it is asked of the switch then */
};

/* Who made the request: a client (client, reference), the core (ixn, ref), or, all 0, the adapter itself. */
struct cti_asker {
    uint64_t client, reference;
    uint64_t ixn, ref;
};

/* There may be many asks: those of a call, or with a number, are found without searching all asks. */
enum ask_chains { ASK_ALL, ASK_BY_CONN, ASK_BY_ID, ASK_CHAINS };
enum { ASK_BUCKETS = 1024 };

struct ask {
    uint64_t id; /* the ask's number, by which the switch names it in a refusal */
    enum expect expect;
    struct cti_asker asker;
    uint64_t conn;
    uint64_t claim;       /* the claim of an invitation, or the number of an outbound record */
    unsigned record_kind; /* row of records.def */
    enum party_op how;    /* how a supervisor listens */
    char dn[NAME_SIZE];
    enum agent_state state;
    enum call_op op;             /* the operation on a recording */
    char destination[NAME_SIZE]; /* the route's destination, the campaign of an outbound record, or the agent's DN */
    int64_t deadline_us;
    struct ask *next[ASK_CHAINS], *previous[ASK_CHAINS];
};

struct ask_chain { /* in the order of their making */
    struct ask *first, *last;
};

struct asks { /* zero: empty */
    struct ask_chain all, by_conn[ASK_BUCKETS], by_id[ASK_BUCKETS];
    uint64_t next_id;
    unsigned count;
};

void asks_free(struct asks *);
struct ask *asks_add(struct asks *, enum expect, const struct cti_asker *, uint64_t conn, const char *dn,
                     int64_t deadline_us);

/* Removes the oldest ask that matches: `dn` NULL or `conn` 0 match any. The caller frees the ask; NULL: no ask
 * matches. */
struct ask *asks_take(struct asks *, enum expect, uint64_t conn, const char *dn);
struct ask *asks_take_agent(struct asks *, const char *dn, enum agent_state);
struct ask *asks_take_id(struct asks *, uint64_t id);
/* Makes the open ask with that id wait for that fact of that call from now on. */
void asks_expect(struct asks *, uint64_t id, enum expect, uint64_t conn);
struct ask *asks_take_reply(struct asks *, uint64_t client, uint64_t reference);
struct ask *asks_take_conn(struct asks *, uint64_t conn);
struct ask *asks_take_due(struct asks *, int64_t now_us);
/* Removes an ask that the switch was to answer, unless it outlives the loss of the link, like the core's routes and
 * pull-backs, which are requested again when the switch is back. */
struct ask *asks_take_switch(struct asks *);
bool ask_outlives_link(const struct ask *);
struct ask *asks_take_core(struct asks *);
/* Is a route of this call under way? */
bool asks_routing(const struct asks *, uint64_t conn);
/* Counts the open asks of the client. */
unsigned asks_of_client(const struct asks *, uint64_t client);
void asks_forget_client(struct asks *, uint64_t client);
void asks_forget_core(struct asks *); /* forgets which asks the core has made: they get no answer */
