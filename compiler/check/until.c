/* compiler/check/until.c - The condition that ends a wait: may its values change, and when?
 *
 *     select in vq service { skill French >= 1; } until waited > 3m
 *
 *     until_may_change()   could it be another answer later? If not, the clause is an error.
 *     until_ticks()        does time alone change it? Then the core asks again by the clock, else when a value changes.
 *     until_hears()        does it ask for something of which the core notices each change?
 *     until_is_shared()    do all who wait with the same captures have one answer? Then one look is for all of them.
 *
 * The where_ functions answer the same for the condition of a line, which is computed once for all interactions that
 * wait with that line: only values of the site may change it. */
#include <string.h>

#include "compiler/check/typed.h"

static const struct symbol *until_symbol(const struct node *node)
{
    return node->kind == NODE_NAME ? node->meaning : NULL;
}

static const struct call_use *until_call(const struct node *node)
{
    return node->kind == NODE_CALL ? node->meaning : NULL;
}

bool until_is_of_main(const struct node *node)
{
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    return member && (member->kind == MEMBER_MAIN_ATTRIBUTE || member->kind == MEMBER_MAIN_KEY);
}

/* True: the core computes the value from other objects: an agent, a queue, a measure of these, the main interaction of
 * a consultation. */
static bool until_asks(const struct node *node)
{
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    const struct call_use *call = until_call(node);
    return (call && (call->kind == CALL_ASKED || call->kind == CALL_OF_QUEUE)) ||
           (member && member->kind == MEMBER_ASKED) || until_is_of_main(node);
}

/* True: the node is a statistic or a measure; the core computes the condition again when its value may have changed. */
static bool is_measured(const struct node *node)
{
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    const struct call_use *call = until_call(node);
    return (call && call->kind == CALL_STATISTIC) || (member && member->kind == MEMBER_MEASURE);
}

static void note_until_change(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || until_may_change(node);
}

bool until_may_change(const struct node *node)
{
    const struct symbol *symbol = until_symbol(node);
    const struct call_use *call = until_call(node);
    bool found = false;
    /* the expression has an error, so its value may be anything */
    if (node->type && type_is_poison(node->type)) return true;
    if (until_asks(node) || is_measured(node) || (call && (call->kind == CALL_FUNCTION || call->kind == CALL_SCHEDULE)))
        return true;
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
    node_children(node, note_until_change, &found);
    return found;
}

/* True: the node is a schedule; the core knows when its opening hours end. */
static bool is_schedule(const struct node *node)
{
    const struct symbol *symbol = until_symbol(node);
    return symbol && symbol->kind == SYMBOL_SETTING && symbol->node->kind == NODE_SITE_SCHEDULE;
}

static void note_tick(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || until_ticks(node);
}

bool until_ticks(const struct node *node)
{
    const struct symbol *symbol = until_symbol(node);
    const struct call_use *call = until_call(node);
    bool found = false;
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE) return attribute_ticks(symbol->name);
    if (until_asks(node) || (symbol && symbol->kind == SYMBOL_COUNTER)) return true;
    if (node->kind == NODE_BINARY && node->binary.op == SIGN_IN && is_schedule(node->binary.right))
        return !until_symbol(node->binary.left) && until_ticks(node->binary.left);
    if (call && call->kind == CALL_SCHEDULE && (call->asks == ASKS_ADD || call->asks == ASKS_BETWEEN)) return true;
    if (call && call->kind == CALL_FUNCTION && call->callee) note_tick(call->callee->node, &found);
    node_children(node, note_tick, &found);
    return found;
}

static void note_heard(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || until_hears(node);
}

bool until_hears(const struct node *node)
{
    const struct symbol *symbol = until_symbol(node);
    const struct call_use *call = until_call(node);
    bool found = symbol && symbol->kind == SYMBOL_ATTRIBUTE && attribute_hears(symbol->name);
    if (call && call->kind == CALL_FUNCTION && call->callee) note_heard(call->callee->node, &found);
    node_children(node, note_heard, &found);
    return found;
}

static void note_unshared(struct node *node, void *context)
{
    bool *shared = context;
    *shared = *shared && until_is_shared(node);
}

bool until_is_shared(const struct node *node)
{
    const struct symbol *symbol = until_symbol(node);
    const struct call_use *call = until_call(node);
    bool shared = true;
    if ((node->type && type_is_poison(node->type)) || until_asks(node)) return false;
    if (call && call->kind == CALL_FUNCTION) return false; /* a function may read any value */
    if (symbol && symbol->kind == SYMBOL_ATTRIBUTE && attribute_changes(symbol->name)) return false;
    node_children(node, note_unshared, &shared);
    return shared;
}

/* The condition of a line is shared by all interactions that wait with that line: only values of the site change it. */
bool until_is_of_site(const struct node *node)
{
    const struct symbol *symbol = until_symbol(node);
    const struct call_use *call = until_call(node);
    if (is_measured(node) || (call && call->kind == CALL_SCHEDULE)) return true;
    return symbol && (symbol->kind == SYMBOL_SETTING || symbol->kind == SYMBOL_COUNTER ||
                      symbol->kind == SYMBOL_STATISTIC || symbol->kind == SYMBOL_LATCH);
}

static void note_of_site(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || until_where_may_change(node);
}

bool until_where_may_change(const struct node *node)
{
    bool found = (node->type && type_is_poison(node->type)) || until_is_of_site(node);
    if (!found) node_children(node, note_of_site, &found);
    return found;
}

static void note_where_tick(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || until_where_ticks(node);
}

bool until_where_ticks(const struct node *node)
{
    if (!until_where_may_change(node)) return false;
    bool found = until_is_of_site(node) && until_ticks(node);
    if (!found) node_children(node, note_where_tick, &found);
    return found;
}

static void note_its_own(struct node *node, void *context)
{
    bool *found = context;
    *found = *found || until_where_names_own(node);
}

bool until_where_names_own(const struct node *node)
{
    const struct symbol *symbol = until_symbol(node);
    bool found = symbol && symbol->kind == SYMBOL_STATISTIC;
    const struct call_use *call = until_call(node);
    if (call && call->kind == CALL_STATISTIC) {
        EACH_NODE (argument, node->call.arguments) note_its_own(argument, &found);
        return found;
    }
    if (!found) node_children(node, note_its_own, &found);
    return found;
}
