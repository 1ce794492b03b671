/* tests/unit/mms_message.c - Multimedia messages of MM7 and MM4: who, to whom, which parts on which slides; what
 * hostile ones become. */
#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "runtime/adapters/mms/message.h"
#include "runtime/adapters/mms/mended.h"
#include "runtime/mail/parts.h"
#include "runtime/web/magic.h"

#define JPEG "\xff\xd8\xff\xe0 a picture"

static const char *get(void *self, const char *key)
{
    (void)self;
    if (strcmp(key, "numbers") == 0) return "+4930123=pictures";
    if (strcmp(key, "store") == 0) return "sqlite:/nowhere/store";
    if (strcmp(key, "country") == 0) return "DE";
    if (strcmp(key, "mm7") == 0) return "127.0.0.1:0";
    if (strcmp(key, "international") == 0) return "yes";
    return NULL;
}

static const char *get_any(void *self, const char *key)
{
    return strcmp(key, "numbers") == 0 ? "*=pictures" : get(self, key);
}

static struct mms_setting setting;

static void begin(void)
{
    char why[200];
    parts_begin();
    cr_assert(mms_setting_read(&setting, get, NULL, why, sizeof why), "%s", why);
}

static void end(void)
{
    mms_setting_free(&setting);
}

TestSuite(mms_message, .init = begin, .fini = end);

#define TYPE "multipart/related; type=\"text/xml\"; start=\"<s>\"; boundary=\"out\""
#define ENVELOPE                                                                                                       \
    "--out\r\nContent-Type: text/xml; charset=utf-8\r\nContent-ID: <s>\r\n\r\n"                                        \
    "<e:Envelope xmlns:e='x'><e:Header><TransactionID>t-1</TransactionID></e:Header><e:Body><DeliverReq>"              \
    "<Sender><Number>491701234501</Number></Sender><Recipients><To><Number>4930123</Number></To></Recipients>"         \
    "<Subject>a &amp; b</Subject></DeliverReq></e:Body></e:Envelope>\r\n"
#define INNER(parts)                                                                                                   \
    ENVELOPE "--out\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n" parts "--in--\r\n\r\n--out--\r\n"
#define PICTURE         "--in\r\nContent-Type: image/jpeg\r\nContent-ID: <p1>\r\n\r\n" JPEG "\r\n"
#define TEXT(id, words) "--in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-ID: " id "\r\n\r\n" words "\r\n"
#define SMIL(body)      "--in\r\nContent-Type: application/smil\r\n\r\n<smil><body>" body "</body></smil>\r\n"

static struct mms_message *mm7_of(const char *text)
{
    return mms_read_mm7(&setting, TYPE, text, strlen(text));
}

Test(mms_message, a_delivery_of_mm7)
{
    struct mms_message *message = mm7_of(INNER(PICTURE TEXT("<t1>", "hello") SMIL(
        "<par dur='5s'><text src='cid:t1'/></par><par><img src='cid:P1'/><img src='cid:none'/></par>")));
    cr_assert_eq(message->what, MMS_MESSAGE, "%s", message->why);
    cr_expect_str_eq(message->external_id, "mm7-t-1");
    cr_expect_str_eq(message->from, "+491701234501");
    cr_expect(message->phone);
    cr_expect_str_eq(message->to, "+4930123");
    cr_expect_str_eq(message->queue, "pictures");
    cr_expect_str_eq(message->subject, "a & b");
    const struct mms_content *content = message->content;
    cr_assert_eq(content->count, 3);
    cr_expect_str_eq(content->parts[0].role, "inline");
    cr_expect_str_eq(content->parts[0].type, "image/jpeg");
    cr_expect_eq(content->parts[0].length, sizeof JPEG - 1);
    cr_expect_str_eq(content->parts[2].role, "raw");
    cr_expect_str_eq(content->text, "hello");
    cr_expect_str_eq(content->slides, "[{\"ms\":5000,\"parts\":[1]},{\"ms\":0,\"parts\":[0]}]");
    cr_expect(content->presented && !content->cut);
    mms_message_free(message);
}

Test(mms_message, without_a_presentation_the_parts_have_their_order)
{
    struct mms_message *message = mm7_of(INNER(PICTURE TEXT("t1", "one") TEXT("t2", "two")));
    cr_expect_str_eq(message->content->slides, "[{\"ms\":0,\"parts\":[0,1,2]}]");
    cr_expect_str_eq(message->content->text, "one\ntwo");
    cr_expect_not(message->content->presented);
    mms_message_free(message);
    message = mm7_of(INNER(SMIL("<par><img src='cid:p1'>") PICTURE TEXT("t1", "one"))); /* broken */
    cr_expect_str_eq(message->content->slides, "[{\"ms\":0,\"parts\":[1,2]}]");
    mms_message_free(message);
    message =
        mm7_of(INNER(SMIL("<par><text src='t2'/></par>") TEXT("t1", "one") TEXT("t2", "two"))); /* one is not named */
    cr_expect_str_eq(message->content->slides, "[{\"ms\":0,\"parts\":[2]},{\"ms\":0,\"parts\":[1]}]");
    cr_expect_str_eq(message->content->text, "two\none");
    mms_message_free(message);
}

Test(mms_message, bytes_say_what_a_part_is)
{
    struct mms_message *message =
        mm7_of(INNER("--in\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n"
                     "--in\r\nContent-Type: image/png\r\n\r\n<svg onload='x'/>\r\n"
                     "--in\r\nContent-Type: text/plain\r\n\r\n" JPEG "\r\n"
                     "--in\r\nContent-Type: image/svg+xml; name=\"../../a.svg\"\r\n\r\n<svg/>\r\n"
                     "--in\r\nContent-Type: text/x-vcard; name=a.vcf\r\n\r\nBEGIN:VCARD\r\n"));
    const char *const roles[] = {"attachment", "attachment", "inline", "attachment", "attachment"};
    const char *const types[] = {"application/octet-stream", "application/octet-stream", "image/jpeg",
                                 "application/octet-stream", "text/x-vcard"};
    cr_assert_eq(message->content->count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_str_eq(message->content->parts[i].role, roles[i]);
        cr_expect_str_eq(message->content->parts[i].type, types[i]);
    }
    cr_expect_str_eq(message->content->parts[3].name, "a.svg");
    mms_message_free(message);
    cr_expect_null(magic_type("", 0));
    cr_expect_str_eq(magic_type("RIFF....WAVEfmt ", 16), "audio/wav");
    cr_expect_str_eq(magic_type("....ftyp3gp5", 12), "video/3gpp");
}

Test(mms_message, what_is_refused_and_why)
{
    struct mms_message *message = mm7_of("--out\r\n\r\nhello\r\n--out--\r\n");
    cr_expect_eq(message->what, MMS_UNREADABLE);
    mms_message_free(message);
    const char *other = "<E><Body><DeliverReq><Sender>1</Sender><Recipients><To>49999</To></Recipients></DeliverReq>"
                        "</Body></E>";
    message = mms_read_mm7(&setting, "text/xml", other, strlen(other));
    cr_expect_eq(message->what, MMS_UNKNOWN);
    mms_message_free(message);
    const char *own = "<E><Body><DeliverReq><Sender><Number>4930123</Number></Sender><Recipients><To>4930123</To>"
                      "</Recipients></DeliverReq></Body></E>";
    message = mms_read_mm7(&setting, "text/xml", own, strlen(own));
    cr_expect_eq(message->what, MMS_PASSED);
    cr_expect_str_eq(message->why, "a number of ours wrote it");
    mms_message_free(message);
    const char *report = "<E><Body><DeliveryReportReq/></Body></E>";
    message = mms_read_mm7(&setting, "text/xml; charset=\"utf-8\"", report, strlen(report));
    cr_expect_eq(message->what, MMS_PASSED);
    mms_message_free(message);
    message = mms_read_mm7(&setting, "", "", 0);
    cr_expect_eq(message->what, MMS_UNREADABLE);
    mms_message_free(message);
}

Test(mms_message, a_number_is_whole_or_none_of_ours)
{
    char mail[300], digits[200];
    mms_setting_free(&setting);
    char why[200];
    cr_assert(mms_setting_read(&setting, get_any, NULL, why, sizeof why), "%s", why);
    for (size_t length = 60; length < 70; length++) {
        memset(digits, '7', length);
        digits[length] = '\0';
        g_snprintf(mail, sizeof mail, "From: anna@example.org\r\n\r\nhello\r\n");
        struct mms_message *message =
            mms_read_mm4(&setting, &(struct mms_mail){"a@b.example", digits, mail, strlen(mail)});
        cr_expect_eq(message->what, length < sizeof message->to ? MMS_MESSAGE : MMS_UNKNOWN, "%zu", length);
        if (message->what == MMS_MESSAGE) cr_expect_str_eq(message->to, digits);
        mms_message_free(message);
    }
}

Test(mms_message, a_message_within_is_a_file)
{
    struct mms_message *message =
        mm7_of(ENVELOPE
               "--out\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"a/b.eml\"\r\n\r\n"
               "Subject: the bill\r\nContent-Type: text/html\r\n\r\n<script>\r\n"
               "--out\r\nContent-Type: message/rfc822\r\n\r\n\r\n"
               "--out\r\nContent-Type: text/plain\r\n\r\nhello\r\n--out--\r\n");
    cr_assert_eq(message->what, MMS_MESSAGE);
    const struct mms_content *content = message->content;
    cr_assert_eq(content->count, 3);
    cr_expect_not(content->cut);
    cr_expect_str_eq(content->parts[0].role, "attachment");
    cr_expect_str_eq(content->parts[0].type, "application/octet-stream");
    cr_expect(!strchr(content->parts[0].name, '/') && strstr(content->parts[0].name, ".eml"));
    cr_expect_not_null(strstr(content->parts[0].bytes, "Subject: the bill"));
    cr_expect_not_null(strstr(content->parts[0].bytes, "<script>"));
    cr_expect_str_eq(content->parts[1].name, "message.eml");
    cr_expect_str_eq(content->text, "hello");
    mms_message_free(message);
}

Test(mms_message, parts_and_levels_are_bounded)
{
    GString *text = g_string_new(ENVELOPE "--out\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n");
    for (int i = 0; i < MMS_PARTS_MAX + 10; i++) g_string_append(text, "--in\r\nContent-Type: text/plain\r\n\r\nx\r\n");
    g_string_append(text, "--in--\r\n--out--\r\n");
    struct mms_message *message = mm7_of(text->str);
    cr_assert_eq(message->what, MMS_MESSAGE);
    cr_expect_eq(message->content->count, MMS_PARTS_MAX);
    cr_expect(message->content->cut);
    mms_message_free(message);
    g_string_assign(text, ENVELOPE "--out\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n");
    for (int i = 0; i < MMS_PARTS_MAX; i++) g_string_append(text, "--in\r\nContent-Type: text/plain\r\n\r\nx\r\n");
    g_string_append(text, "--in\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n");
    g_string_append(text, "--in--\r\n--out--\r\n");
    message = mm7_of(text->str);
    cr_expect(message->what == MMS_MESSAGE && message->content->cut);
    cr_expect_eq(message->content->count, MMS_PARTS_MAX);
    mms_message_free(message);
    g_string_assign(text, ENVELOPE "--out\r\n");
    for (int i = 0; i < 8; i++)
        g_string_append_printf(text, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    g_string_append(text, "Content-Type: text/plain\r\n\r\nx\r\n");
    message = mm7_of(text->str);
    cr_assert_eq(message->what, MMS_MESSAGE);
    cr_expect_eq(message->content->count, 0);
    cr_expect(message->content->cut);
    mms_message_free(message);
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(text, "Content-Type: multipart/mixed; boundary=c%d\r\n\r\n--c%d\r\n", i, i);
    message = mm7_of(text->str);
    cr_expect_eq(message->what, MMS_TOO_MUCH);
    mms_message_free(message);
    g_string_free(text, TRUE);
}

static struct mms_message *mm4_from(const char *sender, const char *text)
{
    struct mms_mail mail = {sender, "+4930123/TYPE=PLMN@mms.example", text, strlen(text)};
    return mms_read_mm4(&setting, &mail);
}

static struct mms_message *mm4_of(const char *text)
{
    return mm4_from("a@mmsc.example", text);
}

/* `line`, often, in the header of a part by MM7 and by MM4. */
static void is_too_much(const char *line, unsigned count, bool too_much)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++) g_string_append(text, line);
    char *mm7 = g_strdup_printf(INNER("--in\r\n%s\r\nx\r\n"), text->str);
    char *mm4 = g_strdup_printf("From: a@b.example\r\nX-Mms-Message-ID: 1\r\n%s\r\nx\r\n", text->str);
    struct mms_message *messages[] = {mm7_of(mm7), mm4_of(mm4)};
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        cr_expect_eq(messages[i]->what, too_much ? MMS_TOO_MUCH : MMS_MESSAGE, "%zu: %s", i, line);
        mms_message_free(messages[i]);
    }
    g_free(mm7), g_free(mm4);
    g_string_free(text, TRUE);
}

Test(mms_message, parts_and_headers_are_counted_before_they_are_read)
{
    is_too_much("--in\r\n\r\nx\r\n", MMS_BOUNDARIES_MAX + 1, true);
    is_too_much("X: y\r\n", MMS_HEADERS_MAX, true);
    is_too_much("\xc3\xa9 :\n", MMS_HEADERS_MAX, true);
    is_too_much(":\r\n", MMS_HEADERS_MAX, true);
    is_too_much("X: y\r\n", 1000, false);
    is_too_much("--in\r\n\r\nx\r\n", 1000, false);
    is_too_much("\r\na line without a name: of a text\r\n", MMS_HEADERS_MAX, false);
}

/* ---- MM4 ---- */

#define MM4(headers)                                                                                                   \
    "From: +491701234501/TYPE=PLMN@mmsc.example\r\nTo: +4930123/TYPE=PLMN@mms.example\r\nSubject: "                    \
    "=?utf-8?q?caf=C3=A9?=\r\n"                                                                                        \
    "X-Mms-Message-ID: \"<m-1@mmsc.example>\"\r\nX-Mms-Transaction-ID: \"t-1\"\r\n" headers                            \
    "Content-Type: multipart/related; boundary=in\r\n\r\n" PICTURE TEXT("<t1>", "hello") "--in--\r\n"

Test(mms_message, a_forward_of_mm4)
{
    struct mms_message *message = mm4_of(MM4("X-Mms-Message-Type: MM4_forward.REQ\r\nX-Mms-Ack-Request: Yes\r\n"
                                             "X-Mms-Originator-System: system@mmsc.example\r\n"));
    cr_assert_eq(message->what, MMS_MESSAGE, "%s", message->why);
    cr_expect_str_eq(message->external_id, "mm4-m-1@mmsc.example");
    cr_expect_str_eq(message->from, "+491701234501");
    cr_expect_str_eq(message->to, "+4930123");
    cr_expect_str_eq(message->subject, "caf\xc3\xa9");
    cr_expect_str_eq(message->answer_to, "system@mmsc.example");
    cr_expect_str_eq(message->transaction, "t-1");
    cr_expect_str_eq(message->content->slides, "[{\"ms\":0,\"parts\":[0,1]}]");
    mms_message_free(message);
    message = mm4_of(MM4("X-Mms-Ack-Request: No\r\nX-Mms-Originator-System: system@mmsc.example\r\n"));
    cr_expect_null(message->answer_to);
    mms_message_free(message);
    message = mm4_of(MM4("X-Mms-Message-Type: MM4_delivery_report.REQ\r\n"));
    cr_expect_eq(message->what, MMS_PASSED);
    mms_message_free(message);
}

Test(mms_message, a_mail_of_a_machine_or_without_anything_is_none)
{
    static const struct {
        const char *sender, *text;
        enum mms_what what;
    } rows[] = {
        {"", "From: mailer-daemon@mx.example\r\nSubject: Undelivered Mail\r\n\r\nit came back\r\n", MMS_STRAY},
        {"a@b.example", "From: a@b.example\r\nAuto-Submitted: auto-replied (away)\r\n\r\naway\r\n", MMS_STRAY},
        {"a@b.example", "\r\n", MMS_STRAY},
        {"a@b.example", "From: a@b.example\r\n\r\n", MMS_STRAY},
        {"a@b.example", "From: a@b.example\r\nAuto-Submitted: no\r\n\r\nhello\r\n", MMS_MESSAGE},
        {"a@b.example", "From: a@b.example\r\nSubject: hello\r\n\r\n", MMS_MESSAGE},
        {"", "From: a@b.example\r\nx-mms-message-id: 1\r\nAuto-Submitted: auto-generated\r\n\r\n", MMS_MESSAGE},
        {"a@b.example", "From: 4930123@localhost\r\n\r\nhello\r\n", MMS_PASSED},
        {"a@b.example", "From: 4930123@elsewhere.example\r\n\r\nhello\r\n", MMS_MESSAGE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct mms_message *message = mm4_from(rows[i].sender, rows[i].text);
        cr_expect_eq(message->what, rows[i].what, "%zu: %s", i, message->why);
        mms_message_free(message);
    }
}

Test(mms_message, an_answer_goes_to_an_address_and_breaks_no_line)
{
    struct mms_message *message =
        mm4_of(MM4("X-Mms-Ack-Request: Yes\r\nX-Mms-Originator-System: a@b.example>\r\n\tBcc: c@d.example\r\n"));
    cr_expect(!message->answer_to || !strpbrk(message->answer_to, "\r\n<> "));
    mms_message_free(message);
}

/* `%s` twice: the end of the id, and the mailbox of the system that asks. */
static struct mms_message *mm4_long(const char *end, const char *mailbox)
{
    char *filling = g_strnfill(10000, '7'), *text;
    text = g_strdup_printf(
        "From: <+%s/TYPE=PLMN@mmsc.example>\r\nX-Mms-Message-ID: \"%s%s\"\r\nX-Mms-Transaction-ID: %s\r\n"
        "X-Mms-Ack-Request: Yes\r\nX-Mms-Originator-System: %s@mmsc.example\r\n\r\nhello\r\n",
        filling, filling, end, filling, mailbox ? mailbox : filling);
    struct mms_message *message = mm4_of(text);
    g_free(filling), g_free(text);
    return message;
}

Test(mms_message, ids_and_addresses_out_of_bounds_are_none)
{
    struct mms_message *one = mm4_long("1", "system"), *other = mm4_long("2", NULL);
    cr_assert(one->what == MMS_MESSAGE && other->what == MMS_MESSAGE, "%s", one->why);
    cr_expect(g_str_has_prefix(one->external_id, "mm4-sha256:"), "%s", one->external_id);
    cr_expect_str_neq(one->external_id, other->external_id); /* they differ behind every bound */
    cr_expect(!one->transaction && !one->message_id);
    cr_expect_str_eq(one->from, "");
    cr_expect_str_eq(one->answer_to, "system@mmsc.example");
    cr_expect_null(other->answer_to); /* the beginning of an address is another address */
    mms_message_free(one), mms_message_free(other);
    char *filling = g_strnfill(10000, '1');
    char *text = g_strdup_printf(
        "<E><Body><DeliverReq><Sender><Number>+%s</Number></Sender><Recipients><To>+%s</To><To>4930123</To>"
        "</Recipients></DeliverReq></Body></E>",
        filling, filling);
    one = mms_read_mm7(&setting, "text/xml", text, strlen(text));
    cr_expect_eq(one->what, MMS_MESSAGE, "%s", one->why);
    cr_expect_str_eq(one->from, "");
    g_free(filling), g_free(text);
    mms_message_free(one);
}

Test(mms_message, addresses)
{
    char form[PERSON_MAX + 1];
    bool phone;
    const struct {
        const char *address, *form;
        bool phone;
    } rows[] = {{"+491701234501/TYPE=PLMN@x.example", "+491701234501", true},
                {"491701234501", "+491701234501", true},
                {"01701234501", "+491701234501", true},
                {"+491701234501@x.example", "+491701234501", true},
                {"Anna@Example.org", "anna@example.org", false},
                {"4711/type=plmn@x.example", "4711", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        cr_expect(mms_address(&setting, rows[i].address, form, &phone), "%s", rows[i].address);
        cr_expect_str_eq(form, rows[i].form);
        cr_expect_eq(phone, rows[i].phone, "%s", rows[i].address);
    }
    cr_expect_not(mms_address(&setting, "", form, &phone));
}
