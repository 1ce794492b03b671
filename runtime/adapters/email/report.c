/* runtime/adapters/email/report.c - Reads delivery reports (RFC 3464) and receipts (RFC 8098): which mail they are
 * about, and what became of it.
 *
 * A delivery report has three parts: a text for people, which is not read here; fields, which say for each recipient
 * what became of the mail; the mail itself or its headers, by whose Message-ID it is found in the store. In a
 * receipt the Message-ID is one of the fields. The reader takes the first Message-ID that it finds. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/email/mime_internal.h"
#include "runtime/mail/parts.h"
#include "runtime/mail/text.h"

enum { FIELDS_MAX = 65536 };

/* Returns the value after "Name:" at the beginning of a line, up to the line's end. NULL: there is none. Freed by
 * g_free(). */
static char *report_field(const char *block, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = block; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (g_ascii_strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
        const char *value = line + length + 1;
        return g_strstrip(g_strndup(value, strcspn(value, "\r\n")));
    }
    return NULL;
}

/* "rfc822; someone@example.com" */
static char *report_address(char *value)
{
    const char *type = value ? strchr(value, ';') : NULL;
    const char *at = type ? type + 1 : value;
    if (!at) return NULL;
    char *bare = g_strdup(at + strspn(at, " \t<"));
    bare[strcspn(bare, " \t>")] = 0;
    char *good = email_address_good(bare);
    g_free(bare);
    return good;
}

static enum mail_fate fate_of(const char *action)
{
    static const struct {
        const char *word;
        enum mail_fate fate;
    } fates[] = {{"failed", MAIL_FAILED},
                 {"delayed", MAIL_DELAYED},
                 {"delivered", MAIL_DELIVERED},
                 {"relayed", MAIL_DELIVERED},
                 {"expanded", MAIL_DELIVERED}};
    for (size_t i = 0; action && i < G_N_ELEMENTS(fates); i++)
        if (g_ascii_strncasecmp(action, fates[i].word, strlen(fates[i].word)) == 0) return fates[i].fate;
    return MAIL_FATE_UNKNOWN;
}

static void report_recipient(struct mail_report *report, const char *block)
{
    assert(report->count <= MAIL_REPORTED_MAX);
    char *final = report_field(block, "Final-Recipient"), *original = report_field(block, "Original-Recipient");
    char *action = report_field(block, "Action"), *status = report_field(block, "Status");
    char *to = report_address(original);
    if (!to) to = report_address(final);
    if ((to || action) && report->count < MAIL_REPORTED_MAX) {
        struct mail_reported *row = &report->recipients[report->count++];
        row->to = to;
        row->fate = fate_of(action);
        size_t digits = status ? strspn(status, "0123456789.") : 0;
        if (digits < sizeof row->status && digits > 0) memcpy(row->status, status, digits);
    } else
        g_free(to);
    g_free(final), g_free(original), g_free(action), g_free(status);
}

/* Reads blocks of fields with empty lines between them: one about the mail, then one for each recipient. */
static void report_status_read(struct mail_report *report, GMimePart *part)
{
    GByteArray *bytes = part_bytes(part);
    GString *text = text_utf8((const char *)bytes->data, MIN(bytes->len, FIELDS_MAX), "utf-8");
    char **blocks = g_strsplit(text->str, "\n\n", 2 * MAIL_REPORTED_MAX);
    for (char **block = blocks; *block; block++) report_recipient(report, *block);
    g_strfreev(blocks);
    g_string_free(text, TRUE);
    g_byte_array_free(bytes, TRUE);
}

/* "manual-action/MDN-sent-manually; displayed", perhaps with a modifier behind a slash */
static enum mail_receipt receipt_of(const char *disposition)
{
    static const struct {
        const char *word;
        enum mail_receipt receipt;
    } words[] = {{"displayed", RECEIPT_READ}, {"deleted", RECEIPT_DELETED}};
    const char *type = disposition ? strchr(disposition, ';') : NULL;
    type = type ? type + 1 + strspn(type + 1, " \t") : "";
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        size_t length = strlen(words[i].word);
        if (g_ascii_strncasecmp(type, words[i].word, length) == 0 && strchr(" \t/;", type[length]))
            return words[i].receipt;
    }
    return RECEIPT_OTHER;
}

static void receipt_read(struct mail_report *report, GMimePart *part)
{
    GByteArray *bytes = part_bytes(part);
    GString *text = text_utf8((const char *)bytes->data, MIN(bytes->len, FIELDS_MAX), "utf-8");
    char *id = report_field(text->str, "Original-Message-ID");
    if (id && *id == '<') {
        id[strcspn(id, ">")] = 0;
        if (!report->message_id) report->message_id = email_message_id_good(id + 1);
    }
    char *disposition = report_field(text->str, "Disposition"), *reader = report_field(text->str, "Final-Recipient");
    report->receipt = receipt_of(disposition);
    g_free(report->reader);
    report->reader = report_address(reader);
    g_free(id), g_free(disposition), g_free(reader);
    g_string_free(text, TRUE);
    g_byte_array_free(bytes, TRUE);
}

/* Reads the Message-ID of the mail or its headers, which are the last part. */
static void report_returned(struct mail_report *report, GMimeObject *object)
{
    GMimeMessage *inner =
        GMIME_IS_MESSAGE_PART(object) ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)) : NULL;
    if (report->message_id) return;
    if (inner) {
        report->message_id = email_message_id_good(g_mime_message_get_message_id(inner));
        return;
    }
    if (!GMIME_IS_PART(object)) return;
    GByteArray *bytes = part_bytes(GMIME_PART(object));
    GString *text = text_utf8((const char *)bytes->data, MIN(bytes->len, FIELDS_MAX), "utf-8");
    char *id = report_field(text->str, "Message-ID");
    if (id && *id == '<') {
        id[strcspn(id, ">")] = 0;
        report->message_id = email_message_id_good(id + 1);
    }
    g_free(id);
    g_string_free(text, TRUE);
    g_byte_array_free(bytes, TRUE);
}

static bool object_is_type(GMimeObject *object, const char *type, const char *subtype)
{
    GMimeContentType *content = g_mime_object_get_content_type(object);
    return content && g_mime_content_type_is_type(content, type, subtype);
}

void report_read(struct mail *mail, GMimeMessage *message)
{
    assert(!mail->report.is); /* a mail's report is read once */
    GMimeObject *root = g_mime_message_get_mime_part(message);
    if (!root || !GMIME_IS_MULTIPART(root) || !object_is_type(root, "multipart", "report")) return;
    struct mail_report *report = &mail->report;
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(root));
    report->is = true;
    for (int i = 0; i < count && i < 8; i++) {
        GMimeObject *part = g_mime_multipart_get_part(GMIME_MULTIPART(root), i);
        if (GMIME_IS_PART(part) && (object_is_type(part, "message", "delivery-status") ||
                                    object_is_type(part, "message", "global-delivery-status")))
            report_status_read(report, GMIME_PART(part));
        else if (GMIME_IS_PART(part) && object_is_type(part, "message", "disposition-notification"))
            receipt_read(report, GMIME_PART(part));
        else if (object_is_type(part, "message", "rfc822") || object_is_type(part, "text", "rfc822-headers") ||
                 object_is_type(part, "message", "global"))
            report_returned(report, part);
    }
}
