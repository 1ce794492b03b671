/* runtime/sim/switch_calls.c - The calls of a switch and their places: how they arrive, move from device to device,
 * replace one another, and end.
 *
 *     slot_take()            a call comes
 *     slot_stands_at()       it moves; slot_goes_to() also reports that: a routing point, a queue, a telephone
 *     switch_take_place()    a transfer: the main call gets the place of the consultation
 *     slot_clear()           it ends; its slot is free
 *
 * A call has a slot as long as it exists. A call's identifier is the slot's index plus SWITCH_SLOTS for each earlier
 * use: a report or request about an ended call finds nothing, even if its slot has another call. Timers contain the
 * slot's `timer` number, which changes with every move, so an outdated timer has no effect. */
#include "runtime/sim/switch_state.h"
#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Takes a slot; slots are reused, identifiers never are: they include how often the slot was used. */
struct slot *slot_take(struct sim_switch *s)
{
    struct slot *slot;
    if (s->free_head != 0) {
        slot = s->slots[s->free_head - 1];
        s->free_head = slot->next_free;
        assert(!slot->live); /* only slots without a call are in the free list */
    } else {
        s->slots = memory_more(s->slots, s->slot_count, sizeof(struct slot *));
        slot = memory_zeroed(1, sizeof *slot);
        slot->index = s->slot_count;
        s->slots[s->slot_count++] = slot;
        if (slot->index == 0) return slot_take(s); /* index 0 is never used, as 0 means no call */
    }
    uint64_t id = slot->call.id == 0 ? slot->index : slot->call.id + SWITCH_SLOTS;
    uint32_t index = slot->index, timer = slot->timer + 1;
    *slot = (struct slot){.index = index, .timer = timer, .live = true};
    slot->call.id = id;
    s->live++;
    return slot;
}

/* Frees a slot; its `timer` is increased once more, so that no timer of this call affects the next one in the slot. */
static void switch_drop_slot(struct sim_switch *s, struct slot *slot)
{
    /* the call has left its device, whose count of calls no longer includes it */
    assert(slot->live && !slot->on_line && s->live > 0);
    slot->live = false;
    free(slot->result);
    slot->call.result = slot->result = NULL;
    switch_forget_ended(slot);
    slot->timer++;
    slot->next_free = s->free_head;
    s->free_head = slot->index + 1;
    s->live--;
}

static bool has_lines(const struct switch_dn *dn)
{
    return dn->type == dn_type_extension || dn->type == dn_type_position;
}

void slot_leaves(struct slot *slot)
{
    assert(!slot->on_line || slot->at->calls > 0);
    if (slot->on_line) slot->at->calls--;
    slot->on_line = false;
}

/* Moves the call; `calls` of a device counts calls on its lines: the old device's count falls, the new one's rises. */
void slot_stands_at(struct slot *slot, struct switch_dn *dn, enum switch_place place)
{
    assert(slot->live);
    slot_leaves(slot);
    slot->at = dn;
    slot->call.dn = dn->number;
    slot->call.place = place;
    slot->timer++;
    slot->on_line = has_lines(dn);
    dn->calls += slot->on_line;
}

/* Sets a timer: if nobody serves the switch, it routes the call to the default after a time. The timer is bound to
 * this visit: when the call comes to a routing point again, the time starts anew. */
void slot_awaits_default(struct sim_switch *s, struct slot *slot, uint64_t now_us)
{
    if (!s->served && s->options.last_default_us != 0) {
        agenda_add(&s->agenda, now_us + s->options.last_default_us, TIMER_DEFAULT, slot->index,
                   slot->call.id << 8 | (slot->call.visit & 0xff));
    }
}

void slot_asks_for_route(struct sim_switch *s, struct slot *slot, struct switch_dn *dn, uint64_t invoke,
                         uint64_t now_us)
{
    assert(dn->type == dn_type_routing_point);
    slot_stands_at(slot, dn, SWITCH_AT_ROUTING_POINT);
    slot->call.routing_point = dn->number;
    slot->call.visit++;
    switch_forget_ended(slot);
    switch_tell(s, SWITCH_ROUTE_REQUEST, slot, now_us)->invoke = invoke;
    slot_awaits_default(s, slot, now_us);
}

static void switch_calls_alert(struct sim_switch *s, struct slot *slot, struct switch_dn *dn, uint64_t now_us)
{
    slot_stands_at(slot, dn, SWITCH_ALERTING);
    struct switch_report *r = switch_tell(s, SWITCH_DELIVERED, slot, now_us);
    switch_copy(r->agent, sizeof r->agent, dn->agent);
}

void slot_rings_along(struct sim_switch *s, struct slot *slot, struct switch_dn *dn, uint64_t now_us)
{
    assert(slot->along_count < SWITCH_ALONG && dn_can_take(dn) == code_ok && has_lines(dn));
    slot->along[slot->along_count++] = dn;
    dn->calls++;
    struct switch_report *r = switch_tell(s, SWITCH_DELIVERED, slot, now_us);
    switch_copy(r->dn, sizeof r->dn, dn->number);
    switch_copy(r->agent, sizeof r->agent, dn->agent);
}

void slot_rings_alone(struct sim_switch *s, struct slot *slot, const char *to, enum cause cause, uint64_t now_us)
{
    while (slot->along_count > 0) {
        struct switch_dn *dn = slot->along[--slot->along_count];
        assert(dn->calls > 0);
        dn->calls--;
        struct switch_report *r = switch_tell(s, SWITCH_DIVERTED, slot, now_us);
        switch_copy(r->dn, sizeof r->dn, dn->number);
        switch_copy(r->to, sizeof r->to, to);
        r->cause = cause;
    }
}

bool slot_rings_at(struct slot *slot, const char *dn)
{
    if (slot->call.place != SWITCH_ALERTING) return false;
    uint32_t at = 0;
    while (at < slot->along_count && strcmp(slot->along[at]->number, dn) != 0) at++;
    if (at == slot->along_count) return strcmp(slot->call.dn, dn) == 0;
    struct switch_dn *was = slot->at;
    slot->at = slot->along[at];
    slot->call.dn = slot->at->number;
    slot->along[at] = was;
    return true;
}

/* Moves the call to a DN that can take it. */
void slot_goes_to(struct sim_switch *s, struct slot *slot, struct switch_dn *dn, uint64_t invoke, uint64_t now_us)
{
    /* every function that calls this one has checked that the DN can take the call */
    assert(dn_can_take(dn) == code_ok);
    if (dn->type == dn_type_routing_point) {
        slot_asks_for_route(s, slot, dn, invoke, now_us);
    } else if (dn->type == dn_type_queue) {
        slot_stands_at(slot, dn, SWITCH_AT_QUEUE);
        switch_tell(s, SWITCH_QUEUED, slot, now_us);
    } else {
        switch_calls_alert(s, slot, dn, now_us);
    }
}

enum code dn_can_take(const struct switch_dn *dn)
{
    if (!dn || !dn->reachable || dn->type == dn_type_trunk) return code_invalid_destination;
    return has_lines(dn) && dn->calls >= dn->lines ? code_busy : code_ok;
}

static uint64_t switch_arrive_at(struct sim_switch *s, uint64_t main, const char *ani, const char *dnis,
                                 uint64_t now_us)
{
    struct switch_dn *dn = switch_dn(s, dnis);
    if (dn_can_take(dn) != code_ok || s->live >= SWITCH_CALLS_MAX) return 0;
    struct slot *slot = slot_take(s);
    switch_copy(slot->call.ani, sizeof slot->call.ani, ani);
    switch_copy(slot->call.dnis, sizeof slot->call.dnis, dnis);
    slot->call.main = main;
    slot_goes_to(s, slot, dn, 0, now_us);
    return slot->call.id;
}

uint64_t switch_arrive(struct sim_switch *s, const char *ani, const char *dnis, uint64_t now_us)
{
    return switch_arrive_at(s, 0, ani, dnis, now_us);
}

uint64_t switch_arrive_from(struct sim_switch *s, const char *extension, const char *dnis, uint64_t now_us)
{
    const struct switch_dn *dn = switch_dn(s, extension);
    if (!dn || dn->type != dn_type_extension) return 0;
    uint64_t call = switch_arrive_at(s, 0, extension, dnis, now_us);
    struct slot *slot = switch_slot(s, call);
    if (slot) switch_copy(slot->call.origin, sizeof slot->call.origin, extension);
    return call;
}

uint64_t switch_consult(struct sim_switch *s, uint64_t main, const char *ani, const char *dnis, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, main);
    uint64_t consult = !slot ? 0 : switch_arrive_at(s, main, ani, dnis, now_us);
    if (consult != 0 && slot->call.place == SWITCH_TALKING) slot->call.place = SWITCH_HELD;
    return consult;
}

uint64_t switch_talk(struct sim_switch *s, const char *ani, uint64_t now_us)
{
    static const char desk[] = "talk";
    if (s->live >= SWITCH_CALLS_MAX) return 0;
    switch_add_dn(s, desk, dn_type_other);
    struct slot *slot = slot_take(s);
    switch_copy(slot->call.ani, sizeof slot->call.ani, ani);
    slot_stands_at(slot, switch_dn(s, desk), SWITCH_TALKING);
    switch_tell(s, SWITCH_ESTABLISHED, slot, now_us);
    return slot->call.id;
}

/* The main call takes over the place of the consultation, and the treatment that plays there. */
static void switch_take_place(struct sim_switch *s, struct slot *main, struct slot *consult)
{
    assert(main != consult && main->live && consult->live);
    struct slot was = *main;
    slot_leaves(main);
    slot_leaves(consult);
    *main = *consult;
    main->index = was.index;
    main->timer = was.timer + 1;
    main->call.id = was.call.id;
    main->call.main = was.call.main;
    memcpy(main->call.ani, was.call.ani, sizeof main->call.ani);
    memcpy(main->call.dnis, was.call.dnis, sizeof main->call.dnis);
    memcpy(main->call.correlator, was.call.correlator, sizeof main->call.correlator);
    main->call.recording = was.call.recording;
    main->call.outbound = was.call.outbound;
    main->stays = was.stays; /* whether the customer stays does not depend on the agent */
    free(was.result);
    consult->result = NULL;
    consult->call.result = NULL;
    switch_forget_ended(&was);
    consult->ended = NULL;
    consult->call.ended = NULL;
    consult->call.treatment = 0;
    consult->along_count = 0; /* from now on these telephones ring for the main call */
    main->on_line = has_lines(main->at);
    main->at->calls += main->on_line;
    if (main->call.treatment != 0 && !main->hangs)
        agenda_add(&s->agenda, main->due_us, TIMER_TREATMENT, main->index, main->timer);
}

/* The report is begun before the places change, as it contains where the main call was; then it is removed,
 * completed with the new place, and added again. */
enum code switch_transfer(struct sim_switch *s, uint64_t consult, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, consult);
    struct slot *main = !slot ? NULL : switch_slot(s, slot->call.main);
    if (!main) return code_invalid_state;
    struct switch_report left = *switch_tell(s, SWITCH_TRANSFERRED, main, now_us);
    s->report_count--;
    left.other = consult;
    switch_take_place(s, main, slot);
    left.visit = main->call.visit;
    *switch_tell(s, SWITCH_TRANSFERRED, main, now_us) = left;
    left.kind = SWITCH_CLEARED;
    left.cause = cause_transferred;
    *switch_tell(s, SWITCH_CLEARED, main, now_us) = left;
    switch_tell(s, SWITCH_CALL_CLEARED, slot, now_us)->cause = cause_transferred;
    slot->at = NULL;
    switch_drop_slot(s, slot);
    return code_ok;
}

/* Ends a call in this order: the treatment ends, the party leaves, the call ends. `party` and `call` are the causes
 * of the latter two. */
void slot_clear(struct sim_switch *s, struct slot *slot, enum cause party, enum cause call, uint64_t now_us)
{
    assert(slot->live);
    switch_end_treatment(s, slot, cause_interrupted, now_us);
    slot_rings_alone(s, slot, "", cause_other, now_us);
    switch_tell(s, SWITCH_CLEARED, slot, now_us)->cause = party;
    switch_tell(s, SWITCH_CALL_CLEARED, slot, now_us)->cause = call;
    slot_leaves(slot);
    switch_drop_slot(s, slot);
}

/* The caller hangs up; before anybody has answered, the call counts as abandoned. */
void switch_hang_up(struct sim_switch *s, uint64_t call, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (slot) {
        bool talked = slot->call.place >= SWITCH_TALKING;
        slot_clear(s, slot, talked ? cause_remote_release : cause_abandoned, talked ? cause_ok : cause_abandoned,
                   now_us);
    }
}

void switch_distribute(struct sim_switch *s, uint64_t call, const char *number, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    struct switch_dn *dn = switch_dn(s, number);
    if (!slot || !dn || slot->call.place != SWITCH_AT_QUEUE) return;
    char queue[SWITCH_DN + 1];
    switch_copy(queue, sizeof queue, slot->call.dn);
    struct switch_report *r = switch_tell(s, SWITCH_DIVERTED, slot, now_us);
    switch_copy(r->to, sizeof r->to, number);
    slot_stands_at(slot, dn, SWITCH_TALKING);
    r = switch_tell(s, SWITCH_ESTABLISHED, slot, now_us);
    switch_copy(r->queue, sizeof r->queue, queue);
}

const struct switch_call *switch_call(const struct sim_switch *s, uint64_t call)
{
    struct slot *slot = switch_slot(s, call);
    return !slot ? NULL : &slot->call;
}

const struct switch_call *switch_next_call(const struct sim_switch *s, uint32_t *cursor)
{
    while (*cursor < s->slot_count) {
        struct slot *slot = s->slots[(*cursor)++];
        if (slot->live) return &slot->call;
    }
    return NULL;
}
