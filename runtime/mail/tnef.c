/* runtime/mail/tnef.c - Reads winmail.dat. All numbers in it are little-endian.
 *
 *     signature (4), key (2), then attributes: level (1), id (2), type (2), length (4), data, checksum (2)
 *
 *     ATTACH_BEGINS    the attributes that follow are of another file
 *     ATTACH_TITLE     its short name, and ATTACH_DATA its bytes
 *     ATTACH_PROPS     its properties, one of which is its long name
 *     MESSAGE_BODY     the text
 *     MESSAGE_PROPS    properties of the mail, one of which is its RTF: its text is taken where there is no other
 *
 * Properties (MAPI): a count (4), and each: type (2), id (2), perhaps a name, and the value, by its type. */
#include "runtime/mail/tnef.h"

#include <assert.h>
#include <string.h>

#include "runtime/mail/rtf.h"
#include "runtime/mail/text.h"

enum {
    SIGNATURE = 0x223e9f78,
    MESSAGE_BODY = 0x800c,
    MESSAGE_PROPS = 0x9003,
    MESSAGE_CODEPAGE = 0x9007,
    ATTACH_BEGINS = 0x9002,
    ATTACH_TITLE = 0x8010,
    ATTACH_DATA = 0x800f,
    ATTACH_PROPS = 0x9005,
    PROP_LONG_NAME = 0x3707,
    PROP_RTF = 0x1009,
    PROP_NAMED = 0x8000, /* from this id on a property has a name */
    TYPE_STRING = 0x1e,
    TYPE_UNICODE = 0x1f,
    TYPE_BYTES = 0x102,
    RTF_MAX = 4 * 1024 * 1024,
    TYPE_MANY = 0x1000, /* a property with several values */
    CHECKSUM = 2
};

struct tnef_cursor {
    const guint8 *at, *end;
};

/* Reads a number of `size` bytes; false: there are not so many. */
static bool tnef_number(struct tnef_cursor *cursor, unsigned size, guint32 *number)
{
    if ((size_t)(cursor->end - cursor->at) < size) return false;
    *number = 0;
    for (unsigned i = 0; i < size; i++) *number |= (guint32)cursor->at[i] << (8 * i);
    cursor->at += size;
    return true;
}

static bool tnef_skip(struct tnef_cursor *cursor, size_t size)
{
    if ((size_t)(cursor->end - cursor->at) < size) return false;
    cursor->at += size;
    return true;
}

/* Returns the bytes that a value of this type has; 0: its length stands before it. */
static size_t tnef_type_size(guint32 type)
{
    switch (type) {
    case 0x02: /* a number of 16 bits is padded */
    case 0x03:
    case 0x04:
    case 0x0a:
    case 0x0b:
        return 4;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48:
        return 16;
    default:
        return 0;
    }
}

/* Passes over the name of a property: a GUID, and a number or a text. */
static bool tnef_skip_name(struct tnef_cursor *cursor)
{
    guint32 kind, length;
    if (!tnef_skip(cursor, 16) || !tnef_number(cursor, 4, &kind) || !tnef_number(cursor, 4, &length)) return false;
    return kind == 0 || tnef_skip(cursor, ((size_t)length + 3) & ~(size_t)3);
}

static char *tnef_utf8(const guint8 *bytes, size_t length, bool wide, unsigned codepage)
{
    char charset[32];
    g_snprintf(charset, sizeof charset, "windows-%u", codepage);
    if (wide) g_strlcpy(charset, "utf-16le", sizeof charset);
    size_t unit = wide ? 2 : 1; /* a text may end with a zero */
    while (length >= unit && bytes[length - unit] == 0 && bytes[length - 1] == 0) length -= unit;
    GString *text = text_utf8((const char *)bytes, length, charset);
    return g_string_free(text, FALSE);
}

/* Finds a property that has bytes or a text. Its type, or 0: there is none; `value` is what it has. */
static guint32 tnef_property(struct tnef_cursor cursor, guint32 wanted, struct tnef_cursor *value)
{
    guint32 count, type, id, values, length = 0;
    if (!tnef_number(&cursor, 4, &count)) return 0;
    while (count-- > 0 && tnef_number(&cursor, 2, &type) && tnef_number(&cursor, 2, &id)) {
        size_t size = tnef_type_size(type & ~(guint32)TYPE_MANY);
        values = 1;
        if (id >= PROP_NAMED && !tnef_skip_name(&cursor)) return 0;
        if ((size == 0 || (type & TYPE_MANY)) && !tnef_number(&cursor, 4, &values)) return 0;
        for (; values > 0; values--) {
            if (size == 0 && !tnef_number(&cursor, 4, &length)) return 0;
            value->at = cursor.at;
            if (!tnef_skip(&cursor, size != 0 ? size : ((size_t)length + 3) & ~(size_t)3)) return 0;
            value->end = value->at + length;
            if (id == wanted && size == 0) return type;
        }
    }
    return 0;
}

/* Returns the long name of a file, from its properties; NULL: there is none. */
static char *tnef_long_name(struct tnef_cursor properties, unsigned codepage)
{
    struct tnef_cursor value;
    guint32 type = tnef_property(properties, PROP_LONG_NAME, &value);
    if (type != TYPE_STRING && type != TYPE_UNICODE) return NULL;
    return tnef_utf8(value.at, (size_t)(value.end - value.at), type == TYPE_UNICODE, codepage);
}

/* Appends the text of the RTF that is among the properties. */
static void tnef_rtf(struct tnef_cursor properties, unsigned codepage, GString *text)
{
    struct tnef_cursor value;
    if (tnef_property(properties, PROP_RTF, &value) != TYPE_BYTES) return;
    GString *rtf = g_string_new(NULL);
    if (rtf_unpack(value.at, (size_t)(value.end - value.at), RTF_MAX, rtf))
        rtf_text(rtf->str, rtf->len, codepage, text);
    g_string_free(rtf, TRUE);
}

static void tnef_file_free(gpointer data)
{
    struct tnef_file *file = data;
    g_free(file->name);
    if (file->bytes) g_byte_array_free(file->bytes, TRUE);
    g_free(file);
}

/* The file to which the attributes belong now; NULL: none has begun. */
static struct tnef_file *tnef_last(const struct tnef *tnef)
{
    return tnef->files->len > 0 ? g_ptr_array_index(tnef->files, tnef->files->len - 1) : NULL;
}

static void tnef_name_file(struct tnef_file *file, char *name)
{
    if (!name) return;
    g_free(file->name);
    file->name = name;
}

/* Takes an attribute. False: there are more files than are read. */
static bool tnef_attribute(struct tnef *tnef, guint32 id, struct tnef_cursor data, unsigned *codepage, size_t most)
{
    struct tnef_file *file = tnef_last(tnef);
    struct tnef_cursor number = data;
    size_t length = (size_t)(data.end - data.at);
    guint32 page;
    if (id == MESSAGE_CODEPAGE && tnef_number(&number, 4, &page)) *codepage = page;
    if (id == ATTACH_BEGINS) {
        if (tnef->files->len >= most) return false;
        g_ptr_array_add(tnef->files, g_new0(struct tnef_file, 1));
    } else if (id == MESSAGE_BODY) {
        char *text = tnef_utf8(data.at, length, false, *codepage);
        g_string_assign(tnef->text, text); /* that of RTF is the same */
        g_free(text);
    } else if (id == MESSAGE_PROPS && tnef->text->len == 0)
        tnef_rtf(data, *codepage, tnef->text);
    else if (file && id == ATTACH_TITLE && !file->name)
        file->name = tnef_utf8(data.at, length, false, *codepage);
    else if (file && id == ATTACH_DATA && !file->bytes) {
        file->bytes = g_byte_array_new();
        g_byte_array_append(file->bytes, data.at, (guint)length);
    } else if (file && id == ATTACH_PROPS)
        tnef_name_file(file, tnef_long_name(data, *codepage));
    return true;
}

/* Drops the files that have no bytes, as objects in Outlook's own form. */
static void tnef_drop_empty(struct tnef *tnef)
{
    for (guint i = tnef->files->len; i-- > 0;)
        if (!((struct tnef_file *)g_ptr_array_index(tnef->files, i))->bytes) g_ptr_array_remove_index(tnef->files, i);
}

bool tnef_read(struct tnef *tnef, const char *bytes, size_t length, size_t most)
{
    struct tnef_cursor cursor = {(const guint8 *)bytes, length == 0 ? NULL : (const guint8 *)bytes + length};
    guint32 signature, key, level, id, type, size;
    unsigned codepage = 1252;
    assert(bytes || length == 0);
    *tnef = (struct tnef){g_string_new(NULL), g_ptr_array_new_with_free_func(tnef_file_free)};
    if (length == 0 || !tnef_number(&cursor, 4, &signature) || signature != SIGNATURE || !tnef_number(&cursor, 2, &key))
        return false;
    while (tnef_number(&cursor, 1, &level) && tnef_number(&cursor, 2, &id) && tnef_number(&cursor, 2, &type) &&
           tnef_number(&cursor, 4, &size)) {
        struct tnef_cursor data = {cursor.at, cursor.at};
        if (!tnef_skip(&cursor, size)) break;
        data.end = cursor.at;
        if (!tnef_attribute(tnef, id, data, &codepage, most) || !tnef_skip(&cursor, CHECKSUM)) break;
    }
    tnef_drop_empty(tnef);
    return true;
}

void tnef_clear(struct tnef *tnef)
{
    g_string_free(tnef->text, TRUE);
    g_ptr_array_free(tnef->files, TRUE);
}
