/* runtime/adapters/mms/message.c - Reads a message of MM7 or MM4: its parts by GMime, its envelope by mm7.h or from
 * the headers X-Mms-. */
#include "runtime/adapters/mms/message.h"

#include <assert.h>
#include <string.h>

#include "runtime/adapters/mms/mended.h"
#include "runtime/mail/header.h"
#include "runtime/mail/parts.h"
#include "runtime/mail/text.h"
#include "runtime/vocabulary/bytes.h"

#define PLMN "/TYPE="

/* ---- addresses ---- */

static bool mms_is_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0;
}

/* Reads a telephone number; one in international form may lack its +. */
static bool mms_number(const struct mms_setting *setting, const char *text, char form[PERSON_MAX + 1])
{
    char number[PERSON_NUMBER];
    char *whole = setting_yes(setting->international) && mms_is_digits(text) && *text != '0'
                      ? g_strconcat("+", text, NULL)
                      : g_strdup(text);
    bool is = person_number(span_of(whole), setting->country, number);
    if (is) text_set(form, PERSON_MAX + 1, number);
    g_free(whole);
    return is;
}

bool mms_address(const struct mms_setting *setting, const char *address, char form[PERSON_MAX + 1], bool *phone)
{
    char *text = g_strdup(address);
    const char *why;
    char *type = strchr(text, '/'), *at = strrchr(text, '@');
    /* mail servers write the type in lower case */
    if (type && g_ascii_strncasecmp(type, PLMN, strlen(PLMN)) != 0) type = NULL;
    bool plmn = type != NULL;
    if (type) *type = 0;
    if (!type && at && *text == '+') *at = 0, plmn = true; /* the part before the @ is a number */
    *phone = mms_number(setting, g_strstrip(text), form);
    bool good = *phone || (plmn && person_trimmed(span_of(text), form)) || person_mail(span_of(address), form, &why) ||
                (!at && person_trimmed(span_of(text), form));
    g_free(text);
    return good;
}

/* Takes the plugin's number from an address, in the form in which messages are kept, with its + if it has one.
 * False: the address is not one of the plugin's numbers. */
static bool mms_take_own(struct mms_message *message, const struct mms_setting *setting, const char *address)
{
    char *text = g_strdup(address), *end = strpbrk(text, "/@");
    if (end) *end = 0;
    const struct own_number *row = numbers_find(&setting->own_numbers, g_strstrip(text));
    bool good = row && numbers_write(row, text, message->to, sizeof message->to);
    if (good) text_set(message->queue, sizeof message->queue, row->queue);
    g_free(text);
    return good;
}

/* ---- common to MM7 and MM4 ---- */

/* Refuses the message; a reason that was set before stays. */
static void mms_refuse(struct mms_message *message, enum mms_what what, const char *why)
{
    if (message->what != MMS_MESSAGE) return;
    message->what = what;
    g_strlcpy(message->why, why, sizeof message->why);
}

/* Checks the limits before parsing; false: the message is refused as too large. */
static bool mms_may_be_parsed(struct mms_message *message, const char *bytes, size_t length)
{
    struct parts_bounds bounds = {4 * MMS_LEVELS_MAX, MMS_BOUNDARIES_MAX, MMS_HEADERS_MAX};
    bool good = parts_may_be_parsed(bytes, length, &bounds);
    if (!good) mms_refuse(message, MMS_TOO_MUCH, "it has too many parts or headers");
    return good;
}

static bool mms_is_name(const char *id)
{
    size_t length = strlen(id);
    for (const unsigned char *c = (const unsigned char *)id; *c; c++)
        if (*c <= ' ' || *c >= 0x7f) return false;
    return length > 0 && length <= MMS_ID_MAX;
}

/* Returns the external id: from the provider's name of the message, or from the bytes if the name is NULL. */
static char *mms_external_id(const char *wire, const char *id, const char *bytes, size_t length)
{
    if (id && mms_is_name(id)) return g_strdup_printf("%s-%s", wire, id);
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)(id ? id : bytes), id ? -1 : (gssize)length);
    char *name = g_strdup_printf("%s-sha256:%s", wire, g_checksum_get_string(sum));
    g_checksum_free(sum);
    return name;
}

void mms_message_free(struct mms_message *message)
{
    if (!message) return;
    mm7_free(&message->envelope);
    content_free(message->content);
    g_free(message->external_id), g_free(message->subject);
    g_free(message->transaction), g_free(message->message_id), g_free(message->answer_to);
    g_free(message);
}

/* Is the sender one of the plugin's own numbers, or an address at its domain? */
static bool mms_wrote_ourselves(const struct mms_message *message, const struct mms_setting *setting)
{
    const char *at = strrchr(message->from, '@');
    if (!at) return message->phone && numbers_are_ours(&setting->own_numbers, message->from);
    char *local = g_strndup(message->from, (gsize)(at - message->from));
    bool ours = g_ascii_strcasecmp(at + 1, setting->domain) == 0 && numbers_are_ours(&setting->own_numbers, local);
    g_free(local);
    return ours;
}

/* Notes why the message is not one from a customer to us: no recipient is a number of ours, or we wrote it. The sender
 * and the recipients must be known before. */
static void mms_judge(struct mms_message *message, const struct mms_setting *setting, bool to_ours)
{
    if (!to_ours)
        mms_refuse(message, MMS_UNKNOWN, "the recipient is none of ours");
    else if (mms_wrote_ourselves(message, setting))
        mms_refuse(message, MMS_PASSED, "a number of ours wrote it");
}

/* ---- MM7 ---- */

/* Parses the request as MIME: its body after the HTTP header of its type. NULL: the request cannot be read. */
static GMimeObject *mms_parsed_request(struct mms_message *message, const char *type, const char *bytes, size_t length)
{
    GString *whole = g_string_sized_new(length + 256);
    char *line = text_line(type, 1000);
    g_string_append_printf(whole, "MIME-Version: 1.0\r\nContent-Type: %s\r\n\r\n", *line ? line : "text/xml");
    g_string_append_len(whole, bytes, (gssize)length);
    g_free(line);
    GMimeObject *root = NULL;
    if (mms_may_be_parsed(message, whole->str, whole->len)) {
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer(whole->str, whole->len);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        root = g_mime_parser_construct_part(parser, NULL);
        g_object_unref(parser);
        g_object_unref(stream);
    }
    g_string_free(whole, TRUE);
    return root;
}

static bool mms_is_xml(GMimeObject *object)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    const char *subtype = type ? g_mime_content_type_get_media_subtype(type) : NULL;
    return subtype && (g_ascii_strcasecmp(subtype, "xml") == 0 || g_ascii_strcasecmp(subtype, "soap+xml") == 0);
}

/* Returns the part that `start` names, or else the first that is XML, or else the first. NULL: there is none. */
static GMimePart *mms_envelope_of(GMimeObject *root)
{
    GMimeObject *found = NULL;
    if (GMIME_IS_PART(root)) return GMIME_PART(root);
    if (!GMIME_IS_MULTIPART(root)) return NULL;
    const char *start = g_mime_object_get_content_type_parameter(root, "start");
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(root));
    for (int i = 0; i < count && start && !found; i++) {
        GMimeObject *child = g_mime_multipart_get_part(GMIME_MULTIPART(root), i);
        const char *id = g_mime_object_get_header(child, "Content-Id");
        const char *bare = start + strspn(start, "<"), *named = id ? id + strspn(id, "< ") : "";
        size_t length = strcspn(bare, ">");
        if (GMIME_IS_PART(child) && length > 0 && strncmp(bare, named, length) == 0) found = child;
    }
    for (int i = 0; i < count && !found; i++) {
        GMimeObject *child = g_mime_multipart_get_part(GMIME_MULTIPART(root), i);
        if (GMIME_IS_PART(child) && mms_is_xml(child)) found = child;
    }
    if (!found && count > 0) found = g_mime_multipart_get_part(GMIME_MULTIPART(root), 0);
    return found && GMIME_IS_PART(found) ? GMIME_PART(found) : NULL;
}

static bool mms_take_recipient(struct mms_message *message, const struct mms_setting *setting)
{
    const GPtrArray *recipients = message->envelope.recipients;
    for (guint i = 0; i < recipients->len; i++)
        if (mms_take_own(message, setting, recipients->pdata[i])) return true;
    return recipients->len == 0 && mms_take_own(message, setting, setting->own_numbers.all[0].digits);
}

static void mms_take_delivered(struct mms_message *message, const struct mms_setting *setting, const char *bytes,
                               size_t length)
{
    struct mm7 *envelope = &message->envelope;
    assert(setting->own_numbers.count > 0);
    message->external_id = mms_external_id("mm7", envelope->transaction, bytes, length);
    if (envelope->subject) message->subject = g_strdup(envelope->subject);
    if (envelope->sender && !mms_address(setting, envelope->sender, message->from, &message->phone))
        message->from[0] = 0;
    mms_judge(message, setting, mms_take_recipient(message, setting));
}

struct mms_message *mms_read_mm7(const struct mms_setting *setting, const char *type, const char *bytes, size_t length)
{
    struct mms_message *message = g_new0(struct mms_message, 1);
    GMimeObject *root = mms_parsed_request(message, type, bytes, length);
    GMimePart *part = root ? mms_envelope_of(root) : NULL;
    char why[100] = "it has no envelope";
    GByteArray *envelope = part ? part_bytes(part) : g_byte_array_new();
    bool good = mm7_read(&message->envelope, (const char *)envelope->data, envelope->len, why, sizeof why);
    g_byte_array_free(envelope, TRUE);
    if (!good)
        mms_refuse(message, MMS_UNREADABLE, why);
    else if (message->envelope.kind == MM7_DELIVER) {
        mms_take_delivered(message, setting, bytes, length);
        message->content = content_read(root, GMIME_OBJECT(part));
    } else
        mms_refuse(message, message->envelope.kind == MM7_REPORT ? MMS_PASSED : MMS_UNWANTED, "it is no message");
    if (root) g_object_unref(root);
    return message;
}

/* ---- MM4 ---- */

/* Returns a header's text; NULL: it is empty, missing or too long. Quotes and < > around a name are removed. */
static char *mms_header(GMimeMessage *mime, const char *name, size_t max)
{
    const char *value = g_mime_object_get_header(GMIME_OBJECT(mime), name);
    char *line = value ? text_line(value, SIZE_MAX) : NULL;
    size_t from = line ? strspn(line, "\"< ") : 0, length = line ? strlen(line) : 0;
    while (length > from && strchr("\"> ", line[length - 1])) length--;
    char *bare = length > from && length - from <= max ? g_strndup(line + from, length - from) : NULL;
    g_free(line);
    return bare;
}

static void mms_take_from(struct mms_message *message, const struct mms_setting *setting, GMimeMessage *mime)
{
    InternetAddressList *list = g_mime_message_get_from(mime);
    InternetAddress *first =
        list && internet_address_list_length(list) > 0 ? internet_address_list_get_address(list, 0) : NULL;
    const char *address = first && INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first))
                              : NULL;
    if (!address || strlen(address) > MMS_ADDRESS_MAX || !g_utf8_validate(address, -1, NULL) ||
        !mms_address(setting, address, message->from, &message->phone))
        message->from[0] = 0;
}

/* Reads where an answer is to go if the message asks for one; if that is no address there is no answer. */
static void mms_take_answer(struct mms_message *message, GMimeMessage *mime)
{
    char form[PERSON_MAX + 1];
    const char *why;
    char *asks = mms_header(mime, "X-Mms-Ack-Request", MMS_NAME_MAX);
    char *system = mms_header(mime, "X-Mms-Originator-System", MMS_ADDRESS_MAX);
    message->transaction = mms_header(mime, "X-Mms-Transaction-ID", MMS_NAME_MAX);
    if (asks && g_ascii_strcasecmp(asks, "Yes") == 0 && system && person_mail(span_of(system), form, &why))
        message->answer_to = g_strdup(system);
    g_free(asks), g_free(system);
}

static void mms_take_mail(struct mms_message *message, const struct mms_setting *setting, const char *to,
                          GMimeMessage *mime, const char *bytes, size_t length)
{
    char *subject = header_text(GMIME_OBJECT(mime), "Subject");
    message->message_id = mms_header(mime, "X-Mms-Message-ID", MMS_NAME_MAX);
    char *id = mms_header(mime, "X-Mms-Message-ID", SIZE_MAX);
    if (!id) id = mms_header(mime, "Message-Id", SIZE_MAX);
    message->external_id = mms_external_id("mm4", id, bytes, length);
    g_free(id);
    if (subject) message->subject = text_line(subject, MMS_SUBJECT_MAX);
    g_free(subject);
    mms_take_from(message, setting, mime);
    mms_take_answer(message, mime);
    mms_judge(message, setting, mms_take_own(message, setting, to));
}

static bool mms_has_headers(GMimeMessage *mime)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(mime));
    for (int i = 0; i < g_mime_header_list_get_count(headers); i++)
        if (g_ascii_strncasecmp(g_mime_header_get_name(g_mime_header_list_get_header_at(headers, i)), "X-Mms-", 6) == 0)
            return true;
    return false;
}

static bool mms_is_automatic(GMimeMessage *mime, const char *sender)
{
    char *said = mms_header(mime, "Auto-Submitted", MMS_NAME_MAX);
    bool is = !*sender || (said && g_ascii_strncasecmp(said, "no", 2) != 0);
    g_free(said);
    return is;
}

static bool mms_is_empty(const struct mms_message *message)
{
    for (size_t i = 0; i < message->content->count; i++)
        if (message->content->parts[i].length > 0) return false;
    return !message->subject && !message->content->cut;
}

/* Decides whether a mail is a message of MM4, as mail servers hand over anything that is sent to the plugin's
 * addresses. Some systems leave out all headers of MM4, so a mail that a person may have written is accepted without
 * them. */
static void mms_judge_mail(struct mms_message *message, GMimeMessage *mime, const char *sender)
{
    if (mms_has_headers(mime)) return;
    if (mms_is_automatic(mime, sender))
        mms_refuse(message, MMS_STRAY, "a machine wrote it, and it has nothing of MM4");
    else if (mms_is_empty(message))
        mms_refuse(message, MMS_STRAY, "it is empty, and has nothing of MM4");
}

struct mms_message *mms_read_mm4(const struct mms_setting *setting, const struct mms_mail *mail)
{
    const char *bytes = mail->bytes;
    size_t length = mail->length;
    struct mms_message *message = g_new0(struct mms_message, 1);
    GMimeMessage *mime = NULL;
    if (length > 0 && mms_may_be_parsed(message, bytes, length)) {
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        mime = g_mime_parser_construct_message(parser, NULL);
        g_object_unref(parser);
        g_object_unref(stream);
    }
    if (!mime) {
        mms_refuse(message, MMS_UNREADABLE, "it is no mail");
        return message;
    }
    char *kind = mms_header(mime, "X-Mms-Message-Type", MMS_NAME_MAX);
    if (kind && g_ascii_strcasecmp(kind, "MM4_forward.REQ") != 0)
        mms_refuse(message, MMS_PASSED, "it is a report or an answer");
    else {
        mms_take_mail(message, setting, mail->to, mime, bytes, length);
        message->content = content_read(g_mime_message_get_mime_part(mime), NULL);
        mms_judge_mail(message, mime, mail->sender);
    }
    g_free(kind);
    g_object_unref(mime);
    return message;
}
