/* compiler/lint/one_try.c - Finds a menu or digits that end the call at the first mistake of the caller.
 *
 *     let wanted = ivr.menu(prompt subject, ["1": queue sales]) else stop "no key";
 */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

void lint_one_try(struct lint *lint)
{
    if (lint_site_default(lint, "tries")) return;
    EACH_OF (lint, step, NODE_STEP) {
        const struct step_use *use = lint_step(step);
        const struct node *otherwise = step->step.otherwise;
        bool asks = use && (use->row->id == STEP_ID_ivr_menu || use->row->id == STEP_ID_ivr_digits);
        if (!asks || !otherwise || lint_clause(step, CLAUSE_TRIES)) continue;
        const struct node *head = lint_head(otherwise->otherwise.action);
        if (!head || head->kind != NODE_STOP || lint_around(lint, step, NODE_WHILE) ||
            lint_around(lint, step, NODE_REPEAT))
            continue;
        diag_hint(lint_report(lint, ONE_TRY, step->step.head->span), "tries 3, or else somebody who helps");
    }
}
