/* Registers of the frame: shared by values of one type that do not meet, in runs where they must stand side by side. */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "compiler/lower/ir.h"
#include "compiler/lower/regs.h"

TestSuite(compiler_regs, .timeout = 5);

static struct arena *arena;
static struct ir_program *program;
static struct ir_function *function;

static void begin(void)
{
    arena = arena_new();
    program = ir_program_new(arena);
    function = ir_function_new(program, IR_PLAIN, "f", IR_INT);
}

static void end(void)
{
    arena_free(arena);
}

static uint32_t reg(uint32_t type)
{
    return ir_register(program, function, type, NULL);
}

static struct ir_instruction *put(enum ir_op op, uint32_t a, uint32_t b)
{
    struct ir_instruction *instruction = ir_add(program, function, op);
    instruction->operand[0] = a;
    instruction->operand[1] = b;
    return instruction;
}

static uint32_t frame(uint32_t of)
{
    return function->registers[of].frame;
}

Test(compiler_regs, values_of_one_type_that_do_not_meet_share_a_register, .init = begin, .fini = end)
{
    uint32_t a = reg(IR_INT), b = reg(IR_INT), c = reg(IR_INT);
    put(I_LOAD_INT, a, IR_NONE);
    put(I_NEG, b, a);
    put(I_NEG, c, b);
    put(I_RETURN, c, IR_NONE);
    cr_assert(regs_allocate(arena, arena, function));
    cr_expect_eq(function->frame_count, 1);
}

Test(compiler_regs, values_of_two_types_never_share_a_register, .init = begin, .fini = end)
{
    uint32_t a = reg(IR_STR), b = reg(IR_INT);
    put(I_LOAD, a, IR_NONE);
    put(I_STR_COUNT, b, a);
    put(I_RETURN, b, IR_NONE);
    cr_assert(regs_allocate(arena, arena, function));
    cr_expect_neq(frame(a), frame(b));
    cr_expect_eq(function->frame[frame(a)], IR_STR);
    cr_expect_eq(function->frame[frame(b)], IR_INT);
}

Test(compiler_regs, a_value_lives_all_around_the_loop_that_reads_it, .init = begin, .fini = end)
{
    uint32_t kept = reg(IR_INT), left = reg(IR_INT), other = reg(IR_INT), again = ir_label(function),
             out = ir_label(function);
    put(I_LOAD_INT, kept, IR_NONE);
    put(I_LOAD_INT, left, IR_NONE);
    ir_add(program, function, I_LABEL)->label = again;
    put(I_JLE_I, left, IR_NONE)->label = out;
    put(I_NEG, other, kept);
    put(I_ABS, left, other);
    ir_add(program, function, I_LOOP)->label = again;
    ir_add(program, function, I_LABEL)->label = out;
    put(I_RETURN, left, IR_NONE);
    cr_assert(regs_allocate(arena, arena, function));
    cr_expect_neq(frame(kept), frame(other));
    cr_expect_neq(frame(kept), frame(left));
}

Test(compiler_regs, arguments_stand_side_by_side, .init = begin, .fini = end)
{
    uint32_t first = reg(IR_STR), held = reg(IR_STR), second = reg(IR_STR), all = reg(IR_STR);
    uint32_t *run = ARENA_ARRAY(arena, uint32_t, 2);
    run[0] = first;
    run[1] = second;
    put(I_LOAD, first, IR_NONE);
    put(I_LOAD, held, IR_NONE);
    put(I_LOAD, second, IR_NONE);
    struct ir_instruction *concat = put(I_CONCAT, all, IR_NONE);
    concat->arguments = run;
    concat->argument_count = 2;
    put(I_STR_CONTAINS, reg(IR_BOOL), held)->operand[2] = all;
    put(I_RETURN, held, IR_NONE);
    cr_assert(regs_allocate(arena, arena, function));
    cr_expect_eq(frame(second), frame(first) + 1);
    cr_expect_neq(frame(held), frame(first));
    cr_expect_neq(frame(held), frame(second));
}

Test(compiler_regs, what_is_read_behind_a_wait_is_live_there_and_its_result_is_not, .init = begin, .fini = end)
{
    uint32_t kept = reg(IR_STR), used = reg(IR_DURATION), result = reg(IR_STR), failed = ir_label(function);
    struct ir_wait *wait = ARENA_NEW(arena, struct ir_wait);
    struct ir_argument *argument = ARENA_NEW(arena, struct ir_argument);
    *argument = (struct ir_argument){.operand = {.reg = used}};
    *wait = (struct ir_wait){.arguments = argument, .argument_count = 1, .failure = failed, .error = IR_NONE};
    wait->timeout = wait->tries = wait->pause = wait->answer = IR_ABSENT;
    put(I_LOAD, kept, IR_NONE);
    put(I_LOAD, used, IR_NONE);
    put(I_STEP, result, IR_NONE)->wait = wait;
    put(I_RETURN, result, IR_NONE);
    ir_add(program, function, I_LABEL)->label = failed;
    put(I_RETURN, kept, IR_NONE);
    cr_assert(regs_allocate(arena, arena, function));
    cr_assert_eq(wait->live_count, 1);
    cr_expect_eq(wait->live[0], frame(kept));
}

Test(compiler_regs, more_values_at_once_than_a_frame_holds_are_refused, .init = begin, .fini = end)
{
    uint32_t *run = ARENA_ARRAY(arena, uint32_t, REGS_MAX + 1);
    for (uint32_t i = 0; i <= REGS_MAX; i++) {
        run[i] = reg(IR_STR);
        put(I_LOAD, run[i], IR_NONE);
    }
    struct ir_instruction *concat = put(I_CONCAT, run[0], IR_NONE);
    concat->arguments = run;
    concat->argument_count = REGS_MAX + 1;
    put(I_RETURN, run[0], IR_NONE);
    cr_expect_not(regs_allocate(arena, arena, function));
}

Test(compiler_regs, what_cannot_be_reached_is_taken_out, .init = begin, .fini = end)
{
    uint32_t a = reg(IR_INT), end_label = ir_label(function);
    put(I_LOAD_INT, a, IR_NONE);
    put(I_RETURN, a, IR_NONE);
    put(I_NEG, a, a);
    ir_add(program, function, I_LABEL)->label = end_label;
    cr_expect_not(ir_prune(function));
    cr_expect_eq(function->count, 2);
}
