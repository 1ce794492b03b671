/* compiler/lint/never_heard.c - Finds a treatment that nobody hears: the caller has hung up, or the steps before it
 * in a busy block take longer than the whole wait.
 *
 *     on abandoned { ivr.say("good bye") else {}; }
 */
#include <assert.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static bool is_treatment(const struct step_use *use)
{
    return use && strncmp(use->row->name, "ivr.", 4) == 0;
}

static void look_after_hanging_up(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct node *handler = lint_around(lint, call, NODE_HANDLER);
        if (handler && strcmp(handler->handler.event.text, "abandoned") == 0 && is_treatment(lint_step(call)))
            lint_report(lint, NEVER_HEARD, call->span, "the caller has gone");
    }
}

static void look_in_busy(struct lint *lint, const struct node *busy, int64_t wait_us)
{
    assert(busy->kind == NODE_BLOCK);
    int64_t past = 0, us;
    EACH_NODE (statement, busy->block.statements) {
        const struct step_use *use = lint_step(node_right_side(statement));
        if (is_treatment(use) && past >= wait_us) {
            const char *text = lint_duration_text(lint->arena, wait_us);
            lint_report(lint, NEVER_HEARD, statement->span,
                        arena_printf(lint->arena, "the wait of %s is over by then", text));
            return;
        }
        if (use && lint_duration(lint_argument(use, "duration"), &us)) past += us;
        if (use && use->row->id == STEP_ID_delay &&
            lint_duration(lint_head(node_right_side(statement))->delay.value, &us))
            past += us;
    }
}

void lint_never_heard(struct lint *lint)
{
    look_after_hanging_up(lint);
    EACH_OF (lint, step, NODE_STEP) {
        const struct node *busy = lint_clause(step, CLAUSE_BUSY);
        int64_t us;
        if (busy && lint_duration(lint_clause(step, CLAUSE_TIMEOUT), &us)) look_in_busy(lint, busy, us);
    }
}
