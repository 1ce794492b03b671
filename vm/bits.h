/* vm/bits.h - Counts bits without functions of the compiler's library, which the VM must not use. */
#pragma once

#include <stdint.h>

static inline uint32_t bits_count(uint32_t bits)
{
    bits -= bits >> 1 & 0x55555555;
    bits = (bits & 0x33333333) + (bits >> 2 & 0x33333333);
    return ((bits + (bits >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}
