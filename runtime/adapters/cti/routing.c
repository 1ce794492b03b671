/* runtime/adapters/cti/routing.c - Routing without the core: default destinations, with a loop guard.
 *
 * A call that the core gave no first instruction for within answer_timeout, or whose core has been away for
 * router_grace, goes to its routing point's default destinations in order, then to the adapter's; a destination that
 * this call was sent to before is passed over; where none is left the call is rejected. While another core may lead, a
 * call that somebody has instructed is that one's, and takes no default. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/ports.h"
#include "runtime/vocabulary/bytes.h"

static const struct routing_point *point_of(const struct cti *cti, const char *number)
{
    const struct dn *dn = dns_find(&cti->dns, number);
    return dn && dn->point.configured ? &dn->point : NULL;
}

static const char *routing_next_of(const struct call *call, const struct destinations *list)
{
    for (unsigned i = 0; i < list->count; i++)
        if (!call_tried(call, list->names[i])) return list->names[i];
    return NULL;
}

static int64_t deadline(const struct cti *cti)
{
    return cti->now_us + ASK_US + 2 * cti->switch_lag_us;
}

/* The call still stands where it stood; the next destination is asked for, or the call is rejected. */
void routing_next(struct cti *cti, struct call *call)
{
    assert(call->visit.defaulting);
    assert(call->tried_count <= CALL_TRIED_MAX);
    const struct routing_point *point = point_of(cti, call->visit.dn);
    const struct asker asker = {0};
    const char *destination = !point ? NULL : routing_next_of(call, &point->defaults);
    if (!destination) destination = routing_next_of(call, &cti->defaults);
    /* A guard that is full guards no more. */
    if (!destination || call->tried_count == CALL_TRIED_MAX) {
        cti_log(cti, GCX_LOG_WARNING, call, "RouteDefault dn=%s: no destination is left, rejected", call->visit.dn);
        struct asker by = {.ixn = call->visit.default_ixn, .ref = call->visit.default_ref};
        if (by.ref != 0) post_done(cti, call, &by, outcome_error, code_rejected, "no default destination is left");
        call->visit.default_ref = 0;
        struct ask *ask = asks_add(&cti->asks, EXPECT_CALL_GONE, &asker, call->conn, call->visit.dn, deadline(cti));
        cti->ops->reject(cti->self, ask->id, call, call->visit.cause);
        return;
    }
    call_add_tried(call, destination);
    cti_log(cti, call_level(call), call, "RouteDefault dn=%s dest=%s cause=%s", call->visit.dn, destination,
            enum_name_cause(call->visit.cause));
    struct ask *ask = asks_add(&cti->asks, EXPECT_ROUTE_USED, &asker, call->conn, call->visit.dn, deadline(cti));
    text_set(ask->destination, sizeof ask->destination, destination);
    cti->ops->route(cti->self, ask->id, call, destination);
}

void routing_default(struct cti *cti, struct call *call, enum cause cause, uint64_t ixn, uint64_t ref)
{
    if (call->visit.defaulting) return;
    if (ref == 0) cti->services->defaulted(cti->link);
    call->visit.defaulting = true;
    call->visit.cause = cause;
    call->visit.default_ixn = ixn;
    call->visit.default_ref = ref;
    routing_next(cti, call);
}

/* The core that has the request durable works on the call, be it silently: a selection without treatments says nothing
 * for minutes. A request that it cannot serve it sends back by RouteDefault. */
static void routing_note_taken(const struct cti *cti, struct call *call)
{
    if (cti->core_up && call->visit.posted != 0 && call->visit.posted <= cti->committed) call->instructed = true;
}

/* A default that the lost link interrupted. Our own reasons are found again by the next tick; but who has been told by
 * the core waits for it, and it for us. */
void routing_again(struct cti *cti)
{
    for (struct call *call = cti->calls.first; call; call = call->next) {
        const struct visit *visit = &call->visit;
        if (visit->dn[0] != 0 && visit->default_ref != 0 && !asks_routing(&cti->asks, call->conn))
            routing_default(cti, call, visit->cause, visit->default_ixn, visit->default_ref);
    }
}

/* Two clocks: the core has not answered the request yet, or the core that works on the call has gone. */
static void watch_visit(struct cti *cti, struct call *call)
{
    assert(cti->switch_up && call->visit.dn[0] != 0);
    const struct routing_point *point = point_of(cti, call->visit.dn);
    int64_t answer_us = point && point->answer_timeout_us > 0 ? point->answer_timeout_us : cti->answer_timeout_us;
    int64_t grace_us = point && point->router_grace_us > 0 ? point->router_grace_us : cti->router_grace_us;
    if (call->visit.at_ivr) {
        port_watch(cti, call, answer_us);
        return;
    }
    routing_note_taken(cti, call);
    if (call->visit.defaulting || asks_routing(&cti->asks, call->conn)) return;
    if (!call->instructed && cti->now_us - call->visit.since_us >= answer_us)
        routing_default(cti, call, cause_answer_timeout, 0, 0);
    else if (call->instructed && !cti->core_up && cti->now_us - cti->core_lost_us >= grace_us)
        routing_default(cti, call, cause_router_gone, 0, 0);
}

/* Only the core knows how long a routed call may ring. While the core is away, the adapter has a limit of its own. */
static void watch_ringing(struct cti *cti, struct call *call)
{
    if (cti->core_up || call->last_point[0] == 0 || !cti->ops->deflect) return;
    for (unsigned i = 0; i < call->party_count; i++) {
        struct party *party = &call->parties[i];
        int64_t from_us = party->since_us > cti->core_lost_us ? party->since_us : cti->core_lost_us;
        if (party->state == PARTY_RINGING && !party->monitors && cti->now_us - from_us >= cti->no_answer_us) {
            party->since_us = cti->now_us; /* not again at the next tick */
            cti_log(cti, GCX_LOG_INFO, call, "pull_back dn=%s to=%s: no answer, and the core is away", party->dn,
                    call->last_point);
            cti->ops->deflect(cti->self, 0, call, party->dn, call->last_point);
            return;
        }
    }
}

void routing_tick(struct cti *cti)
{
    if (!cti->switch_up) return; /* there is nobody to ask: the switch has its own last default */
    for (struct call *call = cti->calls.first, *next; call; call = next) {
        next = call->next;
        if (call->visit.dn[0] != 0)
            watch_visit(cti, call);
        else
            watch_ringing(cti, call);
    }
}
