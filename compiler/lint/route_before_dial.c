/* compiler/lint/route_before_dial.c - Finds a strategy for call-backs that routes before it has dialled, or when
 * nobody has answered: that fails, as no caller is on the line. Jumps lead forward, so a statement before every
 * callback.dial in the text runs before it, except in loops. A subroutine is assumed to dial.
 *
 *     strategy back on callback {
 *         route queue desk;    // without callback.dial() before it
 *
 * A strategy that another one continues with (`switch to`, or the `then` of a route) is left out: the other one may
 * have dialled. */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static bool call_dials(const struct node *call)
{
    const struct call_use *use = call->meaning;
    if (!use) return false;
    if (use->kind == CALL_STEP) return use->step && use->step->row->id == STEP_ID_callback_dial;
    return use->callee && use->callee->waits;
}

/* Is the node in the else of the dial step, which runs when the call was not answered? */
static bool in_else_of(const struct lint *lint, const struct node *node, const struct node *dial)
{
    const struct node *step = lint_up(lint, dial);
    return step && step->kind == NODE_STEP && step->step.head == dial && step->step.otherwise &&
           lint_within(lint, node, step->step.otherwise);
}

static bool in_one_loop(const struct lint *lint, const struct node *node, const struct node *dial)
{
    for (const struct node *up = lint_up(lint, node); up && up->kind != NODE_STRATEGY; up = lint_up(lint, up))
        if ((up->kind == NODE_WHILE || up->kind == NODE_FOR || up->kind == NODE_REPEAT) && lint_within(lint, dial, up))
            return true;
    return false;
}

/* Can the customer have answered before this node runs? */
static bool after_dialling(const struct lint *lint, const struct node *strategy, const struct node *node)
{
    const struct node *step = lint_up(lint, node)->kind == NODE_STEP ? lint_up(lint, node) : node;
    EACH_IN (lint, strategy, dial, NODE_CALL) {
        if (!call_dials(dial)) continue;
        if (dial->span.begin < step->span.end && !in_else_of(lint, node, dial)) return true;
        if (in_one_loop(lint, node, dial)) return true;
    }
    return false;
}

static const struct node *strategy_that(const struct lint *lint, const struct node *node)
{
    return lint_around(lint, node, NODE_HANDLER) ? NULL : lint_around(lint, node, NODE_STRATEGY);
}

/* Does another strategy continue with this one, so that it may have dialled? */
static bool comes_later(const struct lint *lint, const struct strategy *strategy)
{
    for (size_t i = 0; i < lint->count; i++) {
        const struct step_use *use = lint->nodes[i]->kind == NODE_SWITCH ? lint->nodes[i]->meaning : NULL;
        if (lint->nodes[i]->kind == NODE_ROUTE || lint->nodes[i]->kind == NODE_SELECT) use = lint->nodes[i]->meaning;
        if (use && (use->to == strategy || (use->then && use->then->to == strategy))) return true;
    }
    return false;
}

static void tell_route_before_dial(struct lint *lint, const struct node *node)
{
    struct diag *diag = lint_report(lint, ROUTE_BEFORE_DIAL, node->span);
    diag_hint(diag, "callback.dial() answer 30s else stop \"not reached\";");
}

static void look_at_strategy_dials(struct lint *lint, const struct strategy *strategy)
{
    EACH_IN (lint, strategy->node, node, NODE_ROUTE) {
        if (strategy_that(lint, node) != strategy->node || after_dialling(lint, strategy->node, node)) continue;
        tell_route_before_dial(lint, node);
        return;
    }
    EACH_IN (lint, strategy->node, node, NODE_SELECT) {
        if (!node->select.connects || strategy_that(lint, node) != strategy->node) continue;
        if (after_dialling(lint, strategy->node, node)) continue;
        tell_route_before_dial(lint, node);
        return;
    }
}

void lint_route_before_dial(struct lint *lint)
{
    for (const struct strategy *one = lint->checked->strategies; one; one = one->next)
        if (media_set_equal(one->media, media_bit("callback")) && !lint_is_imported(lint, one->node) &&
            !comes_later(lint, one))
            look_at_strategy_dials(lint, one);
}
