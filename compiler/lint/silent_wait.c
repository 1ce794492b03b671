/* compiler/lint/silent_wait.c - Finds a wait for an agent in which the caller hears nothing, and may hang up.
 *
 *     let who = select in vq service { skill French >= 1; } timeout 5m else stop "nobody";    // no busy { ... }
 * */
#include <string.h>

#include "compiler/lint/lint.h"

void lint_silent_wait(struct lint *lint)
{
    if (lint_site_default(lint, "busy")) return;
    EACH_OF (lint, select, NODE_SELECT) {
        const struct node *up = lint_up(lint, select), *strategy = lint_around(lint, select, NODE_STRATEGY);
        bool voice = false;
        if (strategy)
            EACH_NODE (medium, strategy->strategy.media)
                voice = voice || (medium->kind == NODE_NAME && strcmp(medium->name.name.text, "voice") == 0);
        if (!voice || (up->kind == NODE_STEP && lint_clause(up, CLAUSE_BUSY))) continue;
        struct source_span word = {select->span.begin, select->select.in->span.end};
        diag_hint(lint_report(lint, SILENT_WAIT, word), "busy { ivr.music(...); }, or `default busy` in the site");
    }
}
