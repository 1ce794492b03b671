/* compiler/lint/bool_compared.c - Finds x == true, which can be written x. A bool that may be none is left out: ==
 * false then differs from `not`.
 *
 *     let known = ani != "";
 *     if known == true { priority = 5; }
 */
#include "compiler/lint/lint.h"

void lint_bool_compared(struct lint *lint)
{
    EACH_OF (lint, node, NODE_BINARY) {
        struct node *left = node->binary.left, *right = node->binary.right;
        if (left->kind == NODE_BOOL) left = right, right = node->binary.left;
        if ((node->binary.op != SIGN_EQ && node->binary.op != SIGN_NE) || right->kind != NODE_BOOL) continue;
        if (!left->type || left->type->kind != LANG_BOOL) continue;
        bool plain = (node->binary.op == SIGN_EQ) == right->boolean.value;
        struct diag *diag = lint_report(lint, BOOL_COMPARED, node->span, right->boolean.value ? "true" : "false");
        bool simple = lint_stands_alone(left);
        const char *text = lint_text(lint, left->span);
        if (simple) diag_edit(diag, node->span, plain ? text : arena_printf(lint->arena, "not %s", text));
    }
}
