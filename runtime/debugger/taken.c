/* runtime/debugger/taken.c - A list of places that grows while a play goes on. */
#include "runtime/debugger/taken.h"

#include <stdlib.h>

void taken_note(struct taken *t, const struct taken_place *place)
{
    if ((t->count & (t->count - 1)) == 0) {
        t->places = realloc(t->places, (t->count > 0 ? 2 * t->count : 1) * sizeof *t->places);
        if (!t->places) abort();
    }
    t->places[t->count++] = *place;
}

void taken_forget(struct taken *t)
{
    free(t->places);
    *t = (struct taken){.count = 0};
}
