/* runtime/adapters/sms/parts.c - Divides texts into short messages, and reads the headers of messages that came.
 *
 *     160 septets, or 140 bytes             one message
 *     153 septets, or 134 bytes each        several: a header of 6 bytes (UDH8) takes the place of 7 septets
 *
 *     | 5 | 0 | 3 | reference | parts | number | text ...      UDH8: element 0, three bytes
 *     | 6 | 8 | 4 | reference, two bytes | parts | number | text ...    UDH16
 *
 * Septets are in one byte each here; the provider packs eight of them into seven bytes. A text that fits into one
 * message gets no header. */
#include "runtime/adapters/sms/parts.h"

#include <assert.h>
#include <string.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/pdu.h"
#include "runtime/vocabulary/rows.h"

enum { AIR = 140, SEPTETS = 160, UDH8 = 6, UDH16 = 7 };
/* The elements of the header that are read: a part of a long message, and the national tables. */
enum { ELEMENT_REF8 = 0x00, ELEMENT_REF16 = 0x08, ELEMENT_SHIFT = 0x24, ELEMENT_LOCKING = 0x25 };

/* A byte of a text needs at most two septets, an escape and another, or one unit of UTF-16: so every text of the
 * core can be sent. */
_Static_assert(2 * TEXT_MAX_BYTES <= LIMIT_sms_PARTS * ((AIR - UDH16) * 8 / 7 - 1), "the core's texts fit");

static size_t header_length(enum parts_way way)
{
    return way == PARTS_UDH16 ? UDH16 : UDH8; /* for SAR the other side makes a header of six bytes */
}

/* Returns how many bytes of text a message can take; each septet is one byte. */
static size_t part_room(unsigned coding, bool alone, enum parts_way way)
{
    if (way == PARTS_PAYLOAD) return PDU_MAX / 2;
    if (alone) return coding == CODING_GSM ? SEPTETS : AIR;
    size_t left = AIR - header_length(way);
    return coding == CODING_GSM ? left * 8 / 7 : left & ~(size_t)1;
}

static bool high_surrogate(const uint8_t *bytes)
{
    return bytes[0] >= 0xd8 && bytes[0] < 0xdc;
}

/* Returns the end of the part that begins at `at`: never between an escape and its septet, or between two
 * surrogates. */
static size_t part_end(unsigned coding, const GByteArray *all, size_t at, size_t room)
{
    size_t end = at + room;
    if (end >= all->len) return all->len;
    if (coding == CODING_GSM && all->data[end - 1] == GSM_ESCAPE) return end - 1;
    if (coding == CODING_UCS2 && high_surrogate(all->data + end - 2)) return end - 2;
    return end;
}

/* Converts the text; one character outside of the GSM alphabet makes the whole text UTF-16. */
static GByteArray *parts_bytes(const char *text, unsigned *coding)
{
    GByteArray *all = g_byte_array_new();
    *coding = CODING_GSM;
    if (alphabet_to_gsm(text, all)) return all;
    g_byte_array_set_size(all, 0);
    *coding = CODING_UCS2;
    alphabet_to_utf16(text, all);
    return all;
}

/* Divides the text; false: it needs more parts than are allowed. In this case there is nothing to free. */
bool sms_parts_make(struct sms_parts *parts, const char *text, enum parts_way way)
{
    *parts = (struct sms_parts){0};
    GByteArray *all = parts_bytes(text, &parts->coding);
    size_t room = part_room(parts->coding, true, way);
    if (all->len > room) room = part_room(parts->coding, false, way);
    size_t at = 0;
    do {
        size_t end = part_end(parts->coding, all, at, room);
        GByteArray *one = g_byte_array_new();
        assert(parts->count < LIMIT_sms_PARTS && (end > at || all->len == 0));
        if (end > at) g_byte_array_append(one, all->data + at, (guint)(end - at));
        parts->part[parts->count++] = one;
        at = end;
    } while (at < all->len && parts->count < LIMIT_sms_PARTS);
    bool whole = at == all->len && (way != PARTS_PAYLOAD || parts->count == 1);
    g_byte_array_free(all, TRUE);
    if (!whole) sms_parts_free(parts);
    return whole;
}

void sms_parts_free(struct sms_parts *parts)
{
    for (unsigned i = 0; i < parts->count; i++) g_byte_array_free(parts->part[i], TRUE);
    *parts = (struct sms_parts){0};
}

unsigned sms_parts_count(const char *text, enum parts_way way)
{
    struct sms_parts parts;
    if (!sms_parts_make(&parts, text, way)) return 0;
    unsigned count = parts.count;
    sms_parts_free(&parts);
    return count;
}

static size_t put_header(uint8_t *bytes, enum parts_way way, uint16_t ref, unsigned total, unsigned n)
{
    const uint8_t wide[UDH16] = {6, ELEMENT_REF16, 4, (uint8_t)(ref >> 8), (uint8_t)ref, (uint8_t)total, (uint8_t)n};
    const uint8_t narrow[UDH8] = {5, ELEMENT_REF8, 3, (uint8_t)ref, (uint8_t)total, (uint8_t)n};
    memcpy(bytes, way == PARTS_UDH16 ? wide : narrow, header_length(way));
    return header_length(way);
}

/* Writes part `n`. `bytes` must have room for header and part, and live until the PDU is written, as the PDU points
 * into it. */
void sms_parts_put(const struct sms_parts *parts, unsigned n, enum parts_way way, uint16_t ref, uint8_t *bytes,
                   size_t room, struct pdu *pdu)
{
    assert(n >= 1 && n <= parts->count);
    const GByteArray *part = parts->part[n - 1];
    bool several = parts->count > 1;
    size_t length = 0;
    assert(part->len + UDH16 <= room);
    if (several && (way == PARTS_UDH8 || way == PARTS_UDH16)) {
        length = put_header(bytes, way, ref, parts->count, n);
        pdu->esm_class |= ESM_HEADER;
    }
    if (several && way == PARTS_SAR) {
        pdu->sar_ref = ref;
        pdu->sar_total = (uint8_t)parts->count;
        pdu->sar_n = (uint8_t)n;
    }
    if (part->len > 0) memcpy(bytes + length, part->data, part->len);
    pdu->message = (struct span){bytes, (uint32_t)(length + part->len)};
    pdu->coding = (uint8_t)parts->coding;
    pdu->payload = way == PARTS_PAYLOAD;
}

/* Takes one element of the header; false: it names an impossible part. */
static bool take_element(unsigned element, const uint8_t *value, unsigned length, struct part_place *place)
{
    if (element == ELEMENT_REF8 && length == 3)
        *place = (struct part_place){value[0], value[1], value[2], place->locking, place->shift};
    else if (element == ELEMENT_REF16 && length == 4)
        *place =
            (struct part_place){(unsigned)(value[0] << 8 | value[1]), value[2], value[3], place->locking, place->shift};
    else if (element == ELEMENT_SHIFT && length == 1)
        place->shift = value[0];
    else if (element == ELEMENT_LOCKING && length == 1)
        place->locking = value[0];
    return place->total >= 1 && place->n >= 1 && place->n <= place->total;
}

/* Reads the elements of the header; each length is checked against what is left of the header. Unknown elements are
 * skipped. */
static bool take_header(struct part_place *place, struct span *text)
{
    unsigned length = text->length > 0 ? text->bytes[0] : 0;
    if (text->length == 0 || length + 1 > text->length) return false;
    const uint8_t *at = text->bytes + 1, *end = at + length;
    while (end - at >= 2) {
        if (at[1] > end - at - 2) return false;
        if (!take_element(at[0], at + 2, at[1], place)) return false;
        at += 2 + at[1];
    }
    *text = (struct span){end, text->length - length - 1};
    return at == end;
}

/* Reads where the message belongs; one without header or SAR fields is part 1 of 1. */
bool sms_parts_place(const struct pdu *pdu, struct part_place *place, struct span *text)
{
    *place = (struct part_place){.total = 1, .n = 1};
    *text = pdu->message;
    if (pdu->esm_class & ESM_HEADER) return take_header(place, text);
    if (pdu->sar_total == 0) return true;
    *place = (struct part_place){.ref = pdu->sar_ref, .total = pdu->sar_total, .n = pdu->sar_n};
    return place->n >= 1 && place->n <= place->total;
}
