/* runtime/sim/bridge_dial.c - Legs that the core ends to keep a place, and legs that it dials. */
#include <assert.h>

#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"

enum { NUMBER_ROOM = SWITCH_ADDRESS + 1 };

void bridge_keep(struct bridge *b, const struct message *effect, const struct bridge_leg *leg)
{
    char number[NUMBER_ROOM];
    uint32_t arrival = world_arrival_of(b->world, leg->call);
    sim_copy_text(number, sizeof number, message_text(effect, RequestCallControl_keep));
    enum code code = arrival == NO_ARRIVAL ? code_refused : world_keep(b->world, arrival, number, b->now_us);
    if (code == code_timeout) return; /* it says nothing */
    if (code == code_ok) code = switch_clear(b->sw, leg->call, cause_ok, b->now_us);
    if (code != code_ok) bridge_done(b, effect, code, enum_name_code(code));
}

static void dial_created(struct bridge *b, struct bridge_leg *leg)
{
    const struct switch_call *call = switch_call(b->sw, leg->call);
    assert(call && !leg->created);
    leg->created = true;
    bridge_event(b, KIND_EventCallCreated, leg, leg->dialled);
    event_put_created(&b->writer, &(struct event_created){.type = call_type_outbound,
                                                          .ani = contract_caller(call->ani),
                                                          .dnis = call->dnis,
                                                          .origin = call->dn});
    bridge_post(b);
}

void bridge_dial(struct bridge *b, const struct message *effect)
{
    char number[NUMBER_ROOM], origin[SWITCH_DN + 1], caller_id[NUMBER_ROOM];
    uint64_t call = 0, ixn = message_u(effect, ENVELOPE_ixn);
    int64_t ring_us = message_i(effect, RequestMakeCall_ring);
    sim_copy_text(number, sizeof number, message_text(effect, RequestMakeCall_number));
    sim_copy_text(origin, sizeof origin, message_text(effect, RequestMakeCall_origin));
    sim_copy_text(caller_id, sizeof caller_id, message_text(effect, RequestMakeCall_caller_id));
    uint32_t arrival = bridge_arrival_of_ixn(b, ixn);
    bool booked = bridge_is_booked(b, ixn);
    enum code code = booked && arrival != NO_ARRIVAL ? world_dial_ends(b->world, arrival, number, b->now_us) : code_ok;
    if (code == code_timeout) return; /* it says nothing */
    if (code != code_ok) {
        bridge_done(b, effect, code, enum_name_code(code));
        return;
    }
    world_dials(b->world, arrival, booked);
    struct switch_dial dial = {.origin = origin,
                               .number = number,
                               .caller_id = caller_id,
                               .correlator = "",
                               .ring_us = ring_us > 0 ? (uint64_t)ring_us : 0};
    code = switch_dial(b->sw, &dial, b->now_us, &call);
    if (code != code_ok) {
        bridge_done(b, effect, code, enum_name_code(code));
        return;
    }
    struct bridge_leg *leg = bridge_leg_of_call(b, call);
    leg->ixn = ixn;
    leg->dialled = message_u(effect, ENVELOPE_ref);
    leg->dials = true;
    dial_created(b, leg);
}

bool bridge_dial_cancelled(struct bridge *b, uint64_t ixn, uint64_t of, const struct bridge_leg *leg)
{
    for (uint32_t i = 0; !leg && i < b->leg_count; i++)
        if (b->legs[i].dials && b->legs[i].ixn == ixn && b->legs[i].dialled == of) leg = &b->legs[i];
    return leg && leg->dialled == of && switch_clear(b->sw, leg->call, cause_ok, b->now_us) == code_ok;
}

void bridge_dial_over(struct bridge *b, struct bridge_leg *leg, enum cause cause)
{
    if (!leg->dials) return;
    leg->dials = false;
    bridge_event(b, KIND_EventCallProgress, leg, 0);
    event_put_progress(&b->writer, cause);
    bridge_post(b);
}
