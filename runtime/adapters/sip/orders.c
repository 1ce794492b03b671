/* runtime/adapters/sip/orders.c - The orders of the call model, and how each order is done.
 *
 *     call model                 queue                      exchange
 *     .route()   --- order_add_route() --- ORDER_ROUTE ---> route_talk()
 *     .treat()   --- order_add_treat() --- ORDER_TREAT ---> treatment_begin()
 *     .party()   --- order_add_party() --- ORDER_PARTY ---> control_asks()
 *
 * All texts are copied into the order, since the call may have ended when the order is done. If the call has ended, its
 * order is dropped: the end of the call has answered the request already. */
#include "runtime/adapters/sip/orders.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"

/* --- Orders are done --- */

/* Changes the state of an agent; the state survives the process in a file, which must then be written (keep.c). */
static void order_agent(struct exchange *exchange, const struct exchange_order *order)
{
    struct cti *cti = &exchange->cti;
    if (!telephones_find(&exchange->telephones, order->dn)) {
        cti_refused(cti, order->ask, code_invalid_dn, "there is no such telephone");
        return;
    }
    cti_agent(cti, order->agent, order->dn, order->queue, order->state, order->mode,
              (struct span){order->list, order->list_length});
    exchange->keep_due = true;
}

static void order_dial(struct exchange *exchange, const struct exchange_order *order)
{
    const struct dialled dialled = {.from = order->dn,
                                    .to = order->to,
                                    .caller_id = order->caller_id,
                                    .conn = order->conn,
                                    .ring_ms = order->ring_ms,
                                    .predictive = order->predictive,
                                    .back = order->back,
                                    .data = {order->list, order->list_length}};
    dial_asked(exchange, order->ask, &dialled);
}

static void order_treat(struct talk *talk, const struct exchange_order *order)
{
    struct treatment_ask ask = {.ref = order->ref,
                                .type = order->type,
                                .dn = order->dn,
                                .language = order->language,
                                .params = {order->list, order->list_length},
                                .secret = order->secret};
    struct call *call = talk_call(talk);
    if (!talk->redirecting.only)
        treatment_begin(talk, &ask);
    else if (call)
        cti_not_applied(&talk->exchange->cti, call, ask.ref, code_unsupported,
                        "calls of this routing point are only decided here, and not answered");
}

static void order_of_call(struct talk *talk, const struct exchange_order *order)
{
    switch (order->kind) {
    case ORDER_ROUTE:
        route_talk(talk, order->ask, order->to, (struct span){order->list, order->list_length});
        break;
    case ORDER_CLEAR:
        talk_clear(talk, order->cause);
        break;
    case ORDER_TREAT:
        order_treat(talk, order);
        break;
    case ORDER_STOP:
        treatment_stop(talk, order->ref);
        break;
    case ORDER_PARTY:
        control_asks(talk, order->ask, order->dn, order->what, order->to);
        break;
    case ORDER_DEFLECT:
        route_back(talk, order->ask, order->dn, order->to);
        break;
    case ORDER_JOIN:
        replaces_join(talk, order->dn, &(struct pl){(const char *)order->list, order->list_length});
        break;
    case ORDER_AGENT:
    case ORDER_DIAL:
        assert(false);
    }
}

void order_do(struct exchange *exchange, const struct exchange_order *order)
{
    struct talk *talk = order->id[0] ? talk_find(exchange, order->id) : NULL;
    cti_clock(&exchange->cti);
    if (order->kind == ORDER_AGENT)
        order_agent(exchange, order);
    else if (order->kind == ORDER_DIAL)
        order_dial(exchange, order);
    else if (talk)
        order_of_call(talk, order); /* without the call nothing is done: the call's end has answered the order */
}

/* --- Orders are put into the queue --- */

static void order_add_route(void *self, uint64_t ask, const struct call *call, const char *destination)
{
    struct exchange_order *order = order_add(self, ORDER_ROUTE, ask, call, NULL);
    char also[CALL_ALSO * NAME_SIZE];
    uint32_t length = 0;
    text_set(order->to, sizeof order->to, destination);
    for (unsigned at = 0; at < call->also_count; at++) {
        uint32_t size = (uint32_t)strlen(call->also[at]) + 1;
        memcpy(also + length, call->also[at], size);
        length += size;
    }
    order_list(order, (struct span){(const uint8_t *)also, length});
}

static void order_add_clear(void *self, uint64_t ask, const struct call *call, enum cause cause)
{
    order_add(self, ORDER_CLEAR, ask, call, NULL)->cause = cause;
}

static void order_add_treat(void *self, const struct call *call, const struct treatment_ask *ask)
{
    struct exchange_order *order = order_add(self, ORDER_TREAT, 0, call, ask->dn);
    order->ref = ask->ref;
    order->type = ask->type;
    order->secret = ask->secret;
    text_set(order->language, sizeof order->language, ask->language);
    order_list(order, ask->params);
}

static void order_add_stop(void *self, const struct call *call, uint64_t ref)
{
    order_add(self, ORDER_STOP, 0, call, NULL)->ref = ref;
}

static void order_add_party(void *self, uint64_t ask, const struct call *call, const char *dn, enum party_ask what,
                            const char *to)
{
    struct exchange_order *order = order_add(self, ORDER_PARTY, ask, call, dn);
    order->what = what;
    if (to && what < ASK_LISTEN)
        order_towards(self, order, to);
    else if (to)
        text_set(order->to, sizeof order->to, to);
}

static void order_add_deflect(void *self, uint64_t ask, const struct call *call, const char *dn, const char *to)
{
    struct exchange_order *order = order_add(self, ORDER_DEFLECT, ask, call, dn);
    text_set(order->to, sizeof order->to, to);
}

static void order_add_agent(void *self, uint64_t ask, const struct agent_ask *change)
{
    struct exchange_order *order = order_add(self, ORDER_AGENT, ask, NULL, change->dn);
    order->state = change->state;
    order->mode = change->work_mode;
    text_set(order->agent, sizeof order->agent, change->agent);
    if (change->queue) text_set(order->queue, sizeof order->queue, change->queue);
    order_list(order, change->reasons);
}

static void order_add_call(void *self, uint64_t ask, const char *dn, const char *to)
{
    order_towards(self, order_add(self, ORDER_DIAL, ask, NULL, dn), to);
}

/* Queues an order to dial. Without a valid correlator the call gets a ConnID of its own. The time for which the call
 * may ring comes in microseconds and is kept in milliseconds, the unit of the loop's timers; 0 stands for the usual
 * time. */
static void order_add_dial(void *self, uint64_t ask, const struct dial_ask *dial)
{
    struct exchange_order *order = order_add(self, ORDER_DIAL, ask, NULL, dial->origin);
    order_towards(self, order, dial->number);
    text_set(order->caller_id, sizeof order->caller_id, dial->caller_id);
    if (!ident_read_conn(dial->correlator, &order->conn)) order->conn = 0;
    order->predictive = dial->predictive;
    order->back = dial->back;
    order_list(order, dial->data);
    order->ring_ms = dial->ring_us > 0 ? (uint64_t)dial->ring_us / 1000 : 0;
}

const struct cti_switch exchange_ops = {
    .route = order_add_route,
    .reject = order_add_clear,
    .treat = order_add_treat,
    .stop_treatment = order_add_stop,
    .party = order_add_party,
    .deflect = order_add_deflect,
    .clear = order_add_clear,
    .agent = order_add_agent,
    .make_call = order_add_call,
    .dial = order_add_dial,
    .record = recorder_order,
    .rings_together = true,
    .takes_over = true,
    .judges_hand_overs = true,
};
