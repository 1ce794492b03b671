/* checks.c - The natives of checks.gcx. `make` writes checks.h, with their prototypes, and builds checks.so. */
#include "checks.h"

bool gcx_native_luhn(const char *number, size_t number_length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < number_length; i++) {
        char digit = number[number_length - 1 - i];
        if (digit < '0' || digit > '9') return false;
        unsigned twice = (unsigned)(digit - '0') << (i % 2);
        sum += twice > 9 ? twice - 9 : twice;
    }
    return number_length > 1 && sum % 10 == 0;
}

void gcx_native_grouped(struct gcx_native *result, const char *number, size_t number_length, int64_t size)
{
    char text[256];
    size_t length = 0;
    for (size_t i = 0; i < number_length && length + 2 < sizeof text; i++) {
        if (i > 0 && size > 0 && i % (size_t)size == 0) text[length++] = ' ';
        text[length++] = number[i];
    }
    gcx_native_return(result, text, length);
}

int64_t gcx_native_owed(int64_t cents, int64_t interest_millionths, int64_t since_days, int64_t until_days)
{
    int64_t days = until_days > since_days ? until_days - since_days : 0;
    return cents + cents * interest_millionths / 1000000 * days / 365;
}
