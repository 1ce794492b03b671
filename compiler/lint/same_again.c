/* compiler/lint/same_again.c - Finds a route that fails and is repeated at once to the same destination: that
 * destination cannot have become reachable.
 *
 *     route queue desk else goto desk;
 *     desk: route queue desk;
 *
 * The same is a block whose first statement is that route, and an empty block before it.
 *
 * It also finds a `connect` that begins anew with the same lines when its wait is over. */
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

/* Returns the first statement of a block, or the one that follows an empty block of an `else`; NULL: there is none. */
static const struct node *statement_behind(const struct lint *lint, const struct node *block)
{
    if (block->block.statements.first) return block->block.statements.first;
    const struct node *statement = block;
    while (statement && statement->kind != NODE_DO) statement = lint_up(lint, statement);
    return statement ? statement->next : NULL;
}

/* Returns the route or connect that runs at once when this one has failed; NULL: none does. */
static const struct node *same_of_failure(const struct lint *lint, const struct node *action)
{
    const struct node *statement = action->kind == NODE_GOTO    ? statement_labelled(lint, action)
                                   : action->kind == NODE_BLOCK ? statement_behind(lint, action)
                                                                : NULL;
    const struct node *head = lint_head(statement && statement->kind == NODE_DO ? statement->act.value : action);
    bool connects = head->kind == NODE_SELECT && head->select.connects;
    return head->kind == NODE_ROUTE || connects ? head : NULL;
}

static void look_at_again(struct lint *lint, const struct node *head, const struct node *what)
{
    const struct node *step = lint_up(lint, head);
    const struct node *otherwise = step->kind == NODE_STEP ? step->step.otherwise : NULL;
    const struct node *again = otherwise ? same_of_failure(lint, otherwise->otherwise.action) : NULL;
    if (!again || again == head || again->kind != head->kind) return;
    if (!lint_same(lint, what, head->kind == NODE_ROUTE ? again->route.target : again)) return;
    struct diag *diag = lint_report(lint, SAME_AGAIN, otherwise->otherwise.action->span);
    diag_note(diag, what->span, "here");
    diag_hint(diag, head->kind == NODE_ROUTE ? "go to another queue, or say why before a stop"
                                             : "a longer timeout waits on, with the place; or go to another queue");
}

void lint_same_again(struct lint *lint)
{
    EACH_OF (lint, route, NODE_ROUTE) look_at_again(lint, route, route->route.target);
    EACH_OF (lint, select, NODE_SELECT)
        if (select->select.connects) look_at_again(lint, select, select);
}
