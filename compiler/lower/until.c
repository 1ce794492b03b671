/* compiler/lower/until.c - What ends a wait: the condition as a function, which the core asks as the wait begins, and
 * again whenever a parameter, table or schedule changes, or time does.
 *
 * What the strategy knows is taken along as the wait begins; what may change is asked anew each time. */
#include <string.h>

#include "compiler/lower/lowerer.h"

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0) names++;
    return *names;
}

static bool attribute_changes(const char *name)
{
    static const char *const names[] = {"now",  "waited",   "priority", "due", "attempt",
                                        "ewt",  "position", "parties",  NULL};
    return is_one_of(name, names);
}

static const struct symbol *symbol_of(const struct node *node)
{
    return node->kind == NODE_NAME ? node->meaning : NULL;
}

static const struct call_use *call_of(const struct node *node)
{
    return node->kind == NODE_CALL ? node->meaning : NULL;
}

/* `main` itself is no value. */
static bool is_of_main(const struct node *node)
{
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    return member && (member->kind == MEMBER_MAIN_ATTRIBUTE || member->kind == MEMBER_MAIN_KEY);
}

/* `int` of int.parse, and `user_data`, of which there is only what stands behind a key. */
static bool names_no_value(const struct node *node)
{
    const struct symbol *symbol = symbol_of(node);
    if (node->kind != NODE_NAME) return false;
    return !symbol || (symbol->kind == SYMBOL_ATTRIBUTE && !strcmp(symbol->name, "user_data"));
}

/* What the core is asked about others: an agent, a queue or what is measured of one, the main interaction of a
 * consultation. */
static bool is_asked(const struct node *node)
{
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    const struct call_use *call = call_of(node);
    return (call && (call->kind == CALL_ASKED || call->kind == CALL_OF_QUEUE)) ||
           (member && (member->kind == MEMBER_ASKED || member->kind == MEMBER_MEASURE)) || is_of_main(node);
}

static bool changes(const struct node *node);

static void note_change(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || changes(node);
}

/* Is it another one, perhaps, each time it is asked? What a function asks is not looked into. */
static bool changes(const struct node *node)
{
    const struct symbol *symbol = symbol_of(node);
    const struct call_use *call = call_of(node);
    bool found = false;
    if (node->type && type_is_poison(node->type)) return true; /* what was not understood */
    if (is_asked(node) || (call && (call->kind == CALL_FUNCTION || call->kind == CALL_SCHEDULE))) return true;
    if (symbol) switch (symbol->kind) {
        case SYMBOL_ATTRIBUTE:
            return attribute_changes(symbol->name);
        case SYMBOL_LOCAL:
        case SYMBOL_KEY:
        case SYMBOL_CONST:
        case SYMBOL_NAME:
        case SYMBOL_WORD:
        case SYMBOL_ENUMERATION:
        case SYMBOL_RECORD:
            return false;
        default:
            return true;
        }
    node_children(node, note_change, &found);
    return found;
}

bool until_may_change(struct node *condition)
{
    return changes(condition);
}

/* Only opening hours: these say themselves when they are over. */
static bool is_schedule(const struct node *node)
{
    const struct symbol *symbol = symbol_of(node);
    return symbol && symbol->kind == SYMBOL_SETTING && symbol->node->kind == NODE_SITE_SCHEDULE;
}

static bool ticks(const struct node *node);

static void note_tick(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || ticks(node);
}

/* Does the mere passing of time change it? What others do (a counter, an agent, a queue, the main interaction) is
 * looked at as often. */
static bool ticks(const struct node *node)
{
    const struct symbol *symbol = symbol_of(node);
    const struct call_use *call = call_of(node);
    bool found = false;
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE) return attribute_changes(symbol->name);
    if (is_asked(node) || (symbol && symbol->kind == SYMBOL_COUNTER)) return true;
    if (node->kind == NODE_BINARY && node->binary.op == SIGN_IN && is_schedule(node->binary.right))
        return !symbol_of(node->binary.left) && ticks(node->binary.left);
    if (call && call->kind == CALL_SCHEDULE && (call->asks == ASKS_ADD || call->asks == ASKS_BETWEEN)) return true;
    if (call && call->kind == CALL_FUNCTION && call->callee) note_tick(call->callee->node, &found);
    node_children(node, note_tick, &found);
    return found;
}

struct taken_along {
    struct lowerer *l;
    struct leaf_capture *captures;
    struct ir_operand *operands;
    const struct guard **guards; /* of each capture */
    const struct guard *guard;   /* where it looks now */
    uint32_t count;
    bool too_many;
};

static bool is_value(const struct node *node)
{
    const struct symbol *symbol = symbol_of(node);
    bool known =
        !symbol || symbol->kind == SYMBOL_LOCAL || symbol->kind == SYMBOL_KEY || symbol->kind == SYMBOL_ATTRIBUTE;
    return node->kind != NODE_RANGE && node->kind != NODE_ARG && node->type && known;
}

static bool stays(const struct node *node)
{
    return is_value(node) && !changes(node);
}

/* The largest parts that stay as they are. */
static void take(struct node *node, void *context)
{
    struct taken_along *taken = context;
    if (is_of_main(node) || names_no_value(node)) return;
    if (lower_constant(taken->l, node, NULL)) return;
    if (stays(node)) {
        if (taken->count == CAPTURES_MAX) {
            taken->too_many = true;
        } else {
            taken->guards[taken->count] = taken->guard;
            taken->captures[taken->count++].node = node;
        }
        return;
    }
    if (is_condition(node) && node->kind == NODE_BINARY) {
        const struct guard *outer = taken->guard;
        take(node->binary.left, context);
        taken->guard = guard_right(taken->l, outer, node, stays);
        take(node->binary.right, context);
        taken->guard = outer;
        return;
    }
    if (node->kind != NODE_CALL) {
        node_children(node, take, context);
        return;
    }
    for EACH_NODE (argument, node->call.arguments) take(argument, context);
    if (node->call.callee->kind == NODE_MEMBER) take(node->call.callee->member.object, context);
}

void lower_until(struct lowerer *l, struct node *condition, struct ir_line *line)
{
    struct leaf_capture captures[CAPTURES_MAX];
    struct ir_operand *operands = ARENA_ARRAY(l->arena, struct ir_operand, CAPTURES_MAX);
    const struct guard *guards[CAPTURES_MAX];
    struct taken_along taken = {.l = l, .captures = captures, .operands = operands, .guards = guards};
    struct ir_function *outer = l->function;
    const char *name =
        arena_printf(l->arena, "%s.until.%u", l->body->strategy ? l->body->strategy->name : l->body->name, ++l->lines);
    at_node(l, condition);
    take(condition, &taken);
    if (taken.too_many) {
        diag_report(l->program->diags, LINE_TOO_LARGE, condition->span, CAPTURES_MAX);
        taken.count = 0;
    }
    struct leaf_capture made_already[CAPTURES_MAX];
    begin_taking(l, made_already);
    for (uint32_t i = 0; i < taken.count; i++) {
        operands[i] = lower_guarded(l, captures[i].node, guards[i]);
        note_taken(l, made_already, captures[i].node, operands[i]);
    }
    end_taking(l);
    struct ir_function *made = ir_function_new(l->ir, IR_PLAIN, name, IR_BOOL);
    made->strategy = outer->strategy;
    made->parameters = taken.count;
    l->function = made;
    for (uint32_t i = 0; i < taken.count; i++)
        captures[i].reg = new_register(l, lower_type(l, before_tests(l, captures[i].node)->type));
    l->captures = captures;
    l->capture_count = taken.count;
    uint32_t result = lower_truth(l, lower_expr(l, condition, IR_NONE));
    add(l, I_RETURN)->operand[0] = result;
    l->captures = NULL;
    l->capture_count = 0;
    l->function = outer;
    ir_function_add(l->ir, made);
    struct until_made *until = ARENA_NEW(l->arena, struct until_made);
    *until = (struct until_made){condition, made, l->untils};
    l->untils = until;
    *line = (struct ir_line){.until = true,
                             .share = IR_ABSENT,
                             .ticks = ticks(condition),
                             .after = IR_ABSENT,
                             .target = IR_ABSENT,
                             .leaf = made,
                             .captures = operands,
                             .capture_count = taken.count};
}

/* Calls lead to no circle: that was an error already. */
static bool acts(const struct ir_function *function)
{
    for (uint32_t i = 0; i < function->count; i++) {
        const struct ir_instruction *at = &function->code[i];
        if (at->op == I_TALLY || at->op == I_DRAW || at->op == I_ATTRIBUTE_SET || at->op == I_SLOT_SET ||
            at->op == I_SLOT_CLEAR || at->op == I_DATA_SET || (at->op == I_CALL && at->callee && acts(at->callee)))
            return true;
    }
    return false;
}

void lower_untils_check(struct lowerer *l)
{
    if (diags_errors(l->program->diags)) return;
    for (const struct until_made *until = l->untils; until; until = until->next)
        if (acts(until->function)) diag_report(l->program->diags, UNTIL_CHANGES, until->condition->span);
}
