/* runtime/sources/body_xml.h - The bodies of services that speak XML, SOAP among them: read into values of jansson, and
 * written from a template. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "runtime/vocabulary/kv.h"

enum { BODY_XML_DEPTH_MAX = 32, BODY_XML_NODES_MAX = 20000 };

/* Reads the element at the path `at`, as "Envelope/Body/FindResponse"; "": the root. Names come without prefix. An
 * element with others in it, or with attributes, is an object, in which its own text is called "text"; several of one
 * name in it are an array; one that says xsi:nil is null, any other is its text. NULL with the reason in words; else
 * the value, which belongs to the caller. */
json_t *body_xml_read(const char *bytes, size_t length, const char *at, const char **wrong);

/* Returns NULL if the text is a template; else says in words what is wrong with its braces. */
const char *body_xml_wrong(const char *form);

/* Fills the template: each {name} becomes that argument, escaped; {{ and }} are braces. Malloc'ed; NULL with the reason
 * in words: the template names an argument that is not there, or one that is a list. */
char *body_xml_fill(const char *form, struct span args, const char **wrong);
