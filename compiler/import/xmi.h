/* compiler/import/xmi.h - A document of another tool as a tree: elements with their attributes, texts and lines.
 *
 * Names come without their prefixes; everything is in the arena. There are no document types and no entities besides
 * the five of XML, nothing is fetched, and size, depth and number are bounded: whoever sends a file may be hostile. */
#ifndef IMPORT_XMI_H
#define IMPORT_XMI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/arena.h"

enum { IMPORT_XMI_BYTES = 32 * 1024 * 1024, IMPORT_XMI_DEPTH = 200, IMPORT_XMI_ELEMENTS = 500000 };

struct xmi_attribute {
    const char *name, *value;
    struct xmi_attribute *next;
};

struct xmi_element {
    const char *name, *text; /* the text that stands in it, children left out; "" where there is none */
    uint32_t line;
    struct xmi_attribute *attributes;
    struct xmi_element *first, *last, *next; /* its children, and the next one beside it */
};

/* The root; NULL with the reason and the line where the bytes are no such document. */
struct xmi_element *xmi_tree(struct arena *, const char *bytes, size_t length, char *why, size_t why_size);

/* The value; NULL where there is no such attribute. `type` is that of XMI before any other. */
const char *xmi_value(const struct xmi_element *, const char *name);
/* The first child of the name at or behind `from`, which is a child or NULL; NULL: there is none. */
const struct xmi_element *xmi_child(const struct xmi_element *from, const char *name);

#endif
