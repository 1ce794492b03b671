/* compiler/lint/unused_variable.c - Finds a variable whose value is never read. A step on the right side stays; a
 * right side that only computes a value, and cannot fail, can be removed. A name that begins with '_' marks a variable
 * that is not read.
 *
 *     let greeting = "hello";
 */
#include "compiler/lint/lint.h"

void lint_unused_variable(struct lint *lint)
{
    EACH_OF (lint, node, NODE_LET) {
        if (lint_is_read(lint, node->let.name) || *node->let.name.text == '_') continue;
        const struct node *head = lint_head(node->let.value);
        /* the rule NEVER_ROUTED reports this selection with more detail */
        if (head->kind == NODE_SELECT && lint->never_routed) continue;
        struct diag *diag = lint_report(lint, UNUSED_VARIABLE, node->let.name.span, node->let.name.text);
        bool alone = !lint_is_written(lint, node->let.name);
        const struct node *up = lint_up(lint, node);
        if (alone && up && up->kind == NODE_BLOCK && lint_may_go(node->let.value))
            diag_edit(diag, lint_whole_line(lint, node->span), "");
    }
    EACH_OF (lint, loop, NODE_FOR)
        EACH_NODE (name, loop->each.names)
            if (!lint_is_read(lint, name->label.name) && *name->label.name.text != '_' && loop->each.names.count == 1)
                diag_hint(lint_report(lint, UNUSED_VARIABLE, name->span, name->label.name.text),
                          "repeat counts rounds");
}
