/* tests/fuzz/fuzz_stanza.c - Any bytes as a stream of XMPP, in pieces of any size, and as a document: what is read is
 * UTF-8 and bounded, and is written so that it is read back as it was.
 *
 * The first byte: the size of the pieces. */
#include <glib.h>
#include <string.h>

#include "runtime/adapters/im/content.h"
#include "runtime/adapters/im/stanza.h"
#include "tests/fuzz/fuzz.h"

static unsigned measure(const struct xml_node *stanza, unsigned depth)
{
    unsigned count = 1;
    MUST(depth <= STANZA_DEPTH && *stanza->name && g_utf8_validate(stanza->text, -1, NULL));
    MUST(stanza->length <= STANZA_BYTES + 4096 && strlen(stanza->text) == stanza->length);
    for (const struct xml_node *child = stanza->first; child; child = child->next) {
        MUST(child->above == stanza);
        count += measure(child, depth + 1);
    }
    return count;
}

static const char *see_id(void *self, const struct xml_node *stream)
{
    const char *id = stanza_stream_id(stream);
    (void)self;
    MUST(!id || g_utf8_validate(id, -1, NULL));
    return id ? NULL : "it is no stream of XMPP";
}

static void see_same(void *self, const struct xml_node *stanza)
{
    const struct xml_node *first = self;
    MUST(strcmp(stanza->text, first->text) == 0);
    MUST(strcmp(xml_attribute(stanza, "a"), first->text) == 0);
}

static void see_end(void *self)
{
    (void)self;
}

/* Expat refuses what XML cannot have, so that a text that was read can be written. */
static void write_again(const struct xml_node *stanza)
{
    struct xml_calls calls = {(void *)stanza, see_id, see_same, see_end};
    struct xml_stream *reader = xml_stream_new(&stanza_bounds, &calls);
    GString *text = g_string_new("<s:stream xmlns:s='http://etherx.jabber.org/streams'><m");
    stanza_put_attribute(text, "a", stanza->text);
    g_string_append(text, ">");
    stanza_put_text(text, stanza->text);
    g_string_append(text, "</m>");
    if (stanza->length < STANZA_BYTES / 16) MUST(!xml_stream_feed(reader, text->str, text->len));
    xml_stream_free(reader);
    g_string_free(text, TRUE);
}

/* What a message consists of: no content is about a message without a name, and one that is about another one has no
 * words of its own but a text or signs. */
static void see_content(const struct xml_node *stanza)
{
    struct stanza_content content;
    stanza_content(stanza, &content);
    const struct said_content *said = &content.said;
    bool about =
        said->kind == message_kind_deletion || said->kind == message_kind_edit || said->kind == message_kind_reaction;
    MUST(about == (said->of != NULL) && content.text && g_utf8_validate(content.text, -1, NULL));
    MUST(said->kind != message_kind_deletion || !*content.text);
    MUST(said->kind != message_kind_edit || *content.text);
    stanza_content_clear(&content);
}

static void see_stanza(void *self, const struct xml_node *stanza)
{
    (void)self;
    MUST(measure(stanza, 1) <= STANZA_ELEMENTS + 1);
    write_again(stanza);
    see_content(stanza);
}

/* The same bytes as a document, with prefixes as they stand. */
static void see_document(const char *bytes, size_t length)
{
    struct xml_bounds bounds = {.bytes = STANZA_BYTES, .depth = STANZA_DEPTH, .elements = STANZA_ELEMENTS};
    struct xml_fault fault;
    struct xml_node *tree = xml_tree(bytes, length, &bounds, &fault);
    MUST(tree ? !tree->next && measure(tree, 1) <= STANZA_ELEMENTS : *fault.why != '\0');
    xml_free(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xml_calls calls = {NULL, see_id, see_stanza, see_end};
    if (size == 0) return 0;
    size_t piece = (size_t)data[0] + 1;
    struct xml_stream *reader = xml_stream_new(&stanza_bounds, &calls);
    for (size_t at = 1; at < size; at += piece)
        if (xml_stream_feed(reader, (const char *)data + at, MIN(piece, size - at))) break;
    xml_stream_free(reader);
    see_document((const char *)data + 1, size - 1);
    return 0;
}
