/* vm/share.h - Computes a percentage of a quantity, for the VM and, with constants, for the compiler, so that both
 * give the same result. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Computes quantity * millionths / 1,000,000, rounded towards zero; false: the result is no int. To stay within 64
 * bits each factor is divided into whole millions and a remainder. Of the four products only that of the two
 * remainders has to be rounded; as all have the same sign, the sum is rounded towards zero, too. */
static inline bool share_of(int64_t quantity, int64_t millionths, int64_t *result)
{
    enum { WHOLE = 1000000 };
    int64_t rest = quantity % WHOLE, whole;
    int64_t part = rest * (millionths / WHOLE) + rest * (millionths % WHOLE) / WHOLE;
    return !__builtin_mul_overflow(quantity / WHOLE, millionths, &whole) &&
           !__builtin_add_overflow(whole, part, result) && *result != INT64_MIN;
}
