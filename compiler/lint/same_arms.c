/* compiler/lint/same_arms.c - Finds neighbouring arms with the same action: their patterns can be written in one
 * arm.
 *
 *     segment dnis { "1800" -> priority = 5; "1801" -> priority = 5; else -> {} }
 */
#include <assert.h>
#include <string.h>

#include "compiler/lint/lint.h"

/* Returns the action of the arm, without braces around it. */
static const struct node *same_arms_deed(const struct node *arm)
{
    assert(arm->kind == NODE_ARM);
    const struct node *action = arm->arm.action;
    bool one = action->kind == NODE_BLOCK && action->block.statements.count == 1;
    return one ? action->block.statements.first : action;
}

/* Returns the span of the statement, without its `;`. */
static struct source_span arm_text(const struct lint *lint, const struct node *deed)
{
    struct source_span span = deed->span;
    const char *text = lint_text(lint, span);
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == ';') span.end--;
    return span;
}

static bool same_deed(const struct lint *lint, const struct node *a, const struct node *b)
{
    return lint_same_text(lint, arm_text(lint, a), arm_text(lint, b));
}

void lint_same_arms(struct lint *lint)
{
    EACH_OF (lint, node, NODE_SEGMENT)
        EACH_NODE (arm, node->segment.arms) {
            const struct node *next = arm->next;
            if (next && same_deed(lint, same_arms_deed(arm), same_arms_deed(next)))
                diag_hint(lint_report(lint, SAME_ARMS, next->span),
                          next->arm.otherwise ? "the one before it can go" : "one arm takes several patterns");
        }
}
