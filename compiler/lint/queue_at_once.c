/* compiler/lint/queue_at_once.c - Finds a queue among lines that take agents, open from the beginning: the queue takes
 * the call at once where no agent is free, so that nobody ever waits for the agents of these lines.
 *
 *     connect in vq service { skill Sales >= 1; queue desk; }    // after 1m: queue desk;
 */
#include "compiler/lint/lint.h"

/* True: the line takes a queue for sure; one that comes as data may be none. */
static bool takes_queue(const struct node *line)
{
    const struct node *target = line->line.target;
    return target && target->type && target->type->kind == LANG_QUEUE;
}

void lint_queue_at_once(struct lint *lint)
{
    EACH_OF (lint, select, NODE_SELECT) {
        const struct node *agents = NULL;
        EACH_NODE (line, select->select.lines)
            if (!agents && !takes_queue(line)) agents = line;
        EACH_NODE (line, select->select.lines) {
            if (!agents || !takes_queue(line) || line->line.after || line->line.share || line->line.where) continue;
            struct diag *diag = lint_report(lint, QUEUE_AT_ONCE, line->span);
            diag_note(diag, agents->span, "nobody waits for whom this takes");
            diag_hint(diag, "after 1m: %s", lint_text(lint, line->line.target->span));
        }
    }
}
