/* runtime/adapters/sip/orders.h - Orders to the exchange: each is noted, and done once the loop is back.
 *
 * The call model asks from within its own walks, and callbacks of sessions lead to it: an order that were done at once
 * could free what either of them still reads. */
#pragma once

#include "runtime/adapters/sip/exchange.h"

enum order_kind {
    ORDER_ROUTE,
    ORDER_CLEAR,
    ORDER_TREAT,
    ORDER_STOP,
    ORDER_PARTY,
    ORDER_DEFLECT,
    ORDER_AGENT,
    ORDER_DIAL,
    ORDER_JOIN
};

struct exchange_order {
    enum order_kind kind;
    uint64_t ask;
    char id[NAME_SIZE]; /* the call's */
    char dn[NAME_SIZE], to[ADDRESS_SIZE], caller_id[ADDRESS_SIZE], agent[NAME_SIZE], queue[NAME_SIZE],
        language[NAME_SIZE];
    enum party_ask what;
    enum cause cause;
    enum agent_state state;
    enum work_mode mode;
    uint64_t ref, conn, ring_ms;
    enum treatment type;
    bool secret, predictive, back;
    uint8_t *list; /* parameters, reasons, user data, the text of Replaces */
    uint32_t list_length;
    struct exchange_order *next;
};

/* --- order_queue.c --- */

/* Notes an order about that call, and about the telephone `dn`; NULL: about none. */
struct exchange_order *order_add(struct exchange *, enum order_kind, uint64_t ask, const struct call *, const char *dn);
void order_list(struct exchange_order *, struct span list);
/* An agent's wish for a number of emergencies is one for its destination. */
void order_towards(const struct exchange *, struct exchange_order *, const char *to);
/* The telephone of that leg has asked for a transfer, which is done outside of its session's handlers. */
void order_transfer(struct leg *, const char *to);
/* The consultation of that leg is completed once the loop is back. */
void order_completes(struct leg *, uint64_t ask);
/* The telephone of that leg is put down: what it, or its desktop, has asked for to hand its call on is done before. */
void order_hands_on(const struct leg *);
bool order_hands_over(enum party_ask); /* would whoever asks this leave the caller to somebody else? */
/* The call is to end, once the loop is back. */
void order_clear(const struct talk *, enum cause);
/* The telephone of that leg has asked to join the calls that it has: the text of Replaces names the other one. */
void order_join(struct leg *, const struct pl *replaces);
void orders_forget(struct exchange *);

/* --- orders.c --- */

extern const struct cti_switch exchange_ops;
void order_do(struct exchange *, const struct exchange_order *);
