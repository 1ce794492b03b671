/* runtime/vocabulary/state_files.h - The endings of state_files.def, each with its leading point. */
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
/* Each list ends with an ending of NULL: the first is for files with the adapter's name, the second for files next
 * to the one that `state` names, which is itself the first of them. */
extern const struct state_file state_files_own[], state_files_beside[];
