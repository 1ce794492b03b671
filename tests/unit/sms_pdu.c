/* tests/unit/sms_pdu.c - The bytes of SMPP 3.4: written and read, damaged, too long, unknown. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/pdu.h"

TestSuite(sms_pdu, .timeout = 60);

static size_t of_hex(const char *hex, uint8_t *bytes)
{
    size_t length = 0;
    for (const char *at = hex; *at;) {
        if (*at == ' ') {
            at++;
            continue;
        }
        char two[3] = {at[0], at[1], 0};
        bytes[length++] = (uint8_t)strtoul(two, NULL, 16);
        at += 2;
    }
    return length;
}

static enum pdu_read read_hex(const char *hex, struct pdu *pdu)
{
    static uint8_t bytes[PDU_MAX];
    size_t come = of_hex(hex, bytes), length;
    cr_assert(pdu_length(bytes, come, &length));
    cr_assert_eq(length, come);
    return pdu_read(bytes, length, pdu);
}

Test(sms_pdu, the_bytes_of_others_are_read)
{
    struct pdu pdu;
    cr_assert_eq(read_hex("0000001b 00000009 00000000 00000001 6770 00 7077 00 00 34 00 00 00", &pdu), PDU_GOOD);
    cr_expect_eq(pdu.command, PDU_bind_transceiver);
    cr_expect_str_eq(pdu.system_id, "gp");
    cr_expect_str_eq(pdu.password, "pw");
    cr_expect_eq(pdu.version, 0x34);

    cr_assert_eq(
        read_hex("0000003b 00000005 00000000 0000000a 00 01 01 34393137 00 00 00 31383030 00 40 00 00 00 00 01 00 08 00"
                 "07 050003 2a0201 68 0424 0002 7a7a 0427 0001 02",
                 &pdu),
        PDU_GOOD);
    cr_expect_eq(pdu.sequence, 10);
    cr_expect_str_eq(pdu.from.digits, "4917");
    cr_expect_eq(pdu.from.type, 1);
    cr_expect_str_eq(pdu.to.digits, "1800");
    cr_expect_eq(pdu.coding, 8);
    cr_expect_eq(pdu.message.length, 7); /* a payload beside a short message counts for nothing */
    cr_expect_eq(pdu.state, 2);
}

Test(sms_pdu, lengths_that_cannot_be_close)
{
    static uint8_t bytes[PDU_MAX + 1];
    size_t length;
    cr_expect(pdu_length(bytes, 3, &length) && length == 0);
    of_hex("0000000f 00000015", bytes);
    cr_expect_not(pdu_length(bytes, 8, &length));
    of_hex("00010001 00000015", bytes);
    cr_expect_not(pdu_length(bytes, 8, &length));
    of_hex("00010000 00000015", bytes);
    cr_expect(pdu_length(bytes, PDU_MAX - 1, &length) && length == 0);
    cr_expect(pdu_length(bytes, PDU_MAX + 1, &length) && length == PDU_MAX);
}

Test(sms_pdu, what_is_unknown_or_damaged_is_told_apart)
{
    struct pdu pdu;
    cr_expect_eq(read_hex("00000010 00000777 00000000 00000009", &pdu), PDU_UNKNOWN);
    cr_expect_eq(pdu.sequence, 9);
    cr_expect_eq(read_hex("00000011 00000004 00000000 00000009 00", &pdu), PDU_WRONG);
    cr_expect_eq(read_hex("00000011 80000004 00000045 00000009 00", &pdu), PDU_GOOD);
    cr_expect_eq(read_hex("00000010 80000004 00000045 00000009", &pdu), PDU_GOOD); /* a refusal without a name */
    cr_expect_eq(pdu.status, 0x45);
    cr_expect_eq(read_hex("00000012 00000015 00000000 00000009 0424", &pdu), PDU_WRONG);
    cr_expect_eq(read_hex("00000014 00000015 00000000 00000009 0424 0005", &pdu), PDU_WRONG);
    cr_expect_eq(read_hex("00000015 00000015 00000000 00000009 1403 0001 07", &pdu), PDU_GOOD); /* a vendor's field */
    cr_expect(pdu.sar_ref == 0 && pdu.sar_total == 0 && pdu.sar_n == 0);
    cr_expect_eq(read_hex("0000001a 00000102 00000000 00000009 01 01 3439 00 01 01 3137 00", &pdu), PDU_GOOD);
    cr_expect_eq(read_hex("00000014 0000000b 00000000 00000009 61 00 62 00", &pdu), PDU_GOOD);
    cr_expect_eq(read_hex("00000014 0000000b 00000000 00000009 7e 00 20 00", &pdu), PDU_GOOD);
    cr_expect_eq(read_hex("00000014 0000000b 00000000 00000009 7f 00 20 00", &pdu), PDU_WRONG);
    cr_expect_eq(read_hex("00000014 0000000b 00000000 00000009 1f 00 20 00", &pdu), PDU_WRONG);
}

static void comes_back(const struct pdu *pdu)
{
    static uint8_t bytes[PDU_MAX], again[PDU_MAX];
    struct pdu back;
    size_t length = pdu_write(pdu, bytes), seen;
    cr_assert_gt(length, 0);
    cr_assert(pdu_length(bytes, length, &seen) && seen == length);
    cr_assert_eq(pdu_read(bytes, length, &back), PDU_GOOD);
    if (pdu->command == PDU_submit_sm || pdu->command == PDU_deliver_sm || pdu->command == PDU_data_sm) {
        cr_expect_eq(back.message.length, pdu->message.length);
        cr_expect(pdu->message.length == 0 || memcmp(back.message.bytes, pdu->message.bytes, pdu->message.length) == 0);
        cr_expect_str_eq(back.from.digits, pdu->from.digits);
        cr_expect_str_eq(back.to.digits, pdu->to.digits);
        cr_expect_str_eq(back.receipted, pdu->receipted);
        cr_expect(back.esm_class == pdu->esm_class && back.coding == pdu->coding && back.state == pdu->state);
        cr_expect(back.sar_ref == pdu->sar_ref && back.sar_total == pdu->sar_total && back.sar_n == pdu->sar_n);
    }
    cr_assert_eq(pdu_write(&back, again), length);
    cr_expect_eq(memcmp(bytes, again, length), 0);
}

Test(sms_pdu, each_command_comes_back_as_it_was)
{
    static const uint32_t all[] = {
#define COMMAND(name, number, body) PDU_##name,
#include "runtime/adapters/sms/commands.def"
    };
    static char text[300];
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct pdu pdu = {.command = all[i],
                          .sequence = 7,
                          .system_id = "gp",
                          .password = "pw",
                          .version = 0x34,
                          .service = "",
                          .from = {1, 1, "491701234567"},
                          .to = {0, 0, "1800"},
                          .validity = "000001000000000R",
                          .esm_class = 0x40,
                          .registered = 1,
                          .coding = 8,
                          .id = "7f",
                          .receipted = "7f",
                          .state = 2,
                          .sar_ref = 0x1234,
                          .sar_total = 3,
                          .sar_n = 2};
        comes_back(&pdu);
        pdu.message = span_of(text); /* too long for short_message */
        comes_back(&pdu);
    }
    static char huge[PDU_MAX];
    static uint8_t out[PDU_MAX];
    memset(huge, 'x', sizeof huge - 1);
    struct pdu pdu = {.command = PDU_submit_sm, .message = span_of(huge)};
    cr_expect_eq(pdu_write(&pdu, out), 0);
}
