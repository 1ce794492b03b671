/* runtime/adapters/mms/magic.c - Compares the beginning of a part with the rows of magic.def. */
#include "runtime/adapters/mms/magic.h"

#include <string.h>

static const struct {
    size_t at;
    const char *bytes;
    size_t length, second_at;
    const char *second;
    size_t second_length;
    const char *type;
} magics[] = {
#define MAGIC(at, bytes, second_at, second, type)                                                                      \
    {at, bytes, sizeof(bytes) - 1, second_at, second, sizeof(second) - 1, type},
#include "runtime/adapters/mms/magic.def"
};

static bool magic_is_at(const char *bytes, size_t length, size_t at, const char *wanted, size_t wanted_length)
{
    return length >= at + wanted_length && memcmp(bytes + at, wanted, wanted_length) == 0;
}

const char *magic_type(const char *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (magic_is_at(bytes, length, magics[i].at, magics[i].bytes, magics[i].length) &&
            magic_is_at(bytes, length, magics[i].second_at, magics[i].second, magics[i].second_length))
            return magics[i].type;
    return NULL;
}
