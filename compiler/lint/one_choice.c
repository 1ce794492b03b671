/* compiler/lint/one_choice.c - Finds a menu with one key that changes nothing: without the key the call continues in
 * the same way.
 *
 *     let french = ivr.menu(prompt language, ["1": true]);
 *
 * A menu with an `else` of another value is left out: it distinguishes callers who press the key from others. An arm of
 * a race is left out for the same reason. */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

/* Does the strategy do something else without the key than with it? */
static bool tells_apart(const struct lint *lint, const struct node *call, const struct node *value)
{
    const struct node *up = lint_up(lint, call);
    if (up->kind != NODE_STEP) return up->kind == NODE_RACE_ARM;
    if (lint_up(lint, up)->kind == NODE_RACE_ARM) return true;
    if (!up->step.otherwise) return false;
    const struct node *one = lint_literal(value), *other = lint_literal(up->step.otherwise->otherwise.action);
    return !one || !other || !lint_equal(one, other);
}

void lint_one_choice(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        if (!use || use->row->id != STEP_ID_ivr_menu) continue;
        const struct node *keys = lint_argument(use, "keys");
        if (!keys || keys->kind != NODE_MAP || keys->map.entries.count != 1) continue;
        if (!tells_apart(lint, call, keys->map.entries.first->entry.value)) lint_report(lint, ONE_CHOICE, keys->span);
    }
}
