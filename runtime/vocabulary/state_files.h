/* runtime/vocabulary/state_files.h - The endings of state_files.def, each with its point. */
#pragma once

#include <stdbool.h>

struct state_endings {
#define OWN_FILE(ending, full, gone) const char *ending;
#define BEFORE_FILE(ending, gone)    const char *ending;
#include "runtime/vocabulary/state_files.def"
};
extern const struct state_endings state_endings;

struct state_file {
    const char *ending, *gone; /* gone: what is lost without the file; NULL: nothing */
    bool full;                 /* true: an empty file counts as gone */
};
/* An ending of NULL stands at their ends: of files that are called as the adapter, and of those beside the one that
 * `state` names, which is the first itself. */
extern const struct state_file state_files_own[], state_files_beside[];
