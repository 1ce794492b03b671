/* runtime/debugger/taken.h - The way that strategies have taken in this play: where something began, each step, each
 * exit. Owns what it notes; images are borrowed and live as long as the play. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vm/image.h"

struct taken_place {
    uint64_t interaction, at_us;
    const struct image *image;
    const char *what; /* of a step its name, of an exit its code; NULL: something of the source begins */
    uint32_t function, pc;
    uint32_t depth; /* frames */
    uint8_t fiber;
    enum taken_kind { TAKEN_PLACE, TAKEN_STEP, TAKEN_DONE, TAKEN_EXIT } kind; /* done: a step, without an exit */
};

struct taken_places {
    struct taken_place *places;
    size_t count;
};

void taken_note(struct taken_places *, const struct taken_place *);
void taken_forget(struct taken_places *);
