/* compiler/lint/add_to_itself.c - Finds x = x + y, which can be written x += y.
 *
 *     priority = priority + 5;    // priority += 5;
 *
 * --fix writes the short form, except where a remark or parentheses are between its parts. */
#include "compiler/lint/lint.h"

#include <string.h>

void lint_add_to_itself(struct lint *lint)
{
    EACH_OF (lint, set, NODE_ASSIGN) {
        const struct node *target = set->assign.target, *value = set->assign.value;
        if (set->assign.op != SIGN_SET || value->kind != NODE_BINARY || target->kind != NODE_NAME) continue;
        const char *sign = value->binary.op == SIGN_ADD ? "+=" : value->binary.op == SIGN_SUB ? "-=" : NULL;
        if (!sign || !lint_same(lint, target, value->binary.left)) continue;
        struct diag *diag = lint_report(lint, ADD_TO_ITSELF, set->span, sign);
        /* Within parentheses, or next to a remark, the author has to change it. */
        const char *between = lint_text(lint, (struct source_span){target->span.end, value->binary.left->span.begin});
        const char *behind =
            lint_text(lint, (struct source_span){value->binary.left->span.end, value->binary.sign.span.begin});
        if (strspn(between, " =\t\r\n") != strlen(between) || strspn(behind, " \t\r\n") != strlen(behind)) continue;
        diag_edit(diag, (struct source_span){target->span.end, value->binary.sign.span.end},
                  arena_printf(lint->arena, " %s", sign));
    }
}
