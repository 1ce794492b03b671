/* vm/compared.h - The comparisons in the condition of a line or wait when it is evaluated now, for people who ask
 * why. */
#pragma once

#include "vm/exec.h"

/* One comparison, the figure first; or a latch, or a figure that is none: then `sign` is empty. */
struct vm_compared {
    struct text figure, bound; /* as the source has them; bound: empty where it is a plain value */
    const char *sign;
    uint16_t type;
    uint64_t is, than; /* words of the type; of a latch, `is` is whether it is set */
    bool holds;
};

/* Evaluates the condition of that line, LINE_WHERE or LINE_UNTIL, and returns how many rows there are, at most `most`.
 * An image without debug information has none. */
uint32_t vm_compared(struct vm *, block_handle, uint8_t fiber, uint32_t line, struct vm_compared *, uint32_t most);
