/* text/utf8.h - UTF-8 as RFC 3629 has it: shortest forms, no surrogates. A zero byte is no character: no peer's text
 * contains one, and it would cut a text short in many. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the character at the front of `left` bytes, of which there is at least one; 0: no character is there. */
uint32_t utf8_character(const uint8_t *, size_t left);
/* How many of the bytes at the beginning are ASCII and not zero, counted by eights: perhaps fewer than there are. */
size_t utf8_ascii(const char *bytes, size_t length);
/* Are all of these bytes characters? */
bool utf8_is_text(const char *bytes, uint32_t length);

#endif
