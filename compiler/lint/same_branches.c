/* compiler/lint/same_branches.c - Finds an if whose two blocks are equal: one of them was meant differently.
 *
 *     if ani == "" { priority = 5; } else { priority = 5; }
 */
#include "compiler/lint/lint.h"

void lint_same_branches(struct lint *lint)
{
    EACH_OF (lint, node, NODE_IF) {
        const struct node *otherwise = node->choice.otherwise;
        if (otherwise && otherwise->kind == NODE_BLOCK && lint_same(lint, node->choice.then, otherwise))
            diag_note(lint_report(lint, SAME_BRANCHES, node->choice.condition->span), otherwise->span, "the same");
    }
}
