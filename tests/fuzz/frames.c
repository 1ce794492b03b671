/* tests/fuzz/frames.c - Frames by the tables, with the input's values. */
#include "tests/fuzz/frames.h"

#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/rows.h"

void seen_add(struct seen *seen, const struct message *message)
{
    unsigned at = seen->count++ % SEEN;
    seen->ixn[at] = message_u(message, ENVELOPE_ixn);
    seen->ref[at] = message_u(message, ENVELOPE_ref);
    seen->conn[at] = message_u(message, ENVELOPE_conn);
}

static uint64_t number_of(struct input *input)
{
    static const uint64_t ends[] = {1000000, UINT32_MAX, INT64_MAX, UINT64_MAX, 1u << 20, UINT64_C(1) << 48 | 1};
    uint8_t choice = input_byte(input);
    if (choice < 224) return 1 + choice % 32;
    if (choice < 248) return ends[choice % (sizeof ends / sizeof *ends)];
    uint64_t any = input_number(input, 8);
    return any ? any : 1;
}

/* The names that the strategy, the directory and the calls have; or bytes of the input. */
static struct span name_of(struct input *input, uint32_t room, uint8_t text[256])
{
    static const char *const names[] = {"marie",
                                        "paul",
                                        "jean",
                                        "olga",
                                        "7001",
                                        "7002",
                                        "1800",
                                        "5000",
                                        "5001",
                                        "desk",
                                        "service",
                                        "French",
                                        "English",
                                        "Sales",
                                        "overflow",
                                        "overflow/olga",
                                        "marie/French",
                                        "enterprise",
                                        "agent",
                                        "skill",
                                        "level",
                                        "group",
                                        "dn",
                                        "strategy",
                                        "defaults",
                                        "4711",
                                        "1",
                                        "2",
                                        "gold",
                                        "Dupont",
                                        "name",
                                        "tier",
                                        "language",
                                        "account",
                                        "customer",
                                        "calls",
                                        "treatments",
                                        "tserver",
                                        "+33145550101",
                                        "a longer text of more than seven bytes"};
    uint8_t choice = input_byte(input);
    if (choice < 240) return span_of(names[choice % (sizeof names / sizeof *names)]);
    size_t length;
    const uint8_t *bytes = input_take(input, input_byte(input), &length);
    if (length > room) length = room;
    for (size_t i = 0; i < length; i++) text[i] = bytes[i] & 0x7f ? bytes[i] & 0x7f : 'x';
    return length > 0 ? (struct span){text, (uint32_t)length} : span_of("x");
}

static void put_pairs(struct input *input, struct kv *kv, unsigned depth)
{
    uint8_t texts[2][256];
    for (unsigned count = input_byte(input) % 5; count > 0; count--) {
        struct span key = name_of(input, 64, texts[0]);
        uint8_t choice = input_byte(input);
        struct kv_value value = {.tag = (enum kv_tag)(choice % 8), .secret = choice > 240};
        if (value.tag == KV_LIST) {
            if (depth >= 4) continue;
            kv_list_begin(kv, key);
            put_pairs(input, kv, depth + 1);
            kv_list_end(kv);
            continue;
        }
        value.word = value.tag == KV_BOOL ? choice / 8 % 2 : (int64_t)number_of(input);
        value.number = choice * 0.5;
        if (value.tag == KV_TEXT || value.tag == KV_BINARY) value.span = name_of(input, 255, texts[1]);
        kv_put(kv, key, &value);
    }
}

static void put(struct input *, struct writer *, const struct field_row *, const struct seen *);

static void put_fields(struct input *input, struct writer *writer, const struct row *row, const struct seen *seen)
{
    uint64_t wanted = input_number(input, 1 + row->count / 8);
    for (unsigned at = 0; at < row->count; at++)
        if (row->fields[at].number > ENVELOPE_tenant && wanted >> at % 64 & 1)
            put(input, writer, &row->fields[at], seen);
}

static void put_record(struct input *input, struct writer *writer, enum field_type type)
{
    const struct row *row = row_of_record(type);
    uint64_t wanted = input_byte(input);
    for (unsigned at = 0; at < row->count; at++)
        if (wanted >> at % 8 & 1) put(input, writer, &row->fields[at], NULL);
}

static void put_list(struct input *input, struct writer *writer, const struct field_row *field)
{
    uint8_t text[256];
    writer_list_begin(writer, field->number);
    for (unsigned count = input_byte(input) % 4; count > 0; count--) {
        if (field->type == TYPE_LIST_TEXT) {
            writer_list_text(writer, name_of(input, 255, text));
        } else if (field->type == TYPE_LIST_N) {
            writer_list_u(writer, number_of(input));
        } else {
            writer_record_begin(writer);
            put_record(input, writer, field->type);
            writer_record_end(writer);
        }
    }
    writer_list_end(writer);
}

static void put(struct input *input, struct writer *writer, const struct field_row *field, const struct seen *seen)
{
    static const uint8_t hash[32] = {1, 2, 3};
    uint8_t text[256];
    struct kv kv;
    switch (field->type) {
    case TYPE_B:
        writer_u(writer, field->number, 1);
        break;
    case TYPE_E:
        writer_u(writer, field->number, input_byte(input) % 24);
        break;
    case TYPE_N:
    case TYPE_ID:
        writer_u(writer, field->number, number_of(input));
        break;
    case TYPE_I:
    case TYPE_T:
    case TYPE_D:
        writer_i(writer, field->number, (int64_t)number_of(input));
        break;
    case TYPE_CONN:
        writer_conn(writer, field->number, seen ? seen->conn[input_byte(input) % SEEN] : number_of(input));
        break;
    case TYPE_NAME:
        writer_bytes(writer, field->number, name_of(input, 64, text));
        break;
    case TYPE_ADDR:
    case TYPE_TEXT:
    case TYPE_BYTES:
        writer_bytes(writer, field->number, name_of(input, 255, text));
        break;
    case TYPE_HASH:
        writer_bytes(writer, field->number, (struct span){hash, sizeof hash});
        break;
    case TYPE_KV:
    case TYPE_ROWS:
    case TYPE_VALUES:
        kv_init(&kv);
        put_pairs(input, &kv, 0);
        writer_kv(writer, field->number, &kv);
        kv_free(&kv);
        break;
    case TYPE_ONE_BLOB:
        writer_blob_begin(writer, field->number);
        put_record(input, writer, field->type);
        writer_blob_end(writer);
        break;
    default:
        put_list(input, writer, field);
    }
}

/* Ids of what was seen, as answers have them, or any. */
static void put_envelope(struct input *input, struct writer *writer, uint64_t source, uint64_t seq,
                         const struct seen *seen)
{
    uint8_t fields = input_byte(input), which = input_byte(input) % SEEN;
    writer_u(writer, ENVELOPE_source, source);
    writer_u(writer, ENVELOPE_seq, seq ? seq : number_of(input));
    if (fields & 1) writer_u(writer, ENVELOPE_ixn, fields & 32 ? number_of(input) : seen->ixn[which]);
    if (fields & 2) writer_u(writer, ENVELOPE_ref, fields & 64 ? number_of(input) : seen->ref[which]);
    if (fields & 4)
        writer_conn(writer, ENVELOPE_conn,
                    fields & 128 ? UINT64_C(16) << 48 | (0x10000000 + input_byte(input) % 4) : seen->conn[which]);
    if (fields & 8) writer_u(writer, ENVELOPE_client, number_of(input));
    if (fields & 16) writer_u(writer, ENVELOPE_req, number_of(input));
}

struct span frame_made(struct input *input, struct writer *writer, unsigned kind, uint64_t source, uint64_t seq,
                       const struct seen *seen)
{
    writer_clear(writer);
    writer_begin(writer, kind);
    if (kind >= 32) put_envelope(input, writer, source, seq, seen);
    put_fields(input, writer, row_of(kind), seen);
    return writer_end(writer);
}

static unsigned kind_within(struct input *input, unsigned first, unsigned last)
{
    unsigned kind = first + (unsigned)input_byte(input) % (last - first + 1);
    return row_of(kind) ? kind : first;
}

unsigned frame_kind_event(struct input *input)
{
    return kind_within(input, KIND_LinkUp, KIND_Granted);
}

unsigned frame_kind_effect(struct input *input)
{
    return kind_within(input, KIND_Configure, KIND_ToPartition);
}

unsigned frame_kind_control(struct input *input)
{
    return kind_within(input, KIND_Hello, KIND_Report);
}

void frames_check(struct span frames, struct seen *seen)
{
    struct message message;
    struct error error;
    for (uint32_t at = 0; at < frames.length;) {
        size_t size = message_frame_size(frames.bytes + at, frames.length - at);
        MUST(size > 0 && size <= frames.length - at);
        if (!message_read(&message, frames.bytes + at, size, &error)) fuzz_broken(__FILE__, __LINE__, error.text);
        char line[256];
        message_print(&message, line, sizeof line);
        if (message_u(&message, ENVELOPE_ref) != 0) seen_add(seen, &message);
        at += (uint32_t)size;
    }
}
