/* runtime/adapters/mms/xml.h - XML of providers and handsets, read as far as it can be, within the bounds of
 * limits.def.
 *
 * No document is refused for a prefix that is not declared, a bare `&` or `<`, a reference to half an emoji or to a
 * control, or an encoding that is not the declared one: there are providers that send them. It has no entities besides
 * the five of XML: a reference to another one is text, and a document type with declarations of its own is refused.
 * Nothing is ever fetched. */
#ifndef MMS_XML_H
#define MMS_XML_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum {
#define LIMIT(name, number, doc) MMS_##name##_MAX = number,
#include "runtime/adapters/mms/limits.def"
};

struct xml_calls { /* names of elements come without prefix; texts are UTF-8, borrowed */
    void *self;
    void (*begin)(void *self, const char *name, const char *const *attributes);
    void (*end)(void *self, const char *name);
    void (*text)(void *self, const char *bytes, size_t length);
};

/* False with the reason: it was read only so far. `*mended`: it is no XML as it stands. */
bool xml_read(const char *bytes, size_t length, const struct xml_calls *, bool *mended, char *why, size_t why_size);
/* The value of the attribute, whatever its prefix and its case; NULL: there is none. */
const char *xml_attribute(const char *const *attributes, const char *name);
const char *xml_local_name(const char *name);
/* Appends a text of UTF-8 as the content of an element, which is read back as it is. */
void xml_put(GString *, const char *text);

#endif
