/* runtime/sources/body_xml.h - The bodies of services that use XML, such as SOAP: read into values of jansson, and
 * written from a template. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "runtime/vocabulary/kv.h"

enum { BODY_XML_DEPTH_MAX = 32, BODY_XML_NODES_MAX = 20000 };

/* Reads the element at the path `at`, such as "Envelope/Body/FindResponse"; "": the root. Names come without prefix.
 * An element with child elements or attributes becomes an object, in which its own text is "text"; several children
 * of one name become an array; an element with xsi:nil becomes null, any other becomes its text. NULL with the
 * reason; else the caller frees the value. */
json_t *body_xml_read(const char *bytes, size_t length, const char *at, const char **wrong);

/* Returns NULL if the text is a good template; else a sentence about what is wrong with its braces. */
const char *body_xml_wrong(const char *form);

/* Fills the template: each {name} is replaced by that argument, escaped; {{ and }} become braces. Malloc'ed; NULL
 * with the reason: the template names an argument that is missing or is a list. */
char *body_xml_fill(const char *form, struct span args, const char **wrong);
