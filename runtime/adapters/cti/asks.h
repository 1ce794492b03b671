/* runtime/adapters/cti/asks.h - Questions to the switch or the core that have no answer yet, and who asked them.
 *
 *     client's request, core's effect --> ask --+-- the fact that it expects: answered, the fact names the asker
 *                                               +-- the switch refuses
 *                                               +-- its call ends, or its client goes
 *                                               '-- its deadline
 *
 * A client's request and an effect of the core are answered by the fact that shows what they asked for, or by an error.
 * An ask says which fact that is; the oldest that matches takes it. So each is answered exactly once. The table owns
 * the asks; each stands in three chains: of all, of its call, of its number. */
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
    EXPECT_RESULT,   /* the service's own answer */
    EXPECT_AGENT,    /* the agent in the state */
    EXPECT_REPLY,    /* the core's */
    EXPECT_DATA,     /* the core's change of the data, to which it has agreed */
    EXPECT_ACCEPTED, /* the core's reply to the yes of an agent who was invited */
    EXPECT_REJECTED,
    EXPECT_TREATMENT, /* the begin of a treatment that an IVR has asked for */
    EXPECT_MONITORS,
    EXPECT_MUTED, /* the service's own answer */
    EXPECT_UNMUTED,
    EXPECT_RECORD, /* the core's reply to what an agent says of a record */
};

/* The asker: a client (client, reference), or the core (ixn, ref), or the adapter itself. */
struct cti_asker {
    uint64_t client, reference;
    uint64_t ixn, ref;
};

/* With many calls there are many asks: those of a call, or of a number, are found without looking at all asks. */
enum ask_chains { ASK_ALL, ASK_BY_CONN, ASK_BY_ID, ASK_CHAINS };
enum { ASK_BUCKETS = 1024 };

struct ask {
    uint64_t id; /* the ask's number, which the switch's refusal names */
    enum expect expect;
    struct cti_asker asker;
    uint64_t conn;
    uint64_t claim;       /* the claim of an invitation; or the record's number */
    unsigned record_kind; /* row of records.def */
    char dn[NAME_SIZE];
    enum agent_state state;
    enum call_op op;             /* what is asked of a recording */
    char destination[NAME_SIZE]; /* the route's destination; or the record's campaign */
    int64_t deadline_us;
    struct ask *next[ASK_CHAINS], *previous[ASK_CHAINS];
};

struct ask_chain { /* in the order asked */
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

/* Takes out the oldest ask that matches: `dn` NULL or `conn` 0 match any. The caller frees it; NULL: there is none. */
struct ask *asks_take(struct asks *, enum expect, uint64_t conn, const char *dn);
struct ask *asks_take_agent(struct asks *, const char *dn, enum agent_state);
struct ask *asks_take_id(struct asks *, uint64_t id);
/* Has the open ask of that id wait for that fact of that call from now on. */
void asks_expect(struct asks *, uint64_t id, enum expect, uint64_t conn);
struct ask *asks_take_reply(struct asks *, uint64_t client, uint64_t reference);
struct ask *asks_take_conn(struct asks *, uint64_t conn);
struct ask *asks_take_due(struct asks *, int64_t now_us);
/* Takes out an ask that the switch was to answer, unless it outlives the loss of the link, like the core's routes and
 * pull-backs, which are asked for again when the switch is there. */
struct ask *asks_take_switch(struct asks *);
bool ask_outlives_link(const struct ask *);
struct ask *asks_take_core(struct asks *);
/* Is a route of this call under way? */
bool asks_routing(const struct asks *, uint64_t conn);
/* Counts the asks that wait in the client's name. */
unsigned asks_of_client(const struct asks *, uint64_t client);
void asks_forget_client(struct asks *, uint64_t client);
void asks_forget_core(struct asks *); /* forgets that the core has asked: its asks get no answer */
