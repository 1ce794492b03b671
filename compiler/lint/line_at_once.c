/* compiler/lint/line_at_once.c - Finds a line of a selection without `after`, below a line with one: each line has
 * its own `after`, so this line is open from the beginning. Usually the `after` above was meant for both lines.
 *
 *     select in vq service { skill French >= 8; after 1m: skill French >= 4; group overflow; }
 *
 * In this example the group takes part from the first second. */
#include "compiler/lint/lint.h"

void lint_line_at_once(struct lint *lint)
{
    EACH_OF (lint, select, NODE_SELECT) {
        const struct node *waits = NULL;
        EACH_NODE (line, select->select.lines) {
            if (line->line.in) waits = NULL;
            if (line->line.after) {
                waits = line;
            } else if (waits) {
                struct diag *diag = lint_report(lint, LINE_AT_ONCE, line->line.target->span);
                diag_note(diag, waits->line.after->span, "after is of this line only");
                diag_hint(diag, "after %s: here too, or put it first", lint_text(lint, waits->line.after->span));
            }
        }
    }
}
