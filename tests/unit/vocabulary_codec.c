/* tests/unit/vocabulary_codec.c - Every row of the tables goes there and back; what is not canonical is refused. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/compared.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/rows.h"

static void write_kv(struct writer *writer, unsigned field)
{
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, "account", span_of("4711"));
    kv_put_int(&kv, "age", -3);
    kv_put_bool(&kv, "vip", true);
    kv_list_begin(&kv, span_of("customer"));
    kv_put_text(&kv, "name", span_of("Dup\xc3\xb3nt"));
    kv_put_none(&kv, "tier");
    kv_list_end(&kv);
    kv_put(&kv, span_of("pin"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("0000")});
    writer_kv(writer, field, &kv);
    kv_free(&kv);
}

static void write_fields(struct writer *, const struct row *, unsigned from);

/* Some value of that type, other than zero. */
static void write_sample(struct writer *writer, const struct field_row *field)
{
    static const uint8_t hash[32] = {1, 2, 3};
    switch (field->type) {
    case TYPE_N:
    case TYPE_ID:
        writer_u(writer, field->number, UINT64_MAX);
        break;
    case TYPE_B:
        writer_u(writer, field->number, 1);
        break;
    case TYPE_E:
        writer_u(writer, field->number, field->values->values[field->values->count - 1].number);
        break;
    case TYPE_I:
    case TYPE_T:
    case TYPE_D:
        writer_i(writer, field->number, INT64_MIN);
        break;
    case TYPE_CONN:
        writer_conn(writer, field->number, 0x0010000000000001);
        break;
    case TYPE_NAME:
    case TYPE_ADDR:
    case TYPE_TEXT:
        writer_text(writer, field->number, "caf\xc3\xa9 = \"1\"");
        break;
    case TYPE_HASH:
        writer_bytes(writer, field->number, (struct span){hash, 32});
        break;
    case TYPE_BYTES:
        writer_bytes(writer, field->number, (struct span){hash, 5});
        break;
    case TYPE_KV:
    case TYPE_ROWS:
    case TYPE_VALUES:
        write_kv(writer, field->number);
        break;
    case TYPE_ONE_BLOB:
        writer_blob_begin(writer, field->number);
        write_fields(writer, row_of_record(TYPE_ONE_BLOB), 16);
        writer_blob_end(writer);
        break;
    case TYPE_LIST_TEXT:
        writer_list_begin(writer, field->number);
        writer_list_text(writer, span_of("one"));
        writer_list_text(writer, span_of(""));
        writer_list_end(writer);
        break;
    case TYPE_LIST_N:
        writer_list_begin(writer, field->number);
        writer_list_u(writer, 0);
        writer_list_u(writer, 300);
        writer_list_end(writer);
        break;
    case TYPE_LIST_BLOB:
    case TYPE_LIST_PARTY:
        writer_list_begin(writer, field->number);
        for (int i = 0; i < 2; i++) {
            writer_record_begin(writer);
            write_fields(writer, row_of_record(field->type), 16);
            writer_record_end(writer);
        }
        writer_list_end(writer);
        break;
    }
}

static void write_fields(struct writer *writer, const struct row *row, unsigned from)
{
    for (unsigned number = from; number < 16 + row->count; number++) {
        const struct field_row *field = row_field(row, number);
        if (field) write_sample(writer, field);
    }
}

static struct span full_frame(struct writer *writer, const struct row *row)
{
    writer_clear(writer);
    writer_begin(writer, row->kind);
    write_fields(writer, row, 1);
    return writer_end(writer);
}

/* The same message once more, from what was read. */
static struct span rewrite(struct writer *writer, const struct message *message)
{
    writer_clear(writer);
    writer_begin(writer, message->kind);
    for (unsigned i = 0; i < message->count; i++) writer_field(writer, &message->fields[i]);
    return writer_end(writer);
}

static bool reads(struct span frame)
{
    struct message message;
    struct error error = {0};
    bool good = message_read(&message, frame.bytes, frame.length, &error);
    cr_assert(good || error.text[0], "a refusal says why");
    return good;
}

/* The row of the next kind that has one; NULL: there is none. */
static const struct row *row_after(unsigned *kind)
{
    const struct row *row = NULL;
    while (!row && *kind < UINT16_MAX) row = row_of(++*kind);
    return row;
}

Test(vocabulary, every_row_goes_there_and_back, .timeout = 20)
{
    struct writer writer, again;
    writer_init(&writer);
    writer_init(&again);
    const struct row *row, *other;
    unsigned rows = 0;
    for (unsigned kind = 0; (row = row_after(&kind));) {
        rows++;
        cr_assert_eq(row_of(row->kind), row);
        for (unsigned before = 0; (other = row_after(&before)) && other != row;)
            cr_assert_str_neq(other->name, row->name);
        struct span frame = full_frame(&writer, row);
        struct message message;
        struct error error = {0};
        cr_assert(message_read(&message, frame.bytes, frame.length, &error), "%s: %s", row->name, error.text);
        cr_assert_eq(message.count, 13 + row->count, "%s", row->name);
        cr_assert(span_equal(rewrite(&again, &message), frame), "%s", row->name);

        char line[8192];
        size_t length = message_print(&message, line, sizeof line);
        cr_assert_lt(length, sizeof line);
        cr_assert_eq(message_print(&message, NULL, 0), length);
        cr_assert_eq(strlen(line), length);
        cr_assert_null(strstr(line, "0000\""));
        for (unsigned j = 0; j < row->count; j++) cr_assert(strstr(line, row->fields[j].name));
    }
    cr_assert_gt(rows, 80);
    writer_free(&writer);
    writer_free(&again);
}

/* A new effect says in compared.def how versions are compared by it. */
Test(vocabulary, every_effect_says_how_it_is_compared)
{
    for (unsigned kind = 0; kind <= UINT16_MAX; kind++)
        cr_assert_eq(compared_as(kind) != COMPARED_none, kind_is_effect(kind), "compared.def: %s",
                     kind_name(kind) ? kind_name(kind) : "a kind without a name");
    cr_assert(compared_field(KIND_RequestRouteCall, RequestRouteCall_dest));
    cr_assert(!compared_field(KIND_RequestRouteCall, RequestRouteCall_data));
    cr_assert(compared_field(KIND_SendMessage, SendMessage_text));
    cr_assert(!compared_field(KIND_SendMessage, SendMessage_msg_id));
    cr_assert(!compared_field(KIND_SendMessage, ENVELOPE_ref));
}

Test(vocabulary, an_empty_message_of_every_row_is_its_header, .timeout = 20)
{
    struct writer writer;
    writer_init(&writer);
    const struct row *row;
    for (unsigned kind = 0; (row = row_after(&kind));) {
        writer_clear(&writer);
        writer_begin(&writer, row->kind);
        for (unsigned j = 0; j < row->count; j++) writer_u(&writer, row->fields[j].number, 0);
        struct span frame = writer_end(&writer);
        cr_assert_eq(frame.length, MESSAGE_HEADER);
        cr_assert(reads(frame));
    }
    writer_free(&writer);
}

/* A number where the tables have eight bytes, and the like: who reads the frame would refuse all of it. */
Test(vocabulary, a_writer_asserts_that_it_is_of_the_fields_type, .timeout = 20, .signal = SIGABRT)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_RequestUserData);
    writer_u(&writer, ENVELOPE_conn, 7);
}

Test(vocabulary, a_writer_asserts_it_of_the_fields_of_a_record, .timeout = 20, .signal = SIGABRT)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_Restore);
    writer_list_begin(&writer, Restore_parties);
    writer_record_begin(&writer);
    writer_u(&writer, Party_since, 7);
}

/* Equal messages are equal bytes: whatever is accepted is what a writer would have written. */
Test(vocabulary, any_altered_byte_is_refused_or_canonical, .timeout = 60)
{
    struct writer writer, again;
    writer_init(&writer);
    writer_init(&again);
    const struct row *row;
    for (unsigned kind = 0; (row = row_after(&kind));) {
        struct span frame = full_frame(&writer, row);
        uint8_t *copy = malloc(frame.length); /* of exactly that size, so that a read past its end is seen */
        for (uint32_t at = 0; at < frame.length; at++) {
            static const uint8_t changes[] = {0x01, 0x02, 0x04, 0x80, 0xff, 0x40};
            for (unsigned c = 0; c < sizeof changes; c++) {
                memcpy(copy, frame.bytes, frame.length);
                copy[at] ^= changes[c];
                struct message message;
                struct error error;
                if (!message_read(&message, copy, frame.length, &error)) continue;
                char line[64];
                message_print(&message, line, sizeof line);
                /* Shorter where a field or value has become an unknown one, which is skipped. */
                struct span same = rewrite(&again, &message);
                if (same.length == frame.length) cr_assert(memcmp(same.bytes, copy, frame.length) == 0);
            }
        }
        for (uint32_t length = 0; length < frame.length; length++) {
            struct message message;
            uint8_t *cut = malloc(length ? length : 1);
            memcpy(cut, frame.bytes, length);
            cr_assert_not(message_read(&message, cut, length, NULL));
            free(cut);
        }
        free(copy);
    }
    writer_free(&writer);
    writer_free(&again);
}

/* A frame of that kind with these bytes as its fields. */
static bool fields_read(unsigned kind, const void *bytes, size_t length)
{
    uint8_t *frame = calloc(1, MESSAGE_HEADER + length);
    frame[0] = (uint8_t)(length + 4);
    frame[1] = (uint8_t)((length + 4) >> 8);
    frame[2] = (uint8_t)((length + 4) >> 16);
    frame[4] = (uint8_t)kind;
    frame[5] = (uint8_t)(kind >> 8);
    memcpy(frame + MESSAGE_HEADER, bytes, length);
    bool good = reads((struct span){frame, (uint32_t)(MESSAGE_HEADER + length)});
    free(frame);
    return good;
}

#define READS(kind, ...) fields_read(kind, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})
#define TAG(field, wire) (uint8_t)((field) << 2 | (wire))

Test(vocabulary, what_is_not_canonical_is_refused, .timeout = 20)
{
    enum { source = 1, seq = 2 };
    cr_assert(READS(KIND_LinkDown, TAG(source, 0), 1, 0x40, 1), "field 16 is one byte 0x40");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 0), 1, TAG(source, 0), 1), "descending");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 0), 1, TAG(seq, 0), 1), "twice");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 0), 0x81, 0x00), "a varint that could be shorter");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 0), 0), "zero");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 3), 1), "wire 3");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 2), 1, 'x'), "a number as text");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 0)), "cut short");
    cr_assert_not(READS(KIND_LinkDown, TAG(0, 0), 1), "field 0");
    cr_assert_not(READS(KIND_LinkDown, TAG(seq, 0), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02),
                  "more than 64 bits");
    cr_assert_not(READS(KIND_PeerLink, 0x42, 0), "an empty text");
    cr_assert_not(READS(KIND_PeerLink, 0x44, 2), "a flag of 2");
    cr_assert_not(READS(KIND_PeerLink, 0x42, 2, 0xc0, 0x80), "an overlong encoding");
    cr_assert_not(READS(KIND_PeerLink, 0x42, 3, 0xed, 0xa0, 0x80), "a surrogate");
    cr_assert_not(READS(KIND_PeerLink, 0x42, 1, 0), "U+0000");
    cr_assert_not(READS(30, TAG(seq, 0), 1), "no such kind");
    cr_assert_not(READS(700, TAG(seq, 0), 1), "no such kind");
}

Test(vocabulary, what_later_versions_add_is_skipped, .timeout = 20)
{
    /* Field 40 of a message that has none; an unknown value of an enumeration. */
    cr_assert(READS(KIND_LinkDown, 0x40, 7, 0xa2, 0x01, 2, 'h', 'i'));
    cr_assert_not(READS(KIND_LinkDown, 0x40, 7, 0xa2, 0x01, 0), "but not malformed ones");
    uint8_t frame[] = {6, 0, 0, 0, KIND_LinkDown, 0, 0, 0, 0x44, 99};
    struct message message;
    cr_assert(message_read(&message, frame, sizeof frame, NULL));
    cr_assert_eq(message_u(&message, LinkDown_reason), 0);
}

/* A recording with so long a store, key and hash. */
static bool recording_reads(uint32_t store, uint32_t key, uint32_t hash)
{
    struct writer writer;
    struct message message;
    uint8_t text[ADDR_MAX_BYTES + 1];
    memset(text, 'x', sizeof text);
    writer_init(&writer);
    writer_begin(&writer, KIND_EventTreatment);
    writer_blob_begin(&writer, EventTreatment_recording);
    writer_bytes(&writer, Blob_store, (struct span){text, store});
    writer_bytes(&writer, Blob_key, (struct span){text, key});
    writer_u(&writer, Blob_length, UINT64_MAX);
    writer_bytes(&writer, Blob_sha256, (struct span){text, hash});
    writer_blob_end(&writer);
    struct span frame = writer_end(&writer);
    bool good = message_read(&message, frame.bytes, frame.length, NULL);
    writer_free(&writer);
    return good;
}

Test(vocabulary, a_recording_is_no_longer_than_is_allowed, .timeout = 20)
{
    cr_assert(recording_reads(NAME_MAX_BYTES, ADDR_MAX_BYTES, 32));
    cr_assert(recording_reads(0, 1, 0), "what is not there is left out");
    cr_assert_not(recording_reads(NAME_MAX_BYTES + 1, 1, 32));
    cr_assert_not(recording_reads(1, ADDR_MAX_BYTES + 1, 32));
    cr_assert_not(recording_reads(1, 1, 31));
    cr_assert_not(recording_reads(1, 1, 33));
    cr_assert_not(READS(KIND_EventTreatment, 0x4e, 0), "an empty one is left out");
    cr_assert_not(READS(KIND_EventTreatment, 0x4e, 3, 0x42, 2, 'x'), "a text that is cut short");
}

Test(vocabulary, what_later_versions_add_to_a_record_is_skipped_too, .timeout = 20)
{
    struct writer writer;
    struct message message, party;
    struct span element;
    uint32_t at = 0;
    writer_init(&writer);
    writer_begin(&writer, KIND_Observed);
    writer_list_begin(&writer, Observed_parties);
    writer_record_begin(&writer);
    writer_text(&writer, Party_dn, "7001");
    writer_u(&writer, Party_role, 99);
    writer_u(&writer, Party_since + 1, 5);
    writer_record_end(&writer);
    writer_list_end(&writer);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    cr_assert(message_next_text(message_text(&message, Observed_parties), &at, &element));
    message_record(&party, row_of_record(TYPE_LIST_PARTY), element);
    cr_expect(span_is(message_text(&party, Party_dn), "7001"));
    cr_expect_eq(message_u(&party, Party_role), party_role_other);
    cr_expect_eq(party.count, 2);
    writer_free(&writer);
}

static bool text_reads(unsigned kind, unsigned field, size_t length)
{
    char *text = malloc(length);
    memset(text, 'a', length);
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, kind);
    writer_bytes(&writer, field, (struct span){(uint8_t *)text, (uint32_t)length});
    bool good = reads(writer_end(&writer));
    writer_free(&writer);
    free(text);
    return good;
}

Test(vocabulary, limits_go_by_the_type_of_the_field, .timeout = 20)
{
    cr_assert(text_reads(KIND_PeerLink, PeerLink_peer, 64));
    cr_assert_not(text_reads(KIND_PeerLink, PeerLink_peer, 65));
    cr_assert(text_reads(KIND_EventCallCreated, EventCallCreated_ani, 256));
    cr_assert_not(text_reads(KIND_EventCallCreated, EventCallCreated_ani, 257));
    cr_assert(text_reads(KIND_EventDone, EventDone_text, 4096));
    cr_assert_not(text_reads(KIND_EventDone, EventDone_text, 4097));
    cr_assert(text_reads(KIND_Hello, Hello_credential, 48 * 1024));
    cr_assert_not(text_reads(KIND_Hello, Hello_credential, 48 * 1024 + 1));
    cr_assert_not(text_reads(KIND_Activate, Activate_image, 31));
}

Test(vocabulary, lists_end_at_a_thousand, .timeout = 20)
{
    for (unsigned count = 1000; count <= 1001; count++) {
        struct writer writer;
        writer_init(&writer);
        writer_begin(&writer, KIND_RequestPull);
        writer_list_begin(&writer, RequestPull_ids);
        for (unsigned i = 0; i < count; i++) writer_list_u(&writer, i);
        writer_list_end(&writer);
        cr_assert_eq(reads(writer_end(&writer)), count == 1000);
        writer_free(&writer);
    }
}

Test(vocabulary, names_of_values_are_had_both_ways, .timeout = 20)
{
    cr_assert_str_eq(enum_name_cause(cause_busy), "busy");
    cr_assert_eq(enum_value_cause("busy", 4), cause_busy);
    cr_assert_eq(enum_value_cause("bus", 3), -1);
    cr_assert_str_eq(enum_name_cause(12345), "other");
    cr_assert_str_eq(kind_name(KIND_RequestRouteCall), "RequestRouteCall");
    cr_assert_null(kind_name(999));
    cr_assert_eq(effect_class(KIND_RequestMakeCall), CLASS_ONCE);
}

Test(vocabulary, a_message_is_called_what_people_call_it, .timeout = 20)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_EventParty);
    writer_u(&writer, ENVELOPE_ixn, 1ull << 48 | 1);
    writer_conn(&writer, ENVELOPE_conn, 0x0010abcd);
    writer_text(&writer, EventParty_dn, "7001");
    writer_u(&writer, EventParty_change, party_change_Released);
    writer_text(&writer, EventParty_agent, "two words\n");
    writer_text(&writer, EventParty_to,
                "\xc2\x9b"
                "5m\xc3\xa9"); /* U+009B is one for a terminal */
    struct span frame = writer_end(&writer);
    struct message message;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    char line[256];
    message_print(&message, line, sizeof line);
    cr_assert_str_eq(line, "EventReleased ixn=1-000000000001 conn=000000000010abcd dn=7001 change=Released "
                           "agent=\"two words\\u{a}\" to=\"\\u{9b}5m\xc3\xa9\"");
    message_print_bare(&message, (struct message_mask){0}, line, sizeof line);
    cr_assert_str_eq(line, "EventReleased dn=7001 change=Released agent=\"two words\\u{a}\" to=\"\\u{9b}5m\xc3\xa9\"");
    cr_assert_eq(message_class(&message), CLASS_RELIEVE);
    writer_free(&writer);
}

static bool hides_pin(const void *self, struct span key)
{
    return !self && span_is(key, "pin");
}

static struct span photos(const void *self, unsigned medium)
{
    cr_assert_not(self);
    return span_of(medium == media_own7 ? "photo" : enum_name_media(medium));
}

Test(vocabulary, a_medium_is_printed_as_the_site_calls_it, .timeout = 20)
{
    struct writer writer;
    struct message message;
    char line[256];
    writer_init(&writer);
    writer_begin(&writer, KIND_LinkUp);
    writer_list_begin(&writer, LinkUp_media);
    writer_list_u(&writer, media_fax);
    writer_list_u(&writer, media_own7);
    writer_list_u(&writer, media_own1);
    writer_list_end(&writer);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_bare(&message, (struct message_mask){.medium = photos}, line, sizeof line);
    cr_expect_str_eq(line, "LinkUp media=[fax,photo,own1]");
    message_print_bare(&message, (struct message_mask){0}, line, sizeof line);
    cr_expect_str_eq(line, "LinkUp media=[fax,own7,own1]");
    writer_clear(&writer);
    writer_begin(&writer, KIND_Submit);
    writer_u(&writer, Submit_media, media_own7);
    frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_bare(&message, (struct message_mask){.medium = photos}, line, sizeof line);
    cr_expect_str_eq(line, "Submit media=photo");
    writer_free(&writer);
}

Test(vocabulary, what_a_mask_hides_is_not_printed, .timeout = 20)
{
    struct writer writer;
    struct kv pairs;
    struct message message;
    char line[256];
    kv_init(&pairs);
    kv_put_text(&pairs, "pin", span_of("815099"));
    kv_put(&pairs, span_of("own"), &(struct kv_value){.tag = KV_INT, .secret = true, .word = 815099});
    kv_list_begin(&pairs, span_of("order"));
    kv_put_int(&pairs, "pin", 4711); /* another's */
    kv_list_end(&pairs);
    writer_init(&writer);
    writer_begin(&writer, KIND_RequestUserData);
    writer_u(&writer, ENVELOPE_source, 1);
    writer_u(&writer, RequestUserData_op, data_op_Update);
    writer_kv(&writer, RequestUserData_pairs, &pairs);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_masked(&message, (struct message_mask){.hides = hides_pin}, line, sizeof line);
    cr_assert_str_eq(line, "RequestUpdateUserData op=Update pairs={pin=***,own=***,order={pin=4711}}");
    message_print_bare(&message, (struct message_mask){.hides = hides_pin}, line, sizeof line);
    cr_assert_str_eq(line, "RequestUpdateUserData op=Update pairs={pin=***,own=***,order={pin=4711}}");
    message_print_bare(&message, (struct message_mask){.hides = hides_pin, .personal = true}, line, sizeof line);
    cr_assert_str_eq(line, "RequestUpdateUserData op=Update pairs={pin=***,own=***,order={pin=..}}");
    writer_free(&writer);
    kv_free(&pairs);
}

Test(vocabulary, what_is_personal_is_shown_by_its_end_or_its_length, .timeout = 20)
{
    static const struct {
        const char *number, *shown;
    } numbers[] = {{"+33145550101", "..01"}, {"123456", "..56"}, {"12345", "12345"}, {"", ""}};
    struct writer writer;
    struct message message;
    struct kv data;
    char line[256];
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char shown[NUMBER_MASKED];
        number_mask(span_of(numbers[i].number), shown);
        cr_assert_str_eq(shown, numbers[i].shown);
    }
    kv_init(&data);
    kv_put_text(&data, "name", span_of("Dupont"));
    kv_put_int(&data, "account", 4711);
    kv_put(&data, span_of("tier"), &(struct kv_value){.tag = KV_NONE});
    writer_init(&writer);
    writer_begin(&writer, KIND_EventCallCreated);
    writer_text(&writer, EventCallCreated_ani, "+33145550101");
    writer_text(&writer, EventCallCreated_dnis, "1800");
    writer_kv(&writer, EventCallCreated_data, &data);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_bare(&message, (struct message_mask){.personal = true}, line, sizeof line);
    cr_assert_str_eq(line, "EventCallCreated ani=..01 dnis=1800 data={name=..(6),account=..,tier=none}");
    writer_clear(&writer);
    writer_begin(&writer, KIND_EventTreatment);
    writer_text(&writer, EventTreatment_digits, "4711");
    frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_bare(&message, (struct message_mask){.personal = true}, line, sizeof line);
    cr_assert_str_eq(line, "EventTreatment digits=..(4)");
    writer_clear(&writer);
    writer_begin(&writer, KIND_EventMessage);
    writer_text(&writer, EventMessage_from, "dupont@example.fr");
    writer_text(&writer, EventMessage_text, "my PIN is 4711");
    frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_bare(&message, (struct message_mask){.personal = true}, line, sizeof line);
    cr_assert_str_eq(line, "EventMessage from=..(17) text=..(14)");
    writer_clear(&writer);
    writer_begin(&writer, KIND_SendMessage);
    writer_list_begin(&writer, SendMessage_to);
    writer_list_text(&writer, span_of("dupont@example.fr"));
    writer_list_text(&writer, span_of("desk"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_text, "never tell it");
    frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_bare(&message, (struct message_mask){.personal = true}, line, sizeof line);
    cr_assert_str_eq(line, "SendMessage to=[..fr,desk] text=..(13)");
    writer_free(&writer);
    kv_free(&data);
}

static void shows(struct writer *writer, const char *expected)
{
    struct message message;
    char line[256];
    struct span frame = writer_end(writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    message_print_bare(&message, (struct message_mask){.personal = true}, line, sizeof line);
    cr_expect_str_eq(line, expected);
    writer_clear(writer);
}

Test(vocabulary, numbers_in_names_texts_and_keys_are_shown_by_their_end, .timeout = 20)
{
    static const struct {
        const char *name, *shown;
    } names[] = {{"7001", "7001"},
                 {"123456", "123456"},
                 {"1234567", "..67"},
                 {"+33145550101", "..01"},
                 {"+331", "..(4)"},
                 {"+33145550101@pbx", "..01"},
                 {"0145550101@10.0.0.1", "..01"},
                 {"sip:dupont@example.com", "..nt"},
                 {"tel:1800", "..(4)"},
                 {"a84b4c76e667@pc33", "a84b4c76e667@pc33"},
                 {"desk", "desk"},
                 {"+", "+"},
                 {"@", "@"},
                 {"", ""}};
    struct writer writer;
    struct kv data;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char shown[NUMBER_MASKED];
        cr_expect_str_eq(name_mask(names[i].name, shown), names[i].shown);
    }
    char said[] = "603 33145550101 declines 1234; Warning: 399 10.0.0.1 \"of 55512345678, 12345\"";
    said[said_mask(span_of(said), (uint8_t *)said)] = '\0';
    cr_expect_str_eq(said, "603 ..01 declines 1234; Warning: 399 10.0.0.1 \"of ..78, ..45\"");
    kv_init(&data);
    kv_put_text(&data, "0612345678", span_of("x"));
    kv_put_text(&data, "12345", span_of("x"));
    writer_init(&writer);
    writer_begin(&writer, KIND_EventCallCreated);
    writer_text(&writer, EventCallCreated_call_id, "+33612345678@pbx");
    writer_text(&writer, EventCallCreated_ani, "+336");
    writer_text(&writer, EventCallCreated_origin_dn, "+33698765432");
    writer_kv(&writer, EventCallCreated_data, &data);
    shows(&writer, "EventCallCreated call_id=..78 ani=..(4) origin_dn=..32 data={..78=..(1),12345=..(1)}");
    writer_begin(&writer, KIND_RouteDefault);
    writer_text(&writer, RouteDefault_dn, "1800");
    writer_text(&writer, RouteDefault_why, "again 498765 +33645454545, 4711 and 12345");
    shows(&writer, "RouteDefault dn=1800 why=\"again ..65 +..45, 4711 and ..45\"");
    writer_begin(&writer, KIND_RequestUserData);
    writer_list_begin(&writer, RequestUserData_keys);
    writer_list_text(&writer, span_of("0612345678"));
    writer_list_text(&writer, span_of("name"));
    writer_list_end(&writer);
    shows(&writer, "RequestUserData keys=[..78,name]");
    writer_free(&writer);
    kv_free(&data);
}

Test(vocabulary, a_stamp_changes_source_and_sequence_only, .timeout = 20)
{
    struct writer writer, stamped;
    writer_init(&writer);
    writer_init(&stamped);
    const struct row *row;
    for (unsigned kind = 0; (row = row_after(&kind));) {
        struct span frame = full_frame(&writer, row);
        writer_clear(&stamped);
        struct span once = writer_stamp(&stamped, frame, 0, 7);
        struct message before, after;
        cr_assert(message_read(&before, frame.bytes, frame.length, NULL));
        cr_assert(message_read(&after, once.bytes, once.length, NULL));
        cr_assert_eq(message_u(&after, ENVELOPE_source), 0);
        cr_assert_eq(message_u(&after, ENVELOPE_seq), 7);
        cr_assert_eq(after.count, before.count - 1);
        cr_assert_eq(message_u(&after, ENVELOPE_ixn), message_u(&before, ENVELOPE_ixn));
    }
    writer_free(&writer);
    writer_free(&stamped);
}

/* Journals and adapters out there hold these very bytes. */
Test(vocabulary, the_encoding_is_frozen, .timeout = 20)
{
    static const uint8_t expected[] = {
        39,   0,    0,    0,    42,   0,    0,    0,       /* length, EventRouteRequest */
        0x04, 16,   0x08, 0xac, 2,                         /* source 16, seq 300 */
        0x0c, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40,    /* ixn 1-000000000001 */
        0x15, 1,    0,    0,    0,    0,    0,    0x10, 0, /* conn 0010000000000001 */
        0x18, 3,                                           /* at -2 */
        0x42, 4,    '1',  '8',  '0',  '0',                 /* dn */
        0x4a, 3,    '4',  '7',  '1',                       /* digits */
    };
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_EventRouteRequest);
    writer_u(&writer, ENVELOPE_source, 16);
    writer_u(&writer, ENVELOPE_seq, 300);
    writer_u(&writer, ENVELOPE_ixn, 1ull << 48 | 1);
    writer_conn(&writer, ENVELOPE_conn, 0x0010000000000001);
    writer_i(&writer, ENVELOPE_at, -2);
    writer_text(&writer, EventRouteRequest_dn, "1800");
    writer_text(&writer, EventRouteRequest_digits, "471");
    struct span frame = writer_end(&writer);
    cr_assert(span_equal(frame, (struct span){expected, sizeof expected}));
    struct message message;
    struct error error = {0};
    cr_assert(message_read(&message, expected, sizeof expected, &error), "%s", error.text);
    cr_assert_eq(message_i(&message, ENVELOPE_at), -2);
    cr_assert_eq(message_u(&message, ENVELOPE_seq), 300);
    writer_free(&writer);

    static const uint8_t pairs[] = {
        1, 'a', KV_INT,         9,                                      /* -5 */
        1, 'b', KV_TEXT | 0x80, 2, 'h', 'i',                            /* secret */
        1, 'c', KV_LIST,        4, 1,   'd', KV_BOOL, 1,                /* nested */
        1, 'e', KV_FLOAT,       0, 0,   0,   0,       0, 0, 0xe0, 0x3f, /* 0.5 */
        1, 'f', KV_NONE,
    };
    struct kv kv;
    kv_init(&kv);
    kv_put_int(&kv, "a", -5);
    kv_put(&kv, span_of("b"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("hi")});
    kv_list_begin(&kv, span_of("c"));
    kv_put_bool(&kv, "d", true);
    kv_list_end(&kv);
    kv_put(&kv, span_of("e"), &(struct kv_value){.tag = KV_FLOAT, .number = 0.5});
    kv_put_none(&kv, "f");
    cr_assert(span_equal(kv_span(&kv), (struct span){pairs, sizeof pairs}));
    kv_free(&kv);
}

Test(vocabulary, a_queue_of_frames_that_is_never_empty_does_not_grow, .timeout = 20)
{
    struct writer queue;
    size_t start = 0;
    writer_init(&queue);
    for (uint64_t i = 1; i <= 20000; i++) {
        writer_begin(&queue, KIND_Ping);
        writer_u(&queue, Ping_token, i);
        writer_end(&queue);
        if (i <= 10) continue; /* so many are always waiting */
        struct message message;
        size_t size = message_frame_size(queue.bytes + start, queue.length - start);
        cr_assert(message_read(&message, queue.bytes + start, size, NULL));
        cr_assert_eq(message_u(&message, Ping_token), i - 10);
        writer_drop(&queue, &start, size);
    }
    cr_expect_leq(queue.capacity, 1024);
    writer_drop(&queue, &start, queue.length - start);
    cr_expect(queue.length == 0 && start == 0);
    writer_free(&queue);
}

Test(vocabulary, ids_are_read_as_they_are_written, .timeout = 10)
{
    char id[IXN_TEXT];
    uint64_t ixn = (uint64_t)31 << 48 | 0xabcdef012345, back = 0;
    ident_print_ixn(ixn, id);
    cr_expect_str_eq(id, "31-abcdef012345");
    cr_expect(ident_read_ixn(id, &back));
    cr_expect_eq(back, ixn);
    cr_expect(ident_read_ixn("1-2a", &back));
    cr_expect_eq(back, (uint64_t)1 << 48 | 42);
    cr_expect_not(ident_read_ixn("", &back));
    cr_expect_not(ident_read_ixn("1", &back));
    cr_expect_not(ident_read_ixn("1-", &back));
    cr_expect_not(ident_read_ixn("1-2a ", &back));
    cr_expect_not(
        ident_read_ixn("1f-2a", &back)); /* the core reads and writes the partition in decimal, and people do */
    cr_expect_not(ident_read_ixn("65536-2a", &back));
    cr_expect_not(ident_read_ixn("111111-2a", &back));
    cr_expect_not(ident_read_ixn("1-1234567890abc", &back));
    cr_expect(ident_read_ixn("1-00000000002A", &back));
    cr_expect_eq(back, (uint64_t)1 << 48 | 42);
    cr_expect_not(ident_read_ixn(NULL, &back));
    cr_expect_eq(ident_print_conn(0x00106b49d2000001, id), 16);
    cr_expect_str_eq(id, "00106b49d2000001");
    ident_print_hex((const uint8_t *)"\x00\xa7\xff", 3, id);
    cr_expect_arr_eq(id, "00a7ff", 6);
}
