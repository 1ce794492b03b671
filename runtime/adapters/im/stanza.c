/* runtime/adapters/im/stanza.c - Limits for an XMPP stream and its stanzas, and writing texts in stanzas. */
#include "runtime/adapters/im/stanza.h"

#include <string.h>

#define STREAM_SPACE "http://etherx.jabber.org/streams"

const struct xml_bounds stanza_bounds = {.bytes = STANZA_BYTES,
                                         .most = STANZA_MOST,
                                         .depth = STANZA_DEPTH,
                                         .elements = STANZA_ELEMENTS,
                                         .utf8 = true,
                                         .spaces = true};

const char *stanza_stream_id(const struct xml_node *stream)
{
    const char *id = xml_attribute(stream, "id");
    if (strcmp(stream->name, "stream") != 0 || strcmp(stream->space, STREAM_SPACE) != 0) return NULL;
    return id ? id : "";
}

/* Returns the escape for a character; a bare CR is escaped as readers of XML take it for a line end. */
static const char *stanza_entity(char c)
{
    return c == '\r' ? "&#13;" : xml_entity(c);
}

static bool is_no_character(const char *c)
{
    const unsigned char *at = (const unsigned char *)c;
    if (*at < ' ') return *at != '\t' && *at != '\n';
    return at[0] == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf);
}

void stanza_put_text(GString *to, const char *text)
{
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        const char *entity = stanza_entity(*c);
        if (entity)
            g_string_append(to, entity);
        else if (is_no_character(c))
            g_string_append(to, "\xef\xbf\xbd");
        else
            g_string_append_len(to, c, g_utf8_next_char(c) - c);
    }
}

/* Writes an attribute; a line end in it is written as a number, as readers of XML take it for a blank. */
void stanza_put_attribute(GString *to, const char *name, const char *value)
{
    GString *text = g_string_new(NULL);
    stanza_put_text(text, value);
    g_string_append_printf(to, " %s=\"", name);
    for (const char *c = text->str; *c; c++)
        if (*c == '\n' || *c == '\t')
            g_string_append_printf(to, "&#%d;", *c);
        else
            g_string_append_c(to, *c);
    g_string_append_c(to, '"');
    g_string_free(text, TRUE);
}
