/* vm/text.c - Finds a text within another text. */
#include <string.h>

#include "vm/value.h"

/* Returns where the part's largest suffix begins, by the order of bytes or by the reversed order, and that suffix's
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

/* Is `part` contained in `whole`? The two-way search of Crochemore and Perrin (1991): the part is divided where its
 * period shows; its right side is compared forwards, then its left side, and the mismatch tells how far to move on.
 * It needs no memory. */
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
    uint32_t known = 0; /* if the part is periodic: how many of its bytes are known to match here */
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
