/* compiler/lint/answer_lost.c - Finds a question whose answer nothing takes: the caller presses a key, and it makes no
 * difference.
 *
 *     ivr.menu(prompt subject, ["1": "sales", "2": "service"]) tries 2 else {};    // let subject = ivr.menu(...)
 */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

void lint_answer_lost(struct lint *lint)
{
    EACH_OF (lint, statement, NODE_DO) {
        const struct step_use *use = lint_step(statement->act.value);
        if (!lint_asks(use) || use->row->id == STEP_ID_ivr_record || use->row->id == STEP_ID_ivr_application) continue;
        diag_hint(lint_report(lint, ANSWER_LOST, lint_head(statement->act.value)->span), "let answer = %s(...)",
                  use->row->name);
    }
}
