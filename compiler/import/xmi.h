/* compiler/import/xmi.h - Reads documents of other tools: attributes and children by their names without prefixes. */
#pragma once

#include "runtime/xml/xml.h"

extern const struct xml_bounds xmi_bounds;

/* Returns an attribute's name without its prefix; "is" for xmi:type and xsi:type, which tell the kind of an element,
 * as an element may also have an attribute `type`. Borrowed. */
const char *xmi_attribute_name(const char *name);
/* Returns the attribute's value; NULL where there is no such attribute. */
const char *xmi_value(const struct xml_node *, const char *name);
