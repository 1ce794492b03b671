/* runtime/vocabulary/state_files.c - Makes lists from the table state_files.def. */
#include "runtime/vocabulary/state_files.h"

#include <stddef.h>

const struct state_endings state_endings = {
#define OWN_FILE(ending, full, gone) .ending = "." #ending,
#define BEFORE_FILE(ending, gone)    .ending = "." #ending,
#include "runtime/vocabulary/state_files.def"
};

const struct state_file state_files_own[] = {
#define OWN_FILE(ending, full, gone) {"." #ending, gone, full},
#define BEFORE_FILE(ending, gone)
#include "runtime/vocabulary/state_files.def"
    {NULL, NULL, false}};

const struct state_file state_files_beside[] = {{"", NULL, false},
#define OWN_FILE(ending, full, gone)
#define BEFORE_FILE(ending, gone) {"." #ending, NULL, false},
#include "runtime/vocabulary/state_files.def"
                                                {NULL, NULL, false}};
