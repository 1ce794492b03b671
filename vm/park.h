/* vm/park.h - Parking: a fiber's frames move from the scratch stack into the block and back. */
#ifndef VM_PARK_H
#define VM_PARK_H

#include "vm/vm.h"

bool fiber_park_any(struct vm *, uint16_t wait); /* the two below, whatever the fiber looks like */
uint16_t fiber_unpark_any(struct vm *, uint8_t fiber);

/* Room for a record of so many words, beyond what the block has. False: it would pass its 64 KiB. May move it. */
bool fiber_room_more(struct vm *, uint32_t words);

/* Begins the running fiber's record, of so many words, below those of other fibers. NULL: there is no room for it. */
static inline struct fiber *fiber_record(struct vm *vm, uint32_t words, uint16_t wait)
{
    struct block *block = slab_block(vm->slab, vm->handle);
    if (8 * words > block_fibers(block) - block_used(block)) {
        if (!fiber_room_more(vm, words)) return NULL;
        block = slab_block(vm->slab, vm->handle);
    }
    block_set_fibers(block, block_fibers(block) - 8 * words);
    block->fiber_count++;
    struct fiber *fiber = fiber_at(block, block_fibers(block));
    fiber->ticket = ++block->waits;
    fiber->wait = wait;
    fiber->id = vm->fiber;
    fiber->kind = vm->kind & 3u;
    return fiber;
}

/* Writes the running fiber into its block: at wait point `wait`, or IMAGE_NONE: where its fuel was gone. False: there
 * is no room for it. The record is the first of the block's afterwards. Nearly every record has no struct fiber_more.
 */
static inline bool fiber_park(struct vm *vm, uint16_t wait)
{
    if (vm->stack.depth != 1 || vm->parent || wait == IMAGE_NONE) return fiber_park_any(vm, wait);
    const struct wait_brief *brief = &vm->image->briefs[wait];
    if (!brief->words) return fiber_park_any(vm, wait);
    struct fiber *fiber = fiber_record(vm, brief->words, wait);
    if (!fiber) return false;
    fiber->words = brief->words & 63u;
    uint64_t *to = (uint64_t *)(void *)(fiber + 1);
    for (uint32_t bits = brief->live; bits; bits &= bits - 1) *to++ = vm->stack.words[__builtin_ctz(bits)];
    return true;
}

/* Takes a parked fiber out of the block, onto the stack; its children are dropped. Returns its wait point, or
 * IMAGE_NONE. Nearly every one is alone and has no struct fiber_more; its words become zero as they are read. */
static inline uint16_t fiber_unpark(struct vm *vm, uint8_t id)
{
    struct block *block = slab_block(vm->slab, vm->handle);
    struct fiber *fiber = fiber_at(block, block_fibers(block));
    if (block->fiber_count != 1 || fiber->id != id || !fiber->words) return fiber_unpark_any(vm, id);
    uint16_t wait = fiber->wait;
    const struct wait_brief *brief = &vm->image->briefs[wait];
    vm->fiber = id;
    vm->parent = 0;
    vm->kind = fiber->kind;
    vm->stack.depth = 1;
    vm->stack.frames[0] = (struct frame){brief->frame.function, 0, brief->frame.pc + 1, IMAGE_NONE, REGISTER_NONE};
    uint64_t *registers = vm->stack.words, *from = (uint64_t *)(void *)(fiber + 1);
    memset(fiber, 0, 8 * FIBER_WORDS);
    zero_registers(registers, brief->registers);
    for (uint32_t bits = brief->live; bits; bits &= bits - 1) {
        registers[__builtin_ctz(bits)] = *from;
        *from++ = 0;
    }
    block_set_fibers(block, class_bytes(block->class));
    block->fiber_count = 0;
    return wait;
}

/* Drops the children of a fiber, and theirs. */
void fiber_drop_children(struct block *, uint8_t parent);

/* The word and type of an operand at the wait point of a parked fiber; false where it is OPERAND_NONE. */
bool parked_operand(const struct image *, const struct block *, const struct fiber *, uint16_t operand, uint64_t *word,
                    uint16_t *type);

/* The offset in the block of a live register of the innermost frame of a fiber that is parked at a wait point. */
uint32_t parked_place(const struct image *, const struct block *, const struct fiber *, uint16_t reg);

#endif
