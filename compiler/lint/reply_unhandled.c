/* compiler/lint/reply_unhandled.c - Finds a route or connect with `reply` or `absence` and no `else`: when an agent
 * does not reply or is away, the strategy fails, and the work waits in its queue for a person.
 *
 *     route who reply 4h;    // route who reply 4h else goto desk;
 *
 * An `on error` of the strategy handles it, too. */
#include "compiler/lint/lint.h"

#include <string.h>

static bool handles_errors(const struct lint *lint, const struct node *head)
{
    const struct node *strategy = lint_around(lint, head, NODE_STRATEGY);
    if (!strategy) return true; /* a subroutine's caller may catch the failure */
    EACH_NODE (handler, strategy->strategy.handlers)
        if (strcmp(handler->handler.event.text, "error") == 0) return true;
    return false;
}

static void look_at_head(struct lint *lint, const struct node *head)
{
    const struct step_use *use = head->meaning;
    const struct node *up = lint_up(lint, head);
    if (!use || (!use->clauses[CLAUSE_REPLY] && !use->clauses[CLAUSE_ABSENCE])) return;
    if (up->kind == NODE_STEP && up->step.otherwise) return;
    if (!handles_errors(lint, head))
        diag_hint(lint_report(lint, REPLY_UNHANDLED, head->span), "else { ... }, where e.reason is no_reply");
}

void lint_reply_unhandled(struct lint *lint)
{
    EACH_OF (lint, route, NODE_ROUTE) look_at_head(lint, route);
    EACH_OF (lint, select, NODE_SELECT)
        if (select->select.connects) look_at_head(lint, select);
}
