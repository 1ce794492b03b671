/* runtime/debugger/taken.c - A list of places that grows while a play goes on. */
#include "runtime/debugger/taken.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

void taken_note(struct taken_places *t, const struct taken_place *place)
{
    assert(place->interaction != 0 && place->image);
    t->places = memory_more(t->places, t->count, sizeof *t->places);
    t->places[t->count++] = *place;
}

void taken_forget(struct taken_places *t)
{
    free(t->places);
    *t = (struct taken_places){.count = 0};
}
