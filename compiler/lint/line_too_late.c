/* compiler/lint/line_too_late.c - Finds a line of a selection that begins only after the wait has ended.
 *
 *     select in vq service { skill French >= 8; after 6m: skill French >= 1; } timeout 5m ...
 */
#include "compiler/lint/lint.h"

void lint_line_too_late(struct lint *lint)
{
    EACH_OF (lint, select, NODE_SELECT) {
        const struct node *step = lint_up(lint, select);
        int64_t limit, after;
        bool written = step->kind == NODE_STEP && lint_clause(step, CLAUSE_TIMEOUT);
        const struct node *timeout = written ? lint_clause(step, CLAUSE_TIMEOUT) : lint_site_default(lint, "timeout");
        if (!lint_duration(timeout, &limit)) continue;
        EACH_NODE (line, select->select.lines)
            if (lint_duration(line->line.after, &after) && after >= limit)
                lint_report(lint, LINE_TOO_LATE, line->line.after->span, lint_duration_text(lint->arena, after),
                            lint_duration_text(lint->arena, limit));
    }
}
