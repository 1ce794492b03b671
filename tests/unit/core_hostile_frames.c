/* tests/unit/core_hostile_frames.c - Events that the codec accepts and that make no sense, from the tables
 * themselves. */
#include "tests/unit/core_hostile_frames.h"

#include <string.h>

#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/rows.h"

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static uint64_t number(uint64_t *seed)
{
    static const uint64_t numbers[] = {1, 2, 3, 5, 16, 17, 63, 79, 1000, UINT32_MAX, INT64_MAX, UINT64_MAX, 1u << 20};
    return draw(seed, 3) == 0 ? draw(seed, 12) + 1 : numbers[draw(seed, sizeof numbers / sizeof numbers[0])];
}

static struct span name(uint64_t *seed)
{
    static const char *const names[] = {"marie",
                                        "paul",
                                        "7001",
                                        "7002",
                                        "1800",
                                        "desk",
                                        "5000",
                                        "service",
                                        "French",
                                        "overflow",
                                        "account",
                                        "x",
                                        "a/b",
                                        "overflow/marie",
                                        "1-000000000001",
                                        "language",
                                        "customer",
                                        "calls",
                                        "enterprise",
                                        "0123456789012345678901234567890123456789012345678901234567890123"};
    return span_of(names[draw(seed, sizeof names / sizeof names[0])]);
}

static void pairs(uint64_t *seed, struct kv *kv, unsigned depth)
{
    for (uint64_t count = draw(seed, 5); count > 0; count--) {
        struct kv_value value = {.tag = (enum kv_tag)draw(seed, 8), .word = (int64_t)number(seed), .number = 0.5};
        struct span key = name(seed);
        if (value.tag == KV_LIST) {
            if (depth >= 4) continue;
            kv_list_begin(kv, key);
            pairs(seed, kv, depth + 1);
            kv_list_end(kv);
            continue;
        }
        if (value.tag == KV_TEXT || value.tag == KV_BINARY) value.span = name(seed);
        kv_put(kv, key, &value);
    }
}

static void put(uint64_t *seed, struct writer *writer, const struct field_row *field);

static void record(uint64_t *seed, struct writer *writer, const struct row *row)
{
    for (unsigned at = 0; at < row->count; at++)
        if (draw(seed, 2) == 0) put(seed, writer, &row->fields[at]);
}

static void put(uint64_t *seed, struct writer *writer, const struct field_row *field)
{
    static const uint8_t hash[32] = {1, 2, 3};
    struct kv kv;
    switch (field->type) {
    case TYPE_B:
        writer_u(writer, field->number, 1);
        break;
    case TYPE_E:
        writer_u(writer, field->number, draw(seed, 16));
        break;
    case TYPE_N:
    case TYPE_ID:
        writer_u(writer, field->number, number(seed));
        break;
    case TYPE_I:
    case TYPE_T:
    case TYPE_D:
        writer_i(writer, field->number, (int64_t)number(seed));
        break;
    case TYPE_CONN:
        writer_conn(writer, field->number, (draw(seed, 4) != 0 ? UINT64_C(16) << 48 : 0) + 0x10000000 + draw(seed, 4));
        break;
    case TYPE_NAME:
    case TYPE_ADDR:
    case TYPE_TEXT:
        writer_bytes(writer, field->number, name(seed));
        break;
    case TYPE_HASH:
        writer_bytes(writer, field->number, (struct span){hash, sizeof hash});
        break;
    case TYPE_KV:
    case TYPE_ROWS:
    case TYPE_VALUES:
        kv_init(&kv);
        pairs(seed, &kv, 0);
        writer_kv(writer, field->number, &kv);
        kv_free(&kv);
        break;
    case TYPE_LIST_TEXT:
        writer_list_begin(writer, field->number);
        for (uint64_t count = draw(seed, 4); count > 0; count--) writer_list_text(writer, name(seed));
        writer_list_end(writer);
        break;
    case TYPE_LIST_PARTY:
        writer_list_begin(writer, field->number);
        for (uint64_t count = draw(seed, 4); count > 0; count--) {
            writer_record_begin(writer);
            record(seed, writer, row_of_record(TYPE_LIST_PARTY));
            writer_record_end(writer);
        }
        writer_list_end(writer);
        break;
    default:
        break;
    }
}

struct span hostile_frame(uint64_t *seed, uint64_t seq[80], struct writer *writer)
{
    static const unsigned sources[] = {0, 0, 1, 16, 16, 16, 16, 17};
    unsigned source = sources[draw(seed, 8)], kind;
    do kind = 32 + (unsigned)draw(seed, 50);
    while (!row_of(kind) || kind == KIND_Clock);
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_source, source);
    writer_u(writer, ENVELOPE_seq, ++seq[source]);
    if (draw(seed, 3) == 0) writer_u(writer, ENVELOPE_ixn, UINT64_C(1) << 48 | (1 + draw(seed, 6)));
    if (draw(seed, 2) == 0) writer_u(writer, ENVELOPE_ref, number(seed));
    if (draw(seed, 3) != 0) writer_conn(writer, ENVELOPE_conn, 0x10000000 + draw(seed, 4));
    if (draw(seed, 2) == 0) writer_u(writer, ENVELOPE_client, number(seed));
    const struct row *row = row_of(kind);
    for (unsigned at = 0; at < row->count; at++)
        if (draw(seed, 3) != 0 && row->fields[at].number > ENVELOPE_tenant) put(seed, writer, &row->fields[at]);
    return writer_end(writer);
}
