/* compiler/lint/long_dip.c - Finds a query or request during which the caller may wait in silence: only a selection
 * plays something while it waits.
 *
 *     attach tier = query crm value str `select ...` timeout 2m else "";    // 2s
 */
#include <string.h>

#include "compiler/lint/lint.h"

static const int64_t DIP_LIMIT_US = INT64_C(30) * 1000000;

void lint_long_dip(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP) {
        const struct step_use *use = lint_step(step);
        const struct node *timeout = lint_clause(step, CLAUSE_TIMEOUT);
        const struct node *head = step->step.head;
        int64_t us;
        if (!use || (head->kind != NODE_QUERY && !use->endpoint)) continue;
        if (lint_around(lint, step, NODE_RACE) || lint_around(lint, step, NODE_PARALLEL)) continue;
        if (!lint_duration(timeout, &us) || us <= DIP_LIMIT_US || !lint_on_voice(lint, step)) continue;
        struct diag *diag = lint_report(lint, LONG_DIP, timeout->span, lint_duration_text(lint->arena, us));
        diag_hint(diag, "timeout 2s, and an else for a database that is slow");
    }
}
