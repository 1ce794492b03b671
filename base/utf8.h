/* base/utf8.h - UTF-8 as RFC 3629 has it: shortest forms, no surrogates. A zero byte is no character: no peer's text
 * contains one, and it would cut a text short in many. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the character at the front of `left` bytes, of which there is at least one; 0: no character is there. */
uint32_t utf8_character(const uint8_t *, size_t left);
/* How many of the bytes at the beginning are ASCII and not zero, counted by eights: perhaps fewer than there are. */
size_t utf8_ascii(const char *bytes, size_t length);
/* How many of a text's bytes are left when at most so many may be: the rest ends with a whole character. Every cut of a
 * text goes through here, and the check of the dialect refuses others: half a character makes a whole text unreadable.
 */
static inline uint32_t utf8_cut(const char *bytes, size_t whole, uint32_t most)
{
    if (whole <= most) return (uint32_t)whole;
    while (most > 0 && ((unsigned char)bytes[most] & 0xc0) == 0x80) most--;
    return most;
}
/* Are all of these bytes characters? */
bool utf8_is_text(const char *bytes, uint32_t length);
