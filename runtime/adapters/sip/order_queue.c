/* runtime/adapters/sip/order_queue.c - The queue of orders that wait until the running callback is over.
 *
 *     callback of a leg --> order_add() ... returns --> loop --> orders_on_time() --> on_order()
 *
 * The oldest order is done first. The call model asks for things while a callback of a leg is still running; doing
 * them at once could free that leg. An order has its own copy of its list, and is freed after it was done. */
#include "runtime/adapters/sip/orders.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/leg.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* Does an order, after taking it out of the queue, because doing it may add new orders or do another order early. */
static void order_is_due(struct exchange *exchange, struct exchange_order *before, struct exchange_order *order)
{
    *(before ? &before->next : &exchange->first_order) = order->next;
    if (!order->next) exchange->last_order = before;
    exchange->on_order(exchange, order);
    free(order->list);
    free(order);
}

static void orders_on_time(void *self)
{
    struct exchange *exchange = self;
    while (exchange->first_order) order_is_due(exchange, NULL, exchange->first_order);
}

/* Does this request take the agent who makes it out of the call, so that others go on with the caller? A conference
 * counts, because its members may leave. */
bool order_hands_over(enum party_ask what)
{
    return what == ASK_TRANSFER || what == ASK_COMPLETE || what == ASK_CONFERENCE;
}

/* Does the leg's waiting transfer early: a telephone that hangs up right after its REFER must find the transfer
 * done. The transfer is taken out of the queue wherever it is. */
void order_hands_on(const struct leg *leg)
{
    struct exchange *exchange = leg->talk->exchange;
    struct exchange_order *before = NULL, *order = exchange->first_order;
    for (; order; before = order, order = order->next) {
        bool hands_on = order->kind == ORDER_JOIN || (order->kind == ORDER_PARTY && order_hands_over(order->what));
        if (hands_on && strcmp(order->dn, leg->dn) == 0) break;
    }
    if (order) order_is_due(exchange, before, order);
}

struct exchange_order *order_add(struct exchange *exchange, enum order_kind kind, uint64_t ask, const struct call *call,
                                 const char *dn)
{
    struct exchange_order *order = memory_zeroed(1, sizeof *order);
    order->kind = kind;
    order->ask = ask;
    if (call) text_set(order->id, sizeof order->id, call->id);
    if (dn) text_set(order->dn, sizeof order->dn, dn);
    *(exchange->last_order ? &exchange->last_order->next : &exchange->first_order) = order;
    exchange->last_order = order;
    if (!exchange->orders.rings) alarm_set(&exchange->orders, 0, orders_on_time, exchange);
    return order;
}

/* Copies the list into the order, because the bytes of whoever gives it are gone when the order is done. */
void order_list(struct exchange_order *order, struct span list)
{
    if (list.length == 0) return;
    order->list = memory_zeroed(list.length, 1);
    memcpy(order->list, list.bytes, list.length);
    order->list_length = list.length;
}

/* Sets the destination. An emergency number is replaced by its destination here, once, so that all later functions
 * see the same number. */
void order_towards(const struct exchange *exchange, struct exchange_order *order, const char *to)
{
    const char *emergency = setting_emergency(&exchange->setting, to);
    text_set(order->to, sizeof order->to, emergency ? emergency : to);
}

static struct exchange_order *order_add_leg(const struct leg *leg, enum party_ask what, uint64_t ask)
{
    struct talk *talk = leg->talk;
    struct exchange_order *order = order_add(talk->exchange, ORDER_PARTY, ask, NULL, leg->dn);
    text_set(order->id, sizeof order->id, talk->id);
    order->what = what;
    return order;
}

void order_transfer(struct leg *leg, const char *to)
{
    order_towards(leg->talk->exchange, order_add_leg(leg, ASK_TRANSFER, 0), to);
}

void order_completes(struct leg *leg, uint64_t ask)
{
    order_add_leg(leg, ASK_COMPLETE, ask);
}

void order_clear(const struct talk *talk, enum cause cause)
{
    struct exchange_order *order = order_add(talk->exchange, ORDER_CLEAR, 0, NULL, NULL);
    text_set(order->id, sizeof order->id, talk->id);
    order->cause = cause;
}

void order_join(struct leg *leg, const struct pl *replaces)
{
    struct talk *talk = leg->talk;
    struct exchange_order *order = order_add(talk->exchange, ORDER_JOIN, 0, NULL, leg->dn);
    text_set(order->id, sizeof order->id, talk->id);
    order_list(order, (struct span){(const uint8_t *)replaces->p, (uint32_t)replaces->l});
}

void orders_forget(struct exchange *exchange)
{
    alarm_stop(&exchange->orders);
    for (struct exchange_order *order; (order = exchange->first_order);) {
        exchange->first_order = order->next;
        free(order->list);
        free(order);
    }
    exchange->last_order = NULL;
}
