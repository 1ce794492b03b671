/* compiler/lint/divides_by_none.c - Finds a division by a count of a queue that may be 0, where nothing asks for that:
 * the strategy then ends with a fault.
 *
 *     if vq service.waiting / vq service.agents_logged_in > 5 { goto desk; }
 */
#include "compiler/lint/lint.h"

static bool count_is_compared(const struct lint *lint, const struct node *around, const struct node *count)
{
    EACH_IN (lint, around, compared, NODE_BINARY) {
        bool compares = compared->binary.op >= SIGN_EQ && compared->binary.op <= SIGN_GE;
        if (compares &&
            (lint_same(lint, compared->binary.left, count) || lint_same(lint, compared->binary.right, count)))
            return true;
    }
    return false;
}

void lint_divides_by_none(struct lint *lint)
{
    EACH_OF (lint, node, NODE_BINARY) {
        const struct node *count = node->binary.right, *around = lint_around(lint, node, NODE_STRATEGY);
        if ((node->binary.op != SIGN_DIV && node->binary.op != SIGN_MOD) || count->kind != NODE_MEMBER || !around)
            continue;
        if (count->member.object->kind != NODE_KIND_NAME || lint_around(lint, node, NODE_FALLBACK)) continue;
        if (count_is_compared(lint, around, count)) continue;
        diag_hint(lint_report(lint, DIVIDES_BY_NONE, count->span), "ask first: if %s > 0 and ...",
                  lint_text(lint, count->span));
    }
}
