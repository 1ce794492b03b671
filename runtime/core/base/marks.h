/* runtime/core/base/marks.h - One mark per row of a table: with the marks a reader of a snapshot finds out whether
 * each list ends and no row is in two lists. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"

struct marks {
    uint8_t *bits;
    uint32_t count, marked;
};

static inline struct marks marks_of(uint32_t count)
{
    return (struct marks){memory_zeroed(count / 8 + 1, 1), count, 0};
}

static inline void marks_free(struct marks *marks)
{
    free(marks->bits);
}

/* Marks the row. False: no such row exists, or it is marked already; then a loop along a list must
 * stop, since it must not read the number of the next row from a row that does not exist. */
static inline bool marks_mark(struct marks *marks, uint32_t row)
{
    if (row >= marks->count || (marks->bits[row / 8] >> row % 8 & 1)) return false;
    marks->bits[row / 8] |= (uint8_t)(1u << row % 8);
    marks->marked++;
    return true;
}

/* Frees the marks. True: exactly `wanted` rows are marked. */
static inline bool marks_end(struct marks *marks, uint32_t wanted)
{
    marks_free(marks);
    return marks->marked == wanted;
}
