/* runtime/adapters/sip/orders.h - Orders to the exchange: each is put into a queue, and done once the running
 * handler is over.
 *
 * The call model makes requests while it goes through its own lists, or while a callback of a session runs: an order
 * done at once could free what either still reads. */
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
    uint8_t *list; /* the parameters, reasons, user data or text of Replaces */
    uint32_t list_length;
    struct exchange_order *next;
};

/* --- order_queue.c --- */

/* Queues an order about that call (NULL: none) and the telephone `dn` (NULL: none). */
struct exchange_order *order_add(struct exchange *, enum order_kind, uint64_t ask, const struct call *, const char *dn);
void order_list(struct exchange_order *, struct span list);
/* Sets the order's destination; an emergency number is replaced by its destination. */
void order_towards(const struct exchange *, struct exchange_order *, const char *to);
/* Queues a transfer that the leg's telephone asks for by REFER, so that it is not done within the session's handler. */
void order_transfer(struct leg *, const char *to);
/* Queues the completion of the leg's consultation. */
void order_completes(struct leg *, uint64_t ask);
/* Does at once the waiting order by which the leg's telephone, or its desktop, wants to hand its call on: the
 * telephone hangs up now. */
void order_hands_on(const struct leg *);
bool order_hands_over(enum party_ask); /* does an agent who makes this request leave the caller to others? */
/* Queues the end of the call. */
void order_clear(const struct talk *, enum cause);
/* Queues that the leg's telephone joins its two calls: the text of Replaces names the other one. */
void order_join(struct leg *, const struct pl *replaces);
void orders_forget(struct exchange *);

/* --- orders.c --- */

extern const struct cti_switch exchange_ops;
void order_do(struct exchange *, const struct exchange_order *);
