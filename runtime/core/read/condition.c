/* runtime/core/read/condition.c - Makes the number of a condition, instruction by instruction. */
#include "runtime/core/read/condition.h"

#include "vm/image_data.h"
#include "vm/instruction.h"
#include "vm/opcode.h"
#include "vm/value.h"

enum { CONDITION_CALLS = 4, CONDITION_WORDS = 4096 }; /* how deep calls are followed, and how many words in all */

struct condition_digest {
    const struct image *image;
    uint32_t number, words;
};

uint32_t condition_add(uint32_t number, const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;
    for (size_t at = 0; at < length; at++) number = (number ^ byte[at]) * 16777619;
    return number;
}

static void condition_put(struct condition_digest *c, uint64_t word)
{
    c->number = condition_add(c->number, &word, sizeof word);
}

static void condition_put_text(struct condition_digest *c, struct text text)
{
    condition_put(c, text.length);
    c->number = condition_add(c->number, text.bytes, text.length);
}

/* Adds a constant: a text and a name by their letters. Of a list or a record only its type is added. */
static void condition_put_constant(struct condition_digest *c, const struct image_constant *constant)
{
    uint64_t word = constant->word;
    uint16_t type = type_base(constant->type);
    if (value_is_none(constant->type, word)) {
        condition_put(c, word);
    } else if (type_is_name(type)) {
        condition_put_text(c, image_text(c->image, c->image->names[word].text));
    } else if (type == TYPE_STR) {
        bool inlined = value_where(word) <= VALUE_INLINE_MAX;
        const char *bytes = inlined ? (const char *)&word : c->image->strings + value_offset(word);
        condition_put_text(c, (struct text){bytes, value_text_length(word)});
    } else if (!type_is_object(c->image, type)) {
        condition_put(c, word);
    }
}

static void condition_put_measure(struct condition_digest *c, const struct image_measure *measure)
{
    condition_put(c, (uint64_t)measure->window_us);
    condition_put(c, (uint64_t)measure->within_us);
    condition_put(c, (uint64_t)measure->measure << 32 | (uint64_t)measure->of << 16 | measure->medium);
}

/* Adds an operand that is a number. Rows of tables and slots are left out, as they are numbers of this image. */
static void condition_put_operand(struct condition_digest *c, unsigned what, uint32_t number)
{
    switch (what) {
    case NUMBER_CONSTANT:
        condition_put_constant(c, image_constant(c->image, number));
        return;
    case NUMBER_SETTING:
        condition_put_text(c, image_text(c->image, c->image->settings[number].name));
        return;
    case NUMBER_MEASURE:
        condition_put_measure(c, &c->image->measures[number]);
        return;
    case NUMBER_LATCH:
        condition_put_text(c, image_text(c->image, c->image->latches[number].name));
        return;
    case NUMBER_LITERAL:
    case NUMBER_COUNT:
    case NUMBER_FIELD:
    case NUMBER_ATTRIBUTE:
        condition_put(c, number);
        return;
    default:
        return;
    }
}

static void condition_put_function(struct condition_digest *c, uint16_t function, unsigned depth);

static void condition_put_instruction(struct condition_digest *c, const struct instruction *i, unsigned depth)
{
    condition_put(c, i->op);
    if (i->op == OP_CALL || i->op == OP_NATIVE) {
        uint32_t row = i->operand[1] | i->operand[2] << 8;
        if (i->op == OP_NATIVE)
            condition_put_text(c, image_text(c->image, image_native(c->image, row)->name));
        else if (depth < CONDITION_CALLS)
            condition_put_function(c, (uint16_t)row, depth + 1);
        return;
    }
    for (unsigned n = 0; n < 3; n++)
        if (i->info->operand[n].role == ROLE_NUMBER)
            condition_put_operand(c, i->info->operand[n].what, i->operand[n]);
        else
            condition_put(c, i->operand[n]); /* a register, or a place in the function: both begin at 0 */
}

static void condition_put_function(struct condition_digest *c, uint16_t function, unsigned depth)
{
    const struct image_function *row = image_function(c->image, function);
    const uint32_t *code = image_code(c->image, row);
    for (uint32_t pc = 0; pc < row->code_words && c->words < CONDITION_WORDS; c->words++) {
        struct instruction i = {.function = row, .number = function, .pc = pc, .word = code[pc]};
        i.op = word_op(code[pc]);
        i.info = opcode_info(i.op);
        uint32_t words = opcode_layout_words(i.info->layout);
        i.extension = words == 2 ? code[pc + 1] : 0;
        instruction_take(&i); /* the image was verified */
        condition_put_instruction(c, &i, depth);
        pc += words;
    }
}

uint32_t condition_number(const struct image *image, uint16_t function)
{
    struct condition_digest c = {.image = image, .number = CONDITION_BEGIN};
    condition_put_function(&c, function, 0);
    return c.number;
}
