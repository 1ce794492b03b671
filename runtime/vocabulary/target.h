/* runtime/vocabulary/target.h - The database given by a setting or an argument: "sqlite:FILE", or a connection
 * string. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Returns the file; NULL: the target is no SQLite file. Borrowed from the target. */
static inline const char *target_file(const char *target)
{
    static const char word[] = "sqlite:";
    size_t length = sizeof word - 1;
    return strncmp(target, word, length) == 0 && target[length] != '\0' ? target + length : NULL;
}

/* True: the target is a connection string of PostgreSQL. */
static inline bool target_server(const char *target)
{
    bool uri = strncmp(target, "postgresql://", 13) == 0 || strncmp(target, "postgres://", 11) == 0;
    return uri || strchr(target, '=');
}
