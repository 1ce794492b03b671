/* compiler/lint/mail_closed.c - Finds an e-mail that ends because nobody was free: it is done with, and nobody has read
 * it.
 *
 *     connect in vq mails { skill Service >= 1; } timeout 4h else stop "nobody free";
 */
#include "compiler/lint/lint.h"

#include <string.h>

static bool on_mail_alone(const struct lint *lint, const struct node *node)
{
    const struct node *strategy = lint_around(lint, node, NODE_STRATEGY);
    return strategy && strategy->strategy.media.count == 1 && strategy->strategy.media.first->kind == NODE_NAME &&
           strcmp(strategy->strategy.media.first->name.name.text, "email") == 0;
}

static void look_at_mail(struct lint *lint, const struct node *head)
{
    const struct node *step = lint_up(lint, head), *otherwise = step->kind == NODE_STEP ? step->step.otherwise : NULL;
    const struct node *action = otherwise ? otherwise->otherwise.action : NULL;
    if (action && action->kind == NODE_BLOCK && action->block.statements.count == 1) {
        const struct node *only = action->block.statements.first;
        action = only->kind == NODE_DO ? only->act.value : NULL;
    }
    if (!action || lint_head(action)->kind != NODE_STOP || !on_mail_alone(lint, head)) return;
    diag_hint(lint_report(lint, MAIL_CLOSED, lint_head(action)->span),
              "route queue mails; keeps it for a person; fail leaves it in its queue");
}

void lint_mail_closed(struct lint *lint)
{
    EACH_OF (lint, select, NODE_SELECT) look_at_mail(lint, select);
    EACH_OF (lint, route, NODE_ROUTE) look_at_mail(lint, route);
}
