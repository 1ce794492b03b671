/* compiler/lint/unused_parameter.c - Finds a parameter that the function or strategy never reads.
 *
 *     function level(tier: str, amount: int): int { return amount * 2; }
 *
 * A name that begins with '_' marks a parameter that is there only for the callers. */
#include "compiler/lint/lint.h"

static void look_at_parameters(struct lint *lint, struct nodes params)
{
    EACH_NODE (param, params)
        if (!lint_is_read(lint, param->param.name) && *param->param.name.text != '_')
            lint_report(lint, UNUSED_PARAMETER, param->param.name.span, param->param.name.text);
}

void lint_unused_parameter(struct lint *lint)
{
    EACH_OF (lint, node, NODE_FUNCTION) look_at_parameters(lint, node->function.params);
    EACH_OF (lint, node, NODE_STRATEGY) look_at_parameters(lint, node->strategy.params);
}
