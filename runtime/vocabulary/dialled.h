/* runtime/vocabulary/dialled.h - Numbers that a switch can be asked to dial: the compiler checks literals, the core
 * looks at the rest. */
#ifndef VOCABULARY_DIALLED_H
#define VOCABULARY_DIALLED_H

#include <stdbool.h>
#include <stddef.h>

enum { DIALLED_MAX = 256 }; /* bytes */

static inline bool dialled_is_number(const char *bytes, size_t length)
{
    if (length == 0 || length > DIALLED_MAX) return false;
    for (size_t at = 0; at < length; at++)
        if (bytes[at] <= ' ' || bytes[at] > '~') return false;
    return true;
}

#endif
