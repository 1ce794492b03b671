/* compiler/lower/until.c - The condition that ends a wait, as a function. The core calls it when the wait begins,
 * and again whenever a parameter, table or schedule changes, or time changes its result.
 *
 * The strategy's own values are captured when the wait begins; values that may change are computed anew each time. */
#include <assert.h>
#include <string.h>

#include "compiler/lower/lowerer.h"

static const struct symbol *until_operand_symbol(const struct node *node)
{
    return node->kind == NODE_NAME ? node->meaning : NULL;
}

/* True: the node is no value by itself: `int` of int.parse, or `user_data`, of which only entries can be read. */
static bool names_no_value(const struct node *node)
{
    const struct symbol *symbol = until_operand_symbol(node);
    if (node->kind != NODE_NAME) return false;
    return !symbol || (symbol->kind == SYMBOL_ATTRIBUTE && !strcmp(symbol->name, "user_data"));
}

struct taken_along {
    struct lowerer *l;
    bool (*stays)(const struct node *);
    struct leaf_capture *captures;
    struct ir_operand *operands;
    const struct guard **guards; /* of each capture */
    const struct guard *guard;   /* the guard around the current node */
    uint32_t count;
    bool too_many;
};

static bool is_value(const struct node *node)
{
    const struct symbol *symbol = until_operand_symbol(node);
    bool known =
        !symbol || symbol->kind == SYMBOL_LOCAL || symbol->kind == SYMBOL_KEY || symbol->kind == SYMBOL_ATTRIBUTE;
    return node->kind != NODE_RANGE && node->kind != NODE_ARG && node->type && known;
}

static bool until_stays(const struct node *node)
{
    return is_value(node) && !until_may_change(node);
}

static bool where_stays(const struct node *node)
{
    return is_value(node) && !until_where_may_change(node);
}

/* Collects the largest parts that do not change during the wait. */
static void until_take(struct node *node, void *context)
{
    struct taken_along *taken = context;
    if (until_is_of_main(node) || names_no_value(node)) return;
    if (lower_constant(taken->l, node, NULL)) return;
    if (taken->stays(node)) {
        if (taken->count == CAPTURES_MAX) {
            taken->too_many = true;
        } else {
            taken->guards[taken->count] = taken->guard;
            taken->captures[taken->count++].node = node;
        }
        return;
    }
    if (branch_is_condition(node) && node->kind == NODE_BINARY) {
        const struct guard *outer = taken->guard;
        until_take(node->binary.left, context);
        taken->guard = guard_right(taken->l, outer, node, taken->stays);
        until_take(node->binary.right, context);
        taken->guard = outer;
        return;
    }
    if (node->kind != NODE_CALL) {
        node_children(node, until_take, context);
        return;
    }
    EACH_NODE (argument, node->call.arguments) until_take(argument, context);
    if (node->call.callee->kind == NODE_MEMBER) until_take(node->call.callee->member.object, context);
}

/* Makes a function of the condition. `of`: the target of the line that the condition belongs to, or NULL. The
 * function is made while that of the waiting body is being made: captures are computed there, and become its
 * parameters, with the place that the caller has set. Registers of statistics and the like get names, so that `why` can
 * show the values for which the condition was true. */
static void lower_watched(struct lowerer *l, struct node *condition, struct node *of,
                          bool (*stays)(const struct node *), const char *title, uint32_t type, struct ir_line *line)
{
    struct leaf_capture captures[CAPTURES_MAX];
    struct ir_operand *operands = ARENA_ARRAY(l->arena, struct ir_operand, CAPTURES_MAX);
    const struct guard *guards[CAPTURES_MAX];
    struct taken_along taken = {.l = l, .stays = stays, .captures = captures, .operands = operands, .guards = guards};
    struct ir_function *outer = l->function;
    const char *name = arena_printf(l->arena, "%s.%s.%u", l->body->strategy ? l->body->strategy->name : l->body->name,
                                    title, ++l->lines);
    if (of) until_take(of, &taken);
    until_take(condition, &taken);
    if (taken.too_many) {
        diag_report(l->program->diags, LINE_TOO_LARGE, condition->span, CAPTURES_MAX);
        taken.count = 0;
    }
    struct leaf_capture made_already[CAPTURES_MAX];
    branch_taking_begin(l, made_already);
    for (uint32_t i = 0; i < taken.count; i++) {
        operands[i] = lower_guarded(l, captures[i].node, guards[i]);
        branch_taken_note(l, made_already, captures[i].node, operands[i]);
    }
    branch_taking_end(l);
    struct ir_function *made = ir_function_new(l->ir, IR_PLAIN, name, type);
    made->strategy = outer->strategy;
    made->parameters = taken.count;
    l->function = made;
    for (uint32_t i = 0; i < taken.count; i++)
        captures[i].reg = lower_new_register(l, lower_type(l, selection_before_tests(l, captures[i].node)->type));
    l->captures = captures;
    l->capture_count = taken.count;
    l->where_of = of;
    l->naming = true;
    uint32_t result = lower_expr(l, condition, IR_NONE);
    if (type == IR_BOOL) result = lower_truth(l, result);
    l->naming = false;
    lower_add(l, I_RETURN)->operand[0] = result;
    l->where_of = NULL;
    l->captures = NULL;
    l->capture_count = 0;
    l->function = outer;
    ir_function_add(l->ir, made);
    struct until_made *until = ARENA_NEW(l->arena, struct until_made);
    *until = (struct until_made){condition, made, l->untils};
    l->untils = until;
    *line = (struct ir_line){.ticks = until_ticks(condition),
                             .hears = until_hears(condition),
                             .share = IR_ABSENT,
                             .after = IR_ABSENT,
                             .target = IR_ABSENT,
                             .leaf = made,
                             .captures = operands,
                             .capture_count = taken.count};
}

/* All interactions with the same condition can share its result only if they compare words that the core can
 * compare. */
static bool until_is_word(uint32_t type)
{
    type &= ~IR_OPTIONAL;
    return type < IR_BASES && type != IR_STR && type != IR_VALUE && type != IR_ERROR && type != IR_DN &&
           type != IR_BLOB;
}

static bool words_only(const struct ir_line *line)
{
    for (uint32_t i = 0; i < line->capture_count; i++)
        if (!until_is_word(line->leaf->registers[i].type)) return false;
    return true;
}

void lower_until(struct lowerer *l, struct node *condition, struct ir_line *line)
{
    lower_at_node(l, condition);
    lower_watched(l, condition, NULL, until_stays, "until", IR_BOOL, line);
    line->until = true;
    line->shared = until_is_shared(condition) && words_only(line);
}

void lower_where(struct lowerer *l, const struct node *node, struct node *condition, struct ir_line *line)
{
    assert(node->kind == NODE_LINE);
    lower_at_node(l, condition);
    lower_watched(l, condition, until_where_names_own(condition) ? node->line.target : NULL, where_stays, "where",
                  IR_BOOL, line);
    line->where = true;
    line->ticks = until_where_ticks(condition);
    if (!words_only(line)) diag_report(l->program->diags, LINE_OPERATION, condition->span);
}

bool lower_live_value(struct lowerer *l, struct node *of, struct node *node, uint32_t capture, struct ir_line *line)
{
    uint32_t type = lower_type(l, node->type);
    struct leaf_capture captures[CAPTURES_MAX];
    const struct guard *guards[CAPTURES_MAX];
    struct taken_along taken = {.l = l, .stays = where_stays, .captures = captures, .guards = guards};
    if (!until_where_may_change(node) || !until_is_word(type)) return false;
    until_take(node, &taken);
    for (uint32_t i = 0; i < taken.count; i++)
        if (taken.too_many || !until_is_word(lower_type(l, selection_before_tests(l, captures[i].node)->type)))
            return false;
    lower_watched(l, node, of && until_where_names_own(node) ? of : NULL, where_stays, "value", type, line);
    line->value = true;
    line->capture = capture;
    line->ticks = until_where_ticks(node);
    return true;
}

/* Would computing the condition change anything? The core computes the condition as often as it likes, so it may have
 * no effects. Calls form no circle here, since a circle was reported as an error. */
static bool until_acts(const struct ir_function *function)
{
    for (uint32_t i = 0; i < function->count; i++) {
        const struct ir_instruction *at = &function->code[i];
        if (at->op == I_TALLY || at->op == I_TALLY_KEYS || at->op == I_DRAW || at->op == I_ATTRIBUTE_SET ||
            at->op == I_SLOT_SET || at->op == I_SLOT_CLEAR || at->op == I_DATA_SET ||
            (at->op == I_CALL && at->callee && until_acts(at->callee)))
            return true;
    }
    return false;
}

void lower_untils_check(struct lowerer *l)
{
    if (diags_errors(l->program->diags)) return;
    for (const struct until_made *until = l->untils; until; until = until->next)
        if (until_acts(until->function)) diag_report(l->program->diags, UNTIL_CHANGES, until->condition->span);
}
