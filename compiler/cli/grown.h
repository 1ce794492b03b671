/* compiler/cli/grown.h - Arrays that grow as they are filled. */
#ifndef COMPILER_CLI_GROWN_H
#define COMPILER_CLI_GROWN_H

#include <stddef.h>
#include <stdlib.h>

/* The array with room for one row more than `count`. It doubles when it is full at a power of two. The caller frees it.
 */
static inline void *grown(void *rows, size_t count, size_t size)
{
    if (count & (count - 1)) return rows;
    rows = realloc(rows, (count == 0 ? 1 : count * 2) * size);
    if (!rows) abort();
    return rows;
}

#endif
