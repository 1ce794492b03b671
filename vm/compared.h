/* vm/compared.h - Lists the comparisons in the condition of a line or wait as evaluated now, for people who ask why. */
#pragma once

#include "vm/exec.h"

/* One comparison, with the figure first; or a latch, or a figure without a value: then `sign` is empty. */
struct vm_compared {
    struct text figure, bound; /* names as in the source; bound: empty for a plain value */
    const char *sign;
    uint16_t type;
    uint64_t is, than; /* words of the type; for a latch, `is` says whether it is set */
    bool holds;
};

/* Evaluates the condition of the given line, LINE_WHERE or LINE_UNTIL, and returns the number of rows, at most
 * `most`. Without debug information in the image there are none. */
uint32_t vm_compared(struct vm *, block_handle, uint8_t fiber, uint32_t line, struct vm_compared *, uint32_t most);
