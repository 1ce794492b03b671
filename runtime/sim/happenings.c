/* runtime/sim/happenings.c - Keeps a pending route for each arrival, and reports its result when the switch reports
 * what happened.
 *
 * A test says what became of a call, while the switch reports what it did: the pending route connects the two. A
 * pending route begins when a call is routed by an instruction, is reported as `routed` when the target has the call,
 * and is dropped when the call asks for a route again. */
#include "runtime/sim/world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct pending {
    uint64_t at_us;
    char to[SWITCH_DN + 1]; /* "": none */
    bool together;          /* true: other telephones ring, too; the first to answer has the call */
};

struct happenings {
    const struct plan *plan;
    const struct world *world;
    struct trace *trace;
    struct pending *pending; /* by arrival */
};

struct happenings *happenings_new(const struct plan *plan, const struct world *world, struct trace *trace)
{
    struct happenings *h = memory_zeroed(1, sizeof *h);
    *h = (struct happenings){plan, world, trace, calloc(world_arrivals(world) + 1u, sizeof(struct pending))};
    assert(h->pending);
    return h;
}

void happenings_free(struct happenings *h)
{
    if (h) {
        free(h->pending);
        free(h);
    }
}

/* Finds the agent, queue or place at a DN, named as in tests. */
static void name_target(const struct happenings *h, const char *dn, const char **kind, const char **name)
{
    uint32_t agent = world_agent_at(h->world, dn), queue = plan_queue_at(h->plan, dn);
    uint32_t place = plan_place_at(h->plan, dn);
    *kind = agent != NO_AGENT ? "agent" : queue != NO_QUEUE ? "queue" : place != NO_PLACE ? "place" : "dn";
    *name = agent != NO_AGENT   ? h->plan->agents[agent].name
            : queue != NO_QUEUE ? h->plan->queues[queue].name
            : place != NO_PLACE ? h->plan->places[place].name
                                : dn;
}

static void happenings_note(struct happenings *h, uint64_t at_us, uint32_t arrival, const char *what, const char *dn)
{
    const char *kind = NULL, *name = NULL;
    if (dn) name_target(h, dn, &kind, &name);
    trace_happened(h->trace, at_us, arrival, what, kind, name, NULL);
}

static void arrived_at(struct happenings *h, uint32_t arrival, const char *dn)
{
    struct pending *p = &h->pending[arrival];
    if (p->to[0] != '\0' && (p->together || strcmp(p->to, dn) == 0)) {
        happenings_note(h, p->at_us, arrival, "routed", dn);
        p->to[0] = '\0';
    }
}

/* Is it the queue that only default destinations use? Over the wire the switch cannot know why the T-Server routed
 * there. */
static bool is_default(const struct happenings *h, const char *dn)
{
    return strcmp(dn, h->plan->last) == 0 && plan_queue_at(h->plan, dn) == NO_QUEUE;
}

/* Handles a report of the switch: it may end the pending route, begin one, or be reported by itself. */
void happenings_hear(struct happenings *h, const struct switch_report *r)
{
    uint32_t arrival = r->call == 0 ? NO_ARRIVAL : world_arrival_of(h->world, r->call);
    if (arrival == NO_ARRIVAL) return;
    struct pending *p = &h->pending[arrival];
    switch (r->kind) {
    case SWITCH_TRANSFERRED: {
        uint32_t consult = world_arrival_of(h->world, r->other);
        if (consult != NO_ARRIVAL && consult != arrival)
            *p = h->pending[consult]; /* the caller now goes where the consultation was going */
        happenings_note(h, r->at_us, arrival, "transferred", NULL);
        break;
    }
    case SWITCH_ROUTE_USED:
        if (r->how == route_how_instructed && !is_default(h, r->to)) {
            p->at_us = r->at_us;
            p->together = r->together;
            memcpy(p->to, r->to, sizeof p->to);
        } else {
            happenings_note(h, r->at_us, arrival, "defaulted", r->to);
        }
        break;
    case SWITCH_DELIVERED:
        happenings_note(h, r->at_us, arrival, "offered", r->dn);
        break;
    case SWITCH_ESTABLISHED:
        if (r->whisper) {
            trace_happened(h->trace, r->at_us, arrival, "whispered", r->whisper_prompt ? "prompt" : NULL, r->whisper,
                           NULL);
        }
        arrived_at(h, arrival, r->dn);
        break;
    case SWITCH_TREATMENT_ENDED:
        if (r->cause == cause_interrupted) happenings_note(h, r->at_us, arrival, "interrupted", NULL);
        break;
    case SWITCH_QUEUED:
        arrived_at(h, arrival, r->dn);
        break;
    case SWITCH_ROUTE_REQUEST:
        p->to[0] = '\0';
        break;
    case SWITCH_CLEARED:
        if (r->cause == cause_abandoned) happenings_note(h, r->at_us, arrival, "abandoned", NULL);
        break;
    default:
        break;
    }
}
