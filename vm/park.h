/* vm/park.h - From the scratch stack into the block and back. */
#ifndef VM_PARK_H
#define VM_PARK_H

#include "vm/vm.h"

/* Writes the running fiber into its block: at wait point `wait`, or IMAGE_NONE: where its fuel was gone. False: there
 * is no room for it. The record is the first of the block's afterwards. */
bool fiber_park(struct vm *, uint16_t wait);

/* Takes a parked fiber out of the block, onto the stack; its children are dropped. Returns its wait point, or
 * IMAGE_NONE. */
uint16_t fiber_unpark(struct vm *, uint8_t fiber);

/* Drops the children of a fiber, and theirs. */
void fiber_drop_children(struct block *, uint8_t parent);

/* The word and type of an operand at the wait point of a parked fiber; false where it is OPERAND_NONE. */
bool parked_operand(const struct image *, const struct block *, const struct fiber *, uint16_t operand, uint64_t *word,
                    uint16_t *type);

#endif
