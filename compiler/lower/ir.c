/* compiler/lower/ir.c - Makes lines of instructions, and answers what every pass asks: which instructions may
 * follow, which registers are read.
 *
 * The operands of an instruction are described in opcodes.def, so ir_uses() needs no list of its own: passes use it
 * to find the registers that an instruction reads and writes, and ir_targets() to find the labels to which it may
 * jump. ir_prune() removes code that no path reaches and redirects a jump to another jump to the final target. */
#include "compiler/lower/ir.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

#define WAITS   0
#define FAILS   0
#define FUEL    0
#define HEAP    0
#define COUNTS  0
#define PAIR    0
#define LEAF    2
#define ENDS    1
#define W(what) ROLE_WRITE
#define R(what) ROLE_READ
#define N(what) ROLE_NUMBER
#define T       ROLE_TARGET
#define _       ROLE_NONE
const struct ir_op_row ir_ops[I_OPS] = {
#define OP(name, layout, a, b, c, flags, doc)                                                                          \
    {#name, LAYOUT_##layout, {a, b, c}, ((flags)&ENDS) != 0, ((flags)&LEAF) != 0},
#include "vm/opcodes.def"
    {"label", LAYOUT_0, {ROLE_NONE, ROLE_NONE, ROLE_NONE}, false, true},
};
#undef T
#undef _

struct ir_program *ir_program_new(struct arena *arena)
{
    struct ir_program *program = ARENA_NEW(arena, struct ir_program);
    program->arena = arena;
    program->type_room = 64;
    program->types = ARENA_ARRAY(arena, struct ir_type, program->type_room);
    program->type_count = IR_BASES; /* all zero: IR_TYPE_BASE */
    return program;
}

static uint32_t ir_add_type(struct ir_program *program, struct ir_type type)
{
    if (program->type_count == program->type_room) {
        program->types = arena_grow(program->arena, program->types, program->type_room * sizeof *program->types,
                                    2 * program->type_room * sizeof *program->types);
        program->type_room *= 2;
    }
    program->types[program->type_count] = type;
    return program->type_count++;
}

uint32_t ir_list(struct ir_program *program, uint32_t element)
{
    return ir_add_type(program, (struct ir_type){.kind = IR_TYPE_LIST, .element = element});
}

uint32_t ir_map(struct ir_program *program, uint32_t element)
{
    return ir_add_type(program, (struct ir_type){.kind = IR_TYPE_MAP, .element = element});
}

uint32_t ir_record(struct ir_program *program, const char *name, const struct ir_field *fields, uint32_t count)
{
    return ir_add_type(program,
                       (struct ir_type){.kind = IR_TYPE_RECORD, .name = name, .fields = fields, .field_count = count});
}

uint32_t ir_enum(struct ir_program *program, const char *name, const char *const *words, uint32_t count)
{
    return ir_add_type(program,
                       (struct ir_type){.kind = IR_TYPE_ENUM, .name = name, .words = words, .word_count = count});
}

struct ir_function *ir_function_new(struct ir_program *program, enum ir_function_kind kind, const char *name,
                                    uint32_t result)
{
    struct ir_function *function = ARENA_NEW(program->arena, struct ir_function);
    function->kind = kind;
    function->name = name;
    function->strategy = IR_NONE;
    function->result = result;
    return function;
}

/* Appends a function; it keeps only the memory that it needs, and the larger array in which it was made is used for
 * the next function. */
void ir_function_add(struct ir_program *program, struct ir_function *function)
{
    assert(!function->next && function != program->last); /* once */
    if (function->room > program->spare_room) {
        program->spare_code = function->code;
        program->spare_room = function->room;
    }
    if (function->register_room > program->spare_register_room) {
        program->spare_registers = function->registers;
        program->spare_register_room = function->register_room;
    }
    size_t code = function->count * sizeof *function->code;
    size_t registers = function->register_count * sizeof *function->registers;
    function->code = arena_grow(program->arena, function->code, code, code);
    function->registers = arena_grow(program->arena, function->registers, registers, registers);
    function->room = function->count;
    function->register_room = function->register_count;
    if (program->last)
        program->last->next = function;
    else
        program->functions = function;
    program->last = function;
}

uint32_t ir_register(struct ir_program *program, struct ir_function *function, uint32_t type, const char *name)
{
    if (!function->register_room) {
        function->registers = program->spare_registers;
        function->register_room = program->spare_register_room;
        program->spare_register_room = 0;
    }
    if (function->register_count == function->register_room) {
        uint32_t room = function->register_room ? 2 * function->register_room : 16;
        function->registers =
            arena_grow(program->arena, function->registers, function->register_room * sizeof *function->registers,
                       room * sizeof *function->registers);
        function->register_room = room;
    }
    function->registers[function->register_count] = (struct ir_register){.type = type, .name = name, .frame = IR_NONE};
    return function->register_count++;
}

uint32_t ir_label(struct ir_function *function)
{
    return function->labels++;
}

struct ir_instruction *ir_add(struct ir_program *program, struct ir_function *function, enum ir_op op)
{
    assert(op < I_OPS);
    if (!function->room) {
        function->code = program->spare_code;
        function->room = program->spare_room;
        program->spare_room = 0;
    }
    if (function->count == function->room) {
        uint32_t room = function->room ? 2 * function->room : 32;
        function->code = arena_grow(program->arena, function->code, function->room * sizeof *function->code,
                                    room * sizeof *function->code);
        function->room = room;
    }
    struct ir_instruction *instruction = &function->code[function->count++];
    *instruction =
        (struct ir_instruction){.op = op, .operand = {IR_NONE, IR_NONE, IR_NONE}, .d = IR_NONE, .label = IR_NONE};
    return instruction;
}

/* May the next instruction follow this one? It may not after a jump, an end, or a step that ends the strategy. */
bool ir_falls(const struct ir_instruction *instruction)
{
    assert(instruction->op < I_OPS);
    if (instruction->op == I_JUMP || instruction->op == I_LOOP || ir_ops[instruction->op].ends) return false;
    return !(instruction->wait && instruction->wait->ends);
}

/* Returns the number of all labels, but stores no more than `limit`: a caller with too small an array calls again. */
uint32_t ir_targets(const struct ir_instruction *instruction, uint32_t *labels, uint32_t limit)
{
    uint32_t count = 0;
    if (instruction->op == I_LABEL) return 0;
    if (instruction->label != IR_NONE && count++ < limit) labels[count - 1] = instruction->label;
    for (uint32_t i = 0; i < instruction->arm_count; i++)
        if (count++ < limit) labels[count - 1] = instruction->arms[i].label;
    const struct ir_wait *wait = instruction->wait;
    if (!wait) return count;
    if (wait->failure != IR_NONE && count++ < limit) labels[count - 1] = wait->failure;
    for (uint32_t i = 0; i < wait->exit_count; i++)
        if (count++ < limit) labels[count - 1] = wait->exits[i];
    return count;
}

static void use_operand(struct ir_operand operand, void (*visit)(uint32_t, bool, void *), void *context)
{
    if (!operand.constant && operand.reg != IR_NONE) visit(operand.reg, false, context);
}

static void ir_wait_uses(const struct ir_wait *wait, void (*visit)(uint32_t, bool, void *), void *context)
{
    for (uint32_t i = 0; i < wait->argument_count; i++) use_operand(wait->arguments[i].operand, visit, context);
    use_operand(wait->timeout, visit, context);
    use_operand(wait->tries, visit, context);
    use_operand(wait->pause, visit, context);
    use_operand(wait->answer, visit, context);
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct ir_line *line = &wait->lines[i];
        use_operand(line->after, visit, context);
        use_operand(line->share, visit, context);
        use_operand(line->target, visit, context);
        for (uint32_t j = 0; j < line->capture_count; j++) use_operand(line->captures[j], visit, context);
    }
    for (uint32_t i = 0; i < wait->capture_count; i++) use_operand(wait->captures[i], visit, context);
    if (wait->error != IR_NONE) visit(wait->error, true, context);
}

/* Reads are visited before writes, as in the machine: an instruction may write a register that it also reads. */
void ir_uses(const struct ir_instruction *instruction, void (*visit)(uint32_t, bool, void *), void *context)
{
    assert(instruction->op < I_OPS);
    const struct ir_op_row *row = &ir_ops[instruction->op];
    bool next = instruction->op == I_NEXT || instruction->op == I_NEXT_PAIR;
    for (int i = 0; i < 3; i++) {
        if (row->roles[i] != ROLE_READ || instruction->operand[i] == IR_NONE) continue;
        visit(instruction->operand[i], false, context);
    }
    for (uint32_t i = 0; i < instruction->argument_count; i++) visit(instruction->arguments[i], false, context);
    if (instruction->d != IR_NONE && !next) visit(instruction->d, false, context);
    if (instruction->wait) ir_wait_uses(instruction->wait, visit, context);
    for (int i = 0; i < 3; i++) {
        if (row->roles[i] != ROLE_WRITE || instruction->operand[i] == IR_NONE) continue;
        visit(instruction->operand[i], true, context);
    }
    /* the index in the list, which the instruction increases by one */
    if (next) visit(instruction->operand[2], true, context);
    if (next && instruction->d != IR_NONE) visit(instruction->d, true, context);
}

/* Returns the place where a jump to the label ends up if only jumps follow there. */
static uint32_t ir_threaded(const struct ir_function *function, const uint32_t *places, uint32_t label)
{
    assert(label == IR_NONE || label < function->labels);
    if (label == IR_NONE) return label;
    for (int hops = 0; hops < 16; hops++) { /* limited, as this only makes the code faster */
        uint32_t i = places[label];
        while (i < function->count && function->code[i].op == I_LABEL) i++;
        if (i == function->count || function->code[i].op != I_JUMP) break;
        label = function->code[i].label;
    }
    return label;
}

/* A jump that leads to another jump is redirected to the final target. LOOP stays as it is: it counts a round of its
 * loop, on which the VM's fuel depends. */
static void thread_jumps(struct ir_function *function, const uint32_t *places)
{
    for (uint32_t i = 0; i < function->count; i++) {
        struct ir_instruction *instruction = &function->code[i];
        if (instruction->op == I_LABEL || instruction->op == I_LOOP) continue;
        instruction->label = ir_threaded(function, places, instruction->label);
        for (uint32_t j = 0; j < instruction->arm_count; j++)
            instruction->arms[j].label = ir_threaded(function, places, instruction->arms[j].label);
        if (!instruction->wait) continue;
        instruction->wait->failure = ir_threaded(function, places, instruction->wait->failure);
        for (uint32_t j = 0; j < instruction->wait->exit_count; j++)
            instruction->wait->exits[j] = ir_threaded(function, places, instruction->wait->exits[j]);
    }
}

enum { FEW_TARGETS = 8 }; /* the labels of one instruction; for more, memory is allocated */

/* A search from the first instruction marks all instructions that can be reached; all others are removed in place.
 * Returns true where the end of the code can be reached, so that a path would leave the function. */
bool ir_prune(struct ir_function *function)
{
    uint32_t *places = memory_zeroed(function->labels + 1, sizeof *places);
    bool *reached = memory_zeroed(function->count + 1, sizeof *reached);
    uint32_t *stack = memory_grown(NULL, function->count + 2, sizeof *stack);
    for (uint32_t i = 0; i < function->count; i++)
        if (function->code[i].op == I_LABEL) {
            assert(function->code[i].label < function->labels);
            places[function->code[i].label] = i;
        }
    thread_jumps(function, places);
    uint32_t depth = 0, kept = 0;
    stack[depth++] = 0;
    reached[0] = true;
    while (depth) {
        uint32_t i = stack[--depth];
        if (i >= function->count) continue;
        uint32_t few[FEW_TARGETS], *labels = few, count = ir_targets(&function->code[i], few, FEW_TARGETS);
        if (count > FEW_TARGETS) {
            labels = memory_grown(NULL, count, sizeof *labels);
            ir_targets(&function->code[i], labels, count);
        }
        for (uint32_t j = 0; j < count; j++) {
            uint32_t to = places[labels[j]];
            if (reached[to]) continue;
            reached[to] = true;
            stack[depth++] = to;
        }
        if (labels != few) free(labels);
        if (!ir_falls(&function->code[i]) || reached[i + 1]) continue;
        reached[i + 1] = true;
        stack[depth++] = i + 1;
    }
    bool end = reached[function->count];
    for (uint32_t i = 0; i < function->count; i++) {
        const struct ir_instruction *instruction = &function->code[i];
        if (!reached[i]) continue;
        /* Removes a jump to the instruction that follows anyway. */
        if (instruction->op == I_JUMP && places[instruction->label] > i) {
            uint32_t next = i + 1;
            while (next < places[instruction->label] && (!reached[next] || function->code[next].op == I_LABEL)) next++;
            if (next == places[instruction->label]) continue;
        }
        if (kept != i) function->code[kept] = *instruction;
        kept++;
    }
    function->count = kept;
    free(places);
    free(reached);
    free(stack);
    return end;
}
