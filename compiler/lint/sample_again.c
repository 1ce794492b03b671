/* compiler/lint/sample_again.c - Finds an `else if` that draws again: its share is one of those whom the condition
 * before it has left, so that shares which look like 100 % are not.
 *
 *     if sample(30%) { ... } else if sample(70%) { ... } else { ... }    // 30 %, 49 %, 21 %
 */
#include "compiler/lint/lint.h"

static const struct node *drawn_in(const struct lint *lint, const struct node *condition)
{
    EACH_IN (lint, condition, call, NODE_CALL) {
        const struct call_use *use = call->meaning;
        if (use && use->kind == CALL_SAMPLE) return call;
    }
    return NULL;
}

void lint_sample_again(struct lint *lint)
{
    EACH_OF (lint, choice, NODE_IF) {
        const struct node *above = lint_up(lint, choice), *own = drawn_in(lint, choice->choice.condition);
        if (!own || !above || above->kind != NODE_IF || above->choice.otherwise != choice) continue;
        const struct node *first = drawn_in(lint, above->choice.condition);
        if (!first) continue;
        struct diag *diag = lint_report(lint, SAMPLE_AGAIN, own->span);
        diag_note(diag, first->span, "whom this did not take");
        diag_hint(diag, "split { 30%% -> ...; 70%% -> ... } shares all of them out");
    }
}
