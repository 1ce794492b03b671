/* vm/look.h - The view of somebody who watches the VM (vm_watch) on the slice that runs: frames, variables, the block.
 *
 * Only within a call of vm_watch. Nothing is changed but by vm_look_text and vm_look_set_..., which are for a player of
 * tests: what is changed so is in no journal. Frames count from the innermost one, which is 0. */
#pragma once

#include "vm/exec.h"

struct vm_look {
    const struct image *image;
    const struct block *block;
    uint64_t interaction;
    uint8_t fiber;
    uint32_t frames;
};

/* Looks at the slice that runs. False: the function is run by no fiber, but for a condition or an order of candidates.
 */
bool vm_look(const struct vm *, uint32_t function, struct vm_look *);
/* The function of a frame and the instruction at which it stands; that of frame 0 is what vm_watch says. False past the
 * outermost. */
bool vm_look_frame(const struct vm *, uint32_t frame, uint32_t *function, uint32_t *pc);
/* The word of a register of a frame; false where there is none, or where what it holds is no value of its type: nothing
 * was written there yet. */
bool vm_look_register(const struct vm *, uint32_t frame, uint8_t reg, uint16_t *type, uint64_t *word);

/* Before an instruction that was told: makes a text in the running block, of which whoever looks has to look again.
 * False: the block has no room. */
bool vm_look_text(struct vm *, const char *bytes, uint32_t length, uint64_t *word);
/* Sets a register of a frame, or a declared key; the word is one of its type, in the block or the image. A key's NULL:
 * it is no longer attached. False: there is none such. */
bool vm_look_set_register(struct vm *, uint32_t frame, uint8_t reg, uint64_t word);
bool vm_look_set_slot(struct vm *, uint32_t slot, const uint64_t *word);

/* Does the register keep its value while a fiber waits there? Others hold nothing afterwards. */
bool vm_look_kept(const struct image *, uint32_t wait, uint8_t reg);
