/* vm/park.c - Parks fibers: only the live registers of each frame are stored in the block; when a fiber continues,
 * all others are zero.
 *
 *     frame r0 r1 r2 r3 r4, of which r3 lives behind the wait:     | ticket wait id | r3 |
 *     two frames:   | ticket wait id | more | outer frame: function, wait, pc | its words | words of the inner one |
 *
 * A wait point says which registers are live (as regs.c of the compiler found), so that a waiting strategy needs
 * only a word or two in its block. If the fuel was used up there is no wait point, and all registers are stored.
 * fiber_park() and fiber_unpark() in park.h are fast forms for nearly all fibers: one frame, no tries, and at most
 * 32 registers. */
#include "vm/park.h"

#include "vm/bits.h"

#include <assert.h>

/* Returns how many words a frame takes in the record, without its struct parked_frame. */
static uint32_t parked_words(const struct image *image, const struct frame *frame, uint16_t wait)
{
    return (wait == IMAGE_NONE ? image->functions[frame->function].register_count : image->waits[wait].live_count);
}

/* Copies the live registers in order; returns how many. */
static uint32_t copy_live(uint64_t *to, const uint64_t *registers, const uint32_t *live, uint32_t count)
{
    uint32_t copied = 0;
    for (uint32_t n = 0; n < count; n += 32)
        for (uint32_t bits = live[n / 32]; bits; bits &= bits - 1)
            to[copied++] = registers[n + (uint32_t)__builtin_ctz(bits)];
    return copied;
}

/* Writes a frame into the record field by field: a narrow store soon followed by a wide read would be slow. */
static uint64_t *park_frame(const struct image *image, const struct stack *stack, uint32_t n, uint16_t wait,
                            uint64_t *to)
{
    assert(n < stack->depth);
    const struct frame *frame = &stack->frames[n];
    const struct image_function *function = &image->functions[frame->function];
    const uint64_t *registers = stack->words + frame->base;
    /* the wait point determines the rest, so only the words are written */
    bool told = wait != IMAGE_NONE && n + 1 == stack->depth;
    struct parked_frame *parked = told ? NULL : (struct parked_frame *)(void *)to++;
    if (parked) {
        parked->function = (uint16_t)frame->function;
        parked->wait = wait;
    }
    if (wait != IMAGE_NONE) {
        if (parked) parked->pc = image->waits[wait].pc;
        return to + copy_live(to, registers, image->live + image->waits[wait].live, function->register_count);
    }
    /* for outer frames: the place of the OP_CALL itself */
    parked->pc = n + 1 < stack->depth ? frame->pc - 2 : frame->pc;
    memcpy(to, registers, function->register_count * sizeof *to);
    return to + function->register_count;
}

/* Makes space for a record: allocated like heap space, then taken from its end. */
bool park_make_room(struct vm *vm, uint32_t words)
{
    if (words > 0xffff || !block_allocate(vm->slab, vm->handle, 8 * words, NULL)) return false;
    struct block *block = slab_block(vm->slab, vm->handle);
    block_set_used(block, block_used(block) - 8 * words);
    return true;
}

bool park_any_fiber(struct vm *vm, uint16_t wait)
{
    const struct image *image = vm->image;
    const struct stack *stack = &vm->stack;
    assert(stack->depth > 0 && stack->depth <= IMAGE_DEPTH_MAX);
    uint32_t last = stack->depth - 1, words = FIBER_MORE_WORDS + last + (wait == IMAGE_NONE);
    for (uint32_t n = 0; n < last; n++) words += parked_words(image, &stack->frames[n], stack->frames[n].wait);
    words += parked_words(image, &stack->frames[last], wait);
    struct block *block = fiber_room(vm, words);
    if (!block) return false;
    struct fiber *fiber = fiber_record(vm, block, words, wait);
    if (wait == IMAGE_NONE) fiber->ticket = vm->turns; /* without a wait the ticket is not compared with anything */
    fiber->words = 0;
    struct fiber_more *more = (struct fiber_more *)(void *)(fiber + 1);
    *more = (struct fiber_more){.words = (uint16_t)words,
                                .function = (uint16_t)stack->frames[last].function,
                                .parent = vm->parent,
                                .frames = (uint8_t)stack->depth};
    uint64_t *at = (uint64_t *)(void *)(more + 1);
    for (uint32_t n = 0; n < last; n++) at = park_frame(image, stack, n, stack->frames[n].wait, at);
    park_frame(image, stack, last, wait, at);
    return true;
}

/* Restores a frame, which continues after the instruction at which it was parked; for a frame that has called
 * another one, that call names the register for the result. */
static const uint64_t *unpark_frame(const struct image *image, struct stack *stack, const struct fiber *fiber,
                                    const uint64_t *from)
{
    assert(stack->depth < IMAGE_DEPTH_MAX);
    bool innermost = stack->depth + 1 == fiber_more(fiber).frames;
    const struct parked_frame parked = fiber_frame(image, fiber, stack->depth, &from);
    const struct image_function *function = &image->functions[parked.function];
    uint32_t base = 0, count = function->register_count;
    if (stack->depth) {
        const struct frame *below = &stack->frames[stack->depth - 1];
        base = below->base + image->functions[below->function].register_count;
    }
    assert(base + count <= IMAGE_STACK_MAX);
    struct frame *frame = &stack->frames[stack->depth++];
    uint64_t *registers = stack->words + base;
    frame->function = parked.function;
    frame->base = base;
    frame->pc = parked.pc;
    frame->wait = parked.wait;
    frame->result = REGISTER_NONE;
    if (frame->wait == IMAGE_NONE) {
        memcpy(registers, from, count * sizeof *from);
        if (!innermost) {
            frame->result = (uint8_t)word_a(image->code[function->code + parked.pc]);
            frame->pc += 2;
        }
        return from + count;
    }
    const struct image_wait *wait = &image->waits[frame->wait];
    const uint32_t *live = image->live + wait->live;
    zero_registers(registers, count);
    for (uint32_t n = 0; n < count; n += 32)
        for (uint32_t bits = live[n / 32]; bits; bits &= bits - 1)
            registers[n + (uint32_t)__builtin_ctz(bits)] = *from++;
    frame->result = wait->result;
    frame->pc++;
    if (innermost) frame->wait = IMAGE_NONE; /* it waits no longer */
    return from;
}

void park_drop_children(struct block *block, uint8_t parent)
{
    for (bool again = true; again;) {
        uint32_t at = block_fibers(block);
        again = false;
        for (uint32_t i = 0; i < block->fiber_count && !again; i++) {
            const struct fiber *fiber = fiber_at(block, at);
            uint8_t id = fiber->id;
            if (id != parent && fiber_more(fiber).parent == parent) {
                park_drop_children(block, id);
                fiber_remove(block, fiber_find(block, id));
                again = true;
            } else {
                at += fiber_bytes(fiber);
            }
        }
    }
}

uint16_t park_resume_any_fiber(struct vm *vm, uint8_t id)
{
    struct block *block = slab_block(vm->slab, vm->handle);
    if (block->fiber_count > 1) park_drop_children(block, id);
    uint32_t offset = fiber_find(block, id);
    assert(offset);
    const struct fiber *fiber = fiber_at(block, offset);
    const uint64_t *words = fiber_frames(fiber);
    uint32_t last = fiber_more(fiber).frames - 1u;
    uint16_t wait = fiber->wait;
    vm->fiber = fiber->id;
    vm->parent = fiber_more(fiber).parent;
    vm->kind = fiber->kind;
    vm->stack.depth = 0;
    for (uint32_t n = 0; n <= last; n++) words = unpark_frame(vm->image, &vm->stack, fiber, words);
    fiber_remove(block, offset);
    return wait;
}

uint32_t park_place(const struct image *image, const struct block *block, const struct fiber *fiber, uint16_t reg)
{
    /* The words of the innermost frame end the record: as many as the wait point has live registers; this register's
     * word comes after those of lower live ones. */
    const struct image_wait *wait = &image->waits[fiber->wait];
    const uint32_t *live = image->live + wait->live;
    uint32_t before = 0;
    assert(live[reg / 32] >> reg % 32 & 1); /* only live registers are in the record */
    for (uint32_t n = 0; n < reg / 32u; n++) before += bits_count(live[n]);
    before += bits_count(live[reg / 32] & ((1u << reg % 32) - 1));
    uint32_t end = (uint32_t)((const uint8_t *)fiber - block_bytes(block)) + fiber_bytes(fiber);
    return end - 8u * wait->live_count + 8 * before;
}

bool park_operand(const struct image *image, const struct block *block, const struct fiber *fiber, uint16_t operand,
                  uint64_t *word, uint16_t *type)
{
    if (operand == OPERAND_NONE) return false;
    if (operand & OPERAND_CONSTANT) {
        const struct image_constant *constant = &image->constants[operand & (uint16_t)~OPERAND_CONSTANT];
        *word = constant->word;
        *type = constant->type;
        return true;
    }
    *word = block_word_at(block_bytes(block) + park_place(image, block, fiber, operand));
    *type = image->registers[image->functions[fiber_function(image, fiber)].registers + operand];
    return true;
}
