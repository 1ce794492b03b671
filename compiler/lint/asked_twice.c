/* compiler/lint/asked_twice.c - Finds a question that callers hear twice on one path through a strategy. Asking
 * again in the else of the first question is usual; and of two exclusive branches only one runs.
 *
 *     let first = ivr.digits(prompt account_number) else "";
 *     let second = ivr.digits(prompt account_number) else "";
 */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static const struct step_use *asked_twice_question(const struct node *call)
{
    const struct step_use *use = lint_step(call);
    if (!use) return NULL;
    bool asks = use->row->id == STEP_ID_ivr_digits || use->row->id == STEP_ID_ivr_menu ||
                use->row->id == STEP_ID_ivr_choose || use->row->id == STEP_ID_ivr_verify;
    return asks ? use : NULL;
}

/* Two questions with the same prompt are the same, however many digits each one wants. */
static bool asks_the_same(const struct lint *lint, const struct node *first, const struct node *second)
{
    const struct step_use *one = asked_twice_question(first), *other = asked_twice_question(second);
    if (one->row != other->row) return false;
    if (one->row->id != STEP_ID_ivr_digits) return lint_same(lint, first, second);
    return one->arguments[0] && other->arguments[0] && lint_same(lint, one->arguments[0], other->arguments[0]);
}

/* Returns the child of `above` that contains `node`. */
static const struct node *asked_twice_branch(const struct lint *lint, const struct node *above, const struct node *node)
{
    const struct node *up = node;
    while (up && lint_up(lint, up) != above) up = lint_up(lint, up);
    return up;
}

/* Can one path lead through both nodes? `first` stands before `second`. */
static bool in_a_row(const struct lint *lint, const struct node *first, const struct node *second)
{
    const struct node *above = lint_up(lint, first);
    while (above && !lint_within(lint, second, above)) above = lint_up(lint, above);
    if (!above || above->kind == NODE_FILE || above->kind == NODE_STEP || above->kind == NODE_STRATEGY) return false;
    const struct node *one = asked_twice_branch(lint, above, first), *other = asked_twice_branch(lint, above, second);
    if (above->kind == NODE_SEGMENT || above->kind == NODE_SPLIT || above->kind == NODE_RACE) return false;
    if (above->kind == NODE_IF && one != above->choice.condition) return one == other;
    /* A branch that ends the path or jumps away does not lead to the second node. */
    for (const struct node *up = lint_up(lint, first); up != above; up = lint_up(lint, up))
        if (up->kind == NODE_IF || up->kind == NODE_ARM || up->kind == NODE_OTHERWISE) return false;
    return true;
}

void lint_asked_twice(struct lint *lint)
{
    EACH_OF (lint, strategy, NODE_STRATEGY)
        EACH_IN (lint, strategy, second, NODE_CALL) {
            if (!asked_twice_question(second)) continue;
            EACH_IN (lint, strategy, first, NODE_CALL) {
                if (first->span.begin >= second->span.begin || !asked_twice_question(first)) continue;
                if (!asks_the_same(lint, first, second) || !in_a_row(lint, first, second)) continue;
                diag_note(lint_report(lint, ASKED_TWICE, second->span), first->span, "here");
                break;
            }
        }
}
