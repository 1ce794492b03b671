/* compiler/lint/one_choice.c - Finds a menu with one key: it is only an announcement.
 *
 *     let french = ivr.menu(prompt language, ["1": true]) else false;
 * */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

void lint_one_choice(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        if (!use || use->row->id != STEP_ID_ivr_menu) continue;
        const struct node *keys = lint_argument(use, "keys");
        if (keys && keys->kind == NODE_MAP && keys->map.entries.count == 1) lint_report(lint, ONE_CHOICE, keys->span);
    }
}
