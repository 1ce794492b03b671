/* runtime/debugger/watched.c - Keeps a row per fiber of a play: its frames, and which of their registers have
 * values. */
#include <assert.h>
#include <stdlib.h>

#include "runtime/debugger/debugger.h"
#include "base/memory.h"

enum { FIBERS_FEW = 64 };

/* Frees the rows of fibers whose interaction has ended. */
void watched_drop(struct debugger *d)
{
    size_t count = 0;
    struct interaction_row row;
    for (size_t i = 0; i < d->fiber_count; i++) {
        uint64_t interaction = d->fibers[i].last.interaction;
        if (core_find(d->core, interaction, &row) && !span_is(row.state, "ended")) d->fibers[count++] = d->fibers[i];
    }
    d->fiber_count = count;
}

/* Returns the fiber's row (its frames, and which registers have values); a new fiber gets one. */
struct watched_fiber *watched_fiber_of(struct debugger *d, const struct fiber_place *place)
{
    for (size_t i = d->fiber_count; i > 0; i--) { /* from the newest row on: those fibers most likely still run */
        const struct fiber_place *last = &d->fibers[i - 1].last;
        if (last->interaction == place->interaction && last->fiber == place->fiber) return &d->fibers[i - 1];
    }
    if (d->past && d->fiber_count >= FIBERS_FEW && (d->fiber_count & (d->fiber_count - 1)) == 0) watched_drop(d);
    d->fibers = memory_more(d->fibers, d->fiber_count, sizeof *d->fibers);
    struct watched_fiber *fiber = &d->fibers[d->fiber_count++];
    assert(place->interaction != 0); /* a line of the timeline belongs to no fiber */
    *fiber = (struct watched_fiber){.last = {.interaction = place->interaction, .fiber = place->fiber}};
    return fiber;
}

bool debugger_speaks(const struct debugger *d)
{
    return d->to == 0 && d->look_back == 0 && d->sought.what == SOUGHT_NOTHING && !d->leaving;
}

bool debugger_knows(struct debugger *d, uint8_t reg)
{
    assert(d->place.interaction != 0 && d->frame < d->look.frames);
    return written_is(&watched_fiber_of(d, &d->place)->written, d->look.frames - 1 - d->frame, reg);
}

bool debugger_frame(const struct debugger *d, uint32_t *function, uint32_t *pc, struct image_place *at)
{
    if (d->place.interaction == 0) return false;
    *function = d->place.function;
    *pc = d->place.pc;
    if (d->frame > 0 && !vm_look_frame(core_vm(d->core), d->frame, function, pc)) return false;
    *at = d->place.at;
    return d->frame == 0 || image_place(d->look.image, *function, *pc, at);
}

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
