/* vm/look.c - Gives observers a view of the running slice. */
#include "vm/look.h"

#include <assert.h>

#include "vm/system_words.h"
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

bool vm_look_room(struct vm *vm, uint32_t bytes)
{
    return block_reserve(vm->slab, vm->handle, bytes);
}

bool vm_look_list(struct vm *vm, uint16_t type, uint64_t *elements, uint32_t count, uint64_t *word)
{
    return block_make_list(vm->slab, vm->handle, type, elements, count, word);
}

bool vm_look_map(struct vm *vm, uint16_t type, uint64_t *pairs, uint32_t count, uint64_t *word)
{
    return block_make_map(vm->slab, vm->handle, type, pairs, count, word);
}

bool vm_look_record(struct vm *vm, uint16_t type, uint64_t *fields, uint32_t count, uint64_t *word)
{
    return block_make_record(vm->slab, vm->handle, type, fields, count, word);
}

/* Returns the system word that has the attribute; SYSTEM_NONE: none has it. */
static enum system_word look_system_word(uint32_t attribute)
{
    /* clang-format off */
    switch ((enum attribute_number)attribute) {
#define HEADER(field) SYSTEM_NONE
#define SYSTEM(n)     n
#define CORE          SYSTEM_NONE
#define SLOT          SYSTEM_NONE
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes) \
    case number: return where;
#include "vm/attributes.def"
#undef ATTRIBUTE
#undef HEADER
#undef SYSTEM
#undef CORE
#undef SLOT
    default: return SYSTEM_NONE;
    }
    /* clang-format on */
}

bool vm_look_may_set(uint32_t attribute)
{
    return attribute == ATTRIBUTE_ID_priority || look_system_word(attribute) != SYSTEM_NONE;
}

bool vm_look_set_attribute(struct vm *vm, uint32_t attribute, uint64_t word)
{
    const enum system_word system = look_system_word(attribute);
    const struct attribute *one = attribute_numbered(attribute);
    struct error ignored = {0};
    if (!one || !vm_look_may_set(attribute)) return false;
    if (!block_word_good(vm->image, vm_block(vm), one->type, word, &ignored)) return false;
    if (attribute == ATTRIBUTE_ID_priority) vm_block(vm)->priority = (int64_t)word;
    if (system != SYSTEM_NONE && !block_system_set(vm->slab, vm->handle, system, word)) return false;
    if (system != SYSTEM_NONE) word = block_system(vm_block(vm), system);
    if (one->written && vm->host.assigned) vm->host.assigned(vm->host.self, vm->handle, attribute, word);
    return true;
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
