/* compiler/lint/thanked_again.c - Finds an acknowledgement in a loop: a customer whose e-mail goes round, since nobody
 * has replied in time, gets it each time.
 *
 *     repeat { email.acknowledge(template thanks) else {}; connect in vq mails { ... } reply 4h else {}; }
 */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

void lint_thanked_again(struct lint *lint)
{
    EACH_OF (lint, call, NODE_CALL) {
        const struct step_use *use = lint_step(call);
        if (!use || use->row->id != STEP_ID_email_acknowledge) continue;
        const struct node *loop = lint_around(lint, call, NODE_REPEAT);
        if (!loop) loop = lint_around(lint, call, NODE_WHILE);
        if (!loop || !lint_around(lint, loop, NODE_STRATEGY)) continue;
        struct diag *diag = lint_report(lint, THANKED_AGAIN, call->span);
        diag_note(diag, (struct source_span){loop->span.begin, loop->span.begin + 1}, "in each round of this");
        diag_hint(diag, "acknowledge before the loop");
    }
}
