/* runtime/sim/switch.c - Calls and where they stand: arrival, routing, deflection, answer, release. Treatment devices
 * are in treat.c. */
#include "runtime/sim/switch_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT_US = 5000000 }; /* so long a caller whom everybody has left is kept */

static void copy_text(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from == NULL ? "" : from);
}

struct sim_switch *switch_new(const struct switch_options *options)
{
    struct sim_switch *s = calloc(1, sizeof *s);
    assert(s != NULL);
    s->options = *options;
    s->served = true;
    copy_text(s->last_default, sizeof s->last_default, options->last_default);
    if (s->options.announcement_us == 0) {
        s->options.announcement_us = 3000000;
    }
    return s;
}

void switch_free(struct sim_switch *s)
{
    if (s == NULL) {
        return;
    }
    for (uint32_t i = 0; i < s->slot_count; i++) {
        free(s->slots[i]->result);
        free(s->slots[i]);
    }
    free(s->slots);
    for (uint32_t i = 0; i < s->dn_count; i++) {
        free(s->dns[i]);
    }
    free(s->dns);
    free(s->reports);
    agenda_free(&s->agenda);
    free(s);
}

/* ---- reports ---- */

struct switch_report *switch_tell(struct sim_switch *s, enum switch_report_kind kind, const struct slot *slot,
                                  uint64_t now_us)
{
    if (s->report_head > 0 && s->report_head == s->report_count) {
        s->report_head = s->report_count = 0;
    }
    if (s->report_count == s->report_room) {
        s->report_room = s->report_room == 0 ? 32 : s->report_room * 2;
        s->reports = realloc(s->reports, s->report_room * sizeof *s->reports);
        assert(s->reports != NULL);
    }
    struct switch_report *r = &s->reports[s->report_count++];
    *r = (struct switch_report){.kind = kind, .at_us = now_us, .call = slot == NULL ? 0 : slot->call.id};
    if (slot != NULL) {
        r->visit = slot->call.visit;
        copy_text(r->dn, sizeof r->dn, slot->at->number);
    }
    return r;
}

bool switch_report(struct sim_switch *s, struct switch_report *out)
{
    if (s->report_head == s->report_count) {
        return false;
    }
    *out = s->reports[s->report_head++];
    return true;
}

/* ---- DNs ---- */

struct dn *switch_dn(const struct sim_switch *s, const char *number)
{
    for (uint32_t i = 0; number != NULL && i < s->dn_count; i++) {
        if (strcmp(s->dns[i]->number, number) == 0) {
            return s->dns[i];
        }
    }
    return NULL;
}

void switch_add_dn(struct sim_switch *s, const char *number, enum dn_type type)
{
    if (switch_dn(s, number) != NULL || strlen(number) > SWITCH_DN) {
        return;
    }
    s->dns = realloc(s->dns, (s->dn_count + 1) * sizeof *s->dns);
    struct dn *dn = calloc(1, sizeof *dn);
    assert(s->dns != NULL && dn != NULL);
    copy_text(dn->number, sizeof dn->number, number);
    dn->type = type;
    dn->in_service = dn->reachable = true;
    dn->state = agent_state_logged_out;
    s->dns[s->dn_count++] = dn;
}

void switch_set_service(struct sim_switch *s, const char *number, bool in, uint64_t now_us)
{
    struct dn *dn = switch_dn(s, number);
    if (dn == NULL || dn->in_service == in) {
        return;
    }
    dn->in_service = in;
    struct switch_report *r = switch_tell(s, SWITCH_DEVICE, NULL, now_us);
    copy_text(r->dn, sizeof r->dn, number);
    r->up = in;
}

void switch_set_reachable(struct sim_switch *s, const char *number, bool reachable)
{
    struct dn *dn = switch_dn(s, number);
    if (dn != NULL) {
        dn->reachable = reachable;
    }
}

/* ---- calls ---- */

struct slot *switch_slot(const struct sim_switch *s, uint64_t call)
{
    uint64_t index = call % SWITCH_SLOTS;
    struct slot *slot = call != 0 && index < s->slot_count ? s->slots[index] : NULL;
    return slot != NULL && slot->live && slot->call.id == call ? slot : NULL;
}

/* Slots are used again, identifiers never: they count how often their slot was used. */
static struct slot *take_slot(struct sim_switch *s)
{
    struct slot *slot;
    if (s->free_head != 0) {
        slot = s->slots[s->free_head - 1];
        s->free_head = slot->next_free;
    } else {
        if (s->slot_count == s->slot_room) {
            s->slot_room = s->slot_room == 0 ? 64 : s->slot_room * 2;
            s->slots = realloc(s->slots, s->slot_room * sizeof(struct slot *));
            assert(s->slots != NULL);
        }
        slot = calloc(1, sizeof *slot);
        assert(slot != NULL);
        slot->index = s->slot_count;
        s->slots[s->slot_count++] = slot;
        if (slot->index == 0) {
            return take_slot(s); /* never used: 0 is no call */
        }
    }
    uint64_t id = slot->call.id == 0 ? slot->index : slot->call.id + SWITCH_SLOTS;
    uint32_t index = slot->index, timer = slot->timer + 1;
    *slot = (struct slot){.index = index, .timer = timer, .live = true};
    slot->call.id = id;
    s->live++;
    return slot;
}

static void drop_slot(struct sim_switch *s, struct slot *slot)
{
    slot->live = false;
    free(slot->result);
    slot->call.result = slot->result = NULL;
    slot->timer++;
    slot->next_free = s->free_head;
    s->free_head = slot->index + 1;
    s->live--;
}

static void leave_device(struct slot *slot)
{
    if (slot->at != NULL && slot->at->call == slot->call.id) {
        slot->at->call = 0;
    }
}

static void stand_at(struct slot *slot, struct dn *dn, enum switch_place place)
{
    leave_device(slot);
    slot->at = dn;
    slot->call.dn = dn->number;
    slot->call.place = place;
    slot->timer++;
    if (dn->type == dn_type_extension || dn->type == dn_type_position) {
        dn->call = slot->call.id;
    }
}

static void await_last_default(struct sim_switch *s, struct slot *slot, uint64_t now_us)
{
    if (!s->served && s->options.last_default_us != 0) {
        agenda_add(&s->agenda, now_us + s->options.last_default_us, TIMER_DEFAULT, slot->index,
                   slot->call.id << 8 | (slot->call.visit & 0xff));
    }
}

static void ask_for_route(struct sim_switch *s, struct slot *slot, struct dn *dn, uint64_t invoke, uint64_t now_us)
{
    stand_at(slot, dn, SWITCH_AT_ROUTING_POINT);
    slot->call.routing_point = dn->number;
    slot->call.visit++;
    switch_tell(s, SWITCH_ROUTE_REQUEST, slot, now_us)->invoke = invoke;
    await_last_default(s, slot, now_us);
}

static void alert(struct sim_switch *s, struct slot *slot, struct dn *dn, uint64_t now_us)
{
    stand_at(slot, dn, SWITCH_ALERTING);
    struct switch_report *r = switch_tell(s, SWITCH_DELIVERED, slot, now_us);
    copy_text(r->agent, sizeof r->agent, dn->agent);
}

/* Brings the call to a DN that can take it. */
static void bring(struct sim_switch *s, struct slot *slot, struct dn *dn, uint64_t invoke, uint64_t now_us)
{
    if (dn->type == dn_type_routing_point) {
        ask_for_route(s, slot, dn, invoke, now_us);
    } else if (dn->type == dn_type_queue) {
        stand_at(slot, dn, SWITCH_AT_QUEUE);
        switch_tell(s, SWITCH_QUEUED, slot, now_us);
    } else {
        alert(s, slot, dn, now_us);
    }
}

static enum code can_take(const struct dn *dn)
{
    if (dn == NULL || !dn->reachable || dn->type == dn_type_trunk) {
        return code_invalid_destination;
    }
    if (!dn->in_service) {
        return code_out_of_service;
    }
    return dn->call != 0 ? code_busy : code_ok;
}

static uint64_t arrive(struct sim_switch *s, uint64_t main, const char *ani, const char *dnis, uint64_t now_us)
{
    struct dn *dn = switch_dn(s, dnis);
    if (can_take(dn) != code_ok || s->live >= SWITCH_CALLS_MAX ||
        (s->options.trunks != 0 && s->live >= s->options.trunks)) {
        return 0;
    }
    struct slot *slot = take_slot(s);
    copy_text(slot->call.ani, sizeof slot->call.ani, ani);
    copy_text(slot->call.dnis, sizeof slot->call.dnis, dnis);
    slot->call.main = main;
    bring(s, slot, dn, 0, now_us);
    return slot->call.id;
}

uint64_t switch_arrive(struct sim_switch *s, const char *ani, const char *dnis, uint64_t now_us)
{
    return arrive(s, 0, ani, dnis, now_us);
}

uint64_t switch_consult(struct sim_switch *s, uint64_t main, const char *ani, const char *dnis, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, main);
    uint64_t consult = slot == NULL ? 0 : arrive(s, main, ani, dnis, now_us);
    if (consult != 0 && slot->call.place == SWITCH_TALKING) {
        slot->call.place = SWITCH_HELD;
    }
    return consult;
}

uint64_t switch_talk(struct sim_switch *s, const char *ani, uint64_t now_us)
{
    static const char desk[] = "talk";
    if (s->live >= SWITCH_CALLS_MAX) {
        return 0;
    }
    switch_add_dn(s, desk, dn_type_other);
    struct slot *slot = take_slot(s);
    copy_text(slot->call.ani, sizeof slot->call.ani, ani);
    stand_at(slot, switch_dn(s, desk), SWITCH_TALKING);
    switch_tell(s, SWITCH_ESTABLISHED, slot, now_us);
    return slot->call.id;
}

/* Where the consultation stands, and what is played to it there, is the main call's now. */
static void take_place(struct sim_switch *s, struct slot *main, struct slot *consult)
{
    struct slot was = *main;
    leave_device(main);
    leave_device(consult);
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
    main->stays = was.stays; /* it is the customer who does, whoever has them now */
    free(was.result);
    consult->result = NULL;
    consult->call.result = NULL;
    consult->call.treatment = 0;
    if (main->at->type == dn_type_extension || main->at->type == dn_type_position) {
        main->at->call = main->call.id;
    }
    if (main->call.treatment != 0 && !main->hangs) {
        agenda_add(&s->agenda, main->due_us, TIMER_TREATMENT, main->index, main->timer);
    }
}

enum code switch_transfer(struct sim_switch *s, uint64_t consult, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, consult);
    struct slot *main = slot == NULL ? NULL : switch_slot(s, slot->call.main);
    if (main == NULL) {
        return code_invalid_state;
    }
    struct switch_report left = *switch_tell(s, SWITCH_TRANSFERRED, main, now_us);
    s->report_count--;
    left.other = consult;
    take_place(s, main, slot);
    left.visit = main->call.visit;
    *switch_tell(s, SWITCH_TRANSFERRED, main, now_us) = left;
    left.kind = SWITCH_CLEARED;
    left.cause = cause_transferred;
    *switch_tell(s, SWITCH_CLEARED, main, now_us) = left;
    switch_tell(s, SWITCH_CALL_CLEARED, slot, now_us)->cause = cause_transferred;
    slot->at = NULL;
    drop_slot(s, slot);
    return code_ok;
}

static void clear_call(struct sim_switch *s, struct slot *slot, enum cause party, enum cause call, uint64_t now_us)
{
    switch_end_treatment(s, slot, cause_interrupted, now_us);
    switch_tell(s, SWITCH_CLEARED, slot, now_us)->cause = party;
    switch_tell(s, SWITCH_CALL_CLEARED, slot, now_us)->cause = call;
    leave_device(slot);
    drop_slot(s, slot);
}

void switch_hang_up(struct sim_switch *s, uint64_t call, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (slot != NULL) {
        bool talked = slot->call.place >= SWITCH_TALKING;
        clear_call(s, slot, talked ? cause_remote_release : cause_abandoned, talked ? cause_ok : cause_abandoned,
                   now_us);
    }
}

void switch_distribute(struct sim_switch *s, uint64_t call, const char *number, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    struct dn *dn = switch_dn(s, number);
    if (slot == NULL || dn == NULL || slot->call.place != SWITCH_AT_QUEUE) {
        return;
    }
    char queue[SWITCH_DN + 1];
    copy_text(queue, sizeof queue, slot->call.dn);
    struct switch_report *r = switch_tell(s, SWITCH_DIVERTED, slot, now_us);
    copy_text(r->to, sizeof r->to, number);
    stand_at(slot, dn, SWITCH_TALKING);
    r = switch_tell(s, SWITCH_ESTABLISHED, slot, now_us);
    copy_text(r->queue, sizeof r->queue, queue);
}

/* ---- services ---- */

enum code switch_associate(struct sim_switch *s, uint64_t call, const char *correlator)
{
    struct slot *slot = switch_slot(s, call);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    if (strlen(correlator) > SWITCH_DN) {
        return code_invalid_attribute;
    }
    copy_text(slot->call.correlator, sizeof slot->call.correlator, correlator);
    return code_ok;
}

static enum code route(struct sim_switch *s, uint64_t call, const char *to, enum route_how how, uint64_t invoke,
                       uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    struct dn *dn = switch_dn(s, to);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    if (slot->call.place != SWITCH_AT_ROUTING_POINT) {
        return code_invalid_state;
    }
    enum code code = can_take(dn);
    if (code != code_ok) {
        return code;
    }
    switch_end_treatment(s, slot, cause_interrupted, now_us);
    slot->stays = false;
    slot->whisper[0] = '\0';
    struct switch_report *r = switch_tell(s, SWITCH_ROUTE_USED, slot, now_us);
    copy_text(r->to, sizeof r->to, to);
    r->how = how;
    r->invoke = invoke;
    bring(s, slot, dn, 0, now_us);
    return code_ok;
}

enum code switch_route(struct sim_switch *s, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us)
{
    return route(s, call, to, route_how_instructed, invoke, now_us);
}

void switch_whisper(struct sim_switch *s, uint64_t call, const char *text, bool prompt)
{
    struct slot *slot = switch_slot(s, call);
    if (slot != NULL) {
        copy_text(slot->whisper, sizeof slot->whisper, text);
        slot->whisper_prompt = prompt;
    }
}

void switch_stays(struct sim_switch *s, uint64_t call)
{
    struct slot *slot = switch_slot(s, call);
    if (slot != NULL) {
        slot->stays = true;
    }
}

enum code switch_route_default(struct sim_switch *s, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us)
{
    return route(s, call, to, route_how_default, invoke, now_us);
}

enum code switch_deflect(struct sim_switch *s, uint64_t call, const char *from, const char *to, uint64_t invoke,
                         uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    struct dn *dn = switch_dn(s, to);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    bool left = slot->call.place == SWITCH_LEFT;
    if (strcmp(slot->call.dn, from) != 0 ||
        (slot->call.place != SWITCH_ALERTING && slot->call.place != SWITCH_AT_QUEUE && !left)) {
        return code_invalid_state;
    }
    enum code code = can_take(dn);
    if (code != code_ok) {
        return code;
    }
    if (left) { /* nobody is diverted */
        bring(s, slot, dn, invoke, now_us);
        return code_ok;
    }
    struct switch_report *r = switch_tell(s, SWITCH_DIVERTED, slot, now_us);
    copy_text(r->to, sizeof r->to, to);
    r->invoke = invoke;
    r->cause = slot->call.place == SWITCH_ALERTING ? cause_no_answer : cause_redirected;
    bring(s, slot, dn, invoke, now_us);
    return code_ok;
}

enum code switch_answer(struct sim_switch *s, uint64_t call, const char *dn, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    if (strcmp(slot->call.dn, dn) != 0 || slot->call.place != SWITCH_ALERTING) {
        return code_invalid_state;
    }
    slot->call.place = SWITCH_TALKING;
    struct switch_report *r = switch_tell(s, SWITCH_ESTABLISHED, slot, now_us);
    copy_text(r->agent, sizeof r->agent, slot->at->agent);
    r->whisper = slot->whisper[0] == '\0' ? NULL : slot->whisper;
    r->whisper_prompt = slot->whisper_prompt;
    return code_ok;
}

enum code switch_hold(struct sim_switch *s, uint64_t call, const char *dn, bool hold)
{
    struct slot *slot = switch_slot(s, call);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    if (strcmp(slot->call.dn, dn) != 0 || slot->call.place != (hold ? SWITCH_TALKING : SWITCH_HELD)) {
        return code_invalid_state;
    }
    slot->call.place = hold ? SWITCH_HELD : SWITCH_TALKING;
    return code_ok;
}

enum code switch_release(struct sim_switch *s, uint64_t call, const char *dn, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    if (strcmp(slot->call.dn, dn) != 0 || (slot->call.place != SWITCH_TALKING && slot->call.place != SWITCH_HELD)) {
        return code_invalid_state;
    }
    if (slot->stays) {
        slot->stays = false;
        switch_tell(s, SWITCH_CLEARED, slot, now_us)->cause = cause_ok;
        leave_device(slot);
        slot->call.place = SWITCH_LEFT;
        agenda_add(&s->agenda, now_us + LEFT_US, TIMER_LEFT, slot->index, slot->call.id);
        return code_ok;
    }
    clear_call(s, slot, cause_ok, cause_ok, now_us);
    return code_ok;
}

enum code switch_clear(struct sim_switch *s, uint64_t call, enum cause cause, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    clear_call(s, slot, cause, cause, now_us);
    return code_ok;
}

/* To begin what has begun, or to end what has ended, is no mistake: whoever asks may not have heard the answer. */
enum code switch_record(struct sim_switch *s, uint64_t call, enum call_op op)
{
    struct slot *slot = switch_slot(s, call);
    if (slot == NULL) {
        return code_unknown_conn_id;
    }
    bool records = slot->call.recording != SWITCH_NOT_RECORDED;
    if (!records && (op == call_op_recording_pause || op == call_op_recording_resume)) {
        return code_invalid_state;
    }
    slot->call.recording = op == call_op_recording_stop    ? SWITCH_NOT_RECORDED
                           : op == call_op_recording_pause ? SWITCH_PAUSED
                                                           : SWITCH_RECORDED;
    return code_ok;
}

enum code switch_dial(struct sim_switch *s, const char *origin, const char *number, const char *caller_id,
                      const char *correlator, uint64_t ring_us, uint64_t now_us, uint64_t *call)
{
    struct dn *dn = switch_dn(s, origin);
    if (dn == NULL || dn->type != dn_type_routing_point || !dn->in_service) {
        return code_invalid_dn;
    }
    if (number[0] == '\0' || strlen(number) > SWITCH_DN || strlen(correlator) > SWITCH_DN) {
        return code_invalid_destination;
    }
    if (s->live >= SWITCH_CALLS_MAX || (s->options.trunks != 0 && s->live >= s->options.trunks)) {
        return code_no_circuit;
    }
    struct slot *slot = take_slot(s);
    uint64_t after_us = 0;
    copy_text(slot->call.ani, sizeof slot->call.ani, caller_id[0] == '\0' ? origin : caller_id);
    copy_text(slot->call.dnis, sizeof slot->call.dnis, number);
    copy_text(slot->call.correlator, sizeof slot->call.correlator, correlator);
    slot->call.outbound = true;
    slot->dialled = cause_ok;
    stand_at(slot, dn, SWITCH_DIALS);
    switch_tell(s, SWITCH_ORIGINATED, slot, now_us);
    if (s->options.dialled != NULL) {
        slot->dialled = s->options.dialled(s->options.self, slot->call.id, number, now_us, &after_us);
    }
    if (ring_us != 0 && after_us > ring_us) {
        slot->dialled = cause_no_answer;
        after_us = ring_us;
    }
    agenda_add(&s->agenda, now_us + after_us, TIMER_DIAL, slot->index, slot->timer);
    *call = slot->call.id;
    return code_ok;
}

static void dial_over(struct sim_switch *s, struct slot *slot, const struct agenda_entry *entry)
{
    if (!slot->live || slot->timer != entry->what || slot->call.place != SWITCH_DIALS) {
        return;
    }
    if (slot->dialled == cause_ok) {
        ask_for_route(s, slot, slot->at, 0, entry->at_us);
    } else {
        clear_call(s, slot, slot->dialled, slot->dialled, entry->at_us);
    }
}

/* ---- agents ---- */

static struct dn *where_logged_in(const struct sim_switch *s, const char *agent)
{
    for (uint32_t i = 0; i < s->dn_count; i++) {
        if (strcmp(s->dns[i]->agent, agent) == 0) {
            return s->dns[i];
        }
    }
    return NULL;
}

enum code switch_set_agent(struct sim_switch *s, const char *number, const char *agent, enum agent_state state,
                           enum work_mode mode, uint64_t invoke, uint64_t now_us)
{
    struct dn *dn = switch_dn(s, number);
    if (dn == NULL || (dn->type != dn_type_extension && dn->type != dn_type_position)) {
        return code_invalid_dn;
    }
    if (agent[0] == '\0' || strlen(agent) > SWITCH_DN) {
        return code_invalid_attribute;
    }
    struct dn *elsewhere = where_logged_in(s, agent);
    if (state == agent_state_logged_in) {
        if ((dn->agent[0] != '\0' && elsewhere != dn) || (elsewhere != NULL && elsewhere != dn)) {
            return code_already_logged_in;
        }
        copy_text(dn->agent, sizeof dn->agent, agent);
        dn->state = agent_state_not_ready;
    } else if (elsewhere != dn) {
        return code_not_logged_in;
    } else {
        dn->state = state;
    }
    dn->work_mode = mode;
    struct switch_report *r = switch_tell(s, SWITCH_AGENT, NULL, now_us);
    copy_text(r->dn, sizeof r->dn, number);
    copy_text(r->agent, sizeof r->agent, agent);
    r->state = state;
    r->work_mode = mode;
    r->invoke = invoke;
    if (state == agent_state_logged_out) {
        dn->agent[0] = '\0';
    }
    return code_ok;
}

/* ---- time ---- */

void switch_served(struct sim_switch *s, bool served, uint64_t now_us)
{
    if (s->served == served) {
        return;
    }
    s->served = served;
    for (uint32_t i = 0; i < s->slot_count; i++) {
        if (s->slots[i]->live && s->slots[i]->call.place == SWITCH_AT_ROUTING_POINT) {
            await_last_default(s, s->slots[i], now_us);
        }
    }
}

static void let_go(struct sim_switch *s, const struct agenda_entry *entry)
{
    struct slot *slot = s->slots[entry->who];
    if (slot->live && slot->call.id == entry->what && slot->call.place == SWITCH_LEFT) {
        clear_call(s, slot, cause_ok, cause_ok, entry->at_us);
    }
}

static void go_to_last_default(struct sim_switch *s, const struct agenda_entry *entry)
{
    struct slot *slot = s->slots[entry->who];
    if (s->served || !slot->live || slot->call.place != SWITCH_AT_ROUTING_POINT ||
        (slot->call.id << 8 | (slot->call.visit & 0xff)) != entry->what) {
        return;
    }
    if (switch_route_default(s, slot->call.id, s->last_default, 0, entry->at_us) != code_ok) {
        clear_call(s, slot, cause_router_gone, cause_router_gone, entry->at_us);
    }
}

void switch_advance(struct sim_switch *s, uint64_t now_us)
{
    struct agenda_entry entry;
    while (agenda_take(&s->agenda, now_us, &entry)) {
        if (entry.kind == TIMER_DEFAULT) {
            go_to_last_default(s, &entry);
        } else if (entry.kind == TIMER_LEFT) {
            let_go(s, &entry);
        } else if (entry.kind == TIMER_DIAL) {
            dial_over(s, s->slots[entry.who], &entry);
        } else {
            switch_treatment_timer(s, s->slots[entry.who], &entry);
        }
    }
}

uint64_t switch_next(const struct sim_switch *s)
{
    return agenda_next(&s->agenda);
}

/* ---- looking ---- */

const struct switch_call *switch_call(const struct sim_switch *s, uint64_t call)
{
    struct slot *slot = switch_slot(s, call);
    return slot == NULL ? NULL : &slot->call;
}

const struct switch_call *switch_next_call(const struct sim_switch *s, uint32_t *cursor)
{
    while (*cursor < s->slot_count) {
        struct slot *slot = s->slots[(*cursor)++];
        if (slot->live) {
            return &slot->call;
        }
    }
    return NULL;
}

bool switch_next_device(const struct sim_switch *s, uint32_t *cursor, struct switch_device_row *row)
{
    if (*cursor >= s->dn_count) {
        return false;
    }
    const struct dn *dn = s->dns[(*cursor)++];
    *row = (struct switch_device_row){dn->number, dn->agent, dn->type, dn->in_service, dn->state, dn->work_mode};
    return true;
}

uint32_t switch_calls(const struct sim_switch *s)
{
    return s->live;
}
