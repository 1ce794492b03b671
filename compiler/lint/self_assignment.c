/* compiler/lint/self_assignment.c - Finds a name that is set to its own value.
 *
 *     limit = limit;
 */
#include "compiler/lint/lint.h"

static void look_at_assignment(struct lint *lint, const struct node *statement, const struct node *target,
                               const struct node *value)
{
    if (target->kind != NODE_NAME || value->kind != NODE_NAME || !lint_same(lint, target, value)) return;
    struct diag *diag = lint_report(lint, SELF_ASSIGNMENT, statement->span, target->name.name.text);
    if (lint_up(lint, statement)->kind == NODE_BLOCK) diag_edit(diag, lint_whole_line(lint, statement->span), "");
}

void lint_self_assignment(struct lint *lint)
{
    EACH_OF (lint, set, NODE_ASSIGN)
        if (set->assign.op == SIGN_SET) look_at_assignment(lint, set, set->assign.target, set->assign.value);
    EACH_OF (lint, attach, NODE_ATTACH) look_at_assignment(lint, attach, attach->attach.target, attach->attach.value);
}
