/* compiler/lint/or_beside_and.c - Finds `and` next to `or` without parentheses: few readers remember that `and` binds
 * more tightly.
 *
 *     if tier == "gold" or tier == "silver" and hours.open() { ... }    // gold by night, too
 *
 * --fix writes the parentheses that the condition has now. */
#include "compiler/lint/lint.h"

/* Has the operand parentheses of its own: does the text after `at` continue with a closing one, or the text before it
 * end with an opening one? Parentheses of the whole condition stand around both operands, so they do not count. */
static bool operand_has_parentheses(const struct lint *lint, const struct node *whole, const struct node *operand)
{
    bool left = operand == whole->binary.left;
    struct source_span between = left ? (struct source_span){operand->span.end, whole->binary.sign.span.begin}
                                      : (struct source_span){whole->binary.sign.span.end, operand->span.begin};
    for (const char *at = lint_text(lint, between); *at; at++)
        if (*at == '(' || *at == ')') return true;
    return false;
}

void lint_or_beside_and(struct lint *lint)
{
    EACH_OF (lint, node, NODE_BINARY) {
        if (node->binary.op != SIGN_OR) continue;
        const struct node *operands[] = {node->binary.left, node->binary.right};
        for (int i = 0; i < 2; i++) {
            const struct node *operand = operands[i];
            if (operand->kind != NODE_BINARY || operand->binary.op != SIGN_AND ||
                operand_has_parentheses(lint, node, operand))
                continue;
            struct diag *diag = lint_report(lint, OR_BESIDE_AND, operand->span);
            diag_hint(diag, "now it is a or (b and c)");
            diag_edit(diag, (struct source_span){operand->span.begin, operand->span.begin}, "(");
            diag_edit(diag, (struct source_span){operand->span.end, operand->span.end}, ")");
        }
    }
}
