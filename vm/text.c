/* vm/text.c - UTF-8, and searching in text. */
#include <string.h>

#include "vm/value.h"

/* Table 3-7 of the Unicode standard: the second byte's range depends on the first. */
uint32_t text_character_length(const uint8_t *s, size_t left)
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

/* How many of the bytes at the beginning are ASCII, counted by eights. */
static uint32_t ascii_length(const uint8_t *s, uint32_t length)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint32_t i = 0;
    for (uint64_t word; i + 8 <= length; i += 8) {
        memcpy(&word, s + i, 8);
        if (((word | (word - ones)) & highs) != 0) break; /* not below 128, or perhaps zero */
    }
    return i;
}

bool text_is_utf8(const char *bytes, uint32_t length)
{
    const uint8_t *s = (const uint8_t *)bytes;
    for (uint32_t i = ascii_length(s, length); i < length;) {
        uint32_t step = text_character_length(s + i, length - i);
        if (!step) return false;
        i += step;
    }
    return true;
}

/* Where the part's largest suffix begins, by the order of bytes or by the order turned round, and that suffix's
 * period. */
static uint32_t largest_suffix(struct text part, bool turned, uint32_t *period)
{
    uint32_t suffix = 0, at = 1, same = 0;
    *period = 1;
    while (at + same < part.length) {
        uint8_t a = (uint8_t)part.bytes[at + same], b = (uint8_t)part.bytes[suffix + same];
        if (a == b) {
            same++;
            if (same < *period) continue;
            at += *period;
        } else if (turned ? a > b : a < b) {
            at += same + 1;
            *period = at - suffix;
        } else {
            suffix = at++;
            *period = 1;
        }
        same = 0;
    }
    return suffix;
}

/* The two-way search of Crochemore and Perrin (1991): the part is cut where its period shows; its right side is
 * compared forwards, then its left side, and what did not match tells how far to go on. It needs no memory. */
bool text_holds(struct text whole, struct text part)
{
    uint32_t period, other;
    if (part.length == 0) return true;
    uint32_t cut = largest_suffix(part, false, &period), turned = largest_suffix(part, true, &other);
    if (turned > cut) {
        cut = turned;
        period = other;
    }
    bool periodic = cut + period <= part.length && memcmp(part.bytes, part.bytes + period, cut) == 0;
    if (!periodic) period = (cut > part.length - cut ? cut : part.length - cut) + 1;
    uint32_t known = 0; /* bytes of the part that are known to match here: it is periodic */
    for (uint32_t at = 0; part.length <= whole.length && at <= whole.length - part.length;) {
        uint32_t right = cut > known ? cut : known, left = cut;
        while (right < part.length && part.bytes[right] == whole.bytes[at + right]) right++;
        if (right < part.length) {
            at += right - cut + 1;
            known = 0;
            continue;
        }
        while (left > known && part.bytes[left - 1] == whole.bytes[at + left - 1]) left--;
        if (left <= known) return true;
        at += period;
        known = periodic ? part.length - period : 0;
    }
    return false;
}
