/* runtime/adapters/cti/mend.h - Repairs lines of JSON with texts or numbers that are not allowed here: a caller's
 * name that holds U+0000, or an account number of twenty digits, must not make the rest of the line unreadable.
 *
 * In strings each of these becomes U+FFFD: an escaped U+0000, an escaped half of a surrogate pair, a byte that is
 * not valid UTF-8, a byte below 0x20. An integer beyond 64 bits, and a number beyond what a double holds, becomes a
 * text of the same characters in user data, and null elsewhere. Nothing else is touched. */
#pragma once

#include <jansson.h>
#include <stddef.h>

enum { MENDED_SHOWN = 64 };

struct mended {
    unsigned count;           /* number of pieces of text that were replaced; 0: none */
    unsigned numbers;         /* number of numbers that were replaced */
    char shown[MENDED_SHOWN]; /* the first replaced pieces: bytes in hexadecimal, escapes as written */
};

/* Reads one line as it is, or repaired if that fails. NULL with the reason: the line is no JSON even after repair. */
json_t *mend_read_line(const char *text, size_t length, size_t flags, struct mended *, json_error_t *why);
