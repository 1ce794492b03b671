/* compiler/lint/booked_goes_on.c - Finds a call-back that is booked for a caller who then waits all the same: both the
 * caller and the call-back come to an agent.
 *
 *     callback.book(ani, at: now + 1h, strategy: back) else goto desk;
 *     connect in vq service { skill Sales >= 1; } else goto desk;    // stop "booked"; is missing
 */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

/* Returns the selection or route that is reached behind the statement; NULL: another end comes first. */
static const struct node *served_behind(const struct lint *lint, const struct node *statement)
{
    for (const struct node *at = statement; at; at = lint_up(lint, at)) {
        const struct node *up = lint_up(lint, at);
        if (!up || at->kind == NODE_STRATEGY || at->kind == NODE_FUNCTION || at->kind == NODE_HANDLER) return NULL;
        if (up->kind != NODE_BLOCK) continue;
        if (at->kind == NODE_WHILE || at->kind == NODE_REPEAT || at->kind == NODE_FOR) return NULL;
        for (const struct node *next = at->next; next; next = next->next) {
            const struct node *does = next->kind == NODE_LABELLED ? next->labelled.statement : next;
            const struct node *head = lint_head(node_right_side(does));
            if (!head) head = does;
            if (head->kind == NODE_SELECT || head->kind == NODE_ROUTE) return head;
            if (head->kind != NODE_CALL) return NULL; /* a branch, an end or a label: no finding */
        }
    }
    return NULL;
}

void lint_booked_goes_on(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        if (!use || use->row->id != STEP_ID_callback_book || !lint_on_calls_alone(lint, call)) continue;
        const struct node *step = lint_up(lint, call),
                          *statement = step && step->kind == NODE_STEP ? lint_up(lint, step) : step;
        const struct node *served = statement && statement->kind == NODE_DO ? served_behind(lint, statement) : NULL;
        if (!served) continue;
        struct diag *diag = lint_report(lint, BOOKED_GOES_ON, call->span);
        diag_note(diag, served->span, "here the caller waits all the same");
        diag_hint(diag, "stop \"booked\"; behind it");
    }
}
