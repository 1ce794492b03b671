/* compiler/lint/closed_goes_on.c - Finds a strategy that tells the caller that it is closed, and goes on as if it were
 * open: the stop, or the goto, is missing.
 *
 *     if hours.closed() { ivr.play(prompt closed) else {}; }
 *     connect in vq service { skill Sales >= 1; } else goto desk;
 */
#include <string.h>

#include "compiler/lint/lint.h"

/* Is the condition `s.closed()` or `not s.open()`? */
static bool asks_for_closed(const struct node *condition)
{
    bool turned = condition->kind == NODE_UNARY && condition->unary.op == SIGN_NOT;
    if (turned) condition = condition->unary.value;
    const struct call_use *use = condition->kind == NODE_CALL ? condition->meaning : NULL;
    return use && use->kind == CALL_SCHEDULE && use->asks == (turned ? ASKS_OPEN : ASKS_CLOSED);
}

static bool plays_alone(const struct node *block)
{
    if (block->kind != NODE_BLOCK) return false;
    EACH_NODE (statement, block->block.statements) {
        const struct step_use *use = statement->kind == NODE_DO ? lint_step(statement->act.value) : NULL;
        if (!use || !use->row || (strcmp(use->row->name, "ivr.play") != 0 && strcmp(use->row->name, "ivr.say") != 0))
            return false;
    }
    return block->block.statements.count > 0;
}

/* Returns the selection or route that follows in the same block before the strategy ends; NULL: there is none. */
static const struct node *what_follows(const struct lint *lint, const struct node *statement)
{
    for (const struct node *next = statement->next; next; next = next->next) {
        EACH_IN (lint, next, select, NODE_SELECT) return select;
        EACH_IN (lint, next, route, NODE_ROUTE) return route;
        const struct node *head = next->kind == NODE_DO ? lint_head(next->act.value) : next;
        if (head->kind == NODE_STOP || head->kind == NODE_GOTO || head->kind == NODE_SWITCH) return NULL;
    }
    return NULL;
}

void lint_closed_goes_on(struct lint *lint)
{
    EACH_OF (lint, choice, NODE_IF) {
        const struct node *up = lint_up(lint, choice);
        if (choice->choice.otherwise || !up || up->kind != NODE_BLOCK || !lint_on_voice(lint, choice)) continue;
        if (!asks_for_closed(choice->choice.condition) || !plays_alone(choice->choice.then)) continue;
        const struct node *follows = what_follows(lint, choice);
        if (!follows) continue;
        struct diag *diag = lint_report(lint, CLOSED_GOES_ON, choice->choice.condition->span);
        diag_note(diag, follows->span, "here it goes on");
        diag_hint(diag, "end the block with stop \"closed\"; or with the route of the night");
    }
}
