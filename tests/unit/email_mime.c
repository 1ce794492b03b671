/* tests/unit/email_mime.c - Mails as the world writes them: tests/fuzz/corpus/mail, and larger ones made here. */
#include <criterion/criterion.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/compose.h"
#include "runtime/adapters/email/form_read.h"
#include "runtime/adapters/email/mime.h"
#include "runtime/adapters/email/said.h"
#include "runtime/mail/parts.h"
#include "runtime/mail/text.h"
#include "runtime/mail/rtf.h"
#include "runtime/mail/tnef.h"
#include "runtime/web/html.h"

TestSuite(email_mime, .init = parts_begin, .timeout = 60);

static bool own(const void *self, const char *address)
{
    (void)self;
    return strcmp(address, "service@shop.example") == 0;
}

static const struct mail_setting from_anna = {.sender = "anna@example.org", .own = own};

static struct mail *read_file(const char *name, const struct mail_setting *setting)
{
    const char *top = getenv("top_srcdir");
    char *path = g_strdup_printf("%s/tests/fuzz/corpus/mail/%s", top ? top : ".", name), *bytes;
    gsize length;
    cr_assert(g_file_get_contents(path, &bytes, &length, NULL), "%s", path);
    struct mail *mail = mail_read(bytes, length, setting);
    g_free(bytes);
    g_free(path);
    return mail;
}

static struct mail *read_text(const char *text)
{
    return mail_read(text, strlen(text), &from_anna);
}

#define SAYS(actual, expected) cr_expect_str_eq((actual) ? (actual) : "(none)", expected)

Test(email_mime, a_plain_mail_says_who_to_whom_and_what)
{
    struct mail *mail = read_file("plain", &from_anna);
    SAYS(mail->from, "Anna.M@example.org");
    SAYS(mail->from_name, "Anna Müller");
    SAYS(mail->to[0], "service@shop.example");
    SAYS(mail->to[1], "other@shop.example");
    SAYS(mail->cc[0], "boss@shop.example");
    SAYS(mail->subject, "Rechnung für März");
    SAYS(mail->external_id, "one@example.org");
    SAYS(mail->thread, "root@example.org");
    SAYS(mail->references[1], "zero@shop.example");
    SAYS(mail->text, "Grüße,\nAnna\n");
    cr_expect_eq(mail->date_us, 1772438400000000);
    cr_expect_eq(mail->robot, MAIL_ROBOT_none);
    cr_expect(!mail->corrupt && !mail->cut && mail->part_count == 0);
    mail_free(mail);
}

Test(email_mime, a_long_thread_keeps_its_first_mail_and_the_last_ones)
{
    GString *text = g_string_new("From: a@b.example\r\nReferences:");
    for (unsigned i = 0; i < MAIL_REFERENCES_MAX + 10; i++) g_string_append_printf(text, " <m%u@b.example>", i);
    g_string_append(text, "\r\n\r\nhello\r\n");
    struct mail *mail = read_text(text->str);
    SAYS(mail->references[0], "m0@b.example");
    SAYS(mail->references[1], "m11@b.example");
    SAYS(mail->references[MAIL_REFERENCES_MAX - 1], "m59@b.example");
    cr_expect_null(mail->references[MAIL_REFERENCES_MAX]);
    mail_free(mail);
    g_string_free(text, TRUE);
}

Test(email_mime, of_alternatives_the_text_is_taken_and_the_rest_is_kept_beside_it)
{
    struct mail *mail = read_file("nested", &from_anna);
    SAYS(mail->text, "Fünf € zurück");
    cr_assert_eq(mail->part_count, 5);
    SAYS(mail->parts[0].role, "html");
    SAYS(mail->parts[1].role, "inline");
    SAYS(mail->parts[1].content_id, "logo@x");
    cr_expect_eq(mail->parts[1].length, 8);
    SAYS(mail->parts[2].name, "Rechnung über 20€.pdf");
    SAYS(mail->parts[2].type, "application/pdf");
    SAYS(mail->parts[3].type, "message/rfc822");
    cr_expect_not_null(strstr(mail->parts[3].bytes, "inner text"));
    SAYS(mail->parts[4].role, "opened");
    cr_expect(mail->parts[4].made && !mail->parts[3].made);
    mail_free(mail);
}

Test(email_mime, a_forwarded_mail_is_opened_with_its_head_its_text_its_layout_and_its_files)
{
    struct mail *mail = read_text(
        "From: a@example.org\nSubject: Fwd: Wheels\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n"
        "--o\nContent-Type: text/plain\n\nSee below.\n--o\nContent-Type: message/rfc822\n\n"
        "From: =?utf-8?Q?K=C3=A4the?= <k@example.org>\nTo: shop@example.org\nSubject: Wheels\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: text/html\n\n<p>Two <b>wheels</b></p>\n"
        "--i\nContent-Type: message/rfc822\n\nSubject: The first\n\nOne wheel\n"
        "--i\nContent-Type: image/png; name=wheel.png\nContent-ID: <wheel@x>\n\nabcd\n--i--\n--o--\n");
    cr_assert_eq(mail->part_count, 4);
    SAYS(mail->text, "See below.");
    SAYS(mail->parts[0].type, "message/rfc822");
    SAYS(mail->parts[0].name, "Wheels.eml");
    static const char *const made[][3] = {{"opened", "text/html;charset=utf-8", "Wheels"},
                                          {"attachment", "image/png", "wheel.png"},
                                          {"opened", "text/plain;charset=utf-8", "Wheels"}};
    for (unsigned i = 0; i < 3; i++) {
        const struct mail_part *part = &mail->parts[i + 1];
        SAYS(part->role, made[i][0]);
        SAYS(part->type, made[i][1]);
        SAYS(part->name, made[i][2]);
        cr_expect(part->made);
    }
    SAYS(mail->parts[2].content_id, "wheel@x");
    char *text = g_strndup(mail->parts[3].bytes, mail->parts[3].length);
    SAYS(text,
         "From: Käthe <k@example.org>\nTo: shop@example.org\nSubject: Wheels\n\nTwo wheels\n\n\nSubject: The first\n\n"
         "One wheel\n[wheel.png, 4 bytes]");
    g_free(text);
    mail_free(mail);
}

/* Appends an attribute of TNEF: its level, id, type, length, bytes and checksum, which nobody checks. */
static void tnef_put(GByteArray *out, unsigned level, unsigned id, const void *bytes, size_t length)
{
    const guint8 head[] = {
        (guint8)level,          (guint8)id, (guint8)(id >> 8), 1, 0, (guint8)length, (guint8)(length >> 8),
        (guint8)(length >> 16), 0};
    g_byte_array_append(out, head, sizeof head);
    g_byte_array_append(out, bytes, (guint)length);
    g_byte_array_append(out, (const guint8 *)"\0\0", 2);
}

/* A winmail.dat with a text, a file of a long name behind two other properties, and an object without bytes. */
static GByteArray *tnef_made(void)
{
    static const guint8 props[] = "\3\0\0\0\x03\0\x20\x0e\7\0\0\0"
                                  "\x1f\0\x00\x80GUIDGUIDGUIDGUID\1\0\0\0\5\0\0\0abcde\0\0\0\1\0\0\0\2\0\0\0x\0\0\0"
                                  "\x1f\0\x07\x37\1\0\0\0\x0e\0\0\0/\0\xe4\0.\0t\0x\0t\0\0\0\0\0";
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, (const guint8 *)"\x78\x9f\x3e\x22\1\0", 6);
    tnef_put(out, 1, 0x9007, "\xe3\4\0\0\0\0\0\0", 8);
    tnef_put(out, 1, 0x800c, "\xcf\xf0\xe8\xe2", 5);
    tnef_put(out, 2, 0x9002, "", 0);
    tnef_put(out, 2, 0x8010, "A~1.TXT", 8);
    tnef_put(out, 2, 0x800f, "the file", 8);
    tnef_put(out, 2, 0x9005, props, sizeof props - 1);
    tnef_put(out, 2, 0x9002, "", 0);
    tnef_put(out, 2, 0x8010, "object", 6);
    return out;
}

Test(email_mime, a_winmail_dat_is_opened_and_a_broken_one_as_far_as_it_goes)
{
    GByteArray *made = tnef_made();
    struct tnef tnef;
    cr_assert(tnef_read(&tnef, (const char *)made->data, made->len, 10));
    SAYS(tnef.text->str, "Прив");
    cr_assert_eq(tnef.files->len, 1);
    const struct tnef_file *file = g_ptr_array_index(tnef.files, 0);
    SAYS(file->name, "/ä.txt");
    cr_expect_eq(file->bytes->len, 8);
    tnef_clear(&tnef);
    cr_expect(tnef_read(&tnef, (const char *)made->data, made->len, 0));
    cr_expect_eq(tnef.files->len, 0);
    tnef_clear(&tnef);
    for (guint length = 0; length < made->len; length++) { /* each is in memory that ends with it */
        char *cut = g_memdup2(made->data, MAX(length, 1));
        cr_expect_eq(tnef_read(&tnef, cut, length, 10), length >= 6);
        tnef_clear(&tnef);
        g_free(cut);
    }
    char *text = g_base64_encode(made->data, made->len);
    char *mail_text = g_strconcat("From: a@example.org\nMIME-Version: 1.0\nContent-Type: application/ms-tnef; "
                                  "name=winmail.dat\nContent-Transfer-Encoding: base64\n\n",
                                  text, "\n", NULL);
    struct mail *mail = read_text(mail_text);
    cr_assert_eq(mail->part_count, 3);
    SAYS(mail->parts[0].name, "winmail.dat");
    SAYS(mail->parts[1].role, "opened");
    SAYS(mail->parts[2].name, "ä.txt");
    cr_expect(mail->parts[2].made && memcmp(mail->parts[2].bytes, "the file", 8) == 0);
    mail_free(mail);
    g_free(text), g_free(mail_text);
    g_byte_array_free(made, TRUE);
}

/* The first example of MS-OXRTFCP. */
static const guint8 packed[] =
    "\x2d\0\0\0\x2b\0\0\0\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35"
    "\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0";

Test(email_mime, the_text_of_a_winmail_dat_that_has_rtf_alone_is_shown)
{
    GByteArray *made = g_byte_array_new(), *props = g_byte_array_new();
    struct tnef tnef;
    g_byte_array_append(made, (const guint8 *)"\x78\x9f\x3e\x22\1\0", 6);
    g_byte_array_append(props, (const guint8 *)"\1\0\0\0\2\1\x09\x10\1\0\0\0\x31\0\0\0", 16);
    g_byte_array_append(props, packed, sizeof packed - 1);
    g_byte_array_append(props, (const guint8 *)"\0\0\0", 3);
    tnef_put(made, 1, 0x9003, props->data, props->len);
    cr_assert(tnef_read(&tnef, (const char *)made->data, made->len, 10));
    SAYS(tnef.text->str, "hello world");
    tnef_clear(&tnef);
    for (guint cut = 0; cut < made->len; cut++) { /* a broken one, as far as it goes */
        (void)tnef_read(&tnef, (const char *)made->data, cut, 10);
        tnef_clear(&tnef);
    }
    tnef_put(made, 1, 0x800c, "the same", 8);
    cr_assert(tnef_read(&tnef, (const char *)made->data, made->len, 10));
    SAYS(tnef.text->str, "the same");
    tnef_clear(&tnef);
    g_byte_array_free(made, TRUE);
    g_byte_array_free(props, TRUE);
}

Test(email_mime, rtf_is_unpacked_as_far_as_there_is_room)
{
    GString *rtf = g_string_new(NULL);
    cr_assert(rtf_unpack(packed, sizeof packed - 1, 1000, rtf));
    SAYS(rtf->str, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    cr_assert(rtf_unpack(packed, sizeof packed - 1, 6, g_string_truncate(rtf, 0)));
    SAYS(rtf->str, "{\\rtf1");
    cr_assert(rtf_unpack("....\0\0\0\0MELA....{raw}", 21, 1000, g_string_truncate(rtf, 0)));
    SAYS(rtf->str, "{raw}");
    cr_expect_not(rtf_unpack(packed, 15, 1000, rtf));
    cr_expect_not(rtf_unpack("....\0\0\0\0LZFX....{raw}", 21, 1000, rtf));
    g_string_free(rtf, TRUE);
}

Test(email_mime, the_text_of_rtf_is_read_and_nothing_else)
{
    static const char *const cases[][2] = {
        {"{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\*\\generator Word;}Gr\\'fc\\'dfe,\\par\r\nAnna\\tab{\\b x}}",
         "Gr\303\274\303\237e,\nAnna\tx"},
        {"\\ansicpg1251 \\'cf\\'f0", "\320\237\321\200"},
        {"\\u8364?5 \\uc0\\u-10179\\u8364 6", "\342\202\2545 \357\277\275\342\202\2546"},
        {"\\u-10179?\\u-8704?!", "\360\237\230\200!"},
        {"\\uc0\\u-10179 x\\u-8704 ", "\357\277\275x\357\277\275"},
        {"a\\{b\\}\\\\c\\~d", "a{b}\\c\302\240d"},
        {"a\\bin3 {{{b", "ab"},
        {"a\\bin99 {{{b", "a"},
        {"}}a\\", "a"},
        {"{\\pict 00ff{1}}b\\'", "b"},
        {"\\uc2\\u8211--x", "\342\200\223x"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *text = g_string_new(NULL);
        rtf_text(cases[i][0], strlen(cases[i][0]), 1252, text);
        cr_expect_str_eq(text->str, cases[i][1], "%zu: %s", i, text->str);
        g_string_free(text, TRUE);
    }
}

Test(email_mime, rows_and_cells_of_a_table_stay_apart)
{
    static const char table[] = "<table><tr><th>Part<th>Price</tr><tr><td>Wheel</td> <td>12</td></tr></table>end";
    GString *text = html_plain_text(table, strlen(table));
    SAYS(text->str, "Part\tPrice\nWheel\t12\n\nend");
    g_string_free(text, TRUE);
}

Test(email_mime, html_is_text_without_scripts_and_links_that_hide_nothing)
{
    struct mail *mail = read_file("html", &from_anna);
    SAYS(mail->text, "Grüße & more\n\nOne\ntwo € 3 <script>\n\nhere <https://example.org/x?a=1> and there\n\n"
                     "- a\n- b\n\n[our logo] 1 < 2 &bogus; don’t € A\xef\xbf\xbd\xe2\x80\xae");
    cr_expect_eq(mail->part_count, 1);
    mail_free(mail);
    mail = read_file("unclosed", &from_anna);
    SAYS(mail->text, "only <http://example.org>");
    mail_free(mail);
}

Test(email_mime, names_of_parts_are_decoded_and_are_no_paths)
{
    struct mail *mail = read_file("rfc2231", &from_anna);
    cr_assert_eq(mail->part_count, 3);
    SAYS(mail->parts[0].name, "€ rates.csv");
    SAYS(mail->parts[1].name, "passwd");
    SAYS(mail->parts[2].name, "invoicefdp.exe");
    mail_free(mail);
}

Test(email_mime, broken_charsets_are_read_as_far_as_can_be)
{
    struct mail *mail = read_file("charsets", &from_anna);
    cr_expect(g_utf8_validate(mail->text, -1, NULL));
    SAYS(mail->text, "cut \xef\xbf\xbd and \xef\xbf\xbd done\nnaïve\nundeclared ü\nテスト\nhi\xef\xbf\xbd");
    mail_free(mail);
}

Test(email_mime, what_has_no_text_and_what_is_no_mail_is_a_mail)
{
    struct mail *mail = read_file("winmail", &from_anna);
    SAYS(mail->text, "");
    cr_assert_eq(mail->part_count, 1);
    SAYS(mail->parts[0].name, "winmail.dat");
    mail_free(mail);
    mail = read_file("empty_body", &from_anna);
    SAYS(mail->text, "");
    SAYS(mail->subject, "nothing");
    mail_free(mail);
    mail = read_file("garbage", &from_anna);
    cr_expect(mail->corrupt);
    SAYS(mail->from, "anna@example.org");
    mail_free(mail);
    mail = read_text("");
    cr_expect(mail->corrupt);
    mail_free(mail);
}

Test(email_mime, a_mail_without_an_id_is_known_again_by_what_no_server_changes)
{
    struct mail *one = read_file("no_id", &from_anna);
    struct mail *again =
        read_text("Delivery-date: now\r\nFrom: a@example.org\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n"
                  "Subject: no id\r\n\r\ntext\r\n");
    struct mail *other = read_text("From: a@example.org\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n"
                                   "Subject: no id\r\n\r\ntext 2\r\n");
    cr_expect(g_str_has_prefix(one->external_id, "sha256:"));
    SAYS(one->external_id, again->external_id);
    cr_expect_str_neq(one->external_id, other->external_id);
    mail_free(one), mail_free(again), mail_free(other);
}

Test(email_mime, headers_that_lie_make_nothing_that_goes_into_a_header)
{
    struct mail *mail = read_file("headers", &from_anna);
    cr_expect_null(strchr(mail->subject, '\n'));
    cr_expect_null(strchr(mail->subject, '\r'));
    SAYS(mail->thread, "ok@example.org");
    cr_expect_null(mail->to[0]);
    mail_free(mail);
}

Test(email_mime, robots_are_known_by_what_they_say)
{
    static const struct {
        const char *header;
        enum mail_robot robot;
    } cases[] = {
        {"Auto-Submitted: auto-replied (vacation)", MAIL_ROBOT_auto_submitted},
        {"Auto-Submitted: no", MAIL_ROBOT_none},
        {"List-Id: <x.example.org>", MAIL_ROBOT_list},
        {"Precedence: bulk", MAIL_ROBOT_precedence},
        {"Precedence: first-class", MAIL_ROBOT_none},
        {"X-Auto-Response-Suppress: All", MAIL_ROBOT_suppressed},
        {"Reply-To: service@SHOP.example", MAIL_ROBOT_none},
        {"Reply-To: no-reply@example.org", MAIL_ROBOT_mailer},
        {"X-Nothing: x", MAIL_ROBOT_none},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = g_strdup_printf("From: a@example.org\r\n%s\r\n\r\nx\r\n", cases[i].header);
        struct mail *mail = read_text(text);
        cr_expect_eq(mail->robot, cases[i].robot, "%s: %s", cases[i].header, mail_robot_name(mail->robot));
        mail_free(mail);
        g_free(text);
    }
    struct mail *mail = mail_read("From: a@example.org\n\nx", 22, &(struct mail_setting){.sender = ""});
    cr_expect_eq(mail->robot, MAIL_ROBOT_null_sender);
    mail_free(mail);
}

Test(email_mime, reports_say_which_mail_they_are_about)
{
    struct mail *mail = read_file("bounce", &(struct mail_setting){.sender = NULL});
    cr_assert(mail->report.is && mail->report.receipt == RECEIPT_NONE && mail->robot == MAIL_ROBOT_report);
    SAYS(mail->report.message_id, "gcx.42@shop.example");
    cr_assert_eq(mail->report.count, 2);
    SAYS(mail->report.recipients[0].to, "Nobody@example.org");
    cr_expect_eq(mail->report.recipients[0].fate, MAIL_FAILED);
    SAYS(mail->report.recipients[0].status, "5.1.1");
    SAYS(mail->report.recipients[1].to, "slow@example.org");
    cr_expect_eq(mail->report.recipients[1].fate, MAIL_DELAYED);
    mail_free(mail);
    mail = read_file("receipt", &from_anna);
    cr_expect(mail->report.is && mail->report.receipt == RECEIPT_READ);
    SAYS(mail->report.message_id, "gcx.43@shop.example");
    mail_free(mail);
}

/* ---- large ones ---- */

Test(email_mime, a_thousand_parts_are_kept_and_more_are_counted_as_cut)
{
    GString *text = g_string_new(
        "From: a@example.org\r\nMessage-ID: <many@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(text, "--b\r\nContent-Type: image/gif; name=%d.gif\r\n\r\nGIF%d\r\n", i, i);
    GString *more = g_string_new(text->str);
    g_string_append(text, "--b--\r\n");
    g_string_append(more, "--b\r\nContent-Type: image/gif\r\n\r\nx\r\n--b--\r\n");
    struct mail *mail = read_text(text->str);
    cr_expect(mail->part_count == 1000 && !mail->cut);
    SAYS(mail->parts[999].name, "999.gif");
    mail_free(mail);
    mail = read_text(more->str);
    cr_expect(mail->part_count == 1000 && mail->cut);
    mail_free(mail);
    g_string_free(text, TRUE), g_string_free(more, TRUE);
}

static GString *nested(int levels)
{
    GString *text = g_string_new("From: a@example.org\r\n");
    for (int i = 0; i < levels; i++)
        g_string_append_printf(text, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    return g_string_append(text, "Content-Type: text/plain\r\n\r\ndeep\r\n");
}

Test(email_mime, deep_nesting_ends_at_a_limit_whatever_the_depth)
{
    static const int levels[] = {20, 40, 1000, 50000};
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        GString *text = nested(levels[i]);
        struct mail *mail = read_text(text->str);
        cr_expect_eq(mail->cut || mail->corrupt, levels[i] > MAIL_LEVELS_MAX, "%d", levels[i]);
        cr_expect_eq(mail->corrupt, levels[i] > MAIL_NESTINGS_MAX, "%d", levels[i]);
        mail_free(mail);
        g_string_free(text, TRUE);
    }
}

Test(email_mime, thirty_megabytes_are_read)
{
    GString *text =
        g_string_new("From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nshort\r\n"
                     "--b\r\nContent-Type: text/plain\r\n\r\n");
    for (int i = 0; i < 30000; i++) g_string_append(text, "a line of a long text, which has no end and no news\r\n");
    g_string_append(text, "--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    while (text->len < 30 << 20)
        g_string_append(text, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\r\n");
    g_string_append(text, "--b--\r\n");
    struct mail *mail = read_text(text->str);
    cr_expect(g_str_has_prefix(mail->text, "short"));
    cr_expect(strlen(mail->text) <= MAIL_TEXT_MAX && mail->cut);
    cr_assert_eq(mail->part_count, 1);
    cr_expect_gt(mail->parts[0].length, 20 << 20);
    mail_free(mail);
    g_string_free(text, TRUE);
}

Test(email_mime, html_that_never_ends_is_read_once)
{
    static const char *const pieces[] = {"<a href=\"", "<!--", "<script>", "<a <a <a ", "&#", "<"};
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        GString *html = g_string_new(NULL);
        while (html->len < 4 << 20) g_string_append(html, pieces[i]);
        GString *text = html_plain_text(html->str, html->len);
        cr_expect(text->len <= html->len + 1000);
        g_string_free(text, TRUE);
        g_string_free(html, TRUE);
    }
}

/* As browsers show it; what is hidden and never ends hides nothing. */
Test(email_mime, what_html_does_not_show_is_no_text)
{
    static const struct {
        const char *html, *text;
    } rows[] = {
        {"a<div style='color: red; Display : none'>b<div>c</div>d</div>e", "ae"},
        {"a<span HIDDEN>b</span>c<img hidden alt=x>d", "acd"},
        {"a<p hidden>b<p>c", "a\n\nb\n\nc"},
        {"a<b style='display:no ne; dis play:block'>b</b>c<i style=display:inline>d</i>", "abcd"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GString *text = html_plain_text(rows[i].html, strlen(rows[i].html));
        cr_expect_str_eq(text->str, rows[i].text);
        g_string_free(text, TRUE);
    }
}

/* As browsers read it: padding may be missing, and behind it another text may begin; a character alone is no byte. */
Test(email_mime, base64_loses_nothing)
{
    static const struct {
        const char *base64, *text;
    } rows[] = {
        {"SGVsbG8gd29ybGQ=", "Hello world"},
        {"SGVsbG8gd29ybGQ", "Hello world"},
        {"SGVs\nbG8gd29y\nbGQh", "Hello world!"},
        {"T3JkZXIgMTc", "Order 17"},
        {"T3JkZXIg\nMQ==\nNw==\n", "Order 17"},
        {"T3JkZXIgMTcx", "Order 171"},
        {"T3JkZXIgMTc=\n_____\nlist at example.org\n", "Order 17"},
        {"T3JkZXIgMTc=\nSent by a list\n", "Order 17"},
        {"T3JkZXIgMTcxM", "Order 171"},
        {"MTI", "12"},
        {"MQ", "1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *text = g_strdup_printf(
            "From: a@example.org\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n%s\n", rows[i].base64);
        struct mail *mail = read_text(text);
        cr_expect_str_eq(mail->text, rows[i].text, "%s", rows[i].base64);
        mail_free(mail);
        g_free(text);
    }
}

Test(email_mime, base64_of_nothing_but_padding_is_read_once)
{
    GString *text = g_string_new("From: a@example.org\nContent-Transfer-Encoding: base64\n\n");
    while (text->len < 4 << 20) g_string_append(text, "=A=A=A=A=A=A=A=A=A=A\n");
    struct mail *mail = mail_read(text->str, text->len, &from_anna);
    cr_expect_str_eq(mail->text, "");
    mail_free(mail);
    g_string_free(text, TRUE);
}

/* What a picture shows may be longer than is kept of it: the text is cut between two characters. */
Test(email_mime, the_alternative_text_of_a_picture_ends_with_a_whole_character)
{
    GString *html = g_string_new("<p>Help!</p><img alt='x"), *wanted = g_string_new("Help!\n\n[x");
    for (int i = 0; i < 300; i++) g_string_append(html, "\xc3\xa9");
    for (int i = 0; i < 249; i++) g_string_append(wanted, "\xc3\xa9"); /* 499 of 500 bytes */
    g_string_append(html, "'>"), g_string_append(wanted, "]");
    GString *text = html_plain_text(html->str, html->len);
    cr_expect_str_eq(text->str, wanted->str);
    g_string_free(text, TRUE), g_string_free(html, TRUE), g_string_free(wanted, TRUE);
}

Test(email_mime, a_mail_that_is_sent_on_has_one_date)
{
    static const char *const mails[] = {"Date: Mon, 2 Mar 2026 08:00:00 +0000\r\nSubject: x\r\n\r\nDate: y\r\n",
                                        "Subject: x\r\n\r\nDate: y\n.\nMAIL FROM:<x>\r.\r",
                                        "Subject: x\n\nDate: y\n\nz\rw\n"};
    char *to[] = {"bert@example.org", NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        char *sent = compose_resent(&(struct composed){
            .message_id = "x@shop.example", .from = "service@shop.example", .to = to, .text = mails[i]});
        char *end = strstr(sent, "\r\n\r\n"), *date = strstr(sent, "\r\nDate: ");
        cr_expect(date < end && strstr(date + 1, "\r\nDate: ") == end + 2, "%s", sent);
        for (const char *at = sent; *at; at++) /* no other line end than CR LF */
            cr_assert((*at != '\r' || at[1] == '\n') && (at == sent || *at != '\n' || at[-1] == '\r'));
        cr_expect(i < 2 || strcmp(end, "\r\n\r\nDate: y\r\n\r\nz\r\nw\r\n") == 0, "%s", end);
        g_free(sent);
    }
}

/* A mail that is sent as a file arrives as a mail: its text is the same, in a form that may stand in a mail. What is
 * not one, as it has a byte 0 or a "\r" that ends no line, is a file of bytes. */
Test(email_mime, a_mail_that_is_sent_as_a_file_has_its_own_type_and_name)
{
    static const char head[] = "From: b@example.org\nSubject: Wheels\nContent-Type: text/plain;charset=utf-8\n\n";
    char *longest = g_strnfill(1100, 'x'), *to[] = {"bert@example.org", NULL};
    const char *const texts[] = {"Two wheels",
                                 "F\xc3\xbcnf R\xc3\xa4"
                                 "der",
                                 longest, "Two\r.\r\nMAIL FROM:<x>\r"};
    for (size_t i = 0; i <= G_N_ELEMENTS(texts); i++) {
        bool mail = i < G_N_ELEMENTS(texts) - 1;
        char *inner = g_strconcat(head, texts[i < G_N_ELEMENTS(texts) ? i : 0], "\n", NULL);
        size_t length = strlen(inner);
        if (i == G_N_ELEMENTS(texts)) inner[length - 3] = 0, inner[length - 4] = (char)0xff;
        struct composed_part part = {.role = "attachment", .type = "message/rfc822", .name = "mail.eml"};
        part.bytes = inner, part.length = length;
        char *sent = email_compose(&(struct composed){.message_id = "x@shop.example",
                                                      .from = "service@shop.example",
                                                      .to = to,
                                                      .text = "See there.",
                                                      .parts = &part,
                                                      .part_count = 1});
        struct mail *read = read_text(sent);
        SAYS(read->text, "See there.");
        SAYS(read->parts[0].type, mail ? "message/rfc822" : "application/octet-stream");
        SAYS(read->parts[0].name, "mail.eml");
        if (mail) {
            char *opened = g_strndup(read->parts[1].bytes, read->parts[1].length);
            cr_expect_not_null(strstr(opened, texts[i]));
            g_free(opened);
        } else {
            cr_expect(read->parts[0].length == length && memcmp(read->parts[0].bytes, inner, length) == 0);
        }
        for (const char *at = sent; *at; at++) cr_assert((signed char)*at > 0 && (*at != '\r' || at[1] == '\n'));
        mail_free(read);
        g_free(sent), g_free(inner);
    }
    g_free(longest);
}

static char *bytes_of(const struct mail_part *part)
{
    return g_strndup(part->bytes, part->length);
}

/* Whoever opens them reads them as UTF-8. Other files stay as they came, with their charset. */
Test(email_mime, calendars_and_cards_become_utf_8)
{
    struct mail *mail =
        read_text("From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n"
                  "--o\nContent-Type: text/calendar; charset=iso-8859-1; name=a.ics\nContent-Transfer-Encoding: "
                  "quoted-printable\n\nSUMMARY:Caf=E9=0D=0A\n"
                  "--o\nContent-Type: text/calendar; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nQQDpAA==\n"
                  "--o\nContent-Type: text/x-vcard\nContent-Disposition: attachment\n\nFN:Ren\xe9\n"
                  "--o\nContent-Type: text/vcard; charset=utf-8; name=r.vcf\n\nFN:Ren\xc3\xa9\n"
                  "--o\nContent-Type: text/directory; charset=iso-8859-1; name=d.vcf\n\nFN:Ren\xe9\n"
                  "--o\nContent-Type: text/x-vcalendar; charset=iso-8859-1; name=a.vcs\n\nFN:Ren\xe9\n"
                  "--o\nContent-Type: text/csv; charset=iso-8859-1; name=r.csv\n\nRen\xe9\n"
                  "--o\nContent-Type: text/csv; charset=a-name-that-no-charset-has-as-it-is-too-long; "
                  "name=l.csv\n\nRen\n"
                  "--o\nContent-Type: text/csv; charset=\"utf-8; name=x\"; name=q.csv\n\nRen\n--o--\n");
    static const char *const wanted[] = {"SUMMARY:Caf\xc3\xa9\r\n",
                                         "A\xc3\xa9",
                                         "FN:Ren\xc3\xa9",
                                         "FN:Ren\xc3\xa9",
                                         "FN:Ren\xc3\xa9",
                                         "FN:Ren\xc3\xa9",
                                         "Ren\xe9",
                                         "Ren",
                                         "Ren"};
    cr_assert_eq(mail->part_count, G_N_ELEMENTS(wanted));
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        char *bytes = bytes_of(&mail->parts[i]);
        SAYS(bytes, wanted[i]);
        g_free(bytes);
    }
    SAYS(mail->parts[0].type, "text/calendar");
    SAYS(mail->parts[G_N_ELEMENTS(wanted) - 3].type, "text/csv; charset=iso-8859-1");
    SAYS(mail->parts[G_N_ELEMENTS(wanted) - 2].type, "text/csv");
    SAYS(mail->parts[G_N_ELEMENTS(wanted) - 1].type, "text/csv");
    mail_free(mail);
}

/* A picture that no HTML names would be seen by nobody who has only the HTML before them. A file stays one, whatever
 * the HTML names. */
Test(email_mime, a_picture_goes_with_the_html_that_names_it_and_else_as_a_file)
{
    char *to[] = {"anna@example.org", NULL};
    const char *layout =
        "<p style=\"background: url(cid:B@x)\">See <IMG SRC='cid:a%2Bb@x'>, <a href=cid:e@x> and cid:</p>";
    struct composed_part parts[] = {
        {.role = "inline", .type = "image/png", .content_id = "a+b@x", .bytes = "PNG", .length = 3},
        {.role = "inline", .type = "image/webp", .content_id = "b@x", .bytes = "WEB", .length = 3},
        {.role = "inline", .type = "Image/JPEG", .content_id = "d@x", .bytes = "JPG", .length = 3},
        {.role = "inline", .type = "application/x-new", .content_id = "c", .bytes = "new", .length = 3},
        {.role = "inline", .type = "image/gif", .bytes = "GIF", .length = 3},
        {.role = "attachment", .type = "image/png", .content_id = "e@x", .name = "June.png", .bytes = "X", .length = 1},
        {.role = "html", .type = "text/html"}};
    static const char *const names[] = {"picture.png", "picture.webp", "picture.jpg",
                                        "file",        "picture.gif",  "June.png"};
    enum { SHOWN = 2, FILES = G_N_ELEMENTS(names) };
    parts[FILES].bytes = (char *)layout, parts[FILES].length = strlen(layout);
    for (unsigned html = 0; html < 2; html++) {
        struct composed composed = {.message_id = "x@shop.example",
                                    .from = "service@shop.example",
                                    .to = to,
                                    .text = "See there.",
                                    .parts = parts,
                                    .part_count = FILES + html};
        char *sent = email_compose(&composed);
        struct mail *read = read_text(sent);
        cr_expect_eq(strstr(sent, "multipart/related") != NULL, html == 1, "%s", sent);
        cr_assert_eq(read->part_count, FILES + html);
        const struct mail_part *at = read->parts + html;
        SAYS(at[0].content_id, "a+b@x");
        for (size_t i = 0; i < FILES; i++) {
            SAYS(at[i].role, html && i < SHOWN ? "inline" : "attachment");
            SAYS(at[i].name, names[i]);
        }
        mail_free(read);
        g_free(sent);
    }
}

/* What the bytes do not tell, and what is no text, has no charset; one that was said stays. */
Test(email_mime, a_text_that_is_sent_says_its_charset)
{
    static const struct {
        const char *type, *bytes, *wanted;
    } cases[] = {{"text/plain",
                  "Gr\xc3\xbc\xc3\x9f"
                  "e",
                  "text/plain; charset=utf-8"},
                 {"text/csv",
                  "\xff\xfe"
                  "x",
                  "text/csv; charset=utf-16"},
                 {"text/plain",
                  "Gr\xfc\xdf"
                  "e",
                  "text/plain; name=words"},
                 {"text/plain", "\x1b$BF|K\\\x1b(B", "text/plain; name=words"},
                 {"text/plain; charset=iso-8859-1", "Gruss", "text/plain; charset=iso-8859-1"},
                 {"application/json", "{}", "application/json; name=words"}};
    char *to[] = {"anna@example.org", NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct composed_part part = {.role = "attachment", .name = "words"};
        part.type = (char *)cases[i].type, part.bytes = (char *)cases[i].bytes, part.length = strlen(cases[i].bytes);
        char *sent = email_compose(&(struct composed){.message_id = "x@shop.example",
                                                      .from = "service@shop.example",
                                                      .to = to,
                                                      .text = "See there.",
                                                      .parts = &part,
                                                      .part_count = 1});
        cr_expect_not_null(strstr(sent, cases[i].wanted), "%s: %s", cases[i].wanted, sent);
        g_free(sent);
    }
}

Test(email_mime, what_would_cost_the_reader_much_is_kept_unread)
{
    struct {
        const char *front, *line, *end;
        size_t count;
        bool unread;
    } cases[] = {
        {"", "X: y", "\n", MAIL_HEADERS_MAX + 1, true},
        {"\n", "12:00 x", "\n", MAIL_HEADERS_MAX + 1, false}, /* its text is no header */
        {"X: message/x\n\n", "12:00 x", "\n", MAIL_HEADERS_MAX + 1, true},
        {"", "--multipart", "\r", 1000, false},
        {"", "--multipart\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--\r--", "\r", 1000,
         true},
        {"X: ", " =?utf-8?B?eA==?=", "\n", 3000, false},
        {"X: ", " =?utf-8?B?eA==", "\n", 3000, true},
        {"X: ", " =\\?utf-8?B?eA==", "\n", 3000, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *text = g_string_new("From: a@example.org");
        g_string_append_printf(text, "%s%s", cases[i].end, cases[i].front);
        for (size_t n = 0; n < cases[i].count; n++) g_string_append_printf(text, "%s%s", cases[i].line, cases[i].end);
        g_string_append_printf(text, "%stext%s", cases[i].end, cases[i].end);
        struct mail *mail = mail_read(text->str, text->len, &from_anna);
        cr_expect_eq(mail->corrupt, cases[i].unread, "case %zu", i);
        mail_free(mail);
        g_string_free(text, TRUE);
    }
}

/* A clock that goes wrong, or a Date that cannot be read, makes no mail another one's copy. */
Test(email_mime, a_head_is_told_from_another_by_what_its_sender_wrote)
{
    static const char *const heads[] = {
        "From: a@example.org\r\nSubject: alarm\r\n",
        "From: b@example.org\r\nSubject: alarm\r\n",
        "From: a@example.org\r\nSubject: [1] alarm\r\n",
        "From: a@example.org\r\nSubject: alarm\r\nDate: Thu, 26 Nov 2099 10:00:00 +0000\r\n",
        "From: a@example.org\r\nSubject: alarm\r\nDate: Thu, 26 Nov 2099 10:01:00 +0000\r\n",
        "From: a@example.org\r\nSubject: alarm\r\nDate: no date\r\n",
        "From: a@example.org\r\nSubject: alarm\r\nDate: none\r\n",
    };
    char *digests[G_N_ELEMENTS(heads)];
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++)
        for (int again = 0; again < 2; again++) {
            char *text = g_strdup_printf("%s%sMessage-ID: <one@example.org>\r\n\r\nx\r\n",
                                         again ? "Received: by mx2\r\n" : "", heads[i]);
            struct mail *mail = mail_read(text, strlen(text), &from_anna);
            if (again) cr_expect_str_eq(mail->head, digests[i], "%s", text);
            for (size_t j = 0; j < i; j++) cr_expect_str_neq(mail->head, digests[j], "%s", text);
            if (!again) digests[i] = g_strdup(mail->head);
            mail_free(mail);
            g_free(text);
        }
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) g_free(digests[i]);
}

Test(email_mime, a_form_that_says_an_address_twice_is_refused)
{
#define FIELD(name, text) "--x\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" text "\r\n"
    static const char twice[] = FIELD("address", "a@example.org") FIELD("address", "b@example.org") "--x--\r\n";
    static const char own[] = FIELD("address", "a@example.org") FIELD("size", "1")
        FIELD("size", "2") "--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x\r\n\r\nno word\r\n--x--\r\n";
#undef FIELD
    struct form_read form;
    cr_expect_str_eq(form_read(&form, "multipart/form-data; boundary=x", twice, strlen(twice)),
                     "one of name, address, subject, text and to stands there twice");
    form_read_free(&form);
    cr_expect_null(form_read(&form, "multipart/form-data; boundary=x", own, strlen(own)), "fields of the page's own");
    cr_expect_str_eq(form.address, "a@example.org");
    form_read_free(&form);
}

/* A page in Latin 1 posts Latin 1, and a browser says so in one of three places, or nowhere. */
Test(email_mime, a_form_is_read_in_the_charset_of_its_page)
{
    static const struct {
        const char *type, *field, *part, *bytes, *text;
    } forms[] = {
        {"", "", "", "Pr\xc3\xa9nom", "Pr\u00e9nom"},
        {"", "", "", "Pr\xe9nom", "Pr\u00e9nom"},
        {"; charset=iso-8859-2", "", "", "\xb9", "\u0161"},
        {"; charset=iso-8859-2", "koi8-r", "", "\xc1", "\u0430"},
        {"; charset=iso-8859-2", "koi8-r", "Content-Type: text/plain; charset=windows-1252\r\n", "\x80", "\u20ac"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        char *type = g_strdup_printf("multipart/form-data; boundary=x%s", forms[i].type);
        char *body =
            g_strdup_printf("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n%s\r\n%s\r\n"
                            "--x\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n--x--\r\n",
                            forms[i].part, forms[i].bytes, *forms[i].field ? "_charset_" : "other", forms[i].field);
        struct form_read form;
        cr_expect_null(form_read(&form, type, body, strlen(body)));
        cr_expect_str_eq(form.text, forms[i].text, "form %zu", i);
        form_read_free(&form);
        g_free(body), g_free(type);
    }
}

Test(email_mime, what_a_reply_says_is_divided_from_what_it_quotes)
{
    static const struct {
        const char *text, *said;
    } all[] = {
        {"5\n", "5"},
        {"\n  4, thanks \r\n\r\nAnna\r\n\r\n> How was it?\r\n", "4, thanks\n\nAnna"},
        {"5\n\nOn Monday, 30 November 2026, Shop <shop@x.org> wrote:\n\nHow was it?\n", "5"},
        {"5\n\nLe lun. 30 nov. 2026 à 10:00, Shop a écrit :\n> Comment ?\n", "5"},
        {"5\n-----Original Message-----\nFrom: Shop\n", "5"},
        {"5\n________________________________\nVon: Shop\n", "5"},
        {"5\nFrom: Shop <shop@x.org>\nSent: Monday\n", "5"},
        {"5\n-- \nAnna Martin\n", "5"},
        {"5\n--\nAnna Martin\n", "5"},
        {"What is it:\n- a\n", "What is it:\n- a"},
        {"> How was it?\n5\n", "(none)"},
        {"", "(none)"},
        {" \n\t\n", "(none)"},
    };
    char text[SAID_UNQUOTED_MAX + 3];
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        char *said = said_unquoted(all[i].text);
        SAYS(said, all[i].said);
        g_free(said);
    }
    memset(text, 'a', sizeof text), text[SAID_UNQUOTED_MAX] = '\0';
    char *most = said_unquoted(text);
    SAYS(most, text);
    text[SAID_UNQUOTED_MAX] = 'a', text[SAID_UNQUOTED_MAX + 1] = '\0';
    cr_expect_null(said_unquoted(text));
    g_free(most);
}
