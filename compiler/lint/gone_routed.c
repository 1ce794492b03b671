/* compiler/lint/gone_routed.c - Finds a selection or a route in `on abandoned` of a strategy for calls: the caller has
 * hung up, so it fails with gone.
 *
 *     on abandoned { route queue mailbox; }
 */
#include <string.h>

#include "compiler/lint/lint.h"

static void look_at_gone(struct lint *lint, const struct node *head)
{
    const struct node *handler = lint_around(lint, head, NODE_HANDLER);
    if (!handler || strcmp(handler->handler.event.text, "abandoned") != 0 || !lint_on_calls_alone(lint, head)) return;
    diag_hint(lint_report(lint, GONE_ROUTED, head->span),
              "callback.book(ani, ...) calls them back; work.submit(...) gives somebody the task");
}

void lint_gone_routed(struct lint *lint)
{
    EACH_OF (lint, route, NODE_ROUTE) look_at_gone(lint, route);
    EACH_OF (lint, select, NODE_SELECT) look_at_gone(lint, select);
}
