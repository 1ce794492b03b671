/* runtime/store/fill.c - Fills in the fields of standard responses.
 *
 *     "Dear {contact.name}: {x y} {"      only {NAME} of letters, digits, _ and . is a field
 *     "Dear Bea Low: {x y} {"             what is no field, or has no value, stays as it is
 *
 * A value is never searched for fields itself, so a customer whose name is "{agent.name}" does not learn an agent's
 * name. */
#include "runtime/store/fill.h"

#include <assert.h>
#include <stdbool.h>

static bool is_name(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '.';
}

/* Returns the escape of a byte of a value; NULL: the byte itself. In a subject a line end would begin another
 * header, so control characters become blanks. In markup the five special characters are written as references. */
static const char *fill_written(uint8_t byte, enum fill_place place)
{
    if (place == FILL_LINE) return byte < ' ' || byte == 0x7f ? " " : NULL;
    if (place == FILL_TEXT) return NULL;
    switch (byte) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void fill_value_put(struct out *out, struct span value, enum fill_place place)
{
    assert(place <= FILL_MARKUP);
    for (uint32_t at = 0; at < value.length; at++) {
        const char *instead = fill_written(value.bytes[at], place);
        if (instead)
            out_text(out, instead);
        else
            out_put(out, (const char *)value.bytes + at, 1);
    }
}

/* Returns how many fields have no value. */
unsigned fill_fill(struct out *out, struct span text, enum fill_place place, fill_value *value, void *self)
{
    unsigned unknown = 0;
    assert(value);
    out_text(out, "");
    for (uint32_t at = 0; at < text.length;) {
        uint32_t end = at + 1;
        struct span found;
        if (text.bytes[at] == '{')
            while (end < text.length && is_name(text.bytes[end])) end++;
        bool field = end > at + 1 && end < text.length && text.bytes[end] == '}';
        if (field && value(self, (struct span){text.bytes + at + 1, end - at - 1}, &found)) {
            fill_value_put(out, found, place);
            at = end + 1;
            continue;
        }
        unknown += field;
        out_put(out, (const char *)text.bytes + at, 1);
        at++;
    }
    return unknown;
}
