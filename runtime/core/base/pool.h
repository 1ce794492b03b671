/* runtime/core/base/pool.h - Tables whose free rows are used again.
 *
 * A pool is a table with the members `all` (its rows), `count` (how many rows have ever been used), `capacity` (how
 * many rows have memory) and `free`, the first row that is free. Each free row names the next one in its member
 * `link`:
 *
 *     free --> 4 --> 1 --> 7 --> POOL_END          rows between them are somebody's
 *
 * Rows are named by their numbers, which snapshots keep. The order in which free rows are used again influences what
 * the core decides, so it is fixed: the row that was given back last is taken first. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"

#define POOL_END UINT32_MAX /* end of a list of rows; each table gives this number a name of its own */

/* Takes the first free row and returns its number; `next` becomes the first free row. */
static inline uint32_t pool_first(uint32_t *free, uint32_t next)
{
    uint32_t row = *free;
    assert(row != POOL_END && row != next);
    *free = next;
    return row;
}

/* Takes a free row, or makes a new one, and returns its number. All bytes of a new row are zero; a row that was used
 * before is zero but for its old link. The rows may move in memory. */
#define POOL_TAKE(pool, link)                                                                                          \
    ((pool)->free != POOL_END                                                                                          \
         ? pool_first(&(pool)->free, (pool)->all[(pool)->free].link)                                                   \
         : ((pool)->all = memory_grow((pool)->all, &(pool)->capacity, (pool)->count + 1, sizeof *(pool)->all),         \
            (pool)->count++))

/* Frees the row: sets all its bytes to zero except for the link. */
#define POOL_GIVE(pool, row, link)                                                                                     \
    do {                                                                                                               \
        memset(&(pool)->all[row], 0, sizeof *(pool)->all);                                                             \
        (pool)->all[row].link = (pool)->free;                                                                          \
        (pool)->free = (row);                                                                                          \
    } while (0)

/* Writes or reads (vm/keep.h) the number of rows, at most `max`, and the number of the first free row; the owner keeps
 * the fields of each row, links included. */
#define POOL_KEEP(pool, keeper, max)                                                                                   \
    ((pool)->all = keep_rows(keeper, (pool)->all, &(pool)->count, &(pool)->capacity, max, sizeof *(pool)->all),        \
     (pool)->free = keep_index(keeper, (pool)->free, (pool)->count, POOL_END))

/* Marks the free rows. `sound` becomes false if the list of free rows does not end, or if a free row is in use,
 * which shows by a `key` other than `none`. */
#define POOL_MARK_FREE(pool, link, key, none, marks, sound)                                                            \
    for (uint32_t row_ = (pool)->free; (sound) && row_ != POOL_END;                                                    \
         row_ = (sound) ? (pool)->all[row_].link : POOL_END)                                                           \
    (sound) = marks_mark(marks, row_) && (pool)->all[row_].key == (none)
