/* runtime/adapters/mms/mended.c - Repairs an XML document, and has it read.
 *
 * Expat without namespaces does not check whether a prefix is declared. Other mistakes are repaired before Expat reads
 * the document: the bytes become UTF-8, all before the first `<` is removed, an `&` of no reference of XML and a `<` of
 * no markup are escaped, and a number that XML forbids becomes U+FFFD, a UTF-16 pair one character. */
#include "runtime/adapters/mms/mended.h"

#include <string.h>

#include "runtime/mail/text.h"
#include "base/why.h"

enum { REFERENCE = 10 /* bytes of the longest reference that is known, `&#1114111;` */ };
#define CDATA     "<![CDATA["
#define CDATA_END "]]>"

/* ---- mending ---- */

/* Converts the bytes to UTF-8. Documents that declare UTF-16 are mostly UTF-8, so the bytes decide. */
static GString *mended_utf8(const char *bytes, size_t length)
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

/* Returns the length of the numeric reference that begins here; 0: none does. */
static size_t mended_numbered(const char *at, gunichar *number)
{
    if (at[0] != '&' || at[1] != '#') return 0;
    bool hex = at[2] == 'x';
    size_t from = hex ? 3 : 2, digits = strspn(at + from, hex ? "0123456789abcdefABCDEF" : "0123456789");
    if (digits == 0 || from + digits >= REFERENCE || at[from + digits] != ';') return 0;
    *number = (gunichar)g_ascii_strtoull(at + from, NULL, hex ? 16 : 10);
    return from + digits + 1;
}

static bool mended_allows(gunichar number)
{
    if (number < ' ') return number == '\t' || number == '\n' || number == '\r';
    return number < 0xd800 || (number > 0xdfff && number < 0xfffe) || (number > 0xffff && number < 0x110000);
}

/* Appends a character in place of a reference that XML does not allow, and returns the length that was read. The two
 * halves of a UTF-16 pair, by which some programs write an emoji, become one character; any other such reference
 * becomes U+FFFD. */
static size_t mended_put_refused(GString *out, const char *at, size_t length, gunichar number)
{
    gunichar low = 0;
    size_t more = number >= 0xd800 && number < 0xdc00 ? mended_numbered(at + length, &low) : 0;
    bool pair = more > 0 && low >= 0xdc00 && low < 0xe000;
    g_string_append_unichar(out, pair ? 0x10000 + ((number - 0xd800) << 10) + (low - 0xdc00) : 0xfffd);
    return length + (pair ? more : 0);
}

/* Appends the reference that begins here, or an escaped `&` if none does, and returns the length that was read. */
static size_t mended_put_reference(GString *out, const char *at, bool *mended)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    gunichar number = 0;
    size_t length = mended_numbered(at, &number);
    bool good = length > 0 && mended_allows(number);
    for (size_t i = 0; i < G_N_ELEMENTS(known) && length == 0; i++)
        if (g_str_has_prefix(at, known[i])) length = strlen(known[i]), good = true;
    if (good) {
        g_string_append_len(out, at, (gssize)length);
        return length;
    }
    *mended = true;
    if (length > 0) return mended_put_refused(out, at, length, number);
    g_string_append(out, "&amp;");
    return 1;
}

/* Does the `<` begin an element's tag, a declaration or an instruction? */
static bool mended_is_markup(const char *at)
{
    return g_ascii_isalpha(at[1]) || (at[1] && strchr("_:/!?", at[1])) || (unsigned char)at[1] >= 0x80;
}

static GString *mended_text(const GString *text, bool *mended)
{
    const char *at = text->str + strcspn(text->str, "<"), *end = text->str + text->len;
    GString *out = g_string_sized_new(text->len + 1);
    bool ends = true; /* another CDATA section may end; once none does, no more are looked for */
    *mended = strspn(text->str, " \t\r\n") != (size_t)(at - text->str);
    while (at < end) {
        bool begins = ends && g_str_has_prefix(at, CDATA);
        const char *cdata = begins ? strstr(at, CDATA_END) : NULL;
        if (begins && !cdata) ends = false;
        size_t same = cdata ? (size_t)(cdata - at) + strlen(CDATA_END) : 1 + strcspn(at + 1, "&<");
        if (*at == '&')
            same = mended_put_reference(out, at, mended);
        else if (*at == '<' && !mended_is_markup(at)) {
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

/* The limits of bytes are five times those of the document, as one byte may become five: `&amp;`. */
static const struct xml_bounds mended_bounds = {.bytes = 5 * MMS_XML_MAX,
                                                .depth = MMS_XML_DEPTH_MAX,
                                                .elements = MMS_XML_ELEMENTS_MAX,
                                                .doctype = true,
                                                .utf8 = true};

const char *mended_attribute(const struct xml_node *node, const char *name)
{
    for (const char *const *at = node->attributes; *at; at += 2)
        if (g_ascii_strcasecmp(xml_local_name(at[0]), name) == 0) return at[1];
    return NULL;
}

struct xml_node *mended_read(const char *bytes, size_t length, bool *mended, char *why, size_t why_size)
{
    struct xml_fault fault = {.why = length > MMS_XML_MAX ? "it is too long" : "no element found"};
    struct xml_node *tree = NULL;
    *mended = false;
    if (length > 0 && length <= MMS_XML_MAX) {
        GString *utf8 = mended_utf8(bytes, length), *text = mended_text(utf8, mended);
        if (utf8->len != length || memcmp(utf8->str, bytes, length) != 0) *mended = true;
        tree = xml_tree(text->str, text->len, &mended_bounds, &fault);
        g_string_free(utf8, TRUE), g_string_free(text, TRUE);
    }
    if (!tree) why_set(why, why_size, "%s", fault.why);
    return tree;
}

/* ---- writing ---- */

void mended_put(GString *to, const char *text)
{
    for (const char *c = text; *c; c++) {
        const char *entity = xml_entity(*c);
        if (entity)
            g_string_append(to, entity);
        else
            g_string_append_c(to, (unsigned char)*c < ' ' && *c != '\n' && *c != '\t' ? ' ' : *c);
    }
}
