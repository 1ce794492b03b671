/* runtime/sim/bridge_faults.c - Simulates a link that breaks and comes back, the state reported then, and late
 * answers.
 *
 * While a link is down events are kept, effects are lost, and calls that wait too long are routed to their defaults,
 * as a T-Server does (LATE_DEFAULT, which contains the number of the absence for which it was planned). A source
 * that is down gives no answers. Late answers are on the bridge's agenda, too. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"

/* Posts the present state of a call, for a resync or as an answer. */
static void observed_call(struct bridge *b, const struct switch_call *call, uint64_t ref)
{
    static const enum party_change changes[] = {party_change_Queued,      party_change_Queued, party_change_Ringing,
                                                party_change_Established, party_change_Held,   party_change_Queued,
                                                party_change_Dialing};
    uint32_t agent = plan_agent_at(b->plan, call->dn);
    bool at_point = call->place == SWITCH_AT_ROUTING_POINT;
    const struct event_party party = {.dn = span_of(call->dn),
                                      .change = changes[call->place],
                                      .role = agent != NO_AGENT ? party_role_agent : party_role_device,
                                      .agent = agent == NO_AGENT ? NULL : b->plan->agents[agent].name};
    bridge_event(b, KIND_Observed, bridge_leg_of_call(b, call->id), ref);
    event_put_call_observed(&b->writer,
                            &(struct event_observed){.outbound = call->outbound,
                                                     .at_routing_point = at_point,
                                                     .ani = contract_caller(call->ani),
                                                     .dnis = call->dnis,
                                                     .dn = call->dn,
                                                     .party = at_point || call->place == SWITCH_LEFT ? NULL : &party,
                                                     .last_ref = call->treatment});
    bridge_post(b);
}

bool bridge_observe(struct bridge *b, uint64_t conn, uint64_t ref)
{
    const struct bridge_leg *leg = bridge_leg_of_conn(b, conn);
    const struct switch_call *call = !leg ? NULL : switch_call(b->sw, leg->call);
    if (call) observed_call(b, call, ref);
    return call != NULL;
}

/* Posts the state of agents, then calls, then sessions, between the two events that begin and end a resync. */
void bridge_resync(struct bridge *b)
{
    const struct switch_call *call;
    struct switch_device_row row;
    uint32_t cursor = 0;
    bridge_event(b, KIND_ResyncBegin, NULL, 0);
    bridge_post(b);
    while (switch_next_device(b->sw, &cursor, &row)) {
        if (row.agent[0] != '\0') {
            bridge_event(b, KIND_Observed, NULL, 0);
            event_put_agent_observed(&b->writer, row.agent, row.dn, row.state);
            bridge_post(b);
        }
    }
    cursor = 0;
    while ((call = switch_next_call(b->sw, &cursor))) observed_call(b, call, 0);
    bridge_observe_sessions(b);
    bridge_event(b, KIND_ResyncEnd, NULL, 0);
    bridge_post(b);
}

/* ---- faults ---- */

static void link_fault(struct bridge *b, bool down)
{
    if (down == b->down) return;
    b->down = down;
    if (down) {
        const struct switch_call *call;
        uint32_t cursor = 0;
        b->absences++;
        while ((call = switch_next_call(b->sw, &cursor)))
            agenda_add(&b->agenda, b->now_us + ROUTER_GRACE_US, LATE_DEFAULT, b->absences, call->id);
        bridge_event_of(b, SOURCE_HOST, KIND_LinkDown);
        writer_u(&b->writer, LinkDown_link, BRIDGE_LINK);
        writer_u(&b->writer, LinkDown_reason, down_reason_closed);
        bridge_post_of(b, "host");
        return;
    }
    bridge_link_up(b);
    for (size_t at = 0; at < b->held.length;) {
        size_t size = message_frame_size(b->held.bytes + at, b->held.length - at);
        bridge_push(b, (struct span){b->held.bytes + at, (uint32_t)size});
        at += size;
    }
    b->held.length = 0;
}

/* Sends a signal; a caller whose place is kept has no call, so the signal then names the interaction. */
void bridge_signal(void *self, uint32_t arrival, const char *name, json_t *data)
{
    struct bridge *b = self;
    struct bridge_leg *leg = bridge_leg_of_conn(b, bridge_conn(b, arrival));
    struct kv payload;
    if (!leg) return; /* the call has gone */
    struct bridge_leg away = {.ixn = b->ixns[arrival]};
    if (!switch_call(b->sw, leg->call)) leg = &away; /* whose place is kept */
    kv_init(&payload);
    values_to_kv(&payload, data);
    bridge_event(b, KIND_Signal, leg, 0);
    writer_text(&b->writer, Signal_name, name);
    writer_kv(&b->writer, Signal_payload, &payload);
    bridge_post(b);
    kv_free(&payload);
}

/* Makes a source or the link fail or work again; sources are found by name, and there is only one link. */
void bridge_fault(void *self, enum item_kind kind, const char *name, bool down)
{
    struct bridge *b = self;
    assert(b->sources_down_count <= SOURCES_DOWN_MAX);
    if (kind == ITEM_LINK) {
        link_fault(b, down);
        return;
    }
    for (unsigned i = 0; i < b->sources_down_count; i++) {
        if (strcmp(b->sources_down[i], name) == 0) {
            memmove(b->sources_down[i], b->sources_down[--b->sources_down_count], sizeof b->sources_down[0]);
            break;
        }
    }
    if (down && b->sources_down_count == SOURCES_DOWN_MAX)
        world_problem(b->world, 0, "more than %d sources are down at once: %s is not", SOURCES_DOWN_MAX, name);
    else if (down)
        (void)snprintf(b->sources_down[b->sources_down_count++], SCENARIO_NAME_MAX + 1, "%s", name);
}

/* ---- late answers ---- */

uint64_t bridge_next(const struct bridge *b)
{
    return agenda_next(&b->agenda);
}

/* Carries out everything that is due by now. An answer that finds the core's ring full is due again at once, after
 * the core's turn. */
void bridge_advance(struct bridge *b, uint64_t now_us)
{
    struct agenda_entry entry;
    b->now_us = now_us;
    while (agenda_take(&b->agenda, now_us, &entry)) {
        if (entry.kind == LATE_REPLY) {
            bridge_reply_submitted(b, entry.who, entry.what);
            continue;
        }
        if (entry.kind == LATE_STOP) {
            bridge_stop_submitted(b, entry.who, entry.what);
            continue;
        }
        if (entry.kind == LATE_WORK) {
            bridge_look_for_work(b, entry.what);
            continue;
        }
        if (entry.kind == LATE_RECORD) {
            bridge_record_due(b, entry.who);
            continue;
        }
        if (entry.kind == LATE_CAMPAIGN) {
            bridge_campaign(b, &b->plan->test->items[entry.who].campaign);
            continue;
        }
        if (entry.kind == LATE_ANSWER) {
            if (!bridge_answer_late(b, entry.who)) {
                agenda_add(&b->agenda, entry.at_us, LATE_ANSWER, entry.who, 0);
                return;
            }
        } else if (b->down && entry.who == b->absences &&
                   switch_route_default(b->sw, entry.what, b->plan->last, 0, now_us) == code_ok) {
            trace_say(b->trace, now_us, "tserver", world_arrival_of(b->world, entry.what), "the core is away too long");
        }
    }
}
