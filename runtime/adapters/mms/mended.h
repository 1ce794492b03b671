/* runtime/adapters/mms/mended.h - Reads XML of providers and telephones, repaired if needed, within the limits of
 * limits.def.
 *
 * No document is refused for an undeclared prefix, a bare `&` or `<`, a reference to half an emoji or to a control
 * character, or another encoding than the declared one: some providers send such documents. Only the five entities
 * of XML are known: a reference to another one becomes text, and a document type with declarations of its own is
 * refused. Nothing is ever fetched. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/xml/xml.h"

enum {
#define LIMIT(name, number, doc) MMS_##name##_MAX = number,
#include "runtime/adapters/mms/limits.def"
};

/* Reads XML into a tree whose names have no prefixes; NULL with the reason. `*mended`: the bytes were not
 * well-formed, and had to be repaired. */
struct xml_node *mended_read(const char *bytes, size_t length, bool *mended, char *why, size_t why_size);
/* Returns the value of the attribute, with any prefix and in any case; NULL: there is none. */
const char *mended_attribute(const struct xml_node *, const char *name);
/* Appends the text, in UTF-8, as the content of an element. A reader of the element gets the same text. */
void mended_put(GString *, const char *text);
