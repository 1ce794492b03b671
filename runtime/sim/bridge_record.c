/* runtime/sim/bridge_record.c - The calling list of the virtual play: hands records over, allows what is to be dialled,
 * and takes what became of them. A record that was put off is handed over again when it is due. */
#include <assert.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/bridge_state.h"

/* A record's number is that of its arrival, from 1, and above 32 bits its place in the chain. */
uint32_t bridge_arrival_of_record(const struct bridge *b, uint64_t record)
{
    uint32_t arrival = (uint32_t)(record & UINT32_MAX);
    return arrival == 0 || arrival > b->arrivals ? NO_ARRIVAL : arrival - 1;
}

void bridge_hand_over(struct bridge *b, uint32_t arrival, int64_t due_us)
{
    struct handed_over *record = &b->records[arrival];
    const char *agent = world_agent(b->world, arrival);
    bridge_event(b, KIND_EventRecord, NULL, 0);
    writer_u(&b->writer, EventRecord_record, (uint64_t)record->n << 32 | (arrival + UINT64_C(1)));
    writer_text(&b->writer, EventRecord_campaign, world_to(b->world, arrival));
    writer_u(&b->writer, EventRecord_chain, arrival + UINT64_C(1));
    writer_u(&b->writer, EventRecord_chain_n, record->n + UINT64_C(1));
    writer_text(&b->writer, EventRecord_number, world_number(b->world, arrival, record->n));
    writer_u(&b->writer, EventRecord_type, agent ? record_type_personal_callback : record_type_general);
    writer_u(&b->writer, EventRecord_attempt, record->attempts);
    writer_i(&b->writer, EventRecord_due, due_us);
    if (world_zone(b->world, arrival)) writer_text(&b->writer, EventRecord_zone, world_zone(b->world, arrival));
    if (agent) writer_text(&b->writer, EventRecord_agent, agent);
    bridge_put_data(b, arrival, EventRecord_data);
    writer_u(&b->writer, EventRecord_version, ++record->version);
    bridge_post(b);
}

void bridge_record_due(struct bridge *b, uint32_t arrival)
{
    struct handed_over *record = &b->records[arrival];
    b->records_put_off--;
    bridge_hand_over(b, arrival, record->due_us);
}

uint32_t bridge_records_put_off(const struct bridge *b)
{
    return b->records_put_off;
}

static json_t *text_json(struct span text)
{
    return json_stringn((const char *)text.bytes, text.length);
}

/* The step that asked for the update, as a strategy writes it. */
static struct step_call step_of(const struct bridge *b, const struct message *effect)
{
    int64_t due_us = message_i(effect, UpdateRecord_due), now_us = b->plan->test->start_us + (int64_t)b->now_us;
    uint64_t status = message_u(effect, UpdateRecord_status);
    struct kv_pair newest = {.value = {.tag = KV_NONE}};
    uint32_t at = 0;
    while (kv_next(message_text(effect, UpdateRecord_fields), &at, &newest)) continue;
    if (status == record_status_none || status == record_status_cancelled)
        return (struct step_call){.step = "outbound.do_not_call",
                                  .args = json_pack("{s:o}", "number", text_json(newest.value.span))};
    if (status == record_status_ready || message_u(effect, UpdateRecord_due) != 0)
        return (struct step_call){.step = status == record_status_ready ? "outbound.retry" : "outbound.next",
                                  .args = json_pack("{s:{s:I}, s:{s:I}}", "in", "us", (json_int_t)(due_us - now_us),
                                                    "at", "us", (json_int_t)due_us)};
    const char *result = enum_name_cause((uint32_t)message_u(effect, UpdateRecord_result));
    return (struct step_call){.step = "outbound.close", .args = json_pack("{s:s}", "result", result)};
}

/* What the test answers to the step: code_ok; code_timeout: nothing. */
static enum code answer(struct bridge *b, uint32_t arrival, const struct message *effect)
{
    struct step_call call = step_of(b, effect);
    const struct scenario_outcome *outcome = world_answer(b->world, arrival, &call);
    const char *fail = outcome ? outcome->fail : NULL;
    trace_happened(b->trace, b->now_us, arrival, "step", NULL, NULL,
                   json_pack("{s:s, s:o}", "step", call.step, "args", call.args));
    if (!fail) return code_ok;
    int code = enum_value_code(fail, (uint32_t)strlen(fail));
    return code <= 0 ? code_refused : (enum code)code;
}

/* The record is closed; the chain's next number is due then, where there is one. */
static bool goes_on(struct bridge *b, uint32_t arrival)
{
    struct handed_over *record = &b->records[arrival];
    bool more = world_number(b->world, arrival, record->n + 1) != NULL;
    if (more) *record = (struct handed_over){.n = record->n + 1};
    return more;
}

static void put_off(struct bridge *b, uint32_t arrival, int64_t due_us)
{
    int64_t in_us = due_us - b->plan->test->start_us;
    b->records[arrival].due_us = due_us;
    b->records_put_off++;
    agenda_add(&b->agenda, in_us > (int64_t)b->now_us ? (uint64_t)in_us : b->now_us, LATE_RECORD, arrival, 0);
}

static void updated(struct bridge *b, const struct message *effect)
{
    uint32_t arrival = bridge_arrival_of_record(b, message_u(effect, UpdateRecord_record));
    int64_t due_us = message_i(effect, UpdateRecord_due);
    struct handed_over *record = &b->records[arrival];
    uint64_t revision = message_u(effect, UpdateRecord_revision), status = message_u(effect, UpdateRecord_status);
    bool earlier = message_u(effect, UpdateRecord_record) >> 32 != record->n; /* the chain has gone on since */
    bool step = message_u(effect, ENVELOPE_ixn) != 0 && status != record_status_retrieved;
    bool moves = due_us != 0 || status == record_status_cancelled;
    if (message_u(effect, UpdateRecord_history) != 0 && !earlier)
        record->attempts = (uint32_t)message_u(effect, UpdateRecord_history);
    bool known = earlier || revision <= record->version;
    record->version = known ? record->version : revision;
    enum code code = step && !known ? answer(b, arrival, effect) : code_ok;
    if (code == code_ok && !known && (status == record_status_ready || (moves && goes_on(b, arrival))))
        put_off(b, arrival, due_us);
    if (code == code_timeout) return; /* it says nothing */
    enum outcome outcome = code == code_ok            ? outcome_ok
                           : code == code_unsupported ? outcome_unsupported
                                                      : outcome_error;
    bridge_done(b, effect, outcome, code, code == code_ok ? "" : enum_name_code(code));
}

bool bridge_record(struct bridge *b, const struct message *effect)
{
    unsigned field = effect->kind == KIND_CheckRecord ? CheckRecord_record : UpdateRecord_record;
    if (effect->kind != KIND_CheckRecord && effect->kind != KIND_UpdateRecord) return false;
    uint64_t record = message_u(effect, field);
    if (bridge_arrival_of_record(b, record) == NO_ARRIVAL)
        bridge_done(b, effect, outcome_error, code_refused, "there is no such record");
    else if (effect->kind == KIND_CheckRecord)
        bridge_done(b, effect, outcome_ok, code_ok, "");
    else
        updated(b, effect);
    return true;
}
