/* compiler/lint/case_differs.c - Finds a comparison of a key with a text that is attached there with other letters,
 * small for large: texts are equal where each letter is.
 *
 *     attach tier = "gold";
 *     if tier == "Gold" { priority += 50; }
 */
#include <string.h>

#include "compiler/lint/lint.h"

/* Returns a text attached under that key which differs in small and large letters alone; NULL: there is none, or the
 * text itself is attached, or a value that is not written here, as one of a query. */
static const struct node *attached_otherwise(const struct lint *lint, const struct symbol *key, const struct node *text)
{
    const struct node *found = NULL;
    EACH_OF (lint, attach, NODE_ATTACH) {
        const struct node *value = lint_literal(attach->attach.value);
        const struct node *target = attach->attach.target;
        const struct symbol *other = target->kind == NODE_NAME ? target->meaning : NULL;
        if (!other || strcmp(other->name, key->name) != 0) continue;
        if (!value || value->kind != NODE_STRING || lint_equal(value, text)) return NULL;
        if (strcasecmp(value->string.text.bytes, text->string.text.bytes) == 0) found = value;
    }
    return found;
}

static void look_at_case(struct lint *lint, const struct node *name, const struct node *compared)
{
    const struct symbol *key = name->kind == NODE_NAME ? name->meaning : NULL;
    const struct node *text = lint_literal(compared);
    if (!key || key->kind != SYMBOL_KEY || !text || text->kind != NODE_STRING) return;
    const struct node *otherwise = attached_otherwise(lint, key, text);
    if (!otherwise) return;
    struct diag *diag = lint_report(lint, CASE_DIFFERS, compared->span, key->name);
    diag_note(diag, otherwise->span, "here");
    diag_hint(diag, "write \"%s\"", otherwise->string.text.bytes);
}

void lint_case_differs(struct lint *lint)
{
    EACH_OF (lint, node, NODE_BINARY) {
        if (node->binary.op != SIGN_EQ && node->binary.op != SIGN_NE) continue;
        look_at_case(lint, node->binary.left, node->binary.right);
        look_at_case(lint, node->binary.right, node->binary.left);
    }
    EACH_OF (lint, node, NODE_SEGMENT)
        EACH_NODE (arm, node->segment.arms)
            EACH_NODE (pattern, arm->arm.patterns) look_at_case(lint, node->segment.subject, pattern);
}
