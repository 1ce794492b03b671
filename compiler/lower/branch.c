/* compiler/lower/branch.c - Conditions: the jumps that they become, and the parts that are computed before a wait.
 *
 *     if tier == "1" and ani != "" { A }
 *
 *         3  JNE_K      r0 "1" -> 11      lower_branch(condition, 11, false): either side of the `and` leaves,
 *         5  ATTRIBUTE  r0 ani            and no bool is made
 *         6  JEQ_K      r0 "" -> 11
 *         8  A
 *
 * lower_logic() makes the value where a value is needed. In a leaf function both sides are computed, which costs
 * less than a jump, unless the right side opens an optional that the left side has tested.
 *
 * Guards: the parts of a selection's condition that do not change during the wait are computed before the wait. A
 * part of the right side of an `and` may be computed only where the left side holds, for which lower_guarded()
 * provides. */
#include "compiler/lower/lowerer.h"

#include <assert.h>

bool branch_is_condition(const struct node *node)
{
    return (node->kind == NODE_BINARY && (node->binary.op == SIGN_AND || node->binary.op == SIGN_OR)) ||
           (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT);
}

uint32_t lower_truth(struct lowerer *l, uint32_t reg)
{
    if (!(lower_register_type(l, reg) & IR_OPTIONAL)) return reg;
    uint32_t bare = lower_new_register(l, IR_BOOL), end = lower_new_label(l);
    lower_load(l, bare, constant_word(l, IR_BOOL, 0));
    lower_add_jump(l, I_JNONE, reg, end);
    lower_add_ab(l, I_UNWRAP, bare, reg);
    lower_add_label(l, end);
    return bare;
}

const struct leaf_capture *branch_captured(const struct lowerer *l, const struct node *node)
{
    for (uint32_t i = 0; i < l->capture_count; i++)
        if (l->captures[i].node == node) return &l->captures[i];
    return NULL;
}

/* Was the value captured before a test made known that it is not none? */
bool branch_is_opened(const struct lowerer *l, const struct leaf_capture *capture)
{
    return lower_register_type(l, capture->reg) & IR_OPTIONAL && !type_is_option(capture->node->type);
}

struct opening {
    const struct lowerer *lowerer;
    bool found;
};

static void find_opening(struct node *node, void *context)
{
    struct opening *opening = context;
    const struct leaf_capture *capture = branch_captured(opening->lowerer, node);
    if (capture)
        opening->found = opening->found || branch_is_opened(opening->lowerer, capture);
    else
        node_children(node, find_opening, context);
}

/* May both sides of `and` or `or` be computed without a jump in a leaf function? True: they change nothing, and fail
 * only where they open an optional. */
static bool is_computed_at_once(const struct lowerer *l, const struct node *node)
{
    struct opening opening = {.lowerer = l};
    if (l->function->kind != IR_LEAF) return false;
    if (node->kind == NODE_BINARY) find_opening(node->binary.right, &opening);
    return !opening.found;
}

/* Computes an `and`, `or` or `not` as a value. */
uint32_t lower_logic(struct lowerer *l, const struct node *node, uint32_t to)
{
    uint32_t reg = expr_target(l, node->type, to);
    if (is_computed_at_once(l, node)) {
        if (node->kind == NODE_UNARY) {
            lower_add_ab(l, I_NOT, reg, lower_truth(l, lower_expr(l, node->unary.value, IR_NONE)));
            return reg;
        }
        uint32_t left = lower_truth(l, lower_expr(l, node->binary.left, IR_NONE));
        uint32_t right = lower_truth(l, lower_expr(l, node->binary.right, IR_NONE));
        lower_add_abc(l, node->binary.op == SIGN_AND ? I_AND : I_OR, reg, left, right);
        return reg;
    }
    uint32_t no = lower_new_label(l), end = lower_new_label(l);
    /* `to` is not used directly: later parts of the expression may still read it */
    uint32_t result = lower_new_register(l, IR_BOOL);
    lower_branch(l, node, no, false);
    lower_load(l, result, constant_word(l, IR_BOOL, 1));
    lower_add_jump(l, I_JUMP, IR_NONE, end);
    lower_add_label(l, no);
    lower_load(l, result, constant_word(l, IR_BOOL, 0));
    lower_add_label(l, end);
    lower_move(l, reg, result);
    return reg;
}

/* Lowers a comparison with a small constant, which is stored in the jump itself. */
static bool branch_constant(struct lowerer *l, const struct node *node, uint32_t label, bool when)
{
    assert(node->kind == NODE_BINARY);
    enum operator op =(enum operator) node->binary.op;
    const struct node *left = node->binary.left, *right = node->binary.right;
    if (left->kind == NODE_NONE || right->kind == NODE_NONE) {
        if (op != SIGN_EQ && op != SIGN_NE) return false;
        uint32_t value = lower_expr(l, left->kind == NODE_NONE ? right : left, IR_NONE);
        lower_add_jump(l, (op == SIGN_EQ) == when ? I_JNONE : I_JSOME, value, label);
        return true;
    }
    if (expr_is_float(left->type) || expr_is_float(right->type) || type_is_option(node->type)) return false;
    const struct ir_constant *constant = lower_constant(l, right, NULL);
    if (!constant) return false;
    if (op == SIGN_EQ || op == SIGN_NE) {
        bool fits = constant->kind == IR_CONSTANT_TEXT ? constant->length <= 7 : constant->kind != IR_CONSTANT_OBJECT;
        if (!fits) return false;
        uint32_t value = lower_expr(l, left, IR_NONE);
        lower_add_jump(l, (op == SIGN_EQ) == when ? I_JEQ_K : I_JNE_K, value, label)->constant = constant;
        return true;
    }
    if (constant->kind != IR_CONSTANT_WORD || constant->word < INT16_MIN || constant->word > INT16_MAX) return false;
    static const enum ir_op holds[] = {
        [SIGN_LT] = I_JLT_I, [SIGN_LE] = I_JLE_I, [SIGN_GT] = I_JGT_I, [SIGN_GE] = I_JGE_I};
    static const enum ir_op fails[] = {
        [SIGN_LT] = I_JGE_I, [SIGN_LE] = I_JGT_I, [SIGN_GT] = I_JLE_I, [SIGN_GE] = I_JLT_I};
    if (op != SIGN_LT && op != SIGN_LE && op != SIGN_GT && op != SIGN_GE) return false;
    uint32_t value = lower_expr(l, left, IR_NONE);
    lower_add_jump(l, when ? holds[op] : fails[op], value, label)->literal = constant->word;
    return true;
}

bool branch_is_comparison(const struct node *node)
{
    return node->kind == NODE_BINARY && node->binary.op >= SIGN_EQ && node->binary.op <= SIGN_GE;
}

/* Jumps to the label if the value in a register is `when`; none counts as false. */
static void branch_on(struct lowerer *l, uint32_t reg, uint32_t label, bool when)
{
    if (!(lower_register_type(l, reg) & IR_OPTIONAL)) {
        lower_add_jump(l, when ? I_JTRUE : I_JFALSE, reg, label);
        return;
    }
    uint32_t bare = lower_new_register(l, IR_BOOL), past = lower_new_label(l);
    lower_add_jump(l, I_JNONE, reg, when ? past : label);
    lower_add_ab(l, I_UNWRAP, bare, reg);
    lower_add_jump(l, when ? I_JTRUE : I_JFALSE, bare, label);
    lower_add_label(l, past);
}

/* Jumps to the label if the condition is `when`. `not` reverses `when`. For `and` and `or` there are two cases: either
 * side alone decides, so both jump to the label; or a left side that decides skips the right side. */
void lower_branch(struct lowerer *l, const struct node *node, uint32_t label, bool when)
{
    if (branch_captured(l, node)) {
        branch_on(l, lower_expr(l, node, IR_NONE), label, when);
        return;
    }
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT) {
        lower_branch(l, node->unary.value, label, !when);
        return;
    }
    if (branch_is_condition(node)) {
        bool is_and = node->binary.op == SIGN_AND;
        if (is_and != when) { /* either side alone decides */
            lower_branch(l, node->binary.left, label, when);
            lower_branch(l, node->binary.right, label, when);
            return;
        }
        uint32_t past = lower_new_label(l);
        lower_branch(l, node->binary.left, past, !when);
        lower_branch(l, node->binary.right, label, when);
        lower_add_label(l, past);
        return;
    }
    if (node->kind == NODE_BOOL) {
        if (node->boolean.value == when) lower_add_jump(l, I_JUMP, IR_NONE, label);
        return;
    }
    if (branch_is_comparison(node) && !l->naming && branch_constant(l, node, label, when)) return;
    branch_on(l, lower_expr(l, node, IR_NONE), label, when);
}

/* Guards */

static const struct guard *guard_by(struct lowerer *l, const struct guard *outer, const struct node *node, bool when,
                                    bool (*stays)(const struct node *))
{
    if (stays(node)) {
        struct guard *guard = ARENA_NEW(l->arena, struct guard);
        *guard = (struct guard){node, when, outer};
        return guard;
    }
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT)
        return guard_by(l, outer, node->unary.value, !when, stays);
    if (!branch_is_condition(node) || (node->binary.op == SIGN_AND) != when) return outer;
    return guard_by(l, guard_by(l, outer, node->binary.left, when, stays), node->binary.right, when, stays);
}

const struct guard *guard_right(struct lowerer *l, const struct guard *outer, const struct node *condition,
                                bool (*stays)(const struct node *))
{
    return guard_by(l, outer, condition->binary.left, condition->binary.op == SIGN_AND, stays);
}

static void lower_guards(struct lowerer *l, const struct guard *guard, uint32_t past)
{
    if (!guard) return;
    lower_guards(l, guard->outer, past);
    lower_branch(l, guard->node, past, !guard->when);
}

struct ir_operand lower_guarded(struct lowerer *l, const struct node *node, const struct guard *guard)
{
    const struct node *asked = selection_before_tests(l, node);
    if (!guard || asked != node || node->kind == NODE_NAME || lower_constant(l, node, NULL))
        return lower_operand(l, asked, NULL);
    uint32_t reg = lower_new_register(l, lower_type(l, node->type)), past = lower_new_label(l);
    lower_guards(l, guard, past);
    lower_move(l, reg, lower_expr(l, node, reg));
    lower_add_label(l, past);
    return (struct ir_operand){.reg = reg};
}

void branch_taking_begin(struct lowerer *l, struct leaf_capture *made)
{
    l->captures = made;
    l->capture_count = 0;
}

void branch_taken_note(struct lowerer *l, struct leaf_capture *made, const struct node *node, struct ir_operand operand)
{
    if (!operand.constant) made[l->capture_count++] = (struct leaf_capture){node, operand.reg};
}

void branch_taking_end(struct lowerer *l)
{
    l->captures = NULL;
    l->capture_count = 0;
}
