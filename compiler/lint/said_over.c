/* compiler/lint/said_over.c - Finds a busy block that only says texts: it is repeated as long as the wait lasts, so a
 * greeting is heard over and over.
 *
 *     busy { ivr.say("Welcome to us."); }
 *
 * In a chat each repetition is a message, without a pause between them. */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

/* Is each of the statements an `ivr.say`? Any other statement may take time. */
static bool says_alone(const struct node *busy)
{
    EACH_NODE (statement, busy->block.statements) {
        const struct step_use *use = statement->kind == NODE_DO ? lint_step(statement->act.value) : NULL;
        if (!use || (use->row->id != STEP_ID_ivr_say && use->row->id != STEP_ID_chat_send)) return false;
    }
    return busy->block.statements.count > 0;
}

static void look_at_said(struct lint *lint, const struct node *busy)
{
    if (!busy || busy->kind != NODE_BLOCK || !says_alone(busy)) return;
    diag_hint(lint_report(lint, SAID_OVER, busy->block.statements.first->span),
              "a greeting stands before the selection; behind a text, ivr.music(prompt hold, 30s); or delay 1m;");
}

void lint_said_over(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP) look_at_said(lint, lint_clause(step, CLAUSE_BUSY));
    EACH_OF (lint, item, NODE_SITE_DEFAULT) look_at_said(lint, item->site_default.value);
}
