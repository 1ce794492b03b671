/* runtime/adapters/cti/routing.c - Routing without the core: default destinations, with a loop guard.
 *
 * A call to which the core gave no first instruction within answer_timeout, or whose core has been away for
 * router_grace, goes to its routing point's default destinations in order, then to the adapter's; a destination that
 * the call was sent to before is skipped; if none is left the call is rejected. While another core may lead, a call
 * that some core has instructed belongs to that core, and goes to no default destination. */
#include <assert.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/bytes.h"

const struct routing_point *routing_point_of(const struct cti *cti, const char *number)
{
    const struct cti_dn *dn = dns_find(&cti->dns, number);
    return dn && dn->point.configured ? &dn->point : NULL;
}

static const char *routing_next_of(const struct call *call, const struct destinations *list)
{
    for (unsigned i = 0; i < list->count; i++)
        if (!call_tried(call, list->names[i])) return list->names[i];
    return NULL;
}

static int64_t routing_deadline(const struct cti *cti)
{
    return cti->now_us + ASK_US + 2 * cti->switch_lag_us;
}

/* Sends the call, which is still where it was, to the next default destination, or rejects it if none is left. */
void routing_next(struct cti *cti, struct call *call)
{
    assert(call->visit.defaulting);
    assert(call->tried_count <= CALL_TRIED_MAX);
    const struct routing_point *point = routing_point_of(cti, call->visit.dn);
    const struct cti_asker asker = {0};
    const char *destination = !point ? NULL : routing_next_of(call, &point->defaults);
    if (!destination) destination = routing_next_of(call, &cti->defaults);
    /* The list of tried destinations is full, so loops could no longer be detected. */
    if (!destination || call->tried_count == CALL_TRIED_MAX) {
        cti_log(cti, GCX_LOG_WARNING, call, "RouteDefault dn=%s: no destination is left, rejected", call->visit.dn);
        struct cti_asker by = {.ixn = call->visit.default_ixn, .ref = call->visit.default_ref};
        if (by.ref != 0) post_done(cti, call, &by, outcome_error, code_rejected, "no default destination is left");
        call->visit.default_ref = 0;
        struct ask *ask =
            asks_add(&cti->asks, EXPECT_CALL_GONE, &asker, call->conn, call->visit.dn, routing_deadline(cti));
        cti->ops->reject(cti->self, ask->id, call, call->visit.cause);
        return;
    }
    call_add_tried(call, destination);
    cti_log(cti, call_level(call), call, "RouteDefault dn=%s dest=%s cause=%s", call->visit.dn, destination,
            enum_name_cause(call->visit.cause));
    struct ask *ask =
        asks_add(&cti->asks, EXPECT_ROUTE_USED, &asker, call->conn, call->visit.dn, routing_deadline(cti));
    text_set(ask->destination, sizeof ask->destination, destination);
    call->also_count = 0;
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

/* Goes on with default routes that the loss of the link has interrupted. The next tick finds again calls that are
 * due by our own timers; but a default route that the core requested must be repeated here, as the core waits for
 * it. */
void routing_again(struct cti *cti)
{
    for (struct call *call = cti->calls.first; call; call = call->next) {
        const struct call_visit *visit = &call->visit;
        if (visit->dn[0] != 0 && visit->default_ref != 0 && !asks_routing(&cti->asks, call->conn))
            routing_default(cti, call, visit->cause, visit->default_ixn, visit->default_ref);
    }
}
