/* compiler/lint/cut_short.c - Finds a step that plays for longer than its timeout allows: it always ends with a
 * failure.
 *
 *     ivr.music(prompt hold, 30s) timeout 10s else {};
 */
#include "compiler/lint/lint.h"

void lint_cut_short(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP) {
        const struct step_use *use = lint_step(step);
        const struct node *timeout = lint_clause(step, CLAUSE_TIMEOUT);
        int64_t limit, lasts;
        if (!use || step->step.head->kind != NODE_CALL || !lint_duration(timeout, &limit)) continue;
        if (!lint_duration(lint_argument(use, "duration"), &lasts) || lasts <= limit) continue;
        lint_report(lint, CUT_SHORT, timeout->span, lint_duration_text(lint->arena, lasts),
                    lint_duration_text(lint->arena, limit));
    }
}
