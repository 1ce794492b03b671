/* compiler/lower/latch.c - Latches: the two conditions of a latch as one function. The function's argument is whether
 * the latch is set, its result whether it is set from now on: (set or CONDITION) and not UNTIL. The core calls it
 * whenever a value that it reads changes. A latch that no code reads has no row in the image. */
#include <assert.h>

#include "compiler/lower/lowerer.h"

static struct ir_function *lower_conditions(struct lowerer *l, const struct node *latch)
{
    assert(latch->kind == NODE_SITE_LATCH);
    const char *name = arena_printf(l->arena, "latch %s", latch->latch.name.text);
    struct ir_function *function = ir_function_new(l->ir, IR_PLAIN, name, IR_BOOL);
    function->strategy = IR_NONE;
    function->parameters = 1;
    function->begin = latch->span.begin;
    function->end = latch->span.end;
    l->function = function;
    uint32_t set = lower_new_register(l, IR_BOOL), reset = lower_new_register(l, IR_BOOL), end = lower_new_label(l);
    uint32_t stays = lower_new_label(l);
    lower_at_node(l, latch->latch.on);
    lower_add_jump(l, I_JTRUE, set, stays);
    lower_move(l, set, lower_truth(l, lower_expr(l, latch->latch.on, IR_NONE)));
    lower_add_jump(l, I_JFALSE, set, end);
    lower_add_label(l, stays);
    lower_at_node(l, latch->latch.off);
    lower_move(l, reset, lower_truth(l, lower_expr(l, latch->latch.off, IR_NONE)));
    lower_add_ab(l, I_NOT, set, reset);
    lower_add_label(l, end);
    lower_add(l, I_RETURN)->operand[0] = set;
    ir_function_add(l->ir, function);
    return function;
}

/* Returns the number of the latch's row in the image. The latch's conditions are lowered at the first use of the
 * latch, in the middle of another function; the latches that they read come before it. */
static uint32_t latch_number(struct lowerer *l, const struct symbol *symbol)
{
    for (const struct known_latch *known = l->latches; known; known = known->next)
        if (known->symbol == symbol) return known->number;
    const struct lowerer outer = *l;
    l->measuring = l->where_of = NULL;
    l->naming = false;
    l->captures = NULL;
    l->capture_count = 0;
    struct ir_latch *row = ARENA_NEW(l->arena, struct ir_latch);
    const struct node *node = symbol->node;
    *row = (struct ir_latch){.name = symbol->name, .function = lower_conditions(l, node)};
    row->ticks = until_ticks(node->latch.on) || until_ticks(node->latch.off);
    l->function = outer.function;
    l->measuring = outer.measuring;
    l->measured = outer.measured;
    l->naming = outer.naming;
    l->where_of = outer.where_of;
    l->captures = outer.captures;
    l->capture_count = outer.capture_count;
    l->place = outer.place;
    *(l->ir->last_latch ? &l->ir->last_latch->next : &l->ir->latches) = row;
    l->ir->last_latch = row;
    struct known_latch *known = ARENA_NEW(l->arena, struct known_latch);
    *known = (struct known_latch){symbol, l->ir->latch_count++, l->latches};
    l->latches = known;
    return known->number;
}

uint32_t lower_latch(struct lowerer *l, const struct symbol *symbol, uint32_t to)
{
    uint32_t number = latch_number(l, symbol);
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == IR_BOOL ? to : lower_new_register(l, IR_BOOL);
    lower_add_ab(l, I_LATCH, reg, number);
    return reg;
}
