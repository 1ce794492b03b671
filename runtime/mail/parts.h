/* runtime/mail/parts.h - Protects GMime, which parses whatever it gets, from mails that would cost it too much.
 *
 * parts_begin() must be called once in a process, before other threads exist. */
#pragma once

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

void parts_begin(void);

struct parts_bounds {
    size_t nestings;   /* how often the bytes may contain `multipart` or `message/`, which limits the levels */
    size_t boundaries; /* lines that begin with two hyphens, times nestings */
    size_t headers;    /* header lines that begin with a name and a colon */
};

/* Do the bytes stay within `bounds`? Some mails are made to cost the library much time; the bounds limit what would
 * make it slow. */
bool parts_may_be_parsed(const char *bytes, size_t length, const struct parts_bounds *);
/* A part's bytes, decoded. */
GByteArray *part_bytes(GMimePart *);
/* Decodes base64 as its writer meant it, and appends the bytes to `out`: other characters are passed over, the
 * padding may be missing, and another encoded text may follow. */
void mail_base64_put(GByteArray *out, const char *text, size_t length);
