/* compiler/lint/double_not.c - not not x, and not (a == b). */
#include "compiler/lint/lint.h"

static const char *opposite(int op)
{
    return op == SIGN_EQ ? "!=" : op == SIGN_NE ? "==" : NULL;
}

void lint_double_not(struct lint *lint)
{
    for EACH_OF(lint, node, NODE_UNARY) {
        const struct node *value = node->unary.value;
        if (node->unary.op != SIGN_NOT) continue;
        if (value->kind == NODE_UNARY && value->unary.op == SIGN_NOT) {
            struct diag *diag = lint_report(lint, DOUBLE_NOT, node->span);
            diag_edit(diag, (struct span){node->span.begin, value->unary.value->span.begin}, "");
        } else if (value->kind == NODE_BINARY && opposite(value->binary.op)) {
            struct diag *diag = lint_report(lint, DOUBLE_NOT, node->span);
            diag_hint(diag, "write %s", opposite(value->binary.op));
            /* Between `not` and the left side, and behind the right one, stand parentheses, which go too where they are
             * the only ones. */
            const char *head = lint_text(lint, (struct span){node->span.begin, value->binary.left->span.begin});
            struct span behind = {value->binary.right->span.end, value->binary.right->span.end + 1};
            if (*lint_text(lint, behind) == ')' && head[0] == 'n' && head[3] == ' ' && head[4] == '(' && head[5] == '\0') {
                diag_edit(diag, (struct span){node->span.begin, value->binary.left->span.begin}, "");
                diag_edit(diag, value->binary.sign.span, opposite(value->binary.op));
                diag_edit(diag, behind, "");
            }
        }
    }
}
