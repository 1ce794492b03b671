/* compiler/lint/tries_forever.c - Finds a loop without an end that does nothing but route: where the routes fail, and
 * they fail at once where a queue is away, it goes round until the strategy's lifetime is over.
 *
 *     repeat { route queue desk else {}; route queue night else {}; }
 */
#include "compiler/lint/lint.h"

/* The statements found in a loop: `routes`: one routes; `rests`: one takes time or leaves the loop. */
struct loop_seen {
    bool routes, rests;
};

static void find_rest(struct node *node, void *context)
{
    struct loop_seen *seen = context;
    switch (node->kind) {
    case NODE_ROUTE:
        seen->routes = true;
        break;
    case NODE_SELECT:
    case NODE_DELAY:
    case NODE_WAIT:
    case NODE_QUERY:
    case NODE_CALL:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_GOTO:
    case NODE_BREAK:
    case NODE_RETURN:
    case NODE_FAIL:
    case NODE_SWITCH:
        seen->rests = true;
        break;
    default:
        break;
    }
    if (node->kind == NODE_DO && lint_head(node->act.value)->kind == NODE_ROUTE &&
        (node->act.value->kind != NODE_STEP || !node->act.value->step.otherwise))
        seen->rests = true; /* a failure that nothing catches leaves the loop */
    node_children(node, find_rest, context);
}

static void look_at_loop(struct lint *lint, const struct node *loop, struct node *body)
{
    struct loop_seen seen = {false, false};
    find_rest(body, &seen);
    if (seen.routes && !seen.rests && lint_on_voice(lint, loop))
        diag_hint(lint_report(lint, TRIES_FOREVER, loop->span), "repeat 3 { ... }, or delay 10s; in it");
}

void lint_tries_forever(struct lint *lint)
{
    EACH_OF (lint, loop, NODE_REPEAT)
        if (!loop->repeat.times) look_at_loop(lint, loop, loop->repeat.body);
    EACH_OF (lint, loop, NODE_WHILE)
        if (loop->loop.condition->kind == NODE_BOOL) look_at_loop(lint, loop, loop->loop.body);
}
