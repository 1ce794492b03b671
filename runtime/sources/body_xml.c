/* runtime/sources/body_xml.c - Reads XML by libexpat, without namespaces: a prefix is whatever its server takes.
 *
 *   <s:Body><r:Parcel no="1"><state>lost</state><tag>a</tag><tag>b</tag></r:Parcel></s:Body>
 *
 *   at "Body/Parcel":     {"no": "1", "state": "lost", "tag": ["a", "b"]}
 *
 * A document type is refused with all that it may declare, so that nothing is expanded, and nothing fetched. */
#include "runtime/sources/body_xml.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/body.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/memory.h"

struct xml_node {    /* an element that is open */
    json_t *members; /* NULL: none yet */
    char *text;
    size_t length, capacity;
    bool nil;
};

struct xml_walk {
    XML_Parser parser;
    struct xml_node open[BODY_XML_DEPTH_MAX];
    unsigned depth, nodes;
    json_t *root; /* an object with one member */
    const char *wrong;
};

static const char *without_prefix(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static void xml_stop(struct xml_walk *walk, const char *why)
{
    if (!walk->wrong) walk->wrong = why;
    XML_StopParser(walk->parser, XML_FALSE);
}

/* Takes the value over. A second one of a name makes an array of both. */
static void xml_add(json_t *members, const char *name, json_t *value)
{
    json_t *before = json_object_get(members, name);
    if (json_is_array(before)) {
        json_array_append_new(before, value);
    } else if (before) {
        json_t *both = json_array();
        json_array_append(both, before);
        json_array_append_new(both, value);
        json_object_set_new(members, name, both);
    } else {
        json_object_set_new(members, name, value);
    }
}

static void body_xml_begins(void *self, const char *name, const char **attributes)
{
    struct xml_walk *walk = self;
    (void)name;
    if (walk->wrong) return;
    if (walk->depth == BODY_XML_DEPTH_MAX || ++walk->nodes > BODY_XML_NODES_MAX) {
        xml_stop(walk, "it has too many elements");
        return;
    }
    struct xml_node *node = &walk->open[walk->depth++];
    *node = (struct xml_node){0};
    for (; attributes[0]; attributes += 2) {
        if (strncmp(attributes[0], "xmlns", 5) == 0) continue;
        bool of_schema = strcmp(without_prefix(attributes[0]), attributes[0]) != 0; /* xsi:type and the like */
        if (strcmp(without_prefix(attributes[0]), "nil") == 0) node->nil = strcmp(attributes[1], "false") != 0;
        if (of_schema) continue;
        if (!node->members) node->members = json_object();
        xml_add(node->members, attributes[0], json_string(attributes[1]));
    }
}

/* The value of an element that has ended; the caller's. A text beside members is one of them. */
static json_t *xml_value(struct xml_node *node)
{
    const char *text = node->text ? node->text : "", *end = text + node->length;
    while (text < end && memchr(" \t\r\n", *text, 4)) text++;
    while (text < end && memchr(" \t\r\n", end[-1], 4)) end--;
    if (node->nil) return json_null();
    if (!node->members) return json_stringn(text, (size_t)(end - text));
    if (end > text) xml_add(node->members, "text", json_stringn(text, (size_t)(end - text)));
    return json_incref(node->members);
}

static void node_free(struct xml_node *node)
{
    json_decref(node->members);
    free(node->text);
}

static void body_xml_ends(void *self, const char *name)
{
    struct xml_walk *walk = self;
    if (walk->wrong) return;
    assert(walk->depth > 0);
    struct xml_node *node = &walk->open[--walk->depth];
    json_t *value = xml_value(node), **into = walk->depth > 0 ? &walk->open[walk->depth - 1].members : &walk->root;
    node_free(node);
    if (!value) {
        xml_stop(walk, "a text in it is not UTF-8");
        return;
    }
    if (!*into) *into = json_object();
    xml_add(*into, without_prefix(name), value);
}

static void body_xml_text(void *self, const char *bytes, int length)
{
    struct xml_walk *walk = self;
    if (walk->wrong || walk->depth == 0) return;
    struct xml_node *node = &walk->open[walk->depth - 1];
    if (node->length + (size_t)length > node->capacity) {
        node->capacity = 2 * (node->length + (size_t)length);
        node->text = memory_grown(node->text, node->capacity, 1);
    }
    memcpy(node->text + node->length, bytes, (size_t)length);
    node->length += (size_t)length;
}

static void body_xml_doctype(void *self, const char *name, const char *system, const char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    xml_stop(self, "it has a document type");
}

/* The member at the path; of several on the way the first. Borrowed; NULL: there is none. */
static json_t *xml_at(json_t *value, const char *at)
{
    while (value && *at != '\0') {
        size_t length = strcspn(at, "/");
        char name[256];
        if (json_is_array(value)) value = json_array_get(value, 0);
        if (length >= sizeof name) return NULL;
        memcpy(name, at, length);
        name[length] = '\0';
        value = json_object_get(value, name);
        at += length + (at[length] == '/');
    }
    return value;
}

json_t *body_xml_read(const char *bytes, size_t length, const char *at, const char **wrong)
{
    struct xml_walk walk = {.parser = XML_ParserCreate(NULL)};
    if (!walk.parser) abort();
    XML_SetUserData(walk.parser, &walk);
    XML_SetElementHandler(walk.parser, body_xml_begins, body_xml_ends);
    XML_SetCharacterDataHandler(walk.parser, body_xml_text);
    XML_SetStartDoctypeDeclHandler(walk.parser, body_xml_doctype);
    bool good = XML_Parse(walk.parser, bytes, (int)length, 1) == XML_STATUS_OK && !walk.wrong;
    XML_ParserFree(walk.parser);
    while (walk.depth > 0) node_free(&walk.open[--walk.depth]);
    const char *root = good ? json_object_iter_key(json_object_iter(walk.root)) : NULL;
    json_t *found = good ? xml_at(walk.root, *at != '\0' ? at : root) : NULL;
    if (!found) *wrong = good ? "it does not have the element of `at`" : walk.wrong ? walk.wrong : "it is no XML";
    json_incref(found);
    json_decref(walk.root);
    return found;
}

/* ---- writing ---- */

struct filled {
    char *text;
    size_t length, capacity;
};

static void fill_add(struct filled *filled, const char *bytes, size_t length)
{
    if (filled->length + length + 1 > filled->capacity) {
        filled->capacity = 2 * (filled->length + length + 1);
        filled->text = memory_grown(filled->text, filled->capacity, 1);
    }
    memcpy(filled->text + filled->length, bytes, length);
    filled->text[filled->length += length] = '\0';
}

/* A control character cannot stand in XML, and becomes a blank. */
static void fill_escaped(struct filled *filled, struct span text)
{
    for (uint32_t i = 0; i < text.length; i++) {
        const char *as = NULL;
        switch (text.bytes[i]) {
        case '&':
            as = "&amp;";
            break;
        case '<':
            as = "&lt;";
            break;
        case '>':
            as = "&gt;";
            break;
        case '"':
            as = "&quot;";
            break;
        case '\'': /* the form may have its attributes in either kind of quotes */
            as = "&apos;";
            break;
        default:
            if (text.bytes[i] < ' ' && text.bytes[i] != '\n' && text.bytes[i] != '\t') as = " ";
        }
        if (as)
            fill_add(filled, as, strlen(as));
        else
            fill_add(filled, (const char *)&text.bytes[i], 1);
    }
}

static const char *fill_argument(struct filled *filled, struct span args, struct span name)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(args, &at, &pair)) {
        char room[BODY_VALUE_ROOM];
        struct span plain;
        if (pair.key.length != name.length || memcmp(pair.key.bytes, name.bytes, name.length) != 0) continue;
        if (pair.value.tag == KV_NONE) return NULL; /* nothing stands there */
        if (!body_plain(&pair.value, room, &plain)) return "a list or a record cannot stand in a request of XML";
        fill_escaped(filled, plain);
        return NULL;
    }
    return "the request's file names an argument that the endpoint does not have";
}

/* `checked`: no argument is known, and none is looked for. */
static const char *fill_form(struct filled *filled, const char *form, struct span args, bool checked)
{
    const char *wrong = NULL;
    fill_add(filled, "", 0);
    while (*form != '\0' && !wrong) {
        size_t plain = strcspn(form, "{}"), name = form[plain] == '{' ? strcspn(form + plain + 1, "{}") : 0;
        fill_add(filled, form, plain);
        form += plain;
        if (*form == '\0') break;
        if (form[1] == form[0]) {
            fill_add(filled, form, 1);
            form += 2;
        } else if (*form == '}' || form[1 + name] != '}') {
            wrong = "the request's file has a brace that stands alone; write {{ or }}";
        } else {
            struct span named = {(const uint8_t *)form + 1, (uint32_t)name};
            if (!checked) wrong = fill_argument(filled, args, named);
            form += name + 2;
        }
    }
    return wrong;
}

const char *body_xml_wrong(const char *form)
{
    struct filled filled = {0};
    const char *wrong = fill_form(&filled, form, (struct span){0}, true);
    free(filled.text);
    return wrong;
}

char *body_xml_fill(const char *form, struct span args, const char **wrong)
{
    struct filled filled = {0};
    *wrong = fill_form(&filled, form, args, false);
    if (!*wrong) return filled.text;
    free(filled.text);
    return NULL;
}
