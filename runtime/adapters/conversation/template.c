/* runtime/adapters/conversation/template.c - Is a text a template with its fields filled in? */
#include "runtime/adapters/conversation/template.h"

#include <assert.h>
#include <string.h>

static bool is_of_field(uint8_t byte)
{
    return g_ascii_isalnum(byte) || byte == '_' || byte == '.';
}

/* Returns the length of the field that begins at `at`, braces included; 0: no field begins there. */
static uint32_t field_length(struct span written, uint32_t at)
{
    uint32_t end = at + 1;
    if (written.bytes[at] != '{') return 0;
    while (end < written.length && is_of_field(written.bytes[end])) end++;
    return end > at + 1 && end < written.length && written.bytes[end] == '}' ? end + 1 - at : 0;
}

static uint32_t literal_length(struct span written, uint32_t at)
{
    uint32_t end = at;
    while (end < written.length && field_length(written, end) == 0) end++;
    return end - at;
}

/* May the text be a field's value? An empty text is none, nor is one that is still a field in braces. */
static bool value_is_good(const char *value, size_t length)
{
    return length > 0 && !(value[0] == '{' && memchr(value, '}', length));
}

/* Finds the next place of the literal in the text; the last literal must be at the end of the text. NULL: there is
 * none. */
static const char *literal_next(const char *text, const char *literal, size_t length, bool last)
{
    size_t left = strlen(text);
    if (!last) return length == 0 ? NULL : g_strstr_len(text, (gssize)left, literal);
    return left >= length && memcmp(text + left - length, literal, length) == 0 ? text + left - length : NULL;
}

bool template_reads(struct span written, const char *text, GPtrArray *values)
{
    assert(text && values && values->len == 0);
    uint32_t at = literal_length(written, 0);
    if (strncmp(text, (const char *)written.bytes, at) != 0) return false;
    text += at;
    while (at < written.length) {
        at += field_length(written, at);
        uint32_t length = literal_length(written, at);
        char *literal = g_strndup((const char *)written.bytes + at, length);
        const char *found = literal_next(text, literal, length, at + length == written.length);
        g_free(literal);
        if (!found || !value_is_good(text, (size_t)(found - text)) || values->len == TEMPLATE_VALUES) return false;
        g_ptr_array_add(values, g_strndup(text, (gsize)(found - text)));
        text = found + length;
        at += length;
    }
    return *text == '\0';
}
