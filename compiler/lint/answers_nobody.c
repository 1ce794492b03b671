/* compiler/lint/answers_nobody.c - Finds an answer of a customer that names nobody, where the strategy has asked a
 * customer by another name than their address: the answer is looked for under the address, and counts nothing.
 *
 *     csat.ask(vq service, customer: account) else {};
 *     csat.answer(key) else {};
 */
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

enum { ASK_CUSTOMER = 3, ANSWER_WHOM = 1 }; /* the parameters of the steps */

static bool answers_step_is(const struct node *call, unsigned id)
{
    const struct step_use *use = lint_step(call);
    return use && use->row->id == id;
}

/* Is it an attribute that has the customer's address? */
static bool answers_by_address(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_ATTRIBUTE &&
           (strcmp(symbol->name, "ani") == 0 || strcmp(symbol->name, "from") == 0);
}

void lint_answers_nobody(struct lint *lint)
{
    EACH_OF (lint, answer, NODE_CALL) {
        const struct node *strategy = lint_around(lint, answer, NODE_STRATEGY);
        if (!strategy || !answers_step_is(answer, STEP_ID_csat_answer) || lint_step(answer)->arguments[ANSWER_WHOM])
            continue;
        EACH_IN (lint, strategy, ask, NODE_CALL) {
            const struct node *customer =
                answers_step_is(ask, STEP_ID_csat_ask) ? lint_step(ask)->arguments[ASK_CUSTOMER] : NULL;
            if (!customer || answers_by_address(customer)) continue;
            diag_note(lint_report(lint, ANSWERS_NOBODY, answer->span), ask->span, "who is asked is named here");
            break;
        }
    }
}
