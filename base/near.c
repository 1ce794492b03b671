/* base/near.c - The distance between two names: the edits that lead from one to the other (Damerau 1964).
 */
#include "base/near.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { LONGEST_NAME = 64 };

/* Returns the number of edits (insert, delete, replace, exchange of neighbours) that lead from one name to the
 * other. */
static uint32_t near_edits(const char *a, size_t a_length, const char *b, size_t b_length)
{
    uint32_t rows[3][LONGEST_NAME + 1];
    assert(a_length <= LONGEST_NAME && b_length <= LONGEST_NAME);
    for (size_t j = 0; j <= b_length; j++) rows[0][j] = (uint32_t)j;
    for (size_t i = 1; i <= a_length; i++) {
        uint32_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= b_length; j++) {
            uint32_t best = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

uint32_t near_distance(const char *wanted, const char *name)
{
    size_t wanted_length = strlen(wanted), length = strlen(name);
    if (wanted_length > LONGEST_NAME || length > LONGEST_NAME) return UINT32_MAX;
    size_t longer = wanted_length > length ? wanted_length : length;
    size_t shorter = wanted_length > length ? length : wanted_length;
    size_t most = longer <= 2 ? 0 : longer < 6 ? 1 : longer / 3;
    if (longer - shorter > most) return UINT32_MAX;
    uint32_t distance = near_edits(wanted, wanted_length, name, length);
    return distance <= most ? distance : UINT32_MAX;
}

bool near_is_nearer(const char *wanted, const char *name, uint32_t *least)
{
    uint32_t distance = near_distance(wanted, name);
    if (distance >= *least) return false;
    *least = distance;
    return true;
}
