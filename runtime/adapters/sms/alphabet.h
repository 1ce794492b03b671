/* runtime/adapters/sms/alphabet.h - The alphabets of short messages: GSM 03.38 with its extension table, Latin 1, and
 * UTF-16, to and from UTF-8. The module owns nothing.
 *
 * A septet of GSM 03.38 stands in a byte of its own: the air packs them, and SMPP does not. A character of the
 * extension table is two septets, an escape and another. */
#ifndef SMS_ALPHABET_H
#define SMS_ALPHABET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* data_coding of SMPP. */
enum { CODING_GSM = 0, CODING_ASCII = 1, CODING_LATIN1 = 3, CODING_BINARY = 4, CODING_UCS2 = 8 };

enum { GSM_ESCAPE = 0x1b };

/* Appends the text, which is UTF-8, as septets. False: it has a character that GSM 03.38 does not have. */
bool alphabet_to_gsm(const char *text, GByteArray *to);
/* Appends it as UTF-16, the high byte first. */
void alphabet_to_utf16(const char *text, GByteArray *to);

/* Appends bytes of this coding as UTF-8; what is no character is U+FFFD, a zero is left out. False: the coding is not
 * one of texts. */
bool alphabet_to_utf8(unsigned coding, const uint8_t *bytes, size_t length, GString *to);

/* The same for a part: half of a character of UTF-16 (telephones cut an emoji at the border) is kept as a character for
 * private use, U+10F000 to U+10F7FF, until the parts stand behind each other and alphabet_join() makes the whole ones
 * of what stands behind `from`; a half without the other is U+FFFD. */
bool alphabet_part_to_utf8(unsigned coding, const uint8_t *bytes, size_t length, GString *to);
void alphabet_join(GString *text, size_t from);

/* With the plain characters for those that word processors put in place of them: curly quotes, long dashes, dots,
 * spaces. Freed by g_free(). */
char *alphabet_plain(const char *text);

#endif
