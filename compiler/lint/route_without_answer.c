/* compiler/lint/route_without_answer.c - Finds a route to a person without a limit for ringing: the caller hears the
 * ringing until the whole step times out.
 *
 *     route who else stop "gone";    // route who answer 15s else stop "gone";
 */
#include "compiler/lint/lint.h"

void lint_route_without_answer(struct lint *lint)
{
    if (lint_site_default(lint, "answer")) return;
    EACH_OF (lint, route, NODE_ROUTE) {
        const struct type *type = route->route.target->type;
        const struct node *up = lint_up(lint, route);
        if (!type || (type_bare(type)->kind != LANG_TARGET && type_bare(type)->kind != LANG_AGENT)) continue;
        if (up->kind == NODE_STEP && (lint_clause(up, CLAUSE_ANSWER) || lint_clause(up, CLAUSE_TIMEOUT))) continue;
        diag_hint(lint_report(lint, ROUTE_WITHOUT_ANSWER, route->span), "answer 15s");
    }
}
