/* runtime/sim/bridge_dial.c - Ends legs when a place in the queue is kept, dials legs for the core, and follows the
 * call-backs and calling-list records that become interactions.
 *
 *     RequestMakeCall -> bridge_dial() -> switch_dial()      EventCallCreated at once, with the effect's ref
 *                        bridge_dial_over()                  EventCallProgress, when somebody answers or not
 *     Cancel          -> bridge_dial_cancelled()             the call is cleared
 *
 * The test may say how a call-back ends; `timeout` means that the switch reports nothing, and the core's own time
 * limit applies.
 *
 * The core sends no event when it books a call-back: the bridge compares the core's list after each batch
 * (bridge_booked). The bridge knows a row of that list by its id. The row belongs to the arrival whose interaction
 * booked it. If a call-back was submitted from outside, its row belongs to the first arrival with that number that has
 * no row yet. When the row is dialled, the new interaction belongs to the same arrival of the test. */
#include <assert.h>

#include "runtime/core/read/read.h"
#include "runtime/journal/partition.h"
#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

enum { NUMBER_ROOM = SWITCH_ADDRESS + 1 };

/* The caller agrees to be called back and hangs up: ends the leg, while the place in the queue is kept. */
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

/* Dials; interaction and ref are set in the leg before the event is posted, because the event contains both. */
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

/* Cancels a dialled call; without a leg, the one dialled with this ref is used. */
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

/* ---- booked call-backs ---- */

static struct booked *booked_of(struct bridge *b, uint64_t id)
{
    for (uint32_t i = 0; i < b->booked_count; i++)
        if (b->booked[i].id == id) return &b->booked[i];
    return NULL;
}

/* Adds the booking to the trace, as the step with which a strategy books. */
static void bridge_booking_happened(struct bridge *b, const struct booking_row *row, uint32_t arrival)
{
    json_t *number = json_stringn((const char *)row->number.bytes, row->number.length);
    json_t *strategy = json_stringn((const char *)row->strategy.bytes, row->strategy.length);
    struct step_call call = {.step = "callback.book",
                             .args = json_pack("{s:o, s:{s:I}, s:o}", "number", number, "at", "us",
                                               (json_int_t)row->due_us, "strategy", strategy)};
    trace_step(b->trace, b->now_us, arrival, &call);
    json_decref(call.args);
}

/* Returns the arrival to which an interaction of the core belongs. If the bridge does not know the interaction yet,
 * it is found by its call. */
static uint32_t who_booked(struct bridge *b, uint64_t ixn)
{
    struct interaction_row row;
    uint32_t arrival = bridge_arrival_of_ixn(b, ixn);
    bool call = arrival == NO_ARRIVAL && core_find(partition_core(b->partition), ixn, &row) && row.conn != 0;
    return call ? bridge_arrival(b, row.conn) : arrival;
}

/* Returns the first arrival that submitted a call-back to this number and has no row yet. */
static uint32_t who_handed_in(struct bridge *b, struct span number)
{
    for (uint32_t i = 0; i < b->handed_count; i++) {
        uint32_t arrival = b->handed[i].arrival;
        if (arrival != NO_ARRIVAL && span_is(number, b->handed[i].number)) {
            b->handed[i].arrival = NO_ARRIVAL;
            return arrival;
        }
    }
    return NO_ARRIVAL;
}

void bridge_call_back(void *self, uint32_t arrival, const char *number)
{
    struct bridge *b = self;
    assert(arrival < b->arrivals);
    if (world_is_record(b->world, arrival)) {
        bridge_list(b, arrival, 0);
        return;
    }
    b->handed = memory_more(b->handed, b->handed_count, sizeof *b->handed);
    b->handed[b->handed_count++] = (struct handed_callback){number, arrival};
    bridge_event(b, KIND_Submit, NULL, 0);
    event_put_submit(&b->writer, &(struct event_submit){.medium = media_callback,
                                                        .queue = world_says(b->world, arrival)->to,
                                                        .from = number,
                                                        .due_us = b->plan->test->start_us + (int64_t)b->now_us,
                                                        .data = bridge_data(b, arrival),
                                                        .zone = world_says(b->world, arrival)->zone});
    bridge_post(b);
}

static struct booked *booked_new(struct bridge *b, uint64_t id)
{
    b->booked = memory_more(b->booked, b->booked_count, sizeof *b->booked);
    struct booked *booked = &b->booked[b->booked_count++];
    *booked = (struct booked){.id = id, .arrival = NO_ARRIVAL};
    return booked;
}

static struct booked *take_in(struct bridge *b, const struct booking_row *row)
{
    struct booked *booked = booked_new(b, row->id);
    if (row->from == 0) {
        booked->arrival = who_handed_in(b, row->number);
    } else {
        booked->arrival = who_booked(b, row->from);
        (void)bridge_promises(b, row->number);
        bridge_booking_happened(b, row, booked->arrival);
    }
    return booked;
}

static void bridge_booked_begun(struct bridge *b, struct booked *booked, uint64_t ixn)
{
    booked->ixn = ixn;
    if (booked->arrival == NO_ARRIVAL) return;
    b->ixns[booked->arrival] = ixn;
    b->told[booked->arrival] = (struct told_decisions){0};
}

/* Finds the records that have begun since the last call. */
static void look_at_records(struct bridge *b)
{
    struct list_record_row row;
    for (uint32_t i = 0; core_list_record(partition_core(b->partition), i, &row); i++) {
        uint32_t arrival = bridge_arrival_of_record(b, row.record);
        if (row.ixn == 0 || arrival == NO_ARRIVAL || bridge_is_booked(b, row.ixn)) continue;
        struct booked *booked = booked_new(b, 0);
        booked->arrival = arrival;
        bridge_booked_begun(b, booked, row.ixn);
    }
}

void bridge_look_at_booked(struct bridge *b)
{
    const struct core *core = partition_core(b->partition);
    struct booking_row row;
    look_at_records(b);
    if (core_bookings_ever(core) == 0) return;
    for (uint32_t i = 0; core_booking(core, i, &row); i++) {
        if (row.id == 0) continue;
        struct booked *booked = booked_of(b, row.id);
        if (!booked) booked = take_in(b, &row);
        if (row.ixn == 0 || booked->ixn != 0) continue;
        bridge_booked_begun(b, booked, row.ixn);
    }
}

uint64_t bridge_last_ixn(const struct bridge *b, uint32_t arrival)
{
    assert(arrival < b->arrivals);
    for (uint32_t i = b->booked_count; i-- > 0;)
        if (b->booked[i].arrival == arrival && b->booked[i].ixn != 0) return b->booked[i].ixn;
    return b->conns[arrival] == 0 ? b->ixns[arrival] : 0; /* a submitted interaction has no call */
}

void bridge_booked(struct bridge *b, uint64_t now_us)
{
    b->now_us = now_us;
    bridge_look_at_booked(b);
    bridge_look_at_submitted(b);
}
