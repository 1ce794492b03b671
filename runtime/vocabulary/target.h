/* runtime/vocabulary/target.h - The word that makes a setting or an argument name a file of SQLite: "sqlite:FILE". */
#ifndef VOCABULARY_TARGET_H
#define VOCABULARY_TARGET_H

#include <stddef.h>
#include <string.h>

/* The file; NULL: the target names no file of SQLite. Borrowed from the target. */
static inline const char *target_file(const char *target)
{
    static const char word[] = "sqlite:";
    size_t length = sizeof word - 1;
    return strncmp(target, word, length) == 0 && target[length] != '\0' ? target + length : NULL;
}

#endif
