/* vm/quick.c - Makes the code that is run from an image's code.
 *
 *     quick_new()   each function:  its words | copies of what it calls ...
 *                   each word:      does it begin a row of QUICK?
 *
 * The time is linear in the size of the image. For an image from outside, all copies together have at most
 * COPIED_WORDS_MAX words. */
#include "vm/quick.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/memory.h"

enum { COPY_WORDS_MAX = 96, CODE_WORDS_MAX = 0xffff, REGISTERS_AT_ONCE = 8 };
#ifdef VM_CHECKED
enum { COPIED_WORDS_MAX = 0 }; /* the shadow sees frames */
#else
enum { COPIED_WORDS_MAX = 1 << 20 };
#endif

/* An image for which the code is being made. */
struct maker {
    const struct image *image;
    struct quick *quick;
    uint32_t *copied; /* per function: words that a copy of the function takes; 0: it cannot be copied */
    uint32_t left;    /* how many words further copies may take */
};

static uint32_t words_of(uint32_t word)
{
    return opcode_layout_words(opcode_info(word_op(word))->layout);
}

static uint32_t number_called(uint32_t word)
{
    return word_b(word) | word_c(word) << 8;
}

/* Does the instruction only use registers, without their types, and continue at the next word? */
static bool only_computes(unsigned op)
{
    switch (op) {
    /* clang-format off */
    case OP_MOVE: case OP_LOAD: case OP_LOAD_INT: case OP_ADD: case OP_SUB: case OP_ADD_I: case OP_MUL: case OP_DIV:
    case OP_MOD: case OP_NEG: case OP_ABS: case OP_MIN: case OP_MAX: case OP_RATIO: case OP_SHARE: case OP_ADD_TIME:
    case OP_SUB_TIME: case OP_DIFF_TIME: case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_NOT: case OP_AND:
    case OP_OR: case OP_FIELD: case OP_JUMP: case OP_JTRUE: case OP_JFALSE: case OP_JEQ: case OP_JNE: case OP_JLT:
    case OP_JLE: case OP_JEQ_K: case OP_JNE_K: case OP_JLT_I: case OP_JLE_I: case OP_JGT_I: case OP_JGE_I:
        /* clang-format on */
        return true;
    default:
        return false;
    }
}

/* Returns how many words a copy of a function takes: those of its code, and one more per RETURN. 0: the function
 * cannot be copied. */
static uint32_t copy_words(const struct image *image, const struct image_function *function)
{
    const uint32_t *code = image->code + function->code;
    uint32_t words = 0;
    if (function->code_words > COPY_WORDS_MAX) return 0;
    for (uint32_t at = 0; at < function->code_words; at += words_of(code[at])) {
        bool returns = word_op(code[at]) == OP_RETURN;
        if (!returns && !only_computes(word_op(code[at]))) return 0;
        words += words_of(code[at]) + returns;
    }
    return words;
}

/* Returns the position in a copy for the word at `pc` of its function. */
static uint32_t copy_place(const uint32_t *code, uint32_t pc)
{
    uint32_t place = 0;
    for (uint32_t at = 0; at < pc; at += words_of(code[at]))
        place += words_of(code[at]) + (word_op(code[at]) == OP_RETURN);
    return place;
}

/* Returns the word with all its register numbers increased. */
static uint32_t word_shifted(uint32_t word, uint32_t by)
{
    switch ((enum layout)opcode_info(word_op(word))->layout) {
    case LAYOUT_ABC:
        return word + (by << 8 | by << 16 | by << 24);
    case LAYOUT_AB:
    case LAYOUT_ABN:
    case LAYOUT_ABJ:
        return word + (by << 8 | by << 16);
    case LAYOUT_J:
        return word;
    default: /* only operand A of the instruction is a register */
        return word + (by << 8);
    }
}

/* The registers for the result of a copied call, and the pc at which its caller continues: after the MOVE of the
 * result, if there is one. */
struct copied_result {
    uint32_t first, second, back;
    bool moved;
};

static struct copied_result result_of(const uint32_t *code, uint32_t call)
{
    uint32_t next = code[call + 2]; /* there is a next word, as no function ends with a call */
    struct copied_result result = {word_a(code[call]), word_a(next), call + 2, false};
    result.moved = word_op(next) == OP_MOVE && result.first != REGISTER_NONE && word_b(next) == result.first;
    result.back += result.moved;
    return result;
}

/* Writes the copy at `to`, which is word `begin` of the caller's code. */
static void copy_code(const struct image *image, const struct image_function *callee, uint32_t *to, uint32_t begin,
                      uint32_t shift, struct copied_result result)
{
    const uint32_t *code = image->code + callee->code;
    for (uint32_t at = 0; at < callee->code_words; at += words_of(code[at])) {
        uint32_t word = code[at];
        if (word_op(word) == OP_RETURN) {
            uint32_t value = word_a(word) + shift;
            uint32_t first = result.first == REGISTER_NONE ? value : result.first;
            *to++ = QUICK_RETURN_COPY | value << 8 | first << 16 | (result.moved ? result.second : first) << 24;
            *to++ = result.back;
            continue;
        }
        uint32_t target = begin + copy_place(code, opcode_info(word_op(word))->layout == LAYOUT_J    ? word_abc(word)
                                                   : opcode_info(word_op(word))->layout == LAYOUT_AJ ? word_bc(word)
                                                   : words_of(word) == 2 ? code[at + 1] & 0xffff
                                                                         : 0);
        switch ((enum layout)opcode_info(word_op(word))->layout) {
        case LAYOUT_J:
            *to++ = word_op(word) | target << 8;
            break;
        case LAYOUT_AJ:
            *to++ = word_shifted(word & 0xffff, shift) | target << 16;
            break;
        default:
            *to++ = word_shifted(word, shift);
            if (words_of(word) == 2) *to++ = target;
        }
    }
}

/* Calls back for each call of a function that can be copied, with the number of words before its copy. Returns how
 * many words the function takes with its copies. */
typedef void copied_call(struct maker *, uint32_t caller, uint32_t pc, uint32_t length);
static uint32_t each_copied(struct maker *m, uint32_t number, copied_call *each)
{
    const struct image_function *caller = &m->image->functions[number];
    const uint32_t *code = m->image->code + caller->code;
    uint32_t length = caller->code_words;
    for (uint32_t at = 0; at < caller->code_words; at += words_of(code[at])) {
        if (word_op(code[at]) != OP_CALL) continue;
        uint32_t callee = number_called(code[at]), words = m->copied[callee];
        uint32_t registers = (uint32_t)caller->register_count + m->image->functions[callee].register_count;
        if (!words || words > m->left || length + words > CODE_WORDS_MAX || registers > UINT8_MAX) continue;
        m->left -= words;
        each(m, number, at, length);
        length += words;
    }
    return length;
}

static void count_call(struct maker *m, uint32_t caller, uint32_t pc, uint32_t length)
{
    (void)caller, (void)pc, (void)length;
    m->quick->call_count++;
}

/* Writes one copy after the caller's code and changes the CALL to an instruction that continues there:
 *
 *     own:   | code of the function | copy for the 1st call | copy for the 2nd call |
 *     CALL:  opcode, first argument, place of the copy | the caller's registers, parameters, the callee's registers
 */
static void copy_call(struct maker *m, uint32_t number, uint32_t pc, uint32_t length)
{
    struct quick *quick = m->quick;
    const struct image_function *caller = &m->image->functions[number];
    uint32_t *own = quick->code + quick->starts[number], call = own[pc], from = own[pc + 1] & 0xff;
    const struct image_function *callee = &m->image->functions[number_called(call)];
    quick->calls[quick->call_count++] = (struct copied_call){quick->starts[number] + length, number, pc};
    copy_code(m->image, callee, own + length, length, caller->register_count, result_of(own, pc));
    bool few = callee->register_count <= REGISTERS_AT_ONCE;
    unsigned op = few && callee->parameters == 1   ? QUICK_CALL_COPY_1
                  : few && callee->parameters == 2 ? QUICK_CALL_COPY_2
                                                   : QUICK_CALL_COPY;
    own[pc] = op | from << 8 | length << 16;
    own[pc + 1] = caller->register_count | (uint32_t)callee->parameters << 8 | (uint32_t)callee->register_count << 16;
}

/* Returns how many words the function takes in the code that is run. */
static uint32_t quick_words(uint32_t word)
{
    return word_op(word) < OPCODES ? words_of(word) : 2;
}

static bool is_op(const uint32_t *word, uint32_t left, uint32_t at, unsigned op)
{
    return at < left && word_op(word[at]) == op;
}

/* If `reg` is one of two operands that may be exchanged, makes it operand C and returns true. */
static bool takes_as_c(uint32_t *word, unsigned reg)
{
    if (word_c(*word) == reg) return true;
    if (word_b(*word) != reg) return false;
    *word = (*word & 0xffff) | word_c(*word) << 16 | reg << 24;
    return true;
}

/* Is there at `at` a LOAD_INT and a MUL by it, followed by ADD or SUB of the product? Returns the row, `add` or
 * `sub`, or 0. `sub` 0: there is no row for SUB. */
static unsigned quick_product(uint32_t *word, uint32_t left, uint32_t at, unsigned add, unsigned sub)
{
    if (!is_op(word, left, at, OP_LOAD_INT) || !is_op(word, left, at + 1, OP_MUL) ||
        !takes_as_c(&word[at + 1], word_a(word[at])))
        return 0;
    unsigned to = word_a(word[at + 1]);
    if (is_op(word, left, at + 2, OP_ADD) && takes_as_c(&word[at + 2], to)) return add;
    if (sub && is_op(word, left, at + 2, OP_SUB) && word_c(word[at + 2]) == to) return sub;
    return 0;
}

/* Returns the row that begins at the word, or 0. `left` words follow in the same function; `code` is the function's
 * first word. */
static unsigned quick_row(const struct image *image, const uint32_t *code, uint32_t *word, uint32_t left)
{
    unsigned a = word_a(*word);
    bool mod = is_op(word, left, 1, OP_MOD) && word_c(word[1]) == a && word_b(word[1]) != a;
    switch (word_op(*word)) {
    case OP_LOAD_INT:
        if (is_op(word, left, 1, QUICK_RETURN_COPY) && word_a(word[1]) == a) return QUICK_LOAD_INT_RETURN_COPY;
        return quick_product(word, left, 0, QUICK_LOAD_INT_MUL_ADD, 0);
    case OP_LOAD: {
        int64_t constant = (int64_t)image->constants[word_bc(*word)].word;
        bool returned = is_op(word, left, 2, QUICK_RETURN_COPY) && word_a(word[2]) == word_a(word[1]);
        if (mod && returned && constant > 0) return QUICK_LOAD_MOD_RETURN_COPY;
        if (is_op(word, left, 1, OP_SLOT_SET) && word_a(word[1]) == a) return QUICK_LOAD_SLOT_SET;
        return 0;
    }
    case OP_FIELD:
        if (is_op(word, left, 1, OP_JNE_K) && word_a(word[1]) == a) return QUICK_FIELD_JNE_K;
        if (is_op(word, left, 1, OP_LOAD_INT) && word_a(word[1]) != a) {
            unsigned row = quick_product(word, left, 1, QUICK_FIELD_MUL_ADD, QUICK_FIELD_MUL_SUB);
            return row && word_b(word[2]) == a ? row : 0;
        }
        return 0;
    case OP_MOVE:
        return is_op(word, left, 1, OP_MOVE) && word_b(word[1]) != a && word_a(word[1]) == a + 1 &&
                       is_op(word, left, 2, QUICK_CALL_COPY_2) && word_a(word[2]) == a
                   ? QUICK_MOVE_MOVE_CALL_COPY_2
                   : 0;
    case OP_LOOP:
        return word_op(code[word_abc(*word)]) == OP_JGE_I ? QUICK_LOOP_JGE_I : 0;
    case OP_ADD_I:
        return is_op(word, left, 1, OP_LOOP) && word_op(code[word_abc(word[1])]) == OP_JGE_I ? QUICK_ADD_I_LOOP_JGE_I
                                                                                             : 0;
    default:
        return 0;
    }
}

/* Fuses instructions by changing only the opcode of the first word. The following words stay whole instructions, so
 * a jump to one of them still works. */
static void quick_fuse(const struct image *image, uint32_t *code, uint32_t length)
{
    for (uint32_t at = 0; at < length;) {
        uint32_t words = quick_words(code[at]);
        unsigned row = quick_row(image, code, code + at, length - at);
        if (row) code[at] = (code[at] & ~UINT32_C(0xff)) | row;
        at += words;
    }
}

/* Makes the code in two passes over the functions: the first counts, so that the code is one piece of memory and
 * every function's start is known; the second writes. Both passes must choose the same calls to copy, so `left`
 * begins with the same number. */
struct quick *quick_new(const struct image *image)
{
    uint32_t count = image->count[SECTION_FUNCTIONS], words = 0;
    struct quick *quick = memory_new(sizeof *quick);
    struct maker m = {image, quick, memory_new(count * sizeof *m.copied), COPIED_WORDS_MAX};
    quick->starts = memory_new((count + 1) * sizeof *quick->starts);
    for (uint32_t f = 0; f < count; f++) m.copied[f] = copy_words(image, &image->functions[f]);
    for (uint32_t f = 0; f < count; f++) {
        quick->starts[f] = words;
        words += each_copied(&m, f, count_call);
    }
    quick->starts[count] = words;
    quick->code = memory_new(words * sizeof *quick->code);
    quick->calls = memory_new(quick->call_count * sizeof *quick->calls);
    m.left = COPIED_WORDS_MAX;
    quick->call_count = 0;
    for (uint32_t f = 0; f < count; f++) {
        const struct image_function *function = &image->functions[f];
        uint32_t *code = quick->code + quick->starts[f];
        memcpy(code, image->code + function->code, function->code_words * sizeof *code);
        uint32_t length = each_copied(&m, f, copy_call);
        assert(quick->starts[f] + length == quick->starts[f + 1]);
        quick_fuse(image, code, length);
    }
    free(m.copied);
    return quick;
}

void quick_free(struct quick *quick)
{
    if (!quick) return;
    free(quick->code);
    free(quick->starts);
    free(quick->calls);
    free(quick);
}

/* Finds where a pc in the copy of a function's code is in the image's code: the call in the caller, the called
 * function and the pc in it. Copies ascend in `calls`, so the right one is found by binary search. */
void quick_place(const struct image *image, uint32_t caller, uint32_t at, uint32_t *callee, uint32_t *pc,
                 uint32_t *call)
{
    const struct quick *quick = image->quick;
    uint32_t place = quick->starts[caller] + at, low = 0, high = quick->call_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (quick->calls[middle].begin <= place)
            low = middle;
        else
            high = middle;
    }
    assert(low < quick->call_count && quick->calls[low].begin <= place && quick->calls[low].caller == caller);
    *call = quick->calls[low].pc;
    *callee = number_called(image->code[image->functions[caller].code + *call]);
    const uint32_t *code = image->code + image->functions[*callee].code;
    for (*pc = 0; copy_place(code, *pc) < place - quick->calls[low].begin;) *pc += words_of(code[*pc]);
}
