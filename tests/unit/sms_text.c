/* tests/unit/sms_text.c - Alphabets, division into messages, receipts, and the words by which customers leave. */
#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/parts.h"
#include "runtime/adapters/sms/pdu.h"
#include "runtime/adapters/sms/receipt.h"
#include "runtime/vocabulary/reserved.h"

TestSuite(sms_text, .timeout = 60);

static char *repeated(const char *text, unsigned times, const char *more)
{
    GString *all = g_string_new(NULL);
    while (times-- > 0) g_string_append(all, text);
    g_string_append(all, more);
    return g_string_free(all, FALSE);
}

/* How many bytes each part has: septets, or two per unit of UTF-16. */
static void expect_parts(char *text, enum parts_way way, unsigned coding, const char *bytes)
{
    struct sms_parts parts;
    GString *told = g_string_new(NULL);
    cr_assert(sms_parts_make(&parts, text, way));
    for (unsigned i = 0; i < parts.count; i++)
        g_string_append_printf(told, "%s%u", i > 0 ? "+" : "", parts.part[i]->len);
    cr_expect_str_eq(told->str, bytes, "%.20s...: %s, not %s", text, told->str, bytes);
    cr_expect_eq(parts.coding, coding);
    sms_parts_free(&parts);
    g_string_free(told, TRUE);
    g_free(text);
}

Test(sms_text, a_text_is_divided_where_all_handsets_do)
{
#define DIVIDED(way, times, text, more, coding, bytes)                                                                 \
    expect_parts(repeated(text, times, more), PARTS_##way, CODING_##coding, bytes);
#include "tests/unit/sms_parts.def"
    expect_parts(repeated("a", 1000, ""), PARTS_PAYLOAD, CODING_GSM, "1000");
    expect_parts(g_strdup(""), PARTS_UDH8, CODING_GSM, "0");
    char *plain = alphabet_plain("it’s “so” – and so…\u00a0€");
    cr_expect_str_eq(plain, "it's \"so\" - and so... €");
    expect_parts(plain, PARTS_UDH8, CODING_GSM, "24");
    char *much = repeated("a", 153 * 255 + 1, "");
    cr_expect_eq(sms_parts_count(much, PARTS_UDH8), 0);
    much[153 * 255] = 0;
    cr_expect_eq(sms_parts_count(much, PARTS_UDH8), 255);
    g_free(much);
}

static char *read_as(unsigned coding, const char *bytes, size_t length)
{
    GString *text = g_string_new(NULL);
    bool is = alphabet_to_utf8((struct alphabet){.coding = (uint8_t)coding}, (const uint8_t *)bytes, length, text);
    if (!is) g_string_assign(text, "(no text)");
    return g_string_free(text, FALSE);
}

Test(sms_text, bytes_of_each_alphabet_are_read)
{
    static const struct {
        unsigned coding;
        const char *bytes;
        size_t length;
        const char *text;
    } rows[] = {
        {CODING_GSM, "\x00hi \x1b\x65 \x11 \x7f", 10, "@hi € _ à"},
        {CODING_GSM, "a\x1b\x1b\x65", 4, "a €"}, /* an escape is a space where none is known behind it */
        {CODING_GSM, "a\x1b", 2, "a "},
        {CODING_GSM, "\xe4", 1, "\xef\xbf\xbd"},
        {CODING_ASCII, "a\xff@", 3, "a\xef\xbf\xbd@"},
        {CODING_LATIN1, "\xe4\xdf\x00z", 4, "äßz"},
        {CODING_UCS2, "\x04\x4f\xd8\x3d\xde\x00", 6, "я😀"},
        {CODING_UCS2, "\xd8\x00\xdc\x00\xdb\xff\xdf\xff", 8, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {CODING_UCS2, "\xd8\x3d\x00\x61", 4,
         "\xef\xbf\xbd"
         "a"},
        {CODING_UCS2, "\x00\x61\x00", 3, "a\xef\xbf\xbd"},
        {CODING_UCS2, "\xff\xfe\x61\x00\x3d\xd8\x00\xde", 8, "a😀"}, /* the low byte first, as its mark says */
        {CODING_UCS2, "\xfe\xff\x04\x4f", 4, "я"},
        {CODING_UCS2, "\x00\x61\xff\xfe\x62\x00\xff\xfe\x63\x00", 10, "abc"}, /* parts with a mark each */
        {CODING_BINARY, "abc", 3, "(no text)"},
        {CODING_OCTETS, "abc", 3, "(no text)"},
        {CODING_JIS, "\x92\x8d\x95\xb6", 4, "注文"},
        {CODING_CYRILLIC, "\xbf\xe0\xd8", 3, "При"},
        {CODING_HEBREW, "\xf9\xec\xe5\xed", 4, "שלום"},
        {CODING_MUSIC, "\x1b$BCm\x1b(B", 8, "注"},
        {CODING_KANJI, "\xc3\xed\xca\xb8", 4, "注文"},
        {CODING_KOREAN, "\xbe\xc8\xb3\xe7", 4, "안녕"},
        {11, "abc", 3, "(no text)"},
        {0x18, "\x00\x61", 2, "a"}, /* a scheme of GSM: UCS-2 with a class */
        {0xf0, "a", 1, "a"},
        {0xf4, "a", 1, "(no text)"},
        {0x42, "a", 1, "(no text)"},
        {0x30, "a", 1, "(no text)"}, /* its bytes are compressed */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = read_as(rows[i].coding, rows[i].bytes, rows[i].length);
        cr_expect_str_eq(text, rows[i].text, "row %zu: %s", i, text);
        g_free(text);
    }
}

/* Telephones cut between any two bytes: within an emoji, behind an escape, within a character of two bytes. */
Test(sms_text, a_character_that_is_cut_at_the_border_is_whole_again)
{
    static const struct {
        unsigned coding;
        const char *bytes;
        size_t length;
        const char *text;
    } rows[] = {
        {CODING_UCS2, "\x04\x4f\xd8\x3d\xde\x00\xd8\x3d\xd8\x3d\xde\x01\xde\x00", 14, "я😀\xef\xbf\xbd😁\xef\xbf\xbd"},
        {CODING_GSM, "price \x1b\x65 5", 10, "price € 5"},
        {CODING_KOREAN, "\xbe\xc8\xb3\xe7", 4, "안녕"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 0; cut <= rows[i].length; cut++) {
            const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
            struct alphabet how = {.coding = (uint8_t)rows[i].coding};
            GString *text = g_string_new("я ");
            cr_assert(alphabet_part_put(how, bytes, cut, text));
            cr_expect(g_utf8_validate(text->str, -1, NULL)); /* a database takes it */
            cr_assert(alphabet_part_put(how, bytes + cut, rows[i].length - cut, text));
            alphabet_join(text);
            char *wanted = g_strconcat("я ", rows[i].text, NULL);
            cr_expect_str_eq(text->str, wanted, "cut at %zu: %s", cut, text->str);
            g_free(wanted);
            g_string_free(text, TRUE);
        }
    GString *none = g_string_new(NULL);
    cr_expect_not(alphabet_part_put((struct alphabet){.coding = CODING_BINARY}, (const uint8_t *)"abc", 3, none));
    cr_expect_str_empty(none->str);
    g_string_free(none, TRUE);
    GString *odd = g_string_new("\xf4\x8f\xbf\xbc"
                                "0000\xf4\x8f\xbf\xbd\xf4\x8f\xbf\xbc"
                                "00000041 \xf4\x8f\xbf\xbc"
                                "00zz\xf4\x8f\xbf\xbd \xf4\x8f\xbf\xbc"
                                "0000");
    char *as_it_was = g_strdup(odd->str);
    alphabet_join(odd); /* what is no part stays */
    cr_expect_str_eq(odd->str, as_it_was);
    g_free(as_it_was);
    g_string_free(odd, TRUE);
}

/* The header names the tables: 25 (locking) and 24 (shift), beside the place in a longer message. */
Test(sms_text, national_tables_are_read_as_the_header_says)
{
    static const struct {
        const char *message;
        const char *text;
    } rows[] = {
        {"\x03\x24\x01\x01I\x1b"
         "stanbul \x1b"
         "c\x1b"
         "e",
         "Iştanbul ç€"},
        {"\x03\x25\x01\x01\x40 \x60\x07\x1c\x04", "İ çıŞ€"},
        {"\x03\x24\x01\x02\x1b"
         "A\x1b"
         "o\x1b\x09\x1b(",
         "Áóç{"},
        {"\x06\x24\x01\x03\x25\x01\x03\x7b\x7c\x5b\x1b\x7f\x1b\x14\x09", "ãõÃâ^ç"},
        {"\x03\x24\x01\x09\x1b"
         "e\x40",
         "€¡"}, /* a language that we do not have */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pdu pdu = {.esm_class = ESM_HEADER,
                          .message = {(const uint8_t *)rows[i].message, (uint32_t)strlen(rows[i].message)}};
        struct part_place place;
        struct span bytes;
        GString *text = g_string_new(NULL);
        cr_assert(sms_parts_place(&pdu, &place, &bytes), "row %zu", i);
        cr_expect(place.total == 1 && place.n == 1);
        alphabet_to_utf8((struct alphabet){0, place.locking, place.shift}, bytes.bytes, bytes.length, text);
        cr_expect_str_eq(text->str, rows[i].text, "row %zu: %s", i, text->str);
        g_string_free(text, TRUE);
    }
}

/* The parts that sms_parts_put() writes are read by sms_parts_place(); put together they are the text. */
Test(sms_text, parts_find_their_places)
{
    static const enum parts_way ways[] = {PARTS_UDH8, PARTS_UDH16, PARTS_SAR, PARTS_PAYLOAD};
    char *text = repeated("Größe 10 €, [sehr] groß. ", 30, "");
    for (size_t way = 0; way < 4; way++) {
        struct sms_parts parts;
        GString *back = g_string_new(NULL);
        cr_assert(sms_parts_make(&parts, text, ways[way]));
        for (unsigned n = 1; n <= parts.count; n++) {
            static uint8_t bytes[PDU_MAX];
            struct pdu pdu = {0};
            struct part_place place;
            struct span piece;
            sms_parts_put(&parts, n, ways[way], 0x1234, bytes, sizeof bytes, &pdu);
            cr_assert(sms_parts_place(&pdu, &place, &piece));
            cr_expect_eq(place.n, n);
            cr_expect_eq(place.total, parts.count);
            if (parts.count > 1) cr_expect_eq(place.ref, ways[way] == PARTS_UDH8 ? 0x34 : 0x1234);
            alphabet_to_utf8((struct alphabet){.coding = pdu.coding}, piece.bytes, piece.length, back);
        }
        cr_expect_str_eq(back->str, text);
        g_string_free(back, TRUE);
        sms_parts_free(&parts);
    }
    g_free(text);
}

Test(sms_text, a_damaged_header_is_refused)
{
    static const char *const wrong[] = {"",
                                        "\x05",
                                        "\x05\x00\x03\x01\x02",
                                        "\x05\x00\x03\x01\x02\x01", /* its last byte is behind the message */
                                        "\x05\x00\x03\x01\x02\x03x",
                                        "\x05\x00\x03\x01\x00\x01x",
                                        "\x05\x00\x03\x01\x02\x00x",
                                        "\x02\x00\x03x",
                                        "\x01\x00x"};
    static const size_t lengths[] = {0, 1, 5, 5, 7, 7, 7, 4, 3};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct part_place place;
        struct span text;
        struct pdu pdu = {.esm_class = ESM_HEADER, .message = {(const uint8_t *)wrong[i], (uint32_t)lengths[i]}};
        cr_expect_not(sms_parts_place(&pdu, &place, &text), "row %zu", i);
    }
    struct part_place place;
    struct span text;
    struct pdu port = {.esm_class = ESM_HEADER, .message = {(const uint8_t *)"\x06\x05\x04\x0b\x84\x23\xf0hi", 9}};
    cr_assert(sms_parts_place(&port, &place, &text)); /* another element: ports */
    cr_expect_eq(place.total, 1);
    cr_expect(span_is(text, "hi"));
    port.message = (struct span){(const uint8_t *)"\x05\x70\x03\x01\x02\x01hi", 8};
    cr_assert(sms_parts_place(&port, &place, &text)); /* one that is as long as that of a part */
    cr_expect_eq(place.total, 1);
}

static struct receipt receipt_of(const char *text)
{
    struct receipt receipt;
    struct pdu pdu = {.esm_class = ESM_RECEIPT, .message = span_of(text)};
    cr_expect(sms_receipt_read(&pdu, &receipt), "%s", text);
    return receipt;
}

Test(sms_text, receipts_come_in_many_forms)
{
    struct receipt receipt = receipt_of("id:479AB700 sub:001 dlvrd:001 submit date:2611242000 done date:2611242001 "
                                        "stat:DELIVRD err:002 text:stat:UNDELIV");
    cr_expect_str_eq(receipt.id, "479AB700");
    cr_expect_str_eq(receipt.error, "002");
    cr_expect_eq(receipt.state, RECEIPT_DELIVERED); /* `stat` decides, and the first one */
    cr_expect_eq(receipt_of("ID: 7 STAT:undeliv").state, RECEIPT_FAILED);
    cr_expect_eq(receipt_of("id:7 stat:EXPIRED err:1").state, RECEIPT_EXPIRED);
    cr_expect_eq(receipt_of("id:7 stat:ENROUTE").state, RECEIPT_ON_ITS_WAY);
    cr_expect_eq(receipt_of("id:7 stat:QUEER").state, RECEIPT_NONE);
    struct pdu none = {.esm_class = ESM_RECEIPT, .message = span_of("hello")},
               sms = {.message = span_of("id:7 stat:DELIVRD")}, fields = {.receipted = "0406", .state = 2},
               both = {.esm_class = ESM_RECEIPT, .receipted = "9", .state = 5, .message = span_of("id:8 stat:DELIVRD")};
    cr_expect_eq(receipt_of("id:7 stat:FAILED").state, RECEIPT_FAILED); /* as some spell them */
    cr_expect_eq(receipt_of("id:7 stat:DELIVERED").state, RECEIPT_DELIVERED);
    cr_expect_eq(receipt_of("id:7 stat:REJECTED").state, RECEIPT_FAILED);
    struct pdu whole = {.message =
                            span_of("id:7 sub:001 dlvrd:001 submit date:2611242000 done date:2611242001 stat:DELIVRD "
                                    "err:000 text:hi")},
               half = {.message = span_of("id:7 sub:001 submit date:2611242000 done date:2611242001 stat:DELIVRD")};
    cr_expect(sms_receipt_read(&whole, &receipt) && receipt.state == RECEIPT_DELIVERED && receipt.unflagged);
    cr_expect_not(sms_receipt_read(&half, &receipt));
    struct pdu fateless = {.esm_class = ESM_RECEIPT, .message = span_of("id:7 sub:001")};
    cr_expect_not(sms_receipt_read(&fateless, &receipt));
    cr_expect_not(sms_receipt_read(&none, &receipt));
    cr_expect_not(sms_receipt_read(&sms, &receipt)); /* a customer may write such words */
    cr_expect(sms_receipt_read(&fields, &receipt) && receipt.state == RECEIPT_DELIVERED);
    cr_expect(sms_receipt_read(&both, &receipt) && receipt.state == RECEIPT_FAILED && strcmp(receipt.id, "9") == 0);
}

Test(sms_text, names_of_messages_are_the_same_in_each_form)
{
    static const struct {
        const char *answered, *received;
        enum receipt_ids ids;
    } rows[] = {{"479ab700", "479AB700", RECEIPT_IDS_SAME},
                {"0406123", "406123", RECEIPT_IDS_SAME},
                {"1F", "31", RECEIPT_IDS_HEX},
                {"31", "1f", RECEIPT_IDS_DECIMAL},
                {"0", "000", RECEIPT_IDS_SAME},
                {"9d2f-aa", "9D2F-AA", RECEIPT_IDS_HEX}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char answered[RECEIPT_ID], received[RECEIPT_ID];
        receipt_id_answered(rows[i].answered, rows[i].ids, answered);
        receipt_id_received(rows[i].received, rows[i].ids, received);
        cr_expect_str_eq(answered, received);
    }
}

Test(sms_text, a_whole_message_is_a_word)
{
    const struct reserved_rules both = {.languages = "fr, de"}, english = {0};
    static const char *const stop[] = {"STOP",    " stop. ",     "\"Stop!\"", "'opt-out'", "Opt   out",
                                       "«ARRÊT»", "Arre\u0302t", "stopp",     "×stop÷"};
    static const char *const none[] = {"",           "...",        "please stop", "Stop calling me?! I want an agent",
                                       "stops",      "sto",        "sair",        "When does the sale end",
                                       "stop\u00e9", "\u00e9stop", "\u505cstop"};
    for (size_t i = 0; i < sizeof stop / sizeof *stop; i++)
        cr_expect_eq(reserved_read(stop[i], &both, "+331"), WORDS_STOP, "%s", stop[i]);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_eq(reserved_read(none[i], &both, "+331"), WORDS_NONE, "%s", none[i]);
    cr_expect_eq(reserved_read("Start", &english, "+331"), WORDS_START);
    cr_expect_eq(reserved_read("Hilfe?", &both, "+331"), WORDS_HELP);
    cr_expect_eq(reserved_read("Hilfe?", &english, "+331"), WORDS_NONE);
}

static bool is_ours(const void *self, const char *number)
{
    return strcmp(number, self) == 0;
}

Test(sms_text, a_site_says_what_words_mean_at_which_number)
{
    const struct reserved_rules rules = {"fr,+4930:de",
                                         "Afmeld = stop, +331:CANCEL=answer,cancel=help, +331:Opt-Out =start"};
    static const struct {
        const char *text, *own;
        enum words_meaning meaning;
    } rows[] = {{"afmeld!", "+331", WORDS_STOP},  {"cancel", "+331", WORDS_NONE},   {"Cancel.", "331", WORDS_NONE},
                {"cancel", "+332", WORDS_HELP},   {"cancel", NULL, WORDS_HELP},     {"end", "+331", WORDS_STOP},
                {"opt-out", "+331", WORDS_START}, {"opt-out", "+332", WORDS_STOP},  {"opt-out", NULL, WORDS_START},
                {"abmelden", "+331", WORDS_NONE}, {"abmelden", "4930", WORDS_STOP}, {"abmelden", NULL, WORDS_STOP},
                {"arret", "+331", WORDS_STOP},    {"stop", "+331", WORDS_STOP}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(reserved_read(rows[i].text, &rules, rows[i].own), rows[i].meaning, "%s", rows[i].text);
}

Test(sms_text, who_asks_for_a_person_is_understood)
{
    const struct reserved_rules rules = {"+4930:de", "+331:agent=answer, mensch=person"};
    static const struct {
        const char *text, *own;
        enum words_meaning meaning;
    } rows[] = {{"Somebody, please!", "+332", WORDS_PERSON},
                {"somebody please", "+332", WORDS_PERSON},
                {"AGENT", "+332", WORDS_PERSON},
                {"agent", "+331", WORDS_NONE},
                {"Mitarbeiter", "+4930", WORDS_PERSON},
                {"Mitarbeiter", "+331", WORDS_NONE},
                {"Mensch", "+331", WORDS_PERSON},
                {"the agent was rude", "+332", WORDS_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(reserved_read(rows[i].text, &rules, rows[i].own), rows[i].meaning, "%s", rows[i].text);
    cr_expect(reserved_is_kept(WORDS_STOP) && reserved_is_kept(WORDS_HELP));
    cr_expect(!reserved_is_kept(WORDS_PERSON) && !reserved_is_kept(WORDS_NONE));
}

Test(sms_text, the_answer_is_that_of_the_number_and_of_the_language_of_the_word)
{
    const struct reserved_rules rules = {"fr, +4930:de", "weg=stop"};
    static const char answers[] =
        "Bye. START: again. | fr: Au revoir. |+331: Bye from Paris.| +331 fr : Adieu.|de: Weg: da."
        "|+4930 en:";
    static const struct {
        const char *text, *own, *told;
    } rows[] = {{"stop", "+332", "Bye. START: again."},
                {"arret", "+332", "Au revoir."},
                {"stop", "+331", "Bye from Paris."},
                {"Arr\u00eat!", "331", "Adieu."},
                {"abmelden", "+4930", "Weg: da."},
                {"stop", "+4930", "Weg: da."},
                {"arret", "+4930", "Au revoir."},
                {"weg", "+332", "Bye. START: again."},
                {"weg", "+4930", "Weg: da."}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span told = reserved_answer(answers, rows[i].text, &rules, rows[i].own);
        cr_expect(span_is(told, rows[i].told), "%s %s: %.*s", rows[i].text, rows[i].own, (int)told.length, told.bytes);
    }
    cr_expect_eq(reserved_answer("", "stop", &rules, "+331").length, 0u);
    cr_expect_eq(reserved_answer(NULL, "stop", &rules, "+331").length, 0u);
    cr_expect(span_is(reserved_answer(" | +331: Call us.", "help", &rules, "+331"), "Call us."));
    cr_expect_eq(reserved_answer(" | +331: Call us.", "help", &rules, "+332").length, 0u);
}

Test(sms_text, the_answers_of_a_site_are_checked)
{
    static const struct {
        const char *answers, *why;
    } rows[] = {
        {"Bye: START", ""},
        {"", ""},
        {NULL, ""},
        {"Bye | fr: Au revoir | +331: A | +331 de: B", ""},
        {"Bye | +331:", ""},
        {"Bye | Au revoir",
         "stopped: `Au revoir` behind a bar is not NUMBER: TEXT, LANGUAGE: TEXT or NUMBER LANGUAGE: TEXT"},
        {"Bye | xx: A", "stopped: `A` behind a bar is not NUMBER: TEXT, LANGUAGE: TEXT or NUMBER LANGUAGE: TEXT"},
        {"Bye | fr +331: A", "stopped: `A` behind a bar is not NUMBER: TEXT, LANGUAGE: TEXT or NUMBER LANGUAGE: TEXT"},
        {"Bye || fr: A", "stopped: `` behind a bar is not NUMBER: TEXT, LANGUAGE: TEXT or NUMBER LANGUAGE: TEXT"},
        {"Bye | +332 fr: A", "stopped: `+332` before a colon is none of `numbers`"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[200] = "";
        cr_expect_eq(reserved_answers_good("stopped", rows[i].answers, is_ours, "+331", why, sizeof why),
                     *rows[i].why == '\0');
        cr_expect_str_eq(why, rows[i].why);
    }
}

Test(sms_text, what_a_site_says_of_words_is_checked)
{
    static const struct {
        const char *languages, *words, *why;
    } rows[] = {{"fr, de", "", ""},
                {NULL, NULL, ""},
                {"+331:fr", "+331:end=answer", ""},
                {"fr,xx", "", "languages: `xx`: no words of that language are known; as de,fr"},
                {"+332:fr", "", "languages: `+332` before a colon is none of `numbers`"},
                {"", "+332:end=answer", "words: `+332` before a colon is none of `numbers`"},
                {"", ":end=answer", "words: `` before a colon is none of `numbers`"},
                {"", "end", "words: `end`: it is not WORD=MEANING"},
                {"", "...=stop", "words: `...=stop`: the word has no letter"},
                {"", "end=talk", "words: `end=talk`: its meaning is none of stop, start, help, person and answer"},
                {"", "+331:Stop=answer", "words: `Stop=answer`: `stop` is always a word by which customers leave"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[200] = "";
        const struct reserved_rules rules = {rows[i].languages, rows[i].words};
        cr_expect_eq(reserved_rules_good(&rules, is_ours, "+331", why, sizeof why), *rows[i].why == '\0');
        cr_expect_str_eq(why, rows[i].why);
    }
    char why[200] = "";
    cr_expect_not(reserved_rules_good(&(struct reserved_rules){"", "+331:end=answer"}, NULL, NULL, why, sizeof why));
}
