/* runtime/xml/xml.c - Builds trees from the XML that libexpat reads. A document is read like a stream with a single
 * tree, but without the stream's outer element that stays open.
 *
 *     document   xml_tree(): one tree, or NULL with the reason and the line
 *     stream     <stream>                opened(): the element that stays open
 *                  <message>..</message> came(): a tree, freed after the call
 *                  <presence/>           came()
 *                </stream>               closed()
 *
 * The limits on depth, elements and bytes apply to each tree. A document beyond the limits is refused; in a stream
 * such a tree is skipped, and came() gets its outermost element with the reason, so that the peer can be answered. A
 * document type that defines entities is refused (a few lines of them can expand to gigabytes). */
#include "runtime/xml/xml.h"

#include <assert.h>
#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SLICE = 1024, SLICE_SKIPPED = 16384 };

struct xml_stream {
    const struct xml_bounds *bounds;
    struct xml_calls calls; /* `came` NULL: the bytes are one document */
    XML_Parser parser;
    struct xml_node *root, *open; /* of the tree being read: its outermost element, and the innermost open one */
    unsigned depth, elements;     /* of the tree */
    size_t pending;               /* bytes received since the end of the last tree */
    bool begun;                   /* true: the stream's outer element has begun */
    const char *skips;            /* why the rest of the tree is skipped; NULL: it is not skipped */
    const char *wrong;            /* why the bytes are refused; NULL: they are not */
};

/* ---- nodes ---- */

void xml_free(struct xml_node *node)
{
    while (node) {
        struct xml_node *next = node->next;
        xml_free(node->first); /* recursion is as deep as the limits allow */
        if (node->room > 0) free(node->text);
        free(node);
        node = next;
    }
}

static char *xml_copy(char **room, const char *bytes, size_t length)
{
    char *copy = memcpy(*room, bytes, length);
    copy[length] = '\0';
    *room += length + 1;
    return copy;
}

/* Makes a node; the node and its names are one allocation. Expat gives a name as `SPACE NAME`, or without a name
 * space. */
static struct xml_node *xml_node_new(const char *name, const char **attributes)
{
    const char *blank = strrchr(name, ' ');
    const char *local = blank ? blank + 1 : xml_local_name(name);
    size_t space = blank ? (size_t)(blank - name) : 0, bytes = strlen(local) + space + 2, count = 0;
    for (; attributes[count]; count++) bytes += strlen(attributes[count]) + 1;
    struct xml_node *node = memory_zeroed(1, sizeof *node + (count + 1) * sizeof(char *) + bytes);
    const char **copies = (void *)(node + 1);
    char *room = (char *)(copies + count + 1);
    node->name = xml_copy(&room, local, strlen(local));
    node->space = xml_copy(&room, name, space);
    for (size_t i = 0; i < count; i++) copies[i] = xml_copy(&room, attributes[i], strlen(attributes[i]));
    node->attributes = copies;
    node->text = room - 1; /* the zero of the last copied text: "" */
    return node;
}

/* Adds text to a node; the memory doubles, so that a text in many pieces is not copied for each of them. */
static void xml_node_text(struct xml_node *node, const char *bytes, size_t length)
{
    if (node->length + length + 1 > node->room) {
        node->room = 2 * (node->length + length + 1);
        node->text = memory_grown(node->length > 0 ? node->text : NULL, node->room, 1);
    }
    memcpy(node->text + node->length, bytes, length);
    node->text[node->length += length] = '\0';
}

const char *xml_local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon && colon[1] ? colon + 1 : name; /* without name spaces Expat takes "a:" for a name */
}

const char *xml_attribute(const struct xml_node *node, const char *name)
{
    for (const char *const *at = node->attributes; *at; at += 2)
        if (strcmp(at[0], name) == 0) return at[1];
    return NULL;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name, const char *space)
{
    for (const struct xml_node *child = node->first; child; child = child->next)
        if (strcmp(child->name, name) == 0 && (!space || strcmp(child->space, space) == 0)) return child;
    return NULL;
}

const char *xml_child_text(const struct xml_node *node, const char *name, const char *space)
{
    const struct xml_node *child = xml_child(node, name, space);
    return child ? child->text : "";
}

const char *xml_entity(char c)
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
    default:
        return NULL;
    }
}

/* ---- reading ---- */

static void xml_refuse(struct xml_stream *stream, const char *why)
{
    if (!stream->wrong) stream->wrong = why;
    XML_StopParser(stream->parser, XML_FALSE);
}

/* The tree is beyond a limit: skips the rest of it and keeps only its outermost element; a document is refused. */
static void xml_beyond(struct xml_stream *stream, const char *why)
{
    struct xml_node *root = stream->root;
    if (!stream->calls.came) {
        xml_refuse(stream, why);
        return;
    }
    stream->skips = why;
    if (!root) return;
    xml_free(root->first);
    root->first = root->last = NULL;
    if (root->length > 0) root->text[root->length = 0] = '\0';
    stream->open = root;
}

/* An element begins: adds its node after the last child of the open element, which `last` points to. */
static void xml_on_begin(void *self, const char *name, const char **attributes)
{
    struct xml_stream *stream = self;
    if (stream->wrong) return;
    if (stream->calls.came && !stream->begun) {
        struct xml_node *head = xml_node_new(name, attributes);
        const char *wrong = stream->calls.opened(stream->calls.self, head);
        stream->begun = true;
        xml_free(head);
        if (wrong) xml_refuse(stream, wrong);
        return;
    }
    stream->depth++;
    if (!stream->skips && stream->depth > stream->bounds->depth)
        xml_beyond(stream, "its elements nest too deep");
    else if (!stream->skips && ++stream->elements > stream->bounds->elements)
        xml_beyond(stream, "it has too many elements");
    if (stream->wrong || (stream->skips && stream->root)) return;
    struct xml_node *node = xml_node_new(name, attributes), *above = stream->open;
    node->line = (uint32_t)XML_GetCurrentLineNumber(stream->parser);
    node->above = above;
    if (!above)
        stream->root = node;
    else if (above->last)
        above->last = above->last->next = node;
    else
        above->last = above->first = node;
    stream->open = node;
}

/* An element ends. The tree is removed from the stream before came() is called. */
static void xml_on_end(void *self, const char *name)
{
    struct xml_stream *stream = self;
    (void)name;
    if (stream->wrong) return;
    if (stream->depth == 0) {
        stream->calls.closed(stream->calls.self);
        return;
    }
    if (!stream->skips) stream->open = stream->open->above;
    if (--stream->depth > 0 || !stream->calls.came) return;
    struct xml_node *root = stream->root;
    root->skipped = stream->skips;
    stream->root = stream->open = NULL;
    stream->elements = 0, stream->pending = 0, stream->skips = NULL;
    stream->calls.came(stream->calls.self, root);
    xml_free(root);
}

/* Adds text to the open element; between trees only white space is allowed, which a peer may send to show that it is
 * alive. */
static void xml_on_text(void *self, const char *bytes, int length)
{
    struct xml_stream *stream = self;
    if (stream->wrong || stream->skips) return;
    if (stream->depth > 0) {
        xml_node_text(stream->open, bytes, (size_t)length);
        return;
    }
    for (int i = 0; i < length; i++)
        if (!strchr(" \t\r\n", bytes[i])) {
            xml_refuse(stream, "there is text between stanzas");
            return;
        }
    stream->pending = 0;
}

static void xml_on_doctype(void *self, const char *name, const char *system, const char *public, int internal)
{
    struct xml_stream *stream = self;
    (void)name, (void)system, (void)public;
    if (internal || !stream->bounds->doctype) xml_refuse(stream, "it has a document type");
}

static void xml_on_comment(void *self, const char *text)
{
    (void)text;
    xml_refuse(self, "it has a comment");
}

static void xml_on_instruction(void *self, const char *target, const char *text)
{
    (void)target, (void)text;
    xml_refuse(self, "it has a processing instruction");
}

/* Accepts the encoding name ASCII, which Eclipse writes instead of US-ASCII. */
static int xml_on_encoding(void *self, const char *name, XML_Encoding *encoding)
{
    (void)self;
    if (strcasecmp(name, "ASCII") != 0) return XML_STATUS_ERROR;
    for (int i = 0; i < 256; i++) encoding->map[i] = i < 128 ? i : -1;
    encoding->data = NULL, encoding->convert = NULL, encoding->release = NULL;
    return XML_STATUS_OK;
}

/* Newer versions of expat, and Debian's since deb12u2, wait for more bytes before they report what has arrived: a
 * stanza of a stream would be seen late or never. With this switched off, our limits keep a long token from being
 * parsed again and again. */
extern XML_Bool XML_SetReparseDeferralEnabled(XML_Parser, XML_Bool) __attribute__((weak));

static void xml_open(struct xml_stream *stream)
{
    const char *encoding = stream->bounds->utf8 ? "UTF-8" : NULL;
    stream->parser = stream->bounds->spaces ? XML_ParserCreateNS(encoding, ' ') : XML_ParserCreate(encoding);
    if (!stream->parser) abort();
    if (XML_SetReparseDeferralEnabled) (void)XML_SetReparseDeferralEnabled(stream->parser, XML_FALSE);
    XML_SetUserData(stream->parser, stream);
    XML_SetElementHandler(stream->parser, xml_on_begin, xml_on_end);
    XML_SetCharacterDataHandler(stream->parser, xml_on_text);
    XML_SetStartDoctypeDeclHandler(stream->parser, xml_on_doctype);
    XML_SetUnknownEncodingHandler(stream->parser, xml_on_encoding, NULL);
}

/* Reads a document; the caller frees the tree by xml_free(). */
struct xml_node *xml_tree(const char *bytes, size_t length, const struct xml_bounds *bounds, struct xml_fault *fault)
{
    assert(bounds->bytes <= INT_MAX);
    struct xml_stream document = {.bounds = bounds};
    *fault = (struct xml_fault){.why = "it is too long"};
    if (length > bounds->bytes) return NULL;
    xml_open(&document);
    bool good = XML_Parse(document.parser, bytes, (int)length, 1) == XML_STATUS_OK && !document.wrong;
    fault->line = (uint32_t)XML_GetCurrentLineNumber(document.parser);
    fault->broken = !good && !document.wrong;
    fault->why = good ? NULL : document.wrong ? document.wrong : XML_ErrorString(XML_GetErrorCode(document.parser));
    XML_ParserFree(document.parser);
    if (good) return document.root;
    xml_free(document.root);
    return NULL;
}

struct xml_stream *xml_stream_new(const struct xml_bounds *bounds, const struct xml_calls *calls)
{
    assert(calls->opened && calls->came && calls->closed && bounds->most <= INT_MAX);
    struct xml_stream *stream = memory_zeroed(1, sizeof *stream);
    *stream = (struct xml_stream){.bounds = bounds, .calls = *calls};
    xml_open(stream);
    XML_SetCommentHandler(stream->parser, xml_on_comment);
    XML_SetProcessingInstructionHandler(stream->parser, xml_on_instruction);
    return stream;
}

void xml_stream_free(struct xml_stream *stream)
{
    if (!stream) return;
    xml_free(stream->root);
    XML_ParserFree(stream->parser);
    free(stream);
}

/* Feeds bytes to expat in small slices, so that a tree is skipped soon after its limit. While a tree is skipped the
 * slices are larger: expat parses an unfinished element from its beginning for each slice. */
const char *xml_stream_feed(struct xml_stream *stream, const char *bytes, size_t length)
{
    const struct xml_bounds *bounds = stream->bounds;
    for (size_t at = 0; at < length && !stream->wrong;) {
        size_t slice = stream->skips ? SLICE_SKIPPED : SLICE;
        if (slice > length - at) slice = length - at;
        stream->pending += slice;
        if (stream->pending > bounds->bytes && !stream->skips && stream->begun) xml_beyond(stream, "it is too long");
        if (stream->pending > (stream->begun ? bounds->most : bounds->bytes))
            stream->wrong = "a stanza is too long";
        else if (XML_Parse(stream->parser, bytes + at, (int)slice, 0) == XML_STATUS_ERROR && !stream->wrong)
            stream->wrong = XML_ErrorString(XML_GetErrorCode(stream->parser));
        at += slice;
    }
    return stream->wrong;
}
