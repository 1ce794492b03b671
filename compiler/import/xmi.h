/* compiler/import/xmi.h - Documents of other tools: attributes and children by their names without prefixes. */
#pragma once

#include "runtime/xml/xml.h"

extern const struct xml_bounds xmi_bounds;

/* The attribute's name, without its prefix; "is" for xmi:type and xsi:type, which say what an element is, beside an
 * attribute `type` of the element's own. Borrowed. */
const char *xmi_attribute_name(const char *name);
/* The value; NULL where there is no such attribute. */
const char *xmi_value(const struct xml_node *, const char *name);
