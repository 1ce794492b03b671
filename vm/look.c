/* vm/look.c - Gives observers a view of the running slice. */
#include "vm/look.h"

#include <assert.h>

#include "vm/vm.h"

bool vm_look(const struct vm *vm, uint32_t function, struct vm_look *look)
{
    const struct stack *stack = &vm->stack;
    if (stack->depth == 0 || vm->looks || vm->handle == BLOCK_HANDLE_NONE ||
        stack->frames[stack->depth - 1].function != function)
        return false;
    *look = (struct vm_look){vm->image, vm_block(vm), vm_id(vm), vm->fiber, stack->depth};
    return true;
}

bool vm_look_frame(const struct vm *vm, uint32_t number, uint32_t *function, uint32_t *pc)
{
    const struct stack *stack = &vm->stack;
    if (number >= stack->depth) return false;
    const struct frame *frame = &stack->frames[stack->depth - 1 - number];
    *function = frame->function;
    *pc = frame->pc > 0 ? frame->pc - 1 : 0; /* an outer frame's pc is already behind the call that it has made */
    return true;
}

bool vm_look_register(const struct vm *vm, uint32_t number, uint8_t reg, uint16_t *type, uint64_t *word)
{
    struct error ignored = {0};
    const struct stack *stack = &vm->stack;
    if (number >= stack->depth) return false;
    const struct frame *frame = &stack->frames[stack->depth - 1 - number];
    if (reg >= vm->image->functions[frame->function].register_count) return false;
    *type = image_register(vm->image, frame->function, reg);
    *word = stack->words[frame->base + reg];
    return block_word_good(vm->image, vm_block(vm), *type, *word, &ignored);
}

bool vm_look_text(struct vm *vm, const char *bytes, uint32_t length, uint64_t *word)
{
    return block_make_text(vm->slab, vm->handle, bytes, length, word);
}

bool vm_look_set_register(struct vm *vm, uint32_t number, uint8_t reg, uint64_t word)
{
    struct stack *stack = &vm->stack;
    struct error ignored = {0};
    if (number >= stack->depth) return false;
    const struct frame *frame = &stack->frames[stack->depth - 1 - number];
    if (reg >= vm->image->functions[frame->function].register_count) return false;
    uint16_t type = image_register(vm->image, frame->function, reg);
    if (!block_word_good(vm->image, vm_block(vm), type, word, &ignored)) return false;
    stack->words[frame->base + reg] = word;
    shadow_set(stack, frame, reg, type);
    return true;
}

bool vm_look_set_slot(struct vm *vm, uint32_t slot, const uint64_t *word)
{
    struct error ignored = {0};
    struct block *block = vm_block(vm);
    const struct image_strategy *strategy = image_strategy(vm->image, block->strategy);
    if (slot >= image_slot_count(strategy)) return false;
    uint16_t type = image_slot(vm->image, strategy, slot)->type;
    if (word && !block_word_good(vm->image, block, type, *word, &ignored)) return false;
    if (word)
        block_slot_set(block, slot, *word);
    else
        block_slot_clear(block, slot);
    vm->changed |= UINT64_C(1) << slot;
    return true;
}

bool vm_look_kept(const struct image *image, uint32_t wait, uint8_t reg)
{
    assert(wait < image->count[SECTION_WAITS]);
    const struct image_wait *row = &image->waits[wait];
    return image->live[row->live + reg / 32] >> reg % 32 & 1;
}
