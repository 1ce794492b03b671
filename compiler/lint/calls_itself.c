/* compiler/lint/calls_itself.c - Finds a call-back to `dnis`: that is the number which was called, so the house would
 * call itself.
 *
 *     callback.book(dnis, at: now + 30m, strategy: back) else goto desk;    // ani
 */
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

void lint_calls_itself(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        if (!use || (use->row->id != STEP_ID_callback_keep_place && use->row->id != STEP_ID_callback_book)) continue;
        const struct node *number = lint_argument(use, "number");
        const struct symbol *symbol = number && number->kind == NODE_NAME ? number->meaning : NULL;
        if (!symbol || symbol->kind != SYMBOL_ATTRIBUTE || strcmp(symbol->name, "dnis") != 0) continue;
        diag_hint(lint_report(lint, CALLS_ITSELF, number->span), "ani is the number of the caller");
    }
}
