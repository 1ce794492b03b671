/* runtime/vocabulary/dialled.h - Numbers that a switch can be asked to dial, and how many digits a caller keys: the
 * compiler checks literals, the core looks at the rest. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { DIALLED_MAX = 256 };             /* bytes */
enum { PLAIN_MIN = 3, PLAIN_MAX = 15 }; /* digits; E.164 has no longer numbers */
enum { KEYED_MAX = 64 };                /* digits that one step collects */

static inline bool dialled_is_number(const char *bytes, size_t length)
{
    if (length == 0 || length > DIALLED_MAX) return false;
    for (size_t at = 0; at < length; at++)
        if (bytes[at] <= ' ' || bytes[at] > '~') return false;
    return true;
}

/* Is it a number that is safe to dial if it has come as data: digits, perhaps with a plus before them? It has no pause,
 * no feature code, no second number, and it is no word for a number that is withheld. */
static inline bool dialled_is_plain(const char *bytes, size_t length)
{
    size_t plus = length != 0 && bytes[0] == '+' ? 1 : 0, digits = plus;
    while (digits < length && bytes[digits] >= '0' && bytes[digits] <= '9') digits++;
    return digits == length && digits - plus >= PLAIN_MIN && digits - plus <= PLAIN_MAX;
}

/* May the number be written into a URI as it is: digits, + and * alone? An exchange dials no other number outside, and
 * shows no other one there as the caller's. */
static inline bool dialled_is_writable(const char *number)
{
    return *number != '\0' && number[strspn(number, "+0123456789*")] == '\0';
}

/* Is the number one of a list as `dialable` of gcx-sip(5): numbers, and beginnings with a * behind them? */
static inline bool dialled_is_allowed(const char *list, const char *number)
{
    static const char between[] = ", \t";
    for (list += strspn(list, between); *list; list += strspn(list, between)) {
        size_t length = strcspn(list, between);
        bool begins = list[length - 1] == '*';
        if (begins ? strncmp(list, number, length - 1) == 0
                   : strlen(number) == length && memcmp(list, number, length) == 0)
            return true;
        list += length;
    }
    return false;
}
