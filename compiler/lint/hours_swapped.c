/* compiler/lint/hours_swapped.c - Finds a condition `open` whose branch tells the caller that the site is closed:
 * `closed` was meant.
 *
 *     if hours.open() { ivr.play(prompt closed); stop "closed"; }
 *
 * The branch is recognised by the name of a prompt or by a stop's reason with the word "closed". */
#include <string.h>
#include <strings.h>

#include "compiler/lint/lint.h"

static bool has_closed(const char *text)
{
    return strcasestr(text, "closed") && !strcasestr(text, "not closed");
}

/* Finds a prompt with "closed" in its name, or a stop with such a reason. Branches within are not looked at. */
static void find_closed(struct node *node, void *context)
{
    const struct node **found = context;
    if (node->kind == NODE_IF || node->kind == NODE_SEGMENT || node->kind == NODE_OTHERWISE || *found) return;
    bool prompt = node->kind == NODE_KIND_NAME && node->kind_name.kind == KIND_PROMPT;
    bool reason = node->kind == NODE_STOP && node->stop.why && node->stop.why->kind == NODE_STRING;
    if ((prompt && has_closed(node->kind_name.name.text)) || (reason && has_closed(node->stop.why->string.text.bytes)))
        *found = node;
    else
        node_children(node, find_closed, context);
}

static void look_where_open(struct lint *lint, const struct node *schedule, const struct node *then)
{
    const struct node *found = NULL;
    if (!then) return;
    node_children(then, find_closed, &found);
    const struct symbol *symbol = schedule_named(schedule);
    if (found && symbol) {
        struct diag *diag = lint_report(lint, HOURS_SWAPPED, found->span, symbol->name);
        diag_note(diag, schedule->span, "where it is open");
        diag_hint(diag, "%s.closed()", symbol->name);
    }
}

void lint_hours_swapped(struct lint *lint)
{
    EACH_OF (lint, node, NODE_IF) {
        const struct node *condition = node->choice.condition, *then = node->choice.then;
        if (condition->kind == NODE_UNARY && condition->unary.op == SIGN_NOT) {
            condition = condition->unary.value;
            then = node->choice.otherwise;
        }
        const struct call_use *use = condition->kind == NODE_CALL ? condition->meaning : NULL;
        if (!use || use->kind != CALL_SCHEDULE || condition->call.callee->kind != NODE_MEMBER) continue;
        if (use->asks == ASKS_CLOSED) then = then == node->choice.then ? node->choice.otherwise : node->choice.then;
        if (use->asks == ASKS_OPEN || use->asks == ASKS_CLOSED)
            look_where_open(lint, condition->call.callee->member.object, then);
    }
    EACH_OF (lint, arm, NODE_ARM)
        if (arm->arm.patterns.count == 1 && arm->arm.patterns.first->kind == NODE_WITHIN)
            look_where_open(lint, arm->arm.patterns.first->within.what, arm->arm.action);
}
