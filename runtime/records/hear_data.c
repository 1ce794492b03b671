/* runtime/records/hear_data.c - Records attached data, and the changes that administrators make.
 *
 *     changed   {"tier": "gold", "pin": "***", "scan": "(5120 bytes)"}
 *     deleted   ["basket"]
 *
 * Secrets are masked here, before a row is made: so no kind of sink ever has them. Lists within lists are masked in
 * the same way, by their own keys. The texts are in `json` and `json2` of the recorder, which the next fact
 * overwrites: a row is written before the function returns. */
#include <assert.h>
#include <inttypes.h>

#include "runtime/records/recorder_state.h"
#include "runtime/vocabulary/events_site.h"

static void json_value(struct recorder *r, struct out *out, const struct kv_value *value);

/* Writes the pairs as an object; a value that is secret, or that the site hides, becomes stars. From the second pair
 * on, a comma comes first. */
static void json_pairs(struct recorder *r, struct out *out, struct span pairs)
{
    struct message_mask mask = core_mask(r->core);
    struct kv_pair pair;
    const char *before = "";
    out_text(out, "{");
    for (uint32_t at = 0; kv_next(pairs, &at, &pair); before = ",") {
        out_text(out, before);
        out_json(out, pair.key);
        out_text(out, ":");
        if (pair.value.secret || mask.hides(mask.self, pair.key))
            out_text(out, "\"***\"");
        else
            json_value(r, out, &pair.value);
    }
    out_text(out, "}");
}

/* Writes the value as JSON. A list becomes an object; for bytes only their number is written. */
static void json_value(struct recorder *r, struct out *out, const struct kv_value *value)
{
    switch (value->tag) {
    case KV_INT:
    case KV_TIME:
        out_format(out, "%" PRId64, value->word);
        break;
    case KV_BOOL:
        out_text(out, value->word ? "true" : "false");
        break;
    case KV_FLOAT:
        out_format(out, "%.17g", value->number);
        break;
    case KV_TEXT:
        out_json(out, value->span);
        break;
    case KV_LIST:
        json_pairs(r, out, value->span);
        break;
    case KV_BINARY:
        out_format(out, "\"(%" PRIu32 " bytes)\"", value->span.length);
        break;
    case KV_NONE:
    default:
        out_text(out, "null");
    }
}

static struct record_value json_keys(struct out *out, struct span keys)
{
    struct span key;
    const char *before = "";
    out->length = 0;
    out_text(out, "[");
    for (uint32_t at = 0; message_next_text(keys, &at, &key); before = ",") {
        out_text(out, before);
        out_json(out, key);
    }
    out_text(out, "]");
    return recorder_span((struct span){(const uint8_t *)out->bytes, (uint32_t)out->length});
}

/* The data of an interaction have changed: writes one row with the new pairs and the deleted keys. */
void record_data_attached(struct recorder *r, const struct fact *fact)
{
    struct record_value values[data_changes_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    r->json.length = 0;
    json_pairs(r, &r->json, fact->changed);
    values[data_changes_ixn] = ixn_in(fact->ixn, ixn);
    values[data_changes_revision] = recorder_number(fact->revision);
    values[data_changes_at] = recorder_moment(recorder_now(r));
    values[data_changes_by_whom] = recorder_span(fact->by);
    values[data_changes_changed] =
        recorder_span((struct span){(const uint8_t *)r->json.bytes, (uint32_t)r->json.length});
    values[data_changes_deleted] = json_keys(&r->json2, fact->deleted);
    r->row(r->self, TABLE_data_changes, values);
}

void record_administered(struct recorder *r, const struct fact *fact)
{
    const struct message *message = fact->message;
    struct record_value values[audit_COLUMNS] = {0};
    unsigned object = (unsigned)message_u(message, AdminRequest_object);
    values[audit_at] = recorder_moment(recorder_now(r));
    values[audit_actor] = recorder_span(message_text(message, ENVELOPE_actor));
    values[audit_what] = recorder_word(enum_name_admin_op(message_u(message, AdminRequest_op)));
    values[audit_object] = recorder_word(object != object_other ? enum_name_object(object) : "");
    values[audit_name] = recorder_span(message_text(message, AdminRequest_name));
    values[audit_why] = recorder_span(message_text(message, AdminRequest_why));
    if (message_u(message, AdminRequest_op) == admin_op_set_state) {
        const char *state = enum_name_agent_state(message_u(message, AdminRequest_state));
        r->json.length = 0;
        out_json(&r->json, span_of(state));
        values[audit_key] = recorder_span(message_text(message, AdminRequest_reason));
        values[audit_new] = recorder_span((struct span){(const uint8_t *)r->json.bytes, (uint32_t)r->json.length});
    }
    r->row(r->self, TABLE_audit, values);
}

/* Writes the pairs, with `value`, as JSON into `out`. */
static struct record_value setting_value(struct recorder *r, struct out *out, struct span pairs)
{
    struct kv_value value;
    if (!kv_get(pairs, "value", &value)) return (struct record_value){.kind = VALUE_IS_NULL};
    out->length = 0;
    json_value(r, out, &value);
    return recorder_span((struct span){(const uint8_t *)out->bytes, (uint32_t)out->length});
}

/* Writes the newest note of the audit. The core notes a change before it reports the fact, so its newest note is
 * that of the fact. */
void record_setting_changed(struct recorder *r, const struct fact *fact)
{
    struct record_value values[audit_COLUMNS] = {0};
    struct note_row note;
    enum note_list list = (enum note_list)fact->value;
    uint64_t newest = core_notes(r->core, list) - 1;
    bool found = core_note(r->core, list, &newest, &note);
    assert(found);
    if (!found) return;
    values[audit_at] = recorder_moment(recorder_now(r));
    values[audit_actor] = recorder_span(note.actor);
    values[audit_what] = recorder_word(note.what);
    values[audit_object] = recorder_word(enum_name_table(note.table));
    values[audit_name] = recorder_span(note.name);
    values[audit_why] = recorder_span(note.why);
    values[audit_key] = recorder_span(note.item);
    values[audit_old] = setting_value(r, &r->json, note.before);
    values[audit_new] = setting_value(r, &r->json2, note.now);
    if (note.until_us != 0)
        values[audit_until] = (struct record_value){.kind = VALUE_IS_MOMENT, .number = note.until_us};
    r->row(r->self, TABLE_audit, values);
}
