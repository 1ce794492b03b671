/* vm/shadow.h - Shadow registers, in a checked build only (configure --enable-checked, -DVM_CHECKED).
 *
 * Registers are words without types, because the verifier has proven the types. This is the proof's test: beside each
 * register stands the type of what was written there, and the word itself. Before each instruction the registers that
 * its row of opcodes.def says it reads must fit the row and the function's table, and hold what was written; after it,
 * only those that the row says it writes may have changed, to words that are good for their type. At both ends of a
 * slice the whole block is checked as one from outside is (block_check). Anything else is an assertion that names
 * function, pc, instruction and register, or the block's offset. An ordinary build has none of this. */
#pragma once

#include "vm/image.h"

struct vm;
struct frame;
struct stack;

#ifdef VM_CHECKED

struct shadow {
    uint32_t depth;                  /* of the stack, as last seen */
    uint32_t begun[IMAGE_DEPTH_MAX]; /* by frame: the pc of its last instruction */
    uint16_t types[IMAGE_STACK_MAX]; /* by register: of what was written */
    uint64_t words[IMAGE_STACK_MAX];
};

/* A run begins: every register that came with the stack must be good. */
void shadow_begin(const struct vm *, struct stack *);
/* The instruction at `pc` of the innermost frame is next: the one before it has ended. */
void shadow_step(const struct vm *, struct stack *, uint32_t pc);
/* Somebody who watches has written a word of that type into the register of a frame. */
void shadow_set(struct stack *, const struct frame *, uint8_t reg, uint16_t type);
/* A slice begins or is over, and nothing runs: is the block what its image says? */
void shadow_block(const struct vm *);

#else

#define shadow_block(vm)                    ((void)(vm))
#define shadow_begin(vm, stack)             ((void)(vm), (void)(stack))
#define shadow_step(vm, stack, pc)          ((void)(vm), (void)(stack), (void)(pc))
#define shadow_set(stack, frame, reg, type) ((void)(stack), (void)(frame), (void)(reg), (void)(type))

#endif
