/* runtime/adapters/cti/records.c - Turns user events of desktops into RequestRecord, and the core's Reply into a
 * user event.
 *
 *     desktop                     adapter                          core
 *     RequestDistributeUserEvent
 *       GSW_AGENT_REQ_TYPE ---->  record_event_write(): op  ---->  RequestRecord
 *                                 asks_add(EXPECT_RECORD)
 *     EventUserEvent      <-----  records_done()            <----  Reply
 *
 * Desktops that were written for OCS, an outbound dialler, handle records of calling lists by user events with keys
 * that begin with GSW_. All other keys of such an event are fields of the record. An event with a mistake is refused
 * here, without asking the core. */
#include "runtime/adapters/cti/records.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/bytes.h"

static const struct {
    const char *type, *answer;
    enum record_op op;
} kinds[] = {
#define RECORD(type, op, answer) {#type, #answer, record_op_##op},
#include "runtime/adapters/cti/records.def"
};

static const struct {
    int number;
    enum cause cause;
} results[] = {
#define RESULT(number, cause) {number, cause_##cause},
#include "runtime/adapters/cti/records.def"
};

enum { KINDS = sizeof kinds / sizeof *kinds, RESULTS = sizeof results / sizeof *results };

/* The contents of a user event. */
struct record_event {
    const json_t *data;
    unsigned kind; /* of `kinds` */
    uint64_t record;
    const char *campaign, *number;
    enum cause result;
    int64_t due_us;
    struct kv fields;
};

static const char *record_said_text(const struct record_event *said, const char *key)
{
    const char *text = json_string_value(json_object_get(said->data, key));
    return text && text[0] != 0 ? text : NULL;
}

/* Reads a number, or a text of digits. */
static bool record_said_number(const struct record_event *said, const char *key, uint64_t *number)
{
    const json_t *value = json_object_get(said->data, key);
    const char *text = json_string_value(value);
    char behind;
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *number = (uint64_t)json_integer_value(value);
        return true;
    }
    unsigned long long read;
    if (!text || text[0] < '0' || text[0] > '9' || sscanf(text, "%llu%c", &read, &behind) != 1) return false;
    *number = read;
    return true;
}

/* Reads the call result, a number or a word; a missing result is no mistake. */
static bool said_result(const struct record_event *said, enum cause *result)
{
    uint64_t number;
    const char *word = record_said_text(said, "GSW_CALL_RESULT");
    *result = cause_other;
    if (!json_object_get(said->data, "GSW_CALL_RESULT")) return true;
    if (!record_said_number(said, "GSW_CALL_RESULT", &number)) {
        int value = word ? enum_value_cause(word, (uint32_t)strlen(word)) : -1;
        if (value >= 0) *result = (enum cause)value;
        return value >= 0;
    }
    for (unsigned at = 0; at < RESULTS; at++) {
        if ((uint64_t)results[at].number != number) continue;
        *result = results[at].cause;
        return true;
    }
    return false;
}

/* Reads the time of a call-back, in UTC: "11/22/2026 14:30". */
static bool said_due(const struct record_event *said, int64_t *due_us)
{
    const char *text = record_said_text(said, "GSW_DATE_TIME");
    unsigned month, day, year, hour, minute;
    char behind;
    if (!text || sscanf(text, "%2u/%2u/%4u %2u:%2u%c", &month, &day, &year, &hour, &minute, &behind) != 5) return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1970 || hour > 23 || minute > 59) return false;
    struct tm date = {.tm_year = (int)year - 1900,
                      .tm_mon = (int)month - 1,
                      .tm_mday = (int)day,
                      .tm_hour = (int)hour,
                      .tm_min = (int)minute};
    *due_us = (int64_t)timegm(&date) * 1000000;
    return date.tm_mday == (int)day; /* otherwise the month has fewer days than that */
}

/* Reads the fields of the record: the pairs whose name does not begin with GSW_, as OCS's own do. Numbers become
 * texts, as calling lists have only texts. */
static bool said_fields(struct record_event *said)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)said->data, key, value)
    {
        char number[32];
        if (strncmp(key, "GSW_", 4) == 0) continue;
        if (json_is_integer(value))
            snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        else if (!json_is_string(value))
            return false;
        const char *text = json_is_integer(value) ? number : json_string_value(value);
        kv_put_text(&said->fields, key, span_of(text));
    }
    return true;
}

static bool said_kind(struct record_event *said)
{
    const char *type = record_said_text(said, "GSW_AGENT_REQ_TYPE");
    for (said->kind = 0; type && said->kind < KINDS; said->kind++)
        if (strcmp(kinds[said->kind].type, type) == 0) return true;
    return false;
}

/* True: the request names no record; it may name the campaign. */
static bool is_of_none(const struct record_event *said)
{
    enum record_op op = kinds[said->kind].op;
    bool status = op == record_op_status && !json_object_get(said->data, "GSW_RECORD_HANDLE");
    return status || op == record_op_preview_start || op == record_op_preview_over || op == record_op_get;
}

/* Reads a user event; returns the mistake in it, or NULL if there is none. The kind is read first, as it decides
 * which other keys are required. */
static const char *said_read_all(struct record_event *said)
{
    if (!said_kind(said)) return "GSW_AGENT_REQ_TYPE is no request about records";
    said->campaign = record_said_text(said, "GSW_CAMPAIGN_NAME");
    said->number = record_said_text(said, "GSW_PHONE");
    if (said->campaign ? strlen(said->campaign) >= NAME_SIZE : !is_of_none(said))
        return "GSW_CAMPAIGN_NAME is missing, or too long";
    if (is_of_none(said)) return NULL;
    if (said->number && strlen(said->number) > 256) return "GSW_PHONE is no number";
    if (!record_said_number(said, "GSW_RECORD_HANDLE", &said->record)) return "GSW_RECORD_HANDLE is missing";
    if (!said_result(said, &said->result)) return "GSW_CALL_RESULT is no result";
    bool due = kinds[said->kind].op == record_op_reschedule;
    if (due && !said_due(said, &said->due_us)) return "GSW_DATE_TIME is not as 11/22/2026 14:30, UTC";
    return said_fields(said) ? NULL : "a field is a text, or a whole number";
}

static bool is_set(const struct record_event *said, const char *key)
{
    uint64_t number;
    return record_said_number(said, key, &number) && number != 0;
}

/* Writes the request. "Cancel" and "do not call" are for one record, or for all records of its chain, by
 * GSW_CHAIN_ATTR. A number is written for "do not call" only. */
static void record_event_write(struct writer *writer, const struct record_event *said)
{
    assert(said->kind < KINDS); /* said_read_all() has read the kind */
    const char *callback = record_said_text(said, "GSW_CALLBACK_TYPE");
    bool personal = callback && strcmp(callback, "Personal") == 0, chain = is_set(said, "GSW_CHAIN_ATTR");
    enum record_op op = kinds[said->kind].op;
    if (op == record_op_cancel && chain) op = record_op_cancel_chain;
    writer_u(writer, RequestRecord_op, op);
    writer_u(writer, RequestRecord_record, said->record);
    writer_text(writer, RequestRecord_campaign, said->campaign);
    writer_u(writer, RequestRecord_result, said->result);
    if (said->fields.length != 0) writer_kv(writer, RequestRecord_fields, &said->fields);
    if (op == record_op_do_not_call) writer_text(writer, RequestRecord_number, said->number);
    writer_i(writer, RequestRecord_due, said->due_us);
    writer_u(writer, RequestRecord_callback, personal ? callback_type_personal : callback_type_campaign);
    if (op == record_op_do_not_call)
        writer_u(writer, RequestRecord_scope,
                 json_object_get(said->data, "GSW_CUSTOMER_ID") ? record_scope_customer
                 : chain                                        ? record_scope_chain
                                                                : record_scope_number);
}

/* Asks the core. The ask keeps what the answer needs and the core does not send back: the record, its campaign and
 * the kind of the request. */
static enum code said_ask_core(struct cti *cti, const struct cti_asker *asker, const char *dn, const char *agent,
                               const struct record_event *said, const char **text)
{
    struct writer *writer = post_begin(cti, KIND_RequestRecord, NULL, NULL);
    writer_u(writer, ENVELOPE_client, asker->client);
    writer_u(writer, ENVELOPE_req, asker->reference);
    writer_text(writer, ENVELOPE_actor, agent); /* the core finds the record by the agent who has it */
    record_event_write(writer, said);
    if (!post_end(cti, NULL, asker)) {
        *text = "too much is waiting for the core";
        return code_overload;
    }
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "RequestRecord type=%s agent=%s record=%llu", kinds[said->kind].type, agent,
            (unsigned long long)said->record);
    struct ask *ask = asks_add(&cti->asks, EXPECT_RECORD, asker, 0, dn, cti->now_us + REPLY_US);
    ask->claim = said->record;
    ask->record_kind = said->kind;
    text_set(ask->destination, sizeof ask->destination, said->campaign ? said->campaign : "");
    return code_ok;
}

enum code records_ask(struct cti *cti, const struct cti_asker *asker, const char *dn, const char *agent,
                      const json_t *user_data, const char **text)
{
    struct record_event said = {.data = user_data};
    enum code code = code_invalid_attribute;
    kv_init(&said.fields);
    *text = !json_is_object(user_data) ? "UserData is missing" : said_read_all(&said);
    if (said.fields.length > KV_BYTES_MAX) {
        code = code_too_large;
        *text = "user data has at most 32000 bytes";
    } else if (!*text) {
        code = said_ask_core(cti, asker, dn, agent, &said, text);
    }
    kv_free(&said.fields);
    return code;
}

/* ---- answers ---- */

static json_int_t result_number(struct span word)
{
    for (unsigned at = 0; at < RESULTS; at++)
        if (span_is(word, enum_name_cause(results[at].cause))) return results[at].number;
    return 0;
}

/* Adds the record as the core sends it, under OCS's names. */
static void said_put_record(json_t *data, struct span record)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(record, &at, &pair);) {
        const struct kv_value *value = &pair.value;
        bool text = value->tag == KV_TEXT;
        json_t *shown = text ? json_stringn((const char *)value->span.bytes, value->span.length) : NULL;
        const char *key = span_is(pair.key, "campaign") ? "GSW_CAMPAIGN_NAME"
                          : span_is(pair.key, "number") ? "GSW_PHONE"
                          : span_is(pair.key, "state")  ? "GSW_RECORD_STATUS"
                                                        : NULL;
        if (text && key) json_object_set(data, key, shown);
        json_decref(shown);
        if (span_is(pair.key, "record")) json_object_set_new(data, "GSW_RECORD_HANDLE", json_integer(value->word));
        if (span_is(pair.key, "attempts")) json_object_set_new(data, "GSW_ATTEMPTS", json_integer(value->word));
        if (span_is(pair.key, "result"))
            json_object_set_new(data, "GSW_CALL_RESULT", json_integer(result_number(value->span)));
        if (span_is(pair.key, "fields")) {
            json_t *fields = json_from_kv(value->span);
            if (json_is_object(fields)) json_object_update_missing(data, fields);
            json_decref(fields);
        }
    }
}

/* Makes a user event about the record that the request named, or about one that the core sends. */
static json_t *record_event_of(const char *name, const struct ask *ask, struct span shown)
{
    json_t *data = json_pack("{s:s}", "GSW_USER_EVENT", name);
    if (ask->destination[0] != 0) json_object_set_new(data, "GSW_CAMPAIGN_NAME", json_string(ask->destination));
    if (ask->claim != 0) json_object_set_new(data, "GSW_RECORD_HANDLE", json_integer((json_int_t)ask->claim));
    said_put_record(data, shown);
    return json_pack("{s:s, s:s, s:o}", "Message", cti_event_name(CLIENT_EventUserEvent), "ThisDN", ask->dn, "UserData",
                     data);
}

/* Sends the client an event with one of several records. */
static void tell_record(struct cti *cti, const struct ask *ask, struct span record)
{
    assert(ask->record_kind < KINDS);
    bool chained = kinds[ask->record_kind].op == record_op_chained;
    struct client *client = client_find(cti, ask->asker.client);
    if (client) client_send(client, record_event_of(chained ? "ChainedRecord" : "UnprocessedRecord", ask, record));
}

/* Handles the core's Reply. Several records come as a list of pairs named "record". Each record becomes an event of
 * its own; the answer to the request comes last, without a record. */
void records_done(struct cti *cti, const struct ask *ask, const struct message *reply)
{
    assert(ask->expect == EXPECT_RECORD && ask->record_kind < KINDS);
    struct kv_pair pair;
    struct span value = message_text(reply, Reply_value), none = {NULL, 0};
    bool several = false;
    for (uint32_t at = 0; kv_next(value, &at, &pair);) {
        bool listed = pair.value.tag == KV_LIST && span_is(pair.key, "record");
        if (listed) tell_record(cti, ask, pair.value.span);
        several = several || listed;
    }
    bool empty = kinds[ask->record_kind].op == record_op_get && value.length == 0;
    const char *name = empty ? "PreviewRecordEmpty" : kinds[ask->record_kind].answer;
    notify_send(cti, "", record_event_of(name, ask, several ? none : value), &ask->asker);
}
