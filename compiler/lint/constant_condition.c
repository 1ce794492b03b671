/* compiler/lint/constant_condition.c - Finds conditions whose result is known at compile time.
 *
 *     if dnis == dnis { priority = 5; }
 *
 * Nothing is computed. Two sides are equal where their words are the same and they only compute a value. */
#include "compiler/lint/lint.h"

static bool is_literal(const struct node *node)
{
    switch (node->kind) {
    case NODE_INTEGER:
    case NODE_STRING:
    case NODE_DURATION:
    case NODE_BOOL:
        return true;
    default:
        return false;
    }
}

/* x in 9..1. May a range of the type wrap around midnight or the end of the week? */
static bool in_nothing(const struct node *node)
{
    int64_t from, to;
    if (node->kind != NODE_BINARY || node->binary.op != SIGN_IN || node->binary.right->kind != NODE_RANGE) return false;
    const struct node *range = node->binary.right;
    return range->range.from->kind == range->range.to->kind &&
           (range->range.from->kind == NODE_INTEGER || range->range.from->kind == NODE_DURATION) &&
           segment_node_worth(range->range.from, &from) && segment_node_worth(range->range.to, &to) && from > to;
}

/* now.weekday in mon..sun: a range of all words of its enumeration. */
static bool in_all_words(const struct node *node)
{
    int64_t from, to;
    if (node->kind != NODE_BINARY || node->binary.op != SIGN_IN || node->binary.right->kind != NODE_RANGE) return false;
    const struct node *range = node->binary.right;
    const struct type *type = node->binary.left->type;
    return type && type->kind == LANG_ENUM && segment_node_worth(range->range.from, &from) &&
           segment_node_worth(range->range.to, &to) && from == 0 && to + 1 == type->enumeration->count;
}

/* Returns "true" or "false" for a condition with a known result, or NULL where the result depends on the call. */
static const char *constant_condition_constant(const struct lint *lint, const struct node *node)
{
    if (node->kind == NODE_BOOL) return node->boolean.value ? "true" : "false";
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT && node->unary.value->kind == NODE_BOOL)
        return node->unary.value->boolean.value ? "false" : "true";
    if (node->kind == NODE_BINARY && (node->binary.op == SIGN_AND || node->binary.op == SIGN_OR)) {
        const struct node *sides[] = {node->binary.left, node->binary.right};
        bool decides = node->binary.op == SIGN_OR;
        for (size_t i = 0; i < 2; i++)
            if (sides[i]->kind == NODE_BOOL && sides[i]->boolean.value == decides) return decides ? "true" : "false";
    }
    if (in_nothing(node)) return "false";
    if (in_all_words(node)) return "true";
    if (node->kind != NODE_BINARY || !lint_is_pure(node)) return NULL;
    const struct node *left = node->binary.left, *right = node->binary.right;
    if (is_literal(left) && is_literal(right) && left->kind != NODE_BOOL) return "the same";
    if (is_literal(left) || !lint_same(lint, left, right)) return NULL;
    switch (node->binary.op) {
    case SIGN_EQ:
    case SIGN_LE:
    case SIGN_GE:
        return "true";
    case SIGN_NE:
    case SIGN_LT:
    case SIGN_GT:
        return "false";
    default:
        return NULL;
    }
}

static void look_at_constant(struct lint *lint, const struct node *condition)
{
    const char *known = constant_condition_constant(lint, condition);
    if (known) lint_report(lint, CONSTANT_CONDITION, condition->span, known);
}

void lint_constant_condition(struct lint *lint)
{
    EACH_OF (lint, choice, NODE_IF) look_at_constant(lint, choice->choice.condition);
    EACH_OF (lint, loop, NODE_WHILE) look_at_constant(lint, loop->loop.condition);
    EACH_OF (lint, binary, NODE_BINARY) { /* a side of `and` or `or` */
        const struct node *up = lint_up(lint, binary);
        bool part = up && up->kind == NODE_BINARY && (up->binary.op == SIGN_AND || up->binary.op == SIGN_OR);
        if (part) look_at_constant(lint, binary);
    }
}
