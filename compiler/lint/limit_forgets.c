/* compiler/lint/limit_forgets.c - Finds a comparison with the count of a key where the counter does not say how many
 * keys it keeps: after a thousand other keys the count is forgotten and is 0 again, so a caller over the limit passes.
 *
 *     counter callers[str] over 1h;                  // site.gcx
 *     if callers[ani] > 5 { stop "too often"; }
 */
#include "compiler/lint/lint.h"

/* Returns the counter whose count of one key the node reads; NULL: the node reads no such count, the counter says how
 * many keys it keeps, or all keys are counted together. */
static const struct symbol *forgetting_counter(const struct node *node)
{
    if (node->kind != NODE_INDEX || node->index.object->kind != NODE_NAME) return NULL;
    const struct symbol *symbol = node->index.object->meaning;
    bool all = node->index.index->kind == NODE_STRING && node->index.index->string.text.length == 0;
    bool one = symbol && symbol->kind == SYMBOL_COUNTER && !all;
    return one && !symbol->node->counter.keys ? symbol : NULL;
}

void lint_limit_forgets(struct lint *lint)
{
    EACH_OF (lint, node, NODE_BINARY) {
        int op = node->binary.op;
        if (op != SIGN_LT && op != SIGN_LE && op != SIGN_GT && op != SIGN_GE) continue;
        const struct symbol *counter = forgetting_counter(node->binary.left);
        if (!counter) counter = forgetting_counter(node->binary.right);
        if (!counter) continue;
        struct diag *diag = lint_report(lint, LIMIT_FORGETS, node->span, counter->name);
        diag_note(diag, counter->where, "the site says nothing of its keys");
        diag_hint(diag, "say how many different keys come within the window: counter %s[str] ... keys 20000;",
                  counter->name);
    }
}
