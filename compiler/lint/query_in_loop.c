/* compiler/lint/query_in_loop.c - Finds a query for each element of a list: one statement with `= any(...)` or a
 * join would do.
 *
 *     for state in ["open", "waiting"] {
 *         let found = query customers value int `select count(*) from ticket where state = {state}` else 0;
 */
#include "compiler/lint/lint.h"

void lint_query_in_loop(struct lint *lint)
{
    EACH_OF (lint, query, NODE_QUERY) {
        const struct node *loop = lint_around(lint, query, NODE_FOR);
        if (loop && lint_within(lint, query, loop->each.body))
            diag_note(lint_report(lint, QUERY_IN_LOOP, query->span), loop->each.in->span, "once for each of these");
    }
}
