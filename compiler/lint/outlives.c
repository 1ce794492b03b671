/* compiler/lint/outlives.c - Finds a wait with a timeout that is longer than its strategy may live: the strategy fails
 * before the timeout.
 *
 *     strategy s on voice within 5m {
 *         let who = select in vq service { skill French >= 1; } timeout 10m ...
 */
#include "compiler/language/media.h"
#include "compiler/language/steps.h"
#include "compiler/lint/lint.h"

/* Returns how long the strategy around the node may live, in us; 0: there is no strategy, or its lifetime is no
 * literal. */
static int64_t lifetime_us(const struct lint *lint, const struct node *node)
{
    const struct node *around = lint_around(lint, node, NODE_STRATEGY);
    int64_t us;
    if (!around || lint_around(lint, node, NODE_HANDLER)) return 0;
    if (around->strategy.within) return lint_duration(around->strategy.within, &us) ? us : 0;
    const struct strategy *strategy = around->meaning;
    return (int64_t)media_lifetime_s(strategy->media) * 1000000;
}

static void look_at_lifetime(struct lint *lint, const struct node *node, const struct node *lasts)
{
    int64_t us, life = lifetime_us(lint, node);
    if (!life || !lint_duration(lasts, &us) || us <= life) return;
    lint_report(lint, OUTLIVES, lasts->span, lint_duration_text(lint->arena, us),
                lint_duration_text(lint->arena, life));
}

void lint_outlives(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP)
        if (lint_waits(step)) look_at_lifetime(lint, step, lint_clause(step, CLAUSE_TIMEOUT));
    EACH_OF (lint, delay, NODE_DELAY) look_at_lifetime(lint, delay, delay->delay.value);
}
