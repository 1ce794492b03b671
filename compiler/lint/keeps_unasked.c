/* compiler/lint/keeps_unasked.c - Finds a callback.keep_place that hangs up on callers who were never asked whether
 * they want to be called back.
 *
 *     busy { ivr.play(prompt we_call_you_back); callback.keep_place(ani) else {}; }
 */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static bool strategy_asks(const struct lint *lint, const struct node *strategy)
{
    EACH_IN (lint, strategy, call, NODE_CALL) {
        const struct call_use *use = call->meaning;
        if (lint_asks(lint_step(call)) || (use && use->callee && use->callee->waits)) return true;
    }
    return false;
}

/* Does a condition around the call ask for what the strategy knows, as a wish that another strategy has attached? */
static bool is_wished(const struct lint *lint, const struct node *call)
{
    for (const struct node *at = call; at && at->kind != NODE_STRATEGY; at = lint_up(lint, at)) {
        if (at->kind == NODE_SEGMENT) return true;
        if (at->kind != NODE_IF) continue;
        EACH_IN (lint, at->choice.condition, name, NODE_NAME) {
            const struct symbol *symbol = name->meaning;
            if (!symbol || symbol->kind != SYMBOL_ATTRIBUTE) return true;
        }
    }
    return false;
}

void lint_keeps_unasked(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        const struct node *strategy = lint_around(lint, call, NODE_STRATEGY);
        if (!use || use->row->id != STEP_ID_callback_keep_place || !strategy) continue;
        if (strategy_asks(lint, strategy) || is_wished(lint, call)) continue;
        diag_hint(lint_report(lint, KEEPS_UNASKED, call->span),
                  "let wants = ivr.menu(prompt call_back, [\"1\": true]) else false; and if wants { ... }");
    }
}
