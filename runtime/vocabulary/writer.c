/* runtime/vocabulary/writer.c - Writes frames, which are canonical by construction; asserts that a field is written
 * by the function for its type, since a reader would otherwise refuse the whole frame. */
#include "runtime/vocabulary/message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/rows.h"

void writer_init(struct writer *writer)
{
    *writer = (struct writer){0};
}

void writer_free(struct writer *writer)
{
    free(writer->bytes);
    *writer = (struct writer){0};
}

void writer_clear(struct writer *writer)
{
    uint8_t *bytes = writer->bytes;
    size_t capacity = writer->capacity;
    *writer = (struct writer){.bytes = bytes, .capacity = capacity};
}

/* Removes the bytes that were sent from the front. The rest is moved only when at least half of the buffer is free,
 * so each byte is moved a bounded number of times. */
void writer_drop(struct writer *writer, size_t *start, size_t length)
{
    *start += length;
    assert(*start <= writer->length);
    size_t left = writer->length - *start;
    if (left >= *start) return;
    if (left > 0) memmove(writer->bytes, writer->bytes + *start, left);
    writer_clear(writer);
    writer->length = left;
    *start = 0;
}

static uint8_t *writer_room_for(struct writer *writer, size_t more)
{
    return bytes_room(&writer->bytes, &writer->capacity, writer->length, more);
}

static void writer_put_varint(struct writer *writer, uint64_t word)
{
    writer->length += bytes_put_varint(writer_room_for(writer, VARINT_MAX), word);
}

static void writer_put_bytes(struct writer *writer, struct span span)
{
    writer_put_varint(writer, span.length);
    if (span.length) memcpy(writer_room_for(writer, span.length), span.bytes, span.length);
    writer->length += span.length;
}

enum { OWN_FIELDS = 16 }; /* a row's own fields have the numbers from here on; those below are of the envelope */
static const uint8_t envelope_types[] = {
#define ENVELOPE(field, at, type, event, effect) [at] = TYPE_##type,
#include "runtime/vocabulary/envelope.def"
};

/* True: the field of the message, or of the record in its field `outer`, has one of these types. A field that no table
 * has may have any type. The function is inline, since it checks each field that is written. */
static inline bool writer_types(const struct writer *writer, unsigned field, enum field_type least,
                                enum field_type most)
{
    const struct row *row = writer->row;
    if (!row) return true;
    if (field < sizeof envelope_types) return envelope_types[field] >= least && envelope_types[field] <= most;
    const struct field_row *around = writer->list ? row_field(row, writer->outer) : NULL;
    if (around) row = row_of_record(around->type);
    if (!row || field - OWN_FIELDS >= row->count) return true;
    return row->fields[field - OWN_FIELDS].type >= least && row->fields[field - OWN_FIELDS].type <= most;
}

/* Writes a field's number and wire; `least` and `most`: the first and last type whose values are written in this
 * form. */
static void put_tag(struct writer *writer, unsigned field, unsigned wire, enum field_type least, enum field_type most)
{
    (void)least, (void)most; /* for the assertion */
    assert(writer_types(writer, field, least, most));
    assert(field > writer->last);
    writer->last = field;
    writer_put_varint(writer, (uint64_t)field << 2 | wire);
}

/* Begins a frame; writer_end() fills in its length. The buffer may contain earlier frames before this one. */
void writer_begin(struct writer *writer, unsigned kind)
{
    writer->start = writer->length;
    writer->last = 0;
    writer->list = writer->record = 0;
    writer->row = row_of(kind);
    uint8_t *head = writer_room_for(writer, MESSAGE_HEADER);
    memset(head, 0, MESSAGE_HEADER);
    head[4] = (uint8_t)kind;
    head[5] = (uint8_t)(kind >> 8);
    writer->length += MESSAGE_HEADER;
}

/* Returns the frame, valid until the next write, since the buffer may move. */
struct span writer_end(struct writer *writer)
{
    assert(writer->list == 0 && writer->record == 0);
    size_t length = writer->length - writer->start;
    uint8_t *head = writer->bytes + writer->start;
    bytes_put_four(head, (uint32_t)(length - 4));
    return (struct span){head, (uint32_t)length};
}

/* Zero means an absent field, so it is not written. */
void writer_u(struct writer *writer, unsigned field, uint64_t word)
{
    if (word == 0) return;
    put_tag(writer, field, 0, TYPE_N, TYPE_E);
    writer_put_varint(writer, word);
}

void writer_i(struct writer *writer, unsigned field, int64_t word)
{
    if (word == 0) return;
    put_tag(writer, field, 0, TYPE_I, TYPE_D);
    writer_put_varint(writer, bytes_zigzag(word));
}

void writer_conn(struct writer *writer, unsigned field, uint64_t word)
{
    if (word == 0) return;
    put_tag(writer, field, 1, TYPE_CONN, TYPE_CONN);
    bytes_put_eight(writer_room_for(writer, 8), word);
    writer->length += 8;
}

void writer_bytes(struct writer *writer, unsigned field, struct span span)
{
    if (span.length == 0) return;
    put_tag(writer, field, 2, TYPE_NAME, TYPE_LIST_PARTY);
    writer_put_bytes(writer, span);
}

void writer_field(struct writer *writer, const struct field *field)
{
    if (field->wire == 0 && field->word != 0) {
        put_tag(writer, field->number, 0, TYPE_N, TYPE_D);
        writer_put_varint(writer, field->word);
    }
    if (field->wire == 1) writer_conn(writer, field->number, field->word);
    if (field->wire == 2) writer_bytes(writer, field->number, field->span);
}

void writer_text(struct writer *writer, unsigned field, const char *text)
{
    if (text) writer_bytes(writer, field, span_of(text));
}

void writer_kv(struct writer *writer, unsigned field, const struct kv *kv)
{
    writer_bytes(writer, field, kv_span(kv));
}

/* Elements follow. Begins a list; its length is written before it at the end, and an empty list is removed again. */
void writer_list_begin(struct writer *writer, unsigned field)
{
    assert(writer->list == 0);
    size_t start = writer->length;
    put_tag(writer, field, 2, TYPE_ONE_BLOB, TYPE_LIST_PARTY);
    writer->list = start;
    writer->element = writer->length;
}

void writer_list_text(struct writer *writer, struct span text)
{
    assert(writer->list);
    writer_put_bytes(writer, text);
}

void writer_list_u(struct writer *writer, uint64_t word)
{
    assert(writer->list);
    writer_put_varint(writer, word);
}

/* Writes the length before the bytes that were written since `start`. */
static void close_at(struct writer *writer, size_t start)
{
    writer_room_for(writer, VARINT_MAX);
    writer->length += bytes_insert_varint(writer->bytes + start, writer->length - start);
}

/* Begins a record: the numbers of fields begin anew within it, and go on after it. */
void writer_record_begin(struct writer *writer)
{
    assert(writer->list && writer->record == 0);
    writer->record = writer->length;
    writer->outer = writer->last;
    writer->last = 0;
}

void writer_record_end(struct writer *writer)
{
    assert(writer->record);
    close_at(writer, writer->record);
    writer->record = 0;
    writer->last = writer->outer;
}

void writer_list_end(struct writer *writer)
{
    assert(writer->list && writer->record == 0);
    if (writer->length == writer->element)
        writer->length = writer->list; /* empty: omitted */
    else
        close_at(writer, writer->element);
    writer->list = 0;
}

void writer_blob_begin(struct writer *writer, unsigned field)
{
    writer_list_begin(writer, field);
    writer->outer = field;
    writer->last = 0;
}

void writer_blob_end(struct writer *writer)
{
    writer->last = writer->outer;
    writer_list_end(writer);
}

/* Writes the same message with another source and number, in place of those in the frame. */
struct span writer_stamp(struct writer *writer, struct span frame, uint64_t source, uint64_t seq)
{
    struct reader reader = {.bytes = frame.bytes, .length = frame.length, .at = MESSAGE_HEADER};
    size_t rest = reader.at;
    while (reader.at < reader.length && reader_varint(&reader) >> 2 <= ENVELOPE_seq) {
        reader_varint(&reader);
        rest = reader.at;
    }
    assert(!reader.bad);
    writer_begin(writer, (unsigned)(frame.bytes[4] | frame.bytes[5] << 8));
    writer_u(writer, ENVELOPE_source, source);
    writer_u(writer, ENVELOPE_seq, seq);
    if (frame.length > rest)
        memcpy(writer_room_for(writer, frame.length - rest), frame.bytes + rest, frame.length - rest);
    writer->length += frame.length - rest;
    return writer_end(writer);
}

/* Writes the same message with an age: how long before the sending it happened. */
struct span writer_aged(struct writer *writer, struct span frame, int64_t ago_us)
{
    struct reader reader = {.bytes = frame.bytes, .length = frame.length, .at = MESSAGE_HEADER};
    size_t before = reader.at, behind = reader.at;
    while (reader.at < reader.length && !reader.bad) {
        uint64_t tag = reader_varint(&reader);
        if (tag >> 2 > ENVELOPE_ago) break;
        if ((tag & 3) == 0) reader_varint(&reader);
        if ((tag & 3) == 1) reader_eight(&reader);
        if ((tag & 3) == 2) reader_bytes(&reader);
        behind = reader.at;
        if (tag >> 2 < ENVELOPE_ago) before = behind;
    }
    assert(!reader.bad);
    writer_begin(writer, (unsigned)(frame.bytes[4] | frame.bytes[5] << 8));
    memcpy(writer_room_for(writer, before - MESSAGE_HEADER), frame.bytes + MESSAGE_HEADER, before - MESSAGE_HEADER);
    writer->length += before - MESSAGE_HEADER;
    writer_i(writer, ENVELOPE_ago, ago_us);
    memcpy(writer_room_for(writer, frame.length - behind), frame.bytes + behind, frame.length - behind);
    writer->length += frame.length - behind;
    return writer_end(writer);
}
