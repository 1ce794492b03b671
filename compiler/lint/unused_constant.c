/* compiler/lint/unused_constant.c - Finds a constant that is never read. Files without strategies are left out, as
 * they are libraries.
 *
 *     const limit = 5;
 *     strategy s on voice { route queue desk; }
 */
#include "compiler/lint/lint.h"

void lint_unused_constant(struct lint *lint)
{
    if (!lint_has_strategies(lint)) return;
    EACH_OF (lint, node, NODE_CONST) {
        struct word name = node->constant.name;
        if (!lint_is_read(lint, name) && !lint_names_in_test(lint, name.text))
            lint_report(lint, UNUSED_CONSTANT, name.span, name.text);
    }
}
