/* runtime/debugger/written.h - The registers of a fiber's frames that have a value: a variable has none before it is
 * set, and after a wait only if it is needed later.
 *
 * They are noted with each instruction that the VM tells of; opcodes.def says which registers it writes. */
#pragma once

#include "vm/image.h"

enum { WRITTEN_WORDS = (IMAGE_REGISTERS_MAX + 31) / 32 };

struct written {
    uint32_t depth; /* frames in use */
    struct written_frame {
        uint32_t function, pc; /* the last instruction */
        uint32_t registers[WRITTEN_WORDS];
    } frames[IMAGE_DEPTH_MAX];
};

/* This instruction of the innermost of so many frames is next. */
void written_note(struct written *, const struct image *, uint32_t function, uint32_t pc, uint32_t depth);
/* `frame` counts from the outermost. */
bool written_is(const struct written *, uint32_t frame, uint8_t reg);
