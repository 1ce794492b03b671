/* runtime/vocabulary/message.c - Reading frames, and refusing those that are not canonical or
 * break a limit.
 *
 *     frame:  4 bytes length of the rest | 2 bytes kind | 2 bytes 0 | fields, numbers ascending
 *     field:  varint (number << 2 | wire) | wire 0: varint, 1: 8 bytes, 2: length and bytes
 *
 * A message has exactly one form: no field twice, no zero or empty field, and each varint as short as possible. So
 * equal messages have equal bytes, and hashes of frames can be compared. A field that this version does not know is
 * skipped, but its form is checked. An unknown value of an enumeration becomes 0.
 *
 * The message points into the frame and is valid as long as the frame is. */
#include "runtime/vocabulary/message.h"

#include <assert.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"

static unsigned message_u16(const uint8_t *bytes)
{
    return (unsigned)(bytes[0] | bytes[1] << 8);
}

size_t message_frame_size(const uint8_t *bytes, size_t available)
{
    return available < 4 ? 0 : (size_t)bytes_get_four(bytes) + 4;
}

static unsigned wire_of(enum field_type type)
{
    if (type < TYPE_CONN) return 0;
    return type == TYPE_CONN ? 1 : 2;
}

static bool message_refuse(struct error *error, const struct row *row, const struct field_row *field, const char *why)
{
    return error_set(error, ERROR_INPUT, "%s.%s: %s", row->name, field->name, why);
}

/* Returns how many bytes a field of the type may have. A type without a limit of its own is limited by the frame. */
static uint32_t bytes_max(enum field_type type)
{
    static const uint32_t most[] = {[TYPE_NAME] = NAME_MAX_BYTES,   [TYPE_ADDR] = ADDR_MAX_BYTES,
                                    [TYPE_TEXT] = TEXT_MAX_BYTES,   [TYPE_HASH] = 32,
                                    [TYPE_KV] = KV_BYTES_MAX,       [TYPE_VALUES] = KV_BYTES_MAX,
                                    [TYPE_ROWS] = RESULT_MAX_BYTES, [TYPE_BYTES] = RESULT_MAX_BYTES};
    return type < sizeof most / sizeof *most && most[type] ? most[type] : MESSAGE_FRAME_MAX;
}

static bool message_read_fields(struct message *, struct reader *, const struct row *, struct error *);

/* Checks a record like a message; its fields are not kept. */
static bool check_record(struct span span, enum field_type type, struct error *error)
{
    struct message record = {0};
    struct reader reader = {.bytes = span.bytes, .length = span.length};
    return message_read_fields(&record, &reader, row_of_record(type), error);
}

/* Checks the elements of a list; records are checked like messages. The size of elements of text lists is limited,
 * too. */
static bool message_check_list(struct span span, const struct row *row, const struct field_row *field,
                               struct error *error)
{
    struct reader reader = {.bytes = span.bytes, .length = span.length};
    for (unsigned count = 1; reader.at < reader.length; count++) {
        if (count > LIST_MAX) return message_refuse(error, row, field, "the list has more than 1000 elements");
        if (field->type == TYPE_LIST_N) {
            reader_varint(&reader);
            if (reader.bad) return message_refuse(error, row, field, "the list is malformed");
            continue;
        }
        struct span element = reader_bytes(&reader);
        if (reader.bad) return message_refuse(error, row, field, "the list is malformed");
        if (field->type != TYPE_LIST_TEXT) {
            if (!check_record(element, field->type, error)) return false;
        } else if (element.length > TEXT_MAX_BYTES || !bytes_are_utf8(element)) {
            return message_refuse(error, row, field, "an element is too long or not UTF-8");
        }
    }
    return true;
}

static bool check_span(struct span span, const struct row *row, const struct field_row *field, struct error *error)
{
    if (span.length == 0) return message_refuse(error, row, field, "empty values are omitted");
    if (span.length > bytes_max(field->type)) return message_refuse(error, row, field, "longer than is allowed");
    switch (field->type) {
    case TYPE_NAME:
    case TYPE_ADDR:
    case TYPE_TEXT:
        return bytes_are_utf8(span) || message_refuse(error, row, field, "not UTF-8");
    case TYPE_HASH:
        return span.length == 32 || message_refuse(error, row, field, "a hash has 32 bytes");
    case TYPE_KV:
    case TYPE_VALUES:
    case TYPE_ROWS:
        return kv_check_within(span, bytes_max(field->type), error);
    case TYPE_ONE_BLOB:
        return check_record(span, field->type, error);
    case TYPE_LIST_TEXT:
    case TYPE_LIST_N:
    case TYPE_LIST_BLOB:
    case TYPE_LIST_PARTY:
        return message_check_list(span, row, field, error);
    default:
        return true;
    }
}

/* Checks one field of a frame. Zero and empty values are refused: they mean an absent field, so writing them would
 * be a second form. */
static bool check_field(struct field *field, const struct row *row, const struct field_row *known, struct error *error)
{
    if (field->wire != wire_of(known->type)) return message_refuse(error, row, known, "not of this type");
    if (field->wire == 2) return check_span(field->span, row, known, error);
    if (field->word == 0) return message_refuse(error, row, known, "zero is omitted");
    if (known->type == TYPE_B && field->word != 1) return message_refuse(error, row, known, "a flag is 1 or omitted");
    if (known->type == TYPE_E && !enum_table_name(known->values, field->word)) field->word = 0;
    return true;
}

static bool message_malformed(struct error *error, const struct row *row, size_t at, const char *why)
{
    return error_at(error, ERROR_INPUT, (uint32_t)at, "%s: %s at byte %zu", row->name, why, at);
}

static bool message_read_fields(struct message *message, struct reader *reader, const struct row *row,
                                struct error *error)
{
    message->row = row;
    uint64_t last = 0;
    while (reader->at < reader->length) {
        size_t start = reader->at;
        uint64_t tag = reader_varint(reader);
        struct field field = {.number = (uint16_t)(tag >> 2), .wire = (uint8_t)(tag & 3)};
        if (field.wire == 0) field.word = reader_varint(reader);
        if (field.wire == 1) field.word = reader_eight(reader);
        if (field.wire == 2) field.span = reader_bytes(reader);
        if (reader->bad || field.wire == 3)
            return message_malformed(error, row, start, "a field is cut short or malformed");
        if (tag >> 2 > UINT16_MAX) return message_malformed(error, row, start, "no field has such a number");
        if (tag >> 2 <= last) return message_malformed(error, row, start, "fields do not ascend");
        last = tag >> 2;
        const struct field_row *known = row_field(row, field.number);
        if (!known) {
            /* A field of a later vocabulary: its meaning is ignored, but its form is checked. */
            if (field.wire == 2 ? field.span.length == 0 : field.word == 0)
                return message_malformed(error, row, start, "an empty field");
            continue;
        }
        if (!check_field(&field, row, known, error)) return false;
        assert(message->count < MESSAGE_FIELDS_MAX); /* there is room: no row of the tables has more fields */
        message->fields[message->count++] = field;
    }
    return true;
}

/* The frame's first four bytes must give exactly the length that has come. Events have a lower limit than other
 * messages. */
bool message_read(struct message *message, const uint8_t *frame, size_t length, struct error *error)
{
    if (length < MESSAGE_HEADER || message_frame_size(frame, length) != length)
        return error_set(error, ERROR_INPUT, "a frame of %zu bytes says that it has another length", length);
    unsigned kind = message_u16(frame + 4);
    const struct row *row = row_of(kind);
    if (!row || message_u16(frame + 6) != 0)
        return error_set(error, ERROR_INPUT, "there is no message of kind %u", kind);
    if (length > (kind_is_event(kind) ? MESSAGE_EVENT_MAX : MESSAGE_FRAME_MAX))
        return error_set(error, ERROR_LIMIT, "%s has %zu bytes", row->name, length);
    message->kind = (uint16_t)kind;
    message->count = 0;
    message->frame = (struct span){frame, (uint32_t)length};
    struct reader reader = {.bytes = frame, .length = length, .at = MESSAGE_HEADER};
    return message_read_fields(message, &reader, row, error);
}

/* Reads a record within a message that was read before; `row` is the row for this kind of record. */
void message_record(struct message *message, const struct row *row, struct span record)
{
    *message = (struct message){.frame = record};
    struct reader reader = {.bytes = record.bytes, .length = record.length};
    bool good = message_read_fields(message, &reader, row, NULL);
    assert(good); /* cannot fail: the record was checked with its message */
}

/* Finds a field; numbers ascend, so the search ends at the first greater number. */
static const struct field *message_find_field(const struct message *message, unsigned number)
{
    for (unsigned i = 0; i < message->count && message->fields[i].number <= number; i++)
        if (message->fields[i].number == number) return &message->fields[i];
    return NULL;
}

uint64_t message_u(const struct message *message, unsigned number)
{
    const struct field *field = message_find_field(message, number);
    return field ? field->word : 0;
}

int64_t message_i(const struct message *message, unsigned number)
{
    return bytes_unzigzag(message_u(message, number));
}

struct span message_text(const struct message *message, unsigned number)
{
    const struct field *field = message_find_field(message, number);
    return field ? field->span : (struct span){0};
}

bool message_has(const struct message *message, unsigned number)
{
    return message_find_field(message, number) != NULL;
}

bool message_next_text(struct span list, uint32_t *at, struct span *element)
{
    if (*at >= list.length) return false;
    struct reader reader = {.bytes = list.bytes, .length = list.length, .at = *at};
    *element = reader_bytes(&reader);
    assert(!reader.bad); /* cannot fail: the message has been checked */
    *at = (uint32_t)reader.at;
    return true;
}

bool message_lists_text(struct span list, struct span text)
{
    struct span element;
    for (uint32_t at = 0; message_next_text(list, &at, &element);)
        if (span_equal(element, text)) return true;
    return false;
}

bool message_next_u(struct span list, uint32_t *at, uint64_t *element)
{
    if (*at >= list.length) return false;
    struct reader reader = {.bytes = list.bytes, .length = list.length, .at = *at};
    *element = reader_varint(&reader);
    assert(!reader.bad);
    *at = (uint32_t)reader.at;
    return true;
}

/* Returns the class of an event; some events have another class if a field has a certain value, and those rows are
 * checked first. */
enum event_class message_class(const struct message *message)
{
#define F(message, field, type)
#define END(message)
#define EVENT(name, number, class, by, doc)
#define EVENT_IF(name, field, value, class)                                                                            \
    if (message->kind == KIND_##name && message_u(message, name##_##field) == value) return CLASS_##class;
#define EVENT_PACE(name, pace)
#include "runtime/vocabulary/events.def"
#undef EVENT_PACE
#undef EVENT_IF
    return message->row ? (enum event_class)message->row->row_class : CLASS_RELIEVE;
}

static enum event_pace event_pace_of(unsigned kind)
{
    switch (kind) {
#define EVENT_IF(name, field, value, class)
#define EVENT_PACE(name, pace)                                                                                         \
    case KIND_##name:                                                                                                  \
        return PACE_##pace;
#include "runtime/vocabulary/events.def"
#undef EVENT_PACE
#undef EVENT_IF
#undef EVENT
#undef F
#undef END
    default:
        return PACE_AWAITED;
    }
}

/* If a reply to an event is due, its pace is that of an awaited event, whatever its row says. */
enum event_pace message_pace(const struct message *message)
{
    enum event_pace pace = event_pace_of(message->kind);
    bool replied = message_u(message, ENVELOPE_req) != 0;
    return pace == PACE_SOON && replied ? PACE_AWAITED : pace;
}
