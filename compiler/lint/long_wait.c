/* compiler/lint/long_wait.c - Finds a wait of more than half an hour: callers hang up earlier, and the statistics of
 * the queue show them as lost. The waits of all tries are added.
 *
 *     strategy s on voice { let who = select in vq service { skill French >= 1; } timeout 2h ...
 *
 * The rule checks strategies on voice only: a mail may wait for days. A wait in which the caller may hang up and keep
 * the place (callback.keep_place) may be longer. */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static const int64_t LIMIT_US = INT64_C(30) * 60 * 1000000;

/* Can a caller who waits in the selection hang up and keep the place? */
static bool place_is_kept(const struct lint *lint, const struct node *select)
{
    EACH_IN (lint, lint_up(lint, select), call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        if (use && use->row->id == STEP_ID_callback_keep_place) return true;
    }
    return false;
}

static void look_at_wait(struct lint *lint, const struct node *node, int64_t us, struct source_span at)
{
    if (us > LIMIT_US && lint_on_voice(lint, node))
        lint_report(lint, LONG_WAIT, at, lint_duration_text(lint->arena, us));
}

void lint_long_wait(struct lint *lint)
{
    int64_t us;
    EACH_OF (lint, delay, NODE_DELAY)
        if (lint_duration(delay->delay.value, &us)) look_at_wait(lint, delay, us, delay->span);
    EACH_OF (lint, step, NODE_STEP) {
        const struct node *timeout = lint_clause(step, CLAUSE_TIMEOUT), *head = step->step.head;
        if (head->kind == NODE_SELECT && place_is_kept(lint, head)) continue;
        if (lint_waits(step) && lint_duration(timeout, &us)) look_at_wait(lint, step, us, timeout->span);
    }
    EACH_OF (lint, call, NODE_CALL) { /* steps that play for longer than the limit */
        const struct step_use *use = lint_step(call);
        const struct node *lasts = use ? lint_argument(use, "duration") : NULL;
        if (lint_duration(lasts, &us)) look_at_wait(lint, call, us, lasts->span);
    }
    EACH_OF (lint, select, NODE_SELECT) { /* selections with the site's default timeout */
        const struct node *up = lint_up(lint, select), *fallback = lint_site_default(lint, "timeout");
        bool written = up->kind == NODE_STEP && lint_clause(up, CLAUSE_TIMEOUT);
        if (!written && lint_duration(fallback, &us)) look_at_wait(lint, select, us, select->span);
    }
}
