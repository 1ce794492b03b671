/* runtime/sim/bridge.c - Turns the reports of the simulated switch into the events of a T-Server.
 *
 * Each call has a leg here: its ConnID, the core's interaction once known, and whether the core has been told of it.
 * Legs are indexed by their call's slot in the switch, which is reused for a later call; a ConnID is never reused,
 * and `calls` says which call it belonged to. Before the first event about a call the core gets EventCallCreated
 * (bridge_created).
 *
 * The order within one report matters to expectations: first the core gets it, then the world, then the happenings
 * (bridge_hear). While the link is down events are kept in order and posted when it is up again. */
#include "runtime/sim/bridge.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "base/memory.h"

struct bridge *bridge_new(const struct plan *plan, const struct image *image, struct trace *trace, uint64_t first_conn)
{
    assert(plan && image && trace);
    struct bridge *b = memory_zeroed(1, sizeof *b);
    b->plan = plan;
    b->image = image;
    b->trace = trace;
    b->first_conn = b->last_conn = first_conn;
    b->instance = 1;
    writer_init(&b->writer);
    writer_init(&b->held);
    kv_init(&b->kv);
    refusing_init(&b->refusing);
    return b;
}

void bridge_free(struct bridge *b)
{
    if (!b) return;
    for (uint32_t i = 0; i < b->late_count; i++) free(b->late[i].frame);
    free(b->late);
    free(b->legs);
    free(b->conns);
    free(b->told);
    free(b->records);
    free(b->ixns);
    free(b->calls);
    free(b->booked);
    free(b->submissions);
    free(b->stops);
    free(b->handed);
    agenda_free(&b->agenda);
    writer_free(&b->writer);
    writer_free(&b->held);
    kv_free(&b->kv);
    refusing_free(&b->refusing);
    free(b);
}

void bridge_begin(struct bridge *b, struct partition *partition, struct sim_switch *sw, struct world *world,
                  struct happenings *happenings)
{
    assert(!b->conns && partition && world);
    b->partition = partition;
    b->sw = sw;
    b->world = world;
    b->happenings = happenings;
    b->arrivals = world_arrivals(world);
    b->conns = memory_zeroed(b->arrivals + 1u, sizeof *b->conns);
    b->told = memory_zeroed(b->arrivals + 1u, sizeof *b->told);
    b->ixns = memory_zeroed(b->arrivals + 1u, sizeof *b->ixns);
    b->records = memory_zeroed(b->arrivals + 1u, sizeof *b->records);
}

/* ---- calls ---- */

/* Posts the first event about a call; a consultation names its main call. */
static void bridge_created(struct bridge *b, struct bridge_leg *leg)
{
    const struct switch_call *call = switch_call(b->sw, leg->call);
    char id[24];
    if (leg->created) return;
    leg->created = true;
    uint64_t main = call && call->main != 0 ? bridge_leg_of_call(b, call->main)->conn : 0;
    leg = bridge_leg_of_call(b, !call ? leg->call : call->id); /* the array of legs may have been reallocated */
    (void)snprintf(id, sizeof id, "%" PRIu64, leg->call);
    bool internal = call && call->origin[0] != '\0';
    bridge_event(b, KIND_EventCallCreated, leg, 0);
    event_put_created(&b->writer, &(struct event_created){.type = main != 0  ? call_type_consult
                                                                  : internal ? call_type_internal
                                                                             : call_type_inbound,
                                                          .origin = internal ? call->origin : NULL,
                                                          .call_id = id,
                                                          .ani = !call ? NULL : contract_caller(call->ani),
                                                          .dnis = !call ? NULL : call->dnis,
                                                          .prev_conn = main,
                                                          .data = bridge_data(b, bridge_leg_arrival(b, leg))});
    bridge_post(b);
}

/* Posts a change of a party; its role depends on the DN; a caller who gives up has the role of the customer. */
static void bridge_party(struct bridge *b, const struct switch_report *r, const struct bridge_leg *leg,
                         enum party_change change)
{
    uint32_t agent = plan_agent_at(b->plan, r->dn);
    const struct switch_call *call = switch_call(b->sw, r->call);
    enum party_role role = agent != NO_AGENT ? party_role_agent : party_role_device;
    /* this agent may be another one than the one for whom the telephone was made */
    const char *there = switch_agent_at(b->sw, r->dn);
    bridge_event(b, KIND_EventParty, leg, 0);
    event_put_party(&b->writer,
                    &(struct event_party){.dn = span_of(r->dn),
                                          .change = change,
                                          .role = change == party_change_Abandoned ? party_role_customer : role,
                                          .agent = agent == NO_AGENT  ? NULL
                                                   : there[0] != '\0' ? there
                                                                      : b->plan->agents[agent].name,
                                          .other_dn = !call ? NULL : contract_caller(call->ani),
                                          .to = r->to,
                                          .queue = r->queue,
                                          .cause = r->cause});
    bridge_post(b);
}

/* Adds the result of an application, and the keys that the caller pressed if they are secret. */
static void found_out(struct bridge *b, const struct switch_report *r)
{
    const struct switch_call *call = switch_call(b->sw, r->call);
    bool over = r->kind == SWITCH_TREATMENT_ENDED;
    json_t *result = over && call && call->result ? json_loads(call->result, 0, NULL) : NULL;
    kv_clear(&b->kv);
    values_to_kv(&b->kv, result);
    if (r->secret && r->digits[0] != '\0') {
        kv_put(&b->kv, span_of("digits"),
               &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of(r->digits)});
    }
    writer_kv(&b->writer, EventTreatment_result, &b->kv);
    json_decref(result);
}

static void bridge_treatment(struct bridge *b, const struct switch_report *r, const struct bridge_leg *leg,
                             enum treatment_change change)
{
    bridge_event(b, KIND_EventTreatment, leg, r->treatment);
    writer_u(&b->writer, EventTreatment_change, change);
    if (!r->secret) writer_text(&b->writer, EventTreatment_digits, r->digits);
    found_out(b, r);
    event_put_recording(&b->writer, r);
    writer_u(&b->writer, EventTreatment_cause, change == treatment_change_End ? r->cause : 0);
    bridge_post(b);
}

/* The consultation and its main call have become one: requests about either now concern the joint call. */
static void bridge_transferred(struct bridge *b, const struct switch_report *r, const struct bridge_leg *leg)
{
    const struct bridge_leg *consult = bridge_leg_of_call(b, r->other);
    uint32_t arrival = bridge_leg_arrival(b, consult);
    uint64_t prev_conn = consult->conn;
    if (arrival != NO_ARRIVAL) b->conns[arrival] = leg->conn;
    bridge_event(b, KIND_EventPartyChanged, leg, 0);
    writer_conn(&b->writer, EventPartyChanged_prev_conn, prev_conn);
    writer_u(&b->writer, EventPartyChanged_how, party_how_transfer);
    bridge_post(b);
}

/* Kinds of reports that only change a party. */
static const uint8_t party_changes[] = {
    [SWITCH_QUEUED] = party_change_Queued,     [SWITCH_DIVERTED] = party_change_Diverted,
    [SWITCH_DELIVERED] = party_change_Ringing, [SWITCH_ESTABLISHED] = party_change_Established,
    [SWITCH_PUT_ON_HOLD] = party_change_Held,  [SWITCH_RETRIEVED] = party_change_Retrieved,
    [SWITCH_ORIGINATED] = party_change_Dialing};

/* Posts the event for one report of the switch, as runtime/adapters/tserver posts it over the wire. */
static void bridge_about_a_call(struct bridge *b, const struct switch_report *r)
{
    struct bridge_leg *leg = bridge_leg_of_call(b, r->call);
    bridge_created(b, leg);
    switch (r->kind) {
    case SWITCH_ROUTE_REQUEST:
        if (b->down) agenda_add(&b->agenda, b->now_us + ANSWER_TIMEOUT_US, LATE_DEFAULT, b->absences, r->call);
        bridge_dial_over(b, leg, cause_ok);
        bridge_event(b, KIND_EventRouteRequest, leg, r->invoke);
        writer_text(&b->writer, EventRouteRequest_dn, r->dn);
        bridge_post(b);
        break;
    case SWITCH_ROUTE_USED:
        bridge_event(b, KIND_EventRouteUsed, leg, r->invoke);
        event_put_route_used(&b->writer, r->dn, span_of(r->to), r->how);
        bridge_post(b);
        break;
    case SWITCH_TREATMENT_STARTED:
        bridge_treatment(b, r, leg, treatment_change_Applied);
        break;
    case SWITCH_TREATMENT_ENDED:
        bridge_treatment(b, r, leg, treatment_change_End);
        break;
    case SWITCH_TRANSFERRED:
        bridge_transferred(b, r, leg);
        break;
    case SWITCH_CLEARED:
        bridge_party(b, r, leg, r->cause == cause_abandoned ? party_change_Abandoned : party_change_Released);
        break;
    case SWITCH_CALL_CLEARED:
        bridge_dial_over(b, leg, r->cause);
        bridge_event(b, KIND_EventCallDeleted, leg, 0);
        writer_u(&b->writer, EventCallDeleted_cause, r->cause);
        bridge_post(b);
        break;
    default:
        if (r->kind < sizeof party_changes && party_changes[r->kind])
            bridge_party(b, r, leg, (enum party_change)party_changes[r->kind]);
        break;
    }
}

static void about_an_agent(struct bridge *b, const struct switch_report *r)
{
    bool asked = r->invoke != 0 && r->invoke == b->state_ref && strcmp(r->agent, b->state_agent) == 0;
    /* the interaction whose strategy asked for this state */
    const struct bridge_leg whose = {.ixn = asked ? b->state_ixn : 0};
    bridge_event(b, KIND_EventAgentState, &whose, r->invoke);
    event_put_agent(&b->writer, r->agent, r->dn, media_voice, r->state, r->work_mode);
    bridge_post(b);
}

/* Handles the switch's reports; true: there were some, so the core may now react. */
bool bridge_hear(struct bridge *b, uint64_t now_us)
{
    struct switch_report r;
    bool any = false;
    b->now_us = now_us;
    while (switch_report(b->sw, &r)) {
        any = true;
        if (r.kind == SWITCH_AGENT)
            about_an_agent(b, &r);
        else
            bridge_about_a_call(b, &r);
        world_hear(b->world, &r);
        happenings_hear(b->happenings, &r);
    }
    return any;
}
