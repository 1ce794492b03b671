/* runtime/mail/parts.h - A guard between bytes from outside and GMime, which parses whatever it is given.
 *
 * parts_begin() once a process, before threads. */
#pragma once

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

void parts_begin(void);

struct parts_bounds {
    size_t nestings;   /* how often the bytes may name `multipart` or `message/`, which bounds the levels */
    size_t boundaries; /* lines that begin with a hyphen pair, times nestings */
    size_t headers;    /* lines of heads that begin as a header does, by a name and a colon */
};

/* Do the bytes stay within the bounds? Some are made to cost the library much time, and are found by what would make it
 * slow. */
bool parts_may_be_parsed(const char *bytes, size_t length, const struct parts_bounds *);
/* A part's bytes, decoded. */
GByteArray *part_bytes(GMimePart *);
/* Decodes base64 as its writer meant it, and appends the bytes to `out`: characters that are none of base64 are passed
 * over, the padding may be missing, and another text may begin behind it. */
void mail_base64_put(GByteArray *out, const char *text, size_t length);
