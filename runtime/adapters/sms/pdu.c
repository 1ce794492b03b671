/* runtime/adapters/sms/pdu.c - Reads and writes the PDUs of SMPP 3.4.
 *
 *     | length | command | status | sequence |  body of the command  | tag, length, value ... |
 *       4 bytes each, big endian               texts end with a zero    optional fields
 *
 * The table `commands` says which body each command has. Reading never passes the end of the bytes: a field that is
 * cut off sets `bad` and reads as zero, and the PDU counts as wrong in the end. Writing sets `full` in the same way.
 * The message text points into the bytes that were read; other texts are copied. */
#include "runtime/adapters/sms/pdu.h"

#include <assert.h>
#include <string.h>

enum { BODY_EMPTY, BODY_BIND, BODY_MESSAGE, BODY_DATA, BODY_ID, BODY_OUTBIND, BODY_ALERT };
enum { SHORT_MAX = 254 };

/* Optional fields, by their tags. */
enum {
    TAG_RECEIPTED = 0x001e,
    TAG_SAR_REF = 0x020c,
    TAG_SAR_TOTAL = 0x020e,
    TAG_SAR_N = 0x020f,
    TAG_VERSION = 0x0210,
    TAG_PAYLOAD = 0x0424,
    TAG_STATE = 0x0427
};

static const struct {
    uint32_t command;
    int body;
} commands[] = {
#define COMMAND(name, number, body) {number, BODY_##body},
#include "runtime/adapters/sms/commands.def"
};

static int pdu_row(uint32_t command)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].command == command) return (int)i;
    return -1;
}

static uint32_t big_four(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Reads the length; false: no PDU has such a length, and the beginning of the next one is unknown. `*length` is 0
 * while bytes are missing. */
bool pdu_length(const uint8_t *bytes, size_t come, size_t *length)
{
    *length = 0;
    if (come < 4) return true;
    uint32_t says = big_four(bytes);
    if (says < PDU_HEAD || says > PDU_MAX) return false;
    if (come >= says) *length = says;
    return true;
}

/* ---- reading ---- */

struct pdu_from {
    const uint8_t *bytes;
    size_t length, at;
    bool bad;
};

static uint8_t pdu_byte(struct pdu_from *from)
{
    if (from->at < from->length) return from->bytes[from->at++];
    from->bad = true;
    return 0;
}

/* Reads a text up to its zero. If the text is longer than its field, or has other bytes than ASCII, the PDU is
 * wrong. */
static void pdu_text(struct pdu_from *from, char field[PDU_NAME])
{
    size_t count = 0;
    for (uint8_t c; (c = pdu_byte(from)) != 0 && !from->bad;) {
        if (count + 1 >= PDU_NAME || c < ' ' || c > '~') from->bad = true;
        if (!from->bad) field[count++] = (char)c;
    }
    field[from->bad ? 0 : count] = 0;
}

static void pdu_address(struct pdu_from *from, struct pdu_number *number)
{
    number->type = pdu_byte(from);
    number->plan = pdu_byte(from);
    pdu_text(from, number->digits);
}

static struct span pdu_bytes(struct pdu_from *from, size_t length)
{
    if (length > from->length - from->at) {
        from->bad = true;
        return (struct span){0};
    }
    struct span span = {from->bytes + from->at, (uint32_t)length};
    from->at += length;
    return span;
}

/* Copies the printable beginning of the value, as some providers put no zero, or several, at the end. */
static void pdu_copy(struct span value, char field[PDU_NAME])
{
    uint32_t count = 0;
    while (count < value.length && value.bytes[count] > ' ' && value.bytes[count] <= '~' && count + 1 < PDU_NAME) {
        field[count] = (char)value.bytes[count];
        count++;
    }
    field[count] = 0;
}

/* Takes an optional field; unknown fields, and those of a wrong length, are skipped. */
static void pdu_take_option(struct pdu *pdu, unsigned tag, struct span value)
{
    bool one = value.length == 1;
    if (tag == TAG_PAYLOAD && pdu->message.length == 0) {
        pdu->message = value;
        pdu->payload = true;
    } else if (tag == TAG_RECEIPTED) {
        pdu_copy(value, pdu->receipted);
    } else if (tag == TAG_VERSION && one) {
        pdu->version = *value.bytes;
    } else if (tag == TAG_STATE && one) {
        pdu->state = *value.bytes;
    } else if (tag == TAG_SAR_REF && value.length == 2) {
        pdu->sar_ref = (uint16_t)(value.bytes[0] << 8 | value.bytes[1]);
    } else if (tag == TAG_SAR_TOTAL && one) {
        pdu->sar_total = *value.bytes;
    } else if (tag == TAG_SAR_N && one) {
        pdu->sar_n = *value.bytes;
    }
}

/* Reads the optional fields to the end of the body; bytes that are left over make the PDU wrong. */
static void pdu_options(struct pdu_from *from, struct pdu *pdu)
{
    while (!from->bad && from->length - from->at >= 4) {
        struct span head = pdu_bytes(from, 4);
        unsigned tag = (unsigned)(head.bytes[0] << 8 | head.bytes[1]);
        struct span value = pdu_bytes(from, (size_t)(head.bytes[2] << 8 | head.bytes[3]));
        if (!from->bad) pdu_take_option(pdu, tag, value);
    }
    from->bad |= from->at < from->length;
}

static void pdu_body_bind(struct pdu_from *from, struct pdu *pdu)
{
    struct pdu_number range;
    pdu_text(from, pdu->system_id);
    pdu_text(from, pdu->password);
    pdu_text(from, pdu->system_type);
    pdu->version = pdu_byte(from);
    pdu_address(from, &range);
}

/* Reads the body of a message, with the fields in the order of SMPP 3.4, 4.4.1. */
static void pdu_body_message(struct pdu_from *from, struct pdu *pdu)
{
    char scheduled[PDU_NAME];
    pdu_text(from, pdu->service);
    pdu_address(from, &pdu->from);
    pdu_address(from, &pdu->to);
    pdu->esm_class = pdu_byte(from);
    pdu->protocol = pdu_byte(from);
    pdu->priority = pdu_byte(from);
    pdu_text(from, scheduled);
    pdu_text(from, pdu->validity);
    pdu->registered = pdu_byte(from);
    pdu_byte(from); /* replace_if_present: ignored, as no message is ever replaced */
    pdu->coding = pdu_byte(from);
    pdu_byte(from); /* sm_default_msg_id: ignored, as there are no predefined messages */
    pdu->message = pdu_bytes(from, pdu_byte(from));
}

static void pdu_body_data(struct pdu_from *from, struct pdu *pdu)
{
    pdu_text(from, pdu->service);
    pdu_address(from, &pdu->from);
    pdu_address(from, &pdu->to);
    pdu->esm_class = pdu_byte(from);
    pdu->registered = pdu_byte(from);
    pdu->coding = pdu_byte(from);
}

/* Reads the id of an answer; an answer that refuses may end after its head. */
static void pdu_body_id(struct pdu_from *from, struct pdu *pdu)
{
    if (from->at < from->length) pdu_text(from, pdu->id);
}

static void pdu_read_body(struct pdu_from *from, struct pdu *pdu, int body)
{
    if (body == BODY_BIND) pdu_body_bind(from, pdu);
    if (body == BODY_MESSAGE) pdu_body_message(from, pdu);
    if (body == BODY_DATA) pdu_body_data(from, pdu);
    if (body == BODY_ID) pdu_body_id(from, pdu);
    if (body == BODY_OUTBIND) {
        pdu_text(from, pdu->system_id);
        pdu_text(from, pdu->password);
    }
    if (body == BODY_ALERT) {
        pdu_address(from, &pdu->from);
        pdu_address(from, &pdu->to);
    }
}

enum pdu_read pdu_read(const uint8_t *bytes, size_t length, struct pdu *pdu)
{
    assert(length >= PDU_HEAD && length <= PDU_MAX);
    struct pdu_from from = {bytes, length, PDU_HEAD, false};
    *pdu =
        (struct pdu){.command = big_four(bytes + 4), .status = big_four(bytes + 8), .sequence = big_four(bytes + 12)};
    int row = pdu_row(pdu->command);
    if (row < 0) return PDU_UNKNOWN;
    pdu_read_body(&from, pdu, commands[row].body);
    if (!from.bad) pdu_options(&from, pdu);
    return from.bad ? PDU_WRONG : PDU_GOOD;
}

/* ---- writing ---- */

struct pdu_to {
    uint8_t *bytes;
    size_t at;
    bool full;
};

static void pdu_put(struct pdu_to *to, const void *bytes, size_t length)
{
    if (length > PDU_MAX - to->at) to->full = true;
    if (to->full) return;
    if (length > 0) memcpy(to->bytes + to->at, bytes, length);
    to->at += length;
}

static void pdu_put_number(struct pdu_to *to, uint32_t value, unsigned bytes)
{
    assert(bytes <= 4);
    uint8_t big[4];
    for (unsigned i = 0; i < bytes; i++) big[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    pdu_put(to, big, bytes);
}

static void pdu_put_text(struct pdu_to *to, const char *text)
{
    pdu_put(to, text, strlen(text) + 1);
}

static void pdu_put_address(struct pdu_to *to, const struct pdu_number *number)
{
    pdu_put_number(to, number->type, 1);
    pdu_put_number(to, number->plan, 1);
    pdu_put_text(to, number->digits);
}

static void pdu_put_option(struct pdu_to *to, unsigned tag, const void *bytes, size_t length)
{
    pdu_put_number(to, tag, 2);
    pdu_put_number(to, (uint32_t)length, 2);
    pdu_put(to, bytes, length);
}

static void pdu_put_bind(struct pdu_to *to, const struct pdu *pdu)
{
    static const struct pdu_number any;
    pdu_put_text(to, pdu->system_id);
    pdu_put_text(to, pdu->password);
    pdu_put_text(to, pdu->system_type);
    pdu_put_number(to, pdu->version, 1);
    pdu_put_address(to, &any);
}

static void pdu_put_options(struct pdu_to *to, const struct pdu *pdu, bool payload)
{
    if (payload) pdu_put_option(to, TAG_PAYLOAD, pdu->message.bytes, pdu->message.length);
    if (*pdu->receipted) pdu_put_option(to, TAG_RECEIPTED, pdu->receipted, strlen(pdu->receipted) + 1);
    if (pdu->state != 0) pdu_put_option(to, TAG_STATE, &pdu->state, 1);
    if (pdu->sar_total == 0) return;
    uint8_t ref[2] = {(uint8_t)(pdu->sar_ref >> 8), (uint8_t)pdu->sar_ref};
    pdu_put_option(to, TAG_SAR_REF, ref, 2);
    pdu_put_option(to, TAG_SAR_TOTAL, &pdu->sar_total, 1);
    pdu_put_option(to, TAG_SAR_N, &pdu->sar_n, 1);
}

static void pdu_put_message(struct pdu_to *to, const struct pdu *pdu, bool payload)
{
    uint8_t fixed[] = {pdu->esm_class, pdu->protocol, pdu->priority, 0 /* schedule_delivery_time: at once */};
    uint8_t more[] = {pdu->registered, 0, pdu->coding, 0, payload ? 0 : (uint8_t)pdu->message.length};
    pdu_put_text(to, pdu->service);
    pdu_put_address(to, &pdu->from);
    pdu_put_address(to, &pdu->to);
    pdu_put(to, fixed, sizeof fixed);
    pdu_put_text(to, pdu->validity);
    pdu_put(to, more, sizeof more);
    if (!payload) pdu_put(to, pdu->message.bytes, pdu->message.length);
    pdu_put_options(to, pdu, payload);
}

static void pdu_put_data(struct pdu_to *to, const struct pdu *pdu)
{
    uint8_t fixed[] = {pdu->esm_class, pdu->registered, pdu->coding};
    pdu_put_text(to, pdu->service);
    pdu_put_address(to, &pdu->from);
    pdu_put_address(to, &pdu->to);
    pdu_put(to, fixed, sizeof fixed);
    pdu_put_options(to, pdu, true);
}

static void pdu_put_body(struct pdu_to *to, const struct pdu *pdu, int body)
{
    if (body == BODY_BIND) pdu_put_bind(to, pdu);
    if (body == BODY_MESSAGE) pdu_put_message(to, pdu, pdu->payload || pdu->message.length > SHORT_MAX);
    if (body == BODY_DATA) pdu_put_data(to, pdu);
    if (body == BODY_OUTBIND) {
        pdu_put_text(to, pdu->system_id);
        pdu_put_text(to, pdu->password);
    }
    if (body == BODY_ALERT) {
        pdu_put_address(to, &pdu->from);
        pdu_put_address(to, &pdu->to);
    }
    if (body != BODY_ID) return;
    pdu_put_text(to, pdu->id);
    if (pdu->version != 0) pdu_put_option(to, TAG_VERSION, &pdu->version, 1);
}

/* Writes a PDU and returns its length; 0: it is too long. The length field is written last, when the length is
 * known. */
size_t pdu_write(const struct pdu *pdu, uint8_t out[PDU_MAX])
{
    int row = pdu_row(pdu->command);
    assert(row >= 0); /* unknown commands are only answered */
    struct pdu_to to = {out, 4, false};
    pdu_put_number(&to, pdu->command, 4);
    pdu_put_number(&to, pdu->status, 4);
    pdu_put_number(&to, pdu->sequence, 4);
    pdu_put_body(&to, pdu, commands[row].body);
    if (to.full) return 0;
    size_t length = to.at;
    to.at = 0;
    pdu_put_number(&to, (uint32_t)length, 4);
    return length;
}
