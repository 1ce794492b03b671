/* runtime/sources/body.h - The bodies that endpoints are sent and answer: key-value lists as JSON, and back;
 * answers also from a text or XML.
 *
 * A server's answer is hostile: its size is bounded by the caller, its depth and its values here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/vocabulary/kv.h"

enum { BODY_VALUE_ROOM = 64 };

/* Writes the arguments as a JSON object, without those in `skip` (a bit for each position). Malloc'ed. */
char *body_write(struct span args, uint32_t skip);

/* The form in which a server answers: FORM(word of the setting `answer`, types that we accept then). */
#define BODY_FORMS(FORM)                                                                                               \
    FORM(json, "application/json") FORM(text, "text/plain, */*") FORM(xml, "text/xml, application/xml, */*")
enum body_form {
#define FORM(word, types) BODY_##word,
    BODY_FORMS(FORM)
#undef FORM
};
/* Finds the form of that name. False: there is none. */
bool body_form_named(const char *word, enum body_form *);

/* Reads a body and puts its value into the list as "answer"; an empty body is none. `at`: in XML the path to the value
 * (body_xml.h). Returns NULL, or in words why the body cannot be read. */
const char *body_read(enum body_form, const char *at, const char *text, size_t length, struct kv *);

void body_moment(int64_t us, char room[BODY_VALUE_ROOM]); /* writes a time as text */
/* Gives a scalar as the text for a URL, before it is encoded: in `room`, or the value's own text. False: the value is
 * no scalar. */
bool body_plain(const struct kv_value *, char room[BODY_VALUE_ROOM], struct span *text);
