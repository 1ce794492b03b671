/* compiler/lint/starvation.c - Finds callers who may wait for ever: a virtual queue serves by priority, then by age.
 * If one strategy waits in it with a higher fixed priority than another strategy, or than another path of the same
 * one, the calls with the lower priority may never be served on a busy day. With `priority += 1 every 10s to 100`
 * every wait counts.
 *
 *     if ani == "4711" { priority += 50; }
 *     let who = select in vq service { skill French >= 1; } timeout 20m ...
 * */
#include <string.h>

#include "compiler/lint/lint.h"

static bool starvation_ages(const struct lint *lint, const struct node *strategy)
{
    EACH_IN (lint, strategy, clause, NODE_CLAUSE)
        if (clause->clause.which == CLAUSE_EVERY) return true;
    return false;
}

/* Returns the first place where a strategy raises the priority by a number; NULL: it raises none. */
static const struct node *starvation_raised(const struct lint *lint, const struct node *strategy)
{
    EACH_IN (lint, strategy, set, NODE_ASSIGN) {
        const struct node *target = set->assign.target, *value = lint_head(set->assign.value);
        const struct symbol *symbol = target->kind == NODE_NAME ? target->meaning : NULL;
        bool priority = symbol && symbol->kind == SYMBOL_ATTRIBUTE && strcmp(symbol->name, "priority") == 0;
        if (!priority) continue;
        if (set->assign.op != SIGN_SUB && value->kind == NODE_INTEGER && value->integer.value > 0) return set;
    }
    return NULL;
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

void lint_starvation(struct lint *lint)
{
    EACH_OF (lint, select, NODE_SELECT) {
        const struct node *strategy = lint_around(lint, select, NODE_STRATEGY), *in = select->select.in;
        const struct node *set = strategy ? starvation_raised(lint, strategy) : NULL;
        if (!set || in->kind != NODE_KIND_NAME || starvation_ages(lint, strategy) || waits_shortly(lint, select))
            continue;
        struct diag *diag = lint_report(lint, STARVATION, set->span, in->kind_name.name.text);
        diag_note(diag, in->span, "who waits here");
        diag_hint(diag, "let the others grow: priority += 1 every 10s to 100");
    }
}
