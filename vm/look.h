/* vm/look.h - What somebody who watches the VM (vm_watch) may see of the slice that runs: frames, variables, the block.
 *
 * Only within a call of vm_watch. Nothing is changed. Frames count from the innermost one, which is 0. */
#ifndef VM_LOOK_H
#define VM_LOOK_H

#include "vm/exec.h"

struct vm_look {
    const struct image *image;
    const struct block *block;
    uint64_t interaction;
    uint8_t fiber;
    uint32_t frames;
};

/* False: the instruction of that function is none of a fiber's, but of a condition or of an order of candidates. */
bool vm_look(const struct vm *, uint32_t function, struct vm_look *);
/* The function of a frame and the instruction at which it stands; that of frame 0 is what vm_watch says. False past the
 * outermost. */
bool vm_look_frame(const struct vm *, uint32_t frame, uint32_t *function, uint32_t *pc);
/* The word of a register of a frame; false where there is none, or where what it holds is no value of its type: nothing
 * was written there yet. */
bool vm_look_register(const struct vm *, uint32_t frame, uint8_t reg, uint16_t *type, uint64_t *word);

/* Does the register keep its value while a fiber waits there? Others hold nothing afterwards. */
bool vm_look_kept(const struct image *, uint32_t wait, uint8_t reg);

#endif
