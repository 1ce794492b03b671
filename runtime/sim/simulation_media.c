/* runtime/sim/simulation_media.c - E-mails and chats of a simulation: they are submitted to the queue of their flow,
 * agents accept and end them, customers leave chats, and free agents pull what a strategy has parked in a queue.
 *
 * A submitted interaction has no leg: its owner in the core determines where it is, and each change of the owner is
 * reported as a fact (media_owned). An agent who owns it works on it for a random time, and then stops it. An
 * interaction that a strategy has put into a queue without a strategy is parked: free agents look for it after a
 * second and then every half minute, and pull the oldest. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/scenario/scenario.h"
#include "runtime/sim/events.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"

enum { MEDIA_CLIENT = 1, LOOKS_AGAIN_US = 30000000 };

void media_free(struct simulation *s)
{
    free(s->parked);
}

/* ---- arrivals ---- */

/* Submits a chat, with its session's ConnID, or an e-mail without one. */
void media_arrives(struct simulation *s, uint32_t slot)
{
    assert(slot < s->call_count && s->calls[slot].submitted);
    struct simulated_call *call = &s->calls[slot];
    bool session = media_is_conversation(call_medium(s, call));
    char id[48], from[48];
    if (session)
        lookup_add(&s->by_conn, slot);
    else
        call->conn = 0;
    struct writer *w = simulation_event(s, KIND_Submit, session ? call : NULL, 0);
    writer_u(w, ENVELOPE_client, MEDIA_CLIENT);
    writer_u(w, ENVELOPE_req, slot + 1u);
    (void)snprintf(id, sizeof id, "<%llu@sim.invalid>", (unsigned long long)call->number);
    (void)snprintf(from, sizeof from, "customer%llu@example.org", (unsigned long long)call->index + 1);
    const struct scenario_arrival *as = answers_of_call(call);
    event_put_submit(w, &(struct event_submit){.medium = call_medium(s, call),
                                               .external_id = id,
                                               .queue = s->sources[call->flow].dn,
                                               .online = session,
                                               .from = from,
                                               .to = answers_called(s, call),
                                               .subject = as ? as->subject : NULL,
                                               .body = session ? NULL : "text",
                                               .received_us = s->plan->start_us + (int64_t)s->now_us,
                                               .data = answers_data(s, as)});
    simulation_post(s);
}

void media_replied(struct simulation *s, const struct message *reply)
{
    uint64_t number = message_u(reply, ENVELOPE_req);
    if (message_u(reply, ENVELOPE_client) != MEDIA_CLIENT || message_u(reply, Reply_outcome) != outcome_ok) return;
    assert(number > 0 && number <= s->call_count);
    struct simulated_call *call = &s->calls[number - 1];
    if (call->ixn != 0) return;
    call->ixn = message_u(reply, ENVELOPE_ixn);
    lookup_add(&s->by_ixn, (uint32_t)number - 1);
}

/* ---- sessions ---- */

static void simulation_party(struct simulation *s, const struct simulated_call *call, struct span dn,
                             enum party_role role, enum party_change change)
{
    uint32_t agent = agent_of_dn(s, dn);
    event_put_party(
        simulation_event(s, KIND_EventParty, call, 0),
        &(struct event_party){
            .dn = dn, .change = change, .role = role, .agent = agent != NOBODY ? s->agents[agent].name : NULL});
    simulation_post(s);
}

static void simulation_session_ends(struct simulation *s, struct simulated_call *call)
{
    if (call->closed) return;
    call->closed = true;
    struct writer *w = simulation_event(s, KIND_EventSessionEnded, call, 0);
    writer_u(w, EventSessionEnded_cause, cause_ok);
    event_put_text(w, EventSessionEnded_transcript, "text");
    simulation_post(s);
}

void media_left(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    if (call->closed) return;
    sim_count_call_ends(s, call, false, true);
    simulation_party(s, call, (struct span){0}, party_role_customer, party_change_Abandoned);
    simulation_session_ends(s, call);
}

/* The session is routed to an agent, who joins it at once. */
static void simulation_session_routed(struct simulation *s, const struct simulated_call *call,
                                      const struct message *effect)
{
    struct span dest = message_text(effect, RequestRouteCall_dest);
    event_put_route_used(simulation_event(s, KIND_EventRouteUsed, call, message_u(effect, ENVELOPE_ref)), NULL, dest,
                         route_how_instructed);
    simulation_post(s);
    simulation_party(s, call, dest, party_role_agent, party_change_Established);
}

/* ---- effects ---- */

/* Carries out effects about sessions and messages; false: the effect is about a call. */
bool media_effect(struct simulation *s, const struct message *effect)
{
    uint32_t slot;
    bool session = lookup_find(&s->by_conn, message_u(effect, ENVELOPE_conn), &slot) && s->calls[slot].submitted;
    switch (effect->kind) {
    case KIND_AddRecord:
    case KIND_NoteConsent:
    case KIND_CancelRecord:
    case KIND_SendMessage:
    case KIND_Classify:
        answers_text(s, effect);
        return true;
    case KIND_RequestRouteCall:
        if (session) simulation_session_routed(s, &s->calls[slot], effect);
        return session;
    case KIND_CloseSession:
        if (session) simulation_session_ends(s, &s->calls[slot]);
        return true;
    case KIND_RequestParty:
        return session;
    default:
        return false;
    }
}

/* ---- owners ---- */

static void simulation_media_park(struct simulation *s, uint32_t slot)
{
    assert(slot < s->call_count);
    s->parked = memory_more(s->parked, s->parked_count, sizeof *s->parked);
    s->parked[s->parked_count++] = slot;
    if (!s->calls[slot].closed) call_waits(s, slot);
    sim_media_look(s);
}

/* Handles a change of owner: to an agent, to a strategy's queue, or to a queue without a strategy. */
void media_owned(struct simulation *s, uint32_t slot)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    struct interaction_row row;
    if (!core_find(s->core, call->ixn, &row)) return;
    uint32_t agent = span_is(row.owner_kind, "agent") ? simulation_agent(s, row.owner) : NOBODY;
    if (agent != NOBODY && agent == call->agent) return;
    sim_media_unpark(s, slot);
    call_loses_agent(s, call);
    if (agent != NOBODY) {
        call_gets_agent(s, call, agent);
        sim_count_call_ends(s, call, true, false);
        call_moves(call, TALKING);
        agenda_add(&s->agenda, s->now_us + call_talk_us(s, call), DEED_RELEASE, slot, call_turn(call));
        return;
    }
    call_moves(call, AT_POINT);
    if (!span_is(row.state, "queued") || sim_flow_of_dn(s, row.owner) != NOBODY)
        return; /* a strategy has the interaction now, or will soon */
    if (span_is(row.outcome, "failed")) sim_count_defaulted(s, call);
    simulation_media_park(s, slot);
}

void media_done(struct simulation *s, uint32_t slot)
{
    assert(slot < s->call_count);
    const struct simulated_call *call = &s->calls[slot];
    event_put_stop(simulation_event(s, KIND_RequestStop, NULL, 0), call->ixn, s->agents[call->agent].name);
    simulation_post(s);
}

/* Returns the next agent at work who has no interaction; NOBODY: none. */
static uint32_t free_agent(struct simulation *s, uint32_t *left)
{
    for (; *left > 0; --*left) {
        uint32_t number = s->puller++ % s->agent_count;
        const struct simulated_agent *agent = &s->agents[number];
        if (agent->is == AT_WORK && !agent->busy) return --*left, number;
    }
    return NOBODY;
}

/* Lets free agents pull parked interactions; if the core refuses, because somebody else has got it, this is tried
 * again while it is parked. */
void media_pull(struct simulation *s)
{
    uint32_t left = s->agent_count, agent;
    s->looks = false;
    for (uint32_t i = 0; i < s->parked_count && (agent = free_agent(s, &left)) != NOBODY; i++) {
        event_put_pull(simulation_event(s, KIND_RequestPull, NULL, 0), s->calls[s->parked[i]].ixn,
                       s->agents[agent].name);
        simulation_post(s);
    }
    if (s->parked_count == 0) return;
    s->looks = true;
    agenda_add(&s->agenda, s->now_us + LOOKS_AGAIN_US, DEED_PULL, 0, 0);
}
