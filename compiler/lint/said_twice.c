/* compiler/lint/said_twice.c - Finds an announcement that is played twice in a row.
 *
 *     ivr.say("one moment please");
 *     ivr.say("one moment please");
 */

#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static bool said_twice_announces(const struct node *statement)
{
    const struct step_use *use = statement->kind == NODE_DO ? lint_step(statement->act.value) : NULL;
    return use && (use->row->id == STEP_ID_ivr_play || use->row->id == STEP_ID_ivr_say);
}

void lint_said_twice(struct lint *lint)
{
    EACH_OF (lint, block, NODE_BLOCK)
        EACH_NODE (statement, block->block.statements) {
            const struct node *next = statement->next;
            if (!next || !said_twice_announces(statement) || !said_twice_announces(next) ||
                !lint_same(lint, statement, next))
                continue;
            lint_report(lint, SAID_TWICE, next->span);
        }
}
