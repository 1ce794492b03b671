/* runtime/adapters/email/mime.c - Reads a mail: checks its limits before the library parses it, then reads the
 * headers.
 *
 * The library parses anything, and some mails are made to cost it much time: so may_be_parsed() counts what would
 * make it slow, and a mail with too much of that is kept as text and marked `corrupt`. The mail that is returned
 * always has its text, addresses (perhaps none), external id and thread. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/email/body.h"
#include "runtime/adapters/email/mime_internal.h"
#include "runtime/mail/header.h"
#include "runtime/mail/parts.h"
#include "runtime/mail/text.h"

/* May the library parse the mail? False if the mail has so many nestings, boundaries or headers that it was made to be
 * a burden. */
static bool may_be_parsed(const char *bytes, size_t length)
{
    struct parts_bounds bounds = {MAIL_NESTINGS_MAX, MAIL_BOUNDARIES_MAX, MAIL_HEADERS_MAX};
    return parts_may_be_parsed(bytes, length, &bounds);
}

/* Returns a repaired copy of the mail: some programs end lines by CR alone, and some forget the empty line after the
 * headers, and the library would take the whole mail for headers and lose its text. NULL: nothing had to be
 * repaired. */
static GString *lines_mended(const char *bytes, size_t length)
{
    const char *end = bytes + length;
    if (!memchr(bytes, '\n', length)) {
        GString *lines = memchr(bytes, '\r', length) ? g_string_new_len(bytes, (gssize)length) : NULL;
        for (size_t i = 0; lines && i < length; i++)
            if (lines->str[i] == '\r') lines->str[i] = '\n';
        return lines;
    }
    const char *text = NULL, *next;
    for (const char *line = bytes; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line)), *name = line;
        next = stop ? stop + 1 : end;
        if (*line == '\n' || (*line == '\r' && next - line == 2)) return NULL;
        while (name < next && (guchar)*name > ' ' && *name != ':') name++;
        bool header = (name < next && *name == ':') || *line == ' ' || *line == '\t';
        /* the first line may be the separator line of a mail folder */
        if (!header && line > bytes && !text) text = line;
    }
    if (!text) return NULL;
    GString *mail = g_string_new_len(bytes, text - bytes);
    g_string_append_c(mail, '\n');
    return g_string_append_len(mail, text, end - text);
}

static GMimeMessage *mime_parsed(const char *bytes, size_t length)
{
    if (length == 0) return NULL;
    GMimeMessage *message = NULL;
    GString *mended = lines_mended(bytes, length);
    if (mended) bytes = mended->str, length = mended->len;
    if (may_be_parsed(bytes, length)) {
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        message = g_mime_parser_construct_message(parser, NULL);
        g_object_unref(parser);
        g_object_unref(stream);
    }
    if (mended) g_string_free(mended, TRUE); /* the stream has copied it */
    return message;
}

/* ---- addresses ---- */

/* Adds the addresses of a list; `names`, if not NULL, gets a name or NULL for each. */
static void take_addresses(GPtrArray *to, GPtrArray *names, InternetAddressList *list, unsigned level)
{
    int count = list ? internet_address_list_length(list) : 0;
    for (int i = 0; i < count && to->len < MAIL_RECIPIENTS_MAX; i++) {
        InternetAddress *one = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(one) && level < 2)
            take_addresses(to, names, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), level + 1);
        if (!INTERNET_ADDRESS_IS_MAILBOX(one)) continue;
        char *good = email_address_good(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
        const char *said = internet_address_get_name(one);
        if (good) g_ptr_array_add(to, good);
        if (good && names) g_ptr_array_add(names, said && *said ? text_line(said, MAIL_NAME_MAX) : NULL);
    }
}

static char **mime_addresses(GMimeMessage *message, const char *header)
{
    InternetAddressList *list = header_addresses(GMIME_OBJECT(message), header);
    GPtrArray *to = g_ptr_array_new();
    take_addresses(to, NULL, list, 0);
    g_ptr_array_add(to, NULL);
    if (list) g_object_unref(list);
    return (char **)g_ptr_array_free(to, FALSE);
}

static char *first_address(GMimeMessage *message, const char *header, char **name)
{
    InternetAddressList *list = header_addresses(GMIME_OBJECT(message), header);
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    take_addresses(all, NULL, list, 0);
    char *first = all->len > 0 ? g_strdup(all->pdata[0]) : NULL;
    g_ptr_array_free(all, TRUE);
    if (name && list && internet_address_list_length(list) > 0) {
        const char *said = internet_address_get_name(internet_address_list_get_address(list, 0));
        *name = said && *said ? text_line(said, MAIL_NAME_MAX) : NULL;
    }
    if (list) g_object_unref(list);
    return first;
}

static bool address_among(const char *address, char *const *all, guint count)
{
    for (guint i = 0; i < count; i++)
        if (g_ascii_strcasecmp(all[i], address) == 0) return true;
    return false;
}

/* Answers go to the first address in Reply-To headers that is not one of the plugin's own: mails to an own address
 * would come back here. RFC 5322 allows one header with several addresses: the other addresses are passed on too. */
static void read_reply_to(struct mail *mail, GMimeMessage *message, const struct mail_setting *setting)
{
    InternetAddressList *list = header_addresses(GMIME_OBJECT(message), "Reply-To");
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free), *names = g_ptr_array_new_with_free_func(g_free);
    guint count = 0;
    take_addresses(all, names, list, 0);
    mail->reply_more = g_new0(char *, all->len + 1);
    for (guint i = 0; i < all->len; i++) {
        const char *address = all->pdata[i];
        if (setting->own && setting->own(setting->self, address)) continue;
        if (!mail->reply_to) {
            mail->reply_to = g_strdup(address);
            mail->reply_name = g_strdup(names->pdata[i]);
        } else if (g_ascii_strcasecmp(mail->reply_to, address) != 0 && !address_among(address, mail->reply_more, count))
            mail->reply_more[count++] = g_strdup(address);
    }
    g_ptr_array_free(all, TRUE), g_ptr_array_free(names, TRUE);
    if (list) g_object_unref(list);
    mail->for_other =
        mail->reply_to && mail->from && setting->for_other && setting->for_other(setting->self, mail->from);
}

/* ---- an answer to all ---- */

struct answering {
    const struct mail_setting *setting;
    GHashTable *had; /* addresses that stand there already */
};

/* Appends an address with its name, as a header has them: the name in quotes. */
static void answering_append(GString *field, const char *address, const char *name)
{
    g_string_append(field, field->len > 0 ? ", " : "");
    if (!name || !*name || strchr(name, '@')) {
        g_string_append(field, address);
        return;
    }
    g_string_append_c(field, '"');
    for (; *name; name++)
        if (!strchr("\"\\<>", *name)) g_string_append_c(field, *name);
    g_string_append_printf(field, "\" <%s>", address);
}

/* Appends the addresses of a header that are none of ours, each once. */
static void answering_add(const struct answering *to, GString *field, GMimeMessage *message, const char *header)
{
    InternetAddressList *list = header_addresses(GMIME_OBJECT(message), header);
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free), *names = g_ptr_array_new_with_free_func(g_free);
    take_addresses(all, names, list, 0);
    for (guint i = 0; i < all->len; i++)
        if ((!to->setting->own || !to->setting->own(to->setting->self, all->pdata[i])) &&
            g_hash_table_add(to->had, g_ascii_strdown(all->pdata[i], -1)))
            answering_append(field, all->pdata[i], names->pdata[i]);
    g_ptr_array_free(all, TRUE), g_ptr_array_free(names, TRUE);
    if (list) g_object_unref(list);
}

/* Makes the fields of an answer to all: To has whoever wants answers, Cc who had the mail besides. A mail to an address
 * of ours would come back as new work. */
static void mime_answer_read(struct mail *mail, GMimeMessage *message, const struct mail_setting *setting)
{
    struct answering to = {setting, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    GString *first = g_string_new(NULL), *copy = g_string_new(NULL);
    answering_add(&to, first, message, mail->reply_to ? "Reply-To" : "From");
    answering_add(&to, copy, message, "To");
    answering_add(&to, copy, message, "Cc");
    mail->answer_to = g_string_free(first, FALSE);
    mail->answer_cc = g_string_free(copy, FALSE);
    g_hash_table_destroy(to.had);
}

/* ---- identity ---- */

/* Makes the external id of a mail without Message-ID, from parts that no server changes on the way. */
static char *message_digest(GMimeMessage *message, const char *bytes, size_t length)
{
    static const char *const headers[] = {"From", "To", "Date", "Subject"};
    const char *body = g_strstr_len(bytes, (gssize)length, "\r\n\r\n");
    if (!body) body = g_strstr_len(bytes, (gssize)length, "\n\n");
    if (!body || !message) body = bytes;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; message && i < G_N_ELEMENTS(headers); i++) {
        const char *value = g_mime_object_get_header(GMIME_OBJECT(message), headers[i]);
        g_checksum_update(sum, (const guchar *)(value ? value : ""), -1);
        g_checksum_update(sum, (const guchar *)"\n", 1);
    }
    g_checksum_update(sum, (const guchar *)body, (gssize)(length - (size_t)(body - bytes)));
    char *id = g_strconcat("sha256:", g_checksum_get_string(sum), NULL);
    g_checksum_free(sum);
    return id;
}

/* Makes the digest of the headers; if the mail could not be read whole, all bytes of the body count too, as the
 * unread rest may differ. */
static char *head_digest(const struct mail *mail, GMimeMessage *message, const char *bytes, size_t length)
{
    static const char *const headers[] = {"From", "Subject", "Date"};
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; message && i < G_N_ELEMENTS(headers); i++) {
        char *value = header_text(GMIME_OBJECT(message), headers[i]);
        const char *text = value ? value : "";
        g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text) + 1);
        g_free(value);
    }
    char *all = mail->cut || mail->corrupt ? message_digest(message, bytes, length) : NULL;
    if (all) g_checksum_update(sum, (const guchar *)all, -1);
    char *digest = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    g_free(all);
    return digest;
}

/* Takes all words in < and >, whatever is between them: the library's own reader stops at the first faulty one. */
static void take_references(GPtrArray *all, char **root, GMimeMessage *message, const char *header)
{
    const char *at = g_mime_object_get_header(GMIME_OBJECT(message), header);
    while (at && (at = strchr(at, '<'))) {
        size_t length = strcspn(++at, "<>");
        char *bare = at[length] == '>' && length <= MAIL_ID_MAX ? g_strndup(at, length) : NULL;
        char *id = email_message_id_good(bare);
        g_free(bare);
        at += length;
        if (!id) continue;
        if (!*root) *root = g_strdup(id);
        g_ptr_array_add(all, id);
    }
}

/* Reads the references. If there are too many, the first one, which names the thread, and the last ones are kept. */
static void read_thread(struct mail *mail, GMimeMessage *message)
{
    GPtrArray *all = g_ptr_array_new();
    char *root = NULL;
    take_references(all, &root, message, "References");
    take_references(all, &root, message, "In-Reply-To");
    guint over = all->len > MAIL_REFERENCES_MAX ? all->len - MAIL_REFERENCES_MAX : 0, count = 0;
    mail->references = g_new0(char *, all->len - over + 1);
    for (guint i = 0; i < all->len; i++)
        if (i > 0 && i <= over)
            g_free(all->pdata[i]);
        else
            mail->references[count++] = all->pdata[i];
    assert(count <= MAIL_REFERENCES_MAX);
    g_ptr_array_free(all, TRUE);
    mail->thread = root;
}

/* Reads the headers that the router needs. A message without any of these headers is not a mail. */
static void read_headers(struct mail *mail, GMimeMessage *message, const struct mail_setting *setting)
{
    mail->from = first_address(message, "From", &mail->from_name);
    if (!mail->from) mail->from = first_address(message, "Sender", NULL);
    read_reply_to(mail, message, setting);
    mime_answer_read(mail, message, setting);
    mail->to = mime_addresses(message, "To");
    mail->cc = mime_addresses(message, "Cc");
    mail->receipt_to = first_address(message, "Disposition-Notification-To", NULL);
    char *subject = header_text(GMIME_OBJECT(message), "Subject");
    if (subject) mail->subject = text_line(subject, MAIL_SUBJECT_MAX);
    g_free(subject);
    mail->message_id = email_message_id_good(g_mime_message_get_message_id(message));
    GDateTime *date = g_mime_message_get_date(message);
    gint64 seconds = date ? g_date_time_to_unix(date) : 0;
    if (seconds > 0 && seconds < G_MAXINT64 / 1000000) mail->date_us = seconds * 1000000;
    read_thread(mail, message);
    bool any = mail->from || mail->subject || mail->message_id || mail->to[0] || mail->date_us;
    mail->corrupt = !any;
}

/* ---- the whole mail ---- */

static void read_unparsed(struct mail *mail, const char *bytes, size_t length)
{
    mail->corrupt = true;
    mail->reply_more = g_new0(char *, 1);
    mail->to = g_new0(char *, 1);
    mail->cc = g_new0(char *, 1);
    mail->references = g_new0(char *, 1);
    GString *text = text_utf8(bytes, MIN(length, MAIL_TEXT_MAX), NULL);
    mail_text_cut(text, MAIL_TEXT_MAX);
    mail->cut = length > MAIL_TEXT_MAX;
    mail->text = g_string_free(text, FALSE);
}

struct mail *mail_read(const char *bytes, size_t length, const struct mail_setting *setting)
{
    struct mail *mail = g_new0(struct mail, 1);
    if (length == 0) bytes = "";
    GMimeMessage *message = mime_parsed(bytes, length);
    if (message) {
        read_headers(mail, message, setting);
        email_read_body(mail, message);
        report_read(mail, message);
        robot_read(mail, message, setting);
    } else {
        read_unparsed(mail, bytes, length);
        mail->robot = setting->sender && !*setting->sender ? MAIL_ROBOT_null_sender : MAIL_ROBOT_none;
    }
    if (!mail->from && setting->sender) mail->from = email_address_good(setting->sender);
    mail->external_id = mail->message_id ? g_strdup(mail->message_id) : message_digest(message, bytes, length);
    mail->head = head_digest(mail, message, bytes, length);
    if (!mail->thread) mail->thread = g_strdup(mail->external_id);
    assert(mail->to && mail->cc && mail->references && mail->text && mail->external_id &&
           mail->head); /* mime.h promises these fields */
    if (message) g_object_unref(message);
    return mail;
}

void mail_free(struct mail *mail)
{
    if (!mail) return;
    g_free(mail->from), g_free(mail->from_name), g_free(mail->reply_to), g_free(mail->reply_name),
        g_free(mail->answer_to), g_free(mail->answer_cc), g_free(mail->receipt_to), g_free(mail->subject);
    g_strfreev(mail->reply_more), g_strfreev(mail->to), g_strfreev(mail->cc), g_strfreev(mail->references);
    g_free(mail->message_id), g_free(mail->external_id), g_free(mail->thread), g_free(mail->text), g_free(mail->head);
    for (size_t i = 0; i < mail->part_count; i++) {
        struct mail_part *part = &mail->parts[i];
        g_free(part->type), g_free(part->name), g_free(part->content_id), g_free(part->bytes);
    }
    g_free(mail->parts);
    for (unsigned i = 0; i < mail->report.count; i++) g_free(mail->report.recipients[i].to);
    g_free(mail->report.message_id), g_free(mail->report.reader);
    g_free(mail);
}
