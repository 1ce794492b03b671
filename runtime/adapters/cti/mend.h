/* runtime/adapters/cti/mend.h - Lines of JSON whose texts and numbers are not what ours may be, made readable: a
 * caller's name that holds U+0000, or an account number of twenty digits, must not cost anybody else anything.
 *
 * Within strings each of these becomes U+FFFD: the escape of U+0000, that of half a surrogate pair, a byte that is of
 * no character in UTF-8, a byte below 0x20. An integer beyond 64 bits, and a number beyond what a double holds, becomes
 * a text of the same characters in user data, and null elsewhere. Nothing else is touched. */
#pragma once

#include <jansson.h>
#include <stddef.h>

enum { MENDED_SHOWN = 64 };

struct mended {
    unsigned count;           /* pieces of texts that were replaced; 0: none had to be */
    unsigned numbers;         /* that were */
    char shown[MENDED_SHOWN]; /* the first of them: bytes in hexadecimal, escapes as they stood */
};

/* Reads one line, as it is if it can be read so, else mended. NULL, with the reason, where it is no JSON at all. */
json_t *mend_read_line(const char *text, size_t length, size_t flags, struct mended *, json_error_t *why);
