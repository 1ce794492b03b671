/* compiler/lint/loop_unchanged.c - Finds a while loop in which nothing changes the values in its condition: it
 * repeats until another statement or a failure leaves it. If nothing can leave the loop, the checker has refused it.
 *
 *     let found = false;
 *     while not found { ivr.music(prompt hold, 30s) else { stop "gone"; }; }
 */
#include "compiler/check/endless.h"
#include "compiler/check/scope.h"
#include "compiler/lint/lint.h"

void lint_loop_unchanged(struct lint *lint)
{
    EACH_OF (lint, loop, NODE_WHILE) {
        const struct node *condition = loop->loop.condition;
        const struct symbol *symbol = condition->type ? endless_condition_variable(loop) : NULL;
        if (symbol) lint_report(lint, LOOP_UNCHANGED, condition->span, symbol->name);
    }
}
