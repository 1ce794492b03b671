/* runtime/adapters/sms/alphabet.h - The alphabets of short messages: GSM 03.38 with its extension and national tables,
 * UTF-16, and those of codings.def, to and from UTF-8. The module owns nothing.
 *
 * A septet of GSM 03.38 is in a byte of its own: the radio network packs septets, SMPP does not. A character of the
 * extension table has two septets: an escape and another. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* data_coding of SMPP. */
enum {
#define CODING(number, name, way, converter, doc) CODING_##name = number,
#include "runtime/adapters/sms/codings.def"
};

/* The alphabet by which the bytes of a message are read. The number of a national table is 0 if the message's header
 * names none. */
struct alphabet {
    uint8_t coding, locking, shift;
};

enum { GSM_ESCAPE = 0x1b };

/* Appends the text, which is UTF-8, as septets. False: GSM 03.38 lacks one of its characters. */
bool alphabet_to_gsm(const char *text, GByteArray *to);
/* Appends the text as UTF-16, high byte first. */
void alphabet_to_utf16(const char *text, GByteArray *to);

/* Appends the bytes as UTF-8; an invalid character becomes U+FFFD, a zero is left out. False: the bytes are no text. */
bool alphabet_to_utf8(struct alphabet, const uint8_t *bytes, size_t length, GString *to);

/* Appends a part of a longer message, to be read later. Senders divide characters between parts (an emoji, an escape
 * and its septet, a character of two bytes), so a part is kept as its bytes, in hexadecimal, between characters for
 * private use, until alphabet_join() reads consecutive parts as one. alphabet_join() leaves other text unchanged. */
bool alphabet_part_put(struct alphabet, const uint8_t *bytes, size_t length, GString *to);
void alphabet_join(GString *text);

/* Returns the text with plain characters in place of those of word processors: curly quotes, long dashes, dots,
 * spaces. Freed by g_free(). */
char *alphabet_plain(const char *text);
