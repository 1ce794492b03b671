/* runtime/adapters/email/form_read.c - Reads the body of a posted form: its fields as UTF-8, and its files.
 *
 *     Content-Type: multipart/form-data; boundary=x
 *     --x
 *     Content-Disposition: form-data; name="text"                     a field of ours: UTF-8
 *     --x
 *     Content-Disposition: form-data; name="f"; filename="bill.pdf"   a file: an attachment
 *     --x--
 *
 * The body, after a header that makes it a mail, is read by the parser of mails (RFC 7578). The limits of a form are
 * therefore checked before it is parsed. All that was read belongs to `read`, even after a mistake: form_read_free()
 * must be called always. */
#include "runtime/adapters/email/form_read.h"

#include <gmime/gmime.h>
#include <string.h>

#include "runtime/adapters/email/compose.h"
#include "runtime/mail/charset.h"
#include "runtime/mail/header.h"
#include "runtime/mail/parts.h"

enum { FILES_MAX = 10, PARTS_MAX = 40, TYPE_TEXT_MAX = 100 };
/* The limits for a form: it is read in the loop, so it may take some ten milliseconds. A file may itself be a mail,
 * or have many lines of hyphens. */
static const struct parts_bounds form_bounds = {.nestings = 200, .boundaries = 2000000, .headers = 10000};

void form_read_free(struct form_read *read)
{
    g_free(read->name), g_free(read->address), g_free(read->subject), g_free(read->text), g_free(read->to);
    for (guint i = 0; read->files && i < read->files->len; i++) {
        struct composed_part *part = &g_array_index(read->files, struct composed_part, i);
        g_free(part->role), g_free(part->type), g_free(part->name), g_free(part->bytes);
    }
    if (read->files) g_array_unref(read->files);
}

/* Returns the bytes of a part, with a terminating zero. */
static char *form_part_bytes(GMimeObject *part, size_t *length)
{
    GMimeDataWrapper *content = GMIME_IS_PART(part) ? g_mime_part_get_content(GMIME_PART(part)) : NULL;
    GMimeMessage *message = /* a file that is a mail; NULL: none, or the file is empty */
        GMIME_IS_MESSAGE_PART(part) ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(part)) : NULL;
    GMimeStream *out = g_mime_stream_mem_new();
    if (content)
        g_mime_data_wrapper_write_to_stream(content, out);
    else if (message)
        g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, out);
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out));
    char *copy = g_malloc(bytes->len + 1);
    if (bytes->len > 0) memcpy(copy, bytes->data, bytes->len);
    copy[bytes->len] = 0;
    *length = bytes->len;
    g_object_unref(out);
    return copy;
}

/* Keeps a file. The browser's content type is kept for plain parts only; a file that is a mail is kept as bytes. */
static void form_take_file(struct form_read *read, GMimeObject *part, const char *file)
{
    size_t length;
    char *bytes = form_part_bytes(part, &length),
         *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
    if (length == 0 && !*file) { /* an empty field for files */
        g_free(bytes), g_free(type);
        return;
    }
    /* neither a mail nor a part with parts of its own */
    bool plain = GMIME_IS_PART(part) && strlen(type) <= TYPE_TEXT_MAX;
    struct composed_part one = {.role = g_strdup("attachment"),
                                .type = g_strdup(plain ? type : "application/octet-stream"),
                                .name = g_strndup(file, FORM_FIELD_MAX),
                                .bytes = bytes,
                                .length = length};
    g_array_append_val(read->files, one);
    g_free(type);
}

/* Takes a field; unknown fields are skipped, as pages may have fields of their own. False: a known field is there
 * twice, and nobody knows which one the customer means. */
static bool form_take_field(struct form_read *read, GMimeObject *part, const char *name, const char *charset)
{
    struct {
        const char *name;
        char **to;
    } fields[] = {{"name", &read->name},
                  {"address", &read->address},
                  {"subject", &read->subject},
                  {"text", &read->text},
                  {"to", &read->to}};
    size_t length;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, name) == 0) {
            if (*fields[i].to) return false;
            char *bytes = form_part_bytes(part, &length), *own = header_parameter(part, "Content-Type", "charset");
            *fields[i].to = g_string_free(charset_utf8(bytes, length, own ? own : charset), FALSE);
            g_free(own), g_free(bytes);
        }
    return true;
}

/* Returns the charset that the browser names, in a field of its own or next to the boundary; NULL: none. */
static char *form_charset(GMimeObject *whole, int count)
{
    size_t length;
    for (int i = 0; i < count; i++) {
        GMimeObject *part = g_mime_multipart_get_part(GMIME_MULTIPART(whole), i);
        const char *name = g_mime_object_get_content_disposition_parameter(part, "name");
        if (name && strcmp(name, "_charset_") == 0) return form_part_bytes(part, &length);
    }
    return header_parameter(whole, "Content-Type", "charset");
}

/* A line end in `type` would let a client add headers of its own, so it is refused. */
const char *form_read(struct form_read *read, const char *type, const char *body, size_t length)
{
    *read = (struct form_read){.files = g_array_new(FALSE, TRUE, sizeof(struct composed_part))};
    GString *mime = g_string_new("MIME-Version: 1.0\r\nContent-Type: ");
    const char *why = "the body is no multipart/form-data";
    if (g_ascii_strncasecmp(type, "multipart/form-data;", 20) != 0 || strpbrk(type, "\r\n")) {
        g_string_free(mime, TRUE);
        return why;
    }
    g_string_append_printf(mime, "%s\r\n\r\n", type);
    g_string_append_len(mime, body, (gssize)length);
    if (!parts_may_be_parsed(mime->str, mime->len, &form_bounds)) {
        g_string_free(mime, TRUE);
        return "it has too many parts or headers";
    }
    GMimeStream *in = g_mime_stream_mem_new_with_buffer(mime->str, mime->len);
    GMimeParser *parser = g_mime_parser_new_with_stream(in);
    GMimeObject *whole = g_mime_parser_construct_part(parser, NULL);
    int count = GMIME_IS_MULTIPART(whole) ? g_mime_multipart_get_count(GMIME_MULTIPART(whole)) : 0;
    if (count > 0) why = count > PARTS_MAX ? "it has too many fields" : NULL;
    char *charset = why ? NULL : form_charset(whole, count);
    for (int i = 0; i < count && !why; i++) {
        GMimeObject *part = g_mime_multipart_get_part(GMIME_MULTIPART(whole), i);
        const char *name = g_mime_object_get_content_disposition_parameter(part, "name");
        const char *file = g_mime_object_get_content_disposition_parameter(part, "filename");
        if (!name) continue;
        if (file && read->files->len == FILES_MAX)
            why = "files: 10 at most";
        else if (file)
            form_take_file(read, part, file);
        else if (!form_take_field(read, part, name, charset))
            why = "one of name, address, subject, text and to stands there twice";
    }
    g_free(charset);
    if (whole) g_object_unref(whole);
    g_object_unref(parser);
    g_object_unref(in);
    g_string_free(mime, TRUE);
    return why;
}
