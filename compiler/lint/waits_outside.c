/* compiler/lint/waits_outside.c - Finds a caller who waits before the virtual queue until it is shorter: others who
 * come later are in it meanwhile, and this caller has no place.
 *
 *     while vq service.waiting > 5 { ivr.music(prompt hold, 30s); }
 *     connect in vq service { skill Sales >= 1; } else goto desk;
 */
#include <string.h>

#include "compiler/lint/lint.h"

static bool loop_selects(const struct lint *lint, const struct node *loop)
{
    EACH_IN (lint, loop, select, NODE_SELECT) return select != NULL;
    return false;
}

void lint_waits_outside(struct lint *lint)
{
    EACH_OF (lint, loop, NODE_WHILE) {
        const struct node *strategy = lint_around(lint, loop, NODE_STRATEGY);
        if (!strategy || !lint_on_voice(lint, loop) || lint_around(lint, loop, NODE_CLAUSE) || loop_selects(lint, loop))
            continue;
        EACH_IN (lint, loop->loop.condition, asked, NODE_KIND_NAME) {
            if (asked->kind_name.kind != KIND_VQ) continue;
            EACH_IN (lint, strategy, select, NODE_SELECT) {
                const struct node *in = select->select.in;
                bool same = in->kind == NODE_KIND_NAME && !strcmp(in->kind_name.name.text, asked->kind_name.name.text);
                if (!same || select->span.begin < loop->span.begin) continue;
                struct diag *diag =
                    lint_report(lint, WAITS_OUTSIDE, loop->loop.condition->span, asked->kind_name.name.text);
                diag_note(diag, in->span, "here they have a place");
                diag_hint(diag, "select at once; until and busy say what is done while it is long");
                return;
            }
        }
    }
}
