/* runtime/sources/body.h - The bodies that endpoints are sent and answer: key-value lists as JSON, and back;
 * answers also from a text or XML.
 *
 * A server's answer is hostile: its size is bounded by the caller, its depth and its values here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/vocabulary/kv.h"

enum { BODY_VALUE_ROOM = 64 };

/* The arguments but those in `skip` (a bit each, by position) as a JSON object. Malloc'ed. */
char *body_write(struct span args, uint32_t skip);

/* The form in which a server answers: FORM(word of the setting `answer`, types that we accept then). */
#define BODY_FORMS(FORM)                                                                                               \
    FORM(json, "application/json") FORM(text, "text/plain, */*") FORM(xml, "text/xml, application/xml, */*")
enum body_form {
#define FORM(word, types) BODY_##word,
    BODY_FORMS(FORM)
#undef FORM
};
/* False: no form is called so. */
bool body_form_named(const char *word, enum body_form *);

/* One value into the list, called "answer"; nothing at all is none. `at`: of XML the path to it (body_xml.h). NULL
 * where it was well, else why not, in words. */
const char *body_read(enum body_form, const char *at, const char *text, size_t length, struct kv *);

void body_moment(int64_t us, char room[BODY_VALUE_ROOM]); /* a time as text */
/* A scalar as it stands in a URL, before it is encoded: `room` or the text itself. False: it is none. */
bool body_plain(const struct kv_value *, char room[BODY_VALUE_ROOM], struct span *text);
