/* runtime/daemon/protocol/near.c - The distance between two names. */
#include "config.h"
#include "runtime/daemon/protocol/near.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

unsigned near_distance(const char *a, const char *b)
{
    assert(a && b);
    unsigned row[32], before, corner;
    size_t length = strlen(b);
    if (length >= 32) return 32;
    for (unsigned i = 0; i <= length; i++) row[i] = i;
    for (unsigned i = 1; *a != '\0'; a++, i++) {
        corner = row[0];
        row[0] = i;
        for (size_t k = 1; k <= length; k++) {
            unsigned least = corner + (*a != b[k - 1]);
            before = row[k];
            if (row[k - 1] + 1 < least) least = row[k - 1] + 1;
            if (before + 1 < least) least = before + 1;
            corner = before;
            row[k] = least;
        }
    }
    return row[length];
}
