/* compiler/lint/untested_strategy.c - Finds a strategy for which no test of the files lets an interaction arrive. The
 * rule is off by default, as tests may be in files that are not named.
 *
 *     strategy s on voice { route queue desk; }    // and no test says: call s;
 */
#include <string.h>

#include "compiler/lint/lint.h"

static bool is_tested(const struct lint *lint, const char *name)
{
    EACH_OF (lint, happening, NODE_TEST_HAPPENING)
        EACH_NODE (part, happening->test_happening.parts)
            if (part->kind == NODE_NAME && strcmp(part->name.name.text, name) == 0) return true;
    return false;
}

void lint_untested_strategy(struct lint *lint)
{
    EACH_OF (lint, strategy, NODE_STRATEGY) {
        struct word name = strategy->strategy.name;
        if (!is_tested(lint, name.text)) lint_report(lint, UNTESTED_STRATEGY, name.span, name.text);
    }
}
