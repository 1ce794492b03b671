/* runtime/debugger/written.c - Notes the registers that an instruction writes, when the next instruction comes. */
#include "runtime/debugger/debugger.h"

#include <assert.h>
#include <string.h>

#include "vm/look.h"
#include "vm/opcode.h"

static void written_set_register(struct written_frame *frame, unsigned reg)
{
    if (reg < IMAGE_REGISTERS_MAX) frame->registers[reg / 32] |= 1u << reg % 32;
}

static void written_begin(struct written_frame *frame, const struct image *image, uint32_t function)
{
    assert(image_function(image, function)->parameters <= IMAGE_REGISTERS_MAX);
    *frame = (struct written_frame){.function = function};
    for (unsigned reg = 0; reg < image_function(image, function)->parameters; reg++) written_set_register(frame, reg);
}

static const uint32_t *written_code(const struct written_frame *frame, const struct image *image)
{
    return image_code(image, image_function(image, frame->function)) + frame->pc;
}

/* A fiber has waited: keeps of this frame only the registers that are needed later. */
static void written_waited(struct written_frame *frame, const struct image *image)
{
    uint32_t wait = word_bc(*written_code(frame, image));
    memset(frame->registers, 0, sizeof frame->registers);
    for (unsigned reg = 0; reg < image_function(image, frame->function)->register_count; reg++)
        if (vm_look_kept(image, wait, (uint8_t)reg)) written_set_register(frame, reg);
}

/* The last instruction of the innermost frame has ended; the one at `next` follows. */
static void written_done(struct written *w, const struct image *image, uint32_t next)
{
    assert(w->depth > 0);
    struct written_frame *frame = &w->frames[w->depth - 1];
    const uint32_t *code = written_code(frame, image);
    const struct opcode_info *info = opcode_info(word_op(*code));
    const unsigned operands[] = {word_a(*code), word_b(*code), word_c(*code)};
    bool succeeded = next == frame->pc + opcode_layout_words(info->layout);
    if (info->flags & OPCODE_WAITS) written_waited(frame, image);
    if (word_op(*code) == OP_STEP) /* the outer frames are at calls of subroutines */
        for (uint32_t n = 0; n + 1 < w->depth; n++)
            if (word_op(*written_code(&w->frames[n], image)) == OP_CALL_WAIT) written_waited(&w->frames[n], image);
    for (unsigned i = 0; i < 3; i++)
        if (info->operand[i].role == ROLE_WRITE && (succeeded || !(info->flags & OPCODE_WAITS)))
            written_set_register(frame, operands[i]);
    if (info->flags & OPCODE_PAIR)
        written_set_register(frame, info->layout == LAYOUT_ABCJ ? code[1] >> 16 & 0xff : code[1] & 0xff);
}

void written_note(struct written *w, const struct image *image, uint32_t function, uint32_t pc, uint32_t depth)
{
    assert(depth > 0 && depth <= IMAGE_DEPTH_MAX);
    struct written_frame *frame = &w->frames[depth - 1];
    bool begins = w->depth < depth || frame->function != function || pc == 0;
    w->depth = depth;
    if (begins)
        written_begin(frame, image, function);
    else
        written_done(w, image, pc);
    frame->pc = pc;
}

bool written_is(const struct written *w, uint32_t number, uint8_t reg)
{
    return number < w->depth && w->frames[number].registers[reg / 32] >> reg % 32 & 1;
}
