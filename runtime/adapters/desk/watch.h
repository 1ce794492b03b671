/* runtime/adapters/desk/watch.h - A watch: an object with the set of agents who watch it. */
#pragma once

#include "runtime/adapters/desk/desk.h"

struct desk_watch {
    enum object object;
    char name[NAME_SIZE], whose[NAME_SIZE];
    GHashTable *agents; /* a set */
    json_t *last;       /* the last message about the object; NULL: none yet */
};
