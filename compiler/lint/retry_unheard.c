/* compiler/lint/retry_unheard.c - Finds a `retry` that nobody hears, since the step has one try only.
 *
 *     let account = ivr.digits(prompt account, retry: prompt once_more) else goto desk;
 */
#include "compiler/lint/lint.h"

void lint_retry_unheard(struct lint *lint)
{
    if (lint_site_default(lint, "tries")) return;
    EACH_OF (lint, step, NODE_STEP) {
        const struct step_use *use = lint_step(step);
        const struct node *retry = use ? lint_argument(use, "retry") : NULL;
        const struct node *tries = lint_clause(step, CLAUSE_TRIES);
        bool once = !tries || (tries->kind == NODE_INTEGER && tries->integer.value == 1);
        if (retry && once) diag_hint(lint_report(lint, RETRY_UNHEARD, retry->span), "tries 3 behind the step");
    }
}
