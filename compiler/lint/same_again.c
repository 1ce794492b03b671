/* compiler/lint/same_again.c - Finds a route that fails and is repeated at once to the same destination: that
 * destination cannot have become reachable.
 *
 *     route queue desk else goto desk;
 *     desk: route queue desk; */
#include <string.h>

#include "compiler/lint/lint.h"

/* Returns the statement that the label names, in the body around the jump. */
static const struct node *statement_labelled(const struct lint *lint, const struct node *jump)
{
    const struct node *strategy = lint_around(lint, jump, NODE_STRATEGY);
    if (!strategy) return NULL;
    EACH_IN (lint, strategy, labelled, NODE_LABELLED)
        if (strcmp(labelled->labelled.name.text, jump->jump.label.text) == 0) return labelled->labelled.statement;
    return NULL;
}

/* Returns the route that runs at once when this one has failed; NULL: none does. */
static const struct node *route_of_failure(const struct lint *lint, const struct node *action)
{
    const struct node *statement = action->kind == NODE_GOTO ? statement_labelled(lint, action) : NULL;
    const struct node *head = lint_head(statement && statement->kind == NODE_DO ? statement->act.value : action);
    return head->kind == NODE_ROUTE ? head : NULL;
}

void lint_same_again(struct lint *lint)
{
    EACH_OF (lint, route, NODE_ROUTE) {
        const struct node *step = lint_up(lint, route);
        const struct node *otherwise = step->kind == NODE_STEP ? step->step.otherwise : NULL;
        const struct node *again = otherwise ? route_of_failure(lint, otherwise->otherwise.action) : NULL;
        if (!again || again == route || !lint_same(lint, route->route.target, again->route.target)) continue;
        struct diag *diag = lint_report(lint, SAME_AGAIN, otherwise->otherwise.action->span);
        diag_note(diag, route->route.target->span, "here");
        diag_hint(diag, "go to another queue, or say why before a stop");
    }
}
