/* runtime/adapters/dialer/handed.c - Makes an EventRecord of a list's record. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/dialer/book.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/rows.h"

enum { DATA_MAX = KV_BYTES_MAX - 2000 };

static void handed_free(gpointer data)
{
    struct handed_record *handed = data;
    g_bytes_unref(handed->frame);
    g_free(handed);
}

/* Adds a field; false: there is no room for all of it. */
static bool put_field(struct kv *kv, const char *name, struct span value)
{
    if (value.length == 0) return true;
    if (kv->length + strlen(name) + value.length > DATA_MAX) return false;
    kv_put_text(kv, name, value);
    return true;
}

/* Adds the record's fields, and its customer. */
static bool handed_put_data(struct kv *kv, const struct lists_record *record)
{
    const char *name;
    json_t *value, *all = json_loadb((const char *)record->fields.bytes, record->fields.length, 0, NULL);
    bool whole = true;
    kv_clear(kv);
    json_object_foreach(all, name, value) if (json_is_string(value)) whole &= put_field(
        kv, name, (struct span){(const uint8_t *)json_string_value(value), (uint32_t)json_string_length(value)});
    whole &= put_field(kv, "customer", record->customer);
    json_decref(all);
    return whole;
}

static unsigned handed_type_of(struct span name)
{
    int type = enum_value_record_type((const char *)name.bytes, name.length);
    return type > 0 ? (unsigned)type : record_type_general;
}

/* Returns the EventRecord for a record; times are in microseconds, times of day too. */
static struct span handed_event_of(struct book *book, const struct lists_record *record, uint64_t ref)
{
    struct writer *writer = &book->writer;
    unsigned type = handed_type_of(record->type);
    writer_clear(writer);
    writer_begin(writer, KIND_EventRecord);
    writer_u(writer, ENVELOPE_client, (uint64_t)record->record); /* the Reply names the record by this field */
    writer_u(writer, ENVELOPE_req, ref);
    writer_u(writer, EventRecord_record, (uint64_t)record->record);
    writer_bytes(writer, EventRecord_campaign, record->campaign);
    writer_u(writer, EventRecord_chain, (uint64_t)record->chain);
    writer_u(writer, EventRecord_chain_n, (uint64_t)record->n);
    writer_bytes(writer, EventRecord_number, record->number);
    writer_u(writer, EventRecord_type, type);
    writer_u(writer, EventRecord_attempt, (uint64_t)record->attempt);
    writer_i(writer, EventRecord_due, record->due);
    writer_i(writer, EventRecord_from, record->day_from * SECOND_US);
    writer_i(writer, EventRecord_till, record->day_till * SECOND_US);
    writer_bytes(writer, EventRecord_zone, record->zone);
    /* For other types the field may hold the agent who spoke last. */
    if (type == record_type_personal_rescheduled || type == record_type_personal_callback)
        writer_bytes(writer, EventRecord_agent, record->agent);
    writer_kv(writer, EventRecord_data, &book->kv);
    writer_u(writer, EventRecord_version, (uint64_t)record->version);
    writer_i(writer, EventRecord_again_from, record->again_from * SECOND_US);
    writer_i(writer, EventRecord_again_till, record->again_till * SECOND_US);
    return writer_end(writer);
}

static void handed_note(struct book_job *job, const struct lists_record *record, const char *what, const char *why)
{
    job->level = GCX_LOG_ERROR;
    snprintf(job->note, sizeof job->note, "record %lld: %s%s", (long long)record->record, what, why);
}

/* Adds a record to those for the core, if it is this session's and not begun. A record that the core could not read
 * is added to those to be closed instead. */
void handed_put(struct book *book, struct book_job *job, const struct lists_record *record, uint64_t ref)
{
    struct message read;
    struct error error;
    bool ours = record->current && record->begun == 0 && span_is(record->status, "retrieved") &&
                span_is(record->owner, book_session(book));
    if (!ours) return;
    if (!handed_put_data(&book->kv, record)) handed_note(job, record, "its fields are too long: some are left out", "");
    struct span frame = handed_event_of(book, record, ref);
    if (!message_read(&read, frame.bytes, frame.length, &error)) {
        handed_note(job, record, "it is closed, since it cannot be handed over: ", error.text);
        if (!job->useless) job->useless = g_array_new(FALSE, FALSE, sizeof(struct useless));
        g_array_append_val(job->useless, ((struct useless){record->record, record->version}));
        return;
    }
    struct handed_record *handed = g_new0(struct handed_record, 1);
    handed->record = record->record, handed->version = record->version;
    text_set_span(handed->campaign, sizeof handed->campaign, record->campaign);
    handed->frame = g_bytes_new(frame.bytes, frame.length);
    if (!job->records) job->records = g_ptr_array_new_with_free_func(handed_free);
    g_ptr_array_add(job->records, handed);
}
