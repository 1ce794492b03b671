/* tests/fuzz/fuzz_mail.c - Any bytes as a mail, and as a posted form: it is read, and what comes out is within the
 * limits and may be shown.
 */
#include <gmime/gmime.h>
#include <string.h>

#include "runtime/adapters/email/form_read.h"
#include "runtime/adapters/email/mime.h"
#include "runtime/mail/parts.h"
#include "tests/fuzz/fuzz.h"

static void shown(const char *text, size_t max, bool one_line)
{
    if (!text) return;
    MUST(strlen(text) <= max && g_utf8_validate(text, -1, NULL));
    for (const char *c = text; *c; c++) MUST((unsigned char)*c >= 0x20 || (!one_line && (*c == '\n' || *c == '\t')));
}

static void all_shown(char **texts, size_t max, size_t count)
{
    size_t n = 0;
    for (; texts[n]; n++) shown(texts[n], max, true);
    MUST(n <= count);
}

static bool own(const void *self, const char *address)
{
    (void)self;
    return strcmp(address, "service@shop.example") == 0;
}

/* The first line as a Content-Type, and what follows it as the body of a posted form. */
static void form_reads(const char *bytes, size_t length)
{
    const char *end = memchr(bytes, '\n', length);
    if (!end) return;
    char *type = g_strndup(bytes, (size_t)(end - bytes));
    struct form_read form;
    form_read(&form, type, end + 1, length - (size_t)(end + 1 - bytes));
    const char *const fields[] = {form.name, form.address, form.subject, form.text, form.to};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        MUST(!fields[i] || g_utf8_validate(fields[i], -1, NULL));
    form_read_free(&form);
    g_free(type);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static bool begun;
    if (!begun) parts_begin();
    begun = true;
    struct mail_setting setting = {.sender = length % 3 == 0   ? NULL
                                             : length % 3 == 1 ? ""
                                                               : "a@example.org",
                                   .own = own};
    struct mail *mail = mail_read((const char *)bytes, length, &setting);
    shown(mail->from, MAIL_ADDRESS_MAX, true);
    shown(mail->from_name, MAIL_NAME_MAX, true);
    shown(mail->reply_to, MAIL_ADDRESS_MAX, true);
    shown(mail->subject, MAIL_SUBJECT_MAX, true);
    shown(mail->message_id, MAIL_ID_MAX, true);
    shown(mail->text, MAIL_TEXT_MAX, false);
    all_shown(mail->to, MAIL_ADDRESS_MAX, MAIL_RECIPIENTS_MAX);
    all_shown(mail->cc, MAIL_ADDRESS_MAX, MAIL_RECIPIENTS_MAX);
    all_shown(mail->references, MAIL_ID_MAX, MAIL_REFERENCES_MAX);
    MUST(*mail->external_id && *mail->thread && mail->part_count <= MAIL_PARTS_MAX);
    for (size_t i = 0; i < mail->part_count; i++) {
        shown(mail->parts[i].name, MAIL_FILE_NAME_MAX, true);
        shown(mail->parts[i].type, MAIL_NAME_MAX, true);
        MUST(!mail->parts[i].name || !strpbrk(mail->parts[i].name, "/\\"));
    }
    mail_free(mail);
    form_reads((const char *)bytes, length);
    return 0;
}
