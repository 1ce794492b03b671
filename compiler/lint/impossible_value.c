/* compiler/lint/impossible_value.c - Finds a comparison with a value that the variable or key can never have: a menu
 * gives only the values of its keys, and a key that only this strategy attaches has only the attached values.
 *
 *     let wanted = ivr.menu(prompt subject, ["1": "sales", "2": "billing"]) else "sales";
 *     if wanted == "bills" { ... }
 */
#include <string.h>

#include "base/near.h"
#include "compiler/lint/lint.h"

static void look_at_value(struct lint *lint, const struct node *name, const struct node *value,
                          const struct lint_values *values)
{
    const struct node *literal = lint_literal(value);
    if (!literal || literal->kind == NODE_NONE || lint_values_have(values, literal)) return;
    struct diag *diag = lint_report(lint, IMPOSSIBLE_VALUE, value->span, name->name.name.text);
    if (values->menu) diag_note(diag, values->menu->span, "its values are those of the menu");
    diag_hint(diag, "it is %s", lint_values_text(lint, values->of, values->count));
}

static void look_at_comparison(struct lint *lint, const struct node *name, const struct node *value)
{
    struct lint_values values;
    if (name->kind != NODE_NAME || !lint_values_of(lint, name, &values)) return;
    if (value->kind != NODE_LIST) {
        look_at_value(lint, name, value, &values);
        return;
    }
    EACH_NODE (item, value->list.items) look_at_value(lint, name, item, &values);
}

void lint_impossible_value(struct lint *lint)
{
    struct lint_values values;
    EACH_OF (lint, node, NODE_BINARY) {
        bool equal = node->binary.op == SIGN_EQ || node->binary.op == SIGN_NE;
        if (!equal && node->binary.op != SIGN_IN) continue;
        look_at_comparison(lint, node->binary.left, node->binary.right);
        if (equal) look_at_comparison(lint, node->binary.right, node->binary.left);
    }
    EACH_OF (lint, node, NODE_SEGMENT) {
        const struct node *subject = node->segment.subject;
        if (!lint_values_of(lint, subject, &values)) continue;
        EACH_NODE (arm, node->segment.arms)
            EACH_NODE (pattern, arm->arm.patterns) look_at_value(lint, subject, pattern, &values);
    }
}
