/* vm/shadow.h - Shadow registers, only in a checked build (configure --enable-checked, -DVM_CHECKED).
 *
 * Registers are words without types, because the verifier has proven the types. This tests the proof: for each
 * register the type of what was written to it is stored, and the word itself. Before each instruction the registers
 * that it reads by its row of opcodes.def must fit the row and the function's table, and still contain what was
 * written; after it, only registers that it writes by that row may have changed, to words that are valid for their
 * type. At the begin and the end of a slice the whole block is checked like one from outside (block_check). Any
 * mismatch is an assertion that names function, pc, instruction and register, or the offset in the block. A normal
 * build contains nothing of this. */
#pragma once

#include "vm/image.h"

struct vm;
struct frame;
struct stack;

#ifdef VM_CHECKED

struct shadow {
    uint32_t depth;                  /* depth of the stack when last checked */
    uint32_t begun[IMAGE_DEPTH_MAX]; /* per frame: the pc of its last instruction */
    uint16_t types[IMAGE_STACK_MAX]; /* per register: the type of what was written */
    uint64_t words[IMAGE_STACK_MAX];
};

/* A run begins: checks that every register on the stack is valid. */
void shadow_begin(const struct vm *, struct stack *);
/* The instruction at `pc` of the innermost frame is next: checks the one before it, which has ended. */
void shadow_step(const struct vm *, struct stack *, uint32_t pc);
/* An observer has written a word of that type into the register of a frame: notes it. */
void shadow_set(struct stack *, const struct frame *, uint8_t reg, uint16_t type);
/* Checks the block against its image, at the begin or end of a slice, when nothing runs. */
void shadow_block(const struct vm *);

#else

#define shadow_block(vm)                    ((void)(vm))
#define shadow_begin(vm, stack)             ((void)(vm), (void)(stack))
#define shadow_step(vm, stack, pc)          ((void)(vm), (void)(stack), (void)(pc))
#define shadow_set(stack, frame, reg, type) ((void)(stack), (void)(frame), (void)(reg), (void)(type))

#endif
