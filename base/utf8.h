/* base/utf8.h - Reads UTF-8 as RFC 3629 defines it: shortest forms, no surrogates. A zero byte is not a character
 * here: no peer's text contains it, and many functions would cut the text there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns how many bytes the character at the front of `left` bytes has, at least one byte being there; 0: it is no
 * character. */
uint32_t utf8_character(const uint8_t *, size_t left);
/* Returns how many bytes at the beginning are ASCII and not zero, in steps of eight: the result may be too small by
 * a few. */
size_t utf8_ascii(const char *bytes, size_t length);
/* Returns how many bytes of a text to keep when at most `most` are allowed: the kept part ends with a whole
 * character. Every cut of a text uses this function, and the check of the dialect refuses other cuts: half a
 * character makes a whole text unreadable. */
static inline uint32_t utf8_cut(const char *bytes, size_t whole, uint32_t most)
{
    if (whole <= most) return (uint32_t)whole;
    while (most > 0 && ((unsigned char)bytes[most] & 0xc0) == 0x80) most--;
    return most;
}
/* Are all of the given bytes characters? */
bool utf8_is_text(const char *bytes, uint32_t length);
