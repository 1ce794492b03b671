/* compiler/lint/silent_wait.c - Finds a wait for an agent in which the caller hears nothing, and may hang up: there is
 * no busy block, or one that plays nothing. In a race or parallel the other children may play.
 *
 *     let who = select in vq service { skill French >= 1; } timeout 5m else stop "nobody";    // no busy { ... }
 *     ... busy { delay 20s; }
 */
#include "compiler/lint/lint.h"

static bool is_silent(const struct node *busy)
{
    return busy->kind == NODE_BLOCK && !lint_plays(busy);
}

void lint_silent_wait(struct lint *lint)
{
    const struct node *fallback = lint_site_default(lint, "busy");
    bool defaults = fallback && !is_silent(fallback);
    EACH_OF (lint, select, NODE_SELECT) {
        const struct node *up = lint_up(lint, select);
        const struct node *busy = up->kind == NODE_STEP ? lint_clause(up, CLAUSE_BUSY) : NULL;
        if (lint_around(lint, select, NODE_RACE) || lint_around(lint, select, NODE_PARALLEL)) continue;
        if (!lint_on_voice(lint, select) || (busy ? !is_silent(busy) : defaults)) continue;
        struct source_span word = {select->span.begin, select->select.in->span.end};
        struct diag *diag = lint_report(lint, SILENT_WAIT, word);
        if (busy) diag_note(diag, busy->span, "this plays nothing");
        diag_hint(diag, "busy { ivr.music(...); }, or `default busy` in the site");
    }
}
