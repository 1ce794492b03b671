/* compiler/import/xmi.c - Finds attributes and children in the tree of a document. */
#include "compiler/import/xmi.h"

#include <string.h>

const struct xml_bounds xmi_bounds = {.bytes = 32 * 1024 * 1024, .depth = 200, .elements = 500000};

const char *xmi_attribute_name(const char *name)
{
    return strcmp(name, "xmi:type") == 0 || strcmp(name, "xsi:type") == 0 ? "is" : xml_local_name(name);
}

const char *xmi_value(const struct xml_node *element, const char *name)
{
    for (const char *const *at = element->attributes; *at; at += 2)
        if (strcmp(xmi_attribute_name(at[0]), name) == 0) return at[1];
    return NULL;
}
