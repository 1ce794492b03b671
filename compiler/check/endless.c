/* compiler/check/endless.c - Finds loops that go on for ever: while loops in which nothing changes the values in
 * their condition, and that nothing leaves.
 *
 * Only values that cannot change by themselves are looked at: variables and keys of the strategy, and attributes
 * that stay. Any other value, such as a parameter, a statistic, a sample or the time, may have changed when the
 * condition is computed again. A loop that waits is never reported: others may change values meanwhile, and a
 * failure leaves the loop. A loop that waits is given to lint if its condition names variables only, since nobody else
 * can set these. */
#include "compiler/check/endless.h"

#include <assert.h>

#include "compiler/check/typed.h"

struct loop_seen {
    const struct node *loop;
    const struct symbol *symbol; /* the first variable or key in the condition */
    bool changes;                /* the condition may change by itself, or in the loop */
    bool left;                   /* the loop waits, calls a function whose body is not searched, or is left */
};

/* Returns the variable or key that the node sets: for xs["a"] += 1 it is xs. */
static const struct symbol *set_by(const struct node *node)
{
    const struct node *target = node->kind == NODE_ASSIGN   ? node->assign.target
                                : node->kind == NODE_ATTACH ? node->attach.target
                                                            : NULL;
    while (target && (target->kind == NODE_INDEX || target->kind == NODE_MEMBER))
        target = target->kind == NODE_INDEX ? target->index.object : target->member.object;
    return target && target->kind == NODE_NAME ? target->meaning : NULL;
}

struct set_seen {
    const struct symbol *symbol;
    bool found;
};

static void find_set(struct node *node, void *context)
{
    struct set_seen *seen = context;
    seen->found = seen->found || set_by(node) == seen->symbol;
    node_children(node, find_set, seen);
}

static bool name_changes(struct loop_seen *seen, const struct symbol *symbol)
{
    struct set_seen set = {.symbol = symbol};
    if (!symbol) return true;
    switch (symbol->kind) {
    case SYMBOL_KEY:
        if (seen->left && !symbol->given) return true; /* others may attach this key while the loop waits */
        /* fall through */
    case SYMBOL_LOCAL:
        if (!seen->symbol) seen->symbol = symbol;
        node_children((struct node *)(uintptr_t)seen->loop, find_set, &set);
        return set.found;
    case SYMBOL_ATTRIBUTE:
        return attribute_rows[symbol->index].when != WHEN_FIXED;
    case SYMBOL_CONST:
    case SYMBOL_NAME:
    case SYMBOL_WORD:
    case SYMBOL_ENUMERATION:
    case SYMBOL_RECORD:
        return false;
    default:
        return true;
    }
}

static bool endless_computes(const struct node *node)
{
    const struct call_use *use = node->meaning;
    return use && (use->kind == CALL_METHOD || use->kind == CALL_RECORD || use->kind == CALL_MIN ||
                   use->kind == CALL_MAX || use->kind == CALL_ABS);
}

static bool condition_takes(const struct node *node)
{
    const struct member *member = node->meaning;
    return member && (member->kind == MEMBER_FIELD || member->kind == MEMBER_COUNT || member->kind == MEMBER_FIRST ||
                      member->kind == MEMBER_LAST || member->kind == MEMBER_NAME_OF || member->kind == MEMBER_UNBOX);
}

static void look_at_condition(struct node *node, void *context)
{
    struct loop_seen *seen = context;
    if (node->kind == NODE_NAME) {
        seen->changes = seen->changes || name_changes(seen, node->meaning);
        return;
    }
    if (node->kind == NODE_CALL) {
        seen->changes = seen->changes || !endless_computes(node);
        EACH_NODE (argument, node->call.arguments) look_at_condition(argument->arg.value, seen);
        if (node->call.callee->kind == NODE_MEMBER) look_at_condition(node->call.callee->member.object, seen);
        return;
    }
    if (node->kind == NODE_MEMBER) seen->changes = seen->changes || !condition_takes(node);
    node_children(node, look_at_condition, seen);
}

static void look_at_body(struct node *node, void *context)
{
    struct loop_seen *seen = context;
    switch (node->kind) {
    case NODE_CALL:
        seen->left = seen->left || !endless_computes(node);
        break;
    case NODE_STEP:
        seen->left = seen->left || node->step.clauses.first;
        break;
    case NODE_BREAK:
    case NODE_RETURN:
    case NODE_GOTO:
    case NODE_FAIL:
    case NODE_SWITCH:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_DELAY:
    case NODE_WAIT:
    case NODE_QUERY:
    case NODE_SELECT:
    case NODE_RACE:
    case NODE_PARALLEL:
        seen->left = true;
        break;
    default:
        break;
    }
    node_children(node, look_at_body, seen);
}

const struct symbol *endless_loop_variable(const struct node *loop)
{
    assert(loop->kind == NODE_WHILE);
    struct loop_seen seen = {.loop = loop};
    look_at_body(loop->loop.body, &seen);
    if (!seen.left) look_at_condition(loop->loop.condition, &seen);
    return seen.left || seen.changes ? NULL : seen.symbol;
}

const struct symbol *endless_condition_variable(const struct node *loop)
{
    assert(loop->kind == NODE_WHILE);
    struct loop_seen seen = {.loop = loop};
    look_at_body(loop->loop.body, &seen);
    look_at_condition(loop->loop.condition, &seen);
    return seen.left && !seen.changes ? seen.symbol : NULL;
}
