/* runtime/adapters/mms/xml.c - Mends a document, and has it read by libexpat.
 *
 * Expat without namespaces does not ask whether a prefix is declared. The rest is mended before: the bytes become
 * UTF-8, all before the first `<` goes, an `&` that begins no reference and a `<` that begins no markup become one, and
 * a reference that XML does not allow becomes a character. */
#include "runtime/adapters/mms/xml.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/mail/text.h"
#include "runtime/vocabulary/why.h"

enum { REFERENCE = 10 /* bytes of the longest that is known, `&#1114111;` */ };
#define CDATA     "<![CDATA["
#define CDATA_END "]]>"

/* ---- mending ---- */

/* Documents that name UTF-16 are mostly UTF-8: the bytes decide. */
static GString *xml_utf8(const char *bytes, size_t length)
{
    bool wide = length >= 2 && (memchr(bytes, 0, MIN(length, (size_t)4)) || memcmp(bytes, "\xff\xfe", 2) == 0 ||
                                memcmp(bytes, "\xfe\xff", 2) == 0);
    gsize written = 0;
    gchar *text = wide ? g_convert_with_fallback(bytes, (gssize)length, "UTF-8",
                                                 bytes[0] == '<'    ? "UTF-16LE"
                                                 : bytes[0] == '\0' ? "UTF-16BE"
                                                                    : "UTF-16",
                                                 "?", NULL, &written, NULL)
                       : NULL;
    GString *utf8 = text ? text_utf8(text, written, "utf-8") : text_utf8(bytes, length, NULL);
    g_free(text);
    return utf8;
}

/* The bytes of the reference by number that begins here; 0: it is none. */
static size_t xml_numbered(const char *at, gunichar *number)
{
    if (at[0] != '&' || at[1] != '#') return 0;
    bool hex = at[2] == 'x';
    size_t from = hex ? 3 : 2, digits = strspn(at + from, hex ? "0123456789abcdefABCDEF" : "0123456789");
    if (digits == 0 || from + digits >= REFERENCE || at[from + digits] != ';') return 0;
    *number = (gunichar)g_ascii_strtoull(at + from, NULL, hex ? 16 : 10);
    return from + digits + 1;
}

static bool xml_allows(gunichar number)
{
    if (number < ' ') return number == '\t' || number == '\n' || number == '\r';
    return number < 0xd800 || (number > 0xdfff && number < 0xfffe) || (number > 0xffff && number < 0x110000);
}

/* Appends the character that XML allows no reference to, and returns its bytes. Two halves of UTF-16, by which some
 * programs write an emoji, are one character; any other one is not known. */
static size_t xml_put_refused(GString *out, const char *at, size_t length, gunichar number)
{
    gunichar low = 0;
    size_t more = number >= 0xd800 && number < 0xdc00 ? xml_numbered(at + length, &low) : 0;
    bool pair = more > 0 && low >= 0xdc00 && low < 0xe000;
    g_string_append_unichar(out, pair ? 0x10000 + ((number - 0xd800) << 10) + (low - 0xdc00) : 0xfffd);
    return length + (pair ? more : 0);
}

/* Appends the reference that begins here, or the `&` that begins none, and returns its bytes. */
static size_t xml_put_reference(GString *out, const char *at, bool *mended)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    gunichar number = 0;
    size_t length = xml_numbered(at, &number);
    bool good = length > 0 && xml_allows(number);
    for (size_t i = 0; i < G_N_ELEMENTS(known) && length == 0; i++)
        if (g_str_has_prefix(at, known[i])) length = strlen(known[i]), good = true;
    if (good) {
        g_string_append_len(out, at, (gssize)length);
        return length;
    }
    *mended = true;
    if (length > 0) return xml_put_refused(out, at, length, number);
    g_string_append(out, "&amp;");
    return 1;
}

/* Does the `<` begin an element, its end, a declaration or an instruction? */
static bool xml_is_markup(const char *at)
{
    return g_ascii_isalpha(at[1]) || (at[1] && strchr("_:/!?", at[1])) || (unsigned char)at[1] >= 0x80;
}

static GString *xml_mended(const GString *text, bool *mended)
{
    const char *at = text->str + strcspn(text->str, "<"), *end = text->str + text->len;
    GString *out = g_string_sized_new(text->len + 1);
    bool ends = true; /* another CDATA section may end; else it is looked for once */
    *mended = strspn(text->str, " \t\r\n") != (size_t)(at - text->str);
    while (at < end) {
        bool begins = ends && g_str_has_prefix(at, CDATA);
        const char *cdata = begins ? strstr(at, CDATA_END) : NULL;
        if (begins && !cdata) ends = false;
        size_t same = cdata ? (size_t)(cdata - at) + strlen(CDATA_END) : 1 + strcspn(at + 1, "&<");
        if (*at == '&')
            same = xml_put_reference(out, at, mended);
        else if (*at == '<' && !xml_is_markup(at)) {
            g_string_append(out, "&lt;");
            *mended = true;
            same = 1;
        } else
            g_string_append_len(out, at, (gssize)same);
        at += same;
    }
    return out;
}

/* ---- reading ---- */

struct xml_reader {
    const struct xml_calls *calls;
    XML_Parser parser;
    unsigned depth, elements;
    const char *wrong;
};

const char *xml_local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (g_ascii_strcasecmp(xml_local_name(attributes[0]), name) == 0) return attributes[1];
    return NULL;
}

static void xml_refuse(struct xml_reader *reader, const char *why)
{
    if (!reader->wrong) reader->wrong = why;
    XML_StopParser(reader->parser, XML_FALSE);
}

static void xml_on_begin(void *self, const char *name, const char **attributes)
{
    struct xml_reader *reader = self;
    if (reader->wrong) return;
    if (++reader->depth > MMS_XML_DEPTH_MAX || ++reader->elements > MMS_XML_ELEMENTS_MAX) {
        xml_refuse(reader, "it has too many elements");
        return;
    }
    reader->calls->begin(reader->calls->self, xml_local_name(name), (const char *const *)attributes);
}

static void xml_on_end(void *self, const char *name)
{
    struct xml_reader *reader = self;
    if (reader->wrong) return;
    assert(reader->depth > 0);
    reader->depth--;
    reader->calls->end(reader->calls->self, xml_local_name(name));
}

static void xml_on_text(void *self, const char *bytes, int length)
{
    struct xml_reader *reader = self;
    if (!reader->wrong) reader->calls->text(reader->calls->self, bytes, (size_t)length);
}

static void xml_on_doctype(void *self, const char *name, const char *system, const char *public, int internal)
{
    (void)name, (void)system, (void)public;
    if (internal) xml_refuse(self, "it declares things of its own");
}

bool xml_read(const char *bytes, size_t length, const struct xml_calls *calls, bool *mended, char *why, size_t why_size)
{
    struct xml_reader reader = {.calls = calls};
    *mended = false;
    if (length > MMS_XML_MAX) return why_set(why, why_size, "it is too long");
    if (length == 0) return why_set(why, why_size, "no element found");
    GString *utf8 = xml_utf8(bytes, length), *text = xml_mended(utf8, mended);
    if (utf8->len != length || memcmp(utf8->str, bytes, length) != 0) *mended = true;
    reader.parser = XML_ParserCreate("UTF-8");
    if (!reader.parser) abort();
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, xml_on_begin, xml_on_end);
    XML_SetCharacterDataHandler(reader.parser, xml_on_text);
    XML_SetStartDoctypeDeclHandler(reader.parser, xml_on_doctype);
    bool good = XML_Parse(reader.parser, text->str, (int)text->len, 1) == XML_STATUS_OK && !reader.wrong;
    if (!good)
        why_set(why, why_size, "%s", reader.wrong ? reader.wrong : XML_ErrorString(XML_GetErrorCode(reader.parser)));
    XML_ParserFree(reader.parser);
    g_string_free(utf8, TRUE), g_string_free(text, TRUE);
    return good;
}

/* ---- writing ---- */

void xml_put(GString *to, const char *text)
{
    for (const char *c = text; *c; c++) switch (*c) {
        case '&':
            g_string_append(to, "&amp;");
            break;
        case '<':
            g_string_append(to, "&lt;");
            break;
        case '>':
            g_string_append(to, "&gt;");
            break;
        case '"':
            g_string_append(to, "&quot;");
            break;
        default:
            g_string_append_c(to, (unsigned char)*c < ' ' && *c != '\n' && *c != '\t' ? ' ' : *c);
        }
}
