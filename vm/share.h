/* vm/share.h - A percent of a quantity: the VM and the compiler, for constants, compute it alike. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* quantity * millionths / 1,000,000, towards zero; false where that is no int. To
 * stay within 64 bits each factor is divided into whole millions and a rest. Of the four products only that of the two
 * rests has to be rounded; as all have the same sign, the sum is rounded towards zero, too. */
static inline bool share_of(int64_t quantity, int64_t millionths, int64_t *result)
{
    enum { WHOLE = 1000000 };
    int64_t rest = quantity % WHOLE, whole;
    int64_t part = rest * (millionths / WHOLE) + rest * (millionths % WHOLE) / WHOLE;
    return !__builtin_mul_overflow(quantity / WHOLE, millionths, &whole) &&
           !__builtin_add_overflow(whole, part, result) && *result != INT64_MIN;
}
