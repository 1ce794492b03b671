/* vm/opcode.h - The rows of opcodes.def as data, one per instruction. For the VM itself and for tools that print
 * code. */
#pragma once

#include "vm/image.h"

/* clang-format off */
enum layout {
    LAYOUT_0, LAYOUT_A, LAYOUT_AB, LAYOUT_ABC, LAYOUT_ABN, LAYOUT_AN, LAYOUT_AI, LAYOUT_N, LAYOUT_J, LAYOUT_AJ,
    LAYOUT_ABJ, LAYOUT_AKJ, LAYOUT_AIJ, LAYOUT_ABCJ, LAYOUT_ABCD, LAYOUT_ABX, LAYOUT_ABCDX
};

enum operand_role { ROLE_NONE, ROLE_WRITE, ROLE_READ, ROLE_NUMBER, ROLE_TARGET };

/* The classes of types that a register operand may have; the words used in opcodes.def. */
enum operand_class {
    CLASS_ANY, CLASS_INT, CLASS_FLOAT, CLASS_BOOL, CLASS_STR, CLASS_DURATION, CLASS_TIME, CLASS_PERCENT, CLASS_VALUE,
    CLASS_SKILL, CLASS_GROUP, CLASS_QUANTITY, CLASS_ORDERED, CLASS_SCALAR, CLASS_WORD, CLASS_TEXT, CLASS_OPTION,
    CLASS_LIST, CLASS_MAP, CLASS_RECORD, CLASS_SEQUENCE, CLASS_SAME, CLASS_LIKE, CLASS_INNER, CLASS_OF_B,
    CLASS_SAME_OR_T, CLASS_DATE, CLASS_CLOCK
};

enum operand_number {
    NUMBER_LITERAL, NUMBER_CONSTANT, NUMBER_COUNT, NUMBER_FIELD, NUMBER_SLOT, NUMBER_ATTRIBUTE, NUMBER_WAIT,
    NUMBER_TABLE, NUMBER_EXIT, NUMBER_SETTING, NUMBER_MEASURE, NUMBER_LATCH
};

enum opcode_flags {
    OPCODE_WAITS = 1, OPCODE_FAILS = 2, OPCODE_FUEL = 4, OPCODE_HEAP = 8, OPCODE_ENDS = 16, OPCODE_LEAF = 32,
    OPCODE_COUNTS = 64, OPCODE_PAIR = 128,
};

/* clang-format on */

struct opcode_info {
    const char *name;
    uint8_t layout; /* enum layout */
    struct {
        uint8_t role, what;
    } operand[3];
    uint8_t flags;
    const char *doc;
};

const struct opcode_info *opcode_info(unsigned opcode); /* NULL: there is no such opcode */
uint32_t opcode_layout_words(unsigned layout);          /* 1 or 2 */

static inline unsigned word_op(uint32_t word)
{
    return word & 0xff;
}
static inline unsigned word_a(uint32_t word)
{
    return word >> 8 & 0xff;
}
static inline unsigned word_b(uint32_t word)
{
    return word >> 16 & 0xff;
}
static inline unsigned word_c(uint32_t word)
{
    return word >> 24;
}
static inline unsigned word_bc(uint32_t word)
{
    return word >> 16;
}
static inline int32_t word_sbc(uint32_t word)
{
    return (int32_t)word >> 16;
}
static inline int32_t word_sc(uint32_t word)
{
    return (int32_t)word >> 24;
}
static inline uint32_t word_abc(uint32_t word)
{
    return word >> 8;
}
