/* compiler/lint/number_withheld.c - Finds a call-back to `ani` without a test of `ani`: it is empty where the caller
 * withholds the number.
 *
 *     if wants { callback.keep_place(ani) answer 30s else {}; }    // if wants and ani != ""
 */
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static bool number_is_ani(const struct node *node)
{
    const struct symbol *symbol = node && node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_ATTRIBUTE && strcmp(symbol->name, "ani") == 0;
}

/* Is `ani` looked at elsewhere in the same strategy or subroutine? */
static bool is_looked_at(const struct lint *lint, const struct node *around, const struct node *given)
{
    EACH_IN (lint, around, name, NODE_NAME)
        if (name != given && number_is_ani(name)) return true;
    return false;
}

/* Has the call-back an `else` that does something if it is refused? */
static bool is_caught(const struct lint *lint, const struct node *call)
{
    const struct node *step = lint_up(lint, call);
    const struct node *otherwise = step->kind == NODE_STEP ? step->step.otherwise : NULL;
    const struct node *action = otherwise ? otherwise->otherwise.action : NULL;
    return action && !(action->kind == NODE_BLOCK && action->block.statements.count == 0);
}

void lint_number_withheld(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        if (!use || (use->row->id != STEP_ID_callback_keep_place && use->row->id != STEP_ID_callback_book)) continue;
        const struct node *number = lint_argument(use, "number"), *around = lint_around(lint, call, NODE_STRATEGY);
        if (!around) around = lint_around(lint, call, NODE_FUNCTION);
        if (!around || is_caught(lint, call) || !number_is_ani(number) || is_looked_at(lint, around, number)) continue;
        diag_hint(lint_report(lint, NUMBER_WITHHELD, number->span), "if ani != \"\" { ... }");
    }
}
