/* compiler/lint/starvation.c - Finds callers who may wait for ever: agents serve by priority, then by age. Whoever
 * waits for the same agents as others with a higher fixed priority may never be served on a busy day. With `priority +=
 * 1 every 10s to 100` every wait counts.
 *
 *     strategy gold on voice { priority = 50; connect in vq gold { group people; } timeout 20m ... }
 *     strategy all on voice { connect in vq all { group people; } timeout 20m ... }    // these starve
 *
 * The report names the selection that starves, and notes the place of the higher priority. Within one strategy, callers
 * whose priority a branch raises starve the other callers of the same selection. */
#include <string.h>

#include "compiler/lint/lint.h"

struct starvation_priority {
    const struct node *raised; /* the place where the highest priority is set, or NULL */
    int64_t least, most;       /* the fixed priorities with which the strategy may select */
    bool ages;                 /* the priority grows or is computed, so nothing is reported */
};

static bool sets_fixed(const struct node *set, int64_t *value)
{
    const struct node *target = set->assign.target, *head = lint_head(set->assign.value);
    const struct symbol *symbol = target->kind == NODE_NAME ? target->meaning : NULL;
    if (!symbol || symbol->kind != SYMBOL_ATTRIBUTE || strcmp(symbol->name, "priority") != 0) return false;
    const struct node *literal = lint_literal(head);
    bool fixed = set->assign.op != SIGN_SUB && literal && literal->kind == NODE_INTEGER;
    *value = fixed ? literal->integer.value : -1;
    return true;
}

/* Is the priority set for all who come? True: its statement is in the strategy's own block, not in a branch. */
static bool sets_for_all(const struct lint *lint, const struct node *set)
{
    const struct node *block = lint_up(lint, set);
    return block && block->kind == NODE_BLOCK && lint_up(lint, block)->kind == NODE_STRATEGY;
}

static struct starvation_priority starvation_of(const struct lint *lint, const struct node *strategy)
{
    struct starvation_priority priority = {0};
    EACH_IN (lint, strategy, clause, NODE_CLAUSE)
        if (clause->clause.which == CLAUSE_EVERY) priority.ages = true;
    EACH_IN (lint, strategy, set, NODE_ASSIGN) {
        int64_t value;
        bool grows = lint_clause(set->assign.value, CLAUSE_EVERY) != NULL;
        if (grows || !sets_fixed(set, &value)) continue;
        if (lint_around(lint, set, NODE_WHILE) || lint_around(lint, set, NODE_REPEAT) ||
            lint_around(lint, set, NODE_FOR) || value < 0)
            priority.ages = true; /* the priority grows each time, or is computed */
        if (sets_for_all(lint, set)) {
            bool adds = set->assign.op == SIGN_ADD;
            priority.least = adds ? priority.least + value : value;
            priority.most = adds ? priority.most + value : value;
            priority.raised = set;
        } else if (value > priority.most) {
            priority.most = value;
            priority.raised = set;
        }
    }
    return priority;
}

/* True: the wait is only a few minutes long, so a caller who is behind the others in it does not wait for ever. */
static bool waits_shortly(const struct lint *lint, const struct node *select)
{
    static const int64_t SHORT_US = INT64_C(5) * 60 * 1000000;
    const struct node *step = lint_up(lint, select);
    const struct node *timeout = step->kind == NODE_STEP ? lint_clause(step, CLAUSE_TIMEOUT) : NULL;
    int64_t us;
    return lint_duration(timeout ? timeout : lint_site_default(lint, "timeout"), &us) && us <= SHORT_US;
}

/* Do both selections wait for some of the same agents? One asks for a skill or group that the other asks for, too. */
static bool shares_agents(const struct lint *lint, const struct node *one, const struct node *other)
{
    EACH_IN (lint, one, name, NODE_KIND_NAME) {
        enum name_kind kind = name->kind_name.kind;
        if (kind != KIND_SKILL && kind != KIND_GROUP) continue;
        EACH_IN (lint, other, same, NODE_KIND_NAME)
            if (same->kind_name.kind == kind && strcmp(same->kind_name.name.text, name->kind_name.name.text) == 0)
                return true;
    }
    return false;
}

static void tell_starvation(struct lint *lint, const struct node *select, const struct node *raised, const char *by)
{
    struct diag *diag = lint_report(lint, STARVATION, select->select.in->span, by);
    diag_note(diag, raised->span, "this one goes first");
    diag_hint(diag, "let the others grow: priority += 1 every 10s to 100");
}

/* Looks for another selection of the same agents, of a strategy whose callers always go first. */
static void look_for_higher(struct lint *lint, const struct node *select, const struct node *strategy, int64_t least)
{
    EACH_OF (lint, other, NODE_SELECT) {
        const struct node *by = lint_around(lint, other, NODE_STRATEGY);
        if (!by || by == strategy) continue;
        struct starvation_priority higher = starvation_of(lint, by);
        if (!higher.raised || higher.least <= least || !shares_agents(lint, select, other)) continue;
        tell_starvation(lint, select, higher.raised,
                        arena_printf(lint->arena, "strategy '%s'", by->strategy.name.text));
        return;
    }
}

void lint_starvation(struct lint *lint)
{
    EACH_OF (lint, select, NODE_SELECT) {
        const struct node *strategy = lint_around(lint, select, NODE_STRATEGY);
        if (!strategy || waits_shortly(lint, select)) continue;
        struct starvation_priority own = starvation_of(lint, strategy);
        if (own.ages) continue;
        if (own.raised && own.most > own.least && own.raised->span.begin < select->span.begin)
            tell_starvation(lint, select, own.raised, "those with a higher priority");
        else
            look_for_higher(lint, select, strategy, own.least);
    }
}
