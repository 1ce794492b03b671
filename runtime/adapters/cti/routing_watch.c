/* runtime/adapters/cti/routing_watch.c - Timers of calls that wait for the core: at a routing point, at an IVR port,
 * or ringing at a party. */
#include <assert.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/ports.h"

/* Takes the call from the IVR and asks the core to route it; the call's stay at the switch goes on. */
static void port_give_back(struct cti *cti, struct call *call, const char *why)
{
    struct call_visit visit = call->visit;
    cti_log(cti, GCX_LOG_WARNING, call, "dn=%s: the IVR %s: the routing point has the call", visit.dn, why);
    struct cti_dn *dn = dns_find(&cti->dns, visit.dn);
    if (call->treatment_running != 0) cti->ops->stop_treatment(cti->self, call, call->treatment);
    port_release(cti, call, visit.dn, cause_dropped);
    uint64_t ivr = dn ? dn->ivr : 0;
    if (dn) dn->ivr = 0; /* the IVR did not answer, and must not get the call again */
    cti_route_request(cti, call, visit.dn, visit.id, NULL, NULL);
    if (dn) dn->ivr = ivr;
}

/* Gives the call to its routing point if the IVR is gone, or has requested nothing for `patience_us`. */
static void port_watch(struct cti *cti, struct call *call, int64_t patience_us)
{
    if (!port_is_served(cti, call->visit.dn))
        port_give_back(cti, call, "is gone");
    else if (call->treatment_running == 0 && cti->now_us - call->visit.since_us >= patience_us)
        port_give_back(cti, call, "says nothing");
}

/* Notes that the core works on the call, if it has stored the route request in its journal. The core may send nothing
 * for minutes, as during a selection of targets without treatments. A core that has no strategy for a request answers
 * it by RouteDefault. */
static void routing_note_taken(const struct cti *cti, struct call *call)
{
    if (cti->core_up && call->visit.posted != 0 && call->visit.posted <= cti->committed) call->instructed = true;
}

/* Sends the call to the default destinations if the core has not answered its request in time, or if the core that
 * works on the call has been away for too long. */
static void watch_visit(struct cti *cti, struct call *call)
{
    assert(cti->switch_up && call->visit.dn[0] != 0);
    const struct routing_point *point = routing_point_of(cti, call->visit.dn);
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

/* Pulls back a call that rings too long. Only the core knows how long a routed call may ring. While the core is
 * away, the adapter uses a limit of its own. */
static void watch_ringing(struct cti *cti, struct call *call)
{
    if (cti->core_up || call->last_point[0] == 0 || !cti->ops->deflect) return;
    for (unsigned i = 0; i < call->party_count; i++) {
        struct call_party *party = &call->parties[i];
        int64_t from_us = party->since_us > cti->core_lost_us ? party->since_us : cti->core_lost_us;
        if (party->state == PARTY_RINGING && !party->monitors && cti->now_us - from_us >= cti->no_answer_us) {
            party->since_us = cti->now_us; /* keeps the next tick from doing the same */
            cti_log(cti, GCX_LOG_INFO, call, "pull_back dn=%s to=%s: no answer, and the core is away", party->dn,
                    call->last_point);
            cti->ops->deflect(cti->self, 0, call, party->dn, call->last_point);
            return;
        }
    }
}

void routing_tick(struct cti *cti)
{
    if (!cti->switch_up) return; /* the switch is away; it has a last default destination of its own for such calls */
    for (struct call *call = cti->calls.first, *next; call; call = next) {
        next = call->next;
        if (call->visit.dn[0] != 0)
            watch_visit(cti, call);
        else
            watch_ringing(cti, call);
    }
}
