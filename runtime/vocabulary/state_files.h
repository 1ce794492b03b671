/* runtime/vocabulary/state_files.h - The endings of state_files.def, each with its point. */
#pragma once

struct state_endings {
#define OWN_FILE(ending, doc)   const char *ending;
#define STATE_FILE(ending, doc) const char *ending;
#include "runtime/vocabulary/state_files.def"
};
extern const struct state_endings state_endings;

/* NULL at their ends: of files that are called as the adapter, and of those beside the one that `state` names, which is
 * the first itself. */
extern const char *const state_endings_own[], *const state_endings_beside[];
