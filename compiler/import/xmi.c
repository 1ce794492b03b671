/* compiler/import/xmi.c - Builds the tree from what libexpat reads. */
#include "compiler/import/xmi.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/vocabulary/why.h"

struct xmi_growing {
    struct arena *arena;
    XML_Parser parser;
    struct xmi_element root; /* stands above the document's own root */
    struct xmi_element *open[IMPORT_XMI_DEPTH + 1];
    struct {
        char *bytes;
        size_t length, room;
    } texts[IMPORT_XMI_DEPTH + 1];
    unsigned depth, elements;
    const char *wrong;
};

static const char *xmi_without_prefix(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static void xmi_stop(struct xmi_growing *growing, const char *why)
{
    if (!growing->wrong) growing->wrong = why;
    XML_StopParser(growing->parser, XML_FALSE);
}

/* XMI says what an element is by xmi:type or xsi:type, beside an attribute `type` of the element's own. */
static const char *xmi_attribute_name(struct arena *arena, const char *name)
{
    if (strcmp(name, "xmi:type") == 0 || strcmp(name, "xsi:type") == 0) return "is";
    const char *bare = xmi_without_prefix(name);
    return arena_intern(arena, bare, strlen(bare));
}

static void xmi_begin(void *self, const char *name, const char **attributes)
{
    struct xmi_growing *growing = self;
    if (growing->wrong) return;
    if (growing->depth >= IMPORT_XMI_DEPTH) {
        xmi_stop(growing, "elements stand too deep in each other");
        return;
    }
    if (++growing->elements > IMPORT_XMI_ELEMENTS) {
        xmi_stop(growing, "it has too many elements");
        return;
    }
    struct xmi_element *element = ARENA_NEW(growing->arena, struct xmi_element), *above = growing->open[growing->depth];
    const char *bare = xmi_without_prefix(name);
    element->name = arena_intern(growing->arena, bare, strlen(bare));
    element->text = "";
    element->line = (uint32_t)XML_GetCurrentLineNumber(growing->parser);
    struct xmi_attribute **end = &element->attributes;
    for (; attributes[0]; attributes += 2) {
        *end = ARENA_NEW(growing->arena, struct xmi_attribute);
        (*end)->name = xmi_attribute_name(growing->arena, attributes[0]);
        (*end)->value = arena_copy(growing->arena, attributes[1], strlen(attributes[1]));
        end = &(*end)->next;
    }
    if (above->last)
        above->last->next = element;
    else
        above->first = element;
    above->last = element;
    growing->open[++growing->depth] = element;
    growing->texts[growing->depth].length = 0;
}

static void xmi_end(void *self, const char *name)
{
    struct xmi_growing *growing = self;
    (void)name;
    if (growing->wrong) return;
    assert(growing->depth > 0);
    unsigned depth = growing->depth--;
    if (growing->texts[depth].length > 0)
        growing->open[depth]->text =
            arena_copy(growing->arena, growing->texts[depth].bytes, growing->texts[depth].length);
}

static void xmi_characters(void *self, const char *bytes, int length)
{
    struct xmi_growing *growing = self;
    if (growing->wrong || growing->depth == 0) return;
    size_t count = (size_t)length, wanted = growing->texts[growing->depth].length + count;
    if (wanted > growing->texts[growing->depth].room) {
        char *grown = realloc(growing->texts[growing->depth].bytes, 2 * wanted);
        if (!grown) abort();
        growing->texts[growing->depth].bytes = grown;
        growing->texts[growing->depth].room = 2 * wanted;
    }
    memcpy(growing->texts[growing->depth].bytes + growing->texts[growing->depth].length, bytes, count);
    growing->texts[growing->depth].length = wanted;
}

static void xmi_doctype(void *self, const char *name, const char *system, const char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    xmi_stop(self, "it has a document type, which no file of Composer has");
}

/* Eclipse writes ASCII where everybody else writes US-ASCII. */
static int xmi_encoding(void *self, const char *name, XML_Encoding *encoding)
{
    (void)self;
    if (strcasecmp(name, "ASCII") != 0) return XML_STATUS_ERROR;
    for (int i = 0; i < 256; i++) encoding->map[i] = i < 128 ? i : -1;
    encoding->data = NULL, encoding->convert = NULL, encoding->release = NULL;
    return XML_STATUS_OK;
}

struct xmi_element *xmi_tree(struct arena *arena, const char *bytes, size_t length, char *why, size_t why_size)
{
    if (length > IMPORT_XMI_BYTES) {
        why_set(why, why_size, "it has more than %d MB", IMPORT_XMI_BYTES / 1024 / 1024);
        return NULL;
    }
    struct xmi_growing *growing = calloc(1, sizeof *growing);
    if (!growing || !(growing->parser = XML_ParserCreate(NULL))) abort();
    growing->arena = arena;
    growing->open[0] = &growing->root;
    XML_SetUserData(growing->parser, growing);
    XML_SetElementHandler(growing->parser, xmi_begin, xmi_end);
    XML_SetCharacterDataHandler(growing->parser, xmi_characters);
    XML_SetUnknownEncodingHandler(growing->parser, xmi_encoding, NULL);
    XML_SetStartDoctypeDeclHandler(growing->parser, xmi_doctype);
    bool good = XML_Parse(growing->parser, bytes, (int)length, 1) == XML_STATUS_OK && !growing->wrong;
    if (!good)
        why_set(why, why_size, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(growing->parser),
                growing->wrong ? growing->wrong : XML_ErrorString(XML_GetErrorCode(growing->parser)));
    struct xmi_element *root = good ? growing->root.first : NULL;
    for (unsigned i = 0; i <= IMPORT_XMI_DEPTH; i++) free(growing->texts[i].bytes);
    XML_ParserFree(growing->parser);
    free(growing);
    return root;
}

const char *xmi_value(const struct xmi_element *element, const char *name)
{
    for (const struct xmi_attribute *attribute = element->attributes; attribute; attribute = attribute->next)
        if (strcmp(attribute->name, name) == 0) return attribute->value;
    return NULL;
}

const struct xmi_element *xmi_child(const struct xmi_element *from, const char *name)
{
    while (from && strcmp(from->name, name) != 0) from = from->next;
    return from;
}
