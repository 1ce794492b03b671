/* compiler/lint/undocumented.c - Finds a strategy or function without documentation. The rule is off by default: an
 * installation may have a style of its own. */
#include "compiler/lint/lint.h"

void lint_undocumented(struct lint *lint)
{
    EACH_OF (lint, strategy, NODE_STRATEGY)
        if (!strategy->doc) lint_report(lint, UNDOCUMENTED, strategy->strategy.name.span, strategy->strategy.name.text);
    EACH_OF (lint, function, NODE_FUNCTION)
        if (!function->doc) lint_report(lint, UNDOCUMENTED, function->function.name.span, function->function.name.text);
    EACH_OF (lint, native, NODE_NATIVE)
        if (!native->doc) lint_report(lint, UNDOCUMENTED, native->native.name.span, native->native.name.text);
}
