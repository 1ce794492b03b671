/* runtime/adapters/desk/record.c - What agents do with records of calling lists: user events over the connection of
 * their telephone, as the call is there too (gcx-tserver(5)).
 *
 * The words are those of the outbound server (OCS) from which the user events come (GSW_...): the T-Server carries
 * them as user data. The table of operations is shared with the T-Server (cti/records.def), so that both know the
 * same ones. */
#include <string.h>
#include <time.h>

#include "runtime/adapters/desk/said.h"

static const struct {
    const char *op, *type;
} record_ops[] = {
#define RECORD(type, op, answer) {#op, #type},
#include "runtime/adapters/cti/records.def"
    {"cancel_chain", "RequestRecordCancel"},
};

static const struct {
    json_int_t number;
    enum cause cause;
} results[] = {
#define RESULT(number, cause) {number, cause_##cause},
#include "runtime/adapters/cti/records.def"
};

/* ---- requests of the browser ---- */

static const char *record_field_type(const char *op)
{
    for (size_t i = 0; i < sizeof record_ops / sizeof *record_ops; i++)
        if (strcmp(record_ops[i].op, op) == 0) return record_ops[i].type;
    return NULL;
}

static void record_put_text(json_t *data, const char *key, const char *text)
{
    if (*text) json_object_set_new(data, key, json_string(text));
}

/* Writes a time as user events have it, to the minute and in UTC: "11/22/2026 14:30". A time within a minute becomes
 * the next full minute, since nobody is called back before the promised time. */
static void record_put_time(json_t *data, uint64_t ms)
{
    char text[32];
    struct tm date;
    time_t at = (time_t)(ms / 60000 + (ms % 60000 != 0)) * 60;
    if (ms == 0 || !gmtime_r(&at, &date)) return;
    strftime(text, sizeof text, "%m/%d/%Y %H:%M", &date);
    json_object_set_new(data, "GSW_DATE_TIME", json_string(text));
}

/* Writes the record's fields; false: a field has a name that the router uses itself. */
static bool record_put_fields(json_t *data, const json_t *fields)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)fields, key, value)
    {
        if (strncmp(key, "GSW_", 4) == 0) return false;
        json_object_set(data, key, value);
    }
    return true;
}

/* Sends the browser's request about a record with all its members; the router takes those that the operation has. */
void said_record(struct desk_said *said)
{
    const char *op = said_text(said, "op");
    bool personal = json_is_true(json_object_get(said->message, "personal"));
    uint64_t record = said_number(said, "record");
    json_t *data = json_pack("{s:s}", "GSW_AGENT_REQ_TYPE", record_field_type(op));
    record_put_text(data, "GSW_CAMPAIGN_NAME", said_text(said, "campaign"));
    if (record != 0) json_object_set_new(data, "GSW_RECORD_HANDLE", json_integer((json_int_t)record));
    record_put_text(data, "GSW_CALL_RESULT", said_text(said, "result"));
    record_put_text(data, "GSW_PHONE", said_text(said, "number"));
    record_put_time(data, said_number(said, "at"));
    record_put_text(data, "GSW_CALLBACK_TYPE", personal ? "Personal" : "Campaign");
    if (strcmp(op, "cancel_chain") == 0) json_object_set_new(data, "GSW_CHAIN_ATTR", json_integer(1));
    if (json_is_true(json_object_get(said->message, "customer")))
        json_object_set_new(data, "GSW_CUSTOMER_ID", json_string("yes"));
    if (!record_put_fields(data, json_object_get(said->message, "fields"))) {
        json_decref(data);
        said_refuse(said, "invalid", "fields: one begins with GSW_");
        return;
    }
    const char *wrong = phone_user_event(said->agent, data, said->id);
    if (wrong) said_refuse(said, "unsupported", wrong);
}

/* ---- events of the router ---- */

static const char *record_word_of(json_int_t number)
{
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i].number == number) return enum_name_cause(results[i].cause);
    return enum_name_cause(cause_other);
}

/* Returns the record of an event: the router's own members have fixed names; all other texts are fields of the list. */
json_t *record_shown(const json_t *event)
{
    const json_t *data = json_object_get(event, "UserData");
    const char *key;
    json_t *value, *shown = json_object(), *fields = json_object();
    json_object_foreach((json_t *)data, key, value)
    {
        if (strcmp(key, "GSW_CAMPAIGN_NAME") == 0) json_object_set(shown, "campaign", value);
        if (strcmp(key, "GSW_RECORD_HANDLE") == 0) json_object_set(shown, "record", value);
        if (strcmp(key, "GSW_PHONE") == 0) json_object_set(shown, "number", value);
        if (strcmp(key, "GSW_RECORD_STATUS") == 0) json_object_set(shown, "state", value);
        if (strcmp(key, "GSW_ATTEMPTS") == 0) json_object_set(shown, "attempts", value);
        if (strcmp(key, "GSW_CALL_RESULT") == 0)
            json_object_set_new(shown, "result", json_string(record_word_of(json_integer_value(value))));
        if (strncmp(key, "GSW_", 4) != 0 && json_is_string(value)) json_object_set(fields, key, value);
    }
    json_object_set_new(shown, "fields", fields);
    if (json_object_get(shown, "number")) return shown;
    json_decref(shown);
    return NULL;
}

void record_told(struct desk_agent *agent, const json_t *event)
{
    const char *name = json_string_value(json_object_get(json_object_get(event, "UserData"), "GSW_USER_EVENT"));
    json_t *shown = record_shown(event);
    if (!name || !shown) {
        json_decref(shown);
        return;
    }
    json_object_set_new(shown, "type", json_string("record"));
    json_object_set_new(shown, "chained", json_boolean(strcmp(name, "ChainedRecord") == 0));
    agent_tell(agent, shown);
}
