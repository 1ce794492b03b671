/* compiler/lower/expr.c - Computes expressions into registers, and lowers conditions to jumps.
 *
 * Each function computes a value into a register and returns it: `to` where the caller names one, else a new
 * register or the one that has the value already. A function may use any number of registers (regs.c); none is used
 * for two purposes, so every value stays in the register in which it was computed.
 *
 * Types were checked: here they are relied on. For a wider type expr_convert() boxes the value or makes a float of
 * it, and no other function changes a representation.
 *
 * A value that may be none (T?) is turned into a T by the same three instructions everywhere:
 *
 *       LOAD_NONE  result
 *       JNONE      value -> end        none: the result stays none
 *       UNWRAP     bare, value         a T from here on
 *       ...        result, bare
 *   end:
 *
 * The VM's verifier knows the types along these paths, so that an operation that needs a T never gets a T?. */
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <string.h>

uint32_t expr_target(struct lowerer *l, const struct type *type, uint32_t to)
{
    uint32_t wanted = lower_type(l, type);
    return to != IR_NONE && lower_register_type(l, to) == wanted ? to : lower_new_register(l, wanted);
}

static bool is_boxed(const struct type *type)
{
    return type_bare(type)->kind == LANG_VALUE;
}

/* Converts a value to a wider type: boxes it, or makes a float of it; none stays none. */
static uint32_t lower_conversion(struct lowerer *l, enum ir_op op, uint32_t reg, const struct type *from,
                                 const struct type *to_type, uint32_t to)
{
    uint32_t made_type = lower_type(l, type_bare(to_type)), result = expr_target(l, to_type, to);
    uint32_t made = lower_new_register(l, made_type);
    if (!type_is_option(from)) {
        lower_add_ab(l, op, made, reg);
        lower_move(l, result, made);
        return result;
    }
    uint32_t end = lower_new_label(l), bare = lower_new_register(l, lower_type(l, from->of));
    lower_add(l, I_LOAD_NONE)->operand[0] = result;
    lower_add_jump(l, I_JNONE, reg, end);
    lower_add_ab(l, I_UNWRAP, bare, reg);
    lower_add_ab(l, op, made, bare);
    lower_move(l, result, made);
    lower_add_label(l, end);
    return result;
}

static bool expr_grows(const struct type *to, const struct type *from)
{
    return type_bare(to)->kind == LANG_FLOAT && type_bare(from)->kind == LANG_INT;
}

uint32_t expr_convert(struct lowerer *l, uint32_t reg, const struct type *from, const struct type *to_type, uint32_t to)
{
    if (is_boxed(to_type) && !is_boxed(from)) return lower_conversion(l, I_BOX, reg, from, to_type, to);
    if (expr_grows(to_type, from)) return lower_conversion(l, I_INT_TO_FLOAT, reg, from, to_type, to);
    if (to == IR_NONE || to == reg) return reg; /* no conversion is needed, or a T becomes a T? below */
    lower_move(l, to, reg);
    return to;
}

bool expr_is_changed(const struct type *to, const struct type *from)
{
    return (is_boxed(to) && !is_boxed(from)) || expr_grows(to, from);
}

uint32_t lower_as(struct lowerer *l, const struct node *node, const struct type *type, uint32_t to)
{
    const struct ir_constant *constant = lower_constant(l, node, type);
    if (constant) {
        uint32_t reg = to != IR_NONE ? to : lower_new_register(l, constant->type);
        lower_load(l, reg, constant);
        return reg;
    }
    const struct type *own = node->type;
    if (expr_is_changed(type, own)) return expr_convert(l, lower_expr(l, node, IR_NONE), own, type, to);
    uint32_t reg = lower_expr(l, node, to);
    return expr_convert(l, reg, own, type, to);
}

struct ir_operand lower_operand(struct lowerer *l, const struct node *node, const struct type *want)
{
    const struct ir_constant *constant = lower_constant(l, node, want);
    if (constant) return (struct ir_operand){.reg = IR_NONE, .constant = constant};
    return (struct ir_operand){.reg = want ? lower_as(l, node, want, IR_NONE) : lower_expr(l, node, IR_NONE)};
}

/* Names */

/* Lowers a name. The value of a local is in its register already. All other names are read anew at each use, because
 * others may change them between two instructions: keys, attributes, counters, settings. */
static uint32_t lower_name(struct lowerer *l, const struct node *node, uint32_t to)
{
    const struct symbol *symbol = node->meaning;
    assert(symbol); /* a program with errors is not lowered */
    const struct type *type = node->type, *whole = symbol->type;
    uint32_t reg;
    switch (symbol->kind) {
    case SYMBOL_LOCAL:
        reg = l->locals[symbol->index];
        break;
    case SYMBOL_KEY: {
        /* A key that is attached on every path to this place is read as its type. Otherwise, or where a test has
         * shown that it is not none, the value may be none when it is read. */
        bool certain = type == whole;
        if (!certain && !type_is_option(type)) whole = type_bare(whole);
        const struct type *read = certain ? whole : NULL;
        struct types *types = l->checked->types;
        reg = expr_target(l, read ? read : types_option(types, whole), certain || type_is_option(type) ? to : IR_NONE);
        struct ir_instruction *slot = lower_add(l, I_SLOT);
        slot->operand[0] = reg;
        slot->operand[1] = symbol->index;
        whole = read ? read : types_option(types, whole);
        break;
    }
    case SYMBOL_COUNTER:
        return lower_counted(l, symbol, NULL, to);
    case SYMBOL_STATISTIC:
        return lower_statistic(l, symbol, l->where_of);
    case SYMBOL_LATCH:
        return lower_latch(l, symbol, to);
    case SYMBOL_SETTING: {
        reg = expr_target(l, type, to);
        struct ir_instruction *setting = lower_add(l, I_SETTING);
        setting->operand[0] = reg;
        setting->operand[1] = symbol->index;
        return reg;
    }
    case SYMBOL_ATTRIBUTE: {
        if (type->kind == LANG_LIST) return lower_parties(l, type);
        if (attribute_rows[symbol->index].known) return lower_own_wait(l, attribute_rows[symbol->index].number, to);
        reg = expr_target(l, type, to);
        struct ir_instruction *attribute = lower_add(l, I_ATTRIBUTE);
        attribute->operand[0] = reg;
        attribute->operand[1] = attribute_rows[symbol->index].number;
        return reg;
    }
    default:
        assert(false && "a name that is a value");
        return 0;
    }
    if (!type_is_option(whole) || type_is_option(type)) return reg;
    uint32_t bare = expr_target(l, type, to);
    lower_add_ab(l, I_UNWRAP, bare, reg);
    return bare;
}

/* Arithmetic and comparison */

/* Returns the instruction for an operator by the types of both sides: `time - time` is a duration, `time - duration`
 * a time, and the machine has one operation for each, which checks its own bounds. */
static enum ir_op arithmetic_op(enum operator op, enum lang_type left, enum lang_type right)
{
    switch (op) {
    case SIGN_ADD:
        if (left == LANG_DATE) return I_ADD_DATE;
        return left == LANG_TIME || right == LANG_TIME ? I_ADD_TIME : I_ADD;
    case SIGN_SUB:
        if (left == LANG_DATE) return right == LANG_DATE ? I_DIFF_DATE : I_SUB_DATE;
        if (left == LANG_CLOCK) return I_DIFF_CLOCK;
        if (left != LANG_TIME) return I_SUB;
        return right == LANG_TIME ? I_DIFF_TIME : I_SUB_TIME;
    case SIGN_MUL:
        return right == LANG_PERCENT && left != LANG_PERCENT ? I_SHARE : I_MUL;
    case SIGN_DIV:
        return right == LANG_DURATION ? I_RATIO : I_DIV;
    default:
        return I_MOD;
    }
}

uint32_t lower_binary(struct lowerer *l, enum operator op, const struct type *result, uint32_t left,
                      const struct type *left_type, uint32_t right, const struct type *right_type, uint32_t to)
{
    enum lang_type a = left_type->kind, b = right_type->kind;
    bool swap = (op == SIGN_ADD && b == LANG_TIME) ||
                (op == SIGN_MUL && a == LANG_INT && (b == LANG_DURATION || b == LANG_PERCENT));
    uint32_t reg = expr_target(l, result, to);
    if (result->kind == LANG_FLOAT) {
        static const enum ir_op ops[] = {
            [SIGN_ADD] = I_ADD_FLOAT, [SIGN_SUB] = I_SUB_FLOAT, [SIGN_MUL] = I_MUL_FLOAT, [SIGN_DIV] = I_DIV_FLOAT};
        left = expr_convert(l, left, left_type, result, IR_NONE);
        lower_add_abc(l, ops[op], reg, left, expr_convert(l, right, right_type, result, IR_NONE));
        return reg;
    }
    if (swap)
        lower_add_abc(l, arithmetic_op(op, b, a), reg, right, left);
    else
        lower_add_abc(l, arithmetic_op(op, a, b), reg, left, right);
    return reg;
}

static bool lowered_is_text(const struct type *type)
{
    return type_bare(type)->kind == LANG_STR || type_bare(type)->kind == LANG_DN;
}

bool expr_is_float(const struct type *type)
{
    return type_bare(type)->kind == LANG_FLOAT;
}

static uint32_t convert_float(struct lowerer *l, uint32_t reg, const struct type *type)
{
    if (expr_is_float(type)) return reg;
    uint32_t made = lower_new_register(l, IR_FLOAT | (type_is_option(type) ? IR_OPTIONAL : 0));
    lower_add_ab(l, I_INT_TO_FLOAT, made, reg);
    return made;
}

/* Compares two floats; for == and != one of them may be none. */
static void compare_floats(struct lowerer *l, enum operator op, uint32_t reg, uint32_t left, uint32_t right)
{
    bool optional = (lower_register_type(l, left) | lower_register_type(l, right)) & IR_OPTIONAL;
    enum ir_op equal = optional ? I_EQ_DEEP : I_EQ_FLOAT;
    if (op == SIGN_NE) {
        uint32_t same = lower_new_register(l, IR_BOOL);
        lower_add_abc(l, equal, same, left, right);
        lower_add_ab(l, I_NOT, reg, same);
    } else if (op == SIGN_EQ) {
        lower_add_abc(l, equal, reg, left, right);
    } else {
        bool swap = op == SIGN_GT || op == SIGN_GE;
        lower_add_abc(l, op == SIGN_LT || op == SIGN_GT ? I_LT_FLOAT : I_LE_FLOAT, reg, swap ? right : left,
                      swap ? left : right);
    }
}

/* Returns the value as a T without the ?; jumps to the label where it is none. */
static uint32_t unless_none(struct lowerer *l, uint32_t value, uint32_t label)
{
    uint32_t type = lower_register_type(l, value);
    if (!(type & IR_OPTIONAL)) return value;
    uint32_t bare = lower_new_register(l, type & ~IR_OPTIONAL);
    lower_add_jump(l, I_JNONE, value, label);
    lower_add_ab(l, I_UNWRAP, bare, value);
    return bare;
}

/* There are instructions for "less" and "less or equal" only: for a "greater" the two sides are swapped. */
static uint32_t lower_comparison(struct lowerer *l, const struct node *node, uint32_t to)
{
    assert(node->kind == NODE_BINARY);
    enum operator op =(enum operator) node->binary.op;
    const struct node *left_node = node->binary.left, *right_node = node->binary.right;
    uint32_t reg = expr_target(l, node->type, to);
    if (left_node->kind == NODE_NONE || right_node->kind == NODE_NONE) {
        uint32_t value = lower_expr(l, left_node->kind == NODE_NONE ? right_node : left_node, IR_NONE);
        uint32_t is = op == SIGN_EQ ? reg : lower_new_register(l, IR_BOOL);
        lower_add_ab(l, I_IS_NONE, is, value);
        if (op == SIGN_NE) lower_add_ab(l, I_NOT, reg, is);
        return reg;
    }
    uint32_t left = lower_expr(l, left_node, IR_NONE), right = lower_expr(l, right_node, IR_NONE);
    if (type_is_option(node->type)) { /* a comparison of statistics: none where one of them is none */
        uint32_t end = lower_new_label(l), holds = lower_new_register(l, IR_BOOL);
        lower_add(l, I_LOAD_NONE)->operand[0] = reg;
        left = unless_none(l, left, end);
        right = unless_none(l, right, end);
        bool turned = op == SIGN_GT || op == SIGN_GE;
        lower_add_abc(l, op == SIGN_LT || op == SIGN_GT ? I_LT : I_LE, holds, turned ? right : left,
                      turned ? left : right);
        lower_move(l, reg, holds);
        lower_add_label(l, end);
        return reg;
    }
    if (expr_is_float(left_node->type) || expr_is_float(right_node->type)) {
        compare_floats(l, op, reg, convert_float(l, left, left_node->type), convert_float(l, right, right_node->type));
        return reg;
    }
    bool text = lowered_is_text(left_node->type);
    switch (op) {
    case SIGN_EQ:
        lower_add_abc(l, text ? I_EQ_STR : I_EQ, reg, left, right);
        break;
    case SIGN_NE:
        if (!text) {
            lower_add_abc(l, I_NE, reg, left, right);
        } else {
            uint32_t same = lower_new_register(l, IR_BOOL);
            lower_add_abc(l, I_EQ_STR, same, left, right);
            lower_add_ab(l, I_NOT, reg, same);
        }
        break;
    case SIGN_LT:
        lower_add_abc(l, text ? I_LT_STR : I_LT, reg, left, right);
        break;
    case SIGN_LE:
        lower_add_abc(l, text ? I_LE_STR : I_LE, reg, left, right);
        break;
    case SIGN_GT:
        lower_add_abc(l, text ? I_LT_STR : I_LT, reg, right, left);
        break;
    default:
        lower_add_abc(l, text ? I_LE_STR : I_LE, reg, right, left);
        break;
    }
    return reg;
}

enum { DAYS_IN_WEEK = 7 };

/* Tests whether the value is in a range; a range of times excludes its end, and one of times of day may wrap around
 * midnight. */
static void lower_range(struct lowerer *l, const struct node *range, const struct type *type, uint32_t value,
                        uint32_t reg)
{
    assert(range->kind == NODE_RANGE);
    bool clock = type->kind == LANG_CLOCK, until = clock || type->kind == LANG_TIME;
    enum ir_op op = lowered_is_text(type) ? I_LE_STR : expr_is_float(type) ? I_LE_FLOAT : I_LE;
    uint32_t from = lower_as(l, range->range.from, type, IR_NONE), to = lower_as(l, range->range.to, type, IR_NONE);
    uint32_t above = lower_new_register(l, IR_BOOL), below = lower_new_register(l, IR_BOOL);
    lower_add_abc(l, op, above, from, value);
    lower_add_abc(l, until ? I_LT : op, below, value, to);
    lower_add_abc(l, I_AND, reg, above, below);
    if (!clock) return;
    uint32_t round = lower_new_register(l, IR_BOOL), either = lower_new_register(l, IR_BOOL);
    lower_add_abc(l, I_LT, round, to, from);
    lower_add_abc(l, I_OR, either, above, below);
    lower_add_abc(l, I_AND, round, round, either);
    lower_add_abc(l, I_OR, reg, reg, round);
}

/* The machine has no order of words: a table holds the words of a range. A range of weekdays may wrap around the end
 * of the week. */
static void lower_words(struct lowerer *l, const struct node *range, uint32_t value, uint32_t reg)
{
    assert(range->kind == NODE_RANGE);
    int64_t from = 0, to = 0;
    bool known = segment_node_worth(range->range.from, &from) && segment_node_worth(range->range.to, &to);
    assert(known); /* check/expr.c */
    uint32_t yes = lower_new_label(l), end = lower_new_label(l);
    struct ir_arm *arms = ARENA_ARRAY(l->arena, struct ir_arm, 2);
    uint32_t count = 0;
    if (to < from) arms[count++] = (struct ir_arm){.first = 0, .last = to, .label = yes};
    arms[count++] = (struct ir_arm){.first = from, .last = to < from ? DAYS_IN_WEEK - 1 : to, .label = yes};
    lower_load(l, reg, constant_word(l, IR_BOOL, false));
    struct ir_instruction *segment = lower_add(l, I_SEGMENT);
    segment->operand[0] = value;
    segment->arms = arms;
    segment->arm_count = count;
    segment->label = end;
    lower_add_label(l, yes);
    lower_load(l, reg, constant_word(l, IR_BOOL, true));
    lower_add_label(l, end);
}

static uint32_t lower_in(struct lowerer *l, const struct node *node, uint32_t to)
{
    assert(node->kind == NODE_BINARY);
    const struct node *right = node->binary.right;
    const struct type *type = node->binary.left->type;
    uint32_t value =
        lower_as(l, node->binary.left,
                 right->kind == NODE_RANGE || right->type->kind != LANG_LIST ? type : right->type->of, IR_NONE);
    uint32_t reg = expr_target(l, node->type, to);
    if (type_is_option(node->type)) { /* a test of a statistic: none where the statistic is none */
        uint32_t end = lower_new_label(l), holds = lower_new_register(l, IR_BOOL);
        lower_add(l, I_LOAD_NONE)->operand[0] = reg;
        lower_range(l, right, type_bare(type), unless_none(l, value, end), holds);
        lower_move(l, reg, holds);
        lower_add_label(l, end);
        return reg;
    }
    if (right->kind == NODE_RANGE) {
        if (type->kind == LANG_ENUM)
            lower_words(l, right, value, reg);
        else
            lower_range(l, right, type, value, reg);
        return reg;
    }
    if (right->type->kind == LANG_MAP)
        lower_has_row(l, right, value, reg);
    else
        lower_add_abc(l, I_LIST_IN, reg, value, lower_as(l, right, right->type, IR_NONE));
    return reg;
}

/* Text */

/* Each part becomes a text in a register of its own, and one CONCAT joins all: the result is allocated once, not per
 * part. */
static uint32_t lower_template(struct lowerer *l, const struct node *node, uint32_t to)
{
    assert(node->kind == NODE_TEMPLATE);
    uint32_t *parts = ARENA_ARRAY(l->arena, uint32_t, node->templ.parts.count + 1), count = 0;
    EACH_NODE (part, node->templ.parts) {
        if (part->kind == NODE_STRING && part->string.text.length == 0) continue;
        const struct ir_constant *constant = lower_constant(l, part, NULL);
        uint32_t reg = lower_new_register(l, IR_STR);
        if (constant && constant->kind == IR_CONSTANT_TEXT)
            lower_load(l, reg, constant);
        else if (part->type->kind == LANG_STR || part->type->kind == LANG_DN) {
            uint32_t value = lower_expr(l, part, reg);
            if (value != reg) lower_move(l, reg, value);
        } else
            lower_text(l, lower_expr(l, part, IR_NONE), part->type, reg);
        parts[count++] = reg;
    }
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == IR_STR ? to : lower_new_register(l, IR_STR);
    if (count == 0) {
        lower_load(l, reg, constant_text(l, "", 0));
    } else if (count == 1) {
        lower_move(l, reg, parts[0]);
    } else {
        struct ir_instruction *concat = lower_add(l, I_CONCAT);
        concat->operand[0] = reg;
        concat->arguments = parts;
        concat->argument_count = count;
    }
    return reg;
}

/* Containers */

static uint32_t lower_container(struct lowerer *l, const struct node *node, uint32_t to)
{
    bool map = node->kind == NODE_MAP;
    uint32_t reg = expr_target(l, node->type, to), count = 0;
    size_t room = map ? 2 * node->map.entries.count : node->list.items.count;
    uint32_t *parts = ARENA_ARRAY(l->arena, uint32_t, room + 1);
    EACH_NODE (item, map ? node->map.entries : node->list.items) {
        if (map) {
            parts[count] = lower_new_register(l, IR_STR);
            lower_as(l, item->entry.key, item->entry.key->type, parts[count++]);
        }
        parts[count] = lower_new_register(l, lower_type(l, node->type->of));
        lower_as(l, map ? item->entry.value : item, node->type->of, parts[count++]);
    }
    struct ir_instruction *make = lower_add(l, map ? I_MAP : I_LIST);
    make->operand[0] = reg;
    make->arguments = parts;
    make->argument_count = count;
    return reg;
}

uint32_t expr_as_option(struct lowerer *l, uint32_t reg)
{
    if (lower_register_type(l, reg) & IR_OPTIONAL) return reg;
    uint32_t option = lower_new_register(l, lower_register_type(l, reg) | IR_OPTIONAL);
    lower_move(l, option, reg);
    return option;
}

static uint32_t lower_index(struct lowerer *l, const struct node *node, uint32_t to)
{
    assert(node->kind == NODE_INDEX);
    const struct node *object = node->index.object;
    const struct symbol *symbol = object->kind == NODE_NAME ? object->meaning : NULL;
    if (symbol && symbol->kind == SYMBOL_COUNTER) return lower_counted(l, symbol, node->index.index, to);
    uint32_t reg = expr_target(l, node->type, to);
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE && object->type->kind != LANG_LIST) { /* user_data */
        lower_add_ab(l, I_DATA, reg, lower_expr(l, node->index.index, IR_NONE));
        return reg;
    }
    if (object->type->kind == LANG_MAP && symbol && symbol->kind == SYMBOL_SETTING) {
        lower_found_row(l, object, lower_expr(l, node->index.index, IR_NONE), reg);
        return reg;
    }
    if (member_is_score(node)) {
        lower_add_ab(l, object->type->of->kind == LANG_FLOAT ? I_SCORE_FLOAT : I_SCORE, reg,
                     lower_expr(l, object, IR_NONE));
        return reg;
    }
    uint32_t container = lower_expr(l, object, IR_NONE), index = lower_expr(l, node->index.index, IR_NONE);
    if (is_boxed(object->type)) {
        lower_add_abc(l, I_VALUE_AT, reg, expr_as_option(l, container), index);
        return reg;
    }
    lower_add_abc(l, object->type->kind == LANG_LIST ? I_LIST_GET : I_MAP_GET, reg, container, index);
    return reg;
}

/* Lowers `(value else otherwise)`: `otherwise` is computed only where the value is none. */
static uint32_t lower_fallback(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_FALLBACK);
    uint32_t value = lower_expr(l, node->fallback.value, IR_NONE), none = lower_new_label(l), end = lower_new_label(l);
    uint32_t reg = lower_new_register(l, lower_type(l, node->type));
    lower_add_jump(l, I_JNONE, value, none);
    if (type_is_option(node->type))
        lower_move(l, reg, value);
    else
        lower_add_ab(l, I_UNWRAP, reg, value);
    lower_add_jump(l, I_JUMP, IR_NONE, end);
    lower_add_label(l, none);
    lower_as(l, node->fallback.otherwise, node->type, reg);
    lower_add_label(l, end);
    return reg;
}

/* Lowers the candidate's level of a skill, or whether the candidate belongs to a group. The candidate is in no
 * register: the core sets it before it calls the line's function. */
static uint32_t lower_level(struct lowerer *l, const struct node *node, uint32_t to)
{
    enum ir_op asks = node->type->kind == LANG_BOOL ? I_MEMBER : I_LEVEL;
    if (node->kind == NODE_KIND_INDEX) {
        uint32_t named = lower_expr(l, node->kind_index.index, IR_NONE);
        uint32_t reg = expr_target(l, node->type, to);
        lower_add_ab(l, asks, reg, named);
        return reg;
    }
    if (site_group_condition(node)) return lower_truth(l, lower_expr(l, site_group_condition(node), IR_NONE));
    const struct symbol *symbol = node->meaning;
    struct ir_constant *name = ARENA_NEW(l->arena, struct ir_constant);
    *name = (struct ir_constant){.kind = IR_CONSTANT_NAME,
                                 .type = lower_type(l, symbol->type),
                                 .text = symbol->name,
                                 .length = strlen(symbol->name)};
    uint32_t named = lower_new_register(l, name->type), reg = expr_target(l, node->type, to);
    lower_load(l, named, name);
    lower_add_ab(l, asks, reg, named);
    return reg;
}

/* A small constant is stored in the instruction itself. */
static uint32_t add_small(struct lowerer *l, const struct node *node, uint32_t left, uint32_t to)
{
    assert(node->kind == NODE_BINARY);
    const struct node *right = node->binary.right;
    bool sum = node->binary.op == SIGN_ADD || node->binary.op == SIGN_SUB;
    if (node->type->kind == LANG_FLOAT) sum = false;
    if (!sum || right->type != node->type || node->binary.left->type != node->type) return IR_NONE;
    const struct ir_constant *constant = lower_constant(l, right, NULL);
    if (!constant || constant->kind != IR_CONSTANT_WORD || constant->word <= -128 || constant->word >= 128)
        return IR_NONE;
    uint32_t reg = expr_target(l, node->type, to);
    lower_add_ab(l, I_ADD_I, reg, left)->literal = node->binary.op == SIGN_ADD ? constant->word : -constant->word;
    return reg;
}

/* True: the node is a statistic, counter or parameter, so a condition that compares it shows its name. */
static bool lowered_is_figure(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME    ? node->meaning
                                  : node->kind == NODE_INDEX ? node->index.object->meaning
                                                             : NULL;
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    if (node->kind == NODE_INDEX && node->index.object->kind != NODE_NAME) return false;
    return (symbol && (symbol->kind == SYMBOL_STATISTIC || symbol->kind == SYMBOL_COUNTER ||
                       (symbol->kind == SYMBOL_SETTING && node->kind == NODE_NAME))) ||
           (member && member->kind == MEMBER_MEASURE) || (call && call->kind == CALL_STATISTIC);
}

/* Names the register after the node's text in the source, so that `why` can show what the condition compares. */
static void name_figure(struct lowerer *l, const struct node *node, uint32_t reg)
{
    enum { NAME_MOST = 80 };
    const struct source *source = source_set_at(l->program->sources, node->span.begin);
    if (!source || node->span.end - node->span.begin > NAME_MOST) return;
    uint32_t length = node->span.end - node->span.begin;
    const char *text = source->text + (node->span.begin - source->base);
    for (uint32_t at = 0; at < length; at++)
        if (text[at] == '\n') return;
    l->function->registers[reg].name = arena_printf(l->arena, "%.*s", (int)length, text);
}

static uint32_t lower_value(struct lowerer *l, const struct node *node, uint32_t to);

uint32_t lower_expr(struct lowerer *l, const struct node *node, uint32_t to)
{
    uint32_t reg = lower_value(l, node, to);
    if (l->naming && lowered_is_figure(node) && reg != IR_NONE) name_figure(l, node, reg);
    return reg;
}

static uint32_t (*const lowers_value[NODE_KINDS])(struct lowerer *, const struct node *, uint32_t) = {
    [NODE_NAME] = lower_name,      [NODE_KIND_NAME] = lower_level, [NODE_KIND_INDEX] = lower_level,
    [NODE_MEMBER] = lower_member,  [NODE_CALL] = lower_call,       [NODE_TEMPLATE] = lower_template,
    [NODE_LIST] = lower_container, [NODE_MAP] = lower_container,   [NODE_INDEX] = lower_index};

/* The order of the tests matters. First, a part that the wait has captured, since a leaf function cannot compute it
 * again; then a value known at compile time; then a word within a statistic; only then the node's kind decides. */
static uint32_t lower_value(struct lowerer *l, const struct node *node, uint32_t to)
{
    const struct leaf_capture *capture = branch_captured(l, node);
    if (capture && !branch_is_opened(l, capture)) return capture->reg;
    if (capture) {
        uint32_t bare = expr_target(l, node->type, to);
        lower_add_ab(l, I_UNWRAP, bare, capture->reg);
        return bare;
    }
    const struct ir_constant *constant = lower_constant(l, node, NULL);
    if (constant) {
        uint32_t reg = to != IR_NONE && (lower_register_type(l, to) & ~IR_OPTIONAL) == (constant->type & ~IR_OPTIONAL)
                           ? to
                           : lower_new_register(l, constant->type);
        lower_load(l, reg, constant);
        return reg;
    }
    if (lower_is_measured(l, node)) return lower_measured(l, node, to);
    if (lowers_value[node->kind]) return lowers_value[node->kind](l, node, to);
    switch (node->kind) {
    case NODE_FALLBACK:
        return lower_fallback(l, node);
    case NODE_UNARY:
        if (node->unary.op == SIGN_NOT) return lower_logic(l, node, to);
        {
            uint32_t value = lower_expr(l, node->unary.value, IR_NONE), reg = expr_target(l, node->type, to);
            lower_add_ab(l, expr_is_float(node->type) ? I_NEG_FLOAT : I_NEG, reg, value);
            return reg;
        }
    case NODE_BINARY:
        break;
    default:
        assert(false && "an expression");
        return 0;
    }
    if (branch_is_condition(node)) return lower_logic(l, node, to);
    if (branch_is_comparison(node)) return lower_comparison(l, node, to);
    if (node->binary.op == SIGN_IN) return lower_in(l, node, to);
    const struct node *left = node->binary.left, *right = node->binary.right;
    uint32_t a = lower_expr(l, left, IR_NONE), sum = add_small(l, node, a, to);
    if (sum != IR_NONE) return sum;
    uint32_t b = lower_expr(l, right, IR_NONE);
    return lower_binary(l, (enum operator)node->binary.op, node->type, a, left->type, b, right->type, to);
}
