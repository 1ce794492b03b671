/* runtime/adapters/email/body.c - Divides the parts of a mail into its text and its attachments.
 *
 * The parts are a tree, which is gone through once from the root, and each leaf becomes one of these:
 *
 *     text/plain                          text; several stand beneath each other
 *     text/html                           a part `html`, and text where its multipart/alternative has no plain one
 *     message/rfc822                      a part `attachment`, as it stands, and its layout and text as parts `opened`,
 *                                         its files as parts `attachment`
 *     application/ms-tnef                 a part `attachment`, and what is in it: its text as `opened`, its files
 *     else with a Content-ID              a part `inline`
 *     else                                a part `attachment`
 *
 * Many programs give even the written text a file name. So a name makes a text a file only if another text comes
 * before it; in a multipart/alternative each half counts as a first text. The disposition `attachment` makes any
 * text a file.
 *
 * Depth, number of parts and length of text are limited; what exceeds the limits is left out, and the mail is marked
 * `cut`. */
#include "runtime/adapters/email/body.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/mail/charset.h"
#include "runtime/mail/header.h"
#include "runtime/mail/parts.h"
#include "runtime/mail/text.h"
#include "runtime/mail/tnef.h"
#include "runtime/web/html.h"

/* In a multipart/alternative: is one of the alternatives plain text? */
enum plain { PLAIN_UNKNOWN, PLAIN_THERE, PLAIN_NONE };

struct body_walk {
    struct mail *mail;
    GString *text;
    GArray *parts;           /* of struct mail_part */
    unsigned seen;           /* parts of any kind, so that a search ends */
    struct body_walk *outer; /* of the mail that has this one within it, and takes its layout and files; NULL: none */
    const char *name;        /* of the mail within */
};

static bool part_is_type(GMimeObject *object, const char *type, const char *subtype)
{
    GMimeContentType *content = g_mime_object_get_content_type(object);
    return content && g_mime_content_type_is_type(content, type, subtype);
}

/* True: the type has no subtype, such as `text`, so the part counts as plain text (RFC 2045, 5.2). */
static bool part_is_typeless(GMimeObject *object)
{
    char *said = header_text(object, "Content-Type");
    bool typeless = said && strcspn(said, "/") >= strcspn(said, ";");
    g_free(said);
    return typeless;
}

static bool is_attachment(GMimeObject *object)
{
    const char *disposition = g_mime_object_get_disposition(object);
    return disposition && g_ascii_strcasecmp(disposition, "attachment") == 0;
}

static bool part_is_named(GMimeObject *object)
{
    char *name = header_file_name(object);
    bool named = name && *name;
    g_free(name);
    return named;
}

/* Is the part text of the mail and no file? `first`: no text comes before it. */
static bool part_is_text(GMimeObject *object, const char *subtype, bool first)
{
    if (!GMIME_IS_PART(object) || is_attachment(object)) return false;
    bool typeless = part_is_typeless(object);
    if (typeless ? strcmp(subtype, "plain") != 0 : !part_is_type(object, "text", subtype)) return false;
    return first || !part_is_named(object);
}

static bool part_says(GMimePart *part, const char *parameter, const char *word)
{
    char *said = header_parameter(GMIME_OBJECT(part), "Content-Type", parameter);
    bool is = said && g_ascii_strcasecmp(said, word) == 0;
    g_free(said);
    return is;
}

static GString *part_text(GMimePart *part)
{
    GByteArray *bytes = part_bytes(part);
    char *charset = header_parameter(GMIME_OBJECT(part), "Content-Type", "charset");
    if (!charset && part_is_type(GMIME_OBJECT(part), "text", "html"))
        charset = html_charset((const char *)bytes->data, bytes->len);
    GString *text = text_utf8((const char *)bytes->data, bytes->len, charset);
    g_byte_array_free(bytes, TRUE);
    g_free(charset);
    return text;
}

static GString *part_plain_text(GMimePart *part)
{
    GString *text = part_text(part);
    if (!part_says(part, "format", "flowed")) return text;
    GString *whole = text_unflowed(text, part_says(part, "delsp", "yes"));
    g_string_free(text, TRUE);
    return whole;
}

/* ---- keeping ---- */

/* No registered name of a charset is longer (RFC 2978), and a type with a longer one could not be attached again. */
enum { CHARSET_NAME_MAX = 40 };
#define CHARSET_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"

/* Adds a part that was made of another one, and takes ownership of the bytes. */
static void walk_make_part(struct body_walk *walk, const char *role, const char *type, const char *name,
                           GByteArray *bytes)
{
    struct mail_part part = {.role = role, .made = true, .type = g_strdup(type), .length = bytes->len};
    part.name = name ? text_file_name(name, MAIL_FILE_NAME_MAX) : NULL;
    part.bytes = (char *)g_byte_array_free(bytes, FALSE);
    g_array_append_val(walk->parts, part);
}

static void walk_make_text(struct body_walk *walk, const char *name, const GString *text)
{
    if (text_blank(text->str) || walk->parts->len >= MAIL_PARTS_MAX) return;
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)text->str, (guint)text->len);
    walk_make_part(walk, "opened", "text/plain;charset=utf-8", name, bytes);
}

static void walk_say_text(struct body_walk *, GString *text);

/* Whoever opens a calendar or a card reads it as UTF-8. */
static bool part_is_read_as_text(GMimeObject *object)
{
    static const char *const all[] = {"calendar", "x-vcalendar", "vcard", "x-vcard", "directory"};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (part_is_type(object, "text", all[i])) return true;
    return false;
}

/* Returns the part's type; that of a text which stays as it came has its charset, since it may be sent on. */
static char *part_type_line(GMimeObject *object, bool stays)
{
    GMimeContentType *content = g_mime_object_get_content_type(object);
    char *type = content ? g_mime_content_type_get_mime_type(content) : NULL;
    bool text = stays && content && g_mime_content_type_is_type(content, "text", "*") && !part_is_read_as_text(object);
    char *charset = text ? header_parameter(object, "Content-Type", "charset") : NULL;
    bool good = charset && *charset && strspn(charset, CHARSET_LETTERS) == strlen(charset) &&
                strlen(charset) <= CHARSET_NAME_MAX;
    char *whole = good ? g_strdup_printf("%s; charset=%s", type, charset) : NULL;
    char *line = text_line(whole ? whole : type ? type : "application/octet-stream", MAIL_NAME_MAX);
    g_free(whole), g_free(charset), g_free(type);
    return line;
}

/* Keeps the layout, or a file, of a mail within the mail beside its text, and takes ownership of the bytes. */
static void walk_keep_inner(struct body_walk *walk, GMimeObject *object, const char *role, GByteArray *bytes)
{
    bool html = strcmp(role, "html") == 0;
    if (walk->outer->parts->len + 1 >= MAIL_PARTS_MAX) { /* its text has a place still */
        walk->mail->cut = true;
        g_byte_array_free(bytes, TRUE);
        return;
    }
    char *file = header_file_name(object), *line = part_type_line(object, !html);
    const char *id = g_mime_object_get_content_id(object);
    walk_make_part(walk->outer, html ? "opened" : "attachment", html ? "text/html;charset=utf-8" : line,
                   html ? walk->name : file, bytes);
    struct mail_part *kept = &g_array_index(walk->outer->parts, struct mail_part, walk->outer->parts->len - 1);
    if (id) kept->content_id = text_line(id, MAIL_NAME_MAX);
    g_free(file), g_free(line);
}

/* Names a file of a mail within the mail in its text. */
static void walk_names(struct body_walk *walk, GMimeObject *object, const char *role, GByteArray *bytes)
{
    char *name = header_file_name(object), *line = text_line(name ? name : "file", MAIL_FILE_NAME_MAX);
    GString *said = g_string_new(NULL);
    g_string_printf(said, "[%s, %u bytes]", line, bytes->len);
    if (strcmp(role, "html") != 0)
        walk_say_text(walk, said);
    else
        g_string_free(said, TRUE);
    g_free(name), g_free(line);
    walk_keep_inner(walk, object, role, bytes);
}

/* Keeps a part with its bytes, and takes ownership of the bytes; they are freed if there are too many parts. */
static void walk_keep_part(struct body_walk *walk, GMimeObject *object, const char *role, GByteArray *bytes)
{
    if (walk->outer) {
        walk_names(walk, object, role, bytes);
        return;
    }
    if (walk->parts->len >= MAIL_PARTS_MAX) {
        walk->mail->cut = true;
        g_byte_array_free(bytes, TRUE);
        return;
    }
    char *name = header_file_name(object);
    const char *id = g_mime_object_get_content_id(object);
    struct mail_part part = {
        .role = role,
        .type = part_type_line(object, strcmp(role, "html") != 0),
        .name = name ? text_file_name(name, MAIL_FILE_NAME_MAX) : NULL,
        .content_id = id ? text_line(id, MAIL_NAME_MAX) : NULL,
        .length = bytes->len,
    };
    part.bytes = (char *)g_byte_array_free(bytes, FALSE);
    g_free(name);
    g_array_append_val(walk->parts, part);
}

static void walk_say_text(struct body_walk *walk, GString *text)
{
    bool room = walk->text->len < MAIL_TEXT_MAX;
    if (!text_blank(text->str) && room) {
        if (walk->text->len > 0) g_string_append_c(walk->text, '\n');
        g_string_append_len(walk->text, text->str, (gssize)text->len);
        walk->mail->cut |= mail_text_cut(walk->text, MAIL_TEXT_MAX);
    } else if (!room)
        walk->mail->cut = true;
    g_string_free(text, TRUE);
}

/* ---- walking ---- */

/* Adds the text before the first boundary: if the boundary never comes, that is the whole mail. */
static void walk_prologue(struct body_walk *walk, GMimeMultipart *multipart)
{
    const char *text = g_mime_multipart_get_prologue(multipart);
    if (text) walk_say_text(walk, text_utf8(text, strlen(text), NULL));
}

static void walk_object(struct body_walk *, GMimeObject *, unsigned level, enum plain, bool *first);

/* Is there a plain text in the tree? All alternatives are searched; `seen` limits the work, since in nested
 * alternatives each level would be searched again. */
static bool has_plain(struct body_walk *walk, GMimeObject *object, unsigned level, bool *first)
{
    if (level > MAIL_LEVELS_MAX || ++walk->seen > 4 * MAIL_PARTS_MAX) return false;
    if (GMIME_IS_MULTIPART(object)) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
        bool alternative = part_is_type(object, "multipart", "alternative");
        for (int i = 0; i < count; i++) {
            bool first_here = *first || alternative;
            if (has_plain(walk, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), level + 1, &first_here))
                return true;
            *first = *first && first_here;
        }
        return false;
    }
    bool plain = part_is_text(object, "plain", *first);
    *first = *first && !plain && !part_is_text(object, "html", *first);
    if (!plain) return false;
    GString *text = part_text(GMIME_PART(object));
    plain = !text_blank(text->str);
    g_string_free(text, TRUE);
    return plain;
}

static void walk_multipart(struct body_walk *walk, GMimeObject *object, unsigned level, enum plain plain, bool *first)
{
    bool alternative = part_is_type(object, "multipart", "alternative"), asked = *first;
    if (plain == PLAIN_UNKNOWN && alternative)
        plain = has_plain(walk, object, level, &asked) ? PLAIN_THERE : PLAIN_NONE;
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
    if (count == 0) walk_prologue(walk, GMIME_MULTIPART(object));
    for (int i = 0; i < count; i++) {
        GMimeObject *child = g_mime_multipart_get_part(GMIME_MULTIPART(object), i);
        if (level >= MAIL_LEVELS_MAX)
            walk->mail->cut = true;
        else if (child) {
            bool first_here = *first || alternative;
            walk_object(walk, child, level + 1, plain, &first_here);
            *first = *first && first_here;
        }
    }
}

/* Writes the head of a mail within the mail, as people know it. */
static GString *message_head(GMimeMessage *message)
{
    static const char *const names[] = {"From", "To", "Cc", "Date", "Subject"};
    GString *head = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *value = header_text(GMIME_OBJECT(message), names[i]);
        char *line = value ? text_line(value, MAIL_SUBJECT_MAX) : NULL;
        if (line && *line) g_string_append_printf(head, "%s: %s\n", names[i], line);
        g_free(value), g_free(line);
    }
    return head;
}

/* Walks through a mail within the mail, and adds its head and text to those that are there. */
static void walk_message(struct body_walk *walk, GMimeMessage *message, unsigned level)
{
    GMimeObject *root = message ? g_mime_message_get_mime_part(message) : NULL;
    bool first = true;
    if (!message) return;
    walk_say_text(walk, message_head(message));
    if (root && level < MAIL_LEVELS_MAX) walk_object(walk, root, level + 1, PLAIN_UNKNOWN, &first);
}

/* Names the file of a mail within the mail, if its sender has given it no name. */
static void name_message(struct mail_part *part, const char *subject)
{
    if (part->name) return;
    char *name = g_strdup_printf("%.*s.eml", (int)(subject ? utf8_cut(subject, (uint32_t)strlen(subject), 100) : 0),
                                 subject ? subject : "");
    part->name = text_file_name(subject && *subject ? name : "mail.eml", MAIL_FILE_NAME_MAX);
    g_free(name);
}

/* Keeps a mail within the mail as a file, and its text, for those who only want to read it. */
static void keep_message(struct body_walk *walk, GMimeObject *object, unsigned level)
{
    GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (walk->outer) {
        walk_message(walk, inner, level);
        return;
    }
    char *bytes = inner ? g_mime_object_to_string(GMIME_OBJECT(inner), NULL) : NULL;
    GByteArray *array = g_byte_array_new();
    if (bytes) g_byte_array_append(array, (const guint8 *)bytes, (guint)strlen(bytes));
    g_free(bytes);
    guint place = walk->parts->len;
    walk_keep_part(walk, object, "attachment", array);
    char *subject = inner ? header_text(GMIME_OBJECT(inner), "Subject") : NULL;
    char *name = subject ? text_line(subject, MAIL_FILE_NAME_MAX) : NULL;
    if (walk->parts->len > place) name_message(&g_array_index(walk->parts, struct mail_part, place), name);
    struct body_walk within = {.mail = walk->mail, .text = g_string_new(NULL), .outer = walk, .name = name};
    walk_message(&within, inner, level);
    walk_make_text(walk, name, within.text);
    g_string_free(within.text, TRUE);
    g_free(subject), g_free(name);
}

/* Keeps what is in a winmail.dat besides the file itself. */
static void keep_tnef(struct body_walk *walk, const GByteArray *bytes)
{
    struct tnef tnef;
    size_t room = walk->parts->len < MAIL_PARTS_MAX ? MAIL_PARTS_MAX - walk->parts->len : 0;
    if (tnef_read(&tnef, (const char *)bytes->data, bytes->len, room)) {
        walk_make_text(walk, "winmail.dat", tnef.text);
        for (guint i = 0; i < tnef.files->len && walk->parts->len < MAIL_PARTS_MAX; i++) {
            struct tnef_file *file = g_ptr_array_index(tnef.files, i);
            walk_make_part(walk, "attachment", "application/octet-stream", file->name, file->bytes);
            file->bytes = NULL;
        }
    }
    tnef_clear(&tnef);
}

static bool part_is_tnef(GMimeObject *object)
{
    char *name = header_file_name(object);
    bool is = part_is_type(object, "application", "ms-tnef") || part_is_type(object, "application", "vnd.ms-tnef") ||
              (name && g_ascii_strcasecmp(name, "winmail.dat") == 0);
    g_free(name);
    return is;
}

/* Returns the bytes of a file; one that is read as a text becomes UTF-8. */
static GByteArray *file_bytes(GMimeObject *object)
{
    GByteArray *bytes = part_bytes(GMIME_PART(object));
    if (!part_is_read_as_text(object)) return bytes;
    char *charset = header_parameter(object, "Content-Type", "charset");
    GString *text = charset_utf8((const char *)bytes->data, bytes->len, charset);
    g_byte_array_set_size(bytes, 0);
    g_byte_array_append(bytes, (const guint8 *)text->str, (guint)text->len);
    g_string_free(text, TRUE), g_free(charset);
    return bytes;
}

/* Keeps a part that is no text, and what can be opened of it. */
static void keep_file(struct body_walk *walk, GMimeObject *object)
{
    bool shown = g_mime_object_get_content_id(object) && !is_attachment(object);
    GByteArray *bytes = file_bytes(object), *again = NULL;
    if (!walk->outer && part_is_tnef(object)) again = part_bytes(GMIME_PART(object));
    walk_keep_part(walk, object, shown ? "inline" : "attachment", bytes);
    if (!again) return;
    keep_tnef(walk, again);
    g_byte_array_free(again, TRUE);
}

/* Handles one node of the tree: of a container all children, of a leaf its content. */
static void walk_object(struct body_walk *walk, GMimeObject *object, unsigned level, enum plain plain, bool *first)
{
    assert(level <= MAIL_LEVELS_MAX); /* walk_multipart() goes no deeper */
    bool text = part_is_text(object, "plain", *first), html_text = part_is_text(object, "html", *first);
    *first = *first && !text && !html_text;
    if (GMIME_IS_MULTIPART(object))
        walk_multipart(walk, object, level, plain, first);
    else if (GMIME_IS_MESSAGE_PART(object))
        keep_message(walk, object, level);
    else if (text)
        walk_say_text(walk, part_plain_text(GMIME_PART(object)));
    else if (html_text) {
        GString *html = part_text(GMIME_PART(object));
        if (plain != PLAIN_THERE) walk_say_text(walk, html_plain_text(html->str, html->len));
        GByteArray *bytes = g_byte_array_new();
        g_byte_array_append(bytes, (const guint8 *)html->str, (guint)html->len); /* the bytes are UTF-8 now */
        g_string_free(html, TRUE);
        walk_keep_part(walk, object, "html", bytes);
    } else if (GMIME_IS_PART(object))
        keep_file(walk, object);
}

void email_read_body(struct mail *mail, GMimeMessage *message)
{
    assert(!mail->text && !mail->parts); /* a mail's text and parts are read once */
    GMimeObject *root = g_mime_message_get_mime_part(message);
    struct body_walk walk = {mail, g_string_new(NULL), g_array_new(FALSE, FALSE, sizeof(struct mail_part)), 0, NULL,
                             NULL};
    bool first = true;
    if (root) walk_object(&walk, root, 0, PLAIN_UNKNOWN, &first);
    mail->text = g_string_free(walk.text, FALSE);
    mail->part_count = walk.parts->len;
    mail->parts = (struct mail_part *)g_array_free(walk.parts, FALSE);
}
