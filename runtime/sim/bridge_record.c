/* runtime/sim/bridge_record.c - The calling list of the virtual play: delivers records, allows numbers to be
 * dialled, and takes the results. A postponed record is delivered again when it is due.
 *
 * An arrival on a calling list is a chain: one record per number, of which one at a time is in the list
 * (`handed_over`). A record is delivered when it is due, or when its campaign fetches it; the core's UpdateRecord
 * then closes it, postpones it, or lets the chain continue with its next number. An update with a revision that is
 * not newer is a repetition, and is only acknowledged. */
#include <assert.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/bridge_state.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/person.h"

/* Returns the arrival of a record: the lower 32 bits of its number, counted from 1; the upper bits are its place in
 * the chain. */
uint32_t bridge_arrival_of_record(const struct bridge *b, uint64_t record)
{
    uint32_t arrival = (uint32_t)(record & UINT32_MAX);
    return arrival == 0 || arrival > b->arrivals ? NO_ARRIVAL : arrival - 1;
}

/* Delivers a record to the core; `ref`: of the fetch; 0: unasked. */
static void bridge_hand_over(struct bridge *b, uint32_t arrival, int64_t due_us, uint64_t ref)
{
    assert(arrival < b->arrivals);
    struct handed_over *record = &b->records[arrival];
    const struct scenario_arrival *says = world_says(b->world, arrival);
    record->listed = true;
    record->begun = false;
    bridge_event(b, KIND_EventRecord, NULL, 0);
    if (ref != 0) writer_u(&b->writer, ENVELOPE_req, ref);
    writer_u(&b->writer, EventRecord_record, (uint64_t)record->n << 32 | (arrival + UINT64_C(1)));
    writer_text(&b->writer, EventRecord_campaign, says->to);
    writer_u(&b->writer, EventRecord_chain, arrival + UINT64_C(1));
    writer_u(&b->writer, EventRecord_chain_n, record->n + UINT64_C(1));
    writer_text(&b->writer, EventRecord_number, world_number(b->world, arrival, record->n));
    writer_u(&b->writer, EventRecord_type, says->agent ? record_type_personal_callback : record_type_general);
    writer_u(&b->writer, EventRecord_attempt, record->attempts);
    writer_i(&b->writer, EventRecord_due, due_us);
    writer_text(&b->writer, EventRecord_zone, says->zone);
    writer_text(&b->writer, EventRecord_agent, says->agent);
    writer_kv(&b->writer, EventRecord_data, bridge_data(b, arrival));
    writer_u(&b->writer, EventRecord_version, ++record->version);
    bridge_post(b);
}

void bridge_record_due(struct bridge *b, uint32_t arrival)
{
    assert(arrival < b->arrivals && b->records_put_off > 0);
    b->records_put_off--;
    if (!b->records[arrival].cancelled) bridge_hand_over(b, arrival, b->records[arrival].due_us, 0);
}

static const struct scenario_campaign *bridge_campaign_named(const struct bridge *b, const char *name)
{
    for (size_t i = 0; i < b->plan->test->count; i++) {
        const struct scenario_item *item = &b->plan->test->items[i];
        if (item->kind == ITEM_CAMPAIGN && strcmp(item->campaign.name, name) == 0) return &item->campaign;
    }
    return NULL;
}

void bridge_list(struct bridge *b, uint32_t arrival, int64_t due_us)
{
    assert(arrival < b->arrivals);
    struct handed_over *record = &b->records[arrival];
    if (!bridge_campaign_named(b, world_says(b->world, arrival)->to)) {
        bridge_hand_over(b, arrival, due_us, 0);
        return;
    }
    record->due_us = due_us;
    record->in_list = record->listed = true;
    b->records_put_off++;
}

/* True: both texts are the same number, which one of them may give with its country. */
static bool bridge_same_number(struct span number, const char *other)
{
    char one[PERSON_NUMBER], two[PERSON_NUMBER];
    return span_is(number, other) ||
           (person_number(number, NULL, one) && person_number(span_of(other), NULL, two) && strcmp(one, two) == 0);
}

static bool bridge_has_number(const struct bridge *b, uint32_t arrival, struct span number)
{
    const char *own;
    for (uint32_t n = 0; (own = world_number(b->world, arrival, n)); n++)
        if (bridge_same_number(number, own)) return true;
    return false;
}

/* In a test the list of a campaign has the name of the campaign. */
void bridge_cancel_records(struct bridge *b, const struct message *effect)
{
    struct span list = message_text(effect, CancelRecord_list);
    for (uint32_t arrival = 0; arrival < b->arrivals; arrival++) {
        struct handed_over *record = &b->records[arrival];
        if (!record->listed || record->cancelled ||
            (list.length != 0 && !span_is(list, world_says(b->world, arrival)->to)) ||
            !bridge_has_number(b, arrival, message_text(effect, CancelRecord_number)))
            continue;
        record->cancelled = true;
        b->records_put_off -= record->in_list;
        record->in_list = false;
    }
}

/* Answers FetchRecords with the campaign's records that are due. */
static void bridge_fetch(struct bridge *b, const struct message *effect)
{
    uint64_t count = message_u(effect, FetchRecords_count);
    int64_t now_us = b->plan->test->start_us + (int64_t)b->now_us;
    for (uint32_t arrival = 0; arrival < b->arrivals && count > 0; arrival++) {
        struct handed_over *record = &b->records[arrival];
        if (!record->in_list || record->due_us > now_us ||
            !span_is(message_text(effect, FetchRecords_campaign), world_says(b->world, arrival)->to))
            continue;
        record->in_list = false;
        assert(b->records_put_off > 0);
        b->records_put_off--;
        bridge_hand_over(b, arrival, record->due_us, message_u(effect, ENVELOPE_ref));
        count--;
    }
    bridge_done(b, effect, code_ok, "");
}

enum { CAMPAIGN_REQUEST = 0x63616d70 }; /* the ReferenceID of requests about campaigns, which no other request has */

static void bridge_campaign_request(struct bridge *b, const struct scenario_campaign *campaign, enum campaign_op op)
{
    bridge_event_of(b, SOURCE_ADMIN, KIND_RequestCampaign);
    writer_u(&b->writer, ENVELOPE_req, CAMPAIGN_REQUEST);
    writer_text(&b->writer, RequestCampaign_campaign, campaign->name);
    writer_u(&b->writer, RequestCampaign_op, op);
    if (op == campaign_op_load) writer_kv(&b->writer, RequestCampaign_limits, &b->kv);
    bridge_post_of(b, "admin");
}

void bridge_campaign(struct bridge *b, const struct scenario_campaign *campaign)
{
    kv_clear(&b->kv);
    values_to_kv(&b->kv, campaign->rules);
    bridge_campaign_request(b, campaign, campaign_op_load);
    bridge_campaign_request(b, campaign, campaign_op_start);
}

uint32_t bridge_records_put_off(const struct bridge *b)
{
    return b->records_put_off;
}

void bridge_campaign_refused(struct bridge *b, const struct message *reply)
{
    if (message_u(reply, ENVELOPE_req) != CAMPAIGN_REQUEST || message_u(reply, Reply_outcome) == outcome_ok) return;
    struct span text = message_text(reply, Reply_text);
    world_problem(b->world, 0, "the campaign is refused: %.*s", (int)text.length, (const char *)text.bytes);
}

static json_t *text_json(struct span text)
{
    return json_stringn((const char *)text.bytes, text.length);
}

/* Returns the step that asked for the update, as a strategy writes it. */
static struct step_call bridge_record_step(const struct bridge *b, const struct message *effect)
{
    int64_t due_us = message_i(effect, UpdateRecord_due), now_us = b->plan->test->start_us + (int64_t)b->now_us;
    uint64_t status = message_u(effect, UpdateRecord_status);
    struct kv_pair newest = {.value = {.tag = KV_NONE}};
    uint32_t at = 0;
    while (kv_next(message_text(effect, UpdateRecord_fields), &at, &newest)) continue;
    if (status == record_status_none || status == record_status_cancelled)
        return (struct step_call){.step = "outbound.do_not_call",
                                  .args = json_pack("{s:o}", "number", text_json(newest.value.span))};
    if (status == record_status_ready || (status == record_status_updated && due_us != 0))
        return (struct step_call){.step = status == record_status_ready ? "outbound.retry" : "outbound.next",
                                  .args = json_pack("{s:{s:I}, s:{s:I}}", "in", "us", (json_int_t)(due_us - now_us),
                                                    "at", "us", (json_int_t)due_us)};
    const char *result = enum_name_cause((uint32_t)message_u(effect, UpdateRecord_result));
    return (struct step_call){.step = "outbound.close", .args = json_pack("{s:s}", "result", result)};
}

/* Returns the test's answer to the step: code_ok by default; code_timeout: no answer. */
static enum code bridge_record_answer(struct bridge *b, uint32_t arrival, const struct message *effect)
{
    struct step_call call = bridge_record_step(b, effect);
    const struct scenario_outcome *outcome = bridge_answer(b, arrival, &call);
    const char *blocks = json_string_value(json_object_get(call.args, "number"));
    bool refused = blocks && refusing_number(b->site, span_of(blocks)) != WHY_none;
    const char *fail = refused ? enum_name_code(code_refused) : outcome ? outcome->fail : NULL;
    json_decref(call.args);
    if (!fail) return code_ok;
    int code = enum_value_code(fail, (uint32_t)strlen(fail));
    return code <= 0 ? code_refused : (enum code)code;
}

/* Closes the record; the chain's next number, if any, is then due. */
static bool bridge_record_goes_on(struct bridge *b, uint32_t arrival)
{
    struct handed_over *record = &b->records[arrival];
    bool more = world_number(b->world, arrival, record->n + 1) != NULL;
    if (more) *record = (struct handed_over){.n = record->n + 1, .listed = true, .cancelled = record->cancelled};
    return more;
}

enum { AT_ONCE_US = 1000000 }; /* a record due within this time is delivered again without its campaign fetching it */

static void put_off(struct bridge *b, uint32_t arrival, int64_t due_us)
{
    int64_t in_us = due_us - b->plan->test->start_us;
    if (in_us > (int64_t)b->now_us + AT_ONCE_US && bridge_campaign_named(b, world_says(b->world, arrival)->to)) {
        bridge_list(b, arrival, due_us);
        return;
    }
    b->records[arrival].due_us = due_us;
    b->records_put_off++;
    agenda_add(&b->agenda, in_us > (int64_t)b->now_us ? (uint64_t)in_us : b->now_us, LATE_RECORD, arrival, 0);
}

/* Answers an update of a cancelled record as the lists do. The record is not dialled any more; if it was never dialled,
 * the update may only name a number that must not be called. */
static enum code bridge_cancelled_answer(const struct handed_over *record, const struct message *effect)
{
    uint64_t status = message_u(effect, UpdateRecord_status);
    if (status == record_status_retrieved) return code_suppressed;
    return record->begun || status == record_status_none || status == record_status_cancelled ? code_ok : code_refused;
}

/* Handles an update; one for an earlier number of the chain, or a repeated one, is only acknowledged. */
static void bridge_record_updated(struct bridge *b, const struct message *effect)
{
    uint32_t arrival = bridge_arrival_of_record(b, message_u(effect, UpdateRecord_record));
    int64_t due_us = message_i(effect, UpdateRecord_due);
    struct handed_over *record = &b->records[arrival];
    uint64_t revision = message_u(effect, UpdateRecord_revision), status = message_u(effect, UpdateRecord_status);
    /* the update is for an earlier number, as the chain has moved on since */
    bool earlier = message_u(effect, UpdateRecord_record) >> 32 != record->n;
    bool step = message_u(effect, ENVELOPE_ixn) != 0 && status != record_status_retrieved;
    bool moves = (status == record_status_updated && due_us != 0) || status == record_status_cancelled;
    if (message_u(effect, UpdateRecord_history) != 0 && !earlier)
        record->attempts = (uint32_t)message_u(effect, UpdateRecord_history);
    bool known = earlier || revision <= record->version;
    record->version = known ? record->version : revision;
    enum code code = step && !known ? bridge_record_answer(b, arrival, effect) : code_ok;
    if (record->cancelled && !known && code == code_ok) code = bridge_cancelled_answer(record, effect);
    if (status == record_status_retrieved && code == code_ok) record->begun = true;
    /* A record that the core returns itself, because the exchange could not dial, stays in the list: campaigns stop
     * at such records, but no test has one. */
    bool ready = status == record_status_ready && message_u(effect, ENVELOPE_ixn) != 0;
    if (code == code_ok && !known && !record->cancelled && (ready || (moves && bridge_record_goes_on(b, arrival))))
        put_off(b, arrival, due_us);
    if (code == code_timeout) return; /* it says nothing */
    bridge_done(b, effect, code, code == code_ok ? "" : enum_name_code(code));
}

/* Carries out effects about records; the check before dialling allows each number here whose record is not cancelled.
 */
bool bridge_record(struct bridge *b, const struct message *effect)
{
    if (effect->kind == KIND_FetchRecords) {
        bridge_fetch(b, effect);
        return true;
    }
    unsigned field = effect->kind == KIND_CheckRecord ? CheckRecord_record : UpdateRecord_record;
    if (effect->kind != KIND_CheckRecord && effect->kind != KIND_UpdateRecord) return false;
    uint64_t record = message_u(effect, field);
    if (bridge_arrival_of_record(b, record) == NO_ARRIVAL)
        bridge_done(b, effect, code_refused, "there is no such record");
    else if (effect->kind == KIND_CheckRecord && b->records[bridge_arrival_of_record(b, record)].cancelled)
        bridge_done(b, effect, code_suppressed, "the person has settled what it is for");
    else if (effect->kind == KIND_CheckRecord)
        bridge_done(b, effect, code_ok, "");
    else
        bridge_record_updated(b, effect);
    return true;
}
