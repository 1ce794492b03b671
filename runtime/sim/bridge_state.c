/* runtime/sim/bridge_state.c - The basic functions of the bridge: begin, post or keep events, and find legs, arrivals
 * and sessions. This file calls no function of the bridge's other files.
 *
 *     call (the switch's) -> legs[call % SWITCH_SLOTS] -> conn (the core's ConnID), ixn
 *     conn -> calls[conn - first_conn - 1] -> call           ConnIDs are given one after another
 *
 * The slot of a leg is reused for a later call. So a search for a leg also compares its call or its ConnID: an event
 * of the old call then finds no leg, rather than that of another call. */
#include "runtime/sim/bridge_state.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/journal/partition.h"
#include "runtime/sim/events.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"

enum { VQ_ROOM = 65 };

/* ---- posting ---- */

uint32_t bridge_leg_arrival(const struct bridge *b, const struct bridge_leg *leg)
{
    return !leg ? NO_ARRIVAL : world_arrival_of(b->world, leg->call);
}

/* Adds a message to the trace; its text is made only if somebody listens to the trace. */
static void bridge_say(struct bridge *b, const char *component, struct span frame, uint32_t arrival)
{
    struct message message;
    char text[1000];
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    struct message_mask mask = core_mask(partition_core(b->partition));
    trace_look(b->trace, b->now_us, arrival, &message, mask);
    if (trace_listens(b->trace)) {
        (void)message_print_masked(&message, mask, text, sizeof text);
        trace_say(b->trace, b->now_us, component, arrival, "%s", text);
    }
}

/* Posts a frame; if the partition's ring is full, `relieve` (bridge_on_full) must make space, and the event is tried
 * again: none is dropped. */
void bridge_push(struct bridge *b, struct span frame)
{
    while (!partition_post(b->partition, frame)) b->relieve(b->relieve_self);
}

void bridge_on_full(struct bridge *b, void (*relieve)(void *self), void *self)
{
    b->relieve = relieve;
    b->relieve_self = self;
}

/* Begins an event of the virtual T-Server, with the next number of its link. bridge_post() sends it. */
void bridge_event(struct bridge *b, unsigned kind, const struct bridge_leg *leg, uint64_t ref)
{
    writer_clear(&b->writer);
    writer_begin(&b->writer, kind);
    writer_u(&b->writer, ENVELOPE_source, BRIDGE_LINK);
    writer_u(&b->writer, ENVELOPE_seq, ++b->seq);
    writer_u(&b->writer, ENVELOPE_ixn, !leg ? 0 : leg->ixn);
    writer_u(&b->writer, ENVELOPE_ref, ref);
    writer_conn(&b->writer, ENVELOPE_conn, !leg ? 0 : leg->conn);
    writer_i(&b->writer, ENVELOPE_at, b->plan->test->start_us + (int64_t)b->now_us);
}

/* Posts the event; one that the codec refuses is reported as a problem of the test, and its number is used for the next
 * event. While the link is down, events are kept in their order. Kept events already have their numbers, so the core
 * sees no gap when the link is up again. */
void bridge_post(struct bridge *b)
{
    struct span frame = writer_end(&b->writer);
    struct message message;
    struct bridge_leg *leg = NULL;
    struct error error = {0};
    bool good = message_read(&message, frame.bytes, frame.length, &error);
    if (!good) {
        world_problem(b->world, 0, "the virtual T-Server made a bad event: %s", error.text);
        b->seq--;
        return;
    }
    leg = bridge_leg_of_conn(b, message_u(&message, ENVELOPE_conn));
    bridge_say(b, "tserver", frame, bridge_leg_arrival(b, leg));
    if (!b->down) {
        bridge_push(b, frame);
        return;
    }
    /* While the link is down the event is kept. */
    size_t need = b->held.length + frame.length;
    if (need > b->held.capacity) {
        b->held.capacity = need * 2;
        b->held.bytes = memory_grown(b->held.bytes, b->held.capacity, 1);
    }
    memcpy(b->held.bytes + b->held.length, frame.bytes, frame.length);
    b->held.length = need;
}

/* Begins an event of the administrator or the host: the partition numbers these, and they are never kept back. */
void bridge_event_of(struct bridge *b, unsigned source, unsigned kind)
{
    writer_clear(&b->writer);
    writer_begin(&b->writer, kind);
    writer_u(&b->writer, ENVELOPE_source, source);
}

bool bridge_is_sayable(struct bridge *b, struct span frame, struct message *message)
{
    struct error error = {0};
    bool good = message_read(message, frame.bytes, frame.length, &error);
    if (!good) world_problem(b->world, 0, "a statement of the test cannot be said to the core: %s", error.text);
    return good;
}

void bridge_post_of(struct bridge *b, const char *component)
{
    struct span frame = writer_end(&b->writer);
    struct message message;
    if (!bridge_is_sayable(b, frame, &message)) return;
    if (component)
        bridge_say(b, component, frame,
                   bridge_leg_arrival(b, bridge_leg_of_conn(b, message_u(&message, ENVELOPE_conn))));
    bridge_push(b, frame);
}

/* Returns the call's leg, made if new; the array grows, so pointers to legs are only valid until the next new call. */
struct bridge_leg *bridge_leg_of_call(struct bridge *b, uint64_t call)
{
    assert(call != 0);
    uint64_t index = call % SWITCH_SLOTS;
    if (index >= b->leg_count) {
        uint32_t count = b->leg_count == 0 ? 64 : b->leg_count;
        while (count <= index) count *= 2;
        b->legs = memory_grown(b->legs, count, sizeof *b->legs);
        memset(b->legs + b->leg_count, 0, (count - b->leg_count) * sizeof *b->legs);
        b->leg_count = count;
    }
    struct bridge_leg *leg = &b->legs[index];
    if (leg->call != call) {
        uint32_t arrival = world_arrival_of(b->world, call);
        size_t number = (size_t)(b->last_conn - b->first_conn);
        b->calls = memory_more(b->calls, number, sizeof *b->calls);
        b->calls[number] = call;
        *leg = (struct bridge_leg){.call = call, .conn = ++b->last_conn};
        if (arrival != NO_ARRIVAL) b->conns[arrival] = leg->conn;
    }
    return leg;
}

/* Returns the leg with this ConnID; NULL: the ConnID is not of this link, or its slot is used by a later call. */
struct bridge_leg *bridge_leg_of_conn(struct bridge *b, uint64_t conn)
{
    if (conn <= b->first_conn || conn > b->last_conn) return NULL;
    struct bridge_leg *leg = &b->legs[b->calls[conn - b->first_conn - 1] % SWITCH_SLOTS];
    return leg->conn == conn ? leg : NULL;
}

uint32_t bridge_arrival(struct bridge *b, uint64_t conn)
{
    return bridge_leg_arrival(b, bridge_leg_of_conn(b, conn));
}

uint64_t bridge_conn(const struct bridge *b, uint32_t arrival)
{
    return arrival < b->arrivals ? b->conns[arrival] : 0;
}

const struct scenario_outcome *bridge_answer(struct bridge *b, uint32_t arrival, const struct step_call *call)
{
    trace_step(b->trace, b->now_us, arrival, call);
    return world_answer(b->world, arrival, call);
}

const struct kv *bridge_data(struct bridge *b, uint32_t arrival)
{
    kv_clear(&b->kv);
    values_to_kv(&b->kv, arrival == NO_ARRIVAL ? NULL : world_says(b->world, arrival)->data);
    return &b->kv;
}

/* Answers an effect; the interaction may have no leg any more (a kept place, an e-mail), so the answer carries the
 * numbers of the effect. */
void bridge_done(struct bridge *b, const struct message *effect, enum code code, const char *text)
{
    struct bridge_leg *leg = bridge_leg_of_conn(b, message_u(effect, ENVELOPE_conn));
    struct bridge_leg nobody = {.ixn = message_u(effect, ENVELOPE_ixn), .conn = message_u(effect, ENVELOPE_conn)};
    bridge_event(b, KIND_EventDone, !leg ? &nobody : leg, message_u(effect, ENVELOPE_ref));
    event_put_done(&b->writer, code, text);
    bridge_post(b);
}

/* Adds to the trace which virtual queues the interaction joined, before effects that follow from it are carried out,
 * so that expectations find the right order. */
void bridge_joined(struct bridge *b, uint32_t arrival, uint64_t ixn)
{
    const struct core *core = partition_core(b->partition);
    struct told_decisions *told = arrival < b->arrivals ? &b->told[arrival] : NULL;
    struct decision_row decision, before;
    char vq[VQ_ROOM];
    while (told && core_decision_next(core, ixn, &told->cursor, &decision)) {
        /* A waiting interaction repeats its decisions, so often that the earlier one may be gone from the core. */
        bool waits = told->any && decision.entered_us < told->last_us + 1000;
        bool known = waits && (!core_decision_at(core, told->last, &before) || span_equal(decision.vq, before.vq));
        *told = (struct told_decisions){told->cursor, told->cursor - 1, decision.at_us, true};
        if (known) continue;
        sim_copy_text(vq, sizeof vq, decision.vq);
        trace_happened(b->trace, decision.entered_us, arrival, "joined", "vq", vq, NULL);
    }
}

/* ---- finding the arrival ---- */

/* Returns the arrival of an interaction; a booked call-back's interaction belongs to its arrival, too. */
uint32_t bridge_arrival_of_ixn(const struct bridge *b, uint64_t ixn)
{
    for (uint32_t i = 0; ixn != 0 && i < b->booked_count; i++)
        if (b->booked[i].ixn == ixn) return b->booked[i].arrival;
    for (uint32_t i = 0; ixn != 0 && i < b->arrivals; i++)
        if (b->ixns[i] == ixn) return i;
    return NO_ARRIVAL;
}

uint32_t bridge_arrival_of(struct bridge *b, const struct message *message)
{
    const struct bridge_leg *leg = bridge_leg_of_conn(b, message_u(message, ENVELOPE_conn));
    return leg ? world_arrival_of(b->world, leg->call) : bridge_arrival_of_ixn(b, message_u(message, ENVELOPE_ixn));
}

bool bridge_is_booked(const struct bridge *b, uint64_t ixn)
{
    for (uint32_t i = 0; i < b->booked_count; i++)
        if (b->booked[i].ixn == ixn) return true;
    return false;
}

/* Returns the ConnID of an arrival's session, from a range separate from calls. */
uint64_t bridge_session_conn(uint32_t arrival)
{
    return (uint64_t)BRIDGE_LINK << 48 | UINT64_C(1) << 47 | (arrival + 1u);
}

/* Finds the submission by its session's ConnID; only conversations that are not closed have one. */
struct submission *bridge_submission_of(struct bridge *b, uint64_t conn)
{
    for (uint32_t i = b->submissions_over; conn != 0 && i < b->submission_count; i++) {
        struct submission *s = &b->submissions[i];
        if (media_is_conversation(s->media) && !s->closed && bridge_session_conn(s->arrival) == conn) return s;
    }
    return NULL;
}

bool bridge_is_session(struct bridge *b, uint64_t conn)
{
    return bridge_submission_of(b, conn) != NULL;
}

enum media bridge_medium(const struct bridge *b, uint32_t arrival)
{
    for (uint32_t i = 0; i < b->submission_count; i++)
        if (b->submissions[i].arrival == arrival) return b->submissions[i].media;
    return media_voice;
}
