/* compiler/lint/same_arms.c - Arms in a row that do the same: their patterns can stand in one. */
#include "compiler/lint/lint.h"

void lint_same_arms(struct lint *lint)
{
    for EACH_OF(lint, node, NODE_SEGMENT)
        for EACH_NODE (arm, node->segment.arms) {
            const struct node *next = arm->next;
            if (next && lint_same(lint, arm->arm.action, next->arm.action))
                diag_hint(lint_report(lint, SAME_ARMS, next->span),
                          next->arm.otherwise ? "the one before it can go" : "one arm takes several patterns");
        }
}
