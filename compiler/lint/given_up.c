/* compiler/lint/given_up.c - Finds a call that is hung up on because a route fails: nothing catches the failure, and
 * the next statement ends the call.
 *
 *     route who answer 15s else {};
 *     stop "done";
 *
 * A stop with a label is left out: others jump to it, so it is meant. */
#include "compiler/lint/lint.h"

/* Returns the statement that runs after this one; after the last statement of an `if`, that is the statement after the
 * `if`. */
static const struct node *done_next(const struct lint *lint, const struct node *statement)
{
    for (const struct node *at = statement; at;) {
        const struct node *up = lint_up(lint, at);
        if (!up) return NULL;
        if (up->kind == NODE_BLOCK && at->next) return at->next;
        if (up->kind != NODE_BLOCK && up->kind != NODE_IF && up->kind != NODE_LABELLED) return NULL;
        at = up;
    }
    return NULL;
}

static bool does_nothing(const struct node *step)
{
    const struct node *otherwise = step->step.otherwise;
    const struct node *action = otherwise ? otherwise->otherwise.action : NULL;
    return action && action->kind == NODE_BLOCK && action->block.statements.count == 0;
}

static void look_at_given_up(struct lint *lint, const struct node *route)
{
    const struct node *step = lint_up(lint, route), *statement = step ? lint_up(lint, step) : NULL;
    if (!statement || step->kind != NODE_STEP || statement->kind != NODE_DO || !does_nothing(step)) return;
    const struct node *next = done_next(lint, statement);
    const struct node *head = next && next->kind == NODE_DO ? lint_head(next->act.value) : NULL;
    if (!head || head->kind != NODE_STOP || !lint_on_voice(lint, route)) return;
    struct diag *diag = lint_report(lint, GIVEN_UP, step->span);
    diag_note(diag, head->span, "here");
    diag_hint(diag, "a route that succeeds does not come here; else goto desk, or say why before the stop");
}

void lint_given_up(struct lint *lint)
{
    EACH_OF (lint, route, NODE_ROUTE) look_at_given_up(lint, route);
    EACH_OF (lint, select, NODE_SELECT)
        if (select->select.connects) look_at_given_up(lint, select);
}
