/* runtime/sources/body.h - The bodies of requests to endpoints and of their answers: key-value lists as JSON, and
 * back; answers may also be text or XML.
 *
 * An answer of a server may be hostile: the caller limits its size; its depth and its values are limited here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/vocabulary/kv.h"

enum { BODY_VALUE_ROOM = 64 };

/* Writes the arguments as a JSON object, without those in `skip` (one bit for each position). Malloc'ed. */
char *body_write(struct span args, uint32_t skip);

/* The forms of an answer: FORM(word in the setting `answer`, types that the request then accepts). */
#define BODY_FORMS(FORM)                                                                                               \
    FORM(json, "application/json") FORM(text, "text/plain, */*") FORM(xml, "text/xml, application/xml, */*")
enum body_form {
#define FORM(word, types) BODY_##word,
    BODY_FORMS(FORM)
#undef FORM
};
/* Finds the form of that name. False: there is none. */
bool body_form_named(const char *word, enum body_form *);

/* Reads a body and puts its value into the list as "answer"; an empty body gives none. `at`: for XML the path to the
 * value (body_xml.h). Returns NULL, or a sentence why the body cannot be read. */
const char *body_read(enum body_form, const char *at, const char *text, size_t length, struct kv *);

void body_moment(int64_t us, char room[BODY_VALUE_ROOM]); /* writes a time as text */
/* Writes a number, boolean, time or text for a URL, before it is encoded: into `room`, or returns the value's own
 * text. False: the value is of no such type. */
bool body_plain(const struct kv_value *, char room[BODY_VALUE_ROOM], struct span *text);
