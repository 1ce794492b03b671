/* compiler/lint/digits_shown.c - Finds a secret key whose digits a subroutine asks for: the subroutine also asks for
 * digits that are not secret, so they are visible in traces and in the switch's data before they are attached.
 *
 *     subroutine asked(): str { let digits = ivr.digits(prompt account_number) else ""; return digits; }
 *     strategy s on voice { attached { secret pin: str } attach pin = asked(); ...
 *
 * If the digits are attached directly, as in `attach pin = ivr.digits(...)`, the step keeps them secret. */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

static void find_asked(struct node *node, void *context)
{
    const struct node **asked = context;
    const struct step_use *use = node->kind == NODE_CALL ? lint_step(node) : NULL;
    if (use && use->row && use->row->id == STEP_ID_ivr_digits && !use->secret) *asked = node;
    if (!*asked) node_children(node, find_asked, context);
}

void lint_digits_shown(struct lint *lint)
{
    EACH_OF (lint, attach, NODE_ATTACH) {
        const struct symbol *key = attach->meaning;
        const struct node *head = lint_head(attach->attach.value);
        const struct call_use *call = head->kind == NODE_CALL ? head->meaning : NULL;
        if (!key || !key->secret || !call || call->kind != CALL_FUNCTION || !call->callee || !call->callee->block)
            continue;
        const struct node *asked = NULL;
        if (call->callee->result && type_bare(call->callee->result)->kind == LANG_STR)
            find_asked(call->callee->block, &asked);
        if (!asked) continue;
        struct diag *diag = lint_report(lint, DIGITS_SHOWN, head->span, key->name, call->callee->name);
        diag_note(diag, asked->span, "here");
        diag_hint(diag, "attach %s = ivr.digits(...) asks in secret", key->name);
    }
}
