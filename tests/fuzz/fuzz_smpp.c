/* tests/fuzz/fuzz_smpp.c - Any bytes as what an SMPP peer says: they are read or refused, what was read is written and
 * read as the same, and its text is UTF-8. A text is divided into messages that give it back.
 *
 * The first byte: how the rest is taken, as PDUs or as a text. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/parts.h"
#include "runtime/adapters/sms/pdu.h"
#include "runtime/adapters/sms/receipt.h"
#include "runtime/vocabulary/reserved.h"
#include "tests/fuzz/fuzz.h"

static void see_message(const struct pdu *pdu)
{
    struct part_place place;
    struct span text;
    struct receipt receipt;
    char form[RECEIPT_ID];
    GString *utf8 = g_string_new(NULL);
    if (sms_parts_place(pdu, &place, &text)) {
        MUST(place.n >= 1 && place.n <= place.total && place.total <= LIMIT_sms_PARTS);
        struct alphabet how = {pdu->coding, place.locking, place.shift};
        uint32_t half = text.length / 2;
        alphabet_part_put(how, text.bytes, half, utf8);
        if (half > 0) alphabet_part_put(how, text.bytes + half, text.length - half, utf8);
        alphabet_join(utf8);
        alphabet_to_utf8(how, text.bytes, text.length, utf8);
        MUST(g_utf8_validate(utf8->str, (gssize)utf8->len, NULL) && strlen(utf8->str) == utf8->len);
        reserved_read(utf8->str, &(struct reserved_rules){"fr,de,es", "afmeld=stop, +331:cancel=answer"}, "+331");
        reserved_answer("Bye | fr: Au revoir | +331 de: Weg", utf8->str, &(struct reserved_rules){"fr,+331:de", ""},
                        "+331");
    }
    if (sms_receipt_read(pdu, &receipt)) {
        MUST(*receipt.id);
        receipt_id_received(receipt.id, RECEIPT_IDS_HEX, form);
    }
    g_string_free(utf8, TRUE);
}

static bool is_a_command(uint32_t number)
{
    static const uint32_t all[] = {
#define COMMAND(name, number, body) number,
#include "runtime/adapters/sms/commands.def"
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] == number) return true;
    return false;
}

static void see_pdus(const uint8_t *bytes, size_t length)
{
    static uint8_t out[PDU_MAX], again[PDU_MAX];
    size_t one;
    while (length > 0 && pdu_length(bytes, length, &one) && one > 0) {
        struct pdu pdu, back;
        enum pdu_read read = pdu_read(bytes, one, &pdu);
        MUST((read == PDU_UNKNOWN) == !is_a_command(pdu.command));
        if (read == PDU_GOOD) {
            see_message(&pdu);
            size_t written = pdu_write(&pdu, out);
            if (written > 0) {
                MUST(pdu_read(out, written, &back) == PDU_GOOD);
                MUST(pdu_write(&back, again) == written && memcmp(out, again, written) == 0);
            }
        }
        bytes += one;
        length -= one;
    }
}

static void see_text(char *text, enum parts_way way)
{
    /* Left out: a text with U+FFFE, which is no character, and turns the order of what is behind it. */
    if (strstr(text, "\xef\xbf\xbe")) return;
    struct sms_parts parts;
    GString *back = g_string_new(NULL);
    static uint8_t bytes[PDU_MAX];
    if (!sms_parts_make(&parts, text, way)) {
        g_string_free(back, TRUE);
        return;
    }
    for (unsigned n = 1; n <= parts.count; n++) {
        struct pdu pdu = {0};
        struct part_place place;
        struct span piece;
        sms_parts_put(&parts, n, way, 7, bytes, sizeof bytes, &pdu);
        MUST(sms_parts_place(&pdu, &place, &piece) && place.n == n && place.total == parts.count);
        alphabet_to_utf8((struct alphabet){.coding = pdu.coding}, piece.bytes, piece.length, back);
    }
    GString *want = g_string_new(text); /* a mark of the order of bytes is none of the text that is read */
    g_string_replace(want, "\xef\xbb\xbf", "", 0);
    MUST(strcmp(back->str, want->str) == 0);
    g_string_free(want, TRUE);
    sms_parts_free(&parts);
    g_string_free(back, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 1) return 0;
    if (bytes[0] % 2 == 0) {
        see_pdus(bytes + 1, length - 1);
        return 0;
    }
    char *text = g_utf8_make_valid((const char *)bytes + 1, (gssize)length - 1);
    see_text(text, (enum parts_way)(bytes[0] / 2 % 4));
    char *plain = alphabet_plain(text);
    MUST(g_utf8_validate(plain, -1, NULL));
    g_free(plain);
    g_free(text);
    return 0;
}
