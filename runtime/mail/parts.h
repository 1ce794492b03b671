/* runtime/mail/parts.h - A guard between bytes from outside and GMime, which parses whatever it is given.
 *
 * parts_begin() once a process, before threads. */
#pragma once

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

void parts_begin(void);

struct parts_bounds {
    size_t nestings;   /* how often it may name `multipart` or `message/`: as many levels may there be */
    size_t boundaries; /* lines that begin with a hyphen pair, times nestings */
    size_t headers;    /* lines of heads that begin as a header does, by a name and a colon */
};

/* Some bytes are made to cost the library time: they are found out by what would make it slow. */
bool parts_may_be_parsed(const char *bytes, size_t length, const struct parts_bounds *);
/* A part's bytes, decoded. */
GByteArray *part_bytes(GMimePart *);
/* Puts what is meant behind `out`: characters that are none are passed over, the padding may be missing, and behind it
 * another text may begin. */
void mail_base64_put(GByteArray *out, const char *text, size_t length);
