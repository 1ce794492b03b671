/* vm/look.h - What an observer of the VM (vm_watch) can see of the running slice: frames, variables, the block.
 *
 * Only to be used within a call of vm_watch. Only vm_look_text and the functions vm_look_set change anything; they are
 * for players of tests, as no journal contains such changes. Frames are counted from the innermost one, which is 0. */
#pragma once

#include "vm/exec.h"

struct vm_look {
    const struct image *image;
    const struct block *block;
    uint64_t interaction;
    uint8_t fiber;
    uint32_t frames;
};

/* Begins to look at the running slice. False: no fiber runs the function, which belongs to a condition or an order
 * of candidates. */
bool vm_look(const struct vm *, uint32_t function, struct vm_look *);
/* Gets the function of a frame and its present instruction; for frame 0 that which vm_watch reports. False past the
 * outermost. */
bool vm_look_frame(const struct vm *, uint32_t frame, uint32_t *function, uint32_t *pc);
/* Gets the word of a register of a frame; false: there is no such register, or it has no valid value of its type, as
 * nothing was written to it yet. */
bool vm_look_register(const struct vm *, uint32_t frame, uint8_t reg, uint16_t *type, uint64_t *word);

/* Makes a text in the running block, before a reported instruction; afterwards vm_look must be called again. False:
 * the block is full. */
bool vm_look_text(struct vm *, const char *bytes, uint32_t length, uint64_t *word);
/* Keeps so many bytes free in the running block: until they are used up, nothing in it is moved. */
bool vm_look_room(struct vm *, uint32_t bytes);
/* Make an object of the type from words of the running block or its image (block.h). */
bool vm_look_list(struct vm *, uint16_t type, uint64_t *elements, uint32_t count, uint64_t *word);
bool vm_look_map(struct vm *, uint16_t type, uint64_t *pairs, uint32_t count, uint64_t *word);
bool vm_look_record(struct vm *, uint16_t type, uint64_t *fields, uint32_t count, uint64_t *word);
/* Is it an attribute that the block has, and that may get another value? The core has the others. */
bool vm_look_may_set(uint32_t attribute);
/* Sets such an attribute, as a strategy would set it; the word must be of its type. */
bool vm_look_set_attribute(struct vm *, uint32_t attribute, uint64_t word);
/* Set a register of a frame, or a declared key; the word must be of its type, in the block or the image. For a key
 * NULL means: no longer attached. False: there is no such register or key. */
bool vm_look_set_register(struct vm *, uint32_t frame, uint8_t reg, uint64_t word);
bool vm_look_set_slot(struct vm *, uint32_t slot, const uint64_t *word);

/* Is the register live, so that it keeps its value while a fiber waits there? Others hold nothing afterwards. */
bool vm_look_kept(const struct image *, uint32_t wait, uint8_t reg);
