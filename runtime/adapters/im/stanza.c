/* runtime/adapters/im/stanza.c - Reads stanzas by libexpat, and writes texts into them. */
#include "runtime/adapters/im/stanza.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"

enum { SLICE = 1024, SLICE_SKIPPED = 16384 };
#define STREAM_SPACE "http://etherx.jabber.org/streams"

struct stanza_reader {
    struct stanza_calls calls;
    XML_Parser parser;
    struct stanza *open[STANZA_DEPTH]; /* open[0] is the stanza, the others lie in it */
    unsigned depth;                    /* elements that are open, the stream included */
    unsigned elements;                 /* of the stanza so far */
    size_t pending;                    /* bytes since the last stanza */
    const char *skips;                 /* why the stanza is skipped; NULL: it is not */
    const char *wrong;                 /* NULL: nothing is */
};

/* ---- a stanza ---- */

static void stanza_free(gpointer given)
{
    struct stanza *stanza = given;
    if (!stanza) return;
    g_free(stanza->name), g_free(stanza->space);
    g_strfreev(stanza->attributes);
    g_string_free(stanza->text, TRUE);
    g_ptr_array_free(stanza->children, TRUE);
    free(stanza);
}

const char *stanza_attribute(const struct stanza *stanza, const char *name)
{
    for (char **at = stanza->attributes; *at; at += 2)
        if (strcmp(at[0], name) == 0) return at[1];
    return NULL;
}

const struct stanza *stanza_child(const struct stanza *stanza, const char *name, const char *space)
{
    for (unsigned i = 0; i < stanza->children->len; i++) {
        const struct stanza *child = stanza->children->pdata[i];
        if (strcmp(child->name, name) == 0 && (!space || strcmp(child->space, space) == 0)) return child;
    }
    return NULL;
}

const char *stanza_child_text(const struct stanza *stanza, const char *name, const char *space)
{
    const struct stanza *child = stanza_child(stanza, name, space);
    return child ? child->text->str : "";
}

/* ---- reading ---- */

static void reader_refuse(struct stanza_reader *reader, const char *why)
{
    if (!reader->wrong) reader->wrong = why;
    XML_StopParser(reader->parser, XML_FALSE);
}

/* Expat gives `SPACE NAME`, or the name alone. */
static struct stanza *stanza_new(const char *name, const char **attributes)
{
    struct stanza *stanza = memory_zeroed(1, sizeof *stanza);
    const char *blank = strrchr(name, ' ');
    stanza->name = g_strdup(blank ? blank + 1 : name);
    stanza->space = blank ? g_strndup(name, (gsize)(blank - name)) : g_strdup("");
    stanza->attributes = g_strdupv((char **)attributes);
    stanza->text = g_string_new(NULL);
    stanza->children = g_ptr_array_new_with_free_func(stanza_free);
    return stanza;
}

/* From here to its end nothing of the stanza is kept but its head. */
static void reader_skips(struct stanza_reader *reader, const char *why)
{
    struct stanza *stanza = reader->open[0];
    assert(reader->depth > 0 && !reader->skips);
    reader->skips = why;
    if (!stanza) return;
    g_ptr_array_set_size(stanza->children, 0);
    g_string_truncate(stanza->text, 0);
}

static const char *raw_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0) return attributes[1];
    return "";
}

static void on_element(void *self, const char *name, const char **attributes)
{
    struct stanza_reader *reader = self;
    if (reader->wrong) return;
    if (reader->depth == 0) {
        reader->depth = 1;
        if (strcmp(name, STREAM_SPACE " stream") != 0)
            reader_refuse(reader, "it is no stream of XMPP");
        else
            reader->calls.opened(reader->calls.self, raw_attribute(attributes, "id"));
        return;
    }
    if (!reader->skips && (reader->depth > STANZA_DEPTH || ++reader->elements > STANZA_ELEMENTS))
        reader_skips(reader, "it has too many elements, or they nest too deep");
    if (!reader->skips || reader->depth == 1) {
        struct stanza *stanza = stanza_new(name, attributes);
        if (reader->depth > 1) g_ptr_array_add(reader->open[reader->depth - 2]->children, stanza);
        reader->open[reader->depth - 1] = stanza;
    }
    reader->depth++;
}

/* The stanza is whole: it is handed over, and is no more. */
static void on_element_end(void *self, const char *name)
{
    struct stanza_reader *reader = self;
    (void)name;
    if (reader->wrong) return;
    assert(reader->depth > 0);
    if (--reader->depth > 1) return;
    if (reader->depth == 0) {
        reader->calls.closed(reader->calls.self);
        return;
    }
    struct stanza *stanza = reader->open[0];
    reader->open[0] = NULL;
    stanza->skipped = reader->skips;
    reader->elements = 0, reader->pending = 0, reader->skips = NULL;
    reader->calls.came(reader->calls.self, stanza);
    stanza_free(stanza);
}

/* Between stanzas a server may send blanks, which say that it is there. */
static void on_characters(void *self, const char *text, int length)
{
    struct stanza_reader *reader = self;
    if (reader->wrong) return;
    if (reader->depth > 1) {
        if (!reader->skips) g_string_append_len(reader->open[reader->depth - 2]->text, text, length);
        return;
    }
    for (int i = 0; i < length; i++)
        if (!g_ascii_isspace(text[i])) {
            reader_refuse(reader, "there is text between stanzas");
            return;
        }
    reader->pending = 0;
}

static void on_doctype(void *self, const char *name, const char *system, const char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    reader_refuse(self, "it has a DOCTYPE");
}

static void on_comment(void *self, const char *text)
{
    (void)text;
    reader_refuse(self, "it has a comment");
}

static void reader_on_instruction(void *self, const char *target, const char *text)
{
    (void)target, (void)text;
    reader_refuse(self, "it has a processing instruction");
}

struct stanza_reader *stanza_reader_new(const struct stanza_calls *calls)
{
    struct stanza_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->calls = *calls;
    reader->parser = XML_ParserCreateNS("UTF-8", ' ');
    if (!reader->parser) abort();
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_element, on_element_end);
    XML_SetCharacterDataHandler(reader->parser, on_characters);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
    XML_SetCommentHandler(reader->parser, on_comment);
    XML_SetProcessingInstructionHandler(reader->parser, reader_on_instruction);
    return reader;
}

void stanza_reader_free(struct stanza_reader *reader)
{
    if (!reader) return;
    stanza_free(reader->open[0]);
    XML_ParserFree(reader->parser);
    free(reader);
}

/* Small slices: a stanza is skipped soon behind the limit. Larger ones then: expat reads an element that does not end
 * from its beginning with each of them. */
bool stanza_reader_feed(struct stanza_reader *reader, const char *bytes, size_t length, char *why, size_t why_size)
{
    for (size_t at = 0; at < length && !reader->wrong;) {
        size_t slice = MIN(length - at, (size_t)(reader->skips ? SLICE_SKIPPED : SLICE));
        reader->pending += slice;
        if (reader->pending > STANZA_BYTES && !reader->skips && reader->depth > 0)
            reader_skips(reader, "it is too long");
        if (reader->pending > (reader->depth > 0 ? STANZA_MOST : STANZA_BYTES))
            reader->wrong = "a stanza is too long";
        else if (XML_Parse(reader->parser, bytes + at, (int)slice, 0) == XML_STATUS_ERROR && !reader->wrong)
            reader->wrong = XML_ErrorString(XML_GetErrorCode(reader->parser));
        at += slice;
    }
    return !reader->wrong || why_set(why, why_size, "%s", reader->wrong);
}

/* ---- writing ---- */

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\r':
        return "&#13;"; /* a reader takes a bare one for the end of a line */
    default:
        return NULL;
    }
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
        const char *entity = entity_of(*c);
        if (entity)
            g_string_append(to, entity);
        else if (is_no_character(c))
            g_string_append(to, "\xef\xbf\xbd");
        else
            g_string_append_len(to, c, g_utf8_next_char(c) - c);
    }
}

/* A reader takes the end of a line in an attribute for a blank, so that it is written by its number. */
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
