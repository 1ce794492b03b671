/* vm/park.h - Parking: moves a fiber's frames from the scratch stack into the block and back. */
#pragma once

#include "vm/vm.h"

bool park_any_fiber(struct vm *, uint16_t wait); /* the general forms of fiber_park() and fiber_unpark() below, for
                                                  * any fiber */
uint16_t park_resume_any_fiber(struct vm *, uint8_t fiber);

/* Makes space for a record of so many words, if the block does not have it. False: the block would exceed 64 KiB.
 * May move it. */
bool park_make_room(struct vm *, uint32_t words);

/* Returns the running block, with space for a record of so many words. NULL: there is none. */
static inline struct block *fiber_room(struct vm *vm, uint32_t words)
{
    struct block *block = vm_block(vm);
    if (words <= block_free_words(block)) return block;
    return park_make_room(vm, words) ? vm_block(vm) : NULL;
}

/* Begins the running fiber's record, of so many words, before those of other fibers; there must be space for it. */
static inline struct fiber *fiber_record(const struct vm *vm, struct block *block, uint32_t words, uint16_t wait)
{
    assert(words <= block_free_words(block));
    block_move_words(block, 0u - (words << WORDS_SHIFT));
    block->fiber_count++;
    struct fiber *fiber = fiber_at(block, block_fibers(block));
    fiber->ticket = ++block->waits;
    fiber->wait = wait;
    fiber->id = vm->fiber;
    fiber->kind = vm->kind & 3u;
    return fiber;
}

/* Stores the running fiber in its block, at a wait point. Returns the block, which may have moved. NULL: there is
 * not enough space. Afterwards the record is the first one in the block. This is fast for records without struct
 * fiber_more, as nearly all are. */
static inline struct block *fiber_park(struct vm *vm, uint16_t wait)
{
    const struct wait_brief *brief = &vm->image->briefs[wait];
    if (vm->stack.depth != 1 || vm->parent || !brief->words) return park_any_fiber(vm, wait) ? vm_block(vm) : NULL;
    struct block *block = fiber_room(vm, brief->words);
    if (!block) return NULL;
    struct fiber *fiber = fiber_record(vm, block, brief->words, wait);
    fiber->words = brief->words & 63u;
    uint64_t *to = (uint64_t *)(void *)(fiber + 1);
    for (uint32_t bits = brief->live; bits; bits &= bits - 1) *to++ = vm->stack.words[__builtin_ctz(bits)];
    return block;
}

/* Takes a parked fiber out of the block and puts it onto the stack; its children are dropped. Returns its wait
 * point, or IMAGE_NONE. This is fast for a fiber that is alone and has no struct fiber_more, as nearly all are; its
 * words are zeroed as they are read. */
static inline uint16_t fiber_unpark(struct vm *vm, struct block *block, uint8_t id)
{
    struct fiber *fiber = fiber_at(block, block_fibers(block));
    if (block->fiber_count != 1 || fiber->id != id || !fiber->words) return park_resume_any_fiber(vm, id);
    uint16_t wait = fiber->wait;
    const struct wait_brief *brief = &vm->image->briefs[wait];
    vm->fiber = id;
    vm->parent = 0;
    vm->kind = fiber->kind;
    vm->stack.depth = 1;
    vm->stack.frames[0] = (struct frame){brief->frame.function, 0, brief->frame.pc + 1, IMAGE_NONE, REGISTER_NONE};
    uint64_t *registers = vm->stack.words, *from = (uint64_t *)(void *)(fiber + 1);
    block_move_words(block, (uint32_t)fiber->words << WORDS_SHIFT);
    block->fiber_count = 0;
    memset(fiber, 0, 8 * FIBER_WORDS);
    zero_registers(registers, brief->registers);
    for (uint32_t bits = brief->live; bits; bits &= bits - 1) {
        registers[__builtin_ctz(bits)] = *from;
        *from++ = 0;
    }
    return wait;
}

/* Drops the children of a fiber, and their children. */
void park_drop_children(struct block *, uint8_t parent);

/* Gets word and type of an operand at the wait point of a parked fiber; false: it is OPERAND_NONE. */
bool park_operand(const struct image *, const struct block *, const struct fiber *, uint16_t operand, uint64_t *word,
                  uint16_t *type);

/* Returns the offset in the block of a live register of the innermost frame of a fiber at a wait point. */
uint32_t park_place(const struct image *, const struct block *, const struct fiber *, uint16_t reg);
