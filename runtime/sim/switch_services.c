/* runtime/sim/switch_services.c - Requests to a switch about a call: route, deflect, answer, hold, transfer, release
 * and record it, or dial.
 *
 * Each function checks in the same order: does the call exist, is it in a place where this is possible, can the
 * other device take it. The first failed check determines the answer, and then nothing has changed. Reports of the
 * changes are made before a function returns, in the order of the changes. */
#include "runtime/sim/switch_state.h"

#include <assert.h>
#include <string.h>

enum { LEFT_US = 5000000 }; /* how long a caller stays whom every party has left */

enum code switch_associate(struct sim_switch *s, uint64_t call, const char *correlator)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    if (strlen(correlator) > SWITCH_DN) return code_invalid_attribute;
    switch_copy(slot->call.correlator, sizeof slot->call.correlator, correlator);
    return code_ok;
}

/* Routes a call; its treatment ends before the route is used, as at a real switch, though both have the same time. */
static enum code switch_route_call(struct sim_switch *s, uint64_t call, const char *to, enum route_how how,
                                   uint64_t invoke, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    struct switch_dn *dn = switch_dn(s, to);
    if (!slot) return code_unknown_conn_id;
    if (slot->call.place != SWITCH_AT_ROUTING_POINT) return code_invalid_state;
    enum code code = dn_can_take(dn);
    if (code != code_ok) return code;
    switch_end_treatment(s, slot, cause_interrupted, now_us);
    slot->stays = false;
    slot->together = false;
    slot->whisper[0] = '\0';
    struct switch_report *r = switch_tell(s, SWITCH_ROUTE_USED, slot, now_us);
    switch_copy(r->to, sizeof r->to, to);
    r->how = how;
    r->invoke = invoke;
    slot_goes_to(s, slot, dn, 0, now_us);
    return code_ok;
}

/* Reports that the telephone `dn` cannot ring with the others, unless it is one of `able`. */
static void tell_unable(struct sim_switch *s, struct slot *slot, const char *dn, struct switch_dn *const *able,
                        uint32_t ables, uint64_t now_us)
{
    uint32_t at = 0;
    while (at < ables && strcmp(able[at]->number, dn) != 0) at++;
    if (at < ables) return;
    struct switch_report *r = switch_tell(s, SWITCH_DIVERTED, slot, now_us);
    switch_copy(r->dn, sizeof r->dn, dn);
    r->cause = cause_busy;
}

/* Telephones that cannot ring are left out, even the first; the report names the destination that was asked for. */
enum code switch_route_several(struct sim_switch *s, uint64_t call, const char *to, const char *const *also,
                               uint32_t count, uint64_t invoke, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    if (slot->call.place != SWITCH_AT_ROUTING_POINT) return code_invalid_state;
    struct switch_dn *able[1 + SWITCH_ALONG];
    uint32_t ables = 0;
    enum code code = dn_can_take(switch_dn(s, to));
    if (code == code_ok) able[ables++] = switch_dn(s, to);
    for (uint32_t at = 0; at < count && at < SWITCH_ALONG; at++)
        if (dn_can_take(switch_dn(s, also[at])) == code_ok) able[ables++] = switch_dn(s, also[at]);
    if (ables == 0) return code;
    switch_end_treatment(s, slot, cause_interrupted, now_us);
    slot->stays = false;
    slot->whisper[0] = '\0';
    slot->together = true;
    struct switch_report *r = switch_tell(s, SWITCH_ROUTE_USED, slot, now_us);
    switch_copy(r->to, sizeof r->to, to);
    r->how = route_how_instructed;
    r->invoke = invoke;
    r->together = true;
    slot_goes_to(s, slot, able[0], 0, now_us);
    for (uint32_t at = 1; at < ables; at++) slot_rings_along(s, slot, able[at], now_us);
    for (uint32_t at = 0; at <= count && at <= SWITCH_ALONG; at++)
        tell_unable(s, slot, at == 0 ? to : also[at - 1], able, ables, now_us);
    return code_ok;
}

enum code switch_route(struct sim_switch *s, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us)
{
    return switch_route_call(s, call, to, route_how_instructed, invoke, now_us);
}

void switch_whisper(struct sim_switch *s, uint64_t call, const char *text, bool prompt)
{
    struct slot *slot = switch_slot(s, call);
    if (slot) {
        switch_copy(slot->whisper, sizeof slot->whisper, text);
        slot->whisper_prompt = prompt;
    }
}

void switch_stays(struct sim_switch *s, uint64_t call)
{
    struct slot *slot = switch_slot(s, call);
    if (slot) slot->stays = true;
}

bool switch_will_stay(const struct sim_switch *s, uint64_t call)
{
    const struct slot *slot = switch_slot(s, call);
    return slot && slot->stays;
}

enum code switch_route_default(struct sim_switch *s, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us)
{
    return switch_route_call(s, call, to, route_how_default, invoke, now_us);
}

/* Deflects a call; `from` guards against late requests: the call may ring somewhere else by now. */
enum code switch_deflect(struct sim_switch *s, uint64_t call, const char *from, const char *to, uint64_t invoke,
                         uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    struct switch_dn *dn = switch_dn(s, to);
    if (!slot) return code_unknown_conn_id;
    bool left = slot->call.place == SWITCH_LEFT;
    bool there = strcmp(slot->call.dn, from) == 0 || (slot->together && slot->call.place == SWITCH_ALERTING);
    if (!there || (slot->call.place != SWITCH_ALERTING && slot->call.place != SWITCH_AT_QUEUE && !left))
        return code_invalid_state;
    enum code code = dn_can_take(dn);
    if (code != code_ok) return code;
    if (left) { /* nobody is diverted */
        slot_goes_to(s, slot, dn, invoke, now_us);
        return code_ok;
    }
    slot_rings_alone(s, slot, to, cause_no_answer, now_us);
    struct switch_report *r = switch_tell(s, SWITCH_DIVERTED, slot, now_us);
    switch_copy(r->to, sizeof r->to, to);
    r->invoke = invoke;
    r->cause = slot->call.place == SWITCH_ALERTING ? cause_no_answer : cause_redirected;
    slot_goes_to(s, slot, dn, invoke, now_us);
    return code_ok;
}

/* Answers a call only where it rings: if it was diverted meanwhile, an answer that comes too late fails. */
enum code switch_answer(struct sim_switch *s, uint64_t call, const char *dn, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    if (!slot_rings_at(slot, dn)) return code_invalid_state;
    slot_rings_alone(s, slot, dn, cause_redirected, now_us);
    slot->call.place = SWITCH_TALKING;
    struct switch_report *r = switch_tell(s, SWITCH_ESTABLISHED, slot, now_us);
    switch_copy(r->agent, sizeof r->agent, slot->at->agent);
    r->whisper = slot->whisper[0] == '\0' ? NULL : slot->whisper;
    r->whisper_prompt = slot->whisper_prompt;
    return code_ok;
}

enum code switch_hold(struct sim_switch *s, uint64_t call, const char *dn, bool hold, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    if (strcmp(slot->call.dn, dn) != 0 || slot->call.place != (hold ? SWITCH_TALKING : SWITCH_HELD))
        return code_invalid_state;
    slot->call.place = hold ? SWITCH_HELD : SWITCH_TALKING;
    switch_tell(s, hold ? SWITCH_PUT_ON_HOLD : SWITCH_RETRIEVED, slot, now_us);
    return code_ok;
}

/* Transfers the call; it rings at the new place before the old one is reported to have left. */
enum code switch_hand_on(struct sim_switch *s, uint64_t call, const char *from, const char *to, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    struct switch_dn *dn = switch_dn(s, to);
    if (!slot) return code_unknown_conn_id;
    if (strcmp(slot->call.dn, from) != 0 || slot->call.place != SWITCH_TALKING) return code_invalid_state;
    if (slot->at == dn) return code_invalid_destination;
    enum code code = dn_can_take(dn);
    if (code != code_ok) return code;
    slot->whisper[0] = '\0'; /* the whisper was meant for the first agent */
    slot_goes_to(s, slot, dn, 0, now_us);
    struct switch_report *left = switch_tell(s, SWITCH_CLEARED, slot, now_us);
    switch_copy(left->dn, sizeof left->dn, from);
    left->cause = cause_transferred;
    return code_ok;
}

/* 0: there is none. */
static uint64_t consultation_of(const struct sim_switch *s, uint64_t main)
{
    uint32_t cursor = 0;
    const struct switch_call *call;
    while ((call = switch_next_call(s, &cursor)))
        if (call->main == main) return call->id;
    return 0;
}

/* Begins a consultation; the main call is held first. If the consultation cannot be made, the main call is retrieved
 * again. */
enum code switch_asks_first(struct sim_switch *s, uint64_t call, const char *dn, const char *to, uint64_t now_us)
{
    enum code code = dn_can_take(switch_dn(s, to));
    if (consultation_of(s, call) != 0) return code_invalid_state;
    if (code == code_ok) code = switch_hold(s, call, dn, true, now_us);
    if (code != code_ok) return code;
    if (switch_consult(s, call, dn, to, now_us) != 0) return code_ok;
    (void)switch_hold(s, call, dn, false, now_us);
    return code_no_circuit;
}

enum code switch_leaves_there(struct sim_switch *s, uint64_t call, const char *dn, uint64_t now_us)
{
    const struct switch_call *main = switch_call(s, call);
    uint64_t consult = consultation_of(s, call);
    if (!main) return code_unknown_conn_id;
    if (consult == 0 || main->place < SWITCH_TALKING || strcmp(main->dn, dn) != 0) return code_invalid_state;
    return switch_transfer(s, consult, now_us);
}

/* A call that is not on hold has been swapped with its consultation. */
enum code switch_takes_back(struct sim_switch *s, uint64_t call, const char *dn, uint64_t now_us)
{
    const struct switch_call *main = switch_call(s, call);
    uint64_t consult = consultation_of(s, call);
    bool swapped = consult != 0 && main && main->place == SWITCH_TALKING && strcmp(main->dn, dn) == 0;
    enum code code = swapped ? code_ok : switch_hold(s, call, dn, false, now_us);
    if (code == code_ok && consult != 0) switch_hang_up(s, consult, now_us);
    return code;
}

enum code switch_swaps(struct sim_switch *s, uint64_t call, const char *dn, uint64_t now_us)
{
    const struct switch_call *main = switch_call(s, call), *consult = switch_call(s, consultation_of(s, call));
    if (!main) return code_unknown_conn_id;
    if (!consult || consult->place != SWITCH_TALKING) return code_invalid_state;
    return switch_hold(s, call, dn, main->place != SWITCH_HELD, now_us);
}

/* Releases a call; if the caller is to stay (for a survey), only the telephone is released, and the call waits up to
 * LEFT_US to be deflected. */
enum code switch_release(struct sim_switch *s, uint64_t call, const char *dn, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    bool dials = slot->call.place == SWITCH_DIALS && slot->on_line;
    bool talks = slot->call.place == SWITCH_TALKING || slot->call.place == SWITCH_HELD;
    if (strcmp(slot->call.dn, dn) != 0 || (!talks && !dials)) return code_invalid_state;
    if (slot->stays) {
        slot->stays = false;
        switch_tell(s, SWITCH_CLEARED, slot, now_us)->cause = cause_ok;
        slot_leaves(slot);
        slot->call.place = SWITCH_LEFT;
        agenda_add(&s->agenda, now_us + LEFT_US, TIMER_LEFT, slot->index, slot->call.id);
        return code_ok;
    }
    slot_clear(s, slot, cause_ok, cause_ok, now_us);
    return code_ok;
}

enum code switch_clear(struct sim_switch *s, uint64_t call, enum cause cause, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    slot_clear(s, slot, cause, cause, now_us);
    return code_ok;
}

/* Controls a recording; a repeated request is no error: the T-Server may not have got the answer. */
enum code switch_record(struct sim_switch *s, uint64_t call, enum call_op op)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    bool records = slot->call.recording != SWITCH_NOT_RECORDED;
    if (!records && (op == call_op_recording_pause || op == call_op_recording_resume)) return code_invalid_state;
    slot->call.recording = op == call_op_recording_stop    ? SWITCH_NOT_RECORDED
                           : op == call_op_recording_pause ? SWITCH_PAUSED
                                                           : SWITCH_RECORDED;
    return code_ok;
}

/* May an outside number be dialled from here? The origin must be a routing point, or a telephone with a free line. */
static enum code dials_from(const struct switch_dn *dn)
{
    bool device = dn && (dn->type == dn_type_extension || dn->type == dn_type_position);
    if (device) return dn_can_take(dn);
    return dn && dn->type == dn_type_routing_point ? code_ok : code_invalid_dn;
}

/* Dials; the world decides what becomes of the call and when; if that takes longer than `ring_us`, it ends as not
 * answered. The timer contains the slot's present number, so a call that was released meanwhile is not affected. */
enum code switch_dial(struct sim_switch *s, const struct switch_dial *dial, uint64_t now_us, uint64_t *call)
{
    struct switch_dn *dn = switch_dn(s, dial->origin);
    enum code from = dials_from(dn);
    if (from != code_ok) return from;
    if (dn->type != dn_type_routing_point && switch_dn(s, dial->number)) return code_invalid_destination;
    if (dial->number[0] == '\0' || strlen(dial->number) > SWITCH_DN || strlen(dial->correlator) > SWITCH_DN)
        return code_invalid_destination;
    if (s->live >= SWITCH_CALLS_MAX) return code_no_circuit;
    struct slot *slot = slot_take(s);
    uint64_t after_us = 0;
    switch_copy(slot->call.ani, sizeof slot->call.ani, dial->caller_id[0] == '\0' ? dial->origin : dial->caller_id);
    switch_copy(slot->call.dnis, sizeof slot->call.dnis, dial->number);
    switch_copy(slot->call.correlator, sizeof slot->call.correlator, dial->correlator);
    slot->call.outbound = true;
    slot->dialled = cause_ok;
    slot_stands_at(slot, dn, SWITCH_DIALS);
    switch_tell(s, SWITCH_ORIGINATED, slot, now_us);
    if (s->options.dialled) slot->dialled = s->options.dialled(s->options.self, slot->call.id, dial, now_us, &after_us);
    if (dial->ring_us != 0 && after_us > dial->ring_us) {
        slot->dialled = cause_no_answer;
        after_us = dial->ring_us;
    }
    agenda_add(&s->agenda, now_us + after_us, TIMER_DIAL, slot->index, slot->timer);
    *call = slot->call.id;
    return code_ok;
}

void switch_dial_over(struct sim_switch *s, struct slot *slot, const struct agenda_entry *entry)
{
    assert(entry->kind == TIMER_DIAL && entry->who == slot->index);
    if (!slot->live || slot->timer != entry->what || slot->call.place != SWITCH_DIALS) return;
    if (slot->dialled != cause_ok) {
        slot_clear(s, slot, slot->dialled, slot->dialled, entry->at_us);
    } else if (slot->at->type == dn_type_routing_point) {
        slot_asks_for_route(s, slot, slot->at, 0, entry->at_us);
    } else {
        slot_stands_at(slot, slot->at, SWITCH_TALKING);
        switch_tell(s, SWITCH_ESTABLISHED, slot, entry->at_us);
    }
}
