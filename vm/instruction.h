/* vm/instruction.h - One instruction as its row of opcodes.def reads it: for what judges code before it runs (verifier)
 * and while it runs (shadow registers). */
#pragma once

#include "vm/image_data.h"
#include "vm/opcode.h"

struct instruction {
    const struct image_function *function;
    uint32_t number; /* of the function */
    uint32_t pc, word, extension;
    unsigned op;
    const struct opcode_info *info;
    uint32_t operand[3]; /* as the columns of opcodes.def */
    uint16_t type[3];    /* of register operands */
    uint32_t d;          /* register of the extension word */
    uint32_t zone;       /* LAYOUT_ABCDX: the number of its table */
};

/* Takes the operands out of the word; false where bits are set that the layout does not name. */
bool instruction_take(struct instruction *);

/* May an operand of that class (enum operand_class) be of that type? Classes that speak of other operands look at
 * `type` of the instruction. */
bool instruction_operand_fits(const struct image *, const struct instruction *, unsigned what, uint16_t type);

/* May a word of type `from` stand where `to` is declared: equal, or `to` is T? of it. */
static inline bool type_like(uint16_t to, uint16_t from)
{
    return to == from || to == (from | TYPE_OPTIONAL);
}

/* STEP, CALL_WAIT and CALL may have none; what it must be otherwise is known with what is called. */
static inline bool instruction_has_no_result(const struct instruction *i)
{
    return i->operand[0] == REGISTER_NONE && (i->op == OP_STEP || i->op == OP_CALL_WAIT || i->op == OP_CALL);
}
