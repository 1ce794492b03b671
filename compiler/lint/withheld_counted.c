/* compiler/lint/withheld_counted.c - Finds a limit for each number of a caller that also counts those who withhold it:
 * `ani` is empty for all of them, so they are counted as one caller, and refused together.
 *
 *     count calls[ani];
 *     if calls[ani] > 5 { stop "too often"; }    // if ani != "" and calls[ani] > 5
 */
#include <string.h>

#include "compiler/lint/lint.h"

static bool is_callers_number(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_ATTRIBUTE && strcmp(symbol->name, "ani") == 0;
}

static const struct symbol *counted_number(const struct node *node)
{
    if (node->kind != NODE_INDEX || node->index.object->kind != NODE_NAME) return NULL;
    const struct symbol *symbol = node->index.object->meaning;
    return symbol && symbol->kind == SYMBOL_COUNTER && is_callers_number(node->index.index) ? symbol : NULL;
}

/* Is `ani` read where it is not the key of a counter? */
static bool number_is_asked_for(const struct lint *lint, const struct node *around)
{
    EACH_IN (lint, around, name, NODE_NAME) {
        const struct node *up = lint_up(lint, name);
        if (is_callers_number(name) && !(up && counted_number(up))) return true;
    }
    return false;
}

void lint_withheld_counted(struct lint *lint)
{
    EACH_OF (lint, node, NODE_BINARY) {
        int op = node->binary.op;
        if (op != SIGN_LT && op != SIGN_LE && op != SIGN_GT && op != SIGN_GE) continue;
        const struct symbol *counter = counted_number(node->binary.left);
        const struct node *around = lint_around(lint, node, NODE_STRATEGY);
        if (!counter) counter = counted_number(node->binary.right);
        if (!counter || !around || number_is_asked_for(lint, around)) continue;
        diag_hint(lint_report(lint, WITHHELD_COUNTED, node->span, counter->name), "if ani != \"\" and %s",
                  lint_text(lint, node->span));
    }
}
