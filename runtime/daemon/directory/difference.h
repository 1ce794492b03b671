/* runtime/daemon/directory/difference.h - The changes that an import would make: one line per row, "+ " for a new
 * row, "- " for a removed one, "~ " for one with other values, with the old and the new.
 *
 * The caller owns a `struct difference`; difference_free() frees its content. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/daemon/directory/import.h"

struct difference {
    size_t limit; /* most lines that are made; the counts are of all rows */
    char **lines;
    size_t line_count;
    size_t added, removed, changed;
};

/* Compares an import with the directory that the state folder keeps; if it keeps none, all rows are added. From any
 * thread. */
bool difference_make(struct difference *, const struct directory_import *, const char *state, struct error *);
void difference_free(struct difference *);
