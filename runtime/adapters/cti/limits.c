/* runtime/adapters/cti/limits.c - Reads the limits (limits.def) from the settings. */
#include "runtime/adapters/cti/limits.h"

#include <stdlib.h>

#include "base/why.h"

static bool limit_read(uint32_t *limit, const char *name, const char *text, long lowest, long highest, char *why,
                       size_t why_size)
{
    char *end = NULL;
    long given = !text ? (long)*limit : strtol(text, &end, 10);
    if (text && (end == text || *end != 0 || given < lowest || given > highest))
        return why_set(why, why_size, "%s: `%s` is not a whole number from %ld to %ld", name, text, lowest, highest);
    *limit = (uint32_t)given;
    return true;
}

bool limits_read(struct limits *limits, const char *(*setting)(void *self, const char *key), void *self, char *why,
                 size_t why_size)
{
    *limits = (struct limits){
#define LIMIT(name, otherwise, lowest, highest, doc) .name = otherwise,
#include "runtime/adapters/cti/limits.def"
    };
#define LIMIT(name, otherwise, lowest, highest, doc)                                                                   \
    if (setting && !limit_read(&limits->name, #name, setting(self, #name), lowest, highest, why, why_size))            \
        return false;
#include "runtime/adapters/cti/limits.def"
    return true;
}
