/* vm/instruction.h - One instruction, decoded by its row of opcodes.def: used to check code before it runs
 * (verifier) and while it runs (shadow registers). */
#pragma once

#include "vm/image_data.h"
#include "vm/opcode.h"

struct instruction {
    const struct image_function *function;
    uint32_t number; /* of the function */
    uint32_t pc, word, extension;
    unsigned op;
    const struct opcode_info *info;
    uint32_t operand[3]; /* operands in the order of the columns of opcodes.def */
    uint16_t type[3];    /* of register operands */
    uint32_t d;          /* register from the extension word */
    uint32_t zone;       /* LAYOUT_ABCDX: number of the zone's table */
};

/* Takes the operands from the word; false: bits are set that the layout does not use. */
bool instruction_take(struct instruction *);

/* Can an operand of that class (enum operand_class) have that type? Classes that refer to other operands use `type`
 * of the instruction. */
bool instruction_operand_fits(const struct image *, const struct instruction *, unsigned what, uint16_t type);

/* Is a word of type `from` allowed where `to` is declared, because the types are equal or `to` is the optional type
 * of `from`? of it. */
static inline bool type_like(uint16_t to, uint16_t from)
{
    return to == from || to == (from | TYPE_OPTIONAL);
}

/* Has the instruction no result? STEP, CALL_WAIT and CALL may have none; otherwise the result's type depends on what
 * is called. */
static inline bool instruction_has_no_result(const struct instruction *i)
{
    return i->operand[0] == REGISTER_NONE && (i->op == OP_STEP || i->op == OP_CALL_WAIT || i->op == OP_CALL);
}
