/* runtime/adapters/mms/mended.h - XML of providers and handsets, read as far as it can be, within the bounds of
 * limits.def.
 *
 * No document is refused for a prefix that is not declared, a bare `&` or `<`, a reference to half an emoji or to a
 * control, or an encoding that is not the declared one: there are providers that send them. It has no entities besides
 * the five of XML: a reference to another one is text, and a document type with declarations of its own is refused.
 * Nothing is ever fetched. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/xml/xml.h"

enum {
#define LIMIT(name, number, doc) MMS_##name##_MAX = number,
#include "runtime/adapters/mms/limits.def"
};

/* Reads XML into a tree whose names have no prefixes; NULL with the reason. `*mended`: the bytes were not well-formed,
 * and were read all the same. */
struct xml_node *mended_read(const char *bytes, size_t length, bool *mended, char *why, size_t why_size);
/* The value of the attribute, whatever its prefix and its case; NULL: there is none. */
const char *mended_attribute(const struct xml_node *, const char *name);
/* Appends the text, in UTF-8, as the content of an element. Whoever reads the element gets the same text. */
void mended_put(GString *, const char *text);
