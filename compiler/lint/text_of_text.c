/* compiler/lint/text_of_text.c - Finds a template that contains one text value and nothing else.
 *
 *     ivr.say("{caller}");    // ivr.say(caller);
 *
 * Such a template has three parts: the empty text before the brace, the value, and the empty text after it. */
#include "compiler/lint/lint.h"

void lint_text_of_text(struct lint *lint)
{
    EACH_OF (lint, node, NODE_TEMPLATE) {
        const struct node *first = node->templ.parts.first;
        if (node->templ.parts.count != 3 || first->string.text.length > 0) continue;
        const struct node *value = first->next, *last = value->next;
        if (last->string.text.length > 0 || !value->type || value->type->kind != LANG_STR) continue;
        const char *text = lint_text(lint, value->span);
        struct diag *diag = lint_report(lint, TEXT_OF_TEXT, node->span, text);
        diag_edit(diag, node->span, lint_stands_alone(value) ? text : arena_printf(lint->arena, "(%s)", text));
    }
}
