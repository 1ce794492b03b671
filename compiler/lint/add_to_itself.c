/* compiler/lint/add_to_itself.c - x = x + y is x += y. */
#include "compiler/lint/lint.h"

void lint_add_to_itself(struct lint *lint)
{
    for EACH_OF(lint, set, NODE_ASSIGN) {
        const struct node *target = set->assign.target, *value = set->assign.value;
        if (set->assign.op != SIGN_SET || value->kind != NODE_BINARY || target->kind != NODE_NAME) continue;
        const char *sign = value->binary.op == SIGN_ADD ? "+=" : value->binary.op == SIGN_SUB ? "-=" : NULL;
        if (!sign || !lint_same(lint, target, value->binary.left)) continue;
        struct diag *diag = lint_report(lint, ADD_TO_ITSELF, set->span, sign);
        const char *rest = lint_text(lint, value->binary.right->span);
        diag_edit(diag, (struct span){target->span.end, value->span.end}, arena_printf(lint->arena, " %s %s", sign, rest));
    }
}
