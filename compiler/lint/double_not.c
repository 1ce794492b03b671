/* compiler/lint/double_not.c - Finds not not x, and not (a == b).
 *
 *     if not (ani == "") { priority = 5; }    // ani != ""
 *
 * --fix edits the text, so that remarks stay: it removes the two `not`, or the one and its parentheses, and reverses
 * the comparison. */
#include "compiler/lint/lint.h"

#include <string.h>

static const char *double_not_opposite(int op)
{
    return op == SIGN_EQ ? "!=" : op == SIGN_NE ? "==" : NULL;
}

/* Returns how many parentheses the text has, if it has only `not`, blanks and parentheses; -1: it has something
 * else, too. */
static int count_opened(const char *text)
{
    int count = 0;
    for (; *text; text++)
        if (*text == '(')
            count++;
        else if (!strchr("not \t\r\n", *text))
            return -1;
    return count;
}

/* Returns the place after `count` closing parentheses that follow `at`; 0 where anything else is between them. */
static uint32_t double_not_closed(struct lint *lint, uint32_t at, int count)
{
    while (count > 0) {
        char c = *lint_text(lint, (struct source_span){at, at + 1});
        if (c == '\0' || !strchr(") \t\r\n", c)) return 0;
        count -= c == ')';
        at++;
    }
    return at;
}

/* Removes both `not` with the parentheses around them. One pair stays where the expression around it needs the pair. */
static void drop_both(struct lint *lint, struct diag *diag, const struct node *outer, const struct node *value)
{
    struct source_span head = {outer->span.begin, value->span.begin};
    int count = count_opened(lint_text(lint, head));
    uint32_t end = double_not_closed(lint, value->span.end, count);
    bool bare = lint_stands_alone(value) || (count == 0 && !lint_is_operand(lint, outer));
    if (count < 0 || end == 0) return;
    diag_edit(diag, head, bare ? "" : "(");
    if (count > 0 || !bare) diag_edit(diag, (struct source_span){value->span.end, end}, bare ? "" : ")");
}

void lint_double_not(struct lint *lint)
{
    EACH_OF (lint, node, NODE_UNARY) {
        const struct node *value = node->unary.value;
        if (node->unary.op != SIGN_NOT) continue;
        if (value->kind == NODE_UNARY && value->unary.op == SIGN_NOT) {
            const struct type *type = value->unary.value->type;
            if (!type || type->kind != LANG_BOOL) continue; /* of bool? they make a bool */
            drop_both(lint, lint_report(lint, DOUBLE_NOT, node->span), node, value->unary.value);
        } else if (value->kind == NODE_BINARY && double_not_opposite(value->binary.op)) {
            struct diag *diag = lint_report(lint, DOUBLE_NOT, node->span);
            diag_hint(diag, "write %s", double_not_opposite(value->binary.op));
            /* The parentheses between `not` and the left side and after the right side are removed, too, where they
             * are the only ones. */
            const char *head = lint_text(lint, (struct source_span){node->span.begin, value->binary.left->span.begin});
            struct source_span behind = {value->binary.right->span.end, value->binary.right->span.end + 1};
            if (*lint_text(lint, behind) == ')' && head[0] == 'n' && head[3] == ' ' && head[4] == '(' &&
                head[5] == '\0') {
                bool operand = lint_is_operand(lint, node);
                struct source_span front = {node->span.begin, value->binary.left->span.begin};
                diag_edit(diag, front, operand ? "(" : "");
                diag_edit(diag, value->binary.sign.span, double_not_opposite(value->binary.op));
                if (!operand) diag_edit(diag, behind, "");
            }
        }
    }
}
