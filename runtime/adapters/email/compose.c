/* runtime/adapters/email/compose.c - Makes the bytes of a mail from its parts. No text that is given can begin
 * another header or the body.
 *
 * The tree of parts of a mail that has everything; a level with one child is left out:
 *
 *     multipart/mixed
 *         multipart/alternative
 *             text/plain
 *             multipart/related
 *                 text/html
 *                 pictures, by Content-ID
 *         files
 *
 * Header values pass through text_line(), which removes line ends, so they cannot begin another header. The names of
 * the headers that are set here cannot be used in user data (may_be_set). */
#include "runtime/adapters/email/compose.h"

#include <assert.h>
#include <gmime/gmime.h>
#include <idn2.h>
#include <string.h>

#include "runtime/adapters/email/mime_internal.h"
#include "runtime/mail/text.h"

enum { HEADER_MAX = 900, ID_DIGITS = 40, PLAIN_LINE_MAX = 998 };

char *compose_message_id(const char *name, const char *content, const char *domain)
{
    char *all = g_strdup_printf("%s\n%s", name, content);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    char *id = g_strdup_printf("gcx.%.*s@%s", ID_DIGITS, digest, domain);
    g_free(all);
    g_free(digest);
    return id;
}

bool compose_id_is_ours(const char *id, const char *domain)
{
    static const char before[] = "gcx.";
    enum { BEFORE = sizeof before - 1 };
    if (strncmp(id, before, BEFORE) != 0 || strspn(id + BEFORE, "0123456789abcdef") != ID_DIGITS) return false;
    const char *at = id + BEFORE + ID_DIGITS;
    return *at == '@' && g_ascii_strcasecmp(at + 1, domain) == 0;
}

char *email_address_ascii(const char *address)
{
    char *ace = NULL;
    const char *at = strrchr(address, '@');
    if (!at || idn2_to_ascii_8z(at + 1, &ace, IDN2_NONTRANSITIONAL) != IDN2_OK) return g_strdup(address);
    char *out = g_strdup_printf("%.*s@%s", (int)(at - address), address, ace);
    idn2_free(ace);
    return out;
}

static bool may_be_set(const char *name)
{
    static const char *const ours[] = {"From",
                                       "To",
                                       "Cc",
                                       "Bcc",
                                       "Subject",
                                       "Message-ID",
                                       "References",
                                       "Date",
                                       "Reply-To",
                                       "In-Reply-To",
                                       "Sender",
                                       "Return-Path",
                                       "Auto-Submitted",
                                       "Automatic",
                                       "Release",
                                       "Author",
                                       "Disposition-Notification-To"}; /* fields from the core: the step that sends the
                                                                        * mail, and who has written it */
    if (!*name || strlen(name) > 60 ||
        name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")])
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (g_ascii_strcasecmp(name, ours[i]) == 0) return false;
    return g_ascii_strncasecmp(name, "Content-", 8) != 0 && g_ascii_strncasecmp(name, "MIME-", 5) != 0;
}

static void compose_set_header(GMimeMessage *message, const char *name, const char *value)
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
        if (value && may_be_set(name)) compose_set_header(message, name, value);
        g_free(name);
        g_free(value);
    }
}

/* Is the same reference in the list again, later? */
static bool is_repeated(char *const *references, guint at, guint count)
{
    for (guint i = at + 1; i < count; i++)
        if (strcmp(references[i], references[at]) == 0) return true;
    return false;
}

/* Returns the thread's first Message-ID and its last ones, as many as a header may have, and then `id` (RFC 5322,
 * 3.6.4). */
static char *references_of(char *const *references, const char *id)
{
    assert(*id);
    guint count = 0, from;
    while (references && references[count]) count++;
    size_t length = strlen(id) + 3 + (count > 0 ? strlen(references[0]) + 3 : 0);
    for (from = count; from > 1 && length + strlen(references[from - 1]) + 3 <= HEADER_MAX; from--)
        length += strlen(references[from - 1]) + 3;
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < count && length <= HEADER_MAX; i = i == 0 && from > 1 ? from : i + 1)
        if (strcmp(references[i], id) != 0 && !is_repeated(references, i, count))
            g_string_append_printf(all, "<%s> ", references[i]);
    g_string_append_printf(all, "<%s>", id);
    return g_string_free(all, FALSE);
}

static void set_thread(GMimeMessage *message, const char *reply_to, char *const *references)
{
    char *id = email_message_id_good(reply_to);
    if (!id || g_str_has_prefix(id, "sha256:")) {
        g_free(id);
        return;
    }
    char *value = g_strdup_printf("<%s>", id), *all = references_of(references, id);
    compose_set_header(message, "In-Reply-To", value);
    compose_set_header(message, "References", all);
    g_free(value), g_free(all);
    g_free(id);
}

/* ---- parts ---- */

static GMimeObject *text_part(const char *subtype, const char *text, size_t length)
{
    GString *clean = text_utf8(text, length, "utf-8");
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, clean->str);
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_string_free(clean, TRUE);
    return GMIME_OBJECT(part);
}

/* May these bytes stand in a mail as they are: ASCII, in lines of at most 998? A line ends with "\n" or "\r\n". For
 * some mail servers a lone "\r" ends one, too: behind it a dot would end the mail, and what follows would be commands.
 */
static bool bytes_are_plain(const char *bytes, size_t length)
{
    size_t line = 0;
    for (size_t i = 0; i < length; i++) {
        line = bytes[i] == '\n' ? 0 : line + 1;
        if ((signed char)bytes[i] <= 0 || line > PLAIN_LINE_MAX) return false;
        if (bytes[i] == '\r' && (i + 1 == length || bytes[i + 1] != '\n')) return false;
    }
    return true;
}

/* Returns the bytes of a mail that is sent as a file, in a form that may stand in a mail: its own parts are encoded
 * where they must be. NULL: there is no such form. */
static char *mail_plain(const char *bytes, size_t length)
{
    if (bytes_are_plain(bytes, length)) return g_strndup(bytes, length);
    if (memchr(bytes, 0, length)) return NULL;
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    char *plain = NULL;
    if (message) {
        g_mime_object_encode(GMIME_OBJECT(message), GMIME_ENCODING_CONSTRAINT_7BIT);
        plain = g_mime_object_to_string(GMIME_OBJECT(message), NULL);
        g_object_unref(message);
    }
    g_object_unref(parser), g_object_unref(stream);
    if (plain && bytes_are_plain(plain, strlen(plain))) return plain;
    g_free(plain);
    return NULL;
}

/* Returns the name of a file; of one that has none, a name that says what it is. */
static char *composed_name(const struct composed_part *file)
{
    static const struct {
        const char *type, *name;
    } usual[] = {{"image/png", "picture.png"},      {"image/jpeg", "picture.jpg"}, {"image/gif", "picture.gif"},
                 {"image/webp", "picture.webp"},    {"image/bmp", "picture.bmp"},  {"image/svg+xml", "picture.svg"},
                 {"text/calendar", "calendar.ics"}, {"text/vcard", "card.vcf"},    {"text/x-vcard", "card.vcf"},
                 {"application/pdf", "file.pdf"},   {"message/rfc822", "mail.eml"}};
    char *name = file->name ? text_file_name(file->name, MAIL_FILE_NAME_MAX) : NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(usual) && !name; i++)
        if (g_ascii_strcasecmp(file->type, usual[i].type) == 0) name = g_strdup(usual[i].name);
    return name ? name : g_strdup("file");
}

/* Says the charset of a text whose bytes tell it and whose type does not: without one, its reader takes letters beyond
 * ASCII for others. An escape would be valid in UTF-8, too, but is of ISO-2022, as in Japanese texts. */
static void file_put_charset(GMimeContentType *type, const struct composed_part *file)
{
    bool marked =
        file->length >= 2 && (memcmp(file->bytes, "\xff\xfe", 2) == 0 || memcmp(file->bytes, "\xfe\xff", 2) == 0);
    bool utf_8 = g_utf8_validate(file->bytes, (gssize)file->length, NULL) && !memchr(file->bytes, '\x1b', file->length);
    const char *charset = marked ? "utf-16" : utf_8 ? "utf-8" : NULL;
    if (charset && g_mime_content_type_is_type(type, "text", "*") &&
        !g_mime_content_type_get_parameter(type, "charset"))
        g_mime_content_type_set_parameter(type, "charset", charset);
}

/* Makes the part of a file or picture, in base64, so that the bytes arrive unchanged. A mail has its own type, with
 * which the recipient can open it; only a form that cannot stand in a mail makes it a file of bytes. */
static GMimeObject *file_part(const struct composed_part *file, bool is_inline)
{
    GMimeContentType *type = g_mime_content_type_parse(NULL, file->type);
    GMimePart *part = g_mime_part_new();
    bool mail = g_mime_content_type_is_type(type, "message", "rfc822");
    char *plain = mail ? mail_plain(file->bytes, file->length) : NULL;
    GMimeStream *stream =
        g_mime_stream_mem_new_with_buffer(plain ? plain : file->bytes, plain ? strlen(plain) : file->length);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    /* A type that has parts of its own may not be encoded as a whole. */
    bool whole =
        g_mime_content_type_is_type(type, "multipart", "*") || g_mime_content_type_is_type(type, "message", "*");
    if (whole && !plain) {
        g_object_unref(type);
        type = g_mime_content_type_new("application", "octet-stream");
    }
    file_put_charset(type, file);
    g_mime_object_set_content_type(GMIME_OBJECT(part), type);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, plain ? GMIME_CONTENT_ENCODING_7BIT : GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_disposition(GMIME_OBJECT(part), is_inline ? "inline" : "attachment");
    char *name = composed_name(file), *id = email_message_id_good(file->content_id);
    g_mime_part_set_filename(part, name);
    if (id) g_mime_part_set_content_id(part, id);
    g_free(name), g_free(id), g_free(plain);
    g_object_unref(content);
    g_object_unref(stream);
    g_object_unref(type);
    return GMIME_OBJECT(part);
}

/* Puts both parts into a multipart; `multipart` NULL: it is made, with `first` as its first part. */
static GMimeObject *compose_with(GMimeObject *multipart, const char *subtype, GMimeObject *first, GMimeObject *part)
{
    if (!multipart) {
        multipart = GMIME_OBJECT(g_mime_multipart_new_with_subtype(subtype));
        g_mime_multipart_add(GMIME_MULTIPART(multipart), first);
        g_object_unref(first);
    }
    g_mime_multipart_add(GMIME_MULTIPART(multipart), part);
    g_object_unref(part);
    return multipart;
}

static bool has_role(const struct composed_part *part, const char *role)
{
    return strcmp(part->role, role) == 0;
}

static const struct composed_part *composed_html(const struct composed *mail)
{
    for (size_t i = 0; i < mail->part_count; i++)
        if (has_role(&mail->parts[i], "html")) return &mail->parts[i];
    return NULL;
}

/* Does the picture stand in the HTML, which names it by cid: and its Content-ID (RFC 2392)? */
static bool html_has_picture(const struct composed_part *html, const struct composed_part *part)
{
    if (!html || !has_role(part, "inline") || !part->content_id) return false;
    char *text = g_strndup(html->bytes, html->length);
    bool named = false;
    for (const char *at = text; !named && (at = strstr(at, "cid:"));) {
        at += strlen("cid:");
        const char *end = at + strcspn(at, "\"'<> \t\r\n)");
        char *id = g_uri_unescape_segment(at, end, NULL);
        named = id && g_ascii_strcasecmp(id, part->content_id) == 0;
        g_free(id);
    }
    g_free(text);
    return named;
}

/* Makes the HTML with its pictures. NULL: the mail has no HTML. */
static GMimeObject *html_of(const struct composed *mail)
{
    const struct composed_part *html = composed_html(mail);
    if (!html) return NULL;
    GMimeObject *all = text_part("html", html->bytes, html->length), *related = NULL;
    for (size_t i = 0; i < mail->part_count; i++)
        if (html_has_picture(html, &mail->parts[i]))
            related = compose_with(related, "related", all, file_part(&mail->parts[i], true));
    return related ? related : all;
}

/* Sets the text, with HTML as the better alternative, and the files after both. */
static void set_content(GMimeMessage *message, const struct composed *mail)
{
    assert(mail->text);
    GMimeObject *all = text_part("plain", mail->text, strlen(mail->text)), *html = html_of(mail), *mixed = NULL;
    if (html) all = compose_with(NULL, "alternative", all, html);
    for (size_t i = 0; i < mail->part_count; i++) {
        const struct composed_part *part = &mail->parts[i];
        if (has_role(part, "attachment") || (has_role(part, "inline") && !html_has_picture(composed_html(mail), part)))
            mixed = compose_with(mixed, "mixed", all, file_part(part, false));
    }
    if (mixed) all = mixed;
    g_mime_message_set_mime_part(message, all);
    g_object_unref(all);
}

static char *compose_written(GMimeMessage *message)
{
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    char *out = g_mime_object_to_string(GMIME_OBJECT(message), options);
    g_mime_format_options_free(options);
    return out;
}

static bool compose_lists(char **list, const char *address)
{
    return list && g_strv_contains((const gchar *const *)list, address);
}

/* Returns the name of who has the address, as one line that is freed by g_free(); NULL: none is known. */
static char *compose_name(char **names, const char *address)
{
    for (; names && names[0] && names[1]; names += 2)
        if (g_ascii_strcasecmp(names[0], address) == 0) return text_line(names[1], MAIL_NAME_MAX);
    return NULL;
}

/* Makes the mail. Nothing here can fail: text that is not UTF-8 is converted, and headers that may not be set are
 * left out. */
char *email_compose(const struct composed *mail)
{
    assert(mail->message_id && mail->from && mail->to && mail->to[0]);
    GMimeMessage *message = g_mime_message_new(TRUE);
    GDateTime *date = g_date_time_new_from_unix_utc(mail->wall_us / 1000000);
    char *subject = text_line(mail->subject ? mail->subject : "", MAIL_SUBJECT_MAX);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, mail->from_name, mail->from);
    for (char **to = mail->to; *to; to++) {
        bool copy = compose_lists(mail->copies, *to);
        if (compose_lists(mail->blind, *to)) continue;
        char *name = compose_name(mail->names, *to);
        g_mime_message_add_mailbox(message, copy ? GMIME_ADDRESS_TYPE_CC : GMIME_ADDRESS_TYPE_TO, name, *to);
        g_free(name);
    }
    g_mime_message_set_subject(message, subject, "utf-8");
    if (mail->wall_us != 0) g_mime_message_set_date(message, date);
    g_mime_message_set_message_id(message, mail->message_id);
    set_thread(message, mail->reply_to, mail->references);
    if (mail->automatic) compose_set_header(message, "Auto-Submitted", mail->automatic);
    if (mail->receipt) compose_set_header(message, "Disposition-Notification-To", mail->from);
    set_more(message, mail->headers);
    set_content(message, mail);
    char *out = compose_written(message);
    g_free(subject);
    g_date_time_unref(date);
    g_object_unref(message);
    return out;
}

/* ---- a mail that is sent on unchanged ---- */

enum { RESENT_HEAD_MAX = 65536 };

static bool head_has(const char *mail, const char *name)
{
    const char *line = mail;
    while (*line && *line != '\r' && *line != '\n' && g_ascii_strncasecmp(line, name, strlen(name)) != 0) {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return g_ascii_strncasecmp(line, name, strlen(name)) == 0;
}

/* Returns the mail with each line ended by CR LF, as mail servers must be given it: one that takes another line end
 * could be told by a dot in a line of its own that the mail is over. */
static char *lines_of_servers(const char *mail)
{
    GString *lines = g_string_sized_new(strlen(mail));
    for (; *mail; mail++) {
        if (*mail != '\r' && *mail != '\n') {
            g_string_append_c(lines, *mail);
            continue;
        }
        if (mail[0] == '\r' && mail[1] == '\n') mail++;
        g_string_append(lines, "\r\n");
    }
    return g_string_free(lines, FALSE);
}

char *compose_resent(const struct composed *mail)
{
    GDateTime *date = g_date_time_new_from_unix_utc(mail->wall_us / 1000000);
    char *written = g_mime_utils_header_format_date(date), *from = email_address_ascii(mail->from);
    GString *to = g_string_new(NULL);
    for (char **one = mail->to; *one; one++) {
        char *ascii = email_address_ascii(*one);
        g_string_append_printf(to, "%s%s", to->len > 0 ? ", " : "", ascii);
        g_free(ascii);
    }
    char *head = g_strdup_printf("Resent-From: <%s>\r\nResent-To: %s\r\nResent-Date: %s\r\nResent-Message-ID: <%s>\r\n",
                                 from, to->str, written, mail->message_id);
    bool dated = head_has(mail->text, "Date:"); /* the mail of a form has no date, and mail servers want one */
    char *lines = lines_of_servers(mail->text);
    char *all = g_strconcat(head, dated ? "" : "Date: ", dated ? "" : written, dated ? "" : "\r\n", lines, NULL);
    g_string_free(to, TRUE);
    g_free(lines), g_free(head), g_free(from), g_free(written);
    g_date_time_unref(date);
    return all;
}

bool compose_was_resent(const char *mail, const char *domain)
{
    char *ours = g_strdup_printf("@%s>", domain);
    size_t left = RESENT_HEAD_MAX, length = strlen(ours);
    bool found = false;
    for (const char *line = mail; *line && *line != '\r' && *line != '\n' && left > 0 && !found;) {
        size_t end = strcspn(line, "\n");
        if (g_ascii_strncasecmp(line, "Resent-Message-ID:", strlen("Resent-Message-ID:")) == 0)
            for (size_t at = 0; at + length <= end && !found; at++)
                found = g_ascii_strncasecmp(line + at, ours, length) == 0;
        left -= end < left ? end : left;
        line += end + (line[end] == '\n');
    }
    g_free(ours);
    return found;
}
