/* runtime/vocabulary/state_files.c - Makes lists of the table. */
#include "runtime/vocabulary/state_files.h"

#include <stddef.h>

const struct state_endings state_endings = {
#define OWN_FILE(ending, doc)   .ending = "." #ending,
#define STATE_FILE(ending, doc) .ending = "." #ending,
#include "runtime/vocabulary/state_files.def"
};

const char *const state_endings_own[] = {
#define OWN_FILE(ending, doc) "." #ending,
#define STATE_FILE(ending, doc)
#include "runtime/vocabulary/state_files.def"
    NULL};

const char *const state_endings_beside[] = {"",
#define OWN_FILE(ending, doc)
#define STATE_FILE(ending, doc) "." #ending,
#include "runtime/vocabulary/state_files.def"
                                            NULL};
