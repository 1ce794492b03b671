/* vm/run.c - The interpreter: one function, with one label per instruction.
 *
 * The verifier has proven every operand, so only what depends on values is checked here. `pc`, registers, constants
 * and fuel are local variables. Dispatch is by a table of labels (about a fifth faster than a switch, measured on
 * loops); -DVM_SWITCH builds the switch, for compilers without labels as values and to compare.
 *
 *     enter:     the topmost frame of the stack becomes the running one
 *     entered:   types, code, pc and r are set from its function; NEXT runs instruction after instruction
 *     yield:     no fuel is left: the frame keeps the pc at which it goes on
 *     faulted:   a value was wrong: the frame keeps the pc of the last word that was read
 *
 * Only LOOP and the calls check whether fuel is left, because all other jumps lead forward and so come to an end.
 * Other instructions may take the fuel below zero; the next LOOP or call notices that. `block` is a pointer into the
 * slab: after calling an instruction's function it is read again, because allocating may have moved the block. */
#include "vm/dense.h"
#include "vm/quick.h"
#include "vm/share.h"
#include "vm/vm.h"

/* An instruction a line: */
/* clang-format off */
#define R_A r[word_a(i)]
#define R_B r[word_b(i)]
#define R_C r[word_c(i)]
#define INT(word) ((int64_t)(word))

#define SHADOW_STEP shadow_step(vm, stack, (uint32_t)(pc - code))
/* An observer costs time only when there is one: the interpreter for observers is this file compiled again
 * (run_watched.c). */
#ifdef VM_WATCHED
#define RUN        vm_run_watched
#define WATCH_STEP                                                          \
    do {                                                                    \
        frame->pc = (uint32_t)(pc - code);                                  \
        if (tell_watched_step(vm, image, stack, frame, r)) return STOP_STANDS;      \
        if (block) block = slab_block(vm->slab, vm->handle); /* vm_look_text */ \
    } while (0)
#else
#define RUN        vm_run
#define WATCH_STEP (void)0
#ifndef VM_SWITCH
#define VM_QUICK /* the interpreter that runs the code made at loading (vm/quick.h) */
#endif
#endif
#ifdef VM_QUICK
#define CODE_OF(number) (image->quick->code + image->quick->starts[number])
#else
#define CODE_OF(number) (image->code + image->functions[number].code)
#endif
#ifdef VM_SWITCH
#define CASE(name) case OP_##name:
#define NEXT       goto next
#else
#define CASE(name) L_##name:
#define NEXT                          \
    do {                              \
        SHADOW_STEP;                  \
        WATCH_STEP;                   \
        i = *pc++;                    \
        goto *labels[word_op(i)];     \
    } while (0)
#endif

/* Goes on within a row of QUICK to its next instruction, as if that were dispatched. */
#define THEN         \
    do {             \
        SHADOW_STEP; \
        i = *pc++;   \
    } while (0)
/* Jumps to the end of a loop, to its condition, which JGE_I tests. */
#define LOOP_JGE_I                                                           \
    do {                                                                     \
        pc = code + word_abc(i);                                             \
        if (--vm->fuel < 0) goto yield;                                      \
        THEN;                                                                \
        BRANCH(INT(R_A) >= word_sbc(i));                                     \
    } while (0)

/* Returns from a function whose code was copied into its caller. The value is stored in two registers: that of the
 * call, and the one into which the caller would move it next. If the caller does not move it, both are the same
 * register. */
#define RETURN_COPY(value)                                          \
    do {                                                            \
        uint64_t returned = (value);                                \
        R_B = returned;                                             \
        r[word_c(i)] = returned;                                    \
        pc = code + *pc;                                            \
        NEXT;                                                       \
    } while (0)

/* Jumps if the condition is true; the target is the extension word. */
#define BRANCH(condition)                                \
    do {                                                 \
        if (condition) pc = code + (*pc & 0xffff);       \
        else pc++;                                       \
        NEXT;                                            \
    } while (0)
#define BRANCH_HERE(condition)                           \
    do {                                                 \
        if (condition) pc = code + word_bc(i);           \
        NEXT;                                            \
    } while (0)
#define FAULT(kind)            \
    do {                       \
        vm->fault = (kind);    \
        goto faulted;          \
    } while (0)
/* Computes with overflow checks; the builtins report results beyond 64 bits; the smallest int means none, so it is
 * out of range, too. These are two statements: the compiler makes one jump of each, but four more instructions if
 * they are combined. */
#define COMPUTE(builtin, a, b, result)                              \
    do {                                                            \
        if (__builtin_expect(builtin((a), (b), &(result)), false))  \
            FAULT(FAULT_OVERFLOW);                                  \
        if (__builtin_expect((result) == INT64_MIN, false))         \
            FAULT(FAULT_OVERFLOW);                                  \
    } while (0)
#define ARITHMETIC(builtin)                                                                             \
    do {                                                                                                \
        int64_t sum;                                                                                    \
        COMPUTE(builtin, INT(R_B), INT(R_C), sum);                                                      \
        R_A = (uint64_t)sum;                                                                            \
        NEXT;                                                                                           \
    } while (0)
#define ARITHMETIC_FLOAT(operator)                                                       \
    do {                                                                                 \
        uint64_t word = value_from_float(value_float(R_B) operator value_float(R_C));    \
        if (!value_is_finite(word)) FAULT(FAULT_NOT_A_NUMBER);                           \
        R_A = word;                                                                      \
        NEXT;                                                                            \
    } while (0)
/* Calls the function of an instruction without extension; the block may have moved. */
#define CALL_OUT(function)                                        \
    do {                                                          \
        if (!function(vm, r, i, 0)) goto faulted;                 \
        block = slab_block(vm->slab, vm->handle);                 \
        NEXT;                                                     \
    } while (0)
#define CALL_OUT_EXTENDED(function)                     \
    do {                                                \
        uint32_t extension = *pc++;                     \
        if (!function(vm, r, i, extension)) goto faulted; \
        block = slab_block(vm->slab, vm->handle);         \
        NEXT;                                           \
    } while (0)

/* Begins a frame above the innermost one, whose function is `caller`; the calling code then copies the arguments. */
static inline struct frame *push_frame(struct stack *stack, const struct image_function *caller, uint32_t number,
                                       const struct image_function *callee)
{
    const struct frame *below = &stack->frames[stack->depth - 1];
    struct frame *frame = &stack->frames[stack->depth++];
    frame->function = number;
    frame->base = below->base + caller->register_count;
    frame->wait = IMAGE_NONE;
    frame->result = REGISTER_NONE;
    zero_registers(stack->words + frame->base, callee->register_count);
    return frame;
}

/* Computes a remainder; few numbers need all 64 bits, whose division is slow. */
static inline int64_t remainder_of(int64_t number, int64_t by)
{
    if (((uint64_t)number | (uint64_t)by) >> 32) return number % by;
    return (int64_t)((uint32_t)number % (uint32_t)by);
}

/* Returns an operand: a constant if its bit OPERAND_CONSTANT is set, else the value of a register. */
static uint64_t operand_word(const struct image *image, const uint64_t *r, uint16_t operand)
{
    return operand & OPERAND_CONSTANT ? image->constants[operand & (uint16_t)~OPERAND_CONSTANT].word : r[operand];
}

enum stop RUN(struct vm *vm, struct stack *stack)
{
#ifndef VM_SWITCH
    static const void *const labels[QUICK_END] = {
#define OP(name, layout, a, b, c, flags, doc) &&L_##name,
#ifdef VM_QUICK
#define QUICK(name, words, gain) &&L_##name,
#endif
#include "vm/opcodes.def"
    };
#endif
    const struct image *image = vm->image;
    const struct image_constant *constants = image->constants;
    struct block *block = vm->handle ? slab_block(vm->slab, vm->handle) : NULL;
    struct frame *frame;
    const struct image_function *function;
    const uint16_t *types; /* types of the registers */
    const uint32_t *code, *pc;
    uint64_t *r;
    uint32_t i, at; /* the instruction; where a frame continues */
    shadow_begin(vm, stack);

enter:
    frame = &stack->frames[stack->depth - 1];
    function = &image->functions[frame->function];
    at = frame->pc;
entered:
    types = image->registers + function->registers;
    code = CODE_OF(frame->function);
    pc = code + at;
    r = stack->words + frame->base;

#ifdef VM_SWITCH
next:
    SHADOW_STEP;
    WATCH_STEP;
    i = *pc++;
    switch ((enum opcode)word_op(i)) {
    case OPCODES: __builtin_unreachable();
#else
    NEXT;
#endif
    CASE(MOVE) R_A = R_B; NEXT;
    CASE(LOAD) R_A = constants[word_bc(i)].word; NEXT;
    CASE(LOAD_INT) R_A = (uint64_t)(int64_t)word_sbc(i); NEXT;
    CASE(LOAD_NONE) R_A = value_none(types[word_a(i)]); NEXT;
    CASE(UNWRAP)
        if (value_is_none(types[word_b(i)], R_B))
            FAULT(FAULT_UNEXPECTED_NONE);
        R_A = R_B;
        NEXT;
    CASE(IS_NONE)
        R_A = value_is_none(types[word_b(i)], R_B);
        NEXT;

    CASE(ADD) ARITHMETIC(__builtin_add_overflow);
    CASE(SUB) ARITHMETIC(__builtin_sub_overflow);
    CASE(MUL) ARITHMETIC(__builtin_mul_overflow);
    CASE(ADD_TIME) ARITHMETIC(__builtin_add_overflow);
    CASE(SUB_TIME) ARITHMETIC(__builtin_sub_overflow);
    CASE(DIFF_TIME) ARITHMETIC(__builtin_sub_overflow);
    CASE(ADD_I) {
        int64_t sum;
        COMPUTE(__builtin_add_overflow, INT(R_B), (int64_t)word_sc(i), sum);
        R_A = (uint64_t)sum;
        NEXT;
    }
    CASE(DIV)
    CASE(RATIO)
        if (R_C == 0) FAULT(FAULT_DIVISION);
        if (R_B == VALUE_NONE) FAULT(FAULT_OVERFLOW);
        R_A = (uint64_t)(INT(R_B) / INT(R_C));
        NEXT;
    CASE(MOD)
        if (R_C == 0) FAULT(FAULT_DIVISION);
        if (R_B == VALUE_NONE) FAULT(FAULT_OVERFLOW);
        R_A = (uint64_t)remainder_of(INT(R_B), INT(R_C));
        NEXT;
    CASE(NEG) R_A = 0 - R_B; NEXT;
    CASE(ABS) R_A = INT(R_B) < 0 ? 0 - R_B : R_B; NEXT;
    CASE(MIN) R_A = INT(R_B) < INT(R_C) ? R_B : R_C; NEXT;
    CASE(MAX) R_A = INT(R_B) > INT(R_C) ? R_B : R_C; NEXT;
    CASE(SHARE) {
        int64_t part;
        if (!share_of(INT(R_B), INT(R_C), &part)) FAULT(FAULT_OVERFLOW);
        R_A = (uint64_t)part;
        NEXT;
    }
    CASE(ADD_FLOAT) ARITHMETIC_FLOAT(+);
    CASE(SUB_FLOAT) ARITHMETIC_FLOAT(-);
    CASE(MUL_FLOAT) ARITHMETIC_FLOAT(*);
    CASE(DIV_FLOAT)
        if (value_float(R_C) == 0) FAULT(FAULT_DIVISION);
        ARITHMETIC_FLOAT(/);
    CASE(NEG_FLOAT) R_A = R_B ^ VALUE_NONE; NEXT;
    CASE(INT_TO_FLOAT) R_A = value_from_float((double)INT(R_B)); NEXT;

    CASE(EQ) R_A = R_B == R_C; NEXT;
    CASE(NE) R_A = R_B != R_C; NEXT;
    CASE(LT) R_A = INT(R_B) < INT(R_C); NEXT;
    CASE(LE) R_A = INT(R_B) <= INT(R_C); NEXT;
    CASE(EQ_STR)
        if (R_B == R_C || value_text_length(R_B) != value_text_length(R_C) ||
            value_text_length(R_B) <= VALUE_INLINE_MAX) {
            R_A = R_B == R_C;
            NEXT;
        }
        CALL_OUT(op_text_equal);
    CASE(LT_STR) CALL_OUT(op_text_less);
    CASE(LE_STR) CALL_OUT(op_text_less);
    CASE(EQ_FLOAT) R_A = value_float(R_B) == value_float(R_C); NEXT;
    CASE(LT_FLOAT) R_A = value_float(R_B) < value_float(R_C); NEXT;
    CASE(LE_FLOAT) R_A = value_float(R_B) <= value_float(R_C); NEXT;
    CASE(EQ_DEEP) CALL_OUT(op_equal);
    CASE(NOT) R_A = !R_B; NEXT;
    CASE(AND) R_A = R_B & R_C; NEXT;
    CASE(OR) R_A = R_B | R_C; NEXT;

    CASE(CONCAT) CALL_OUT(op_concat);
    CASE(TEXT) CALL_OUT(op_text);
    CASE(STR_COUNT) CALL_OUT(op_str_count);
    CASE(STR_CONTAINS) CALL_OUT(op_str_contains);
    CASE(STR_STARTS) CALL_OUT(op_str_starts);
    CASE(STR_SLICE) CALL_OUT_EXTENDED(op_str_slice);
    CASE(PARSE_INT) CALL_OUT(op_parse_int);
    CASE(NAMED) CALL_OUT(op_named);

    CASE(RECORD) CALL_OUT(op_record);
    CASE(FIELD) R_A = block_object_word(image, block, R_B, word_c(i)); NEXT;
    CASE(FIELD_OPT) CALL_OUT(op_field);
    CASE(FIELD_SET) CALL_OUT_EXTENDED(op_field_set);
    CASE(LIST) CALL_OUT(op_record);
    CASE(LIST_GET) {
        const uint8_t *words;
        uint64_t index = R_C;
        if (index >= block_object(image, block, R_B, &words).count) FAULT(FAULT_INDEX);
        R_A = block_word_at(words + 8 * index);
        NEXT;
    }
    CASE(LIST_GET_OPT) CALL_OUT(op_list_get);
    CASE(LIST_ADD) CALL_OUT(op_list_add);
    CASE(LIST_IN) CALL_OUT(op_list_in);
    CASE(MAP) CALL_OUT(op_map);
    CASE(MAP_GET) CALL_OUT(op_map_get);
    CASE(MAP_SET) CALL_OUT_EXTENDED(op_map_set);
    CASE(COUNT) R_A = block_count(image, block, R_B); NEXT;
    CASE(NEXT)
        if (R_C >= block_count(image, block, R_B)) {
            pc = code + (*pc & 0xffff);
            NEXT;
        }
        R_A = block_element(image, block, R_B, (uint32_t)R_C);
        R_C++;
        pc++;
        NEXT;
    CASE(NEXT_PAIR) {
        uint64_t key, value;
        if (R_C >= block_count(image, block, R_B)) {
            pc = code + (*pc & 0xffff);
            NEXT;
        }
        block_pair(image, block, R_B, (uint32_t)R_C, &key, &value);
        R_C++;
        r[*pc >> 16] = value;
        R_A = key;
        pc++;
        NEXT;
    }
    CASE(BOX) CALL_OUT(op_box);
    CASE(UNBOX) CALL_OUT(op_unbox);

    CASE(SLOT)
        if (block_present(block) >> word_bc(i) & 1) {
            R_A = block_slots(block)[word_bc(i)];
        } else {
            uint16_t type = types[word_a(i)];
            R_A = type_is_optional(type) ? value_none(type) : 0;
        }
        NEXT;
    CASE(SLOT_SET)
        block_slots(block)[word_bc(i)] = R_A;
        block_set_present(block, block_present(block) | UINT64_C(1) << word_bc(i));
        vm->changed |= UINT64_C(1) << word_bc(i);
        NEXT;
    CASE(SLOT_CLEAR)
        block_slot_clear(block, word_bc(i));
        vm->changed |= UINT64_C(1) << word_bc(i);
        NEXT;
    CASE(ATTRIBUTE) CALL_OUT(op_attribute);
    CASE(ATTRIBUTE_SET) CALL_OUT(op_attribute_set);
    CASE(DATA) CALL_OUT(op_data);
    CASE(DATA_SET) CALL_OUT(op_data_set);

    CASE(JUMP) pc = code + word_abc(i); NEXT;
    CASE(LOOP)
        pc = code + word_abc(i);
        if (--vm->fuel < 0) goto yield;
        NEXT;
    CASE(JTRUE) BRANCH_HERE(R_A != 0);
    CASE(JFALSE) BRANCH_HERE(R_A == 0);
    CASE(JNONE)
        BRANCH_HERE(value_is_none(types[word_a(i)], R_A));
    CASE(JSOME)
        BRANCH_HERE(!value_is_none(types[word_a(i)], R_A));
    CASE(JEQ) BRANCH(R_A == R_B);
    CASE(JNE) BRANCH(R_A != R_B);
    CASE(JLT) BRANCH(INT(R_A) < INT(R_B));
    CASE(JLE) BRANCH(INT(R_A) <= INT(R_B));
    CASE(JEQ_K) BRANCH(R_A == constants[word_bc(i)].word);
    CASE(JNE_K) BRANCH(R_A != constants[word_bc(i)].word);
    CASE(JLT_I) BRANCH(INT(R_A) < word_sbc(i));
    CASE(JLE_I) BRANCH(INT(R_A) <= word_sbc(i));
    CASE(JGT_I) BRANCH(INT(R_A) > word_sbc(i));
    CASE(JGE_I) BRANCH(INT(R_A) >= word_sbc(i));
    /* A long text is searched by the automaton made when the image was loaded (`dense`); other values, and tables
     * without an automaton, use the general function. The fuel for this grows with the text's length. */
    CASE(SEGMENT) {
        uint64_t word = R_A;
        const struct dense *dense = image->dense[word_bc(i)];
        unsigned where = value_where(word);
        if (dense && (where == VALUE_BLOCK || where == VALUE_IMAGE)) {
            uint32_t length = value_text_length(word);
            const char *text = (where == VALUE_IMAGE ? image->strings : (const char *)block) + value_offset(word);
            vm->fuel -= 1 + length / FUEL_STEP;
            pc = code + dense_target(dense, text, length);
            NEXT;
        }
        pc = code + op_segment(vm, word, word_bc(i));
        NEXT;
    }

    /* The called function's registers begin after those of the caller, so frames never overlap. The result is stored
     * in register A of this frame when that function returns; until then `frame->result` contains A. */
    CASE(CALL) {
        if (--vm->fuel < 0) {
            pc--; /* the instruction is executed again when there is fuel */
            goto yield;
        }
        uint32_t number = word_b(i) | word_c(i) << 8;
        const uint64_t *from = r + (*pc++ & 0xff);
        const struct image_function *callee = &image->functions[number];
        frame->pc = (uint32_t)(pc - code);
        frame->result = (uint8_t)word_a(i);
        frame = push_frame(stack, function, number, callee);
        r = stack->words + frame->base;
        for (uint32_t n = 0; n < callee->parameters; n++) r[n] = from[n];
        function = callee;
        types = image->registers + function->registers;
        pc = code = CODE_OF(number);
        NEXT;
    }
    /* A call of a function that may wait. The wait point names the arguments, which are not in a row of registers:
     * the frame may be parked while the called function waits, and the wait point says which registers must be kept. */
    CASE(CALL_WAIT) {
        if (--vm->fuel < 0) {
            pc--;
            goto yield;
        }
        const struct image_wait *wait = &image->waits[word_bc(i)];
        frame->pc = (uint32_t)(pc - code);
        frame->result = (uint8_t)word_a(i);
        frame->wait = (uint16_t)word_bc(i);
        const struct image_function *callee = &image->functions[wait->callee];
        frame = push_frame(stack, function, wait->callee, callee);
        uint64_t *arguments = stack->words + frame->base;
        for (uint32_t n = 0; n < wait->arguments; n++)
            arguments[n] = operand_word(image, r, image->operands[wait->operands + n].operand);
        function = callee;
        at = 0;
        goto entered;
    }
    CASE(RETURN) {
        uint64_t value = R_A;
        if (stack->depth == 1) {
            vm->value = value;
            return STOP_RETURN;
        }
        frame = &stack->frames[--stack->depth - 1];
        frame->wait = IMAGE_NONE;
        function = &image->functions[frame->function];
        types = image->registers + function->registers;
        code = CODE_OF(frame->function);
        pc = code + frame->pc;
        r = stack->words + frame->base;
        if (frame->result != REGISTER_NONE) r[frame->result] = value;
        NEXT;
    }
    CASE(RETURN_VOID)
        frame = &stack->frames[--stack->depth - 1];
        frame->wait = IMAGE_NONE;
        goto enter;
    /* The core carries out the step. The pc stays at this instruction, whose wait point describes the parked
     * registers. */
    CASE(STEP)
        vm->fuel--;
        vm->number = word_bc(i);
        frame->pc = (uint32_t)(pc - 1 - code);
        return STOP_WAIT;
    CASE(END) return STOP_END;
    CASE(FAIL)
        vm->value = R_A;
        frame->pc = (uint32_t)(pc - 1 - code);
        return STOP_FAIL;
    CASE(EXIT) vm->number = word_bc(i); return STOP_EXIT;

    CASE(LEVEL) R_A = (uint64_t)vm->candidate->level(vm->candidate->self, R_B); NEXT;
    CASE(IS_AGENT) R_A = vm->candidate->is_agent && vm->candidate->is_agent(vm->candidate->self, R_B); NEXT;
    CASE(AT_PLACE) R_A = vm->candidate->at_place && vm->candidate->at_place(vm->candidate->self, R_B); NEXT;
    CASE(MEMBER) R_A = vm->candidate->member && vm->candidate->member(vm->candidate->self, R_B); NEXT;
    CASE(IDLE) R_A = vm->candidate->idle_us ? (uint64_t)vm->candidate->idle_us(vm->candidate->self) : 0; NEXT;

    CASE(MAIN_ATTRIBUTE) CALL_OUT(op_main);
    CASE(MAIN_SLOT) CALL_OUT(op_main);

    CASE(SETTING) CALL_OUT(op_setting);
    CASE(MAP_PREFIX) CALL_OUT(op_map_prefix);
    CASE(SETTING_ROW) CALL_OUT_EXTENDED(op_setting_row);
    CASE(SETTING_PREFIX) CALL_OUT_EXTENDED(op_setting_row);
    CASE(SETTING_COUNT) CALL_OUT(op_setting_count);
    CASE(SETTING_WALK) CALL_OUT(op_setting_walk);
    CASE(SETTING_KEY) CALL_OUT_EXTENDED(op_setting_at);
    CASE(SETTING_AT) CALL_OUT_EXTENDED(op_setting_at);
    CASE(SETTING_WALKED) CALL_OUT(op_setting_walked);
    CASE(OPEN_AT) CALL_OUT(op_open_at);
    CASE(OPENS_AFTER) CALL_OUT(op_opens_after);
    CASE(CLOSES_AFTER) CALL_OUT(op_opens_after);
    CASE(ADD_OPEN) CALL_OUT_EXTENDED(op_add_open);
    CASE(BETWEEN_OPEN) CALL_OUT_EXTENDED(op_between_open);
    CASE(OPENS_BY) CALL_OUT_EXTENDED(op_opens_by);
    CASE(CLOSES_BY) CALL_OUT_EXTENDED(op_opens_by);
    CASE(ADD_OPEN_BY) CALL_OUT_EXTENDED(op_add_open_by);
    CASE(BETWEEN_BY) CALL_OUT_EXTENDED(op_between_by);
    CASE(STR_GET) CALL_OUT(op_str_get);
    CASE(LIST_SLICE) CALL_OUT_EXTENDED(op_list_slice);
    CASE(LIST_STARTS) CALL_OUT(op_list_starts);
    CASE(STEP_NAME) CALL_OUT(op_step_name);
    CASE(TO_ENUM) CALL_OUT(op_to_enum);
    CASE(FLOAT_TO_INT) CALL_OUT(op_float_to_int);
    CASE(DRAW) CALL_OUT(op_draw);
    CASE(POINT) CALL_OUT(op_point);
    CASE(SCALE) CALL_OUT_EXTENDED(op_scale);
    CASE(VALUE_AT) CALL_OUT(op_value_at);
    CASE(VALUE_LIST) CALL_OUT(op_value_list);
    CASE(VALUE_MAP) CALL_OUT(op_value_map);
    CASE(WALL) CALL_OUT_EXTENDED(op_wall);
    CASE(INSTANT) CALL_OUT_EXTENDED(op_instant);
    CASE(DATE_OF) CALL_OUT(op_date_of);
    CASE(CLOCK_OF) CALL_OUT(op_clock_of);
    CASE(WEEKDAY_OF) CALL_OUT(op_weekday_of);
    CASE(DATE_AT) CALL_OUT(op_date_at);
    CASE(ADD_DATE) CALL_OUT(op_add_date);
    CASE(SUB_DATE) CALL_OUT(op_add_date);
    CASE(DIFF_DATE) CALL_OUT(op_diff_date);
    CASE(DIFF_CLOCK) R_A = R_B - R_C; NEXT;
    CASE(TALLY) CALL_OUT(op_tally);
    CASE(TALLY_KEYS) CALL_OUT_EXTENDED(op_tally_keys);
    CASE(TALLIED) CALL_OUT_EXTENDED(op_tallied);
    CASE(ASK) CALL_OUT_EXTENDED(op_ask);
    CASE(NATIVE) CALL_OUT_EXTENDED(op_native);
    CASE(MEASURE) op_measure(vm, r, i, *pc++); NEXT; /* measures are also read in leaf functions, which have no block */
    CASE(LATCH) CALL_OUT(op_latch);
    CASE(QUOTIENT) op_quotient(vm, r, i, 0); NEXT;
    CASE(IT_MEASURE)
        R_A = vm->candidate->measure ? (uint64_t)vm->candidate->measure(vm->candidate->self, word_bc(i)) : 0;
        NEXT;
    CASE(IT_LINE) R_A = (uint64_t)vm->candidate->line; NEXT;
    CASE(SCORE) {
        int64_t figure;
        bool known = vm->candidate->score && vm->candidate->score(vm->candidate->self, R_B, &figure);
        R_A = known ? (uint64_t)figure : VALUE_NONE;
        NEXT;
    }
    CASE(SCORE_FLOAT) {
        int64_t figure;
        bool known = vm->candidate->score && vm->candidate->score(vm->candidate->self, R_B, &figure);
        R_A = known ? (uint64_t)figure : FLOAT_NONE;
        NEXT;
    }
#ifdef VM_SWITCH
    }
#endif
#ifdef VM_QUICK
    CASE(CALL_COPY) {
        if (--vm->fuel < 0) {
            pc--;
            goto yield;
        }
        uint32_t word = *pc, parameters = word >> 8 & 0xff;
        const uint64_t *from = &R_A;
        uint64_t *to = r + (word & 0xff);
        zero_registers(to, word >> 16);
        for (uint32_t n = 0; n < parameters; n++) to[n] = from[n];
        pc = code + word_bc(i);
        NEXT;
    }
    CASE(CALL_COPY_1) {
        if (--vm->fuel < 0) {
            pc--;
            goto yield;
        }
        uint64_t *to = r + (*pc & 0xff), first = R_A;
        zero_registers(to, 1);
        to[0] = first;
        pc = code + word_bc(i);
        NEXT;
    }
    CASE(CALL_COPY_2) {
        if (--vm->fuel < 0) {
            pc--;
            goto yield;
        }
        const uint64_t *from = &R_A;
        uint64_t *to = r + (*pc & 0xff);
        zero_registers(to, 1);
        words_copy(to, from, 2);
        pc = code + word_bc(i);
        NEXT;
    }
    CASE(MOVE_MOVE_CALL_COPY_2) {
        uint64_t first = R_B, second = r[word_b(*pc)];
        R_A = first;
        if (vm->fuel < 1) NEXT; /* without fuel the fused instructions run one by one instead */
        vm->fuel--;
        THEN;
        R_A = second;
        THEN;
        uint64_t *to = r + (*pc & 0xff);
        zero_registers(to, 1);
        to[0] = first;
        to[1] = second;
        pc = code + word_bc(i);
        NEXT;
    }
    CASE(RETURN_COPY) RETURN_COPY(R_A);
    CASE(LOAD_INT_RETURN_COPY) {
        uint64_t value = (uint64_t)(int64_t)word_sbc(i);
        THEN;
        RETURN_COPY(value);
    }
    CASE(LOAD_INT_MUL_ADD) {
        int64_t by = word_sbc(i), product, sum;
        R_A = (uint64_t)by;
        THEN;
        COMPUTE(__builtin_mul_overflow, INT(R_B), by, product);
        R_A = (uint64_t)product;
        THEN;
        COMPUTE(__builtin_add_overflow, INT(R_B), product, sum);
        R_A = (uint64_t)sum;
        NEXT;
    }
    CASE(FIELD_MUL_ADD) {
        int64_t field = INT(block_object_word(image, block, R_B, word_c(i))), product, sum;
        R_A = (uint64_t)field;
        THEN;
        int64_t by = word_sbc(i);
        R_A = (uint64_t)by;
        THEN;
        COMPUTE(__builtin_mul_overflow, field, by, product);
        R_A = (uint64_t)product;
        THEN;
        COMPUTE(__builtin_add_overflow, INT(R_B), product, sum);
        R_A = (uint64_t)sum;
        NEXT;
    }
    CASE(FIELD_MUL_SUB) {
        int64_t field = INT(block_object_word(image, block, R_B, word_c(i))), product, sum;
        R_A = (uint64_t)field;
        THEN;
        int64_t by = word_sbc(i);
        R_A = (uint64_t)by;
        THEN;
        COMPUTE(__builtin_mul_overflow, field, by, product);
        R_A = (uint64_t)product;
        THEN;
        COMPUTE(__builtin_sub_overflow, INT(R_B), product, sum);
        R_A = (uint64_t)sum;
        NEXT;
    }
    CASE(FIELD_JNE_K) {
        uint64_t field = block_object_word(image, block, R_B, word_c(i));
        R_A = field;
        THEN;
        BRANCH(field != constants[word_bc(i)].word);
    }
    CASE(LOAD_MOD_RETURN_COPY) {
        int64_t by = INT(constants[word_bc(i)].word);
        R_A = (uint64_t)by;
        THEN;
        if (R_B == VALUE_NONE) FAULT(FAULT_OVERFLOW);
        uint64_t value = (uint64_t)remainder_of(INT(R_B), by);
        R_A = value;
        THEN;
        RETURN_COPY(value);
    }
    CASE(LOAD_SLOT_SET) {
        uint64_t word = constants[word_bc(i)].word;
        R_A = word;
        THEN;
        block_slots(block)[word_bc(i)] = word;
        block_set_present(block, block_present(block) | UINT64_C(1) << word_bc(i));
        vm->changed |= UINT64_C(1) << word_bc(i);
        NEXT;
    }
    CASE(LOOP_JGE_I) LOOP_JGE_I;
    CASE(ADD_I_LOOP_JGE_I) {
        int64_t sum;
        COMPUTE(__builtin_add_overflow, INT(R_B), (int64_t)word_sc(i), sum);
        R_A = (uint64_t)sum;
        THEN;
        LOOP_JGE_I;
    }
#endif

yield:
    frame->pc = (uint32_t)(pc - code);
    return STOP_YIELD;
faulted:
    frame->pc = (uint32_t)(pc - 1 - code);
#ifdef VM_QUICK
    if (frame->pc >= function->code_words) { /* the fault is in a copied function: makes the frame that a real call
                                              * would have made */
        uint32_t number, place, call, from = frame->pc;
        quick_place(image, frame->function, from, &number, &place, &call);
        frame->pc = call + 2;
        frame->result = (uint8_t)word_a(image->code[function->code + call]);
        frame = push_frame(stack, function, number, &image->functions[number]);
        frame->pc = place;
    }
#endif
    return STOP_FAULT;
}
/* clang-format on */
