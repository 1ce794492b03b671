/* vm/instruction.c - Decodes one instruction by its row of opcodes.def: its operands, and whether their types are
 * right. */
#include "vm/instruction.h"

/* Decodes the word; false: bits that the layout does not use are set, so that each instruction has only one
 * encoding. */
bool instruction_take(struct instruction *i)
{
    uint32_t a = word_a(i->word), b = word_b(i->word), c = word_c(i->word), bc = word_bc(i->word), x = i->extension;
    switch ((enum layout)i->info->layout) {
    case LAYOUT_0:
        return i->word >> 8 == 0;
    case LAYOUT_A:
        i->operand[0] = a;
        return bc == 0;
    case LAYOUT_AB:
        i->operand[0] = a, i->operand[1] = b;
        return c == 0;
    case LAYOUT_ABC:
    case LAYOUT_ABN:
        i->operand[0] = a, i->operand[1] = b, i->operand[2] = c;
        return true;
    case LAYOUT_AN:
    case LAYOUT_AI:
    case LAYOUT_AJ:
        i->operand[0] = a, i->operand[1] = bc;
        return true;
    case LAYOUT_N:
        i->operand[0] = bc;
        return a == 0;
    case LAYOUT_J:
        i->operand[0] = word_abc(i->word);
        return true;
    case LAYOUT_ABJ:
        i->operand[0] = a, i->operand[1] = b, i->operand[2] = x;
        return c == 0;
    case LAYOUT_AKJ:
    case LAYOUT_AIJ:
        i->operand[0] = a, i->operand[1] = bc, i->operand[2] = x;
        return true;
    case LAYOUT_ABCJ:
        i->operand[0] = a, i->operand[1] = b, i->operand[2] = c, i->d = x >> 16;
        return i->info->flags & OPCODE_PAIR ? x >> 24 == 0 : x >> 16 == 0;
    case LAYOUT_ABCD:
        i->operand[0] = a, i->operand[1] = b, i->operand[2] = c, i->d = x;
        return x <= 0xff;
    case LAYOUT_ABCDX:
        i->operand[0] = a, i->operand[1] = b, i->operand[2] = c, i->d = x & 0xff, i->zone = x >> 8;
        return true;
    case LAYOUT_ABX:
        i->operand[0] = a, i->operand[1] = b, i->operand[2] = x;
        return c == 0;
    }
    return false;
}

/* Does the type fit the operand? Classes that mean a single type are looked up in the table; others are tests of the
 * type. */
bool instruction_operand_fits(const struct image *image, const struct instruction *i, unsigned what, uint16_t type)
{
    uint16_t base = type_base(type);
    bool optional = type_is_optional(type);
    bool quantity = type == TYPE_INT || type == TYPE_DURATION || type == TYPE_PERCENT;
    bool ordered = quantity || type == TYPE_TIME || type == TYPE_DATE || type == TYPE_CLOCK;
    static const uint8_t types[] = {
        [CLASS_INT] = TYPE_INT,         [CLASS_FLOAT] = TYPE_FLOAT,       [CLASS_BOOL] = TYPE_BOOL,
        [CLASS_STR] = TYPE_STR,         [CLASS_DURATION] = TYPE_DURATION, [CLASS_TIME] = TYPE_TIME,
        [CLASS_PERCENT] = TYPE_PERCENT, [CLASS_VALUE] = TYPE_VALUE,       [CLASS_SKILL] = TYPE_SKILL,
        [CLASS_GROUP] = TYPE_GROUP,     [CLASS_DATE] = TYPE_DATE,         [CLASS_CLOCK] = TYPE_CLOCK};
    if (what < sizeof types / sizeof *types && types[what]) return type == types[what];
    switch (what) {
    case CLASS_ANY:
        return true;
    case CLASS_QUANTITY:
        return quantity;
    case CLASS_ORDERED:
        return ordered;
    case CLASS_SCALAR:
        return ordered || type == TYPE_BOOL || (!optional && type_is_enum(image, type));
    case CLASS_WORD:
        return base != TYPE_FLOAT && !type_is_object(image, type);
    case CLASS_TEXT:
        return base == TYPE_STR;
    case CLASS_OPTION:
        return optional;
    case CLASS_LIST:
        return !optional && type_is_list(image, type);
    case CLASS_MAP:
        return !optional && type_is_map(image, type);
    case CLASS_RECORD:
        return !optional && type_is_record(image, type);
    case CLASS_SEQUENCE:
        return !optional && (type_is_list(image, type) || type_is_map(image, type));
    case CLASS_SAME:
        return type == i->type[0];
    case CLASS_LIKE:
        return type_like(i->type[0], type);
    case CLASS_INNER:
        return !type_is_optional(i->type[0]) && type == (i->type[0] | TYPE_OPTIONAL);
    case CLASS_OF_B:
        return base == type_base(i->type[1]);
    case CLASS_SAME_OR_T:
        return base == type_base(i->type[0]);
    }
    return false;
}
