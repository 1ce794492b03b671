/* compiler/lint/unused_record.c - Finds a record that no type, value or query names. Files without strategies are
 * left out, as they are libraries.
 *
 *     record Customer { name: str }
 *     strategy s on voice { route queue desk; }
 */
#include "compiler/lint/lint.h"

void lint_unused_record(struct lint *lint)
{
    if (!lint_has_strategies(lint)) return;
    EACH_OF (lint, node, NODE_RECORD) {
        struct word name = node->record.name;
        if (!lint_is_read(lint, name) && !lint_names_type(lint, name.text))
            lint_report(lint, UNUSED_RECORD, name.span, name.text);
    }
}
