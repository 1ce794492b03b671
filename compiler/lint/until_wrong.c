/* compiler/lint/until_wrong.c - Finds an `until` that never ends the wait, since its timeout is over before, or that
 * ends it while people are there.
 *
 *     connect in vq service { skill Sales >= 1; } timeout 3m until waited > 5m ...
 *     connect in vq service { skill Sales >= 1; } until hours.open() ...    // hours.closed()
 */
#include <string.h>

#include "compiler/lint/lint.h"

static bool asks_waited(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_ATTRIBUTE && strcmp(symbol->name, "waited") == 0;
}

static void look_at_waited(struct lint *lint, const struct node *until, const struct node *timeout)
{
    int64_t limit, after;
    if (!lint_duration(timeout, &limit)) return;
    EACH_IN (lint, until, compared, NODE_BINARY) {
        bool more = compared->binary.op == SIGN_GT || compared->binary.op == SIGN_GE;
        if (!more || !asks_waited(compared->binary.left) || !lint_duration(compared->binary.right, &after)) continue;
        if (after < limit) continue;
        struct diag *diag = lint_report(lint, UNTIL_WRONG, compared->span, "never holds");
        diag_note(diag, timeout->span, "the wait is over before");
    }
}

static void look_at_schedule(struct lint *lint, const struct node *until)
{
    const struct call_use *use = until->kind == NODE_CALL ? until->meaning : NULL;
    if (use && use->kind == CALL_SCHEDULE && use->asks == ASKS_OPEN)
        diag_hint(lint_report(lint, UNTIL_WRONG, until->span, "holds while it is open, and ends the wait"),
                  ".closed() ends it when the hours do");
}

void lint_until_wrong(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP) {
        const struct node *until = lint_clause(step, CLAUSE_UNTIL), *timeout = lint_clause(step, CLAUSE_TIMEOUT);
        if (!until || step->step.head->kind != NODE_SELECT) continue;
        look_at_waited(lint, until, timeout ? timeout : lint_site_default(lint, "timeout"));
        look_at_schedule(lint, until);
    }
}
