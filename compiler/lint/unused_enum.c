/* compiler/lint/unused_enum.c - Finds an enumeration that no type and no value uses. Files without strategies are
 * left out, as they are libraries.
 *
 *     enum Tier { gold, silver }
 *     strategy s on voice { route queue desk; }
 */
#include "compiler/lint/lint.h"

void lint_unused_enum(struct lint *lint)
{
    if (!lint_has_strategies(lint)) return;
    EACH_OF (lint, node, NODE_ENUM) {
        struct word name = node->enumeration.name;
        if (!lint_names_word(lint, name.text) && !lint_names_type(lint, name.text))
            lint_report(lint, UNUSED_ENUM, name.span, name.text);
    }
}
