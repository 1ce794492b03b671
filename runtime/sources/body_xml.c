/* runtime/sources/body_xml.c - Makes values of XML, ignoring namespaces: prefixes of names are dropped.
 *
 *     <s:Body><r:Parcel no="1"><state>lost</state><tag>a</tag><tag>b</tag></r:Parcel></s:Body>
 *
 *     at "Body/Parcel":     {"no": "1", "state": "lost", "tag": ["a", "b"]}
 *
 * A document type declaration is refused with all its contents. */
#include "runtime/sources/body_xml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/body.h"
#include "base/memory.h"
#include "runtime/xml/xml.h"

/* The endpoint limits the number of bytes. */
static const struct xml_bounds body_bounds = {
    .bytes = INT_MAX, .depth = BODY_XML_DEPTH_MAX, .elements = BODY_XML_NODES_MAX};

/* Adds a member, and takes ownership of its value; a second member of the same name makes an array of both. */
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

static void xml_add_attributes(json_t *members, const struct xml_node *node, bool *nil)
{
    for (const char *const *at = node->attributes; *at; at += 2) {
        const char *name = xml_local_name(at[0]);
        if (strncmp(at[0], "xmlns", 5) == 0) continue;
        if (strcmp(name, "nil") == 0) *nil = strcmp(at[1], "false") != 0;
        /* attributes with a prefix, such as xsi:type, are left out */
        if (name == at[0]) xml_add(members, name, json_string(at[1]));
    }
}

/* The value of an element; the caller frees it. Text next to child elements becomes a member, too. NULL: a text in
 * the element is not UTF-8. */
static json_t *xml_value(const struct xml_node *node)
{
    const char *text = node->text, *end = text + node->length;
    json_t *members = json_object(), *value;
    bool nil = false, whole = true;
    xml_add_attributes(members, node, &nil);
    for (const struct xml_node *child = node->first; child; child = child->next)
        if ((value = xml_value(child)))
            xml_add(members, child->name, value);
        else
            whole = false;
    while (text < end && memchr(" \t\r\n", *text, 4)) text++;
    while (text < end && memchr(" \t\r\n", end[-1], 4)) end--;
    bool plain = json_object_size(members) == 0;
    if (!plain && end > text && !nil) xml_add(members, "text", json_stringn(text, (size_t)(end - text)));
    value = !whole ? NULL : nil ? json_null() : plain ? json_stringn(text, (size_t)(end - text)) : json_incref(members);
    json_decref(members);
    return value;
}

/* Finds the element at the path; if several have a name of the path, the first is used. The element is not copied;
 * NULL: there is no such element. */
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
    struct xml_fault fault;
    struct xml_node *tree = xml_tree(bytes, length, &body_bounds, &fault);
    json_t *root = json_object(), *value = tree ? xml_value(tree) : NULL;
    if (value) json_object_set_new(root, tree->name, value);
    json_t *found = value ? xml_at(root, *at != '\0' ? at : tree->name) : NULL;
    if (!found)
        *wrong = value          ? "it does not have the element of `at`"
                 : tree         ? "a text in it is not UTF-8"
                 : fault.broken ? "it is no XML"
                                : fault.why;
    json_incref(found);
    json_decref(root);
    xml_free(tree);
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

/* Writes a text into XML; a control character is not allowed there, and becomes a blank. */
static void fill_escaped(struct filled *filled, struct span text)
{
    for (uint32_t i = 0; i < text.length; i++) {
        const char *as = xml_entity((char)text.bytes[i]);
        if (text.bytes[i] < ' ' && text.bytes[i] != '\n' && text.bytes[i] != '\t') as = " ";
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
        if (pair.value.tag == KV_NONE) return NULL; /* an argument that is none has no text */
        if (!body_plain(&pair.value, room, &plain)) return "a list or a record cannot stand in a request of XML";
        fill_escaped(filled, plain);
        return NULL;
    }
    return "the request's file names an argument that the endpoint does not have";
}

/* Fills the template. `checked`: only the form is checked, without arguments. */
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
