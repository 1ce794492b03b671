/* compiler/lint/impossible_line.c - Finds a condition on levels that no level from 1 to 100 meets.
 *
 *     let who = select in vq service { skill French >= 8 and skill French < 5; } ...
 */
#include "compiler/lint/lint.h"

void lint_impossible_line(struct lint *lint)
{
    EACH_OF (lint, line, NODE_LINE) {
        struct lint_levels levels = lint_levels(line->line.target);
        if (levels.impossible) lint_report(lint, IMPOSSIBLE_LINE, line->line.target->span, levels.impossible);
    }
}
