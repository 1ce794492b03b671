/* runtime/adapters/cti/asks.c - The list of open asks: short, as each lives for milliseconds. */
#include "runtime/adapters/cti/asks.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/memory.h"

static struct ask *take(struct asks *asks, struct ask **at)
{
    struct ask *ask = *at;
    *at = ask->next;
    if (asks->last == &ask->next) {
        asks->last = at;
    }
    ask->next = NULL;
    asks->count--;
    return ask;
}

void asks_free(struct asks *asks)
{
    while (asks->first != NULL) {
        free(take(asks, &asks->first));
    }
}

struct ask *asks_add(struct asks *asks, enum expect expect, const struct asker *asker, uint64_t conn, const char *dn,
                     int64_t deadline_us)
{
    struct ask *ask = memory_zeroed(1, sizeof *ask);
    ask->id = ++asks->next_id;
    ask->expect = expect;
    ask->asker = *asker;
    ask->conn = conn;
    text_set(ask->dn, sizeof ask->dn, dn);
    ask->deadline_us = deadline_us;
    if (asks->first == NULL) {
        asks->last = &asks->first;
    }
    *asks->last = ask;
    asks->last = &ask->next;
    asks->count++;
    return ask;
}

/* Walks over the list; each function below is a loop with another test. */
#define EACH_ASK(asks, at)                                                                                             \
    struct ask **at = &(asks)->first;                                                                                  \
    *at != NULL;                                                                                                       \
    at = &(*at)->next

struct ask *asks_take(struct asks *asks, enum expect expect, uint64_t conn, const char *dn)
{
    for (EACH_ASK(asks, at)) {
        const struct ask *ask = *at;
        if (ask->expect == expect && (conn == 0 || ask->conn == conn) && (dn == NULL || strcmp(ask->dn, dn) == 0)) {
            return take(asks, at);
        }
    }
    return NULL;
}

struct ask *asks_take_agent(struct asks *asks, const char *dn, enum agent_state state)
{
    for (EACH_ASK(asks, at)) {
        if ((*at)->expect == EXPECT_AGENT && (*at)->state == state && strcmp((*at)->dn, dn) == 0) {
            return take(asks, at);
        }
    }
    return NULL;
}

struct ask *asks_take_id(struct asks *asks, uint64_t id)
{
    for (EACH_ASK(asks, at)) {
        if ((*at)->id == id) {
            return take(asks, at);
        }
    }
    return NULL;
}

struct ask *asks_take_reply(struct asks *asks, uint64_t client, uint64_t reference)
{
    for (EACH_ASK(asks, at)) {
        const struct ask *ask = *at;
        if (ask->expect == EXPECT_REPLY && ask->asker.client == client && ask->asker.reference == reference) {
            return take(asks, at);
        }
    }
    return NULL;
}

struct ask *asks_take_conn(struct asks *asks, uint64_t conn)
{
    for (EACH_ASK(asks, at)) {
        if ((*at)->conn == conn) {
            return take(asks, at);
        }
    }
    return NULL;
}

struct ask *asks_take_due(struct asks *asks, int64_t now_us)
{
    for (EACH_ASK(asks, at)) {
        if ((*at)->deadline_us <= now_us) {
            return take(asks, at);
        }
    }
    return NULL;
}

static bool of_core(const struct ask *ask)
{
    return ask->expect == EXPECT_REPLY || ask->expect == EXPECT_DATA;
}

bool ask_outlives_link(const struct ask *ask)
{
    return ask->asker.ref != 0 && (ask->expect == EXPECT_ROUTE_USED || ask->expect == EXPECT_ROUTE_REQUEST);
}

struct ask *asks_take_switch(struct asks *asks)
{
    for (EACH_ASK(asks, at)) {
        if (!of_core(*at) && !ask_outlives_link(*at)) {
            return take(asks, at);
        }
    }
    return NULL;
}

struct ask *asks_take_core(struct asks *asks)
{
    for (EACH_ASK(asks, at)) {
        if (of_core(*at)) {
            return take(asks, at);
        }
    }
    return NULL;
}

bool asks_routing(const struct asks *asks, uint64_t conn)
{
    for (const struct ask *ask = asks->first; ask != NULL; ask = ask->next) {
        if (ask->expect == EXPECT_ROUTE_USED && ask->conn == conn) {
            return true;
        }
    }
    return false;
}

unsigned asks_of_client(const struct asks *asks, uint64_t client)
{
    unsigned count = 0;
    for (const struct ask *ask = asks->first; ask != NULL; ask = ask->next) {
        count += ask->asker.client == client;
    }
    return count;
}

void asks_forget_client(struct asks *asks, uint64_t client)
{
    /* What it asked for still happens; only nobody is left to be answered. */
    for (struct ask *ask = asks->first; ask != NULL; ask = ask->next) {
        if (ask->asker.client == client) {
            ask->asker.client = ask->asker.reference = 0;
        }
    }
}
