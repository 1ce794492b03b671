/* runtime/adapters/email/compose.c - See the header. Nothing that was given can begin a header or the body. */
#include "runtime/adapters/email/compose.h"

#include <gmime/gmime.h>
#include <string.h>

#include "runtime/adapters/email/mime_internal.h"
#include "runtime/adapters/email/text.h"

enum { HEADER_MAX = 900, ID_DIGITS = 40 };

char *compose_message_id(uint64_t ixn, const char *msg_id, const char *domain)
{
    char *all = g_strdup_printf("%016" G_GINT64_MODIFIER "x %s", ixn, msg_id);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    char *id = g_strdup_printf("gcx.%.*s@%s", ID_DIGITS, digest, domain);
    g_free(all);
    g_free(digest);
    return id;
}

static bool may_be_set(const char *name)
{
    static const char *const ours[] = {
        "From",     "To",          "Cc",     "Bcc",         "Subject",   "Message-ID",    "References", "Date",
        "Reply-To", "In-Reply-To", "Sender", "Return-Path", "Automatic", "Auto-Submitted"}; /* the first is for us:
                                                                                               email.acknowledge */
    if (!*name || strlen(name) > 60 ||
        name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")])
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (g_ascii_strcasecmp(name, ours[i]) == 0) return false;
    return g_ascii_strncasecmp(name, "Content-", 8) != 0 && g_ascii_strncasecmp(name, "MIME-", 5) != 0;
}

static void set(GMimeMessage *message, const char *name, const char *value)
{
    char *line = text_line(value, HEADER_MAX);
    g_mime_object_set_header(GMIME_OBJECT(message), name, line, "utf-8");
    g_free(line);
}

static void set_more(GMimeMessage *message, struct span headers)
{
    struct kv_pair pair;
    uint32_t at = 0;
    while (headers.length > 0 && kv_next(headers, &at, &pair)) {
        char *name = g_strndup((const char *)pair.key.bytes, pair.key.length);
        char *value =
            pair.value.tag == KV_TEXT ? g_strndup((const char *)pair.value.span.bytes, pair.value.span.length) : NULL;
        if (value && may_be_set(name)) set(message, name, value);
        g_free(name);
        g_free(value);
    }
}

static void set_thread(GMimeMessage *message, const char *reply_to)
{
    char *id = message_id_good(reply_to);
    if (!id || g_str_has_prefix(id, "sha256:")) {
        g_free(id);
        return;
    }
    char *value = g_strdup_printf("<%s>", id);
    set(message, "In-Reply-To", value);
    set(message, "References", value);
    g_free(value);
    g_free(id);
}

static void set_text(GMimeMessage *message, const char *text)
{
    GString *clean = text_utf8(text, strlen(text), "utf-8");
    GMimeTextPart *part = g_mime_text_part_new_with_subtype("plain");
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, clean->str);
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_mime_message_set_mime_part(message, GMIME_OBJECT(part));
    g_object_unref(part);
    g_string_free(clean, TRUE);
}

static char *written(GMimeMessage *message)
{
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    char *out = g_mime_object_to_string(GMIME_OBJECT(message), options);
    g_mime_format_options_free(options);
    return out;
}

char *compose(const struct composed *mail)
{
    GMimeMessage *message = g_mime_message_new(TRUE);
    GDateTime *date = g_date_time_new_from_unix_utc(mail->wall_us / 1000000);
    char *subject = text_line(mail->subject ? mail->subject : "", MAIL_SUBJECT_MAX);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, NULL, mail->from);
    for (char **to = mail->to; *to; to++) g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, *to);
    g_mime_message_set_subject(message, subject, "utf-8");
    g_mime_message_set_date(message, date);
    g_mime_message_set_message_id(message, mail->message_id);
    set_thread(message, mail->reply_to);
    if (mail->automatic) set(message, "Auto-Submitted", "auto-replied");
    set_more(message, mail->headers);
    set_text(message, mail->text);
    char *out = written(message);
    g_free(subject);
    g_date_time_unref(date);
    g_object_unref(message);
    return out;
}
