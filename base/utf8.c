/* base/utf8.c - The one decoder of UTF-8 sequences. */
#include "base/utf8.h"

#include <string.h>

/* Decodes one character by table 3-7 of the Unicode standard: the allowed range of the second byte depends on the
 * first. */
uint32_t utf8_character(const uint8_t *s, size_t left)
{
    uint8_t a = s[0];
    if (a < 0x80) return a ? 1 : 0;
    if (a < 0xc2 || a > 0xf4) return 0;
    uint32_t length = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
    if (left < length) return 0;
    uint8_t low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80, high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high) return 0;
    for (uint32_t i = 2; i < length; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    return length;
}

size_t utf8_ascii(const char *bytes, size_t length)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t i = 0;
    for (uint64_t word; i + 8 <= length; i += 8) {
        memcpy(&word, bytes + i, 8);
        if (((word | (word - ones)) & highs) != 0) break; /* some byte of the word is not ASCII, or perhaps is zero */
    }
    return i;
}

bool utf8_is_text(const char *bytes, uint32_t length)
{
    const uint8_t *s = (const uint8_t *)bytes;
    for (size_t i = utf8_ascii(bytes, length); i < length;) {
        uint32_t step = utf8_character(s + i, length - i);
        if (!step) return false;
        i += step;
    }
    return true;
}
