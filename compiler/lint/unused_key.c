/* compiler/lint/unused_key.c - Finds a key that its strategy declares but never uses. The site's keys are left out,
 * as they are for all strategies.
 *
 *     strategy s on voice { attached { account: str } route queue desk; }
 */
#include "compiler/lint/lint.h"

void lint_unused_key(struct lint *lint)
{
    EACH_OF (lint, node, NODE_STRATEGY)
        EACH_NODE (field, node->strategy.attached) {
            struct word name = field->field.name;
            if (!lint_is_read(lint, name) && !lint_is_written(lint, name))
                lint_report(lint, UNUSED_KEY, name.span, name.text);
        }
}
