/* compiler/lint/age_goes_on.c - Finds selections that are affected by age: an interaction keeps its age from selection
 * to selection, so one that selects again comes before those that arrived meanwhile. A selection is reported until its
 * author writes with `age` which age counts.
 *
 *     repeat 5 {
 *         let who = select in vq service { skill French >= 8; } timeout 30s ... else none;
 *
 * The checker sets `again` at such selections, and `ages_on` at subroutines that select without the clause `age`. */
#include "compiler/lint/lint.h"

static void tell_age_goes_on(struct lint *lint, struct source_span at)
{
    diag_hint(lint_report(lint, AGE_GOES_ON, at), "write age kept where that is meant, or age fresh");
}

void lint_age_goes_on(struct lint *lint)
{
    EACH_OF (lint, select, NODE_SELECT) {
        const struct step_use *use = select->meaning;
        if (use && use->again && !use->clauses[CLAUSE_AGE]) tell_age_goes_on(lint, select->span);
    }
    EACH_OF (lint, call, NODE_CALL) { /* a subroutine that selects */
        const struct call_use *made = call->meaning;
        const struct step_use *use = made ? made->step : NULL;
        if (use && use->again && made->callee && made->callee->ages_on) tell_age_goes_on(lint, call->span);
    }
}
