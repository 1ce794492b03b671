/* tests/differential/evaluate_wait.c - What a selection looks at again and again, and what of it is known when the wait
 * begins: the largest parts that do not ask of what may be another one then. A fault in such a part is the
 * strategy's. */
#include <string.h>

#include "tests/differential/evaluate.h"

struct search {
    bool (*is)(const struct node *);
    bool found;
};

static bool has(const struct node *, bool (*is)(const struct node *));

static void look(struct node *node, void *context)
{
    struct search *search = context;
    search->found = search->found || has(node, search->is);
}

static bool has(const struct node *node, bool (*is)(const struct node *))
{
    struct search search = {is, is(node)};
    if (!search.found) node_children(node, look, &search);
    return search.found;
}

/* Is it the candidate's? */
static bool is_of_candidate(const struct node *node)
{
    return node->kind == NODE_KIND_INDEX || (node->kind == NODE_KIND_NAME && node->kind_name.kind == KIND_SKILL) ||
           site_group_condition(node);
}

/* May it be another one each time? */
static bool is_of_now(const struct node *node)
{
    static const char *const attributes[] = {"now", "waited",  "priority", "due",      "attempt",
                                             "ewt", "ewt_low", "ewt_high", "position", "parties"};
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    if (call && (call->kind == CALL_ASKED || call->kind == CALL_OF_QUEUE || call->kind == CALL_FUNCTION ||
                 call->kind == CALL_SCHEDULE))
        return true;
    if (member &&
        (member->kind == MEMBER_ASKED || member->kind == MEMBER_MAIN_ATTRIBUTE || member->kind == MEMBER_MAIN_KEY))
        return true;
    if (!symbol) return false;
    if (symbol->kind == SYMBOL_SETTING || symbol->kind == SYMBOL_COUNTER) return true;
    for (size_t i = 0; symbol->kind == SYMBOL_ATTRIBUTE && i < sizeof attributes / sizeof *attributes; i++)
        if (!strcmp(symbol->name, attributes[i])) return true;
    return false;
}

struct parts {
    struct evaluator *e;
    bool (*is)(const struct node *);
};

static bool is_and(const struct node *node)
{
    return node->kind == NODE_BINARY && node->binary.op == SIGN_AND;
}

static bool is_or(const struct node *node)
{
    return node->kind == NODE_BINARY && node->binary.op == SIGN_OR;
}

/* Does what is known of a condition say already that it is not so? */
static bool is_known_not(const struct parts *parts, const struct node *node, bool so)
{
    if (!has(node, parts->is)) return evaluate_condition(parts->e, node) != so;
    if (node->kind == NODE_UNARY && node->unary.op == SIGN_NOT) return is_known_not(parts, node->unary.value, !so);
    if (so ? !is_and(node) : !is_or(node)) return false;
    return is_known_not(parts, node->binary.left, so) || is_known_not(parts, node->binary.right, so);
}

static void evaluate_part(struct node *node, void *context)
{
    const struct parts *parts = context;
    bool value = node->kind != NODE_RANGE && node->kind != NODE_ARG && node->type;
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    bool known =
        !symbol || symbol->kind == SYMBOL_LOCAL || symbol->kind == SYMBOL_KEY || symbol->kind == SYMBOL_ATTRIBUTE;
    if (value && known && !has(node, parts->is)) {
        evaluate_expr(parts->e, node);
    } else if (is_and(node) || is_or(node)) {
        evaluate_part(node->binary.left, context);
        if (!is_known_not(parts, node->binary.left, is_and(node))) evaluate_part(node->binary.right, context);
    } else if (node->kind == NODE_CALL) {
        EACH_NODE (argument, node->call.arguments) evaluate_part(argument, context);
        if (node->call.callee->kind == NODE_MEMBER) evaluate_part(node->call.callee->member.object, context);
    } else if (!site_group_condition(node)) {
        node_children(node, evaluate_part, context);
    }
}

void evaluate_known_parts(struct evaluator *e, const struct node *condition, bool of_candidate)
{
    struct parts parts = {e, of_candidate ? is_of_candidate : is_of_now};
    evaluate_part((struct node *)condition, &parts);
}
