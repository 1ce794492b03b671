/* runtime/adapters/sms/alphabet.h - The alphabets of short messages: GSM 03.38 with its extension and national tables,
 * UTF-16, and those of codings.def, to and from UTF-8. The module owns nothing.
 *
 * A septet of GSM 03.38 stands in a byte of its own: the air packs them, and SMPP does not. A character of the
 * extension table is two septets, an escape and another. */
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

/* How the bytes of a message are read. The numbers of national tables are 0 where the header names none. */
struct alphabet {
    uint8_t coding, locking, shift;
};

enum { GSM_ESCAPE = 0x1b };

/* Appends the text, which is UTF-8, as septets. False: it has a character that GSM 03.38 does not have. */
bool alphabet_to_gsm(const char *text, GByteArray *to);
/* Appends the text as UTF-16, the high byte first. */
void alphabet_to_utf16(const char *text, GByteArray *to);

/* Appends the bytes as UTF-8; what is no character is U+FFFD, a zero is left out. False: they are no text. */
bool alphabet_to_utf8(struct alphabet, const uint8_t *bytes, size_t length, GString *to);

/* The same for a part of a longer message. Senders divide characters between parts (an emoji, an escape and its septet,
 * a character of two bytes), so a part stands as its bytes, in hexadecimal, between characters for private use, until
 * alphabet_join() reads the parts that stand behind each other as one. Other text stays as it is. */
bool alphabet_part_put(struct alphabet, const uint8_t *bytes, size_t length, GString *to);
void alphabet_join(GString *text);

/* The text with plain characters in place of those that word processors put in: curly quotes, long dashes, dots,
 * spaces. Freed by g_free(). */
char *alphabet_plain(const char *text);
