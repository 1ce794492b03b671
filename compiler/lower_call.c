/* compiler/lower_call.c - Members and calls of what does not wait. */
#include "compiler/lowerer.h"

#include <assert.h>

static uint32_t zero(struct lowerer *l)
{
    uint32_t reg = new_register(l, IR_INT);
    load(l, reg, constant_word(l, IR_INT, 0));
    return reg;
}

/* The member of an object that is there. */
static void member_into(struct lowerer *l, const struct member *member, const struct type *object, uint32_t from,
                        uint32_t to)
{
    switch (member->kind) {
    case MEMBER_FIELD:
        add_abc(l, I_FIELD, to, from, member->index);
        break;
    case MEMBER_COUNT:
        add_ab(l, object->kind == LANG_STR ? I_STR_COUNT : I_COUNT, to, from);
        break;
    case MEMBER_FIRST:
        add_abc(l, I_LIST_GET_OPT, to, from, zero(l));
        break;
    case MEMBER_LAST: {
        uint32_t count = new_register(l, IR_INT), last = new_register(l, IR_INT);
        add_ab(l, I_COUNT, count, from);
        add_ab(l, I_ADD_I, last, count)->literal = -1;
        add_abc(l, I_LIST_GET_OPT, to, from, last);
        break;
    }
    case MEMBER_NAME_OF:
        add_ab(l, I_TEXT, to, from);
        break;
    }
}

uint32_t lower_member(struct lowerer *l, const struct node *node, uint32_t to)
{
    const struct member *member = node->meaning;
    const struct type *object = type_bare(node->member.object->type);
    uint32_t from = lower_expr(l, node->member.object, IR_NONE);
    if (!member->optional) {
        uint32_t reg = target(l, node->type, to);
        member_into(l, member, object, from, reg);
        return reg;
    }
    if (member->kind == MEMBER_FIELD && object->kind == LANG_RECORD) {
        uint32_t reg = target(l, node->type, to);
        add_abc(l, I_FIELD_OPT, reg, from, member->index);
        return reg;
    }
    uint32_t reg = new_register(l, lower_type(l, node->type)), bare = new_register(l, lower_type(l, object));
    bool flat = member->kind == MEMBER_FIRST || member->kind == MEMBER_LAST; /* may be none in itself */
    uint32_t value = flat ? reg : new_register(l, lower_type(l, type_bare(node->type))), end = new_label(l);
    add(l, I_LOAD_NONE)->operand[0] = reg;
    add_jump(l, I_JNONE, from, end);
    add_ab(l, I_UNWRAP, bare, from);
    member_into(l, member, object, bare, value);
    if (!flat) move(l, reg, value);
    add_label(l, end);
    return reg;
}

uint32_t *lower_arguments(struct lowerer *l, struct node *const *nodes, uint32_t count, const struct type *const *types)
{
    uint32_t *registers = ARENA_ARRAY(l->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        registers[i] = new_register(l, lower_type(l, types[i]));
        if (nodes[i]) {
            uint32_t reg = lower_as(l, nodes[i], types[i], registers[i]);
            if (reg != registers[i]) move(l, registers[i], reg);
        } else {
            add(l, I_LOAD_NONE)->operand[0] = registers[i];
        }
    }
    return registers;
}

static uint32_t call_record(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    const struct record *record = node->type->record;
    const struct type **types = ARENA_ARRAY(l->arena, const struct type *, record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) types[i] = record->fields[i].type;
    uint32_t *registers = lower_arguments(l, use->arguments, record->count, types);
    uint32_t reg = target(l, node->type, to);
    struct ir_instruction *make = add(l, I_RECORD);
    make->operand[0] = reg;
    make->arguments = registers;
    make->argument_count = record->count;
    return reg;
}

static uint32_t call_function(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    const struct body *callee = use->callee;
    const struct type **types = ARENA_ARRAY(l->arena, const struct type *, callee->param_count + 1);
    for (uint32_t i = 0; i < callee->param_count; i++) types[i] = callee->params[i]->type;
    uint32_t *registers = lower_arguments(l, use->arguments, callee->param_count, types);
    uint32_t reg = callee->result->kind == LANG_VOID ? IR_NONE : target(l, node->type, to);
    struct ir_instruction *call = add(l, I_CALL);
    call->operand[0] = reg;
    call->arguments = registers;
    call->argument_count = callee->param_count;
    call->callee = callee->made->function;
    return reg;
}

static uint32_t call_method(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    const struct node *object = node->call.callee->member.object;
    bool text = object->type->kind == LANG_STR;
    uint32_t of = lower_as(l, object, object->type, IR_NONE);
    uint32_t first = text || use->method == METHOD_GET ? lower_expr(l, use->arguments[0], IR_NONE)
                                                       : lower_as(l, use->arguments[0], object->type->of, IR_NONE);
    uint32_t reg = target(l, node->type, to);
    switch (use->method) {
    case METHOD_GET:
        add_abc(l, object->type->kind == LANG_LIST ? I_LIST_GET_OPT : I_MAP_GET, reg, of, first);
        break;
    case METHOD_CONTAINS:
        if (text)
            add_abc(l, I_STR_CONTAINS, reg, of, first);
        else
            add_abc(l, I_LIST_IN, reg, first, of);
        break;
    case METHOD_STARTS:
        add_abc(l, I_STR_STARTS, reg, of, first);
        break;
    case METHOD_SLICE: {
        uint32_t end;
        if (use->argument_count > 1) {
            end = lower_expr(l, use->arguments[1], IR_NONE);
        } else {
            end = new_register(l, IR_INT);
            add_ab(l, I_STR_COUNT, end, of);
        }
        add_abc(l, I_STR_SLICE, reg, of, first)->d = end;
        break;
    }
    }
    return reg;
}

uint32_t lower_call(struct lowerer *l, const struct node *node, uint32_t to)
{
    const struct call_use *use = node->meaning;
    switch (use->kind) {
    case CALL_RECORD:
        return call_record(l, node, use, to);
    case CALL_FUNCTION:
        return call_function(l, node, use, to);
    case CALL_METHOD:
        return call_method(l, node, use, to);
    case CALL_SCHEDULE:
        return lower_schedule_call(l, node, use, to);
    case CALL_STEP:
        break;
    case CALL_NAMED:
    case CALL_PARSE_INT:
    case CALL_ABS: {
        uint32_t value = lower_expr(l, use->arguments[0], IR_NONE), reg = target(l, node->type, to);
        add_ab(l, use->kind == CALL_NAMED ? I_NAMED : use->kind == CALL_ABS ? I_ABS : I_PARSE_INT, reg, value);
        return reg;
    }
    case CALL_MIN:
    case CALL_MAX: {
        uint32_t a = lower_expr(l, use->arguments[0], IR_NONE), b = lower_expr(l, use->arguments[1], IR_NONE);
        uint32_t reg = target(l, node->type, to);
        add_abc(l, use->kind == CALL_MIN ? I_MIN : I_MAX, reg, a, b);
        return reg;
    }
    }
    assert(false && "a step among expressions");
    return 0;
}
