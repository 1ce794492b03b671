/* runtime/vocabulary/dialled.h - Numbers that a switch can be asked to dial, and how many digits a caller can enter:
 * the compiler checks constants, the core all other numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { DIALLED_MAX = 256 };             /* bytes */
enum { PLAIN_MIN = 3, PLAIN_MAX = 15 }; /* digits of a number; E.164 allows no more */
enum { KEYED_MAX = 64 };                /* digits that one step collects, at most */

static inline bool dialled_is_number(const char *bytes, size_t length)
{
    if (length == 0 || length > DIALLED_MAX) return false;
    for (size_t at = 0; at < length; at++)
        if (bytes[at] <= ' ' || bytes[at] > '~') return false;
    return true;
}

/* True: the number is safe to dial even if it came as data: digits, perhaps with a plus before them. The number
 * contains no pause, no feature code, no second number, and is no word for a withheld number. */
static inline bool dialled_is_plain(const char *bytes, size_t length)
{
    size_t plus = length != 0 && bytes[0] == '+' ? 1 : 0, digits = plus;
    while (digits < length && bytes[digits] >= '0' && bytes[digits] <= '9') digits++;
    return digits == length && digits - plus >= PLAIN_MIN && digits - plus <= PLAIN_MAX;
}

/* True: the number is that of an emergency service. */
static inline bool dialled_is_emergency(const char *bytes, size_t length)
{
#define EMERGENCY(number)                                                                                              \
    if (length == sizeof(number) - 1 && memcmp(bytes, number, length) == 0) return true;
#include "runtime/vocabulary/refused_numbers.def"
    return false;
}

/* True: whoever calls the number pays for more than a call. Only numbers in international form can be judged, with +
 * or, as dialled from abroad, with 00 or 011 before the country; others count as not costly. */
static inline bool dialled_is_costly(const char *bytes, size_t length)
{
    size_t abroad = length > 0 && bytes[0] == '+'                ? 1
                    : length > 1 && memcmp(bytes, "00", 2) == 0  ? 2
                    : length > 2 && memcmp(bytes, "011", 3) == 0 ? 3
                                                                 : 0;
    if (abroad == 0) return false;
    bytes += abroad;
    length -= abroad;
#define COSTLY(prefix)                                                                                                 \
    if (length >= sizeof(prefix) - 1 && memcmp(bytes, prefix, sizeof(prefix) - 1) == 0) return true;
#include "runtime/vocabulary/refused_numbers.def"
    return false;
}

/* True: the number may be written into a URI as it is, since it has only digits, + and *. An exchange dials no other
 * numbers outside, and shows no other ones there as the caller's. */
static inline bool dialled_is_writable(const char *number)
{
    return *number != '\0' && number[strspn(number, "+0123456789*")] == '\0';
}

/* True: the number is in a list such as `dialable` of gcx-sip(5), which has numbers, and prefixes with a * after
 * them. */
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
