/* compiler/import/number.c - Reads a text of digits as a number. */
#include "compiler/import/number.h"

bool number_read(const char *text, size_t length, long long most, long long *number)
{
    if (length == 0 || length > NUMBER_DIGITS) return false;
    for (*number = 0; length > 0 && *text >= '0' && *text <= '9'; text++, length--)
        *number = 10 * *number + (*text - '0');
    return length == 0 && *number <= most;
}
