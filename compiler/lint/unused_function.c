/* compiler/lint/unused_function.c - Finds a function that is never called. Files without strategies are left out, as
 * they are libraries.
 *
 *     function level(amount: int): int { return amount * 2; }
 *     strategy s on voice { route queue desk; }
 */
#include "compiler/lint/lint.h"

void lint_unused_function(struct lint *lint)
{
    if (!lint_has_strategies(lint)) return;
    EACH_OF (lint, node, NODE_FUNCTION)
        if (!lint_is_read(lint, node->function.name))
            lint_report(lint, UNUSED_FUNCTION, node->function.name.span, node->function.name.text);
    EACH_OF (lint, node, NODE_NATIVE)
        if (!lint_is_read(lint, node->native.name))
            lint_report(lint, UNUSED_FUNCTION, node->native.name.span, node->native.name.text);
}
