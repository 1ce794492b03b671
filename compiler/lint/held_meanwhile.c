/* compiler/lint/held_meanwhile.c - Finds a caller who is asked something when an agent has been chosen already: the
 * agent is claimed, does nothing, and gets no other call until the caller has answered.
 *
 *     let who = select in vq service { skill Sales >= 1; } timeout 3m else goto desk;
 *     let account = ivr.digits(prompt ask_account) tries 3 else "";
 *     route who answer 15s else goto desk;
 */
#include "compiler/lint/lint.h"

static bool routes_to(const struct lint *lint, const struct node *statement, const struct node *let)
{
    EACH_IN (lint, statement, route, NODE_ROUTE) {
        const struct node *target = route->route.target;
        const struct symbol *symbol = target->kind == NODE_NAME ? target->meaning : NULL;
        if (symbol && symbol->kind == SYMBOL_LOCAL && symbol->where.begin == let->let.name.span.begin) return true;
    }
    return false;
}

static const struct node *question_in(const struct lint *lint, const struct node *statement)
{
    EACH_IN (lint, statement, call, NODE_CALL)
        if (lint_asks(lint_step(call)) && !lint_around(lint, call, NODE_CLAUSE)) return call;
    EACH_IN (lint, statement, delay, NODE_DELAY)
        if (!lint_around(lint, delay, NODE_CLAUSE)) return delay;
    return NULL;
}

void lint_held_meanwhile(struct lint *lint)
{
    EACH_OF (lint, let, NODE_LET) {
        const struct node *head = lint_head(let->let.value), *found = NULL, *at = let->next;
        if (!head || head->kind != NODE_SELECT || head->select.connects || !lint_on_voice(lint, let)) continue;
        for (; at && !routes_to(lint, at, let); at = at->next)
            if (!found) found = question_in(lint, at);
        if (!at || !found) continue;
        struct diag *diag = lint_report(lint, HELD_MEANWHILE, found->span, let->let.name.text);
        diag_note(diag, head->select.in->span, "chosen here");
        diag_hint(diag, "ask before the selection, or in its busy block");
    }
}
