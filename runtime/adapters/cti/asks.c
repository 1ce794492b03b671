/* runtime/adapters/cti/asks.c - The list of open asks: short, as each lives for milliseconds.
 *
 * Each ask is in three chains, because three searches are frequent: by call, for the oldest ask that expects this
 * fact (asks for agents' states are found by a hash of the DN); by number, for the ask that the switch refuses; over
 * all asks in their order, for those that are due. A bucket holds asks of several keys, so each ask found there is
 * compared in full.
 *
 *     all       a1 <--> a2 <--> a3 <--> a4        in the order of their making
 *     by_conn   [17] a1 <--> a4   [40] a2 <--> a3
 *     by_id     [1] a1  [2] a2  [3] a3  [4] a4
 *
 * An ask has three pairs of pointers in itself, one for each chain. So removing an ask needs no search. Whoever
 * takes an ask out owns it, and frees it. */
#include "runtime/adapters/cti/asks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

static void chain_add(struct ask_chain *chain, struct ask *ask, enum ask_chains which)
{
    assert(!chain->first == !chain->last);
    ask->next[which] = NULL;
    ask->previous[which] = chain->last;
    *(chain->last ? &chain->last->next[which] : &chain->first) = ask;
    chain->last = ask;
}

static void chain_remove(struct ask_chain *chain, struct ask *ask, enum ask_chains which)
{
    struct ask *next = ask->next[which], *previous = ask->previous[which];
    assert((previous || chain->first == ask) && (next || chain->last == ask)); /* the ask is in this chain */
    *(previous ? &previous->next[which] : &chain->first) = next;
    *(next ? &next->previous[which] : &chain->last) = previous;
}

static unsigned asks_bucket_of(uint64_t key)
{
    return (unsigned)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % ASK_BUCKETS;
}

static uint64_t asks_number_of(const char *text)
{
    uint64_t number = 0;
    for (; *text != 0; text++) number = number * 31 + (unsigned char)*text;
    return number;
}

/* The chain for the ask's ConnID. A request for an agent's state does not count to the call for which it was made. */
static struct ask_chain *chain_of(struct asks *asks, const struct ask *ask)
{
    return &asks->by_conn[asks_bucket_of(ask->expect == EXPECT_AGENT ? asks_number_of(ask->dn) : ask->conn)];
}

static struct ask *asks_take_out(struct asks *asks, struct ask *ask)
{
    assert(ask->id != 0 && ask->id <= asks->next_id);
    chain_remove(&asks->all, ask, ASK_ALL);
    chain_remove(chain_of(asks, ask), ask, ASK_BY_CONN);
    chain_remove(&asks->by_id[asks_bucket_of(ask->id)], ask, ASK_BY_ID);
    assert(asks->count > 0);
    asks->count--;
    return ask;
}

void asks_free(struct asks *asks)
{
    while (asks->all.first) free(asks_take_out(asks, asks->all.first));
}

struct ask *asks_add(struct asks *asks, enum expect expect, const struct cti_asker *asker, uint64_t conn,
                     const char *dn, int64_t deadline_us)
{
    struct ask *ask = memory_zeroed(1, sizeof *ask);
    ask->id = ++asks->next_id;
    ask->expect = expect;
    ask->asker = *asker;
    ask->conn = conn;
    text_set(ask->dn, sizeof ask->dn, dn);
    ask->deadline_us = deadline_us;
    chain_add(&asks->all, ask, ASK_ALL);
    chain_add(chain_of(asks, ask), ask, ASK_BY_CONN);
    chain_add(&asks->by_id[asks_bucket_of(ask->id)], ask, ASK_BY_ID);
    asks->count++;
    return ask;
}

/* Loops over all asks, or over those that may be about one ConnID; the functions below differ only in their test. */
#define EACH_ASK(asks, ask) for (struct ask *ask = (asks)->all.first; ask; ask = ask->next[ASK_ALL])
#define EACH_ASK_OF(asks, conn, ask)                                                                                   \
    for (struct ask *ask = (asks)->by_conn[asks_bucket_of(conn)].first; ask; ask = ask->next[ASK_BY_CONN])

/* `conn` 0 matches every call; `dn` NULL matches every DN. */
struct ask *asks_take(struct asks *asks, enum expect expect, uint64_t conn, const char *dn)
{
    enum ask_chains which = conn != 0 ? ASK_BY_CONN : ASK_ALL;
    struct ask *ask = conn != 0 ? asks->by_conn[asks_bucket_of(conn)].first : asks->all.first;
    for (; ask; ask = ask->next[which])
        if (ask->expect == expect && (conn == 0 || ask->conn == conn) && (!dn || strcmp(ask->dn, dn) == 0))
            return asks_take_out(asks, ask);
    return NULL;
}

struct ask *asks_take_agent(struct asks *asks, const char *dn, enum agent_state state)
{
    EACH_ASK_OF (asks, asks_number_of(dn), ask)
        if (ask->expect == EXPECT_AGENT && ask->state == state && strcmp(ask->dn, dn) == 0)
            return asks_take_out(asks, ask);
    return NULL;
}

static struct ask *asks_of_id(const struct asks *asks, uint64_t id)
{
    struct ask *ask = asks->by_id[asks_bucket_of(id)].first;
    while (ask && ask->id != id) ask = ask->next[ASK_BY_ID];
    return ask;
}

struct ask *asks_take_id(struct asks *asks, uint64_t id)
{
    struct ask *ask = asks_of_id(asks, id);
    return ask ? asks_take_out(asks, ask) : NULL;
}

/* Makes the ask wait for that fact of that call: only now the switch has said which call it is, so the ask moves to
 * that call's chain. */
void asks_expect(struct asks *asks, uint64_t id, enum expect expect, uint64_t conn)
{
    struct ask *ask = asks_of_id(asks, id);
    if (!ask) return;
    chain_remove(chain_of(asks, ask), ask, ASK_BY_CONN);
    ask->expect = expect;
    ask->conn = conn;
    chain_add(chain_of(asks, ask), ask, ASK_BY_CONN);
}

static bool of_core(const struct ask *ask)
{
    return ask->expect == EXPECT_REPLY || ask->expect == EXPECT_DATA || ask->expect == EXPECT_ACCEPTED ||
           ask->expect == EXPECT_REJECTED || ask->expect == EXPECT_RECORD || ask->expect == EXPECT_MAY;
}

struct ask *asks_take_reply(struct asks *asks, uint64_t client, uint64_t reference)
{
    EACH_ASK (asks, ask)
        if (of_core(ask) && ask->expect != EXPECT_DATA && ask->asker.client == client &&
            ask->asker.reference == reference)
            return asks_take_out(asks, ask);
    return NULL;
}

struct ask *asks_take_conn(struct asks *asks, uint64_t conn)
{
    EACH_ASK_OF (asks, conn, ask)
        if (ask->conn == conn && ask->expect != EXPECT_AGENT) return asks_take_out(asks, ask);
    return NULL;
}

struct ask *asks_take_due(struct asks *asks, int64_t now_us)
{
    EACH_ASK (asks, ask)
        if (ask->deadline_us <= now_us) return asks_take_out(asks, ask);
    return NULL;
}

/* Does the ask stay open if the link to the switch is lost? True for the core's routes and pull-backs: they are
 * requested again when the switch is back. */
bool ask_outlives_link(const struct ask *ask)
{
    return ask->asker.ref != 0 && (ask->expect == EXPECT_ROUTE_USED || ask->expect == EXPECT_ROUTE_REQUEST);
}

struct ask *asks_take_switch(struct asks *asks)
{
    EACH_ASK (asks, ask)
        if (!of_core(ask) && !ask_outlives_link(ask)) return asks_take_out(asks, ask);
    return NULL;
}

struct ask *asks_take_core(struct asks *asks)
{
    EACH_ASK (asks, ask)
        if (of_core(ask)) return asks_take_out(asks, ask);
    return NULL;
}

bool asks_routing(const struct asks *asks, uint64_t conn)
{
    const struct ask *ask = asks->by_conn[asks_bucket_of(conn)].first;
    for (; ask; ask = ask->next[ASK_BY_CONN])
        if (ask->expect == EXPECT_ROUTE_USED && ask->conn == conn) return true;
    return false;
}

unsigned asks_of_client(const struct asks *asks, uint64_t client)
{
    unsigned count = 0;
    for (const struct ask *ask = asks->all.first; ask; ask = ask->next[ASK_ALL]) count += ask->asker.client == client;
    return count;
}

void asks_forget_core(struct asks *asks)
{
    EACH_ASK (asks, ask) ask->asker.ixn = ask->asker.ref = 0;
}

void asks_forget_client(struct asks *asks, uint64_t client)
{
    /* the client's requests still happen, but their results go to no client */
    EACH_ASK (asks, ask)
        if (ask->asker.client == client) ask->asker.client = ask->asker.reference = 0;
}
