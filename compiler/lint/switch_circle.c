/* compiler/lint/switch_circle.c - Finds strategies that switch to each other while nothing waits in any of them:
 *
 *     strategy a on voice { route queue night else { switch to b; }; }
 *     strategy b on voice { route queue desk else { switch to a; }; }    // both queues are away: a, b, a, b ...
 *
 * The core ends such a circle after fifty rounds (tries.c). A route that fails has not waited for anybody here; any
 * other step counts as a wait. The circle is told once, at the strategy that is declared first. */
#include "compiler/lint/lint.h"

static bool circle_waits(const struct lint *lint, const struct strategy *strategy)
{
    for (size_t i = lint->first[strategy->node->id]; i < lint->behind[strategy->node->id]; i++) {
        const struct node *node = lint->nodes[i];
        if (lint_around(lint, node, NODE_HANDLER)) continue;
        if (node->kind == NODE_SELECT || node->kind == NODE_DELAY || node->kind == NODE_WAIT ||
            node->kind == NODE_QUERY || node->kind == NODE_RACE || node->kind == NODE_PARALLEL)
            return true;
        const struct call_use *use = node->kind == NODE_CALL ? node->meaning : NULL;
        if (use && (use->kind == CALL_STEP || (use->callee && use->callee->waits))) return true;
    }
    return false;
}

static const struct strategy *switched_to(const struct lint *lint, const struct node *node)
{
    const struct step_use *use = lint_around(lint, node, NODE_HANDLER) ? NULL : node->meaning;
    return use ? use->to : NULL;
}

/* Do switches lead from the strategy back to `first`, only through strategies that do not wait and are declared after
 * `first`? `seen` holds the strategies that were looked at. */
static bool leads_back(const struct lint *lint, const struct strategy *from, const struct strategy *first,
                       const struct strategy **seen)
{
    uint32_t count = 0;
    seen[count++] = from;
    for (uint32_t at = 0; at < count; at++) {
        const struct strategy *one = seen[at];
        if (one == first) return true;
        bool later = !lint_is_imported(lint, one->node) && one->node->span.begin > first->node->span.begin;
        if (!later || circle_waits(lint, one)) continue;
        EACH_IN (lint, one->node, node, NODE_SWITCH) {
            const struct strategy *to = switched_to(lint, node);
            uint32_t known = 0;
            while (known < count && seen[known] != to) known++;
            if (to && known == count) seen[count++] = to;
        }
    }
    return false;
}

void lint_switch_circle(struct lint *lint)
{
    const struct strategy **seen =
        ARENA_ARRAY(lint->arena, const struct strategy *, (size_t)lint->checked->strategy_count + 1);
    for (const struct strategy *one = lint->checked->strategies; one; one = one->next) {
        if (lint_is_imported(lint, one->node) || circle_waits(lint, one)) continue;
        EACH_IN (lint, one->node, node, NODE_SWITCH) {
            const struct strategy *to = switched_to(lint, node);
            if (!to || !leads_back(lint, to, one, seen)) continue;
            diag_hint(
                lint_report(lint, SWITCH_CIRCLE, node->span, one->name),
                "the core refuses the 51st switch; end it here: route, stop, or let it go to the default destination");
            break;
        }
    }
}
